"""Acronyms that the page sets apart ("P A P I", "PA PI") and that a repair turned into words.

In a text whose words are broken, "P A P I" looks like one more word that lost letters. What the
file has is decisive: the acronym is told, with so little confidence that a person looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.document import Document, Line, Mention, Place
from pipeline.entities.acronyms import set_apart, speaks_of_an_index
from pipeline.entities.spans import Span

_APART = re.compile(r"[A-Z0-9|]-? [A-Z0-9|]")
# A line that ends within an acronym, and one that begins with the rest of it.
_CUT = re.compile(r"(?:^|[^\w.-])[A-Z0-9|]{1,5}-?\s*$")
_REST = re.compile(r"\s*[A-Z0-9|]{1,5}(?!\w)")
_NONE = (0, 0, Line.of(""))  # behind the last line
_SURE = 0.85
_UNSURE = 0.7  # below what audit.coverage counts without a person


def find_set_apart(
    document: Document, spans: Sequence[Span], known: Sequence[Mention]
) -> Iterator[Mention]:
    """Mentions in the text as it was extracted that ``known`` does not have.

    Looked for in repaired lines, and across the ends of all lines: a line that begins with a
    capital passes for a new paragraph, though it may be the rest of an acronym. Only behind "chỉ
    số", in a line that needed no repair, are they sure enough to count without a person.
    """
    named = {(m.index, m.place.page, m.place.line_start) for m in known if m.form != "theme"}
    lines = [found for found in document.lines() if found[2].raw.strip()]
    following = [*lines, _NONE][1:]
    for (page, number, line), (next_page, _, after) in zip(lines, following, strict=True):
        text = line.raw
        if page == next_page and _CUT.search(text) and (rest := _REST.match(after.raw)):
            text = f"{text.rstrip()} {rest[0].lstrip()}"
        elif line.raw == line.text or not _APART.search(text):
            continue
        span = next((s for s in spans if _holds(s.place, page, number)), None)
        for index, match in set_apart(text):
            repaired = line.raw != line.text or match.end() > len(line.raw.rstrip())
            if span is None or not repaired or (index, page, number) in named:
                continue
            place = Place(page, number, page, number)
            sure = line.raw == line.text and speaks_of_an_index(text, match.start())
            yield Mention(
                index=index, form="abbr", text=match[0], quote=line.text.strip(), place=place,
                quote_place=place, path=span.path, section=span.ids,
                cited="legal_basis" in span.ids, confidence=_SURE if sure else _UNSURE,
            )  # fmt: skip


def _holds(place: Place, page: int, line: int) -> bool:
    first, last = (place.page, place.line_start), (place.page_end, place.line_end)
    return first <= (page, line) <= last
