"""Files that hold more, less or something else than one plan: the record says so."""

from __future__ import annotations

import pytest
from documents import of_file, of_text, record_of
from plan_truth import PLANS

FIRST = (PLANS / "02-tinh-lang-son-chuyen-doi-so-2024.txt").read_text(encoding="utf-8")
SECOND = (PLANS / "08-xa-tam-quan-trong-cay-2025.txt").read_text(encoding="utf-8")


def codes(text: str) -> set[str]:
    return {issue.code for issue in record_of(text).issues}


def test_of_two_plans_the_first_is_read_and_the_second_told() -> None:
    for one, other in ((FIRST, SECOND), (SECOND, FIRST)):
        alone, both = record_of(one), record_of(f"{one}\n{other}")
        assert "several_plans" in {issue.code for issue in both.issues}
        for name in (
            "number",
            "unit",
            "title",
            "signature",
            "funding",
            "recipients",
            "indices",
            "areas",
            "channels",
            "assignments",
        ):
            assert getattr(both, name) == getattr(alone, name), name
        assert len(both.sections) > len(alone.sections)


def test_a_decision_and_its_plan_are_no_two_plans() -> None:
    path = PLANS / "04-huyen-quan-ba-thien-tai-2023.txt"
    assert "several_plans" not in {issue.code for issue in record_of(of_file(path)).issues}


def test_a_plan_without_end_says_so() -> None:
    lines = FIRST.split("\n")
    record = record_of("\n".join(lines[: len(lines) // 2]))
    assert record.form == "plan"
    assert record.signature is None
    assert record.recipients == []
    assert "cut_off" in {issue.code for issue in record.issues}
    assert "cut_off" not in codes(FIRST)


def test_the_second_half_of_a_plan_names_no_unit_and_no_number() -> None:
    lines = FIRST.split("\n")
    record = record_of("\n".join(lines[len(lines) // 2 :]))
    assert (record.number.value, record.title) == (None, None)
    assert record.signature is not None
    assert record.signature.name == "Hoàng Thế Lâm"


NOVEL = """CHƯƠNG I
Buổi chiều ở bến sông
Ông Tư ngồi bên hiên nhà, nhìn ra con sông. Hôm ấy là ngày 5 tháng 3 năm 1987.
– Bố ơi, Ủy ban nhân dân xã Hòa Phú gọi bố lên! – con Lan chạy về, thở hổn hển.
Ông chủ tịch muốn nói về kế hoạch làm đường. Ông nhớ sự hài lòng của người dân
đối với sự phục vụ của cơ quan hành chính nhà nước mà báo chí hay viết, rồi cười một mình.
1. Người đàn bà áo nâu
Tổ chức thực hiện đám giỗ năm ấy, bà là người nấu bếp.
CHƯƠNG II
Tiếng gọi
– Kinh phí thực hiện chưa có, bà con thông cảm – ông Nguyễn Văn Bình nói.
"""
INVOICE = """CÔNG TY TNHH THƯƠNG MẠI MINH PHÁT
HÓA ĐƠN GIÁ TRỊ GIA TĂNG
Ngày 12 tháng 03 năm 2025
Đơn vị mua hàng: Ủy ban nhân dân xã Hòa Phú
STT | Tên hàng hóa, dịch vụ | Đơn vị tính | Số lượng | Đơn giá | Thành tiền
1 | Giấy in | Ram | 20 | 75.000 | 1.500.000
2 | In băng rôn tuyên truyền cải cách hành chính | Cái | 5 | 300.000 | 1.500.000
Người mua hàng            Người bán hàng
Nguyễn Thị Hoa            Trần Văn Minh
"""
ENGLISH = """ANNUAL WORK PLAN 2025
1. Purpose
This plan describes how the department serves citizens.
2. Implementation
The Office of Administration shall report to the Director every quarter.
"""


@pytest.mark.parametrize("text", [NOVEL, INVOICE, ENGLISH, ""], ids=["novel", "invoice", "en", ""])
def test_what_is_no_plan_is_told_and_nothing_invented(text: str) -> None:
    record = record_of(text)
    assert record.form == "other"
    assert {"not_a_plan", "unit_unknown"} <= {issue.code for issue in record.issues}
    assert (record.number.value, record.issued.date, record.title, record.year) == (None,) * 4
    assert (record.funding, record.reporting, record.signature) == (None,) * 3
    assert [*record.assignments, *record.tasks, *record.recipients, *record.legal_basis] == []
    found = (*record.indices, *record.areas)
    assert {finding.status for finding in found} == {"absent"}


def test_headings_alone_are_a_plan_that_says_nothing() -> None:
    record = record_of(
        "KẾ HOẠCH\nTuyên truyền năm 2025\nI. MỤC ĐÍCH, YÊU CẦU\n1. Mục đích\n2. Yêu cầu\n"
        "II. NỘI DUNG\nIII. KINH PHÍ\nIV. TỔ CHỨC THỰC HIỆN\n"
    )
    assert [section.path for section in record.sections] == ["header", "I", "II", "III", "IV"]
    assert (record.funding, record.reporting, record.signature) == (None,) * 3
    assert [*record.assignments, *record.tasks, *record.audience] == []
    assert "cut_off" in {issue.code for issue in record.issues}


def test_no_headings_at_all() -> None:
    text = "KẾ HOẠCH\nTuyên truyền năm 2025\nXã làm. Thôn báo cáo khi xong./."
    record = record_of(text)
    assert record.form == "other"
    assert "ghi là kế hoạch nhưng không có các mục" in record.issues[0].message
    assert [*record.assignments, *record.tasks] == []


def test_numbering_that_restarts_is_kept_and_told() -> None:
    text = "KẾ HOẠCH\nThi đua\nI. NỘI DUNG\n1. Một việc.\n2. Hai việc.\n1. Lại một.\n2. Lại hai."
    record = record_of(text)
    (section,) = (s for s in record.sections if s.path == "I")
    assert [item.marker for item in section.items] == ["1.", "2.", "1.", "2."]
    assert "numbering_restarts" in {issue.code for issue in record.issues}


def test_an_unlisted_unit_is_not_sought_in_another_province() -> None:
    text = (PLANS / "07-dang-uy-xa-cam-giang-nq57.txt").read_text(encoding="utf-8")
    record = record_of(text)
    assert (record.unit.name, record.unit.province) == ("xã Cẩm Giang", "Hải Phòng")
    assert "unit_not_listed" in {issue.code for issue in record.issues}


def test_letters_and_numbers_are_put_back_by_their_sequence() -> None:
    text = (
        "I. MỤC ĐÍCH\n- Một.\nII. YÊU CẦU\n- Hai.\nKINH PHÍ THỰC HIỆN\nNgân sách xã.\n"
        "IV. TỔ CHỨC THỰC HIỆN\n1. Phòng Nội vụ\nd) Một việc;\nr) Hai việc;\n"
    )
    record = record_of(of_text(text))
    numbers = {section.number: section.ids for section in record.sections}
    assert numbers["III"] == ["funding"]
    assert numbers["IV"] == ["implementation"]


def test_a_number_that_was_read_as_a_word_is_put_back() -> None:
    text = (
        "I. MỤC ĐÍCH\n- Một.\nII. YÊU CẦU\n- Hai.\nVỀ KINH PHÍ THỰC HIỆN\nNgân sách xã.\n"
        "IV. TỔ CHỨC THỰC HIỆN\n1. Phòng Nội vụ\nMột việc.\n"
    )
    sections = {section.number: section for section in record_of(text).sections}
    assert sections["III"].heading == "KINH PHÍ THỰC HIỆN"
    assert sections["III"].ids == ["funding"]


def test_a_cited_number_in_two_parts_is_joined_and_told() -> None:
    record = record_of("Căn cứ Thông tư số 1 1/2018/TT-BTC ngày 30/01/2018 của Bộ Tài chính;")
    (cited,) = record.citations
    assert cited.code == "11/2018/TT-BTC"
    assert cited.where is not None
    assert cited.where.confidence == 0.5
    assert "“11/2018/TT-BTC”" in next(
        issue.message for issue in record.issues if issue.code == "number_in_parts"
    )


def test_a_speck_behind_a_heading() -> None:
    text = (
        "II. NỘI DUNG, HÌNH THỨC\n1. Nội dung\n- Một.\n"
        "2. Hình thức thông tin, tuyên truyền .\n- Hai.\n"
    )
    (section,) = record_of(text).sections
    assert [child.ids for child in section.children] == [["content"], ["forms"]]
    assert section.children[1].heading == "Hình thức thông tin, tuyên truyền"
