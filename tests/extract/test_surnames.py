"""Names that begin under a seal, read by tesseract's real network."""

from __future__ import annotations

import made_scan
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.extract import ocr, surnames
from pipeline.extract.sheet import Sheet, prepare
from pipeline.extract.tokens import Read

pytestmark = pytest.mark.skipif(
    not ocr.has_tesseract() or ocr.line_model(ocr.LANGUAGE) is None,
    reason="tesseract's network for Vietnamese lines is not here",
)
GUESSED = 0.45
LEFT, TOP = 900, 1500  # of the name
RADIUS = 142


def sheet_of(name: str, grey: int = 0) -> Sheet:
    """A page that ``name`` signs, the lower rim of a round seal across its first letters."""
    image = made_scan.page(["Thực hiện kế hoạch của Ủy ban nhân dân huyện"] * 8)
    pen = ImageDraw.Draw(image)
    pen.text((LEFT, TOP), name, fill=0, font=made_scan.font(13, "DejaVuSerif-Bold.ttf"))
    seal = Image.new("L", image.size, 255)
    seal = made_scan.black_seal(seal, LEFT - 70, TOP - 100, RADIUS)
    levels = np.where(np.asarray(seal) < 128, grey, 255).astype(np.uint8)
    return prepare(np.minimum(np.asarray(image), levels), made_scan.DPI)


def read(sheet: Sheet) -> tuple[list[list[Read]], int]:
    """All lines, and the number of the name's."""
    lines = ocr.read_cuttings(sheet.cuttings, language=False)
    low = [n for n, line in enumerate(sheet.lines) if line.top > TOP - 30 and lines[n]]
    return lines, max(low, key=lambda n: sheet.lines[n].x1)


def texts(words: list[Read]) -> str:
    return " ".join(word.text for word in words)


@pytest.mark.parametrize("grey", [0, 110], ids=["black", "pale"])
@pytest.mark.parametrize("name", ["Trần Đức Bình", "Bùi Văn Nam", "Võ Tuấn Anh"])
def test_a_hidden_surname_is_put_back(name: str, grey: int) -> None:
    sheet = sheet_of(name, grey)
    lines, number = read(sheet)
    assert number in sheet.beside
    assert lines[number][0].text != name.split()[0]  # as it is read at first
    surnames.read_again([sheet], [lines])
    assert texts(lines[number]) == name
    assert lines[number][0].confidence == GUESSED
    assert lines[number][-1].confidence > GUESSED
    places = [one for word in lines[number] for one in (word.x0, word.x1)]
    assert places == sorted(places)


def test_what_is_no_surname_is_not_put_before_a_name() -> None:
    sheet = sheet_of("Gặp Tuấn Anh")
    lines, number = read(sheet)
    before = list(lines[number])
    assert before[0].text != "Gặp"
    surnames.read_again([sheet], [lines])
    assert lines[number] == before


def test_names_beside_no_seal_and_other_lines_stay() -> None:
    sheet = sheet_of("Võ Tuấn Anh")
    lines, number = read(sheet)
    for words, beside in (("Tuấn Anh", set()), ("thôn Tuấn anh", {number}), ("Số 5 Anh", {number})):
        sheet.beside = beside
        lines[number] = [
            Read(one, 10.0 * k, 10.0 * k + 8, 0.9) for k, one in enumerate(words.split())
        ]
        surnames.read_again([sheet], [lines])
        assert texts(lines[number]) == words
