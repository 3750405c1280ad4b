"""The matrix: a row for each plan, a cell for each required index, whatever order plans come in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_records import corpus, finding, plan

from pipeline.audit import matrix
from pipeline.audit.rules import RULES_VERSION
from pipeline.errors import UsageError
from pipeline.normalize.brief import brief
from pipeline.normalize.record import LegalBasis
from pipeline.store.rows import record_text

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")

# marks of the plan (see plan_records.finding), what the cells show, score, to review, gaps
CASES = [
    ("c c c c", ["covered"] * 4, 4, 0, 0),
    ("- - - -", ["absent"] * 4, 0, 0, 4),
    ("c? c c c", ["to_review", "covered", "covered", "covered"], 3, 1, 0),
    ("v t - c", ["citation_only", "thematic_only", "absent", "covered"], 1, 0, 3),
    ("t? v? c c?", ["thematic_only", "citation_only", "covered", "to_review"], 1, 1, 2),
    ("-? - c c", ["unsure", "absent", "covered", "covered"], 2, 1, 1),
]


@pytest.mark.parametrize(("marks", "shown", "score", "review", "gaps"), CASES)
def test_marks_and_counts(marks: str, shown: list[str], score: int, review: int, gaps: int) -> None:
    built = matrix.build([plan(marks=marks)], REQUIRED)
    (row,) = built.rows
    assert [cell.mark for cell in row.cells] == shown
    assert (row.score, row.to_review, len(built.gaps())) == (score, review, gaps)
    assert built.complete() == (score == 4)
    assert built.rules == RULES_VERSION


def test_columns_follow_what_is_required_and_repeat_nothing() -> None:
    built = matrix.build([plan(marks="c - c c")], ["PCI", "SIPAS", "PCI"])
    assert built.required == ("PCI", "SIPAS")
    assert [cell.index for cell in built.rows[0].cells] == ["PCI", "SIPAS"]
    assert built.complete() == 0


def test_an_index_that_was_not_looked_for_is_not_called_absent() -> None:
    with pytest.raises(UsageError, match=r"DTI was not looked for.*--required"):
        matrix.build([plan()], ["PAR", "DTI"])


def test_nothing_required_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no index"):
        matrix.build([plan()], [])


def test_no_records_make_an_empty_matrix() -> None:
    built = matrix.build([], REQUIRED)
    assert built.rows == ()
    assert built.totals()["PAR"] == dict.fromkeys(matrix.MARKS, 0)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(rng: random.Random) -> None:
    records = list(corpus(25))
    assert matrix.build(rng.sample(records, len(records)), REQUIRED) == matrix.build(
        records, REQUIRED
    )


def test_another_plan_changes_only_its_own_row() -> None:
    records = list(corpus(20))
    before = {row.path: row for row in matrix.build(records, REQUIRED).rows}
    after = {row.path: row for row in matrix.build([*records, plan("xã Mới")], REQUIRED).rows}
    assert {path: row for path, row in after.items() if path in before} == before
    assert len(after) == len(before) + 1


def test_a_document_that_is_no_plan_is_listed_last_and_not_counted() -> None:
    letter = plan("xã A", "- - - -", form="other")
    built = matrix.build([letter, plan("xã B", "c c c c")], REQUIRED)
    assert [row.is_plan for row in built.rows] == [True, False]
    assert {cell.mark for cell in built.rows[1].cells} == {"not_a_plan"}
    assert (built.gaps(), built.to_review(), built.complete()) == ([], [], 1)
    assert built.plans() == 1
    assert built.totals()["PAR"] == dict.fromkeys(matrix.MARKS, 0) | {"covered": 1}


def test_totals_add_up_to_the_number_of_plans() -> None:
    built = matrix.build(corpus(40), REQUIRED)
    assert all(sum(counts.values()) == 40 for counts in built.totals().values())


def test_the_parent_plan_is_the_latest_that_the_basis_names() -> None:
    record = plan(parent=("19/KH-UBND", "2025-02-03"))
    older = LegalBasis(text="Căn cứ …", role="căn_cứ", citations=["1/QĐ-UBND"], parent_plan=True)
    found = matrix.parent_plan(
        record.model_copy(update={"legal_basis": [older, *record.legal_basis]})
    )
    assert found is not None
    assert (found.code, found.date) == ("19/KH-UBND", "2025-02-03")


def test_a_parent_plan_without_code_keeps_its_text() -> None:
    basis = LegalBasis(text="Thực hiện Kế hoạch của huyện", role="thực_hiện", citations=[],
                       parent_plan=True)  # fmt: skip
    found = matrix.parent_plan(plan(parent=None).model_copy(update={"legal_basis": [basis]}))
    assert found == matrix.ParentPlan(None, None, "Thực hiện Kế hoạch của huyện")


def test_evidence_stays_with_its_cell() -> None:
    record = plan(marks="c t - c")
    row = matrix.row_of(record, REQUIRED)
    assert row.cells[0].evidence == tuple(finding("PAR", "c").evidence)
    assert row.cells[2].evidence == ()


def test_the_head_of_a_record_is_enough_for_the_matrix() -> None:
    records = list(corpus(30, long=True))
    briefs = [brief(record_text(record)) for record in records]
    assert matrix.build(briefs, REQUIRED) == matrix.build(records, REQUIRED)
    assert not any(record.sections for record in briefs)
