"""Numbers of dates and of the document, by hand or badly read, found and read again.

An italic "4" alone between words is read as "ý", "#" or "£" by a model of Vietnamese text, and a
"57" by hand as "67". What stands between "ngày" and "tháng", or between "Số:" and the symbol, is
cut out, all ink in the height of the line, and read as figures (:mod:`pipeline.extract.numbers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from pipeline.extract.lines import TextLine
from pipeline.extract.numbers import AROUND, CAPITALS, is_number, likeliest
from pipeline.extract.parting import Cut, part_word, tighten
from pipeline.extract.sheet import Sheet
from pipeline.extract.symbols import begins, ends, own_number
from pipeline.extract.tokens import Read
from pipeline.segment.fold import fold

_SURE = 0.9  # confidence of a number that is not read again, but in a head
_ENOUGH = 0.5  # probability of what is taken for what is no number
_NAMED = 0.7  # confidence, at most, of what OCR read otherwise: it is named among what is unsure
_NARROW = 5  # pixels
_TOP = 0.4  # of the page's height: there the document's own number stands
_FAR = 8  # heights of a letter between "Số:" and its symbol, with the number between them
_OVERLAP = 0.5  # heights of a letter that parts of a line have in common
_BEFORE = 0.6  # heights of a letter that a figure may begin before its word, where words overlap
_FRAME = (("day", "ngay", "thang"), ("month", "thang", "nam"), ("year", "nam", ""))
_HEAD = 12  # words of the longest line with a place and a date
# A number glued to the word before, or to "tháng" behind it, or to both.
_GLUED = re.compile(r"(ngày|tháng|năm|)(?:([.,]?\d\S{0,3})|(\S{1,4}?)(t?háng))")


@dataclass(frozen=True, slots=True)
class Blank:
    """A number that may be read badly: which of the words of the line it is, and where."""

    part: str
    first: int
    end: int
    line: TextLine


def read_again(
    sheets: Sequence[Sheet],
    lines: Sequence[list[list[Read]]],
    done: Sequence[Set[int]],
    seconds: float = 0.0,
) -> None:
    """Read the doubtful numbers of lines again; better ones are put into the words of the lines.

    ``done``: lines of each sheet that stay as they are; ``seconds`` bounds each time that tesseract
    is asked (0: no bound). Raises ModelError.
    """
    for sheet, read, left in zip(sheets, lines, done, strict=True):
        head = _TOP * sheet.page.shape[0]
        _join(sheet.lines, read, head)
        for number, line in enumerate(sheet.lines):
            if number not in left and read[number]:
                put = _read_line(sheet, line, read[number], line.top < head, seconds)
                for other in (k for blank in put for k in _inside(sheet.lines, blank.line)):
                    read[other] = []


def _read_line(
    sheet: Sheet, line: TextLine, words: list[Read], in_head: bool, seconds: float
) -> list[Blank]:
    """Read the numbers of one line again; gives those that were put in."""
    if sheet.again is None or sheet.around is None:
        return []
    found = []
    own = own_number(line, words, sheet.again) if in_head else None
    if own is not None and own.right - own.left >= _NARROW:
        within = replace(line, x0=int(own.left) + 1, x1=int(own.right) - 1)
        found.append(Blank("number", own.first, own.end, within))
    _part_dates(line, words, sheet.again)
    found += doubtful_dates(line, words)
    # From the end of the line, so that places of the words before stay as they are.
    put = [one for one in reversed(found) if _put(words, one, sheet.around, seconds)]
    if own is not None and own.joined:
        number, symbol = words[-2:]
        sure = min(number.confidence, symbol.confidence)
        words[-2:] = [Read(number.text + symbol.text, number.x0, symbol.x1, sure)]
    return put


def _join(lines: list[TextLine], read: list[list[Read]], head: float) -> None:
    """Join "Số:" and the line of its symbol, with what was written between them."""
    for first, line in enumerate(lines):
        if line.top >= head or not begins(read[first]):
            continue
        core = line.core_bottom - line.core_top
        beside = [
            number
            for number, one in enumerate(lines)
            if number != first
            and line.x1 - core < one.x0 < line.x1 + _FAR * core
            and min(one.bottom, line.bottom) - max(one.top, line.top) > _OVERLAP * core
        ]
        last = next((number for number in beside if ends(read[number])), None)
        if last is None:
            continue
        parts = [first, *(k for k in beside if k == last or lines[k].x1 <= lines[last].x0 + core)]
        parts.sort(key=lambda number: lines[number].x0)
        words = [word for number in parts for word in read[number]]
        lines[first] = replace(
            line,
            x1=max(lines[number].x1 for number in parts),
            top=min(lines[number].top for number in parts),
            bottom=max(lines[number].bottom for number in parts),
            pieces=[piece for number in parts for piece in lines[number].pieces],
        )
        for number in parts:
            read[number] = words if number == first else []


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
    folded = [fold(word.text).strip(AROUND) for word in words]
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
    """Part numbers of dates from the words beside them ("ngày4", "®€tháng", "ngày2tháng")."""
    folded = [fold(word.text) for word in words]
    for index, word in reversed(list(enumerate(words))):
        if folded[index] == "thang":
            if index and folded[index - 1] == "ngay":
                tighten(line, words, index, cut)
            continue
        if (found := _GLUED.fullmatch(word.text)) is None:
            continue
        before, number, behind = found[1], found[2] or found[3], found[4]
        if not before and not (behind and index and folded[index - 1] == "ngay"):
            continue
        both = len(before + number)
        if behind and part_word(line, words, index, both, cut, printed="right"):
            words[index + 1] = replace(words[index + 1], text="tháng")
        if before and len(words[index].text) > len(before):
            part_word(line, words, index, len(before), cut, printed="left")


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
    return len(words) == 1 and words[0].confidence >= _SURE and is_number(words[0].text, part)


def _put(words: list[Read], blank: Blank, cut: Cut, seconds: float) -> bool:
    """Put the likeliest number in, where it is likely enough; tells whether it was."""
    old = words[blank.first : blank.end]
    written = old[0].text if len(old) == 1 else ""
    first = written.strip(AROUND) if is_number(written, blank.part) else ""
    cuttings = [cut(blank.line, capital) for capital in CAPITALS]
    sure = old[0].confidence if first else 0.0
    found = likeliest(blank.part, cuttings, first, sure, seconds)
    if not found.text or (found.share < _ENOUGH and not first):
        return False
    # No stop stands behind a day: it is a speck.
    tail = written[len(written.rstrip(AROUND)) :] if blank.part == "year" else ""
    if found.text == first:
        word = Read(found.text + tail, old[0].x0, old[0].x1, found.share)
    else:
        x0, x1 = blank.line.x0, blank.line.x1
        word = Read(found.text + tail, x0, x1, min(_NAMED, found.share))
    words[blank.first : blank.end] = [word]
    return True
