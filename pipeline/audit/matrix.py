"""The coverage matrix: one row per plan, one cell per required index.

The status of an index in one document is decided by :mod:`pipeline.audit.coverage` and stands in
the record; here the records of a whole folder are put side by side. Nothing is read but the
records, and their order does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.audit.order import record_key
from pipeline.audit.rules import RULES_VERSION
from pipeline.errors import UsageError
from pipeline.normalize.record import Coverage, Evidence, Form, IndexFinding, Level, PlanRecord

Mark = Literal[
    "covered", "to_review", "citation_only", "thematic_only", "unsure", "absent", "not_a_plan"
]
"""What a cell shows: the status where it is certain.

``to_review``: the index is named, but in words that were not read with certainty. ``unsure``: it
was not found, but the text was read too badly to say that it is not there. ``not_a_plan``: the
document is no plan, so that nothing is asked of it.
"""
MARKS: tuple[Mark, ...] = (
    "covered", "to_review", "citation_only", "thematic_only", "unsure", "absent",
)  # fmt: skip
"""The marks that a plan can have, from the best to the worst."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one plan says of one index."""

    index: str
    status: Coverage
    needs_review: bool
    reason: str
    evidence: tuple[Evidence, ...]
    of_plan: bool = True

    @property
    def mark(self) -> Mark:
        """What the cell shows."""
        if not self.of_plan:
            return "not_a_plan"
        if self.needs_review and self.status == "covered":
            return "to_review"
        if self.needs_review and self.status == "absent":
            return "unsure"
        return self.status  # a theme or a citation is a finding of its own, reviewed or not


@dataclass(frozen=True, slots=True)
class ParentPlan:
    """The plan or decision of the upper level that a plan carries out."""

    code: str | None
    date: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One plan. ``score`` counts the indices that are covered for certain."""

    path: str
    sha256: str
    unit: str | None
    level: Level | None
    parents: tuple[str, ...]
    province: str | None
    form: Form
    title: str | None
    year: int | None
    number: str | None
    number_status: str
    issued: str | None
    parent_plan: ParentPlan | None
    cells: tuple[Cell, ...]
    signed_by: str | None = None  # who checked it, when it has not changed since

    @property
    def is_plan(self) -> bool:
        """Whether the document is a plan; what is none is listed, but not counted."""
        return self.form != "other"

    @property
    def score(self) -> int:
        """The number of required indices covered for certain."""
        return sum(cell.mark == "covered" for cell in self.cells)

    @property
    def to_review(self) -> int:
        """The number of required indices that a person must look at before they count."""
        return sum(cell.mark in ("to_review", "unsure") for cell in self.cells)

    def without_evidence(self) -> Row:
        """The row with its marks alone, for those who hold thousands of rows at once."""
        return replace(self, cells=tuple(replace(cell, evidence=()) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell of the matrix that calls for somebody, with its plan."""

    row: Row
    cell: Cell


@dataclass(frozen=True, slots=True)
class Matrix:
    """Plans × required indices. ``rules`` is the version of the rules that the result rests on."""

    required: tuple[str, ...]
    rows: Sequence[Row]
    rules: str = RULES_VERSION

    def plans(self) -> int:
        """How many of the documents are plans."""
        return sum(row.is_plan for row in self.rows)

    def totals(self) -> dict[str, dict[Mark, int]]:
        """For each required index, how many plans stand at each mark (zeros included)."""
        counts = {index: Counter[Mark]() for index in self.required}
        for row in self.rows:
            for cell in row.cells if row.is_plan else ():
                counts[cell.index][cell.mark] += 1
        return {index: {mark: count[mark] for mark in MARKS} for index, count in counts.items()}

    def gaps(self) -> list[Gap]:
        """Every required index that is certainly not covered, by plan; what is unsure is no gap."""
        lacking = ("citation_only", "thematic_only", "absent")
        return [Gap(row, cell) for row in self.rows for cell in row.cells if cell.mark in lacking]

    def to_review(self) -> list[Gap]:
        """Every cell that a person must look at before it counts, one way or the other."""
        return [
            Gap(row, cell)
            for row in self.rows
            for cell in row.cells
            if cell.mark in ("to_review", "unsure")
        ]

    def complete(self) -> int:
        """The number of plans that cover all required indices for certain."""
        return sum(row.is_plan and row.score == len(self.required) for row in self.rows)


def build(records: Iterable[PlanRecord], required: Sequence[str]) -> Matrix:
    """The matrix of ``records`` over ``required``, by province, parent, unit, year and path.

    Raises UsageError when no index is required, or when a record was made without looking for a
    required one: "not looked for" must not pass for "absent".
    """
    columns = tuple(dict.fromkeys(required))
    if not columns:
        raise UsageError("no index is required: give at least one, for example --required PAR")
    rows = [(record_key(record), row_of(record, columns)) for record in records]
    rows.sort(key=lambda pair: pair[0])
    return Matrix(columns, tuple(row for _, row in rows))


def row_of(record: PlanRecord, required: Sequence[str]) -> Row:
    """The row of one record. Raises UsageError as :func:`build` does."""
    findings = {finding.id: finding for finding in record.indices}
    return Row(
        path=record.source.path,
        sha256=record.source.sha256,
        unit=record.unit.name,
        level=record.unit.level,
        parents=tuple(record.unit.parents),
        province=record.unit.province,
        form=record.form,
        title=record.title,
        year=record.year,
        number=record.number.value,
        number_status=record.number.status,
        issued=record.issued.date,
        parent_plan=parent_plan(record),
        cells=tuple(_cell(record, index, findings.get(index)) for index in required),
        signed_by=record.review.signed_by if record.review and record.review.current else None,
    )


def _cell(record: PlanRecord, index: str, finding: IndexFinding | None) -> Cell:
    if finding is None:
        raise UsageError(
            f"{record.source.path}: the index {index} was not looked for when this file was read. "
            f"Run it again with --required …,{index}; "
            f"its record knows {', '.join(f.id for f in record.indices) or 'none'}."
        )
    return Cell(
        index,
        finding.status,
        finding.needs_review,
        finding.reason,
        tuple(finding.evidence),
        of_plan=record.form != "other",
    )


def parent_plan(record: PlanRecord) -> ParentPlan | None:
    """The parent plan that the record's legal basis names, the latest dated one first.

    A plan that carries out several (a decision and the plan under it) is measured by the one that
    came last, as that is the one it had to wait for.
    """
    dates = {c.code: c.date for c in record.citations if c.code is not None}
    found: list[ParentPlan] = []
    for basis in record.legal_basis:
        if basis.parent_plan:
            found += [ParentPlan(code, dates.get(code), basis.text) for code in basis.citations]
            if not basis.citations:
                found.append(ParentPlan(None, None, basis.text))
    return max(found, key=lambda plan: (plan.date or "", plan.code or ""), default=None)
