"""Finders on text that OCR or a lost font damaged, and on files that are no plan."""

from __future__ import annotations

import pytest
from documents import outline_of, record_of

from pipeline.entities.gazetteer import gazetteer

HEAD = "KẾ HOẠCH\nTuyên truyền năm 2025\nI. MỤC ĐÍCH\n- Nâng cao nhận thức.\nII. HÌNH THỨC\n"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("UBND tỉnh Hà Tỉnh", "UBND tỉnh Hà Tĩnh"),
        ("Hội đồng nhân dân thành phố Hồ Chi Minh", "Hội đồng nhân dân thành phố Hồ Chí Minh"),
        ("UBND thành phố Quảng Ngãi", "UBND thành phố Quảng Ngãi"),
        ("UBND tỉnh", "UBND tỉnh"),
        ("Bộ Nội vụ", "Bộ Nội vụ"),
    ],
)
def test_provinces_are_spelt_as_the_gazetteer_does(text: str, want: str) -> None:
    assert gazetteer().spelt_province(text) == want


def test_a_platform_that_lost_a_letter_is_found_with_less_confidence() -> None:
    record = record_of(f"{HEAD}- Đăng tin trên Faceboo , Youtub và các trang mạng.")
    found = {channel.id: channel.evidence[0] for channel in record.channels}
    assert {"facebook", "youtube"} <= set(found)
    assert found["facebook"].confidence < 1.0
    assert found["facebook"].quote == "Faceboo"


def test_words_that_only_begin_like_a_platform_are_none() -> None:
    record = record_of(f"{HEAD}- Phát tin trên ti vi, đài; bán hàng trên fan hâm mộ.")
    assert not {"facebook", "youtube", "tiktok"} & {channel.id for channel in record.channels}


@pytest.mark.parametrize("speck", [". - ", "‘- ", "~ - "])
def test_a_speck_before_a_dash(speck: str) -> None:
    text = f"{HEAD}- Đăng tin.\n{speck}Phát tờ rơi.\n- Tổ chức hội thi."
    assert [item.text for item in outline_of(text)["II"].items][1] == "Phát tờ rơi."


def test_points_with_dashes_behind_their_letters() -> None:
    sections = outline_of(f"{HEAD}1- Truyền thông\na- Phát thanh.\nb- 100% thôn có loa.\n")
    assert [item.marker for item in sections["II.1"].items] == ["a-", "b-"]


def test_bases_in_dashes() -> None:
    record = record_of(
        "KẾ HOẠCH\nTuyên truyền năm 2025\n- Căn cứ Kế hoạch số 12/KH-UBND ngày 02/01/2025 của "
        "UBND huyện về tuyên truyền năm 2025;\nI. MỤC ĐÍCH\n- Nâng cao nhận thức.\n"
        "II. NỘI DUNG\n- Hội thi."
    )
    assert [basis.citations for basis in record.legal_basis] == [["12/KH-UBND"]]


def test_the_number_of_a_legal_act() -> None:
    record = record_of(
        "ỦY BAN NHÂN DÂN\nTỈNH PHÚ THỌ\nSố: 28/2023/QĐ-UBND\nPhú Thọ, ngày 21 tháng 12 năm 2023\n"
        "QUYẾT ĐỊNH\nQuy định hệ số điều chỉnh giá đất năm 2024 trên địa bàn tỉnh Phú Thọ\n"
        "Điều 1. Phạm vi điều chỉnh\n1. Hệ số.\nÁ\n“Điều 2. Tổ chức thực hiện\n"
        "1. Sở Tài chính chủ trì."
    )
    assert record.number.value == "28/2023/QĐ-UBND"
    decision = next(section for section in record.sections if section.ids == ["decision"])
    assert [article.path for article in decision.children] == ["Điều 1", "Điều 2"]


INVOICE = """CÔNG TY TNHH MINH CHÂU
Địa chỉ: 12 Lê Lợi, phường Bến Nghé, Quận 1, TP. Hồ Chí Minh
HÓA ĐƠN GIÁ TRỊ GIA TĂNG
Đơn vị mua: UBND xã Tân Phú
STT | Tên hàng | Số lượng | Đơn giá | Thành tiền
1 | Giấy A4 | 50 | 65.000 | 3.250.000
Tổng cộng: 3.250.000"""
NOVEL = "Chương một\nMưa rơi suốt đêm trên mái ngói cũ. Lão Hạc ngồi bên bếp lửa.\n- Bán rồi!"


@pytest.mark.parametrize("text", [INVOICE, NOVEL])
def test_no_title_and_no_unit_are_made_up(text: str) -> None:
    record = record_of(text)
    assert record.form == "other"
    assert record.title is record.unit.name is record.unit.province is None
    assert "not_a_plan" in {issue.code for issue in record.issues}


def test_a_plan_without_any_heading_says_so() -> None:
    record = record_of("KẾ HOẠCH\nTuyên truyền năm 2025\nCác đơn vị tuyên truyền trên loa của xã.")
    said = next(issue.message for issue in record.issues if issue.code == "not_a_plan")
    assert "không có các mục" in said
