"""A person's decisions on words, laid over the text that the machine restored.

A decision names its word by page, line and offset in the machine's text, and carries that line.
When a later run restores the file differently, the word is looked for where the line went.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from pipeline.document import Document, Edit
from pipeline.store.reviews import Decided

_ALIKE = 75.0  # the line of a decision must be there at least so much (0 to 100)


@dataclass(frozen=True, slots=True)
class Placed:
    """A decision on a word, with where that word stands in the machine's text now."""

    decision: Decided
    page: int
    line: int
    start: int
    end: int


def target_of(page: int, line: int, start: int) -> str:
    """The name of a word in decisions."""
    return f"{page}:{line}:{start}"


def parse_target(target: str) -> tuple[int, int, int] | None:
    """Page, line and offset of a word's name; None when it is none."""
    parts = target.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    page, line, start = (int(part[:9]) for part in parts)
    return page, line, start


def placed(document: Document, decisions: Iterable[Decided]) -> tuple[list[Placed], list[Decided]]:
    """Decisions on words with their places, in reading order, and those that fit nowhere any more.

    Of two that overlap, the newer one stands for both.
    """
    found: list[Placed] = []
    lost: list[Decided] = []
    for decision in sorted(decisions, key=lambda one: -one.id):
        at = _place(document, decision)
        if at is None:
            lost.append(decision)
        elif not any(_overlap(at, other) for other in found):
            found.append(at)
    found.sort(key=lambda one: (one.page, one.line, one.start))
    return found, sorted(lost, key=lambda one: one.id)


def _overlap(one: Placed, other: Placed) -> bool:
    same_line = (one.page, one.line) == (other.page, other.line)
    return same_line and one.start < other.end and other.start < one.end


def _place(document: Document, decision: Decided) -> Placed | None:
    target = parse_target(decision.target)
    if target is None:
        return None
    page, line, start = target
    end = start + len(decision.old)
    lines = {(number, at): one.text for number, at, one in document.lines()}
    here = lines.get((page, line), "")
    if here[start:end] == decision.old and fuzz.ratio(here, decision.context) >= _ALIKE:
        return Placed(decision, page, line, start, end)
    near = sorted(lines, key=lambda at: (abs(at[0] - page), abs(at[1] - line)))
    best = process.extractOne(
        decision.context, [lines[at] for at in near], scorer=fuzz.ratio, score_cutoff=_ALIKE
    )
    if best is None:
        return None
    page, line = near[best[2]]
    return Placed(decision, page, line, *_span(decision.context, best[0], start, end))


def _span(before: str, after: str, start: int, end: int) -> tuple[int, int]:
    """Where ``before[start:end]`` stands in ``after``, as whole words."""
    first = last = 0
    for code in Levenshtein.opcodes(before, after):
        if code.src_start <= start <= code.src_end:
            first = min(code.dest_start + start - code.src_start, code.dest_end)
        if code.src_start <= end <= code.src_end:
            last = min(code.dest_start + end - code.src_start, code.dest_end)
            if code.src_end > end:
                break
    last = max(first, last)
    while first > 0 and not after[first - 1].isspace():
        first -= 1
    while last < len(after) and not after[last].isspace():
        last += 1
    return first, last


def corrected(document: Document, decisions: Sequence[Placed]) -> Document:
    """The document as the person wants it: words replaced, doubts about them gone.

    What the person changed is in the edit log like any other repair, and a repair that they
    confirmed is sure.
    """
    by_line: dict[tuple[int, int], list[Placed]] = {}
    for one in decisions:
        by_line.setdefault((one.page, one.line), []).append(one)
    pages = []
    for page in document.pages:
        lines = list(page.lines)
        for number, line in enumerate(lines, start=1):
            here = by_line.get((page.number, number), ())
            if here:
                lines[number - 1] = replace(line, text=replaced(line.text, here))
        pages.append(replace(page, lines=tuple(lines)))
    settled = {at: _spans(here) for at, here in by_line.items()}
    doubts = []
    for doubt in document.doubts:
        spans = settled.get((doubt.page, doubt.line), [])
        end = doubt.start + max(len(doubt.text), 1)
        if not any(start < end and doubt.start < stop for start, stop, _ in spans):
            moved = sum(grown for _, stop, grown in spans if stop <= doubt.start)
            doubts.append(replace(doubt, start=doubt.start + moved))
    edits = [*_sure(document, settled), *_edits(by_line)]
    return replace(document, pages=tuple(pages), doubts=tuple(doubts), edits=tuple(edits))


def replaced(text: str, decisions: Sequence[Placed]) -> str:
    """``text`` with the words that were decided, in order of their places, put in."""
    for one in reversed(decisions):
        text = text[: one.start] + one.decision.new + text[one.end :]
    return text


def _spans(decisions: Iterable[Placed]) -> list[tuple[int, int, int]]:
    """Start and end of each in the machine's text, and by how much the line grows there."""
    return [(d.start, d.end, len(d.decision.new) - (d.end - d.start)) for d in decisions]


def _sure(
    document: Document, settled: dict[tuple[int, int], list[tuple[int, int, int]]]
) -> Iterator[Edit]:
    """The machine's edits, those that a person has decided on as sure ones."""
    for at, edit in zip(final_places(document.edits), document.edits, strict=True):
        spans = settled.get((edit.page, edit.line), ())
        end = at + max(len(edit.after), 1)
        sure = any(start < end and at < stop for start, stop, _ in spans)
        yield replace(edit, confidence=1.0) if sure else edit


def _edits(by_line: dict[tuple[int, int], list[Placed]]) -> Iterator[Edit]:
    for (page, line), here in sorted(by_line.items()):
        for one in reversed(here):  # from the right, so that offsets hold when they are applied
            if one.decision.new != one.decision.old:
                before = one.decision.old
                yield Edit("review", "person", page, line, one.start, before, one.decision.new, 1.0)


def final_places(edits: Sequence[Edit]) -> list[int]:
    """Where each edit stands in the final text of its line; offsets in the log are of its time."""
    places = [edit.start for edit in edits]
    by_line: dict[tuple[int, int], list[int]] = {}
    for number, edit in enumerate(edits):
        for earlier in by_line.setdefault((edit.page, edit.line), []):
            if places[earlier] >= edit.start + len(edit.before):
                places[earlier] += len(edit.after) - len(edit.before)
            elif places[earlier] > edit.start:
                places[earlier] = edit.start
        by_line[edit.page, edit.line].append(number)
    return places
