"""Word files: paragraphs with their numbers, tables, head, breaks, notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from pipeline.document import Document
from pipeline.extract import extract
from pipeline.extract.numbering import letters, roman
from pipeline.ingest import identify
from pipeline.settings import Settings


def read(made: Any, tmp_path: Path) -> Document:
    path = tmp_path / "plan.docx"
    made.save(path)
    settings = Settings()
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def texts(document: Document) -> list[list[str]]:
    return [[line.text for line in page.lines] for page in document.pages]


def add_list(made: Any, levels: list[tuple[str, str]]) -> int:
    """A list whose levels have the given formats and texts; gives its number."""
    root = made.part.numbering_part.element
    number = 900 + len(root.findall(qn("w:num")))
    marks = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (kind, text) in enumerate(levels)
    )
    space = nsdecls("w")
    abstract = parse_xml(
        f'<w:abstractNum {space} w:abstractNumId="{number}">{marks}</w:abstractNum>'
    )
    root.insert(0, abstract)
    root.append(
        parse_xml(f'<w:num {space} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>')
    )
    return number


def numbered(made: Any, text: str, number: int, depth: int = 0) -> None:
    properties = made.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(
            f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/>'
            f'<w:numId w:val="{number}"/></w:numPr>'
        )
    )


def test_automatic_numbers_become_text(tmp_path: Path) -> None:
    made = docx.Document()
    kind = add_list(
        made, [("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"), ("bullet", "")]
    )
    for text, depth in [
        ("MỤC ĐÍCH", 0), ("Yêu cầu", 1), ("Bảo đảm", 2), ("Kịp thời", 2), ("Nội dung", 1),
        ("Tuyên truyền", 2), ("NHIỆM VỤ", 0), ("Rà soát", 1), ("đầu việc", 3),
    ]:  # fmt: skip
        numbered(made, text, kind, depth)
    assert texts(read(made, tmp_path)) == [
        ["I. MỤC ĐÍCH", "1. Yêu cầu", "a) Bảo đảm", "b) Kịp thời", "2. Nội dung",
         "a) Tuyên truyền", "II. NHIỆM VỤ", "1. Rà soát", "- đầu việc"]
    ]  # fmt: skip


def test_numbers_of_several_levels(tmp_path: Path) -> None:
    made = docx.Document()
    kind = add_list(made, [("decimal", "%1."), ("decimal", "%1.%2.")])
    for text, depth in [("Một", 0), ("Hai", 1), ("Ba", 1), ("Bốn", 0), ("Năm", 1)]:
        numbered(made, text, kind, depth)
    assert texts(read(made, tmp_path)) == [["1. Một", "1.1. Hai", "1.2. Ba", "2. Bốn", "2.1. Năm"]]


def test_the_borderless_table_of_the_head_is_no_table(tmp_path: Path) -> None:
    made = docx.Document()
    head = made.add_table(2, 2)
    head.cell(0, 0).text = "ỦY BAN NHÂN DÂN\nXÃ ĐẮK NHAU"
    head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    head.cell(1, 0).text = "Số: 12/KH-UBND"
    head.cell(1, 1).text = "Đắk Nhau, ngày 05 tháng 3 năm 2025"
    document = read(made, tmp_path)
    assert document.pages[0].tables == ()
    assert [line for line in texts(document)[0] if line] == [
        "ỦY BAN NHÂN DÂN",
        "XÃ ĐẮK NHAU",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 12/KH-UBND",
        "Đắk Nhau, ngày 05 tháng 3 năm 2025",
    ]


def test_table_with_merged_cells(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("Trước")
    table = made.add_table(3, 3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "đầu"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "bên"
    made.add_paragraph("Sau")
    (page,) = read(made, tmp_path).pages
    (found,) = page.tables
    cells = [
        (c.row, c.column, c.row_span, c.column_span, page.text_of(c.first_line, c.last_line))
        for c in found.cells
    ]
    assert cells == [
        (0, 0, 1, 2, "đầu"),
        (0, 2, 1, 1, "02"),
        (1, 0, 1, 1, "10"),
        (1, 1, 1, 1, "11"),
        (1, 2, 2, 1, "bên"),
        (2, 0, 1, 1, "20"),
        (2, 1, 1, 1, "21"),
    ]
    assert [page.lines[0].text, page.lines[-1].text] == ["Trước", "Sau"]


def test_page_and_line_breaks(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("một\nhai")
    made.add_paragraph("ba").add_run().add_break(WD_BREAK.PAGE)
    made.add_paragraph("bốn")
    found = texts(read(made, tmp_path))
    assert [[line for line in page if line] for page in found] == [["một", "hai", "ba"], ["bốn"]]


def test_deleted_text_is_left_out_and_added_text_kept(tmp_path: Path) -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("giữ ")._p
    space = nsdecls("w")
    paragraph.append(parse_xml(f"<w:del {space}><w:r><w:delText>bỏ</w:delText></w:r></w:del>"))
    paragraph.append(parse_xml(f"<w:ins {space}><w:r><w:t>thêm</w:t></w:r></w:ins>"))
    assert texts(read(made, tmp_path)) == [["giữ thêm"]]


def test_text_boxes_are_read_once(tmp_path: Path) -> None:
    made = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Số: 5/KH-UBND</w:t></w:r></w:p></w:txbxContent>"
    made.add_paragraph("Thân")._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/'
            f'2006"><mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    assert texts(read(made, tmp_path)) == [["Thân", "Số: 5/KH-UBND"]]


def test_a_letterhead_in_the_page_header_is_text_a_running_head_is_not(tmp_path: Path) -> None:
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    made.add_paragraph("Thân")
    (page,) = read(made, tmp_path).pages
    assert [(line.text, line.role) for line in page.lines] == [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "body"),
        ("Thân", "body"),
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (1990, "MCMXC")],
)
def test_roman(number: int, expected: str) -> None:
    assert roman(number) == expected


@pytest.mark.parametrize(("number", "expected"), [(1, "a"), (26, "z"), (27, "aa"), (53, "aaa")])
def test_letters(number: int, expected: str) -> None:
    assert letters(number) == expected
