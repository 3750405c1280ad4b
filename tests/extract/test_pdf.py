"""The text layer of PDFs: words, lines, reading order, tables, letters that fonts lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_pdf import BOLD, HEIGHT, ITALIC, WIDTH, draw_lines, lost_letters, register, text_pdf
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document, Page
from pipeline.extract import extract
from pipeline.ingest import identify
from pipeline.settings import Settings

BODY = [
    "Căn cứ nhiệm vụ được giao, Ủy ban nhân dân xã xây dựng kế hoạch",
    "thực hiện trong năm, giao các bộ phận báo cáo kết quả đúng hạn.",
]


def read(path: Path, **options: object) -> Document:
    settings = Settings(**{"ocr": "off", **options})
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


@pytest.fixture
def canvas(tmp_path: Path) -> Canvas:
    register()
    return Canvas(str(tmp_path / "made.pdf"))


def page_of(canvas: Canvas, tmp_path: Path) -> Page:
    canvas.showPage()
    canvas.save()
    return read(tmp_path / "made.pdf").pages[0]


def test_lines_words_boxes_fonts(tmp_path: Path) -> None:
    page = read(text_pdf(tmp_path / "x.pdf", [BODY])).pages[0]
    assert texts(page) == BODY
    assert page.method == "text"
    assert page.quality is not None
    assert page.quality > 0.95
    line = page.lines[0]
    assert line.raw == line.text
    assert line.font == "DejaVuSerif"
    assert line.box is not None
    assert line.box.x0 == pytest.approx(85, abs=0.5)
    assert line.box.top < 72 < line.box.bottom
    for word in line.words:
        assert line.raw[word.start : word.start + len(word.text)] == word.text
        assert word.box is not None


def letterhead(canvas: Canvas, *, extra: list[str] = []) -> None:  # noqa: B006 - not changed
    canvas.setFont(BOLD, 11)
    left, right = 150, 400
    canvas.drawCentredString(left, HEIGHT - 60, "ỦY BAN NHÂN DÂN")
    canvas.drawCentredString(right, HEIGHT - 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    canvas.drawCentredString(left, HEIGHT - 76, "XÃ ĐẮK NHAU")
    canvas.drawCentredString(right, HEIGHT - 76, "Độc lập - Tự do - Hạnh phúc")
    canvas.drawCentredString(left, HEIGHT - 104, "Số: 12/KH-UBND")
    canvas.setFont(ITALIC, 11)
    canvas.drawCentredString(right, HEIGHT - 104, "Đắk Nhau, ngày 05 tháng 3 năm 2025")
    for number, line in enumerate(extra):
        canvas.drawCentredString(left, HEIGHT - 120 - 14 * number, line)


def test_two_column_head(canvas: Canvas, tmp_path: Path) -> None:
    letterhead(canvas, extra=["V/v niêm yết công khai", "thủ tục hành chính"])
    draw_lines(canvas, BODY, top=200)
    assert texts(page_of(canvas, tmp_path)) == [
        "ỦY BAN NHÂN DÂN",
        "XÃ ĐẮK NHAU",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 12/KH-UBND",
        "V/v niêm yết công khai",
        "thủ tục hành chính",
        "Đắk Nhau, ngày 05 tháng 3 năm 2025",
        *BODY,
    ]


def test_head_whose_columns_almost_touch(canvas: Canvas, tmp_path: Path) -> None:
    canvas.setFont(BOLD, 11)
    canvas.drawString(60, HEIGHT - 60, "ỦY BAN NHÂN DÂN HUYỆN BÙ ĐĂNG")
    end = 60 + canvas.stringWidth("ỦY BAN NHÂN DÂN HUYỆN BÙ ĐĂNG", BOLD, 11)
    canvas.drawString(end + 9, HEIGHT - 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    canvas.drawString(end + 30, HEIGHT - 76, "Độc lập - Tự do - Hạnh phúc")
    draw_lines(canvas, BODY, top=160)
    assert texts(page_of(canvas, tmp_path))[:3] == [
        "ỦY BAN NHÂN DÂN HUYỆN BÙ ĐĂNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    ]


def test_foot_recipients_before_signature(canvas: Canvas, tmp_path: Path) -> None:
    draw_lines(canvas, BODY)
    left = ["Nơi nhận:", "- Thường trực Huyện ủy;", "- Các thôn;", "- Lưu: VT."]
    right = ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    draw_lines(canvas, left, top=160, leading=14, size=10)
    draw_lines(canvas, right, x=350, top=158, leading=16, font=BOLD)
    draw_lines(canvas, ["Nông Văn Tám"], x=360, top=270, font=BOLD)
    assert texts(page_of(canvas, tmp_path)) == [*BODY, *left, *right, "Nông Văn Tám"]


def test_page_number_keeps_its_place_and_says_what_it_is(tmp_path: Path, canvas: Canvas) -> None:
    canvas.setFont(BOLD, 11)
    canvas.drawCentredString(WIDTH / 2, HEIGHT - 40, "2")
    draw_lines(canvas, BODY, top=90)
    page = page_of(canvas, tmp_path)
    assert (page.lines[0].text, page.lines[0].role) == ("2", "page_number")
    assert {line.role for line in page.lines[1:]} == {"body"}


def test_words_set_apart_without_blanks(canvas: Canvas, tmp_path: Path) -> None:
    canvas.setFont(BOLD, 12)
    x = 85.0
    for word in BODY[0].split():
        canvas.drawString(x, HEIGHT - 90, word)
        x += canvas.stringWidth(word, BOLD, 12) + 3.2
    assert texts(page_of(canvas, tmp_path)) == [BODY[0]]


def test_letters_set_wide_stay_one_word(canvas: Canvas, tmp_path: Path) -> None:
    text = canvas.beginText(85, HEIGHT - 90)
    text.setFont(BOLD, 12)
    text.setCharSpace(3)
    text.textOut("QUYẾT ĐỊNH")
    canvas.drawText(text)
    assert texts(page_of(canvas, tmp_path)) == ["QUYẾT ĐỊNH"]


def test_ruled_table(canvas: Canvas, tmp_path: Path) -> None:
    """Cells are read one by one; the merged head cell spans two columns."""
    draw_lines(canvas, ["Trước bảng"], top=72)
    xs, ys = (85, 200, 330, 500), (100, 130, 175, 205)
    for y in ys:
        canvas.line(xs[0], HEIGHT - y, xs[-1], HEIGHT - y)
    for x in xs:
        top = ys[1] if x == 200 else ys[0]
        canvas.line(x, HEIGHT - top, x, HEIGHT - ys[-1])
    draw_lines(canvas, ["Nhiệm vụ"], x=90, top=120, size=10)
    draw_lines(canvas, ["Thời gian"], x=340, top=120, size=10)
    draw_lines(canvas, ["Rà soát các", "thủ tục"], x=205, top=145, leading=14, size=10)
    draw_lines(canvas, ["Một"], x=90, top=145, size=10)
    draw_lines(canvas, ["Quý I,", "Quý II"], x=340, top=145, leading=14, size=10)
    draw_lines(canvas, ["Hai"], x=90, top=195, size=10)
    draw_lines(canvas, ["Sau bảng"], top=240)
    page = page_of(canvas, tmp_path)
    (table,) = page.tables
    cells = [
        (cell.row, cell.column, cell.row_span, cell.column_span,
         page.text_of(cell.first_line, cell.last_line))
        for cell in table.cells
    ]  # fmt: skip
    assert cells == [
        (0, 0, 1, 2, "Nhiệm vụ"),
        (0, 2, 1, 1, "Thời gian"),
        (1, 0, 1, 1, "Một"),
        (1, 1, 1, 1, "Rà soát các\nthủ tục"),
        (1, 2, 1, 1, "Quý I,\nQuý II"),
        (2, 0, 1, 1, "Hai"),
        (2, 1, 1, 1, ""),
        (2, 2, 1, 1, ""),
    ]
    assert texts(page)[0] == "Trước bảng"
    assert texts(page)[-1] == "Sau bảng"


def test_a_frame_and_an_underline_are_no_tables(canvas: Canvas, tmp_path: Path) -> None:
    canvas.rect(40, 40, WIDTH - 80, HEIGHT - 80)
    canvas.line(85, HEIGHT - 76, 300, HEIGHT - 76)
    draw_lines(canvas, BODY)
    page = page_of(canvas, tmp_path)
    assert page.tables == ()
    assert texts(page) == BODY


def test_lost_letters_leave_a_gap_and_an_issue(tmp_path: Path) -> None:
    with lost_letters("ấếậ"):
        path = text_pdf(tmp_path / "lost.pdf", [["Thị trấn có kế hoạch tập huấn"]])
    document = read(path)
    assert texts(document.pages[0]) == ["Thị tr n có k  hoạch t p hu n"]
    (issue,) = document.issues
    assert issue.code == "lost_glyphs"
    assert issue.page == 1


@pytest.mark.parametrize("code", [0xFFFD, 0xE123, 0x03])
def test_letters_mapped_to_nonsense_are_lost_letters(tmp_path: Path, code: int) -> None:
    with lost_letters("ấ", to=code):
        path = text_pdf(tmp_path / "lost.pdf", [["Thị trấn Lai Vung"]])
    assert texts(read(path).pages[0]) == ["Thị tr n Lai Vung"]


def test_text_outside_the_page_is_not_read(canvas: Canvas, tmp_path: Path) -> None:
    draw_lines(canvas, BODY)
    canvas.drawString(-300, 400, "hidden")
    canvas.drawString(100, HEIGHT + 50, "hidden")
    assert texts(page_of(canvas, tmp_path)) == BODY


def test_a_sideways_note_follows_the_text(canvas: Canvas, tmp_path: Path) -> None:
    draw_lines(canvas, BODY)
    canvas.saveState()
    canvas.translate(40, 300)
    canvas.rotate(90)
    canvas.drawString(0, 0, "Bản sao")
    canvas.restoreState()
    assert texts(page_of(canvas, tmp_path)) == [*BODY, "Bản sao"]


def test_form_fields_are_read(canvas: Canvas, tmp_path: Path) -> None:
    """Offices fill the number into a form field of a finished PDF."""
    canvas.setFont(BOLD, 11)
    canvas.drawString(100, HEIGHT - 104, "Số:")
    canvas.acroForm.textfield(
        value="2280", x=125, y=HEIGHT - 110, width=60, height=16, borderWidth=0, fontSize=11
    )
    canvas.drawString(200, HEIGHT - 104, "/QĐ-UBND")
    assert texts(page_of(canvas, tmp_path)) == ["Số: 2280 /QĐ-UBND"]


def test_born_digital_documents_against_pdftotext(shared: Path) -> None:
    """Every word of the text layer once, numbers filled into fields too."""
    document = read(shared / "scans" / "hanoi_qd_2280.pdf")
    assert len(document.pages) == 20
    assert document.issues == ()
    first = texts(document.pages[0])
    assert first[4:6] == ["Số: 2280 /QĐ-UBND", "Hà Nội, ngày 29 tháng 4 năm 2026"]
    assert first[-1] == "Trương Việt Dũng"


def test_running_heads_and_footnotes(canvas: Canvas, tmp_path: Path) -> None:
    for number in range(1, 4):
        canvas.setFont(ITALIC, 9)
        canvas.drawString(85, HEIGHT - 36, f"Kế hoạch cải cách hành chính - trang {number}")
        draw_lines(canvas, BODY * 4, top=100)
        if number == 2:
            notes = ["1 Theo báo cáo của Phòng Nội vụ", "huyện, số liệu đến hết tháng 11."]
            draw_lines(canvas, notes, top=700, leading=12, size=8)
        canvas.showPage()
    canvas.save()
    document = read(tmp_path / "made.pdf")
    roles = [[line.role for line in page.lines] for page in document.pages]
    assert roles[0] == ["running_head"] + ["body"] * 8
    assert roles[1] == ["running_head"] + ["body"] * 8 + ["footnote"] * 2


def test_recipients_in_small_print_are_no_footnotes(canvas: Canvas, tmp_path: Path) -> None:
    draw_lines(canvas, BODY * 5)
    draw_lines(canvas, ["Nơi nhận:", "- Như trên;", "- Lưu: VT."], top=600, leading=12, size=8)
    assert {line.role for line in page_of(canvas, tmp_path).lines} == {"body"}
