"""From a place in the document to ``Where`` in the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.document import Document, Doubt, Edit, Page, Place
from pipeline.entities.find import raw_text
from pipeline.normalize.record import Where
from pipeline.segment.fold import fold

# A word that was kept although it looks wrong is not believed more than this.
_KEPT = 0.5
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class UnsureWord:
    """What was repaired (``text`` is the reading), or kept in doubt, and how sure it is."""

    text: str
    before: str
    sure: float

    @property
    def words(self) -> frozenset[str]:
        """The words that are new; a repair may hold their neighbours."""
        return _changed(self.before, self.text)


def where(document: Document, place: Place | None, value: str | None = None) -> Where | None:
    """Page, lines, raw text and confidence of a place; None for None.

    ``value`` is what stands there, in its own words: then these alone count for the confidence. A
    place that runs over a page break is given up to the last line of its first page, its raw text
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
        confidence=sureness(document, place, value),
    )


def sureness(document: Document, place: Place, value: str | None = None) -> float:
    """The confidence of the least sure word of a value, or of its lines (0 to 1)."""
    return min((word.sure for word in unsure_words(document, place, value)), default=1.0)


def unsure_words(
    document: Document, place: Place, value: str | None = None
) -> Sequence[UnsureWord]:
    """The words of a value that restoration repaired or left in doubt.

    Those of all its lines where the value is not in the words of these lines: a date of two places,
    a name brought to the spelling of a table.
    """
    lines = _unsure.lines(document)
    if not lines:
        return ()
    parts = list(_parts(document, place))
    found = [
        word
        for page, first, last in parts
        for line in range(first, last + 1)
        for word in lines.get((page.number, line), ())
    ]
    if not found or value is None:
        return found
    own = words_of(value)
    here: set[str] = set()
    for page, first, last in parts:
        here.update(*(words_of(line.text) for line in page.lines[first - 1 : last]))
    if not own or not own <= here:
        return found
    return [word for word in found if word.words & own]


@lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded; numbers without leading zeros, as in dates.

    >>> sorted(words_of("Ngày 05/3/2025")) == sorted(words_of("2025-03-05, ngay"))
    True
    """
    return frozenset(word.lstrip("0") or "0" for word in _WORD.findall(fold(text)))


def own_words(*values: str | None) -> str:
    """Several values as one, for what they rest on together."""
    return " ".join(value for value in values if value)


def _parts(document: Document, place: Place) -> Iterator[tuple[Page, int, int]]:
    """The pages of a place, with its first and last line there."""
    for page in document.pages:
        if place.page <= page.number <= place.page_end:
            first = place.line_start if page.number == place.page else 1
            yield page, first, place.line_end if page.number == place.page_end else len(page.lines)


class _Unsure:
    """The unsure words by line of the document last asked for."""

    def __init__(self) -> None:
        nothing: dict[tuple[int, int], list[UnsureWord]] = {}
        self._kept: tuple[Sequence[Edit], Sequence[Doubt], dict[tuple[int, int], list[UnsureWord]]]
        self._kept = ((), (), nothing)

    def lines(self, document: Document) -> dict[tuple[int, int], list[UnsureWord]]:
        edits, doubts = document.edits, document.doubts
        known, known_doubts, lines = self._kept  # at once: another thread may ask for another one
        if known is not edits or known_doubts is not doubts:
            lines = {}
            for edit in edits:
                if text := edit.after.strip():
                    word = UnsureWord(text, edit.before, max(0.0, round(edit.confidence, 3)))
                    lines.setdefault((edit.page, edit.line), []).append(word)
            for doubt in doubts:
                word = UnsureWord(doubt.text, "", max(0.0, min(_KEPT, round(doubt.confidence, 3))))
                lines.setdefault((doubt.page, doubt.line), []).append(word)
            self._kept = edits, doubts, lines
        return lines


_unsure = _Unsure()


@lru_cache(maxsize=8192)
def _changed(before: str, after: str) -> frozenset[str]:
    known = set(_WORD.findall(before.lower()))
    return words_of(" ".join(word for word in _WORD.findall(after) if word.lower() not in known))
