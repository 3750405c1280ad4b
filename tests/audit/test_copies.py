"""Near-copies: what counts as the same text, and what stays a plan's own."""

from __future__ import annotations

import pytest
from plan_records import corpus, plan

from pipeline.audit.copies import copies, text_of
from pipeline.normalize.record import PlanRecord, Section

TEXT = (
    "Tổ chức tuyên truyền sâu rộng về mục tiêu cải cách đến từng hộ gia đình trên địa bàn {unit}. "
    "Mỗi tuần phát hai bản tin trên hệ thống loa của {unit} vào buổi sáng và buổi chiều. "
    "Cán bộ bộ phận một cửa hướng dẫn người dân nộp hồ sơ qua mạng và tra cứu kết quả xử lý. "
    "Cuối quý tổng hợp ý kiến góp ý của nhân dân, báo cáo cấp có thẩm quyền trước ngày {day}. "
)
OTHER = (
    "Huy động nguồn lực xã hội hóa để sửa chữa đường giao thông nông thôn trong mùa khô. "
    "Vận động nhân dân trồng cây xanh dọc các tuyến kênh và thu gom rác thải nhựa mỗi tháng. "
)


def with_text(unit: str, text: str, **more: object) -> PlanRecord:
    section = Section.model_validate(
        {"ids": ["content"], "number": "I", "heading": "NỘI DUNG", "text": text, "items": [],
         "children": [], "path": "I", "page": 1, "line_start": 1, "page_end": 1, "line_end": 9}
    )  # fmt: skip
    return plan(unit, path=f"{unit}.pdf", **more).model_copy(update={"sections": [section]})


def found(*records: PlanRecord, least: float = 0.5) -> dict[tuple[str, str], float]:
    return {(c.path, c.other): c.share for c in copies([text_of(r) for r in records], least=least)}


A = with_text("xã An Phú", TEXT.format(unit="xã An Phú", day="15/3"))


def test_another_name_and_other_numbers_hide_no_copy() -> None:
    other = with_text("phường Bến Cát", TEXT.format(unit="phường Bến Cát", day="20/4"))
    assert found(A, other) == {
        ("xã An Phú.pdf", "phường Bến Cát.pdf"): 1.0,
        ("phường Bến Cát.pdf", "xã An Phú.pdf"): 1.0,
    }


def test_lost_diacritics_hide_no_copy() -> None:
    text = (
        "To chuc tuyen truyen sau rong ve muc tieu cai cach den tung ho gia dinh tren dia ban xa "
        "Binh Son. Moi tuan phat hai ban tin tren he thong loa cua xa Binh Son vao buoi sang va "
        "buoi chieu."
    )
    other = with_text("xã Bình Sơn", text)
    (copy,) = [c for c in copies([text_of(A), text_of(other)]) if c.path == "xã Bình Sơn.pdf"]
    assert copy.share == 1.0
    assert copy.own == ()


def test_a_longer_plan_holds_the_shorter_but_not_the_other_way_round() -> None:
    long = with_text("xã Bình Sơn", TEXT.format(unit="xã Bình Sơn", day="1/2") + OTHER * 3)
    shares = found(A, long, least=0.0)
    assert shares["xã An Phú.pdf", "xã Bình Sơn.pdf"] == 1.0
    assert shares["xã Bình Sơn.pdf", "xã An Phú.pdf"] < 0.75


def test_what_is_its_own_is_shown_and_a_slip_of_the_pen_is_not() -> None:
    text = TEXT.format(unit="xã Bình Sơn", day="1/2").replace("buổi chiều", "buổi chìeu")
    other = with_text("xã Bình Sơn", text + "Riêng thôn Bãi Dài phát thêm bản tin tiếng Chăm.")
    (copy,) = [c for c in copies([text_of(A), text_of(other)]) if c.path == "xã Bình Sơn.pdf"]
    assert copy.own == ("Riêng thôn Bãi Dài phát thêm bản tin tiếng Chăm.",)
    assert (copy.own_count, copy.lacking, copy.lacking_count) == (1, (), 0)
    (back,) = [c for c in copies([text_of(A), text_of(other)]) if c.path == "xã An Phú.pdf"]
    assert (back.own, back.lacking) == ((), copy.own)  # the same, seen from the other side


def test_different_plans_are_no_copies() -> None:
    assert found(A, with_text("xã Bình Sơn", OTHER)) == {}


def test_the_parent_plan_is_told_from_a_peer() -> None:
    parent = with_text("huyện Đồng Xuân", TEXT.format(unit="huyện Đồng Xuân", day="1/1") + OTHER,
                       number="19/KH-UBND", level="district", parent=None)  # fmt: skip
    peer = with_text("xã Bình Sơn", TEXT.format(unit="xã Bình Sơn", day="2/2"))
    relations = {
        (c.path, c.other): c.relation for c in copies([text_of(r) for r in (A, parent, peer)])
    }
    assert relations["xã An Phú.pdf", "huyện Đồng Xuân.pdf"] == "parent"
    assert relations["xã An Phú.pdf", "xã Bình Sơn.pdf"] == "peer"


def test_the_same_number_of_another_unit_is_no_parent() -> None:
    stranger = with_text("huyện Khác", TEXT.format(unit="huyện Khác", day="1/1"),
                         number="19/KH-UBND", level="district", parent=None)  # fmt: skip
    assert {c.relation for c in copies([text_of(A), text_of(stranger)])} == {"peer"}


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_compare_with(count: int) -> None:
    assert list(copies([text_of(A)] * count)) == []


def test_a_plan_without_text_is_like_no_other() -> None:
    assert found(with_text("xã Trống", ""), with_text("xã Rỗng", ""), A) == {}


def test_more_plans_than_one_block() -> None:
    texts = [text_of(record) for record in corpus(70)]
    shares = list(copies(texts, least=0.9))
    assert len({c.path for c in shares}) > 60  # these are made from one pattern
    assert all(c.path != c.other for c in shares)
