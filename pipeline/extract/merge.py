"""Two readings of one page, a text layer and OCR, made into one: word by word the better.

The pages are aligned by their words. Where a few words of the one stand against a few of the
other, the language model says which are likelier between their neighbours; how sure OCR was of its
own counts as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from rapidfuzz.distance import Levenshtein

from pipeline.document import Line, Page, Word
from pipeline.restore.choice import log_probability
from pipeline.restore.damage import quality

_MOST = 3  # words that are taken for as many others
_AHEAD = 2.0  # nats by which the words of the other reading must be likelier
_NO_CONFIDENCE = 0.9  # what a text layer's words count as: they were somebody's OCR, or are damaged
_ALIKE = 0.4  # similarity of two readings of the same print


@dataclass(frozen=True, slots=True)
class _Place:
    """A word of a page: the number of its line, and its number in the line."""

    line: int
    word: int


def merge(page: Page, other: Page) -> Page:
    """``page`` with the words that ``other``, another reading of it, has better."""
    own = [_Place(n, i) for n, line in enumerate(page.lines) for i in range(len(line.words))]
    mine = [page.lines[place.line].words[place.word] for place in own]
    theirs = [word for line in other.lines for word in line.words]
    taken: dict[_Place, list[Word]] = {}
    for start, end, first, last in _disagreements(mine, theirs):
        if len({place.line for place in own[start:end]}) != 1:
            continue
        before, after = (
            [word.text for word in mine[max(0, start - 1) : start]],
            [word.text for word in mine[end : end + 1]],
        )
        kept = _score(before, mine[start:end], after)
        if _score(before, theirs[first:last], after) > kept + _AHEAD:
            taken[own[start]] = theirs[first:last]
            taken.update((place, []) for place in own[start + 1 : end])
    if not taken:
        return page
    lines = tuple(_rewritten(line, n, taken) for n, line in enumerate(page.lines))
    text = "\n".join(line.text for line in lines if line.role == "body")
    return replace(page, lines=lines, method="mixed", quality=round(quality(text), 4))


def _disagreements(mine: list[Word], theirs: list[Word]) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of words against each other: start and end in both readings."""
    steps = Levenshtein.opcodes([word.text for word in mine], [word.text for word in theirs])
    for agreed, group in groupby(steps, key=lambda step: step.tag == "equal"):
        if agreed:
            continue
        stretch = list(group)
        start, end = stretch[0].src_start, stretch[-1].src_end
        first, last = stretch[0].dest_start, stretch[-1].dest_end
        if 0 < end - start <= _MOST and 0 < last - first <= _MOST:
            yield start, end, first, last
        elif end - start == last - first:
            for i in range(end - start):
                one, other = mine[start + i].text, theirs[first + i].text
                if Levenshtein.normalized_similarity(one, other) >= _ALIKE:
                    yield start + i, start + i + 1, first + i, first + i + 1


def _score(before: list[str], words: list[Word], after: list[str]) -> float:
    sure = sum(
        math.log(max(0.05, _NO_CONFIDENCE if word.confidence is None else word.confidence))
        for word in words
    )
    return sure + log_probability([*before, *(word.text for word in words), *after])


def _rewritten(line: Line, number: int, taken: dict[_Place, list[Word]]) -> Line:
    """``line`` with other words where some were taken; gaps between words stay."""
    if not any(_Place(number, i) in taken for i in range(len(line.words))):
        return line
    text, end = "", 0
    words: list[Word] = []
    for i, word in enumerate(line.words):
        others = taken.get(_Place(number, i))
        gap = line.raw[end : word.start]
        end = word.start + len(word.text)
        if others is None:
            words.append(replace(word, start=len(text) + len(gap)))
            text += gap + word.text
            continue
        for other in others:
            words.append(replace(other, start=len(text) + len(gap), box=word.box))
            text, gap = text + gap + other.text, " "
    text += line.raw[end:]
    confidences = [word.confidence for word in words if word.confidence is not None]
    sure = round(sum(confidences) / len(confidences), 4) if confidences else line.confidence
    return replace(line, text=text, raw=text, words=tuple(words), confidence=sure)
