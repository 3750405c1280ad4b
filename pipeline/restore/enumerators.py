"""Enumerators of headings, decided by the sequence that they stand in.

An OCR reads ``I.`` as ``|.``, ``1.`` or ``l.``, ``II.`` as ``1.`` or ``11.``, ``III.`` as ``111.``,
``V.`` as ``v.`` or ``Vv.``.
Level-1 headings of Vietnamese plans are Roman numerals before a heading in capitals (decree
30/2020/NĐ-CP, annex I). So candidates are lines in capitals behind something that may be a numeral,
and the reading is the one whose numbers rise by one at the least cost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

_HEADING = re.compile(
    r"\s*(?P<mark>[IVXLl1|!iH\]\[T¡fJjvx]{1,6})\s?(?P<stop>[.,:])\s*(?P<title>\S.*)"
)
_ABBREVIATIONS = frozenset({"TL", "TX"})  # "TL. CHỦ TỊCH" signs for him, "TX. PHÚ THỌ" is a town
_NUMERALS = tuple(
    tens + units
    for tens in ("", "X", "XX")
    for units in ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    if tens + units
)
_LOOKS_LIKE = str.maketrans(dict.fromkeys("l1|!i][T¡fJj", "I") | {"H": "II", "v": "V", "x": "X"})
_NEW_START = 3.0  # cost of starting at I again (an annex, an attached plan)
_JUMP = 2.5  # cost of a number that was skipped
_WRONG = 1.5  # cost of one stroke too few or too many
_SURELY = 2.0  # so much cheaper must another reading of true numerals be


def numeral_of(text: str) -> tuple[str, int] | None:
    """The Roman numeral that strokes look like, and its value; None where they look like none.

    >>> numeral_of("IH"), numeral_of("lV"), numeral_of("Stt")
    (('III', 3), ('IV', 4), None)
    """
    folded = text.translate(_LOOKS_LIKE)
    return (folded, _NUMERALS.index(folded) + 1) if folded in _NUMERALS else None


def _is_title(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    upper = sum(char.isupper() for char in letters)
    return len(letters) >= 4 and upper >= 0.8 * len(letters)


def numerals(lines: Sequence[str]) -> list[tuple[int, int, int, str]]:
    """Roman numerals that should stand otherwise: (line from 0, start, end, numeral).

    The lines are restored already, but for their enumerators.
    """
    found: list[tuple[int, int, int, str, str]] = []
    for number, line in enumerate(lines):
        match = _HEADING.match(line) if line else None
        if match and match["mark"] not in _ABBREVIATIONS and _is_title(match["title"]):
            start, end = match.span("mark")
            written = match["mark"]
            found.append((number, start, end, written, written.translate(_LOOKS_LIKE)))
    if not found:
        return []
    folded = [text for *_, text in found]
    reading = _rising(folded)
    if all(written in _NUMERALS for *_, written, _ in found):
        # Numerals all: a stroke was lost somewhere only if the numbers as they stand hardly rise.
        as_written = [_NUMERALS.index(text) for text in folded]
        # The first may continue another page.
        worse = _cost(as_written, folded) >= _cost(reading, folded) + _SURELY
        if reading[0] != as_written[0] or not worse:
            return []
    return [
        (number, start, end, _NUMERALS[value])
        for (number, start, end, written, _), value in zip(found, reading, strict=True)
        if _NUMERALS[value] != written
    ]


def _step(before: int | None, value: int) -> float:
    """The cost of a value (from 0) behind another; None: the first."""
    if before is None:
        return _JUMP * 0.5 * value
    if value == before + 1:
        return 0.0
    if value == 0:
        return _NEW_START
    return _JUMP * max(1, value - 1 - before) if value > before else 2 * _JUMP


def _cost(reading: Sequence[int], folded: Sequence[str]) -> float:
    """The cost of a reading, but for that of its beginning."""
    strokes = sum(
        Levenshtein.distance(text, _NUMERALS[value])
        for value, text in zip(reading, folded, strict=True)
    )
    return _WRONG * strokes + sum(_step(old, value) for old, value in pairwise(reading))


def _rising(folded: Sequence[str]) -> list[int]:
    """The cheapest sequence of values (from 0) for the folded numerals."""
    own = _WRONG * cdist(folded, _NUMERALS, scorer=Levenshtein.distance)
    first, steps = _steps()
    costs = own[0] + first
    back = []
    for row in own[1:]:
        ways = costs[:, np.newaxis] + steps
        back.append(ways.argmin(axis=0))
        costs = row + ways.min(axis=0)
    reading = [int(costs.argmin())]
    for origin in reversed(back):
        reading.append(int(origin[reading[-1]]))
    return reading[::-1]


@cache
def _steps() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The costs of each value as the first, and [before, value] of each behind another."""
    values = range(len(_NUMERALS))
    first = [_step(None, value) for value in values]
    return np.array(first), np.array([[_step(old, value) for value in values] for old in values])


_LETTER = re.compile(r"\s*(?P<letter>[a-zđ])\)\s")


def letters(lines: Sequence[str]) -> list[tuple[int, int, int, str]]:
    """The second of two ``d)`` in one list is ``đ)``: (line from 0, start, end, letter).

    Points are lettered a b c d đ e (decree 30/2020/NĐ-CP, annex I); a text without marks has d
    twice.
    """
    found = []
    before = ""
    for number, line in enumerate(lines):
        match = _LETTER.match(line) if line else None
        if match is None:
            continue
        if match["letter"] == before == "d":
            found.append((number, *match.span("letter"), "đ"))
        before = match["letter"]
    return found
