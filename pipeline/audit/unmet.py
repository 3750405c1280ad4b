"""The matrix of a folder together with what a checklist of the user's own misses in each plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.audit import matrix
from pipeline.audit.checklist import Check, Checklist, missing
from pipeline.audit.own_indices import applied
from pipeline.normalize.record import PlanRecord


@dataclass(frozen=True, slots=True)
class Unmet:
    """By path, the checks of ``checklist`` that a plan does not meet: none where all are met."""

    checklist: Checklist
    checks: dict[str, tuple[Check, ...]]


def audited(
    records: Iterable[PlanRecord], required: Sequence[str], checklist: Checklist | None
) -> tuple[matrix.Matrix, Unmet | None]:
    """The matrix over ``required`` and the checklist's own indices, and what the list misses.

    Raises UsageError as :func:`matrix.build` and :func:`own_indices.applied` do.
    """
    records, wanted = applied(records, required, checklist)
    if checklist is None:
        return matrix.build(records, wanted), None
    unmet = Unmet(checklist, {})

    def seen() -> Iterator[PlanRecord]:  # one pass over the records serves both
        for record in records:
            if record.form != "other":
                unmet.checks[record.source.path] = tuple(missing(record, checklist))
            yield record

    return matrix.build(seen(), wanted), unmet
