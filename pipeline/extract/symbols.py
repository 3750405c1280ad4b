"""The line of a document's own number, "Số: 36 /KH-UBND", set apart into its three parts.

The number is often by hand, larger than the print: OCR gives it to the symbol ("?2/KH-UBND"), or
leaves the stroke between them out ("72 KH-UBND"), or reads "Số" as "sẽ" beside it. The form leaves
no choice: what begins with "Số:" and ends in a symbol has a number, or a blank, and a stroke.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.extract import ocr
from pipeline.extract.lines import Cutting, TextLine
from pipeline.extract.tokens import Read
from pipeline.segment.fold import fold

Cut = Callable[[TextLine, int], Cutting]

_SO = re.compile(r"s.[:;.,]?")  # "Số:", also where it reads "S6", "sẽ:"
_PLAIN_SO = re.compile(r"[Ss]ố[:.]?")
# What the number was read as where it is glued to the symbol, the stroke, the symbol.
_SYMBOL = re.compile(r"([^\s/]{0,5}?)([/|⁄\\]?)((?:20\d\d/)?[A-ZĐÐ]{1,6}(?:[-–][A-ZĐÐ&]{2,}\w?)+)")
_STROKED = re.compile(r"([^\s/]{0,5})(/)((?:20\d\d/)?[A-ZĐÐ][\w&-]*)")
_STROKES = frozenset("/|⁄\\")
_FIGURES = re.compile(r"\d{1,5}[a-z]?")
_SURE = 0.9  # confidence of a number that was printed, and read, with its symbol as one word
_WORDS = 5  # of the line: "Số:", two that the number was read as, the stroke, the symbol
_SIGHT = 30  # pixels: the height of letters at which gaps are looked for
_INK = 160  # grey under which a pixel is ink
_JOINED = 0.5  # heights of a letter: a wider gap is a blank
_STROKE, _BESIDE = 0.8, 0.35  # heights of a letter: how wide the stroke is, how near its symbol
_SPECK = 9  # pixels: less ink is no sign


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """Where the number stands: words ``first`` to ``end`` of the line, between two columns.

    ``joined``: it is printed close to its symbol, and one word with it.
    """

    first: int
    end: int
    left: float
    right: float
    joined: bool


def own_number(line: TextLine, words: list[Read], cut: Cut) -> OwnNumber | None:
    """The number of a line "Số: … /KH-UBND"; None in other lines.

    ``words`` are mended: "Số:" and the stroke are put in, and what was read as one word is parted.
    """
    if not 2 <= len(words) <= _WORDS or not _SO.fullmatch(fold(words[0].text)):
        return None
    found = _SYMBOL.fullmatch(words[-1].text) or _STROKED.fullmatch(words[-1].text)
    if found is None:
        return None
    glued, stroke, symbol = found.groups()
    sure = words[-1].confidence >= _SURE and len(words) == 2
    if _FIGURES.fullmatch(glued) and stroke == "/" and sure:
        return None  # printed as one
    begin = words[-1].x0
    core = line.core_bottom - line.core_top
    runs = _runs(line, cut) if glued or not stroke else np.empty((0, 2))
    if glued:
        begin = _within(line, words, len(symbol) + len(stroke), runs, cut)
    if not stroke:
        begin = _of_stroke(runs, begin, core)
    if not words[0].x1 < begin < words[-1].x1:
        return None
    if not _PLAIN_SO.fullmatch(words[0].text):
        words[0] = replace(words[0], text="Số:")
    end = len(words) - 1
    if glued:
        words.insert(end, replace(words[-1], text=glued, x1=begin))
        end += 1
    elif end > 1 and words[end - 1].text in _STROKES:  # the stroke, by itself
        begin = min(begin, words[end - 1].x0)
        end -= 1
        del words[end]
    words[-1] = replace(words[-1], text="/" + symbol, x0=begin)
    before = runs[runs[:, 1] <= begin, 1].max(initial=0.0)
    return OwnNumber(1, end, words[0].x1, begin, bool(glued) and begin - before < _JOINED * core)


def _runs(line: TextLine, cut: Cut) -> NDArray[np.float64]:
    """Where the signs of the line begin and end, in columns of the page [n, 2]."""
    cutting = cut(line, _SIGHT)
    ink = (cutting.image < _INK).sum(axis=0)
    framed = np.concatenate([[False], ink > 0, [False]]).astype(np.int8)
    runs = np.flatnonzero(np.diff(framed)).reshape(-1, 2)
    held = [run for run in runs if ink[run[0] : run[1]].sum() >= _SPECK]
    return cutting.x + np.array(held, np.float64).reshape(-1, 2) / cutting.scale


def _of_stroke(runs: NDArray[np.float64], begin: float, core: float) -> float:
    """Where the stroke before ``begin`` begins; ``begin`` where there is none by itself."""
    before = runs[runs[:, 1] <= begin + 0.1 * core]
    if len(before):
        left, right = before[-1]
        if right - left < _STROKE * core and begin - right < _BESIDE * core:
            return float(left)
    return begin


def _within(
    line: TextLine, words: Sequence[Read], behind: int, runs: NDArray[np.float64], cut: Cut
) -> float:
    """Where the ink of the last word's part of ``behind`` characters begins.

    0 where it cannot be told: nothing may be cut off the number.
    """
    sight = ocr.see([cut(line, _SIGHT)])
    columns = sight.columns(" ".join(word.text for word in words)) if sight else []
    if not columns or not len(runs):
        return 0.0
    left, right = runs[np.abs(runs.mean(axis=1) - columns[-behind]).argmin()]
    return 0.0 if left <= columns[-behind - 1] <= right else float(left)
