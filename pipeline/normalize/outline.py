"""Sections of the document to sections of the record."""

from __future__ import annotations

from typing import cast, get_args

from pipeline.document import Document, Place
from pipeline.document import Item as FoundItem
from pipeline.document import Section as FoundSection
from pipeline.normalize.record import Item, Section, SectionId
from pipeline.normalize.where import own_words, where

_IDS = frozenset(get_args(SectionId))


def sections_of(document: Document) -> list[Section]:
    """The outline as the record holds it."""
    return [_section(document, section) for section in document.sections]


def _section(document: Document, section: FoundSection) -> Section:
    place = section.place
    return Section(
        ids=cast(list[SectionId], [name if name in _IDS else "other" for name in section.ids]),
        number=section.number,
        heading=section.heading,
        text=section.text,
        items=[_item(document, item) for item in section.items],
        children=[_section(document, child) for child in section.children],
        path=section.path,
        page=place.page,
        line_start=place.line_start,
        page_end=place.page_end,
        line_end=place.line_end,
        score=round(min(1.0, max(0.0, section.score)), 3),
        where=where(
            document,
            section.heading_place or _first_line(place),
            own_words(section.number, section.heading) or None,
        ),
    )


def _first_line(place: Place) -> Place:
    return Place(place.page, place.line_start, place.page, place.line_start)


def _item(document: Document, item: FoundItem) -> Item:
    return Item(
        marker=item.marker,
        text=item.text,
        path=item.path,
        where=where(document, item.place, item.text),
    )
