"""Where each letter of a restored line comes from in the line as it was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.document import Box, Edit, Line


@dataclass(slots=True)
class _Part:
    """A stretch: ``text`` as restored, ``raw`` as read; ``sure`` is None where both are one."""

    text: str
    raw: str
    sure: float | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """Words of the restored line, from ``start`` to ``end``, that were read as ``raw``."""

    start: int
    end: int
    raw: str
    confidence: float


class LineMap:
    """A line with its edits, replayed part by part."""

    def __init__(self, line: Line, edits: Iterable[Edit]) -> None:
        self.line = line
        self._parts = [_Part(line.raw, line.raw)]
        for edit in edits:
            self._apply(edit)

    def repairs(self) -> list[Repair]:
        """The words that were repaired, in order; what touches is one."""
        text = "".join(part.text for part in self._parts)
        spans: list[tuple[int, int, float]] = []
        at = 0
        for part in self._parts:
            end = at + len(part.text)
            if part.sure is not None and (part.text.strip() or part.raw.strip()):
                start, stop = _whole_words(text, at, end)
                if spans and start < spans[-1][1]:
                    first, last, sure = spans[-1]
                    spans[-1] = (first, max(last, stop), min(sure, part.sure))
                elif stop > start:
                    spans.append((start, stop, part.sure))
            at = end
        return [Repair(s, e, self.raw(s, e), c) for s, e, c in spans]

    def raw(self, start: int, end: int) -> str:
        """What was read for ``text[start:end]``."""
        first, last = self._raw_range(start, end)
        return self.line.raw[first:last].strip()

    def box(self, start: int, end: int) -> Box | None:
        """Where these words stand on the page, when the boxes of words are known."""
        first, last = self._raw_range(start, end)
        boxes = [
            word.box
            for word in self.line.words
            if word.box and word.start < last and first < word.start + len(word.text)
        ]
        if not boxes:
            return None
        return Box(
            min(box.x0 for box in boxes),
            min(box.top for box in boxes),
            max(box.x1 for box in boxes),
            max(box.bottom for box in boxes),
        )

    def _raw_range(self, start: int, end: int) -> tuple[int, int]:
        first = last = None
        at = raw_at = 0
        for part in self._parts:
            stop, raw_stop = at + len(part.text), raw_at + len(part.raw)
            if start < stop or (start <= stop and not part.text):
                whole = part.sure is not None
                if first is None:
                    first = raw_at if whole else raw_at + max(start - at, 0)
                if at < end or (at <= end and not part.text):
                    last = raw_stop if whole else min(raw_at + end - at, raw_stop)
            at, raw_at = stop, raw_stop
        first = raw_at if first is None else first
        return first, max(first, last or 0)

    def _apply(self, edit: Edit) -> None:
        """Replace what the edit covers; a part that was edited before goes with it whole."""
        start, end = edit.start, edit.start + len(edit.before)
        kept: list[_Part] = []
        hit = _Part("", "", edit.confidence)
        at, placed = 0, False
        for part in self._parts:
            stop = at + len(part.text)
            inside = start < stop and at < end
            if start == end and part.sure is None:  # an insertion cuts plain text only
                inside = at < start < stop
            if not inside:
                if not placed and at >= end:
                    kept.append(hit)
                    hit.text += edit.after
                    placed = True
                kept.append(part)
            elif part.sure is None:
                left, right = max(start - at, 0), min(end, stop) - at
                if left:
                    kept.append(_Part(part.text[:left], part.text[:left]))
                if not placed:
                    kept.append(hit)
                    hit.text += edit.after
                    placed = True
                hit.raw += part.text[left:right]
                if stop > end:
                    kept.append(_Part(part.text[right:], part.text[right:]))
            else:
                before, behind = part.text[: max(start - at, 0)], part.text[max(end - at, 0) :]
                if not placed:
                    kept.append(hit)
                    hit.text += before + edit.after
                    placed = True
                hit.text += behind if stop > end else ""
                hit.raw += part.raw
                hit.sure = min(edit.confidence, part.sure)
            at = stop
        if not placed:
            hit.text += edit.after
            kept.append(hit)
        self._parts = kept


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch widened to whole words, without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end
