"""Numbers of dates and of the document, by hand or badly read, read again by a network of figures.

An italic "4" alone between words is read as "ý", "#" or "£" by a model of Vietnamese text, and a
"57" by hand as "67". What stands between "ngày" and "tháng", or between "Số:" and the symbol, is
cut out in several sizes; how likely each number that may stand there is in what the network sees
of them (:mod:`pipeline.recognise.figures`), and how sure OCR was of its own reading, decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.lines import PAD, Cutting, TextLine
from pipeline.extract.parting import Cut, part_word
from pipeline.extract.sheet import Sheet
from pipeline.extract.symbols import own_number
from pipeline.extract.tokens import Read
from pipeline.recognise.figures import SIGNS, figures_model
from pipeline.recognise.reader import Seen, best_path, likelihoods, see_lines
from pipeline.segment.fold import fold

_SURE = 0.9  # confidence of a number that is not read again, but in a head
_CAPITALS = (26, 36, 48)  # pixels: heights of the letters
_ROOMS = (0.0, 1.5)  # heights of letters that the network is shown, with paper around
_TRUST = (0.02, 0.88)  # that a first reading is right which OCR was not sure of at all, and was
_OTHERS = 10  # numbers that share what is left
_ENOUGH = 0.5  # probability of what is taken for what is no number
_NAMED = 0.7  # confidence, at most, of what OCR read otherwise: it is named among what is unsure
_NARROW = 5  # pixels
_BEFORE = 0.6  # heights of a letter that a figure may begin before its word, where words overlap
_INK = 160  # grey under which a pixel is ink
_LOW = 0.5  # of the height of a figure: specks, and what reaches in of the words beside
_MOST = {"day": 31, "month": 12}
_LONGEST = 5  # figures of a document's number
_YEARS = range(1945, 2100)
_FRAME = (("day", "ngay", "thang"), ("month", "thang", "nam"), ("year", "nam", ""))
_HEAD = 12  # words of the longest line with a place and a date
_AROUND = ".,;:()"
_GLUED = re.compile(r"(ngày|tháng|năm)([.,]?\d\S{0,3})")
_BEFORE_MONTH = re.compile(r"(\S{1,4}?)(t?háng)")


@dataclass(frozen=True, slots=True)
class Blank:
    """A number that may be read badly: which of the words of the line it is, and where."""

    part: str
    first: int
    end: int
    line: TextLine


def read_again(
    sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], done: Sequence[Set[int]]
) -> None:
    """Read the doubtful numbers of lines again; better ones are put into the words of the lines.

    ``done``: lines of each sheet that stay as they are. Raises ModelError.
    """
    for sheet, read, left in zip(sheets, lines, done, strict=True):
        for number, line in enumerate(sheet.lines):
            if number not in left and read[number]:
                for blank in _read_line(sheet, line, read[number]):
                    for other in _inside(sheet.lines, blank.line):
                        read[other] = []


def _read_line(sheet: Sheet, line: TextLine, words: list[Read]) -> list[Blank]:
    """Read the numbers of one line again; gives those that were put in."""
    if sheet.again is None or sheet.around is None:
        return []
    found = []
    own = own_number(line, words, sheet.again)
    if own is not None and own.right - own.left >= _NARROW:
        within = replace(line, x0=int(own.left) + 1, x1=int(own.right) - 1)
        found.append(Blank("number", own.first, own.end, within))
    _part_dates(line, words, sheet.again)
    found += doubtful_dates(line, words)
    # From the end of the line, so that places of the words before stay as they are.
    put = [one for one in reversed(found) if _put(words, one, _seen(one, sheet.around))]
    if own is not None and own.joined:
        number, symbol = words[-2:]
        sure = min(number.confidence, symbol.confidence)
        words[-2:] = [Read(number.text + symbol.text, number.x0, symbol.x1, sure)]
    return put


def _inside(lines: Sequence[TextLine], place: TextLine) -> list[int]:
    """Lines that lie where a number was found: it was taken for a line of its own."""
    core = place.core_bottom - place.core_top
    return [
        number
        for number, one in enumerate(lines)
        if one.pieces is not place.pieces
        and place.x0 - 0.2 * core <= one.x0
        and one.x1 <= place.x1 + 0.2 * core
        and abs(one.core_bottom - place.core_bottom) < core
    ]


def doubtful_dates(line: TextLine, words: Sequence[Read]) -> Iterator[Blank]:
    """Numbers of a line ("tháng ý năm 2026") that OCR was not sure of.

    Those of a head are, as they may be by hand: OCR is sure of "05" where "15" is written.
    """
    folded = [fold(word.text).strip(_AROUND) for word in words]
    if "thang" not in folded:
        return
    head = len(words) <= _HEAD and "ngay" in folded[1:] and words[-1].text.isdigit()
    for part, before, behind in _FRAME:
        for index, word in enumerate(folded):
            if word != before or not _dated(folded, index):
                continue
            end = _closing(folded, index, behind)
            first = index + 1
            if end is None or (_is_sure(words[first:end], part) and not head):
                continue
            left = words[index].x1
            if words[first].x0 < left:  # the word before was given a part of it
                left = words[first].x0 - _BEFORE * (line.core_bottom - line.core_top)
            right = words[end].x0 if end < len(words) else words[end - 1].x1 + 2
            if part == "year":
                right = words[end - 1].x1 + 2
            if right - left >= _NARROW:
                within = replace(line, x0=int(left) + 1, x1=int(right) - 1)
                yield Blank(part, first, end, within)


def _part_dates(line: TextLine, words: list[Read], cut: Cut) -> None:
    """Part numbers of dates from the words beside them ("ngày4", "®€tháng")."""
    for index, word in reversed(list(enumerate(words))):
        behind = _GLUED.fullmatch(word.text)
        before = _BEFORE_MONTH.fullmatch(word.text) if fold(word.text) != "thang" else None
        if behind:
            part_word(line, words, index, len(behind[1]), cut)
        elif (
            before
            and index
            and fold(words[index - 1].text) == "ngay"
            and part_word(line, words, index, len(before[1]), cut)
        ):
            words[index + 1] = replace(words[index + 1], text="tháng")


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
    text = text.strip(_AROUND)
    if not text.isascii() or not text.isdigit():
        return False
    if part == "year":
        return int(text) in _YEARS
    if part == "number":
        return len(text) <= _LONGEST
    return len(text) <= 2 and 1 <= int(text) <= _MOST[part]


def _seen(blank: Blank, cut: Cut) -> list[Seen]:
    """What the network sees where the number stands, in each size."""
    images, capitals = [], []
    for capital, room in product(_CAPITALS, _ROOMS):
        images.append(_without_edges(cut(blank.line, capital), capital).image)
        capitals.append(room * capital)
    seen = see_lines(images, figures_model(), capitals=capitals)
    return [one for one in seen if one is not None]


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


def _put(words: list[Read], blank: Blank, seen: Sequence[Seen]) -> bool:
    """Put the likeliest number in, where it is likely enough; tells whether it was."""
    old = words[blank.first : blank.end]
    written = old[0].text if len(old) == 1 else ""
    core = written.strip(_AROUND)
    if not seen:
        return False
    texts = _possible(blank.part, core, seen)
    shares = _shares(likelihoods(seen, figures_model(), texts))
    if _valid(core, blank.part):
        trust = _TRUST[0] + _TRUST[1] * old[0].confidence
        shares *= (1 - trust) / _OTHERS
        shares[texts.index(core)] *= trust * _OTHERS / (1 - trust)
        shares /= shares.sum()
    best = texts[int(shares.argmax())]
    # "01" and "1" are one number: how it is written is told apart, how likely it is together.
    share = sum(p for p, text in zip(shares, texts, strict=True) if _same(text, best))
    if not best or (share < _ENOUGH and not _valid(core, blank.part)):
        return False
    # No stop stands behind a day: it is a speck.
    tail = written[len(written.rstrip(_AROUND)) :] if blank.part == "year" else ""
    if best == core:
        word = Read(best + tail, old[0].x0, old[0].x1, float(share))
    else:
        word = Read(best + tail, blank.line.x0, blank.line.x1, min(_NAMED, float(share)))
    words[blank.first : blank.end] = [word]
    return True


def _same(one: str, other: str) -> bool:
    return one.lstrip("0") == other.lstrip("0")


def _shares(nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of each text, the mean of all cuttings [cuttings, texts]."""
    likely = np.exp(nats - nats.max(axis=1, keepdims=True))
    return np.asarray((likely / likely.sum(axis=1, keepdims=True)).mean(axis=0))


def _possible(part: str, core: str, seen: Sequence[Seen]) -> list[str]:
    """Numbers that may stand there, and none: all dates; what the network read, and its like."""
    found = {"", core} if _valid(core, part) else {""}
    if part == "year":
        found.update(map(str, _YEARS))
    elif part in _MOST:
        numbers = range(1, _MOST[part] + 1)
        found.update(form.format(k) for k in numbers for form in ("{}", "{:02d}"))
    else:
        read = {best_path(one, figures_model()) for one in seen}
        found.update(one for text in read | {core} for one in _like(text) if _valid(one, part))
    return sorted(found)


def _like(text: str) -> Iterator[str]:
    """The text, and what differs from it in one sign."""
    yield text
    for k in range(len(text) + 1):
        yield text[:k] + text[k + 1 :]
        for one in SIGNS:
            yield text[:k] + one + text[k:]
            yield text[:k] + one + text[k + 1 :]
