from __future__ import annotations

import pytest
from documents import of_text, record_of

from pipeline.entities.letterhead import clean_title, read_letterheads, read_number
from pipeline.entities.signature import is_person
from pipeline.entities.spans import spans
from pipeline.segment.outline import segment

NUMBERS = [
    ("Số: 07/KH-UBND", ("07/KH-UBND", "present")),
    ("Số:45/QĐ-UBND", ("45/QĐ-UBND", "present")),
    ("Số:       /KH-UBND", (None, "blank")),
    ("Số: ……/KH-UBND", (None, "blank")),
    ("So: 12/KH-UBND", ("12/KH-UBND", "present")),
    ("KẾ HOẠCH", None),
]


@pytest.mark.parametrize(("text", "wanted"), NUMBERS)
def test_number(text: str, wanted: tuple[str | None, str] | None) -> None:
    assert read_number(text) == wanted


HEADS = {
    "one column": """ỦY BAN NHÂN DÂN
XÃ MINH TÂN
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 18/KH-UBND
Minh Tân, ngày 05 tháng 3 năm 2025
KẾ HOẠCH
Tổ chức Ngày hội đọc sách năm 2025
I. MỤC ĐÍCH
Khơi dậy thói quen đọc.""",
    "two columns": """ỦY BAN NHÂN DÂN            CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ MINH TÂN                     Độc lập - Tự do - Hạnh phúc
Số: 18/KH-UBND             Minh Tân, ngày 05 tháng 3 năm 2025
KẾ HOẠCH
Tổ chức Ngày hội đọc sách năm 2025
I. MỤC ĐÍCH
Khơi dậy thói quen đọc.""",
    "columns run together": """ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ MINH TÂN Độc lập - Tự do - Hạnh phúc
Số: 18/KH-UBND Minh Tân, ngày 05 tháng 3 năm 2025
KẾ HOẠCH
Tổ chức Ngày hội đọc sách năm 2025
I. MỤC ĐÍCH
Khơi dậy thói quen đọc.""",
    "no type line": """Số: 18/KH-UBND
Minh Tân, ngày 05 tháng 3 năm 2025
Tổ chức Ngày hội đọc sách năm 2025
I. MỤC ĐÍCH
Khơi dậy thói quen đọc.""",
    "markdown": """Số: **18/KH-UBND**

*Minh Tân, ngày 05 tháng 3 năm 2025*

**KẾ HOẠCH**
**Tổ chức Ngày hội đọc sách năm 2025**

## I. MỤC ĐÍCH
Khơi dậy thói quen đọc.""",
}


@pytest.mark.parametrize("name", HEADS)
def test_letterhead(name: str) -> None:
    (head,) = read_letterheads(spans(segment(of_text(HEADS[name]))))
    assert head.number == "18/KH-UBND"
    assert head.date == "2025-03-05"
    assert head.place == "Minh Tân"
    assert head.title == "Tổ chức Ngày hội đọc sách năm 2025"


def test_nothing_is_invented() -> None:
    record = record_of("I. MỤC ĐÍCH\nKhơi dậy thói quen đọc.\nII. YÊU CẦU\nThiết thực, tiết kiệm.")
    assert record.number.status == "absent"
    assert record.issued.status == "absent"
    assert record.issued.date is record.title is record.unit.name is record.signature is None


def test_a_blank_day_is_no_date() -> None:
    record = record_of(
        "Số:     /KH-UBND\nMinh Tân, ngày     tháng 3 năm 2025\nKẾ HOẠCH\nPhòng cháy năm 2025\n"
        "I. MỤC ĐÍCH\nGiảm số vụ cháy."
    )
    assert record.number.status == "blank"
    assert record.issued.place == "Minh Tân"
    assert record.issued.date is None
    assert record.title == "Phòng cháy năm 2025"


def test_title() -> None:
    assert clean_title("Về việc tổ chức hội thi.") == "Tổ chức hội thi"


@pytest.mark.parametrize("name", ["Lê Thị Mỹ Hạnh", "Đỗ An", "Y Thắng Niê", "NGUYỄN VĂN MINH"])
def test_person(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "text", ["PHÓ CHỦ TỊCH", "Nơi nhận", "KT. CHỦ TỊCH", "Phòng 12", "Chủ tịch", "Lưu: VT, VP."]
)
def test_no_person(text: str) -> None:
    assert not is_person(text)


@pytest.mark.parametrize("subject", ["V/v báo cáo kết quả", "V/ báo cáo kết quả"])
def test_the_title_of_a_letter_ends_where_it_is_addressed(subject: str) -> None:
    text = (
        "VĂN PHÒNG CHÍNH PHỦ\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
        "Số: 372/VPCP-CN\n"
        f"{subject} cải cách hành chính quý I năm 2026\n"
        "Hà Nội, ngày 28 tháng 4 năm 2026\nKính gửi:\n- Các Bộ: Công an, Tư pháp;\n"
        "- Ủy ban nhân dân tỉnh Đồng Nai.\nXét đề nghị của Bộ Nội vụ, Văn phòng thông báo.\n"
    )
    assert record_of(text).title == "Báo cáo kết quả cải cách hành chính quý I năm 2026"


@pytest.mark.parametrize("line", ["153 TB-VPCP", "153/TB-VPCP", "Số: 153/TB-VPCP"])
def test_a_number_whose_stroke_lies_under_a_stamp(line: str) -> None:
    assert read_number(line) == ("153/TB-VPCP", "present")


@pytest.mark.parametrize("line", ["153 người", "12 KH", "2025 - 2030", "TB-VPCP"])
def test_no_number(line: str) -> None:
    assert read_number(line) is None


def test_the_signer_among_strokes_of_the_pen() -> None:
    text = (
        "ỦY BAN NHÂN DÂN\nXÃ ĐẮK NHAU\nSố: 12/KH-UBND\nKẾ HOẠCH\nTuyên truyền năm 2025\n"
        "I. MỤC ĐÍCH\nNâng cao nhận thức.\n"
        "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n3N”\nTrương Việt Dũng\ncó TM\n"
    )
    signature = record_of(text).signature
    assert signature is not None
    assert (signature.position, signature.name) == ("PHÓ CHỦ TỊCH", "Trương Việt Dũng")


@pytest.mark.parametrize("line", ["- Trịnh Bá Lộc", "— Trịnh Bá Lộc", "Trịnh Bá Lộc"])
def test_a_stroke_before_the_signer_makes_no_recipient_behind_the_last(line: str) -> None:
    text = (
        "ỦY BAN NHÂN DÂN\nXÃ ĐẮK NHAU\nSố: 12/KH-UBND\nKẾ HOẠCH\nTuyên truyền năm 2025\n"
        "I. MỤC ĐÍCH\nNâng cao nhận thức.\nNơi nhận:\n- UBND tỉnh;\n- Các thôn;\n- Lưu: VT, VHXH.\n"
        f"TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n{line}\n"
    )
    record = record_of(text)
    assert record.signature is not None
    assert record.signature.name == "Trịnh Bá Lộc"
    assert len(record.recipients) == 3
