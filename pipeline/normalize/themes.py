"""Reform areas and channels of the record, from what the entity stage found."""

from __future__ import annotations

from dataclasses import replace
from typing import cast, get_args

from pipeline.document import Document, Entity
from pipeline.entities.find import raw_text
from pipeline.normalize.duties import walk
from pipeline.normalize.record import AreaFinding, Channel, Evidence, SectionId
from pipeline.normalize.where import sureness
from pipeline.segment.tables import table

_TELLING = frozenset({"content", "appendix"})
_IDS = frozenset(get_args(SectionId))
# So many places are enough to show that a theme is there.
_PLACES = 5


def areas_of(document: Document) -> list[AreaFinding]:
    """All six areas in their order; those that the plan does not touch are absent.

    Where sections tell the content, what others name in passing does not count.
    """
    if any("content" in section.ids for section in walk(document.sections)):
        told = tuple(e for e in document.entities if e.kind == "area" and _TELLING & {*e.section})
        document = replace(document, entities=told)
    names = sorted(table("areas"), key=lambda name: int(table("areas")[name]["order"]))
    return [
        AreaFinding(
            id=name,
            status="covered" if (proof := _evidence(document, "area", name)) else "absent",
            evidence=proof,
        )
        for name in names
    ]


def channels_of(document: Document) -> list[Channel]:
    """The channels that the plan names, in the order of the table."""
    return [
        Channel(id=name, mode=entry["mode"], evidence=proof)
        for name, entry in table("channels").items()
        if (proof := _evidence(document, "channel", name))
    ]


def _evidence(document: Document, kind: str, value: str) -> list[Evidence]:
    found = [e for e in document.entities if e.kind == kind and e.value == value]
    return [_proof(document, entity) for entity in found[:_PLACES]]


def _proof(document: Document, entity: Entity) -> Evidence:
    return Evidence(
        quote=entity.text,
        raw=raw_text(document, entity.place),
        path=entity.path,
        section=cast(list[SectionId], [name for name in entity.section if name in _IDS]),
        page=entity.place.page,
        line=entity.place.line_start,
        confidence=min(entity.confidence, sureness(document, entity.place, entity.text)),
    )
