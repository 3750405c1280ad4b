"""Pages that have a text layer and an image: which is believed, and where the other is better."""

from __future__ import annotations

from pathlib import Path

import made_scan
import pytest
from made_pdf import HEIGHT, REGULAR, register
from rapidfuzz.distance import Levenshtein
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document, Line, Page, Word
from pipeline.extract import extract, ocr
from pipeline.extract.merge import merge
from pipeline.ingest import identify
from pipeline.restore.syllables import strip_marks
from pipeline.settings import Settings

LINES = [
    "Ủy ban nhân dân xã Đắk Nhau giao các thôn trưởng",
    "niêm yết công khai lịch tiếp công dân hằng tháng",
    "tại nhà văn hóa và trên trang thông tin điện tử.",
]


def page_of(lines: list[str], confidence: float | None = None) -> Page:
    made = []
    for text in lines:
        words, start = [], 0
        for word in text.split():
            start = text.index(word, start)
            words.append(Word(word, start, confidence=confidence))
            start += len(word)
        made.append(Line(text=text, raw=text, words=tuple(words)))
    return Page(1, tuple(made), quality=0.8)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("giao các thồn trưởng", "giao các thôn trưởng", "giao các thôn trưởng"),
        ("Ủy ban nhân dân xã", "Uy bàn nhan dán xa", "Ủy ban nhân dân xã"),
        ("cải cách  h ành chính", "cải cách hành chính", "cải cách  hành chính"),
        ("kế hoạch s\ufffd 12", "kế hoạch số 12", "kế hoạch số 12"),
        ("cảicách hành chính", "cải cách hành chính", "cải cách hành chính"),
        ("số 12/KH-UBND ngày", "số I2/KH-UBND ngày", "số 12/KH-UBND ngày"),
        ("toàn văn", "", "toàn văn"),
    ],
)
def test_the_likelier_words_are_taken(own: str, other: str, expected: str) -> None:
    merged = merge(page_of([own]), page_of([other] if other else [], 0.9))
    (line,) = merged.lines
    assert line.text == line.raw == expected
    assert merged.method == ("text" if expected == own else "mixed")
    for word in line.words:
        assert line.raw[word.start : word.start + len(word.text)] == word.text


def test_words_of_different_lines_are_never_joined() -> None:
    own = page_of(["thực hiện cải", "cách hành chính"])
    merged = merge(own, page_of(["thực hiện cảicách hành chính"], 0.9))
    assert [line.text for line in merged.lines] == ["thực hiện cải", "cách hành chính"]


def searchable(path: Path, scan: Path, layer: list[str], *, mode: int, under: bool) -> Path:
    """A scan with the text that an OCR program put under it: unseen, or painted over."""
    register()
    canvas = Canvas(str(path), pagesize=A4)
    if not under:
        canvas.drawImage(str(scan), 0, 0, *A4)
    text = canvas.beginText()
    text.setTextRenderMode(mode)
    text.setFont(REGULAR, 12)
    for number, line in enumerate(layer):
        text.setTextOrigin(72, HEIGHT - 104 - 20.4 * number)
        text.textOut(line)
    canvas.drawText(text)
    if under:
        canvas.drawImage(str(scan), 0, 0, *A4)
    canvas.save()
    return path


def read(path: Path) -> Document:
    settings = Settings()
    return extract(Document(source=identify(path, None, settings)), settings=settings)


@pytest.mark.skipif(
    not ocr.has_tesseract(), reason="tesseract with Vietnamese data is not installed"
)
@pytest.mark.parametrize(("mode", "under"), [(3, False), (0, True)])
def test_somebody_elses_ocr_under_a_scan(tmp_path: Path, mode: int, under: bool) -> None:
    scan = made_scan.save(made_scan.page(LINES), tmp_path / "scan.png")
    layer = [strip_marks(line).replace("nh", "rih") for line in LINES]
    document = read(searchable(tmp_path / "x.pdf", scan, layer, mode=mode, under=under))
    found = " ".join(line.text for line in document.pages[0].lines).split()
    assert Levenshtein.distance(" ".join(LINES).split(), found) <= 2, found
    assert "ocr_layer" in {issue.code for issue in document.issues}
