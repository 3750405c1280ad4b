"""Reading order: rows of one page, the two-column head and foot of official letters unfolded.

Decree 30/2020/NĐ-CP sets the agency and number beside the motto, place and date, and the list of
recipients beside the signature. Read straight across, each pair interleaves. A gutter that no word
crosses, running through consecutive rows, tells the columns; the words that the decree prescribes
tell where to look for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.extract.tokens import Row, Token, rows_of
from pipeline.restore.syllables import strip_marks

_NATIONAL = ("cong hoa xa hoi chu nghia viet nam", "dang cong san viet nam")
_DEVICE = "doc lap tu do hanh phuc"
_ALIKE = 78  # rapidfuzz ratio from which a garbled phrase counts as the prescribed one
_NUMBER = re.compile(r"^[s5$][o06]?\w?\s*(?:[:;.]|\d|/)", re.IGNORECASE)
_CODE = re.compile(r"\d*\s*[/-]\s*[A-ZĐ]{2,}")
_DATE = re.compile(r"\bng[aàâ]\w*\b.*\bn[aă]\w{1,2}\b", re.IGNORECASE)
_RECIPIENTS = re.compile(r"^[\W_]*(?:n[o0]?i\W+nh[a]\w*|noinhan)", re.IGNORECASE)
_AUTHORITY = re.compile(
    r"^(?:tm|kt|tl|tuq|q)\s*[.,]|^(?:pho )?(?:chu tich|giam doc|bo truong|thu truong|chanh van|"
    r"truong|thu tuong)\b", re.IGNORECASE,
)  # fmt: skip
_PAGE_NUMBER = re.compile(r"^[-–—(\[ ]*(?:trang\s*)?\d{1,4}(?:\s*/\s*\d{1,4})?[-–—)\] .]*$",
                          re.IGNORECASE)  # fmt: skip
_MARGIN = 0.12  # of the page height: where page numbers and running heads stand
_HEAD = 0.45  # of the page height: the head's first row lies above this
_NARROW, _GUTTER = 0.35, 0.7  # narrowest gap inside a row, narrowest gutter, in font sizes


@dataclass(frozen=True, slots=True)
class Gutter:
    """A stretch of x that no word of a band of rows crosses."""

    x0: float
    x1: float

    @property
    def middle(self) -> float:
        """Where it is parted."""
        return (self.x0 + self.x1) / 2


def arrange(tokens: Iterable[Token], width: float, height: float) -> list[Row]:
    """Rows of a page (``width`` × ``height`` in points) in the order in which they are read."""
    rows = rows_of(tokens)
    _mark_page_numbers(rows, height)
    rows = _unfold_heads(rows, width, height)
    return _unfold_foot(rows, width)


def fold(text: str) -> str:
    """Lower case without marks and punctuation, blanks single; for comparing garbled text."""
    return " ".join(re.sub(r"[^\w]+", " ", strip_marks(text).lower()).split())


def is_letterhead(text: str) -> bool:
    """Whether a table holds the head or the foot of a letter, and only places their parts."""
    folded = fold(text[:2000])
    return any(phrase in folded for phrase in (*_NATIONAL, "noi nhan"))


def _mark_page_numbers(rows: Sequence[Row], height: float) -> None:
    """Give a number alone in the first or last row, in the margin, its role."""
    for row in (*rows[:1], *rows[-1:]):
        outside = row.bottom < _MARGIN * height or row.top > (1 - _MARGIN) * height
        if outside and _PAGE_NUMBER.match(row.text):
            row.role = "page_number"


def _unfold_heads(rows: list[Row], width: float, height: float) -> list[Row]:
    """Unfold the head of the page, and any further one (an attached plan has its own)."""
    result: list[Row] = []
    index = 0
    while index < len(rows):
        inside = rows[index].top < _HEAD * height and rows[index].x1 > 0.6 * width
        start = _motto_start(rows[index]) if inside else None
        if start is None:
            result.append(rows[index])
            index += 1
            continue
        first = index - _rows_before(rows, index, start)
        del result[len(result) - (index - first) :]
        band, gutter = _band(rows, first, index, start)
        last = _last_two_sided(band, gutter)
        last = _with_left_tail(band, last, gutter)
        result.extend(_read_head(band[:last], gutter))
        index = first + last
    return result


def _motto_start(row: Row) -> float | None:
    """Where the state's name begins in a row: its left edge, else None."""
    tokens = row.tokens
    folded = [fold(token.text) for token in tokens]
    whole = " ".join(part for part in folded if part)
    best, place = 0.0, None
    for phrase in (*_NATIONAL, _DEVICE):
        if fuzz.partial_ratio(phrase, whole) < _ALIKE:
            continue
        count = len(phrase.split())
        for start in range(len(tokens)):
            for end in range(start + max(1, count - 3), min(len(tokens), start + count + 4) + 1):
                text = " ".join(part for part in folded[start:end] if part)
                if abs(len(text) - len(phrase)) > 8:
                    continue
                score = fuzz.ratio(text, phrase, score_cutoff=max(best, _ALIKE))
                if score > best:
                    best, place = score, tokens[start].x0
    return place


def _rows_before(rows: Sequence[Row], index: int, start: float) -> int:
    """How many rows above belong to the head's left column (a superior agency set higher)."""
    count = 0
    while index - count > 0:
        row = rows[index - count - 1]
        near = rows[index - count].top - row.bottom < 1.2 * row.size
        if row.role != "body" or row.x1 > start or not near:
            break
        count += 1
    return count


def _band(rows: Sequence[Row], first: int, index: int, start: float) -> tuple[list[Row], Gutter]:
    """Rows from ``first`` on that a gutter left of ``start`` runs through, and that gutter."""
    left = [token.x1 for token in rows[index].tokens if token.x0 < start]
    gutter = Gutter(max(left, default=0.0), start)
    band: list[Row] = list(rows[first : index + 1])
    for row in rows[index + 1 :]:
        narrowed = _narrow(row, gutter)
        if narrowed is None:
            break
        gutter = narrowed
        band.append(row)
    return band, gutter


def _narrow(row: Row, gutter: Gutter) -> Gutter | None:
    """The widest part of ``gutter`` that ``row`` leaves free, None when it is too narrow.

    A row that reaches into the gutter from one side narrows it.
    """
    edges = [gutter.x0]
    best: Gutter | None = None
    for token in row.tokens:
        if token.x1 > gutter.x0 and token.x0 < gutter.x1:
            edges.append(token.x0)
            best = _wider(best, Gutter(max(edges[-2], gutter.x0), min(token.x0, gutter.x1)))
            edges.append(token.x1)
    best = _wider(best, Gutter(max(edges[-1], gutter.x0), gutter.x1))
    return best if best and best.x1 - best.x0 > _GUTTER * min(row.size, 14.0) else None


def _wider(one: Gutter | None, other: Gutter) -> Gutter:
    return other if one is None or other.x1 - other.x0 > one.x1 - one.x0 else one


def _part(row: Row, gutter: Gutter) -> tuple[list[Token], list[Token]]:
    left = [token for token in row.tokens if (token.x0 + token.x1) / 2 < gutter.middle]
    right = [token for token in row.tokens if (token.x0 + token.x1) / 2 >= gutter.middle]
    return left, right


def _last_two_sided(band: Sequence[Row], gutter: Gutter) -> int:
    """How many rows of ``band`` there are up to the last that has words on both sides."""
    last = 1
    for number, row in enumerate(band, start=1):
        if all(_part(row, gutter)):
            last = number
        elif number > last + 4:
            break
    return last


def _with_left_tail(band: Sequence[Row], last: int, gutter: Gutter) -> int:
    """Take along the rows that go on in the left column below ("V/v …")."""
    while last < len(band):
        row = band[last]
        left, right = _part(row, gutter)
        if right or not left or row.top - band[last - 1].bottom > 0.9 * row.size:
            break
        last += 1
    return last


def _read_head(band: Sequence[Row], gutter: Gutter) -> list[Row]:
    """Agency, motto, then number (and subject), then place and date."""
    left: list[Row] = []
    right: list[Row] = []
    for row in band:
        for tokens, column in zip(_part(row, gutter), (left, right), strict=True):
            if tokens:
                column.append(Row(tokens, row.role))
    number = next((i for i, row in enumerate(left) if _is_number(row.text)), len(left))
    date = next((i for i, row in enumerate(right) if _DATE.search(row.text)), len(right))
    return [*left[:number], *right[:date], *left[number:], *right[date:]]


def _is_number(text: str) -> bool:
    return bool(_NUMBER.match(strip_marks(text)) or _CODE.search(text))


def _unfold_foot(rows: list[Row], width: float) -> list[Row]:
    """Read the recipients before the signature block that stands beside them."""
    index = next((i for i, row in enumerate(rows) if _starts_foot(row, width)), None)
    if index is None:
        return rows
    first = index - _signature_rows_above(rows, index, width)
    band, gutter = _foot_band(rows, first, width)
    last = _last_of_foot(band, gutter)
    if last < 2:
        return rows
    left: list[Row] = []
    right: list[Row] = []
    for row in band[:last]:
        for tokens, column in zip(_part(row, gutter), (left, right), strict=True):
            if tokens:
                column.append(Row(tokens, row.role))
    return [*rows[:first], *left, *right, *rows[first + last :]]


def _starts_foot(row: Row, width: float) -> bool:
    return row.x0 < 0.45 * width and _RECIPIENTS.match(strip_marks(row.text)) is not None


def _signature_rows_above(rows: Sequence[Row], index: int, width: float) -> int:
    """Rows of the signature block that begin higher than the word "Nơi nhận"."""
    count = 0
    while index - count > 0:
        row = rows[index - count - 1]
        if row.x0 < 0.42 * width or not _AUTHORITY.search(strip_marks(row.text)):
            break
        count += 1
    return count


def _foot_band(rows: Sequence[Row], first: int, width: float) -> tuple[list[Row], Gutter]:
    """The longest band of rows from ``first`` on that one gutter runs through."""
    gutter = Gutter(0.25 * width, 0.75 * width)
    band: list[Row] = []
    for row in rows[first:]:
        narrowed = _narrow(row, gutter)
        if narrowed is None or row.role != "body":
            break
        gutter = narrowed
        band.append(row)
    return band, gutter


def _last_of_foot(band: Sequence[Row], gutter: Gutter) -> int:
    """How many rows belong to the foot; what follows far below is something else."""
    last = 0
    for number, row in enumerate(band, start=1):
        if number > 1 and row.top - band[number - 2].bottom > 9 * row.size:
            break
        last = number
    return last if any(all(_part(row, gutter)) for row in band[:last]) else 0
