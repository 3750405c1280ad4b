"""What layout works on: words with their place, from a text layer or from OCR, and rows of them.

Coordinates are points with the origin at the top left of the page as it is displayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.document import Box, Line, Role, Word


@dataclass(slots=True)
class Token:
    """A run of characters without a blank.

    ``spaces`` is how many blanks stand before it inside a line. ``lost_before`` and ``lost_after``
    count letters that the font lost at its edges; each leaves one blank, also at a line's edge,
    since restoration reads such gaps. Tokens that OCR read as one line share a number, ``line``.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float = 0.0
    font: str | None = None
    confidence: float | None = None
    spaces: int = 1
    lost_before: int = 0
    lost_after: int = 0
    line: int = -1

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2

    @property
    def box(self) -> Box:
        """Its rectangle, to a hundredth of a point."""
        return Box(round(self.x0, 2), round(self.top, 2), round(self.x1, 2), round(self.bottom, 2))


@dataclass(frozen=True, slots=True)
class Read:
    """A word that was read: its sides in pixels of the page, its confidence from 0 to 1."""

    text: str
    x0: float
    x1: float
    confidence: float


@dataclass(slots=True)
class Row:
    """Tokens that stand on one height, from left to right."""

    tokens: list[Token]
    role: Role = field(default="body")

    @property
    def x0(self) -> float:
        """Left edge."""
        return min(token.x0 for token in self.tokens)

    @property
    def x1(self) -> float:
        """Right edge."""
        return max(token.x1 for token in self.tokens)

    @property
    def top(self) -> float:
        """Upper edge."""
        return min(token.top for token in self.tokens)

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return max(token.bottom for token in self.tokens)

    @property
    def size(self) -> float:
        """The size of most of its letters, in points."""
        weights: dict[float, int] = {}
        for token in self.tokens:
            size = round(token.size, 1)
            weights[size] = weights.get(size, 0) + len(token.text)
        return max(weights, key=lambda size: (weights[size], size))

    @property
    def text(self) -> str:
        """Its words, one blank between them; for matching."""
        return " ".join(token.text for token in self.tokens)


def rows_of(tokens: Iterable[Token]) -> list[Row]:
    """Group tokens into rows, top to bottom.

    A token joins the row whose middle band it shares by half of the lower one's height, so that
    superscripts stay in their row.
    """
    rows: list[Row] = []
    longest: list[Token] = []  # of each row: its heights are those that most of the row shares
    for token in sorted(tokens, key=lambda one: (one.middle, one.x0)):
        best, share = -1, 0.5
        for index in range(len(rows) - 1, max(-1, len(rows) - 6), -1):
            overlap = _share(longest[index], token)
            if overlap > share and not _collides(rows[index], token):
                best, share = index, overlap
        if best < 0:
            rows.append(Row([token]))
            longest.append(token)
            continue
        rows[best].tokens.append(token)
        longest[best] = max(longest[best], token, key=lambda one: (one.size, one.x1 - one.x0))
    for row in rows:
        row.tokens.sort(key=lambda one: one.x0)
    rows.sort(key=lambda row: (row.top + row.bottom, row.x0))
    return rows


def _share(one: Token, other: Token) -> float:
    """How much of the lower one's height both have in common; 0 or less: none."""
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    lower = min(one.bottom - one.top, other.bottom - other.top)
    return common / lower if lower > 0 else 0.0


def _collides(row: Row, token: Token) -> bool:
    """Whether ``token`` lies on top of a token of ``row``: then it belongs to another row."""
    width = token.x1 - token.x0
    return any(
        min(one.x1, token.x1) - max(one.x0, token.x0) > 0.6 * min(width, one.x1 - one.x0) > 0.5
        for one in row.tokens
        if one.x1 > token.x0 and one.x0 < token.x1 and (one.line < 0 or one.line != token.line)
    )


def line_of(row: Row) -> Line:
    """The line that a row makes: its text, boxes and fonts, and where each word starts."""
    text = ""
    words: list[Word] = []
    for index, token in enumerate(row.tokens):
        if index:
            text += " " * max(1, token.spaces)
        else:
            text += " " * token.lost_before
        words.append(Word(token.text, len(text), token.box, token.confidence, token.font))
        text += token.text
    text += " " * row.tokens[-1].lost_after
    confidences = [one.confidence for one in row.tokens if one.confidence is not None]
    return Line(
        text=text,
        raw=text,
        box=Box(round(row.x0, 2), round(row.top, 2), round(row.x1, 2), round(row.bottom, 2)),
        confidence=round(sum(confidences) / len(confidences), 4) if confidences else None,
        font=_commonest_font(row.tokens),
        words=tuple(words),
        role=row.role,
    )


def _commonest_font(tokens: Sequence[Token]) -> str | None:
    weights: dict[str, int] = {}
    for token in tokens:
        if token.font:
            weights[token.font] = weights.get(token.font, 0) + len(token.text)
    return max(weights, key=lambda font: weights[font]) if weights else None
