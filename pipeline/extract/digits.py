"""Numbers of dates and of the document that OCR was not sure of, read again as figures alone.

An italic "4" alone between words is read as "ý", "#" or "£" by a model of Vietnamese text; read as
a figure, it is one. The blank between "ngày" and "tháng" is cut out and read in six sizes and two
ways, as it is and set upright, by the model of English, whose figures are better; what most of the
readings say is taken, with its share of the votes as its confidence, and else it stays as it was.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import cv2
import numpy as np

from pipeline.extract import ocr
from pipeline.extract.lines import PAD, Cutting, TextLine
from pipeline.extract.tokens import Read
from pipeline.segment.fold import fold

_SURE = 0.9  # confidence of a number that is not read again
_CAPITALS = (22, 26, 30, 36, 42, 48)  # pixels: heights of the letters
# Tesseract's model and page segmentation: one line, one word. A number by hand is no word to it.
_READERS = {
    "date": ((ocr.FIGURES, ocr.ONE_LINE), (ocr.FIGURES, ocr.ONE_WORD)),
    "number": ((ocr.FIGURES, ocr.ONE_LINE), (ocr.LANGUAGE, ocr.ONE_LINE)),
}
_UPRIGHT = 0.21  # slope of italics (12 degrees)
# Votes of a first reading that is sure, in readings, where it is a number that may stand there.
_FIRST = 0.4
# What is taken has so many of all readings, and so large a share of those that may stand there:
# figures that stand upright are often read as nothing when they are turned.
_LEAST, _ENOUGH, _CLEAR = 3, 1 / 3, 0.6
_NARROW = 5  # pixels
_BEFORE = 0.6  # heights of a letter that a figure may begin before its word, where words overlap
_INK = 160  # grey under which a pixel is ink
_LOW = 0.5  # of the height of a figure: specks, and what reaches in of the words beside
_MOST = {"day": 31, "month": 12}
_LONGEST = 5  # figures of a document's number
_NUMBER = re.compile("s.")  # "Số:", also where it reads "S6", "Sé"
_SYMBOL = re.compile(r"/\s?[A-ZĐÐ]")
_YEARS = range(1945, 2100)
_FRAME = (("day", "ngay", "thang"), ("month", "thang", "nam"), ("year", "nam", ""))

Cut = Callable[[TextLine, int], Cutting]


@dataclass(frozen=True, slots=True)
class Blank:
    """A number that was read badly: which of the words of the line it is, and where."""

    part: str
    first: int
    end: int
    line: TextLine


def doubtful_numbers(line: TextLine, words: Sequence[Read]) -> list[Blank]:
    """Numbers of a line ("Số: 2? /KH-UBND", "tháng ý năm 2026") that OCR was not sure of."""
    folded = [fold(word.text).strip(".,;:()") for word in words]
    found = _own_number(line, words, folded)
    if "thang" not in folded:
        return found
    for part, before, behind in _FRAME:
        for index, word in enumerate(folded):
            if word != before or not _dated(folded, index):
                continue
            end = _closing(folded, index, behind)
            first = index + 1
            if end is None or _is_sure(words[first:end], part):
                continue
            left = words[index].x1
            if words[first].x0 < left:  # the word before was given a part of it
                left = words[first].x0 - _BEFORE * (line.core_bottom - line.core_top)
            right = words[end].x0 if end < len(words) else words[end - 1].x1 + 2
            if part == "year":
                right = words[end - 1].x1 + 2
            if right - left >= _NARROW:
                within = replace(line, x0=int(left) + 1, x1=int(right) - 1)
                found.append(Blank(part, first, end, within))
    return found


def _own_number(line: TextLine, words: Sequence[Read], folded: Sequence[str]) -> list[Blank]:
    """The number between "Số:" and "/KH-UBND", often by hand, where it was read badly."""
    behind = enumerate(words[1:3], start=1)
    place = next((k for k, word in behind if _SYMBOL.match(word.text)), 0)
    if not place or not _NUMBER.fullmatch(folded[0]):
        return []
    if _is_sure(words[1:place], "number") or words[place].x0 - words[0].x1 < _NARROW:
        return []
    within = replace(line, x0=int(words[0].x1) + 1, x1=int(words[place].x0) - 1)
    return [Blank("number", 1, place, within)]


def _dated(folded: Sequence[str], index: int) -> bool:
    """Whether the word belongs to "ngày … tháng … năm …", at most one word in each gap."""
    near = folded[max(0, index - 4) : index + 5]
    return "ngay" in near and "thang" in near and "nam" in near


def _closing(folded: Sequence[str], index: int, behind: str) -> int | None:
    """Where the number behind word ``index`` ends; None when it is not one word, or none."""
    if not behind:
        return index + 2 if index + 1 < len(folded) else None
    for end in (index + 1, index + 2):
        if end < len(folded) and folded[end] == behind:
            return end
    return None


def _is_sure(words: Sequence[Read], part: str) -> bool:
    return len(words) == 1 and words[0].confidence >= _SURE and _valid(words[0].text, part)


def _valid(text: str, part: str) -> bool:
    text = text.strip(".,;:()")
    if not text.isascii() or not text.isdigit():
        return False
    if part == "year":
        return int(text) in _YEARS
    if part == "number":
        return len(text) <= _LONGEST
    return len(text) <= 2 and 1 <= int(text) <= _MOST[part]


def read_again(places: Sequence[tuple[list[Read], list[Blank], Cut]], seconds: float = 0.0) -> None:
    """Read the doubtful numbers of lines again; better ones are put into the words of the lines.

    Each place is a line's words, its doubtful numbers, and what cuts a line at a height of letters.
    Where tesseract's data for English is missing, or it takes more than ``seconds`` (0: no bound),
    the first reading stays.
    """
    blanks = [(words, blank, cut) for words, found, cut in places for blank in found]
    if not blanks or not ocr.reads(ocr.FIGURES):
        return
    asked: list[tuple[int, Cutting]] = []  # cuttings, each with the number of its blank
    for number, (_, blank, cut) in enumerate(blanks):
        for capital in _CAPITALS:
            cutting = _without_edges(cut(blank.line, capital), capital)
            # dates of a letterhead are in italics, the document's own number is not
            ways = [cutting] if blank.part == "number" else [cutting, _upright(cutting)]
            asked += [(number, way) for way in ways]
    votes: list[Counter[str]] = [Counter() for _ in blanks]
    with contextlib.suppress(ocr.OcrError):
        for language, mode in sorted(set(chain(*_READERS.values()))):
            some = [one for one in asked if (language, mode) in _readers(blanks[one[0]][1])]
            read = ocr.read_figures([cutting for _, cutting in some], mode, seconds, language)
            for (number, _), words in zip(some, read, strict=True):
                votes[number]["".join(word.text for word in words)] += 1
    # From the end of each line, so that places of the words before stay as they are.
    for (words, blank, _), counted in sorted(
        zip(blanks, votes, strict=True), key=lambda one: -one[0][1].first
    ):
        _put(words, blank, counted)


def _readers(blank: Blank) -> tuple[tuple[str, int], ...]:
    return _READERS["number" if blank.part == "number" else "date"]


def _upright(cutting: Cutting) -> Cutting:
    """The cutting with its italics set upright; the same height, a little wider."""
    height, width = cutting.image.shape
    wider = round(_UPRIGHT * height)
    turn = np.array([[1, _UPRIGHT, 0], [0, 1, 0]], dtype=np.float32)
    image = cv2.warpAffine(
        cutting.image, turn, (width + wider, height), flags=cv2.INTER_CUBIC, borderValue=255
    )
    return replace(cutting, image=image.astype(np.uint8))


def _without_edges(cutting: Cutting, capital: int) -> Cutting:
    """The cutting without what reaches in of the words beside: low pieces at its edges."""
    ink = (cutting.image < _INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    edge = PAD * capital + 4 * cutting.scale
    left, width, height = (
        stats[:, one] for one in (cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    outer = (left <= edge) | (left + width >= ink.shape[1] - edge)
    pieces = np.flatnonzero(outer & (height < _LOW * capital))
    near = cv2.dilate(np.isin(labels, pieces[pieces > 0]).astype(np.uint8), np.ones((5, 5)))
    image = np.where(near > 0, 255, cutting.image).astype(np.uint8)
    return replace(cutting, image=image)


def _put(words: list[Read], blank: Blank, counted: Counter[str]) -> None:
    """Put the number in that most readings as figures agree on; "01" and "1" are one number."""
    readings = counted.total()
    old = words[blank.first : blank.end]
    written = old[0].text if len(old) == 1 else ""
    core = written.strip(".,;:()")
    first = round(_FIRST * readings * max(word.confidence for word in old)) if old else 0
    votes: dict[int, Counter[str]] = {}
    for text, times in (*counted.items(), (core, first)):
        if _valid(text, blank.part):
            votes.setdefault(int(text), Counter())[text] += times
    if not votes:
        return
    best = max(votes.values(), key=Counter.total)
    count = best.total()
    figures = best.most_common(1)[0][0]
    valid = sum(map(Counter.total, votes.values()))
    if _valid(core, blank.part):
        if len(core) < min(map(len, best)):
            valid -= first  # a figure was lost
        valid -= sum(  # "2" speaks neither for 22 nor for 29
            times
            for text, times in counted.items()
            if _valid(text, blank.part)
            and text not in (core, *best)
            and text in core
            and text in figures
        )
    if count < max(_LEAST, _ENOUGH * readings) or count < _CLEAR * valid:
        return
    if core in best:
        return
    tail = written[len(written.rstrip(".,;:)")) :]
    words[blank.first : blank.end] = [
        Read(figures + tail, blank.line.x0, blank.line.x1, count / (readings + first))
    ]
