"""The tokens of a text as arrays, and what is known of each distinct one.

A document repeats its words, so each distinct chunk is cut once and each distinct token looked at
once; a token of the text is a number (its *type*) with offsets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled import compiled
from pipeline.restore.growing import Growing
from pipeline.restore.pieces import FIXED, WORD, Piece, cut, cut_head, is_head, is_lone
from pipeline.restore.protect import acronyms_with_d, known_forms
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import OPENERS, newer_tone_place, older_tone_place

_REMEMBERED = 100_000  # distinct tokens kept from one text for the next
_HEAD = "\n"  # before a chunk that opens a line: its key among the chunks
LETTERS = 27  # and none
LONGEST = 13  # letters that a packed word holds
_SPACES = np.zeros(0x3001, dtype=np.bool_)
_SPACES[[code for code in range(len(_SPACES)) if chr(code).isspace()]] = True


def packed(word: str) -> int:
    """Letters a to z as one number (base 27), -1 where there are others or too many."""
    if not word or len(word) > LONGEST:
        return -1
    value = 0
    for letter in word.encode("utf-8", "replace"):
        if not 97 <= letter <= 122:
            return -1
        value = LETTERS * value + letter - 96
    return value


class Types:
    """Distinct tokens and chunks, numbered as they are met.

    By token: ``text``, ``token`` (see :class:`Piece`), ``kind``, ``size`` (characters), ``upper``
    and ``lower`` (capitals and small letters), ``votes`` (those that speak for the case of its
    line: capitals, small ones), ``letters`` (without marks, packed), ``syllable``,
    ``marked`` (it is no ASCII word), ``opens`` (a sentence may begin behind it), ``tone`` (where a
    syllable has its tone mark, if it may stand in two places: 1 ``hoà``, -1 ``hòa``, else 0).
    """

    def __init__(self, *, strict: bool) -> None:
        """``strict``: letters and marks are what they seem (no OCR)."""
        self.strict = strict
        self.text: list[str] = []
        self.token: list[str] = []
        self.kind, self.size = Growing(np.int8), Growing(np.int32)
        self.upper, self.lower = Growing(np.int32), Growing(np.int32)
        self.capital_votes, self.small_votes = Growing(np.int32), Growing(np.int32)
        self.letters = Growing(np.int64)
        self.syllable, self.marked = Growing(np.bool_), Growing(np.bool_)
        self.opens = Growing(np.bool_)
        self.tone = Growing(np.int8)
        self._number: dict[tuple[int, str, str], int] = {}
        self.facts: dict[int, Any] = {}  # see facts.py
        # pieces by chunk: offsets, then type and place in the chunk
        self._chunk: dict[str, int] = {}
        self.piece_begin = Growing(np.int32)
        self.piece_begin.append(0)
        self.piece_type, self.piece_start = Growing(np.int32), Growing(np.int32)
        self.piece_end = Growing(np.int32)

    def __len__(self) -> int:
        return len(self.text)

    def number(self, kind: int, token: str, text: str) -> int:
        """The number of a token."""
        key = (kind, token, text)
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = len(self.text)
            self.text.append(text)
            self.token.append(token)
            self.kind.append(kind)
            self.size.append(len(text))
            upper, lower = _cases(text)
            self.upper.append(upper)
            self.lower.append(lower)
            votes = _votes(text, upper, lower) if kind == WORD else (0, 0)
            self.capital_votes.append(votes[0])
            self.small_votes.append(votes[1])
            small = text.lower()
            bare = strip_marks(small) if kind == WORD else ""
            self.letters.append(packed(bare) if len(bare) == len(text) else -1)
            syllable, marked = kind == WORD and is_syllable(text), bare != small
            self.syllable.append(syllable)
            self.marked.append(marked)
            self.opens.append(token in OPENERS or (kind == FIXED and text[-1:] in (".", ")")))
            self.tone.append(_tone(small) if syllable and marked else 0)
        return number

    def word(self, text: str) -> int:
        """The number of a word."""
        return self.number(WORD, "", text)

    def chunk(self, text: str) -> int:
        """The number of a chunk (behind a line feed: of one that opens a line)."""
        number = self._chunk.get(text)
        if number is None:
            if text[0] == _HEAD:
                found: Sequence[Piece] = cut_head(text[1:], strict=self.strict)
            else:
                found = cut(text, strict=self.strict)
            for piece in found:
                self.piece_type.append(self.number(piece.kind, piece.token, piece.text))
                self.piece_start.append(piece.start)
                self.piece_end.append(piece.end)
            number = self._chunk[text] = self.piece_begin.size - 1
            self.piece_begin.append(self.piece_type.size)
        return number

    def chunks(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The numbers of many chunks."""
        known = self._chunk
        for text in set(texts).difference(known):
            self.chunk(text)
        return np.fromiter(map(known.__getitem__, texts), dtype=np.int32, count=len(texts))


def _tone(syllable: str) -> int:
    return (older_tone_place(syllable) != syllable) - (newer_tone_place(syllable) != syllable)


_NUMERAL = re.compile("[IVX]{1,5}")
_VOWELS = frozenset("AEIOUY")


def _cases(text: str) -> tuple[int, int]:
    """How many capitals and small letters there are."""
    if text.isascii() and text.isalpha() and text.islower():
        return 0, len(text)
    return sum(map(str.isupper, text)), sum(map(str.islower, text))


def _votes(text: str, upper: int, lower: int) -> tuple[int, int]:
    """How many capitals and small letters of a word speak for the case of its line."""
    if text in known_forms() or text in acronyms_with_d():
        return 0, 0
    if not lower and _VOWELS.isdisjoint(strip_marks(text)):
        return 0, 0  # an abbreviation that nobody listed: "Lưu: VT, KGVX"
    return (upper, lower) if upper > 1 or lower else (0, 0)


class _Shared(local):
    """The types of this thread, by whether they are strict."""

    def __init__(self) -> None:
        self.types: dict[bool, Types] = {}


_shared = _Shared()


def shared_types(*, strict: bool) -> Types:
    """The types met so far in this thread; a new table once that one has grown large."""
    types = _shared.types.get(strict)
    if types is None or len(types) > _REMEMBERED:
        types = _shared.types[strict] = Types(strict=strict)
    return types


@dataclass(frozen=True)
class Tokens:
    """The tokens of some lines, in order: arrays by token, and two by line.

    ``first[n] : first[n + 1]`` are the tokens of line n; ``capitals[n]``: it is set in capitals.
    """

    types: Types
    line: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    type: NDArray[np.int32]
    first: NDArray[np.int32]
    capitals: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.type)

    def newer(self) -> bool:
        """Whether the text writes ``hoà`` rather than ``hòa``."""
        return int(self.types.tone.array[np.unique(self.type)].sum()) > 0

    def head(self, lines: int) -> Tokens:
        """The tokens of the first lines."""
        stop = int(self.first[lines])
        return Tokens(
            self.types,
            self.line[:stop],
            self.start[:stop],
            self.end[:stop],
            self.type[:stop],
            self.first[: lines + 1],
            self.capitals[:lines],
        )


def codes_of(lines: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The characters of ``lines`` with one between two lines, and the size of each line."""
    joined = "\n".join(lines).encode("utf-32-le", "surrogatepass")
    size = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
    return np.frombuffer(joined, dtype=np.uint32), size


def tokenise(lines: Sequence[str], types: Types) -> Tokens:
    """The tokens of ``lines``."""
    codes, size = codes_of(lines)
    texts = "\n".join(lines).split()
    line, start, end, first = _chunks(codes, size, _SPACES, len(texts))
    for number in np.flatnonzero(first[1:] > first[:-1]).tolist():
        at = first[number]
        chunk = texts[at]
        if end[at] == size[number]:
            numbers = is_lone(chunk) and not types.strict
        else:  # "V KINH PHÍ": the stop behind the numeral was not read
            bare = not types.strict and _NUMERAL.fullmatch(chunk) is not None
            numbers = is_head(chunk) or (bare and texts[at + 1].isupper())
        if numbers:
            texts[at] = _HEAD + chunk
    chunk_of = types.chunks(texts)
    arrays = (types.piece_begin, types.piece_type, types.piece_start, types.piece_end)
    t_line, t_start, t_end, t_type, t_first = _spread(
        chunk_of, line, start, first, *(growing.array for growing in arrays)
    )
    return Tokens(types, t_line, t_start, t_end, t_type, t_first, _capitals(types, t_type, t_first))


def _capitals(
    types: Types, type_: NDArray[np.int32], first: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Which lines are set in capitals (an OCR may have read a few as small letters)."""

    def by_line(values: Growing) -> NDArray[np.int64]:
        total = np.zeros(len(type_) + 1, dtype=np.int64)
        np.cumsum(values.array[type_], out=total[1:])
        return total[first[1:]] - total[first[:-1]]

    capitals, small = by_line(types.capital_votes), by_line(types.small_votes)
    mostly = by_line(types.upper) > by_line(types.lower)
    return mostly & (capitals > 2) & (capitals > 2 * small)


@compiled
def _chunks(codes: Any, size: Any, spaces: Any, count: Any) -> Any:
    """(line, start, end) of each chunk, and the first chunk of each line.

    ``codes``: characters of the lines, with one between two lines; ``size``: characters by line.
    """
    line = np.empty(count, dtype=np.int32)
    start = np.empty(count, dtype=np.int32)
    end = np.empty(count, dtype=np.int32)
    first = np.empty(len(size) + 1, dtype=np.int32)
    found = 0
    begin = 0
    for number in range(len(size)):
        first[number] = found
        inside = False
        for at in range(size[number]):
            code = codes[begin + at]
            space = code < len(spaces) and spaces[code]
            if not space and not inside:
                line[found] = number
                start[found] = at
            elif space and inside:
                end[found] = at
                found += 1
            inside = not space
        if inside:
            end[found] = size[number]
            found += 1
        begin += size[number] + 1
    first[len(size)] = found
    return line, start, end, first


@compiled
def _spread(
    chunk: Any, line: Any, start: Any, first: Any, begin: Any, type_: Any, p_start: Any, p_end: Any
) -> Any:
    """Chunks to tokens: (line, start, end, type), and the first token of each line."""
    total = 0
    for at in range(len(chunk)):
        total += begin[chunk[at] + 1] - begin[chunk[at]]
    t_line = np.empty(total, dtype=np.int32)
    t_start = np.empty(total, dtype=np.int32)
    t_end = np.empty(total, dtype=np.int32)
    t_type = np.empty(total, dtype=np.int32)
    t_first = np.empty(len(first), dtype=np.int32)
    to = 0
    number = 0
    for at in range(len(chunk)):
        while number < len(first) and first[number] <= at:
            t_first[number] = to
            number += 1
        for piece in range(begin[chunk[at]], begin[chunk[at] + 1]):
            t_line[to] = line[at]
            t_start[to] = start[at] + p_start[piece]
            t_end[to] = start[at] + p_end[piece]
            t_type[to] = type_[piece]
            to += 1
    while number < len(first):
        t_first[number] = to
        number += 1
    return t_line, t_start, t_end, t_type, t_first
