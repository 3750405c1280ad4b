"""Leftovers of another unit's plan, and of the division of the country before 1 July 2025.

A plan that was copied keeps traces: a ward that writes "trên địa bàn thị xã", the name of the
commune next door. A plan issued after the reorganisation may still give duties to bodies of the
district level, which was abolished. [Nghị quyết 202/2025/QH15; Nghị quyết 203/2025/QH15]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.audit.passages import Passage, passages
from pipeline.entities.gazetteer import ABOLISHED_TYPES, COMMUNE_TYPES, REORGANISED, gazetteer
from pipeline.normalize.record import PlanRecord
from pipeline.segment.fold import LOWER, UPPER, fold

Kind = Literal["other_type", "other_unit", "abolished_level", "abolished_unit"]

_TYPES = ("xã", "phường", "thị trấn", "đặc khu", "huyện", "quận", "thị xã", "thành phố", "tỉnh")
_TYPE = "|".join(sorted(_TYPES, key=len, reverse=True))
# "xã hội" and "xã viên" are no communes; in lists ("xã, phường") no unit is meant either
_ACROSS = re.compile(
    rf"(?:trên địa bàn|toàn|phạm vi) (?P<type>{_TYPE})\b(?! hội| viên|[,/]| và )", re.IGNORECASE
)
_NAMED = re.compile(
    rf"\b(?P<type>{'|'.join(COMMUNE_TYPES)}) "
    rf"(?P<name>[{UPPER}][{LOWER}]+(?: [{UPPER}][{LOWER}]+){{0,3}})"
)
_OFFICE = re.compile(
    r"(?:UBND|HĐND|Ủy ban nhân dân|Hội đồng nhân dân|Phòng Nội vụ|Phòng Tư pháp|Huyện ủy|Thị ủy|"
    r"Quận ủy)(?: (?P<type>huyện|quận|thị xã))?\b"
)
_DISTRICT_OFFICES = ("Phòng Nội vụ", "Phòng Tư pháp", "Huyện ủy", "Thị ủy", "Quận ủy")


@dataclass(frozen=True, slots=True)
class Leftover:
    """Words that do not fit the unit. ``quote`` is their passage, ``words`` what gave it away."""

    path: str
    unit: str | None
    kind: Kind
    words: str
    quote: str
    section: str
    page: int
    line: int


def leftovers(record: PlanRecord, said: Sequence[Passage] | None = None) -> list[Leftover]:
    """What does not fit, in the order of the document; nothing where the unit is not known.

    ``said`` are the record's passages, where they are known.
    """
    unit = record.unit
    if unit.name is None or unit.type is None or record.form == "other":
        return []
    after = _issued_after(record)
    found: dict[tuple[str, str], Leftover] = {}
    if after and unit.type in ABOLISHED_TYPES:
        where = unit.where
        found["abolished_unit", unit.name] = Leftover(
            record.source.path, unit.name, "abolished_unit", unit.name,
            where.raw if where else unit.name, "header", where.page if where else 1,
            where.line_start if where else 1,
        )  # fmt: skip
    for passage in passages(record) if said is None else said:
        for kind, words in _in(passage, record, after):
            found.setdefault((kind, fold(words)), _leftover(record, passage, kind, words))
    return list(found.values())


def _in(passage: Passage, record: PlanRecord, after: bool) -> Iterator[tuple[Kind, str]]:
    own = (record.unit.type or "").lower()
    above = {parent.lower() for parent in record.unit.parents}
    for match in _ACROSS.finditer(passage.text):
        if _foreign_type(match["type"].lower(), own, above, record):
            yield "other_type", match[0]
    if own in COMMUNE_TYPES:
        for match in _NAMED.finditer(passage.text):
            named = _known_unit(match["type"], match["name"])
            if named and not _is_own(named, record):
                yield "other_unit", named
    if after:
        for match in _OFFICE.finditer(passage.text):
            if match["type"] or match[0] in _DISTRICT_OFFICES:
                yield "abolished_level", match[0]


def _foreign_type(kind: str, own: str, above: set[str], record: PlanRecord) -> bool:
    """Whether a unit of this type is neither the plan's own nor one above it.

    Units above may be unknown, and a higher unit speaks of those below: only what cannot be is
    told.
    """
    if kind == own or any(parent.startswith(kind + " ") for parent in above):
        return False
    if own in COMMUNE_TYPES:
        if kind in COMMUNE_TYPES:
            return True
        known = any(p.startswith(("huyện ", "quận ", "thị xã ", "thành phố ")) for p in above)
        district = kind in ("huyện", "quận", "thị xã")
        return district and (known or _issued_after(record))
    return record.unit.level == "district" and kind in ("huyện", "quận", "thị xã")


def _known_unit(kind: str, words: str) -> str | None:
    """The longest name that these words begin with and that a unit of this type bears."""
    parts = words.split()
    for size in range(len(parts), 0, -1):
        name = " ".join(parts[:size])
        if gazetteer().find(kind, name):
            return f"{kind} {name}"
    return None


def _is_own(named: str, record: PlanRecord) -> bool:
    """Whether this is the plan's own unit, or one that took its place."""
    known = [fold(name) for name in (record.unit.name or "", *record.unit.successors)]
    return any(fold(named) in name or name in fold(named) for name in known if name)


def _issued_after(record: PlanRecord) -> bool:
    """Whether the plan is certainly of the time after the reorganisation."""
    return (record.issued.date or record.issued.not_before or "") >= REORGANISED


def _leftover(record: PlanRecord, passage: Passage, kind: Kind, words: str) -> Leftover:
    return Leftover(
        record.source.path, record.unit.name, kind, words, passage.text, passage.path,
        passage.page, passage.line,
    )  # fmt: skip
