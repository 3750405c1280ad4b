"""From a place in the document to ``Where`` in the record."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.document import Document, Doubt, Edit, Place
from pipeline.entities.find import raw_text
from pipeline.normalize.record import Where

# A word that was kept although it looks wrong is not believed more than this.
_KEPT = 0.5


def where(document: Document, place: Place | None) -> Where | None:
    """Page, lines, raw text and confidence of a place; None for None.

    A place that runs over a page break is given up to the last line of its first page, its raw text
    and confidence in full.
    """
    if place is None:
        return None
    last = place.line_end
    if place.page_end != place.page:
        page = next((p for p in document.pages if p.number == place.page), None)
        last = max(place.line_start, len(page.lines)) if page else place.line_start
    return Where(
        page=place.page,
        line_start=place.line_start,
        line_end=last,
        raw=raw_text(document, place),
        confidence=sureness(document, place),
    )


def sureness(document: Document, place: Place) -> float:
    """The confidence of the least sure word on the lines of a place, 0 to 1."""
    lines = _unsure.lines(document)
    if not lines:
        return 1.0
    if place.page == place.page_end:
        numbers = range(place.line_start, place.line_end + 1)
        return min((lines.get((place.page, n), 1.0) for n in numbers), default=1.0)
    first, last = (place.page, place.line_start), (place.page_end, place.line_end)
    return min((sure for at, sure in lines.items() if first <= at <= last), default=1.0)


class _Unsure:
    """The least sure word of each line of the document last asked for."""

    def __init__(self) -> None:
        self._of: tuple[Sequence[Edit], Sequence[Doubt]] = ((), ())
        self._lines: dict[tuple[int, int], float] = {}

    def lines(self, document: Document) -> dict[tuple[int, int], float]:
        edits, doubts = document.edits, document.doubts
        if self._of[0] is not edits or self._of[1] is not doubts:
            lines: dict[tuple[int, int], float] = {}
            words = [(e.page, e.line, e.confidence) for e in edits if e.after.strip()]
            words += [(d.page, d.line, min(_KEPT, d.confidence)) for d in doubts]
            for page, line, sure in words:
                lines[page, line] = min(lines.get((page, line), 1.0), max(0.0, round(sure, 3)))
            self._of, self._lines = (edits, doubts), lines
        return self._lines


_unsure = _Unsure()
