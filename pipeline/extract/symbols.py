"""The line of a document's own number, "Số: 36 /KH-UBND", set apart into its three parts.

The number is often by hand, larger than the print: OCR gives it to the symbol ("?2/KH-UBND"), or
leaves the stroke between them out ("72 KH-UBND"), or reads "Số" as "sẽ" beside it. The form leaves
no choice: what begins with "Số:" and ends in a symbol has a number, or a blank, and a stroke.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract.lines import TextLine
from pipeline.extract.parting import Cut, part_word, runs_of
from pipeline.extract.tokens import Read

# "Số:", also where it reads "S6", "sẽ:", "96:"; not "Sở".
_SO = re.compile(r"[Ss][ốôóồổỗộ06][.,]?|[Ss]\S[:;]|\d\S:|\S\d:")
_PLAIN_SO = re.compile(r"[Ss]ố[:.]?")
_SO_GLUED = re.compile(r"([Ss]\S[:;])(\S+)")
# What the number was read as where it is glued to the symbol, the stroke, the symbol.
_SYMBOL = re.compile(r"(\S{0,6}?)([/|⁄\\]?)((?:20\d\d/)?[A-ZĐÐ]{2,6}(?:[-–][A-ZĐÐ&]{2,}\w?)+)")
_STROKED = re.compile(r"([^\s/]{0,5})(/)((?:20\d\d/)?[A-ZĐÐ][\w&-]*)")
_STROKES = frozenset("/|⁄\\")
_FIGURES = re.compile(r"\d{1,5}[a-z]?")
_SURE = 0.9  # confidence of a number that was printed, and read, with its symbol as one word
_WORDS = 5  # of the line: "Số:", two that the number was read as, the stroke, the symbol
_JOINED = 0.5  # heights of a letter: a wider gap is a blank
_STROKE, _BESIDE = 0.8, 0.35  # heights of a letter: how wide the stroke is, how near its symbol


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


def begins(words: Sequence[Read]) -> bool:
    """Whether a line is "Số:" alone: what is written behind it, higher, was taken for another."""
    return len(words) == 1 and bool(_SO.fullmatch(words[0].text))


def ends(words: Sequence[Read]) -> bool:
    """Whether a line ends in a symbol."""
    return 1 <= len(words) < _WORDS and bool(_SYMBOL.fullmatch(words[-1].text))


def own_number(line: TextLine, words: list[Read], cut: Cut) -> OwnNumber | None:
    """The number of a line "Số: … /KH-UBND"; None in other lines.

    ``words`` are mended: "Số:" and the stroke are put in, and what was read as one word is parted.
    """
    if not 1 <= len(words) <= _WORDS:
        return None
    found = _SYMBOL.fullmatch(words[-1].text) or _STROKED.fullmatch(words[-1].text)
    begun = _SO_GLUED.fullmatch(words[0].text)
    if begun and _SYMBOL.fullmatch(words[-1].text.removeprefix(begun[1])):
        if not part_word(line, words, 0, len(begun[1]), cut, printed="left"):
            return None
        found = _SYMBOL.fullmatch(words[-1].text)
    if found is None or len(words) < 2 or not _SO.fullmatch(words[0].text):
        return None
    glued, stroke, symbol = found.groups()
    sure = words[-1].confidence >= _SURE and len(words) == 2
    if _FIGURES.fullmatch(glued) and stroke == "/" and sure:
        return None  # printed as one
    last = len(words) - 1
    if glued and not part_word(line, words, last, len(glued), cut, printed="right"):
        return None
    begin = words[-1].x0
    core = line.core_bottom - line.core_top
    runs = runs_of(line, cut).tolist() if glued or not stroke else []
    before = [(left, right) for left, right in runs if right <= begin + 0.1 * core]
    if not stroke and before:
        left, right = before[-1]
        if right - left < _STROKE * core and begin - right < _BESIDE * core:
            begin = left
    if not words[0].x1 < begin < words[-1].x1:
        return None
    if not _PLAIN_SO.fullmatch(words[0].text):
        words[0] = replace(words[0], text="Số:")
    end = len(words) - 1
    if not glued and end > 1 and words[end - 1].text in _STROKES:  # the stroke, by itself
        begin = min(begin, words[end - 1].x0)
        end -= 1
        del words[end]
    words[-1] = replace(words[-1], text="/" + symbol, x0=begin)
    close = max((right for _, right in before if right <= begin), default=0.0)
    return OwnNumber(1, end, words[0].x1, begin, bool(glued) and begin - close < _JOINED * core)
