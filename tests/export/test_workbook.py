"""The workbook, as Excel, LibreOffice and openpyxl find it."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from plan_records import corpus, evidence, finding, plan

from pipeline.errors import KehoachError, UsageError
from pipeline.export import workbook
from pipeline.export.messages import load
from pipeline.normalize.record import PlanRecord

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
CONTRACT = [
    "Tổng hợp", "Bằng chứng", "Hồ sơ", "Mục", "Lĩnh vực", "Kênh", "Phân công", "Nhiệm vụ",
    "Viện dẫn", "Chất lượng",
]  # fmt: skip
COMPARED = [
    "So sánh mục", "Trùng lặp", "Tồn dư", "Việc chưa giao", "Kế hoạch cấp trên", "Văn bản chung",
]  # fmt: skip


def written(
    tmp_path: Path, records: list[PlanRecord], name: str = "a.xlsx", **options: object
) -> Path:
    path = tmp_path / name
    workbook.write(records, path, **({"required": REQUIRED} | options))  # type: ignore[arg-type]
    return path


def header_row(sheet: Worksheet) -> int:
    return next(r for r in range(1, 15) if sheet.cell(r, 1).value in ("TT", "No."))


def values(sheet: Worksheet, title: str) -> list[object]:
    """The cells under a column's title."""
    top = header_row(sheet)
    at = next(c.column for c in sheet[top] if c.value == title)
    last = sheet.auto_filter.ref.rsplit(":", 1)[1]
    return [sheet.cell(r, at).value for r in range(top + 1, sheet[last].row + 1)]


def test_the_sheets_of_the_contract_in_order_and_filled(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(tmp_path, list(corpus(12))))
    assert book.sheetnames == [*CONTRACT, "Đính chính", *COMPARED, "Biểu đồ", "Giải thích"]
    for name in CONTRACT:
        sheet = book[name]
        assert len(values(sheet, "TT")) >= 9, name
        assert sheet.freeze_panes, name
        assert sheet.auto_filter.ref, name
        assert sheet.print_title_rows, name
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert "&P/&N" in sheet.oddFooter.right.text
    english = openpyxl.load_workbook(written(tmp_path, [plan()], "en.xlsx", language="en"))
    assert english.sheetnames[:3] == ["Summary", "Evidence", "Profiles"]


def test_each_cell_of_the_matrix_leads_to_its_evidence(tmp_path: Path) -> None:
    records = [plan("xã A", "c t - v"), plan("xã B", "c? - c c"), plan("xã C", "- - - -")]
    # several pieces of evidence for one index shift the rows of all that follow
    many = finding("PAR", "c").model_copy(
        update={"evidence": [evidence(f"Câu {n}") for n in range(4)]}
    )
    records[0] = records[0].model_copy(update={"indices": [many, *records[0].indices[1:]]})
    book = openpyxl.load_workbook(written(tmp_path, records))
    summary, proof = book["Tổng hợp"], book["Bằng chứng"]
    top = header_row(summary)
    checked = 0
    for row in range(top + 1, top + 4):
        for cell in summary[row]:
            index = summary.cell(top, cell.column).value
            if index in REQUIRED:
                target = proof[cell.hyperlink.location.split("!")[1]].row
                found = [proof.cell(target, at).value for at in (2, 3, 4)]
                assert found == [summary.cell(row, 2).value, index, cell.value]
                checked += 1
    assert checked == 12


def test_symbols_tell_the_marks_apart_without_colour(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(
        written(tmp_path, [plan(marks="c c? v t"), plan("xã B", "- c c c")])
    )
    shown = [values(book["Tổng hợp"], index)[0] for index in REQUIRED]
    assert shown == ["✓ Có", "✓? Cần kiểm tra", "◐ Chỉ viện dẫn", "○ Chỉ nêu chủ đề"]
    assert values(book["Tổng hợp"], "PAR")[1] == "✗ Không có"
    assert values(book["Tổng hợp"], "Số chỉ số có") == [1, 3]


def test_a_document_that_is_no_plan_is_not_counted(tmp_path: Path) -> None:
    records = [plan("xã A", "- - - -", form="other"), plan("xã B", "-? c c c")]
    sheet = openpyxl.load_workbook(written(tmp_path, records))["Tổng hợp"]
    assert values(sheet, "PAR") == ["✗? Chưa chắc", "– Không phải kế hoạch"]
    assert values(sheet, "Số chỉ số có") == [3, None]
    text = "\n".join(str(c.value) for row in sheet.iter_rows(max_row=6) for c in row)
    assert "Số kế hoạch: 1 " in text
    assert "không phải kế hoạch, không tính: 1" in text


HOSTILE = [
    "=1+1",
    "+CMD|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "http://x.vn/",
    "=HYPERLINK(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_document_is_never_a_formula_nor_a_link(tmp_path: Path, text: str) -> None:
    bad = evidence(text, path=text, raw=text)
    record = plan(text, number=text, path=f"{text}.pdf", title=text, recipients=[text])
    par = finding("PAR", "c").model_copy(update={"evidence": [bad], "reason": text})
    record = record.model_copy(update={"indices": [par, *record.indices[1:]]})
    path = written(tmp_path, [record], failures=[{"path": text, "code": text, "message": text}])
    with zipfile.ZipFile(path) as parts:
        sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        assert sheets
        assert not [n for n in sheets if b"<f>" in parts.read(n) or b"<f " in parts.read(n)]
        assert not [n for n in parts.namelist() if b'TargetMode="External"' in parts.read(n)]
    assert values(openpyxl.load_workbook(path)["Hồ sơ"], "Trích yếu") == [text]


def test_characters_that_xml_forbids_and_cells_over_the_limit(tmp_path: Path) -> None:
    long = "𝄞" * 20_000  # two UTF-16 units each: 40,000, over Excel's 32,767
    record = plan(title="a\x00b\x0bc\ud800d\uffff", recipients=[long], number="1\r\n2")
    book = openpyxl.load_workbook(written(tmp_path, [record]))
    assert values(book["Hồ sơ"], "Trích yếu") == ["a\ufffdb\ufffdc\ufffdd\ufffd"]
    (cut,) = values(book["Hồ sơ"], "Nơi nhận")
    assert len(str(cut).encode("utf-16-le")) // 2 <= 32_767
    assert str(cut).endswith("plans/*.json]")
    assert values(book["Hồ sơ"], "Số, ký hiệu") == ["1\n2"]


def test_dates_and_numbers_are_typed(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(tmp_path, [plan()]))
    sheet = book["Hồ sơ"]
    (issued,) = values(sheet, "Ngày ban hành")
    assert f"{issued:%Y-%m-%d}" == "2025-02-20"
    assert values(sheet, "Số ngày sau cấp trên") == [17]
    assert values(sheet, "Năm") == [2025]


def test_the_same_records_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    records = list(corpus(30))
    first = written(tmp_path, records).read_bytes()
    random.Random(3).shuffle(records)
    assert written(tmp_path, records, "b.xlsx").read_bytes() == first


def test_years_of_one_unit_are_compared(tmp_path: Path) -> None:
    records = [
        plan("xã A", "c - c c", year=2024, path="a.pdf", parent=None),
        plan("xã A", year=2025, path="b.pdf"),
    ]
    book = openpyxl.load_workbook(written(tmp_path, records))
    sheet = book["Theo năm"]
    compared = ["Lời văn", "Chỉ số", "Kế hoạch cấp trên", "Số ngày sau cấp trên"]
    assert values(sheet, "Nội dung so sánh") == compared
    assert values(sheet, "Năm trước") == [2024] * 4
    assert values(sheet, "Năm sau") == [2025] * 4
    assert values(sheet, "Thay đổi") == ["Thay đổi", "Thay đổi", "Thêm mới", "Thêm mới"]
    assert values(sheet, "Cụ thể")[1] == "SIPAS"
    assert values(sheet, "Kế hoạch năm trước")[1:] == ["✗ Không có", None, None]
    assert values(sheet, "Kế hoạch năm sau")[1:] == ["✓ Có", "19/KH-UBND 03/02/2025", "17"]
    assert (values(sheet, "Tệp nguồn"), values(sheet, "Tệp năm trước")) == (
        ["b.pdf"] * 4, ["a.pdf"] * 4,
    )  # fmt: skip
    assert values(book["Trùng lặp"], "Phần giống")[0] > 0.5


def test_one_year_has_no_sheet_of_years(tmp_path: Path) -> None:
    assert "Theo năm" not in openpyxl.load_workbook(written(tmp_path, list(corpus(20)))).sheetnames


def test_names_of_files_are_links_when_the_folder_is_known(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    records = [plan("xã A", path="thư mục/kế hoạch.pdf"), plan("xã B", path="100% #1.pdf")]
    path = written(tmp_path, records, source_root=tmp_path / "in")
    sheet = openpyxl.load_workbook(path)["Bằng chứng"]
    links = {cell.value: cell.hyperlink for cell in sheet["M"] if cell.value}
    assert links["thư mục/kế hoạch.pdf"].target.replace("\\", "/") == "in/thư%20mục/kế%20hoạch.pdf"
    assert links["thư mục/kế hoạch.pdf"].location == "page=2"
    assert links["100% #1.pdf"] is None  # a name that no link can carry stays text


def test_files_that_failed_are_named_with_what_to_do(tmp_path: Path) -> None:
    failures = [
        {"path": "b.pdf", "code": "encrypted", "message": "b.pdf: needs a password"},
        {"path": "a.pdf", "code": "new_code", "message": "a.pdf: …"},
    ]
    book = openpyxl.load_workbook(written(tmp_path, [plan()], failures=failures))
    sheet = book["Không đọc được"]
    assert values(sheet, "Tệp nguồn") == ["a.pdf", "b.pdf"]
    assert "mật khẩu" in str(values(sheet, "Cách xử lý")[1])
    assert any("2 tệp không đọc được" in str(c.value) for row in book["Tổng hợp"] for c in row)


def test_no_records_still_make_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(tmp_path, []))
    assert book.sheetnames[:10] == CONTRACT


def test_links_beyond_the_limit_of_excel_become_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.export.sheet.MAX_LINKS", 5)
    sheet = openpyxl.load_workbook(written(tmp_path, list(corpus(3))))["Tổng hợp"]
    top = header_row(sheet)
    marks = [c for r in range(top + 1, top + 4) for c in sheet[r] if c.column in range(7, 11)]
    assert len(marks) == 12
    assert all(cell.value for cell in marks)
    assert sum(cell.hyperlink is not None for cell in marks) == 5


def test_cells_that_go_straight_to_the_disk_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(path: Path) -> dict[str, list[tuple[object, ...]]]:
        book = openpyxl.load_workbook(path)
        return {
            sheet.title: [
                (sheet.row_dimensions[cell.row].height, cell.coordinate, cell.value, cell.hyperlink
                 and (cell.hyperlink.target, cell.hyperlink.location))
                for row in sheet.iter_rows() for cell in row
            ]
            for sheet in book
        }  # fmt: skip

    plain = seen(written(tmp_path, list(corpus(8)), "plain.xlsx", source_root=tmp_path))
    monkeypatch.setattr("pipeline.export.workbook._MANY_CELLS", 0)
    lean = seen(written(tmp_path, list(corpus(8)), "lean.xlsx", source_root=tmp_path))
    assert lean == plain
    assert len({height for height, *_ in plain["Mục"]}) > 2
    assert any(link for *_, link in plain["Mục"])


def test_tables_beyond_the_rows_of_excel_go_on_in_another_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.export.workbook._MAX_ROWS", 10)
    book = openpyxl.load_workbook(written(tmp_path, list(corpus(4))))
    rows = values(book["Mục"], "TT") + values(book["Mục (2)"], "TT") + values(book["Mục (3)"], "TT")
    rows += values(book["Mục (4)"], "TT")
    assert rows == list(range(1, 4 * 8 + 1))


def test_every_column_is_explained(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(tmp_path, [plan()]))
    explained = {row[0].value for row in book["Giải thích"].iter_rows(max_col=1)}
    texts = load("vi")
    sections = {texts[key] for key in texts if key.startswith("section.")}
    areas = {load("vi")["area.institutions"], load("vi")["area.procedures"]}
    for name in CONTRACT + COMPARED:
        sheet = book[name]
        titles = {c.value for c in sheet[header_row(sheet)]} - set(REQUIRED) - sections - areas
        assert titles <= explained, name


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(UsageError):
        workbook.write([plan()], path, required=["DTI"])
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]
    with pytest.raises(UsageError, match="no such folder"):
        workbook.write([plan()], tmp_path / "none" / "a.xlsx", required=REQUIRED)
    with pytest.raises(UsageError, match="language"):
        workbook.write([plan()], path, required=REQUIRED, language="xx")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(KehoachError, match="is a folder"):
        workbook.write([plan()], tmp_path / "folder.xlsx", required=REQUIRED)


@pytest.mark.slow
def test_libreoffice_converts_it(tmp_path: Path) -> None:
    office = shutil.which("libreoffice") or shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    path = written(tmp_path, list(corpus(15)), failures=[
        {"path": "x.pdf", "code": "unreadable", "message": "x.pdf: is empty"}])  # fmt: skip
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    import pypdfium2

    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    for name in ("TỔNG HỢP VIỆC TUYÊN TRUYỀN", "BẰNG CHỨNG", "NGƯỜI LẬP BẢNG", "Không đọc được"):
        # letters that the machine's font lacks are drawn by another, and stand apart in the PDF
        assert re.search("".join(c if c < "Ā" else ".{0,2}" for c in name), text), name
    assert "#REF" not in text
    assert "Err:" not in text
