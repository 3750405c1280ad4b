"""PDFs set in the fonts of before Unicode: the text layer holds codes, the font says of what."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_pdf import BOLD, draw_lines, in_legacy, register, register_legacy
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document
from pipeline.extract import extract
from pipeline.ingest import identify
from pipeline.settings import Settings

LINES = [
    "Ủy ban nhân dân huyện giao Phòng Nội vụ chủ trì tổng hợp kết quả",
    "thực hiện công tác cải cách hành chính; các phòng, ban chuyên môn",
    "dân hiểu rõ quyền lợi khi sử dụng dịch vụ công trực tuyến toàn trình.",
    "góp ý, trả lời bằng văn bản trong thời hạn mười lăm ngày làm việc.",
]
HEADING = "KẾ HOẠCH TUYÊN TRUYỀN CẢI CÁCH HÀNH CHÍNH"


def read(path: Path) -> Document:
    settings = Settings()
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def texts(document: Document) -> list[str]:
    return [line.text for page in document.pages for line in page.lines]


@pytest.mark.parametrize(
    ("name", "charset"),
    [(".VnTime", "tcvn3"), ("VNI-Times", "vni"), ("VPS-Times", "vps")],
)
def test_each_font_is_read_by_its_charset(tmp_path: Path, name: str, charset: str) -> None:
    register_legacy(tmp_path, name, charset)
    canvas = Canvas(str(tmp_path / "old.pdf"))
    draw_lines(canvas, [in_legacy(line, charset) for line in LINES], font=name)
    canvas.save()
    document = read(tmp_path / "old.pdf")
    assert texts(document) == LINES
    assert [page.method for page in document.pages] == ["text"]
    assert [issue.code for issue in document.issues] == ["legacy_font"]


def test_the_font_of_capitals_and_a_unicode_font_beside_it(tmp_path: Path) -> None:
    register()
    register_legacy(tmp_path, ".VnTimeH", "tcvn3", capitals=True)
    canvas = Canvas(str(tmp_path / "mixed.pdf"))
    draw_lines(canvas, [in_legacy(HEADING.lower(), "tcvn3")], font=".VnTimeH")
    draw_lines(canvas, LINES, font=BOLD, top=120)
    canvas.save()
    assert texts(read(tmp_path / "mixed.pdf")) == [HEADING, *LINES]


def test_a_legacy_name_over_unicode_text_changes_nothing(tmp_path: Path) -> None:
    """Some programs keep the font's old name and write a right ToUnicode map."""
    register_legacy(tmp_path, ".VnArial", "viscii")  # a font that draws Unicode as well
    canvas = Canvas(str(tmp_path / "new.pdf"))
    draw_lines(canvas, LINES, font=".VnArial")
    canvas.save()
    document = read(tmp_path / "new.pdf")
    assert texts(document) == LINES
    assert document.issues == ()
