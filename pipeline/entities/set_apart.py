"""Acronyms that the page sets apart ("P A P I", "PA PI") and that a repair turned into words.

In a text whose words are broken, "P A P I" looks like one more word that lost letters. What the
file has is decisive: the acronym is told, with so little confidence that a person looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.document import Document, Mention, Place
from pipeline.entities.acronyms import set_apart
from pipeline.entities.spans import Span

_APART = re.compile(r"[A-Z0-9|]-? [A-Z0-9|]")
_UNSURE = 0.7  # below what audit.coverage counts without a person


def find_set_apart(
    document: Document, spans: Sequence[Span], known: Sequence[Mention]
) -> Iterator[Mention]:
    """Mentions in the extracted text of repaired lines that ``known`` does not have."""
    named = {(m.index, m.place.page, m.place.line_start) for m in known if m.form != "theme"}
    for page, number, line in document.lines():
        if line.raw == line.text or not _APART.search(line.raw):
            continue
        span = next((s for s in spans if _holds(s.place, page, number)), None)
        for index, match in set_apart(line.raw):
            if span is None or (index, page, number) in named:
                continue
            place = Place(page, number, page, number)
            yield Mention(
                index=index, form="abbr", text=match[0], quote=line.text.strip(), place=place,
                quote_place=place, path=span.path, section=span.ids,
                cited="legal_basis" in span.ids, confidence=_UNSURE,
            )  # fmt: skip


def _holds(place: Place, page: int, line: int) -> bool:
    first, last = (place.page, place.line_start), (place.page_end, place.line_end)
    return first <= (page, line) <= last
