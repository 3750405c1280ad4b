"""Fonts that lost letters: the page image tells what the glyphs are."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from made_pdf import lost_letters, text_pdf
from rapidfuzz.distance import Levenshtein

from pipeline.document import Document
from pipeline.extract import extract, ocr
from pipeline.ingest import identify
from pipeline.settings import Settings

pytestmark = pytest.mark.skipif(
    not ocr.has_tesseract(), reason="tesseract with Vietnamese data is not installed"
)
LINES = [
    "Ủy ban nhân dân huyện giao Phòng Nội vụ chủ trì tổng hợp kết quả",
    "thực hiện công tác cải cách hành chính; các phòng, ban chuyên môn",
    "phối hợp đăng tải tin, bài trên cổng thông tin điện tử của huyện.",
    "Đài truyền thanh xây dựng chuyên mục, phát sóng hằng tuần để người",
    "dân hiểu rõ quyền lợi khi sử dụng dịch vụ công trực tuyến toàn trình.",
    "Các xã, thị trấn tổ chức ít nhất hai buổi tọa đàm, đối thoại với",
    "doanh nghiệp về những khó khăn, vướng mắc; tiếp thu đầy đủ ý kiến",
    "góp ý, trả lời bằng văn bản trong thời hạn mười lăm ngày làm việc.",
    "Kinh phí được bố trí từ ngân sách huyện và nguồn xã hội hóa khác.",
    "Trường hợp phát sinh vấn đề mới, báo cáo kịp thời để được chỉ đạo.",
]


def letters(count: int) -> str:
    """``count`` letters: the most frequent with marks, and when there are no more, without."""
    found = Counter(letter for letter in "".join(LINES) if letter.isalpha())
    marked = {letter for letter in found if unicodedata.normalize("NFD", letter) != letter} | {"đ"}
    ordered = sorted(found, key=lambda letter: (letter not in marked, -found[letter], letter))
    assert len(ordered) >= count
    return "".join(ordered[:count])


def read(path: Path, **options: object) -> Document:
    settings = Settings(**options)
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def errors(document: Document) -> int:
    found = [line.text for page in document.pages for line in page.lines]
    return Levenshtein.distance(" ".join(LINES * 2).split(), " ".join(found).split())


@pytest.mark.parametrize("count", [5, 20, 60])
def test_glyphs_without_a_letter(tmp_path: Path, count: int) -> None:
    """The same glyph is the same letter everywhere, so that the text comes back exactly."""
    with lost_letters(letters(count)):
        path = text_pdf(tmp_path / "lost.pdf", [LINES, LINES])
    document = read(path)
    assert errors(document) == 0, document.text()
    if count < 60:  # beyond, a page may be read wholly by OCR
        assert {issue.code for issue in document.issues} == {"glyphs_solved"}
    assert all(line.raw == line.text for page in document.pages for line in page.lines)


def test_letters_mapped_to_blanks(tmp_path: Path) -> None:
    with lost_letters("ấậợể", to=0x20):
        path = text_pdf(tmp_path / "lost.pdf", [LINES, LINES])
    document = read(path)
    assert errors(document) <= 2, document.text()
    assert {page.method for page in document.pages} == {"mixed"}


def test_without_ocr_the_gaps_stay(tmp_path: Path) -> None:
    with lost_letters("ấ"):
        path = text_pdf(tmp_path / "lost.pdf", [LINES])
    document = read(path, ocr="off")
    assert "thị tr n" in document.text()
    assert [issue.code for issue in document.issues] == ["lost_glyphs"]


def test_a_sound_text_layer_is_left_alone(tmp_path: Path) -> None:
    document = read(text_pdf(tmp_path / "sound.pdf", [LINES, LINES]))
    assert errors(document) == 0
    assert document.issues == ()
    assert {page.method for page in document.pages} == {"text"}
