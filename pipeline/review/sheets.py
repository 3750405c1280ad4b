"""A document's lines as the page shows them: plain stretches, marked words, evidence.

A sheet is a page, or a part of one that is too long for a screen (a text file is one page).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pipeline.audit.passages import squeezed
from pipeline.document import Box, Document, Doubt, Edit, Page
from pipeline.normalize.doubts import SURE
from pipeline.normalize.record import Evidence, PlanRecord
from pipeline.review.linemap import LineMap
from pipeline.review.words import Placed, placed, replaced, target_of
from pipeline.store.reviews import Decided

_LINES = 120  # on a sheet
_QUITE_SURE = 0.98


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look at: kept in doubt (``best`` is offered), repaired, or decided by a person.

    ``start`` and ``end`` are offsets in the machine's line; ``machine`` stands there, ``shown`` is
    what the reader sees. ``sure`` is low, middle or high.
    """

    target: str
    start: int
    end: int
    machine: str
    shown: str
    raw: str
    confidence: float
    best: str = ""
    box: Box | None = None
    decision: Decided | None = None

    @property
    def open(self) -> bool:
        """Whether a person should decide on it."""
        return self.decision is None and (bool(self.best) or self.confidence < SURE)

    @property
    def sure(self) -> str:
        """How sure the reading is, as a class of the style sheet."""
        if self.decision is not None:
            return "decided"
        if self.open:
            return "low"
        return "high" if self.confidence >= _QUITE_SURE else "middle"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; ``indices`` are those that it is evidence of."""

    text: str
    word: Word | None = None
    indices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a sheet."""

    number: int
    machine: str
    text: str
    box: Box | None
    role: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines ``first`` to ``last`` of ``page``; ``open`` counts the words to decide on."""

    number: int
    page: Page
    first: int
    last: int
    open: int


@dataclass
class Sheets:
    """A document with the decisions on its words."""

    document: Document
    decisions: Sequence[Decided]

    @cached_property
    def placed(self) -> list[Placed]:
        """The decisions with their places in the machine's text."""
        return placed(self.document, self.decisions)[0]

    @cached_property
    def all(self) -> list[Sheet]:
        """The sheets in order; there is always one."""
        found: list[Sheet] = []
        for page in self.document.pages or (Page(1, ()),):
            for first in range(1, max(len(page.lines), 1) + 1, _LINES):
                last = min(first + _LINES - 1, len(page.lines))
                lines = range(first, last + 1)
                count = sum(w.open for n in lines for w in self.words(page.number, n))
                found.append(Sheet(len(found) + 1, page, first, last, count))
        return found

    def of(self, page: int, line: int) -> int:
        """The number of the sheet that holds a line; that of its page when no such line is."""
        on_page = [sheet for sheet in self.all if sheet.page.number == page]
        for sheet in on_page:
            if sheet.first <= line <= sheet.last:
                return sheet.number
        return on_page[0].number if on_page else 1

    def words(self, page: int, line: int) -> list[Word]:
        """The marked words of a line, in order."""
        return self._index.get((page, line), [])

    def open_words(self, sheet: Sheet | None = None) -> list[tuple[str, Word]]:
        """The words to decide on, of a sheet or of all, each with the machine's line."""
        return [
            (line.text, word)
            for page, number, line in self.document.lines()
            if sheet is None or (page == sheet.page.number and sheet.first <= number <= sheet.last)
            for word in self.words(page, number)
            if word.open
        ]

    @cached_property
    def _index(self) -> dict[tuple[int, int], list[Word]]:
        edits: dict[tuple[int, int], list[Edit]] = {}
        for edit in self.document.edits:
            edits.setdefault((edit.page, edit.line), []).append(edit)
        doubts: dict[tuple[int, int], list[Doubt]] = {}
        for doubt in self.document.doubts:
            doubts.setdefault((doubt.page, doubt.line), []).append(doubt)
        decided: dict[tuple[int, int], list[Placed]] = {}
        for one in self.placed:
            decided.setdefault((one.page, one.line), []).append(one)
        found = {}
        for page, number, line in self.document.lines():
            at = (page, number)
            if at in edits or at in doubts or at in decided:
                where = LineMap(line, edits.get(at, ()))
                marked = _marked(at, where, doubts.get(at, ()), decided.get(at, ()))
                found[at] = sorted(marked, key=lambda word: word.start)
        return found

    def text(self, page: int, line: int, machine: str) -> str:
        """A line as the reader sees it."""
        here = [one for one in self.placed if (one.page, one.line) == (page, line)]
        return replaced(machine, here)

    def lines(self, sheet: Sheet, record: PlanRecord) -> list[ShownLine]:
        """The lines of a sheet, with the evidence of the record's indices marked."""
        number = sheet.page.number
        texts = self._texts(number)
        marks: dict[int, list[tuple[int, int, str]]] = {}
        for finding in record.indices:
            for evidence in finding.evidence:
                if evidence.page in (number, number - 1):
                    for line, start, end in self._find(evidence, number, texts):
                        marks.setdefault(line, []).append((start, end, finding.id))
        shown = []
        for at in range(sheet.first, sheet.last + 1):
            one = sheet.page.lines[at - 1]
            pieces = tuple(_pieces(one.text, self.words(number, at), marks.get(at, [])))
            shown.append(ShownLine(at, one.text, texts[at], one.box, one.role, pieces))
        return shown

    def _texts(self, number: int) -> dict[int, str]:
        page = next((page for page in self.document.pages if page.number == number), None)
        lines = page.lines if page else ()
        return {at: self.text(number, at, line.text) for at, line in enumerate(lines, start=1)}

    def _find(
        self, evidence: Evidence, number: int, texts: dict[int, str]
    ) -> Iterator[tuple[int, int, int]]:
        """Stretches of the page's lines that hold the quotation; its line when it is not found."""
        letters: list[tuple[int, int, int, str]] = []  # page, line, offset, letter
        for page in self.document.pages:
            if evidence.page <= page.number <= evidence.page + 1:
                known = texts if page.number == number else self._texts(page.number)
                letters += _letters(page, known)
        text = "".join(letter for *_, letter in letters)
        quote = squeezed(evidence.quote)
        starts = _all(text, quote)
        if not starts:
            if evidence.page == number and texts.get(evidence.line):
                yield evidence.line, 0, len(texts[evidence.line])
            return
        wanted = (evidence.page, evidence.line)
        first = min(starts, key=lambda at: _distance(letters, at, at + len(quote), wanted))
        hit: dict[int, tuple[int, int]] = {}
        for page_number, line, offset, _ in letters[first : first + len(quote)]:
            if page_number == number:
                hit[line] = (hit.get(line, (offset, 0))[0], offset + 1)
        for number_of_line, (start, end) in hit.items():
            yield number_of_line, start, end


def _marked(
    at: tuple[int, int], where: LineMap, doubts: Iterable[Doubt], decided: Sequence[Placed]
) -> list[Word]:
    """The words of a line that were decided, doubted or repaired; the first counts most."""
    text = where.line.text
    spans: list[tuple[int, int, float, str]] = [
        (doubt.start, doubt.start + len(doubt.text), doubt.confidence, doubt.best.strip())
        for doubt in doubts
        if doubt.text
    ]
    for repair in where.repairs():
        if not any(_meet(repair.start, repair.end, start, end) for start, end, *_ in spans):
            spans.append((repair.start, repair.end, repair.confidence, ""))
    free = [
        span for span in spans
        if not any(_meet(span[0], span[1], one.start, one.end) for one in decided)
    ]  # fmt: skip
    words = [
        Word(
            target_of(*at, start), start, end, text[start:end], text[start:end],
            where.raw(start, end), sure, best, where.box(start, end),
        )
        for start, end, sure, best in free
    ]  # fmt: skip
    words += [
        Word(
            one.decision.target, one.start, one.end, text[one.start : one.end],
            one.decision.new, where.raw(one.start, one.end), 1.0,
            box=where.box(one.start, one.end), decision=one.decision,
        )
        for one in decided
    ]  # fmt: skip
    return words


def _meet(start: int, end: int, other_start: int, other_end: int) -> bool:
    return start < max(other_end, other_start + 1) and other_start < max(end, start + 1)


def _letters(page: Page, texts: dict[int, str]) -> Iterator[tuple[int, int, int, str]]:
    """The letters of a page's running text, white space squeezed, a blank between lines."""
    for number, line in enumerate(page.lines, start=1):
        if line.role not in ("body", "footnote"):
            continue
        blank = True
        for offset, letter in enumerate(texts.get(number, "")):
            if not letter.isspace():
                yield page.number, number, offset, letter
            elif not blank:
                yield page.number, number, offset, " "
            blank = letter.isspace()
        if not blank:
            yield page.number, number, len(texts[number]), " "


def _all(text: str, quote: str) -> list[int]:
    found: list[int] = []
    at = text.find(quote) if quote else -1
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    return found


def _distance(
    letters: Sequence[tuple[int, int, int, str]], start: int, end: int, wanted: tuple[int, int]
) -> int:
    first, last = letters[start][:2], letters[end - 1][:2]
    if first <= wanted <= last:
        return 0
    return 1000 * abs(first[0] - wanted[0]) + abs(first[1] - wanted[1])


def _pieces(
    machine: str, words: Sequence[Word], marks: Sequence[tuple[int, int, str]]
) -> Iterator[Piece]:
    """The line cut at its words and at the ends of evidence (offsets of ``marks``: as shown)."""
    at = shown_at = 0
    for word in words:
        yield from _plain(machine[at : word.start], shown_at, marks)
        shown_at += word.start - at
        end = shown_at + len(word.shown)
        yield Piece(word.shown, word, _within(shown_at, max(end, shown_at + 1), marks))
        at, shown_at = word.end, end
    yield from _plain(machine[at:], shown_at, marks)


def _plain(text: str, at: int, marks: Sequence[tuple[int, int, str]]) -> Iterator[Piece]:
    cuts = {0, len(text)}
    for start, end, _ in marks:
        cuts |= {min(max(edge - at, 0), len(text)) for edge in (start, end)}
    edges = sorted(cuts)
    for first, last in pairwise(edges):
        yield Piece(text[first:last], None, _within(at + first, at + last, marks))


def _within(start: int, end: int, marks: Sequence[tuple[int, int, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for first, last, name in marks if first < end and start < last))
