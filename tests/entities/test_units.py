from __future__ import annotations

import pytest
from documents import record_of
from hypothesis import given
from hypothesis import strategies as st

from pipeline.entities.gazetteer import gazetteer, key, split_type
from pipeline.entities.units import find_named_units, tidy_name

NAMED = [
    ("UBND xã Minh Tân, huyện Vũ Thư, tỉnh Thái Bình",
     [("xã", "Minh Tân"), ("huyện", "Vũ Thư"), ("tỉnh", "Thái Bình")]),
    ("ỦY BAN NHÂN DÂN THỊ TRẤN LIM", [("thị trấn", "LIM")]),
    ("trên địa bàn phường 5, quận Gò Vấp", [("phường", "5"), ("quận", "Gò Vấp")]),
    ("các xã, thị trấn và thành phố thuộc tỉnh", []),
    ("Tỉnh ủy, Huyện ủy và Đảng ủy xã", []),
    ("xã Sơn Kim 1", [("xã", "Sơn Kim 1")]),
    ("KẾ HOẠCH CỦA XÃ ĐÔNG HÒA NĂM 2025", [("xã", "ĐÔNG HÒA")]),
]  # fmt: skip

PLAN = """ỦY BAN NHÂN DÂN
{agency}
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 15/KH-UBND
{place}, ngày 12 tháng 3 năm {year}
KẾ HOẠCH
Tuyên truyền cải cách hành chính năm {year}
Thực hiện Kế hoạch số 22/KH-UBND ngày 15/02/{year} của UBND {parent} về tuyên truyền cải cách hành
chính năm {year}, UBND {short} ban hành Kế hoạch như sau:
I. MỤC ĐÍCH
Nâng cao nhận thức của người dân.
"""


@pytest.mark.parametrize(("text", "wanted"), NAMED, ids=[text[:30] for text, _ in NAMED])
def test_named(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [(unit.kind, unit.name) for unit in find_named_units(text)] == wanted


def test_a_commune_of_a_district_before_july_2025() -> None:
    record = record_of(
        PLAN.format(
            agency="XÃ YÊN THẮNG", place="Yên Thắng", year=2025, parent="huyện Ý Yên", short="xã"
        )
    )
    assert record.unit.name == "xã Yên Thắng"
    assert record.unit.level == "commune"
    assert record.unit.parents == ["huyện Ý Yên", "tỉnh Nam Định"]
    assert record.unit.province == "Nam Định"
    assert len(record.unit.successors) == 1
    assert record.unit.candidates == []


def test_a_commune_of_a_province_since_july_2025() -> None:
    record = record_of(
        PLAN.format(
            agency="XÃ HÁT MÔN", place="Hát Môn", year=2026, parent="thành phố Hà Nội", short="xã"
        )
    )
    assert record.unit.name == "xã Hát Môn"
    assert record.unit.parents == ["thành phố Hà Nội"]
    assert record.unit.successors == []


def test_a_name_that_stands_for_many_places_stays_open() -> None:
    record = record_of(
        PLAN.format(agency="XÃ TÂN LẬP", place="Tân Lập", year=2024, parent="huyện", short="xã")
    )
    assert record.unit.name == "xã Tân Lập"
    assert record.unit.province is None
    assert len(record.unit.candidates) > 3
    assert "unit_ambiguous" in {issue.code for issue in record.issues}


def test_a_district_has_all_its_successors() -> None:
    record = record_of(
        PLAN.format(agency="HUYỆN PHÚ HÒA", place="Phú Hòa", year=2025, parent="tỉnh Phú Yên",
                    short="huyện")
    )  # fmt: skip
    assert (record.unit.name, record.unit.level) == ("huyện Phú Hòa", "district")
    assert {"xã Phú Hòa 1, tỉnh Đắk Lắk", "xã Phú Hòa 2, tỉnh Đắk Lắk"} <= set(
        record.unit.successors
    )


def test_a_province() -> None:
    record = record_of(
        PLAN.format(
            agency="TỈNH BÌNH ĐỊNH", place="Quy Nhơn", year=2024, parent="tỉnh", short="tỉnh"
        )
    )
    assert (record.unit.name, record.unit.level) == ("tỉnh Bình Định", "province")
    assert record.unit.successors == ["tỉnh Gia Lai"]


def test_both_placements_of_a_tone_are_one_name() -> None:
    assert key("xã Hoà Phú") == key("Xã Hòa Phú")
    assert gazetteer().find("xã", "Hoà Phú") == gazetteer().find("xã", "Hòa Phú")


def test_capitals_become_a_name() -> None:
    assert tidy_name("TRƯƠNG QUANG TRỌNG") == "Trương Quang Trọng"
    assert split_type("Thành phố Huế") == ("thành phố", "Huế")


@given(st.text(max_size=150))
def test_never_fails_and_stays_inside(text: str) -> None:
    for unit in find_named_units(text):
        assert 0 <= unit.start < unit.end <= len(text)
        assert unit.name
