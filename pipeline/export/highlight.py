"""A quotation in its context, with what was repaired in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from pipeline.audit.passages import squeezed, walk
from pipeline.normalize.record import Evidence, PlanRecord
from pipeline.segment.fold import fold

_WORD = re.compile(r"\S+")
_MAX_LENGTH = 4_000  # letters: a quotation is a sentence; beyond this an alignment explains nothing


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quotation; ``raw`` is what the file holds there, where that differs."""

    text: str
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotation in pieces, with what stands before and after it in the same section."""

    before: str
    pieces: tuple[Piece, ...]
    after: str


def passage(evidence: Evidence, texts: dict[str, list[str]], *, around: int = 240) -> Passage:
    """The evidence within the text of its section, ``around`` characters on each side.

    ``texts`` comes from :func:`texts_by_path`. Where the section does not hold the quotation (a
    table, a header), it stands alone.
    """
    pieces = tuple(repaired(evidence.quote, evidence.raw))
    quote = squeezed(evidence.quote)
    for path in _upwards(evidence.path):
        for text in texts.get(path, ()):
            at = text.find(quote) if quote else -1
            if at >= 0:
                before = _end(text[:at], around)
                return Passage(before, pieces, _start(text[at + len(quote) :], around))
    return Passage("", pieces, "")


def texts_by_path(record: PlanRecord) -> dict[str, list[str]]:
    """The texts of the record's sections and items, white space squeezed, by path."""
    found: dict[str, list[str]] = {}
    for section in walk(record.sections):
        if section.text:
            found.setdefault(section.path, []).append(squeezed(section.text))
        for item in section.items:
            found.setdefault(item.path, []).append(squeezed(item.text))
    return found


def repaired(quote: str, raw: str) -> Iterator[Piece]:
    """``quote`` in pieces: words as they stood in the file, and words that were repaired.

    ``raw`` may be longer than the quotation at both ends (whole lines); what sticks out is left
    aside. Pieces joined by a space give ``quote`` with its white space squeezed. Both are aligned
    letter by letter without diacritics, since these are what is mostly lost.

    >>> [(p.text, p.raw) for p in repaired("cơ quan nhà nước", "các c quan nhà n ớc, và")]
    [('cơ', 'c'), ('quan nhà', None), ('nước', 'n ớc')]
    """
    quote, raw = squeezed(quote), squeezed(raw)
    if not quote:
        return
    if not raw or quote in raw or max(len(quote), len(raw)) > _MAX_LENGTH:
        yield Piece(quote)
        return
    kept: list[str] = []
    for word, old in _words(quote, _window(quote, raw)):
        if old == word:
            kept.append(word)
            continue
        if kept:
            yield Piece(" ".join(kept))
            kept = []
        yield Piece(word, old)
    if kept:
        yield Piece(" ".join(kept))


def _window(quote: str, raw: str) -> str:
    """The stretch of ``raw`` that stands for ``quote``, whole words."""
    if len(raw) <= len(quote):
        return raw
    found = partial_ratio_alignment(fold(quote), fold(raw))
    if found is None:
        return raw
    first = raw.rfind(" ", 0, found.dest_start + 1) + 1
    last = raw.find(" ", found.dest_end)
    return raw[first : last if last >= 0 else len(raw)]


def _words(quote: str, raw: str) -> Iterator[tuple[str, str]]:
    """Each word of ``quote`` with the letters of ``raw`` that stand for it."""
    ends: list[int] = []  # for each letter of the quotation, the end of what stands for it
    for code in Levenshtein.opcodes(fold(raw), fold(quote)):
        if code.tag == "delete":
            if ends and len(ends) < len(quote):  # at either end it is no part of the quotation
                ends[-1] = code.src_end
            continue
        step, size = code.src_end - code.src_start, code.dest_end - code.dest_start
        ends += [code.src_start + min(n, step) for n in range(1, size + 1)]
    for word in _WORD.finditer(quote):
        first = ends[word.start() - 1] if word.start() else 0
        yield word.group(), raw[first : ends[word.end() - 1]].strip()


def _upwards(path: str) -> Iterator[str]:
    """``path`` and the paths above it: II.1.c, II.1, II."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _end(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    return "… " + text[-size:].partition(" ")[2]


def _start(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    return text[:size].rpartition(" ")[0] + " …"
