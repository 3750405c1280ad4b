"""Duties that a plan speaks of and that nobody was given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.audit.passages import Passage, passages
from pipeline.normalize.record import PlanRecord, SectionId
from pipeline.segment.fold import fold
from pipeline.segment.tables import table

_SPOKEN: frozenset[SectionId] = frozenset(
    {"content", "forms", "tasks", "funding", "reporting", "requirements", "appendix"}
)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A duty without anybody to do it: ``duty`` is an id of ``duties.toml``, or ``task``."""

    path: str
    unit: str | None
    duty: str
    quote: str
    section: str
    page: int
    line: int


def unassigned(record: PlanRecord, said: Sequence[Passage] | None = None) -> list[Unassigned]:
    """Duties that the body names and no assignment does, and rows of the task table without a lead.

    Nothing is said of a plan in which no assignment was found at all: there the whole section is
    missing, which the checklist tells. ``said`` are the record's passages, where they are known.
    """
    unit, path = record.unit.name, record.source.path
    found = [
        Unassigned(path, unit, "task", task.task, "appendix", task.page,
                   task.where.line_start if task.where else 1)
        for task in record.tasks
        if not task.lead and not task.partners
    ]  # fmt: skip
    if not record.assignments:
        return found
    given = fold(" ".join(f"{a.unit} {' '.join(a.duties)}" for a in record.assignments))
    given += fold(" ".join(f" {task.lead} {task.task}" for task in record.tasks if task.lead))
    spoken = [
        (passage, fold(passage.text))
        for passage in (passages(record) if said is None else said)
        if passage.ids & _SPOKEN and "implementation" not in passage.ids
    ]
    for duty, (asked, taken) in _duties().items():
        if taken.search(given):
            continue
        passage = next((p for p, folded in spoken if asked.search(folded)), None)
        if passage:
            found.append(_of(passage, record, duty))
    return found


def _of(passage: Passage, record: PlanRecord, duty: str) -> Unassigned:
    return Unassigned(
        record.source.path, record.unit.name, duty, passage.text, passage.path, passage.page,
        passage.line,
    )  # fmt: skip


@cache
def _duties() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """For each duty what shows that it is asked for, and what shows that it was given."""
    return {
        name: (_any(entry["phrases"]), _any([*entry["phrases"], *entry.get("also", [])]))
        for name, entry in table("duties").items()
    }


def _any(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, phrases)) + r")\b")
