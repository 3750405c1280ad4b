from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.segment.formal import formal_authority, formal_position
from pipeline.segment.tables import table


@pytest.mark.parametrize(
    ("line", "position"),
    [
        ("CHỦ TỊCH", "CHỦ TỊCH"),
        ("CHỦ T CH", "CHỦ TỊCH"),
        ("HÓ CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        ("PHO GIAM DOC", "PHÓ GIÁM ĐỐC"),
        ("PHÒNG NỘI VỤ", None),
        ("NGUYỄN VĂN CHU", None),
        ("Chủ tịch", None),
        ("NƠI NHẬN", None),
        ("", None),
    ],
)
def test_position(line: str, position: str | None) -> None:
    assert formal_position(line) == position


@pytest.mark.parametrize(
    ("line", "authority"),
    [
        ("TM. ỦY BAN NHÂN DÂN", "TM. ỦY BAN NHÂN DÂN"),
        ("TÁM. ỦY BAN NHÂN DÂN", "TM. ỦY BAN NHÂN DÂN"),
        ("KT. CHỦ TCH", "KT. CHỦ TỊCH"),
        ("TUQ. GIÁM ĐỐC SỞ NỘI VỤ", "TUQ. GIÁM ĐỐC SỞ NỘI VỤ"),
        ("TT. Đảng ủy xã", None),
        ("CHỦ TỊCH", None),
    ],
)
def test_authority(line: str, authority: str | None) -> None:
    assert formal_authority(line) == authority


@pytest.mark.parametrize("position", table("positions")["positions"])
def test_positions_of_the_table_are_themselves(position: str) -> None:
    assert formal_position(position) == position


@given(st.text(max_size=50))
def test_never_fails(line: str) -> None:
    formal_position(line)
    formal_authority(line)
