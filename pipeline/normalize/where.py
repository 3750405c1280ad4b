"""From a place in the document to ``Where`` in the record."""

from __future__ import annotations

from pipeline.document import Document, Place
from pipeline.entities.find import raw_text
from pipeline.normalize.record import Where


def where(document: Document, place: Place | None) -> Where | None:
    """Page, lines and raw text of a place; None for None.

    A place that runs over a page break is given up to the last line of its first page, its raw text
    in full.
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
    )
