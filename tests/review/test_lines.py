"""Where letters of a restored line come from, and what a person's line means word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document import Edit, Line
from pipeline.review.desk import _word_wishes
from pipeline.review.linemap import LineMap
from pipeline.review.uploads import safe_name
from pipeline.review.words import final_places, parse_target

TEXT = st.text("ab cđ", max_size=14)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Line, list[Edit]]:
    """A line and edits that fit one after the other, as restoration logs them."""
    raw = text = draw(TEXT)
    edits = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 4)))
        after = draw(st.text("XY Z", max_size=3))
        edits.append(Edit("restore", "x", 1, 1, start, text[start:end], after, 0.5))
        text = text[:start] + after + text[end:]
    return Line(text, raw), edits


@given(edited())
def test_every_repair_leads_to_what_was_read(made: tuple[Line, list[Edit]]) -> None:
    line, edits = made
    where = LineMap(line, edits)
    assert "".join(part.text for part in where._parts) == line.text
    assert "".join(part.raw for part in where._parts) == line.raw
    last = 0
    for repair in where.repairs():
        assert last <= repair.start < repair.end <= len(line.text)
        assert repair.raw in line.raw
        last = repair.end
    assert all(0 <= place <= len(line.text) for place in final_places(edits))


@pytest.mark.parametrize(
    ("raw", "edits", "expected"),
    [
        ("cac c quan", [(4, "c", "cơ")], [("cơ", "c")]),
        ("thị tr n Phú", [(6, " n", "ấn")], [("trấn", "tr n")]),
        ("nhà nuoc ta", [(4, "nuoc", "nươc"), (4, "nươc", "nước")], [("nước", "nuoc")]),
        ("một hai", [], []),
    ],
)
def test_repairs_are_whole_words(
    raw: str, edits: list[tuple[int, str, str]], expected: list[tuple[str, str]]
) -> None:
    text, log = raw, []
    for start, before, after in edits:
        log.append(Edit("restore", "x", 1, 1, start, before, after, 0.9))
        text = text[:start] + after + text[start + len(before) :]
    found = LineMap(Line(text, raw), log).repairs()
    assert [(text[r.start : r.end], r.raw) for r in found] == expected


WORDS = st.lists(st.sampled_from("abcX"), max_size=6).map(" ".join)


@given(WORDS, WORDS)
def test_a_line_is_its_words(machine: str, wanted: str) -> None:
    wishes = _word_wishes(machine, wanted, 1, 1)
    places = [parse_target(wish.target) for wish in wishes]
    assert len(set(places)) == len(places)
    text = machine
    for (_, _, start), wish in sorted(zip(places, wishes, strict=True), reverse=True,
                                      key=lambda pair: pair[0]):  # type: ignore[misc]  # fmt: skip
        assert machine[start : start + len(wish.old)] == wish.old
        text = text[:start] + wish.new + text[start + len(wish.old) :]
    assert text.split() == wanted.split()


@given(st.text(max_size=60))
def test_a_name_stays_below_its_folder(name: str) -> None:
    parts = safe_name(name).split("/")
    assert all(part not in ("", ".", "..") and len(part) <= 101 for part in parts)
    assert not set("".join(parts)) & set('\\:*?"<>|\x00\n')


@pytest.mark.parametrize("target", ["", "1:2", "a:b:c", "1:2:-3", "1:2:3:4", "١:2:3"])
def test_what_is_no_word(target: str) -> None:
    assert parse_target(target) is None
