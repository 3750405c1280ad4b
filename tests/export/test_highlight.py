"""Quotations in context, and which of their words were repaired."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_records import evidence, plan

from pipeline.export.highlight import passage, repaired, texts_by_path

# quotation, text of the file, expected repairs (word, what the file holds)
CASES = [
    ("cơ quan nhà nước", "cơ quan nhà nước", []),
    ("cơ quan nhà nước", "các cơ quan nhà nước, đơn vị", []),
    ("cơ quan", "c quan", [("cơ", "c")]),
    ("thị trấn Cẩm Sơn", "th  tr n C m Sơn",
     [("thị", "th"), ("trấn", "tr n"), ("Cẩm", "C m")]),
    ("đẩy mạnh", "day manh", [("đẩy", "day"), ("mạnh", "manh")]),
    ("Ủy ban nhân dân xã", "U ban nhan dan xa va",
     [("Ủy", "U"), ("ban", None), ("nhân", "nhan"), ("dân", "dan"), ("xã", "xa")]),
    ("kế hoạch", "", []),
    ("", "abc", []),
]  # fmt: skip


@pytest.mark.parametrize(("quote", "raw", "expected"), CASES)
def test_repairs(quote: str, raw: str, expected: list[tuple[str, str | None]]) -> None:
    pieces = list(repaired(quote, raw))
    wanted = [(word, old) for word, old in expected if old is not None]
    assert [(p.text, p.raw) for p in pieces if p.raw is not None] == wanted
    assert " ".join(p.text for p in pieces) == " ".join(quote.split())


@given(st.text(max_size=80), st.text(max_size=80))
def test_pieces_always_give_back_the_quotation(quote: str, raw: str) -> None:
    assert " ".join(p.text for p in repaired(quote, raw)) == " ".join(quote.split())


def test_context_on_both_sides_is_cut_at_words() -> None:
    quote = "Giới thiệu Chỉ số cải cách hành chính."
    sections = plan(extra=f"{'trước ' * 100}{quote}{' sau' * 100}")
    found = passage(evidence(quote, path="II.1.b"), texts_by_path(sections), around=40)
    assert found.before.startswith("… trước")
    assert found.after.endswith("sau …")
    assert len(found.before) < 45


def test_the_section_above_holds_the_quotation() -> None:
    found = passage(evidence("Bám sát", path="I.2.x"), texts_by_path(plan()))
    assert found.after == " chương trình của cấp trên."


def test_a_quotation_that_no_section_holds_stands_alone() -> None:
    found = passage(evidence("Ở phụ lục", path="PL.1"), texts_by_path(plan()))
    assert (found.before, found.after) == ("", "")
