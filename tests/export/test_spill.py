"""Values that were put aside come back, in any order, whatever they are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.export.spill import Spill, Spilled

VALUES = st.lists(st.one_of(st.text(), st.integers(), st.lists(st.text()), st.none()), min_size=1)


@settings(deadline=None)  # the disk decides how long it takes
@given(VALUES, st.randoms())
def test_each_value_comes_back_by_its_number(values: list[object], rng: object) -> None:
    with Spill() as spill:
        numbers = [spill.put(value) for value in values]
        order = rng.sample(numbers, len(numbers))  # type: ignore[attr-defined]
        found: Spilled[object] = Spilled(spill, order)
        assert list(found) == [values[number] for number in order]
        assert list(found[1:]) == [values[number] for number in order[1:]]


def test_values_can_be_put_after_others_were_read() -> None:
    with Spill() as spill:
        first = spill.put("một")
        assert spill.get(first) == "một"
        second = spill.put("hai")
        assert (spill.get(first), spill.get(second)) == ("một", "hai")
