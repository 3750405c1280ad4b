"""Comparison across units: copies, leftovers, timing, shared citations, duties, years, sections.

Records go in one by one and only what is compared is kept, so that a folder of thousands can be
streamed through. The result does not depend on the order of the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.audit.checklist import lag_days
from pipeline.audit.copies import Copy, Text, copies, text_of
from pipeline.audit.duties import Unassigned, unassigned
from pipeline.audit.leftovers import Leftover, leftovers
from pipeline.audit.matrix import Mark, Row, row_of
from pipeline.audit.order import record_key, vietnamese
from pipeline.audit.passages import passages, squeezed, walk
from pipeline.normalize.record import PlanRecord, SectionId

COMPARED: tuple[SectionId, ...] = (
    "purpose", "objectives", "requirements", "audience", "content", "forms", "tasks", "schedule",
    "funding", "implementation", "reporting",
)  # fmt: skip
"""The sections that are put side by side."""
_EXCERPT = 700
_LOCAL = re.compile(r"UBND|HĐND|/(?:TU|HU|QU|ThU|ĐU)$|-(?:SNV|PNV|VP)\b|S[A-ZĐ]{2,}")


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The texts of one plan's sections by canonical id; "" where it has no such section."""

    path: str
    unit: str | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent plan and how soon it was carried out. Days are None where no date is known."""

    code: str
    date: str | None
    plans: int
    dated: int
    first: int | None
    middle: float | None
    last: int | None
    last_unit: str | None


@dataclass(frozen=True, slots=True)
class Cited:
    """A document that plans cite, with the units that cite it."""

    code: str
    type: str | None
    date: str | None
    issuer: str | None
    about: str | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An index of one unit, from one year to the next that the folder holds."""

    unit: str
    index: str
    year: int
    before: Mark
    later: int
    after: Mark


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was found by comparing plans with one another."""

    sections: tuple[SideBySide, ...]
    copies: tuple[Copy, ...]
    leftovers: tuple[Leftover, ...]
    unassigned: tuple[Unassigned, ...]
    parents: tuple[Parent, ...]
    cited: tuple[Cited, ...]
    changes: tuple[Change, ...]


def compare(
    records: Iterable[PlanRecord], required: Sequence[str], *, least: float = 0.5
) -> Comparison:
    """Compare the plans among ``records``; ``least`` is the share of text that makes a copy.

    Raises UsageError as :func:`pipeline.audit.matrix.build` does.
    """
    return compare_digests((Digest.of(record, required) for record in records), least=least)


def compare_digests(digests: Iterable[Digest], *, least: float = 0.5) -> Comparison:
    """Compare plans by their digests; documents that are no plans take no part."""
    plans = sorted((d for d in digests if d.row.is_plan), key=lambda digest: digest.key)
    return Comparison(
        sections=tuple(plan.sections for plan in plans),
        copies=tuple(copies([plan.text for plan in plans], least=least)),
        leftovers=tuple(found for plan in plans for found in plan.leftovers),
        unassigned=tuple(found for plan in plans for found in plan.unassigned),
        parents=tuple(_parents(plans)),
        cited=tuple(_cited(plans)),
        changes=tuple(_changes(plans)),
    )


@dataclass(frozen=True, slots=True)
class Digest:
    """What is kept of one record to compare it with others."""

    key: tuple[object, ...]
    row: Row
    text: Text
    sections: SideBySide
    leftovers: list[Leftover]
    unassigned: list[Unassigned]
    citations: list[Cited]
    lag: int | None

    @staticmethod
    def of(record: PlanRecord, required: Sequence[str]) -> Digest:
        """The digest of ``record``. Raises UsageError as the matrix does."""
        unit, said = record.unit.name, list(passages(record))
        cited = {
            c.code: Cited(c.code, c.type, c.date, c.issuer, c.about, (unit or record.source.path,))
            for c in record.citations
            if c.code
        }
        return Digest(
            record_key(record),
            row_of(record, required),
            text_of(record, said),
            _side_by_side(record),
            leftovers(record, said),
            unassigned(record, said),
            list(cited.values()),
            lag_days(record),
        )


def _side_by_side(record: PlanRecord) -> SideBySide:
    """The sections of one plan by id; below the first level with their headings."""
    texts: dict[SectionId, list[str]] = {}
    for section in walk(record.sections):
        said = [squeezed(section.text), *(squeezed(item.text) for item in section.items)]
        if "." in section.path and section.heading:
            said.insert(0, squeezed(section.heading) + ":")
        for name in section.ids:
            if name in COMPARED:
                texts.setdefault(name, []).extend(part for part in said if part)
    joined = (" ".join(texts.get(name, ())) for name in COMPARED)
    return SideBySide(
        record.source.path,
        record.unit.name,
        tuple(
            text if len(text) <= _EXCERPT else text[:_EXCERPT].rstrip() + " …" for text in joined
        ),
    )


def _parents(plans: Sequence[Digest]) -> list[Parent]:
    """By parent plan, those carried out by most units first."""
    groups: dict[tuple[str, str | None], list[Digest]] = {}
    for plan in plans:
        above = plan.row.parent_plan
        if above and above.code:
            groups.setdefault((above.code, above.date), []).append(plan)
    found = []
    for (code, date), group in groups.items():
        lags = [plan.lag for plan in group if plan.lag is not None]
        last = max(lags, default=None)
        slow = (plan.row.unit or plan.row.path for plan in group if plan.lag == last)
        found.append(
            Parent(
                code, date, len(group), len(lags), min(lags, default=None),
                median(lags) if lags else None, last, next(slow) if lags else None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda parent: (-parent.plans, parent.code, parent.date or ""))


def _cited(plans: Sequence[Digest]) -> list[Cited]:
    """By document, those cited by most units first; what plans say of it is joined."""
    found: dict[tuple[str, str], Cited] = {}
    for plan in plans:
        for cited in plan.citations:
            # every commune and province has a 06/KH-UBND of its own: there the date decides
            key = (cited.code, (cited.date or "") if _LOCAL.search(cited.code) else "")
            known = found.get(key)
            found[key] = cited if known is None else _joined(known, cited)
    return sorted(found.values(), key=lambda c: (-len(c.units), vietnamese(c.code)))


def _joined(known: Cited, other: Cited) -> Cited:
    return Cited(
        known.code,
        known.type or other.type,
        known.date or other.date,
        known.issuer or other.issuer,
        known.about or other.about,
        known.units + tuple(unit for unit in other.units if unit not in known.units),
    )


def _changes(plans: Sequence[Digest]) -> list[Change]:
    """What changed between the years of one unit; its last plan of a year stands for the year."""
    years: dict[tuple[str, str | None], dict[int, Row]] = {}
    for plan in plans:
        row = plan.row
        if row.unit and row.year:
            years.setdefault((row.unit, row.province), {})[row.year] = row
    found = []
    for (unit, _), rows in years.items():
        in_order = sorted(rows)
        for year, later in pairwise(in_order):
            for before, after in zip(rows[year].cells, rows[later].cells, strict=True):
                if before.mark != after.mark:
                    found.append(Change(unit, before.index, year, before.mark, later, after.mark))
    return found
