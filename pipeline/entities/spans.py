"""The text of a document as finders read it: paragraphs and points, each knowing its lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.document import Document, Item, Place, Section
from pipeline.segment.fold import fold
from pipeline.segment.rows import Row, rows

_ROW = re.compile(r"\d{1,2}(?:\.\d{1,2})?\.?(?:\s|$)")
# No paragraph of a document is so long; of one that is, finders read the beginning.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Span:
    """A paragraph, point or heading. ``folded`` has the same length as ``text``.

    ``path`` and ``ids`` are those of the outline; ``role`` is heading, text or item.
    """

    text: str
    folded: str
    path: str
    ids: tuple[str, ...]
    place: Place
    role: str
    lines: Lines

    def locate(self, start: int, end: int) -> Place:
        """The lines that hold ``text[start:end]``."""
        return self.lines.locate(self.text, self.place, start, end)


@dataclass(slots=True)
class Lines:
    """The cleaned lines of a document in order, to find the line of an offset in joined text."""

    rows: Sequence[Row]
    _index: dict[tuple[int, int], int] = field(default_factory=dict)
    _joined: dict[Place, tuple[str, list[int], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            self._index.setdefault((row.page, row.line), number)

    def of(self, place: Place) -> Sequence[Row]:
        """The rows from the first to the last line of ``place``."""
        first = self._index.get((place.page, place.line_start))
        last = self._index.get((place.page_end, place.line_end))
        if first is None or last is None:
            return []
        return self.rows[first : last + 1]

    def locate(self, text: str, place: Place, start: int, end: int) -> Place:
        """The lines of ``text[start:end]``, where ``text`` stands within ``place``."""
        if (place.page, place.line_start) == (place.page_end, place.line_end):
            return place
        joined, starts, first = self._join(place)
        if not starts:
            return place
        at = joined.find(text.replace("\n", " "))
        shift = at if at >= 0 else max(0, len(joined) - len(text))
        low = self.rows[first + bisect_right(starts, start + shift) - 1]
        high = self.rows[first + bisect_right(starts, max(start, end - 1) + shift) - 1]
        return Place(low.page, low.line, high.page, high.line)

    def _join(self, place: Place) -> tuple[str, list[int], int]:
        found = self._joined.get(place)
        if found is None:
            text, starts = "", []
            for row in self.of(place):
                glue = "" if text.endswith("/") or not text else " "
                starts.append(len(text) + len(glue))
                text = f"{text}{glue}{row.text}"
            first = self._index.get((place.page, place.line_start), 0)
            found = self._joined[place] = (text, starts, first)
        return found


def spans(document: Document) -> tuple[Span, ...]:
    """Headings, paragraphs and points of all sections, in order; an annex is one span."""
    return _last.spans(document)


class _LastSections:
    """The spans of the sections last asked for: two stages ask for the same ones in turn."""

    def __init__(self) -> None:
        self._kept: tuple[Sequence[Section], Sequence[Row], tuple[Span, ...]] = ((), (), ())

    def spans(self, document: Document) -> tuple[Span, ...]:
        sections, read = document.sections, rows(document)
        known, known_rows, found = self._kept  # at once: another thread may ask for another one
        if known is not sections or known_rows is not read:
            lines = Lines(read)
            found = tuple(s for section in sections for s in _of_section(section, lines))
            self._kept = sections, read, found
        return found


_last = _LastSections()


def _of_section(section: Section, lines: Lines) -> Iterator[Span]:
    if section.ids == ("appendix",):
        text = ""
        for item in section.items:
            # a row of a table begins with its number: no sentence runs across
            glue = "\n" if _ROW.match(item_text(item)) else " "
            text = f"{text}{glue}{item_text(item)}" if text else item_text(item)
        yield _span(text, section.path, section.ids, section.place, "text", lines)
        return
    if section.heading and section.heading_place:
        yield _span(
            section.heading, section.path, section.ids, section.heading_place, "heading", lines
        )
    for paragraph in section.paragraphs:
        yield _span(paragraph.text, paragraph.path, section.ids, paragraph.place, "text", lines)
    for item in section.items:
        yield _span(item.text, item.path, section.ids, item.place, "item", lines)
    for child in section.children:
        yield from _of_section(child, lines)


def item_text(item: Item) -> str:
    """A point with its marker, as the line has it."""
    return f"{item.marker} {item.text}" if item.marker else item.text


def _span(
    text: str, path: str, ids: tuple[str, ...], place: Place, role: str, lines: Lines
) -> Span:
    text = text[:LONGEST]
    return Span(text, fold(text), path, ids, place, role, lines)
