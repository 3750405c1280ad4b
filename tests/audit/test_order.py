"""Units are listed as a Vietnamese dictionary lists them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_records import plan

from pipeline.audit.order import record_key, vietnamese


@pytest.mark.parametrize(
    "expected",
    [
        ["An Bình", "Ân Thi", "Ba Đình"],
        ["Dương Nội", "Đông Hà", "Em"],
        ["la", "là", "lả", "lã", "lá", "lạ"],
        ["Hòa An", "Hoà Bình"],  # both placements of the tone are the same letters
        ["Phú Hòa 1", "Phú Hòa 2", "Phú Hòa 10"],
        ["Ô Lâm", "Ơn", "Phú"],
        ["Un", "Ứng Hòa", "Vạn"],
    ],
    ids=lambda names: names[0],
)
def test_vietnamese_order(expected: list[str]) -> None:
    backwards = expected[::-1]
    assert sorted(backwards, key=vietnamese) == expected


def test_case_does_not_matter_before_letters() -> None:
    assert vietnamese("AN BÌNH") == vietnamese("An Bình")


@given(st.text())
def test_any_text_has_a_key(text: str) -> None:
    assert vietnamese(text) == vietnamese(text)


@given(st.lists(st.text(max_size=12), max_size=12), st.randoms())
def test_the_order_is_total(names: list[str], rng: random.Random) -> None:
    shuffled = rng.sample(names, len(names))
    keys = [vietnamese(name) for name in sorted(shuffled, key=vietnamese)]
    assert keys == sorted(keys)


def test_units_are_grouped_by_province_and_parent_then_name() -> None:
    plans = [
        plan("xã Bình An", province="tỉnh Hà Tĩnh", district="huyện B"),
        plan("phường An Cựu", province="tỉnh Hà Tĩnh", district="huyện B"),
        plan("xã Ô Lâm", province="tỉnh Hà Tĩnh", district="huyện A"),
        plan("xã Ân Nghĩa", province="tỉnh An Giang", district="huyện Z"),
    ]
    names = [record.unit.name for record in sorted(plans, key=record_key)]
    assert names == ["xã Ân Nghĩa", "xã Ô Lâm", "phường An Cựu", "xã Bình An"]
