"""What the overview needs to know of a plan, on one narrow row: how well it was read, what is open.

The row is made from the record, wherever a record is written: nothing of it is ever out of step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.audit.matrix import row_of
from pipeline.audit.order import record_key, sort_text
from pipeline.document import Edit
from pipeline.normalize.doubts import SURE
from pipeline.normalize.record import PlanRecord
from pipeline.segment.fold import fold

#: Issues that stand for a doubt about the unit, the head of the document, or another field.
CODES = {
    "unit": frozenset({"unit_unknown", "unit_ambiguous"}),
    "head": frozenset({"number_unreadable", "date_unreadable", "dates_differ"}),
    "fields": frozenset({"uncertain_field", "decision_unplaced"}),
}

_LONGEST = 160  # characters of a part of ``place``


def state_of(record: PlanRecord, edits: Iterable[Edit]) -> dict[str, Any]:
    """The row of the table ``states``; ``applied`` counts the decisions that are in the record."""
    quality, review = record.quality, record.review
    likely = sum(edit.confidence < SURE and bool(edit.after.strip()) for edit in edits)
    scores = [page.score for page in quality.pages if page.score is not None]
    return {
        "damage": " ".join(quality.damage),
        "edited": quality.edited_words,
        "uncertain": quality.uncertain_words + likely,
        "worst": min(scores, default=None),
        "signed_by": review.signed_by if review else None,
        "signed_at": review.signed_at if review else None,
        "current": bool(review and review.current),
        "decided": len(review.decisions) if review else 0,
        "applied": 0,
        **listing_of(record),
    }


def listing_of(record: PlanRecord) -> dict[str, Any]:
    """The part of the row that is found, sorted and counted by; see :func:`state_of`.

    ``marks`` is " PAR=covered SIPAS=to_review ", ``doubtful`` the indices of these that a person
    has to look at; both are empty for a document that is no plan, of which nothing is asked.
    """
    cells = () if record.form == "other" else row_of(record, _names(record)).cells
    codes = {issue.code for issue in record.issues}
    unit = record.unit
    said = (unit.name, record.number.value, record.title, record.source.path, unit.province)
    return {
        "form": record.form,
        "unit": unit.name,
        "unit_type": unit.type,
        "province": unit.province,
        "year": record.year,
        "issued": record.issued.date,
        "marks": _listed(f"{cell.index}={cell.mark}" for cell in cells),
        "doubtful": _listed(c.index for c in cells if c.mark in ("to_review", "unsure")),
        "unit_open": not codes.isdisjoint(CODES["unit"]),
        "head_open": not codes.isdisjoint(CODES["head"]),
        "fields_open": not codes.isdisjoint(CODES["fields"]),
        "said": fold(" ".join(filter(None, said))),
        "place": place_of(record),
    }


def place_of(record: PlanRecord) -> str:
    """Where the plan stands in lists, as text: the order of :mod:`pipeline.audit.order`.

    Cut to what PostgreSQL takes in an index; the number of the document decides where it is equal.
    """
    other, province, parents, unit, year, path, _ = record_key(record)
    named = "\t".join(sort_text(key)[:_LONGEST] for key in (province, parents, unit))
    return f"{int(other)}\t{named}\t{year:06d}\t{path[:_LONGEST]}"


def _names(record: PlanRecord) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.id for finding in record.indices))


def _listed(values: Iterable[str]) -> str:
    """Words with a blank on each side, so that each can be looked for whole."""
    text = " ".join(values)
    return f" {text} " if text else ""
