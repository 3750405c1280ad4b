"""A word that OCR made of two, parted where the image shows them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.extract import ocr
from pipeline.extract.lines import Cutting, TextLine
from pipeline.extract.tokens import Read

Cut = Callable[[TextLine, int], Cutting]

Side = Literal["left", "right"]

_HALF = 0.45  # heights of a letter: half of a letter, with the gap before it
_SIGHT = 30  # pixels: the height of letters at which gaps are looked for
_INK = 160  # grey under which a pixel is ink
_SPECK = 9  # pixels: less ink is no sign


def part_word(
    line: TextLine, words: list[Read], index: int, at: int, cut: Cut, *, printed: Side
) -> bool:
    """Part word ``index`` before its character ``at``; False where its place is not known.

    That is the gap that is nearest to the side that is ``printed``, since figures by hand may have
    been read as fewer than they are, or half-way between the two characters where they touch.
    """
    columns = _columns(line, words, cut)
    if not columns:
        return False
    place = _place(words, index) + at
    left, right = columns[place - 1], columns[place]
    gaps = [
        begin
        for (_, end), (begin, _) in pairwise(runs_of(line, cut).tolist())
        if left <= end and begin <= right
    ]
    word = words[index]
    x = (left + right) / 2 if not gaps else gaps[0] if printed == "left" else gaps[-1]
    if not word.x0 < x < word.x1:
        return False
    words[index : index + 1] = [
        replace(word, text=word.text[:at], x1=x),
        replace(word, text=word.text[at:], x0=x),
    ]
    return True


def tighten(line: TextLine, words: list[Read], index: int, cut: Cut) -> None:
    """Let word ``index`` begin with its first character: what is before it is by hand, unread."""
    columns = _columns(line, words, cut)
    core = line.core_bottom - line.core_top
    if columns:
        first = columns[_place(words, index)] - _HALF * core
        if words[index].x0 < first - _HALF * core:
            words[index] = replace(words[index], x0=first)


def _columns(line: TextLine, words: Sequence[Read], cut: Cut) -> list[float]:
    sight = ocr.see([cut(line, _SIGHT)])
    return sight.columns(" ".join(word.text for word in words)) if sight else []


def _place(words: Sequence[Read], index: int) -> int:
    """Where word ``index`` begins in the text of the line."""
    return sum(len(word.text) + 1 for word in words[:index])


def runs_of(line: TextLine, cut: Cut) -> NDArray[np.float64]:
    """Where the signs of the line begin and end, in columns of the page [n, 2]."""
    cutting = cut(line, _SIGHT)
    ink = (cutting.image < _INK).sum(axis=0)
    framed = np.concatenate([[False], ink > 0, [False]]).astype(np.int8)
    runs = np.flatnonzero(np.diff(framed)).reshape(-1, 2)
    held = [run for run in runs if ink[run[0] : run[1]].sum() >= _SPECK]
    return cutting.x + np.array(held, np.float64).reshape(-1, 2) / cutting.scale
