"""Comparison across units: copies, leftovers, timing, shared citations, duties, years, sections.

Each record is reduced to a :class:`Digest`. A comparison goes through the digests of all plans once
for each thing that it is asked for and keeps none of them, so that they may lie on the disk. The
result does not depend on the order of the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from pipeline.audit import matrix
from pipeline.audit.checklist import lag_days
from pipeline.audit.copies import Body, Copy, Text, copies
from pipeline.audit.duties import Unassigned, unassigned
from pipeline.audit.leftovers import Leftover, leftovers
from pipeline.audit.matrix import Row
from pipeline.audit.order import record_key, vietnamese
from pipeline.audit.passages import passages, squeezed, walk
from pipeline.audit.yearly import Facts, Years
from pipeline.audit.years import years
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


class Comparison:
    """What is found by comparing plans with one another, each part when it is asked for.

    ``digests``, ``texts`` and ``facts`` are those of the plans, in the order of
    :func:`record_key`; documents that are no plans take no part. ``least`` is the share of text
    that makes a copy.
    """

    def __init__(
        self,
        digests: Sequence[Digest],
        texts: Sequence[Text],
        facts: Sequence[Facts],
        *,
        least: float = 0.5,
    ) -> None:
        self._digests = digests
        self._texts = texts
        self._facts = facts
        self._least = least

    def sections(self) -> Iterator[SideBySide]:
        """The sections of each plan."""
        return (digest.sections for digest in self._digests)

    def copies(self) -> Iterator[Copy]:
        """Plans that share most of their text with another."""
        return copies(self._texts, least=self._least)

    def leftovers(self) -> Iterator[Leftover]:
        """Words that do not fit the unit."""
        return (found for digest in self._digests for found in digest.leftovers)

    def unassigned(self) -> Iterator[Unassigned]:
        """Duties that nobody was given."""
        return (found for digest in self._digests for found in digest.unassigned)

    def parents(self) -> list[Parent]:
        """By parent plan, those carried out by most units first."""
        return _parents(self._digests)

    def cited(self) -> list[Cited]:
        """By document, those cited by most units first; what plans say of it is joined."""
        return _cited(self._digests)

    def years(self) -> Iterator[Years]:
        """Each plan beside the one of its unit from an earlier year, where the folder has one."""
        return (found for _, _, found in years(self._facts, self._texts))


def compare(
    records: Iterable[PlanRecord], required: Sequence[str], *, least: float = 0.5
) -> Comparison:
    """Compare the plans among ``records``, in memory; a workbook puts them aside instead.

    Raises UsageError as :func:`pipeline.audit.matrix.build` does.
    """
    found = [
        (record_key(record), *Digest.of(record, matrix.row_of(record, required)))
        for record in records
    ]
    found = sorted((item for item in found if item[1].row.is_plan), key=lambda item: item[0])
    _, digests, texts, facts = zip(*found, strict=True) if found else ((), (), (), ())
    return Comparison(digests, texts, facts, least=least)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is kept of one record to compare it with others; its text stands beside it."""

    row: Row
    sections: SideBySide
    leftovers: list[Leftover]
    unassigned: list[Unassigned]
    citations: list[Cited]
    lag: int | None

    @staticmethod
    def of(record: PlanRecord, row: Row) -> tuple[Digest, Text, Facts]:
        """Digest, text and facts of ``record``, whose row in the matrix is ``row``."""
        unit, said = record.unit.name, list(passages(record))
        cited = {
            c.code: Cited(c.code, c.type, c.date, c.issuer, c.about, (unit or record.source.path,))
            for c in record.citations
            if c.code
        }
        digest = Digest(
            row.without_evidence(),
            _side_by_side(record),
            leftovers(record, said),
            unassigned(record, said),
            list(cited.values()),
            lag_days(record),
        )
        body = Body.of(record, said)
        return digest, body.text(), Facts.of(record, row, body.names)


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


def _parents(plans: Iterable[Digest]) -> list[Parent]:
    groups: dict[tuple[str, str | None], list[tuple[int | None, str]]] = {}
    for plan in plans:
        above = plan.row.parent_plan
        if above and above.code:
            named = (plan.lag, plan.row.unit or plan.row.path)
            groups.setdefault((above.code, above.date), []).append(named)
    found = []
    for (code, date), group in groups.items():
        lags = [lag for lag, _ in group if lag is not None]
        last = max(lags, default=None)
        slow = (unit for lag, unit in group if lag == last)
        found.append(
            Parent(
                code, date, len(group), len(lags), min(lags, default=None),
                median(lags) if lags else None, last, next(slow) if lags else None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda parent: (-parent.plans, parent.code, parent.date or ""))


def _cited(plans: Iterable[Digest]) -> list[Cited]:
    found: dict[tuple[str, str], Cited] = {}
    units: dict[tuple[str, str], dict[str, None]] = {}
    for plan in plans:
        for cited in plan.citations:
            # every commune and province has a 06/KH-UBND of its own: there the date decides
            key = (cited.code, (cited.date or "") if _LOCAL.search(cited.code) else "")
            known = found.get(key)
            found[key] = cited if known is None else _joined(known, cited)
            units.setdefault(key, {}).update(dict.fromkeys(cited.units))
    joined = (replace(cited, units=tuple(units[key])) for key, cited in found.items())
    return sorted(joined, key=lambda c: (-len(c.units), vietnamese(c.code)))


def _joined(known: Cited, other: Cited) -> Cited:
    return Cited(
        known.code,
        known.type or other.type,
        known.date or other.date,
        known.issuer or other.issuer,
        known.about or other.about,
        known.units,
    )
