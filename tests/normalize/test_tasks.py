"""Tables of tasks: as cells, and as lines that were read cell after cell."""

from __future__ import annotations

from dataclasses import replace

from documents import of_text, record_of

from pipeline.document import Cell, Line, Page, Table

HEAD = [
    "PHỤ LỤC",
    "Danh mục nhiệm vụ",
    "STT",
    "Nội dung",
    "Chủ trì",
    "Phối hợp",
    "Thời gian",
    "Sản phẩm",
]
BODY = "KẾ HOẠCH\nChuyển đổi số năm 2025\nI. NHIỆM VỤ\nThực hiện theo Phụ lục.\nII. KINH "
"PHÍ\nKhông có./.\n"


def _lines(*rows: str) -> str:
    return BODY + "Nơi nhận:\n- Lưu: VT.\n" + "\n".join([*HEAD, *rows])


def test_lines() -> None:
    record = record_of(
        _lines("1", "Mở lớp tập huấn kỹ năng số cho", "cán bộ thôn", "Phòng Văn hóa",
        "Các thôn", "Quý II",
               "02 lớp", "2", "Lắp loa thông minh", "Công chức", "Văn hóa - Xã hội",
               "Đài Truyền thanh",
               "Tháng 9", "10 cụm loa")
    )  # fmt: skip
    assert [(t.no, t.task, t.lead, t.partners, t.schedule, t.product) for t in record.tasks] == [
        ("1", "Mở lớp tập huấn kỹ năng số cho cán bộ thôn", "Phòng Văn hóa", "Các thôn", "Quý II",
         "02 lớp"),
        ("2", "Lắp loa thông minh", "Công chức Văn hóa - Xã hội", "Đài Truyền thanh", "Tháng 9",
         "10 cụm loa"),
    ]  # fmt: skip
    assert record.tasks[0].where is not None
    assert record.tasks[0].where.line_end > record.tasks[0].where.line_start


def test_rows_whose_numbers_ocr_did_not_read() -> None:
    record = record_of(
        _lines("1", "Mở lớp tập huấn", "Phòng Văn hóa", "Các thôn", "Thường xuyên", "02 lớp",
               "AC", "Lắp loa thông minh cho", "các thôn", "Công an xã", ". Các thôn", "Cả năm",
               "10 cụm loa", "Số hóa hồ sơ", "Công an xã", "Các phòng", "Cả năm", "Kho dữ liệu",
               "4", "Tổng kết", "Công an xã", "Các phòng", "Tháng 12", "Báo cáo")
    )  # fmt: skip
    assert [(t.no, t.task, t.lead, t.partners, t.product) for t in record.tasks] == [
        ("1", "Mở lớp tập huấn", "Phòng Văn hóa", "Các thôn", "02 lớp"),
        ("2", "Lắp loa thông minh cho các thôn", "Công an xã", "Các thôn", "10 cụm loa"),
        ("3", "Số hóa hồ sơ", "Công an xã", "Các phòng", "Kho dữ liệu"),
        ("4", "Tổng kết", "Công an xã", "Các phòng", "Báo cáo"),
    ]


def test_a_row_number_that_was_misread_is_the_next() -> None:
    record = record_of(
        _lines("1", "Mở lớp", "Phòng Văn hóa", "8", "Lắp loa", "Công an xã", "Cả năm", "10 cụm loa")
    )
    assert [(t.no, t.task, t.lead) for t in record.tasks] == [
        ("1", "Mở lớp", "Phòng Văn hóa"),
        ("2", "Lắp loa", "Công an xã"),
    ]


def test_a_row_number_whose_stop_was_not_read_is_the_one_that_is_due() -> None:
    record = record_of(
        _lines("1", "Tuyên truyền", "1.1", "Về chuyển đổi số", "Phòng Văn hóa", "Các thôn",
               "Cả năm", "12 tin", "12", "Về thủ tục", "Văn phòng", "1.3", "Về thuế", "Công an xã")
    )  # fmt: skip
    assert [(t.no, t.task, t.lead) for t in record.tasks] == [
        ("1", "Tuyên truyền", None),
        ("1.1", "Về chuyển đổi số", "Phòng Văn hóa"),
        ("1.2", "Về thủ tục", "Văn phòng"),
        ("1.3", "Về thuế", "Công an xã"),
    ]


def test_lines_with_the_head_repeated_on_a_new_page() -> None:
    record = record_of(
        _lines("1", "Rà soát thủ tục", "Văn phòng", "Các phòng", "Thường xuyên",
        "Báo cáo rà soát từng",
               "quý và báo cáo", "tổng hợp cuối", *HEAD[2:], "năm của xã", "2", "Số hóa hồ sơ",
               "Văn phòng", "Các phòng", "Cả năm", "Kho dữ liệu")
    )  # fmt: skip
    assert len(record.tasks) == 2
    assert record.tasks[0].product == "Báo cáo rà soát từng quý và báo cáo tổng hợp cuối năm của xã"


def _table(rows: list[list[str]], first: int) -> tuple[Table, list[str]]:
    lines: list[str] = []
    cells = []
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            parts = text.split("\n") if text else []
            start = first + len(lines)
            lines += parts
            cells.append(Cell(y, x, start, start + len(parts) - 1))
    return Table(len(rows), len(rows[0]), tuple(cells), first, first + len(lines) - 1), lines


def test_cells_over_two_pages() -> None:
    body = [*BODY.split("\n")[:-1], "PHỤ LỤC"]
    one, lines_one = _table(
        [["TT", "Nhiệm vụ", "Cơ quan chủ trì", "Thời hạn"],
         ["1", "Khảo sát mức độ\nsử dụng dịch vụ", "Phòng Nội vụ", "Tháng 6"],
         ["2", "Xây dựng phóng sự về", "Đài Truyền thanh", "Quý III"]],
        len(body) + 1,
    )  # fmt: skip
    two, lines_two = _table(
        [["TT", "Nhiệm vụ", "Cơ quan chủ trì", "Thời hạn"],
         ["", "mô hình mới", "", ""],
         ["3", "Tổng kết", "Phòng Nội vụ", "Tháng 12"]],
        1,
    )  # fmt: skip
    document = replace(
        of_text(""),
        pages=(
            Page(1, tuple(map(Line.of, body + lines_one)), size=(595.0, 842.0), tables=(one,)),
            Page(2, tuple(map(Line.of, lines_two)), size=(595.0, 842.0), tables=(two,)),
        ),
    )
    record = record_of(document)
    assert [(t.no, t.task, t.lead, t.schedule, t.page) for t in record.tasks] == [
        ("1", "Khảo sát mức độ sử dụng dịch vụ", "Phòng Nội vụ", "Tháng 6", 1),
        ("2", "Xây dựng phóng sự về mô hình mới", "Đài Truyền thanh", "Quý III", 1),
        ("3", "Tổng kết", "Phòng Nội vụ", "Tháng 12", 2),
    ]


def test_a_table_with_tabs_or_bars() -> None:
    for bar in ("\t", " | "):
        rows = [["STT", "Công việc", "Đơn vị thực hiện", "Thời gian"],
                ["1", "In tờ rơi", "Công chức Văn hóa", "Tháng 3"],
                ["2", "Treo băng rôn", "Đài Truyền thanh", "Tháng 4"]]  # fmt: skip
        table = "\n".join(bar.join(row) for row in rows)
        record = record_of(BODY.replace("Thực hiện theo Phụ lục.", "Như sau:\n" + table))
        assert [(t.no, t.task, t.lead, t.schedule) for t in record.tasks] == [
            ("1", "In tờ rơi", "Công chức Văn hóa", "Tháng 3"),
            ("2", "Treo băng rôn", "Đài Truyền thanh", "Tháng 4"),
        ]


def test_a_head_with_a_letter_misread() -> None:
    for head in ("SIT", "ST1", "STT"):
        rows = f"{head} | Công việc | Đơn vị thực hiện\n1 | In tờ rơi | Công chức Văn hóa"
        record = record_of(BODY.replace("Thực hiện theo Phụ lục.", "Như sau:\n" + rows))
        assert [(t.no, t.task, t.lead) for t in record.tasks] == [
            ("1", "In tờ rơi", "Công chức Văn hóa")
        ]


def test_no_table_no_tasks() -> None:
    assert record_of(BODY).tasks == []
    assert record_of(_lines()).tasks == []
