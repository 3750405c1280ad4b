"""Lines to tokens, and tokens to a lattice in which neighbours merge, split or stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.protect import PROTECTED, QUANTITY
from pipeline.restore.readings import Reader, case_like
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import BOUNDARY, PIECE, mark_class, older_tone_place, pieces

_CHUNK = re.compile(r"\S+")
_LEADING = re.compile(r"[(\[{<\"'“‘«*•·–—+\-:;.,/!?…_#=]+")
_TRAILING = re.compile(r"[)\]}>\"'”’»*.,:;!?…\-–—/_=]+$")
_INNER = re.compile(r"(?<=\w)([-/–,;:().]+)(?=\w)")
_ITEM = re.compile(r"\s*(?:[-+*•–]|[\dIVXl|]{1,4}[.)]|[a-zđ][.)])\s*\S|\s*(?:Điều|Chương|Căn cứ)\s")
# What opens a line: a bullet, or an enumerator with its full stop. It stays as it is here; see
# enumerators.py.
_HEAD = re.compile(
    r"\s*(?:(?P<stop>[-+*•–])(?=\s)|(?P<number>[IVXl1|!iH\]\[T]{1,5}|\d{1,2}|[a-zđA-ZĐ])(?=[.)]\s))"
)
_HEAD_TOKEN = {"number": "<d1>", "stop": "-"}
_ENDED = re.compile(r"[.;:!?]\W*$")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line: a word, a mark, or fixed; ``token``: the model's word if not a word."""

    line: int
    start: int
    end: int
    text: str
    kind: str
    token: str


def _fixed(line: int, start: int, text: str) -> list[Token]:
    """The pieces of protected text, as the language model knows them."""
    return [
        Token(line, start + match.start(), start + match.end(), match[0], "fixed", token)
        for match, (token, _) in zip(
            PIECE.finditer(text), pieces(text, capitals=False), strict=True
        )
    ]


def _chunk(line: int, start: int, text: str, *, strict: bool) -> list[Token]:
    """The tokens of one chunk; ``strict``: letters and marks are what they seem (no OCR)."""
    if PROTECTED.fullmatch(text) and not (text.isdigit() and not strict):
        return _fixed(line, start, text)
    tokens: list[Token] = []
    lead = _LEADING.match(text)
    begin = lead.end() if lead else 0
    trail = _TRAILING.search(text, begin)
    end = trail.start() if trail else len(text)

    def marks(a: int, b: int) -> None:
        at = a
        while at < b:
            after = at + 1
            while after < b and text[after] == text[at]:
                after += 1
            if after - at < 3:
                after = at + 1
            tokens.append(
                Token(line, start + at, start + after, text[at:after], "mark", mark_class(text[at]))
            )
            at = after

    marks(0, begin)
    at = begin
    core = text[begin:end]
    if core:
        parts = [core]
        if (
            PROTECTED.fullmatch(core) and not (core.isdigit() and not strict)
        ) or QUANTITY.fullmatch(core):
            tokens += _fixed(line, start + at, core)
            parts = []
        elif strict:
            for match in PIECE.finditer(core):
                kind = "word" if match.lastgroup == "word" else "fixed"
                token = pieces(match[0], capitals=False)[0][0] if kind == "fixed" else ""
                a = start + at + match.start()
                tokens.append(Token(line, a, a + len(match[0]), match[0], kind, token))
            parts = []
        elif _INNER.search(core):
            parts = _INNER.split(core)
        for number, part in enumerate(parts):
            if number % 2:
                marks(at, at + len(part))
            elif part:
                if PROTECTED.fullmatch(part) and not part.isdigit():
                    tokens += _fixed(line, start + at, part)
                else:
                    a = start + at
                    tokens.append(Token(line, a, a + len(part), part, "word", ""))
            at += len(part)
    marks(end, len(text))
    return tokens


def tokenise(line: int, text: str, *, strict: bool) -> list[Token]:
    """The tokens of a line."""
    tokens: list[Token] = []
    begin = 0
    head = _HEAD.match(text)
    if head:
        for name in ("number", "stop"):
            a, b = head.span(name)
            if b > a:
                tokens.append(Token(line, a, b, head[name], "kept", _HEAD_TOKEN[name]))
        begin = head.end()
    for match in _CHUNK.finditer(text, begin):
        tokens += _chunk(line, match.start(), match[0], strict=strict)
    return tokens


def starts_paragraph(line: str, before: str) -> bool:
    """Whether a line starts a paragraph, by its own beginning and the end of the one before."""
    if not before.strip():
        return True
    return bool(_ENDED.search(before.rstrip()) or _ITEM.match(line)) or (
        line.isupper() != before.isupper()
    )


@dataclass
class Lattice:
    """Spans in growing lists. ``place``: (line, start, end) of a span, None where it has no text.

    ``pre`` holds text that must precede a span's reading when it is written (the space of a
    split).
    """

    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    place: list[tuple[int, int, int] | None] = field(default_factory=list)
    pre: list[str] = field(default_factory=list)
    nodes: int = 1

    def node(self) -> int:
        """A new node, after all others."""
        self.nodes += 1
        return self.nodes - 1

    def span(
        self,
        source: int,
        target: int,
        offered: int,
        place: tuple[int, int, int] | None,
        cost: float = 0.0,
        pre: str = "",
    ) -> None:
        """Add a span."""
        self.source.append(source)
        self.target.append(target)
        self.offered.append(offered)
        self.cost.append(cost)
        self.place.append(place)
        self.pre.append(pre)

    def arrays(
        self,
    ) -> tuple[
        NDArray[np.int64],
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.float32],
    ]:
        """(order, begin by node, source, set, cost), spans sorted by the node they lead to."""
        target = np.array(self.target, dtype=np.int32)
        order = np.argsort(target, kind="stable")
        begin = np.searchsorted(target[order], np.arange(self.nodes + 1)).astype(np.int32)
        return (
            order,
            begin,
            np.array(self.source, dtype=np.int32)[order],
            np.array(self.offered, dtype=np.int32)[order],
            np.array(self.cost, dtype=np.float32)[order],
        )


_MERGE = -7.0
_GLUED = -6.0
_MOVED = -6.5
_POOR = 0.9  # nats a letter: a token explained worse than this may be part of another


class Builder:
    """Builds lattices for one stretch of a document."""

    def __init__(
        self, reader: Reader, *, strict: bool, merge: float = _MERGE, glued: float = _GLUED
    ) -> None:
        self.reader, self.strict, self.merge, self.glued = reader, strict, merge, glued
        self._pairs: dict[tuple[str, str], int | None] = {}
        self._moves: dict[tuple[str, str], list[int]] = {}

    def boundary(self) -> int:
        """The set of the boundary token."""
        return self.reader.fixed(BOUNDARY, "")

    def add(self, lattice: Lattice, tokens: Sequence[Token], capitals: bool) -> None:
        """Append the tokens of one line."""
        reader = self.reader
        starts = [lattice.nodes - 1]
        moved: list[tuple[int, int, list[int]]] = []
        for number, token in enumerate(tokens):
            here = starts[-1]
            inner: list[tuple[int, int]] = []
            poor = False
            if token.kind == "word":
                offered = reader.word(token.text, capitals)
                poor = reader.explained(offered) < -_POOR * len(token.text)
                if poor and len(token.text) > 3:
                    inner = [(cut, lattice.node()) for cut in self._cuts(token.text)]
            elif token.kind == "kept":
                offered = reader.kept(token.token, token.text)
            elif token.kind == "mark":
                attached = number > 0 and tokens[number - 1].end == token.start
                offered = reader.mark(token.token, token.text, attached=attached)
            else:
                offered = reader.fixed(token.token, token.text)
            ways: list[int] = []
            after = tokens[number + 1] if number + 1 < len(tokens) else None
            joins = (
                token.kind == "word"
                and after is not None
                and after.kind == "word"
                and token.end < after.start <= token.end + 2
            )
            if joins and after is not None:
                ways = self._move_cuts(token.text, after.text)
                moved += [(number, lattice.node(), [cut]) for cut in ways]
            there = lattice.node()
            starts.append(there)
            place = (token.line, token.start, token.end)
            lattice.span(here, there, offered, place)
            for cut, between in inner:
                left = reader.word(token.text[:cut], capitals)
                right = reader.word(token.text[cut:], capitals)
                middle = token.start + cut
                lattice.span(here, between, left, (token.line, token.start, middle), self.glued)
                lattice.span(between, there, right, (token.line, middle, token.end), 0.0, " ")
        for number in range(len(tokens)):
            self._merges(lattice, tokens, number, starts, capitals)
        for number, between, cuts in moved:
            self._move(lattice, tokens, number, starts, between, cuts[0], capitals)

    def _cuts(self, text: str) -> list[int]:
        """Where glued words may be cut: both parts are syllables, with or without marks."""
        stripped = self.reader.lexicon.by_stripped
        lower = strip_marks(older_tone_place(text.lower()))
        return [
            cut
            for cut in range(1, len(text))
            if (lower[:cut] in stripped and lower[cut:] in stripped and not text[cut].isupper())
            or (
                text[cut].isupper()
                and text[cut - 1].islower()
                and lower[:cut] in stripped
                and lower[cut:] in stripped
            )
        ]

    def _merges(
        self,
        lattice: Lattice,
        tokens: Sequence[Token],
        number: int,
        starts: list[int],
        capitals: bool,
    ) -> None:
        """Spans over two to four tokens that are one syllable cut by stray spaces."""
        first = tokens[number]
        if first.kind != "word":
            return
        text = first.text
        for last in range(number + 1, min(number + 4, len(tokens))):
            token = tokens[last]
            if (
                token.kind != "word"
                or not tokens[last - 1].end < token.start <= tokens[last - 1].end + 2
            ):
                return
            text += token.text
            if len(text) > 7:
                return
            key = (text, " ".join(t.text for t in tokens[number : last + 1]))
            if key not in self._pairs:
                self._pairs[key] = self._joined(tokens[number : last + 1], text, capitals)
            offered = self._pairs[key]
            if offered is not None:
                place = (first.line, first.start, token.end)
                cost = self.merge * (last - number)
                lattice.span(starts[number], starts[last + 1], offered, place, cost)

    def _joined(self, parts: Sequence[Token], text: str, capitals: bool) -> int | None:
        """The set of a merged token, or None where the parts give no reason to merge."""
        lower = strip_marks(older_tone_place(text.lower()))
        if lower in self.reader.lexicon.by_stripped:
            return self.reader.word(text, capitals)
        poor = any(
            not is_syllable(part.text)
            and self.reader.explained(self.reader.word(part.text, capitals))
            < -_POOR * len(part.text)
            for part in parts
        )
        return self.reader.word(text, capitals) if poor and not self.strict else None

    def _move_cuts(self, left: str, right: str) -> list[int]:
        """Where the space between two tokens may have stood: ``x ãhội`` was ``xã hội``."""
        key = (left, right)
        known = self._moves.get(key)
        if known is None:
            known = []
            if not (is_syllable(left) and is_syllable(right)) and len(left + right) < 14:
                stripped = self.reader.lexicon.by_stripped
                whole = strip_marks((left + right).lower())
                known = [
                    cut
                    for cut in range(max(1, len(left) - 2), min(len(whole), len(left) + 3))
                    if cut != len(left) and whole[:cut] in stripped and whole[cut:] in stripped
                ]
            self._moves[key] = known
        return known

    def _move(
        self,
        lattice: Lattice,
        tokens: Sequence[Token],
        number: int,
        starts: list[int],
        between: int,
        cut: int,
        capitals: bool,
    ) -> None:
        left, right = tokens[number], tokens[number + 1]
        whole = left.text + right.text
        if left.text.istitle() and not right.text[:1].isupper():
            whole = case_like(whole.lower(), whole[0].upper() + whole[1:].lower())
        reader = self.reader
        gap = right.start - left.end
        middle = left.start + cut if cut < len(left.text) else left.start + cut + gap
        lattice.span(
            starts[number],
            between,
            reader.word(whole[:cut], capitals),
            (left.line, left.start, middle),
            _MOVED,
        )
        lattice.span(
            between,
            starts[number + 2],
            reader.word(whole[cut:], capitals),
            (left.line, middle, right.end),
            0.0,
            " ",
        )
