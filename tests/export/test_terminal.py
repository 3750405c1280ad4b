"""The matrix as text."""

from __future__ import annotations

import csv
import io
import json

import pytest
from plan_records import corpus, plan

from pipeline.audit import matrix
from pipeline.errors import UsageError
from pipeline.export.terminal import render

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
BUILT = matrix.build([plan("xã A", "c t - c"), plan("xã B", "c? c c v", path="b|x.pdf")], REQUIRED)


def test_text_shows_the_matrix_and_where_to_look() -> None:
    text = render(BUILT, width=120)
    lines = text.splitlines()
    assert next(line for line in lines if line.startswith("xã A")).split()[-5:] == [
        "✓", "○", "✗", "✓", "2/4",
    ]  # fmt: skip
    assert "Gaps (3)" in text
    assert "xã A: SIPAS theme only (xã A.pdf, page 2, line 14): “Nâng cao sự hài lòng" in text
    assert "xã A: PAPI absent (xã A.pdf)" in text
    assert "To review (1)" in text
    assert "0 of 2 plans cover PAR, SIPAS, PAPI, PCI (rules " in text
    assert "\x1b" not in text


def test_colour_is_only_added_on_request() -> None:
    assert "\x1b[" in render(BUILT, colour=True)


@pytest.mark.parametrize("width", [20, 40, 200])
def test_any_width(width: int) -> None:
    assert "xã" in render(matrix.build(corpus(3), REQUIRED), width=width)


def test_markup_in_a_name_is_text() -> None:
    assert "[red]xã[/x]" in render(matrix.build([plan("[red]xã[/x]", "- - - -")], REQUIRED))


def test_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(render(BUILT, format="csv"))))
    assert rows[1]["PAR"] == "to_review"
    assert rows[0]["score"] == "2"


def test_json() -> None:
    data = json.loads(render(BUILT, format="json"))
    assert data["rules"] == BUILT.rules
    assert data["plans"][0]["indices"]["SIPAS"]["evidence"][0]["page"] == 2
    assert data["totals"]["PAR"]["to_review"] == 1


def test_markdown() -> None:
    built = matrix.build([plan("xã A|B", "c t - c")], REQUIRED)
    lines = render(built, format="md").splitlines()
    assert lines[0] == "| Unit | Number | Issued | PAR | SIPAS | PAPI | PCI | Score |"
    assert lines[2].startswith("| xã A\\|B | 12/KH-UBND | 2025-02-20 | ✓ | ○ | ✗ | ✓ | 2/4 |")


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="choose text, csv, json, md"):
        render(BUILT, format="xml")


def test_a_document_that_is_no_plan_stands_apart() -> None:
    built = matrix.build([plan("xã A"), plan("Sở Y", "- - - -", form="other")], REQUIRED)
    text = render(built)
    assert "Not plans (1), not counted" in text
    assert "1 of 1 plans cover" in text
    assert "Gaps" not in text


def test_no_plans() -> None:
    for form in ("text", "csv", "json", "md"):
        assert render(matrix.build([], REQUIRED), format=form)
