"""Tokens to lattices in which neighbours merge, split or stay.

What may be joined or cut is found by compiled code on letters packed into numbers
(:mod:`pipeline.restore.joins`); the spans are laid out by :mod:`pipeline.restore.spans`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.facts import case_like
from pipeline.restore.joins import find_joins, find_moves
from pipeline.restore.pieces import MARK, WORD
from pipeline.restore.readings import NEVER, OPENS, Reader, plain
from pipeline.restore.spans import GOES_ON, MAY_START, STARTS, lay_out
from pipeline.restore.syllables import strip_marks
from pipeline.restore.tokens import BOUNDARY, mark_class
from pipeline.restore.tokentable import Tokens

_ITEM = re.compile(r"\s*(?:[-+*•–]|[\dIVXl|]{1,4}[.)]|[a-zđ][.)])\s*\S|\s*(?:Điều|Chương|Căn cứ)\s")
_ENDED = re.compile(r"[.;:!?]\W*$")
_END = 64  # characters at the end of a line that tell whether a sentence ends there

_NEW = 16.0  # nats for a paragraph that may begin with a line; the model itself takes 14 or more
_MERGE = -7.0
_GLUED = -6.0
_MOVED = -6.5
_WORSE = 6.0  # nats that words may read worse as one than apart; a merge costs as much
_POOR = 0.9  # nats a letter: a token explained worse than this may be part of another


def starts_paragraph(line: str, before: str) -> bool:
    """Whether a line starts a paragraph, by its own beginning and the end of the one before."""
    end = before.rstrip()
    if not end:
        return True
    return bool(_ENDED.search(end[-_END:]) or _ITEM.match(line)) or (
        line.isupper() != before.isupper()
    )


def paragraphs(lines: Sequence[str], first: NDArray[np.int32]) -> NDArray[np.int8]:
    """Which lines start a paragraph, go on, or may do either; lines without tokens go on."""
    starts = np.full(len(lines), GOES_ON, dtype=np.int8)
    before = ""
    for number in np.flatnonzero(first[1:] > first[:-1]).tolist():
        line = lines[number]
        if starts_paragraph(line, before):
            starts[number] = STARTS
        elif line.lstrip()[:1].isupper():
            starts[number] = MAY_START
        before = line
    return starts


@dataclass(frozen=True)
class Lattices:
    """The lattices of a stretch, one after the other.

    Lattice k has the nodes ``nodes[k] : nodes[k + 1]``, and goes on where the one before ended if
    ``goes_on[k]``. ``begin[v] : begin[v + 1]`` are the spans that lead to node v. By span:
    ``source`` (node), ``offered`` (reading set), ``cost``; ``line``, ``start``, ``end``: the place
    that it reads; ``shape``: see :mod:`pipeline.restore.spans`.
    """

    nodes: NDArray[np.int32]
    goes_on: NDArray[np.bool_]
    begin: NDArray[np.int32]
    source: NDArray[np.int32]
    offered: NDArray[np.int32]
    cost: NDArray[np.float32]
    line: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    shape: NDArray[np.int8]


class Builder:
    """Builds the lattices of one stretch of a document, under one reader."""

    def __init__(
        self,
        reader: Reader,
        tokens: Tokens,
        starts: NDArray[np.int8],
        said: NDArray[np.int64] | None = None,
    ) -> None:
        """``starts``: see :func:`paragraphs`; ``said``: by token, by the OCR (keys)."""
        self.reader, self.tokens, self.starts = reader, tokens, starts
        self._said = np.zeros(len(tokens), dtype=np.int64) if said is None else said
        self.types = tokens.types
        self._capital = tokens.capitals[tokens.line].astype(np.int64)

    def build(self) -> Lattices:
        """The lattices."""
        tokens, reader = self.tokens, self.reader
        kind = self.types.kind.array[tokens.type]
        word = kind == WORD
        touches = np.zeros(len(tokens), dtype=np.int64)
        touches[1:] = (tokens.end[:-1] == tokens.start[1:]) & (tokens.line[:-1] == tokens.line[1:])
        flag = np.where(word, self._capital, np.where(kind == MARK, touches, 0))
        keys = 2 * tokens.type.astype(np.int64) + flag + self._said
        titled = word & (flag == 0) & (self.types.upper.array[tokens.type] == 1)
        keys += np.where(titled & self._opens(), OPENS, 0)
        offered = reader.sets_of(keys)
        size = self.types.size.array[tokens.type]
        poor = word & (reader.sets.best.array[offered] < -_POOR * size)
        boundary, perhaps = reader.fixed(BOUNDARY, ""), reader.perhaps(BOUNDARY, _NEW)
        cut_begin, cut_at, place, cuts = self._cuts(keys, poor & (size > 3))
        joins, joined = self._joins(kind, size, poor, touches)
        moves, moved = self._moves(kind, size)
        least = np.full(len(cuts) + len(joined) + len(moved), NEVER)
        scores = np.concatenate([[0.0], np.cumsum(reader.sets.best.array[offered], dtype=float)])
        apart = scores[joins[:, 1] + 1] - scores[joins[:, 0]]
        least[len(cuts) : len(cuts) + len(joined)] = apart - _WORSE
        sets = reader.sets_of(np.concatenate([cuts, joined, moved]), least)
        halves = sets[: len(cuts)].reshape(-1, 2)
        moved_sets = sets[len(cuts) + len(joined) :].reshape(-1, 2)
        return Lattices(
            *lay_out(
                tokens.first,
                self.starts,
                tokens.start,
                tokens.end,
                size,
                offered,
                place,
                cut_begin,
                cut_at,
                halves,
                joins,
                sets[len(cuts) : len(cuts) + len(joined)],
                moves,
                moved_sets,
                boundary,
                perhaps,
                np.array([_MERGE, _GLUED, _MOVED], dtype=np.float32),
            )
        )

    def _opens(self) -> NDArray[np.bool_]:
        """Which tokens may open a sentence: there a capital tells little."""
        tokens = self.tokens
        opens = np.zeros(len(tokens), dtype=np.bool_)
        opens[1:] = self.types.opens.array[tokens.type[:-1]]
        begins = (self.starts != GOES_ON) & (tokens.first[1:] > tokens.first[:-1])
        opens[tokens.first[:-1][begins]] = True
        return opens

    def _cuts(
        self, keys: NDArray[np.int64], poor: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Where glued words may be cut: both parts are syllables, with or without marks.

        Gives, for each distinct poor token, where its cuts begin; the cuts; the number of the
        distinct token by token (-1: not poor); the keys of the two parts of each cut.
        """
        place = np.full(len(keys), -1, dtype=np.int32)
        distinct, numbers = np.unique(keys[poor], return_inverse=True)
        place[poor] = numbers
        begin = np.zeros(len(distinct) + 1, dtype=np.int32)
        cuts: list[int] = []
        parts: list[int] = []
        types = self.types
        for number, key in enumerate(distinct.tolist()):
            text = types.text[plain(key) >> 1]
            for cut in self._cuts_of(text):
                cuts.append(cut)
                parts += [2 * types.word(part) + (key & 1) for part in (text[:cut], text[cut:])]
            begin[number + 1] = len(cuts)
        return begin, np.array(cuts, dtype=np.int32), place, np.array(parts, dtype=np.int64)

    def _cuts_of(self, text: str) -> list[int]:
        forms = self.reader.lexicon.by_stripped
        lower = strip_marks(text.lower())
        return [
            cut
            for cut in range(1, len(text))
            if lower[:cut] in forms
            and lower[cut:] in forms
            and (not text[cut].isupper() or text[cut - 1].islower())
        ]

    def _joins(
        self,
        kind: NDArray[np.int8],
        size: NDArray[np.int32],
        poor: NDArray[np.bool_],
        touches: NDArray[np.int64],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Neighbours that may be one syllable: [first, last], and keys.

        Stray spaces cut it, or its last mark was read as a question mark (``st?`` is ``sử``).
        """
        tokens, types = self.tokens, self.types
        lexicon = self.reader.lexicon
        joins = find_joins(
            tokens.first,
            tokens.start,
            tokens.end,
            kind == WORD,
            size,
            types.letters.array[tokens.type],
            poor & ~types.syllable.array[tokens.type] & (not self.reader.strict),
            *lexicon.forms,
        )
        if not self.reader.strict:
            asks = (kind == MARK) & (tokens.type == types.number(MARK, mark_class("?"), "?"))
            at = np.flatnonzero(asks[1:] & (kind[:-1] == WORD) & (touches[1:] > 0))
            joins = np.concatenate([joins, np.stack([at, at + 1], axis=1).astype(np.int32)])
            joins = joins[np.argsort(joins[:, 0], kind="stable")]
        text = types.text
        numbers = tokens.type.tolist() if len(joins) else []
        keys = [
            2 * types.word("".join([text[n] for n in numbers[first : last + 1]]))
            for first, last in joins.tolist()
        ]
        return joins, np.array(keys, dtype=np.int64) + self._capital[joins[:, 0]]

    def _moves(
        self, kind: NDArray[np.int8], size: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Where a space may have stood elsewhere: [token, letters before it], keys of both sides.

        ``x ãhội`` was ``xã hội``.
        """
        tokens, types = self.tokens, self.types
        moves = find_moves(
            tokens.first,
            tokens.start,
            tokens.end,
            kind == WORD,
            size,
            types.letters.array[tokens.type],
            types.syllable.array[tokens.type],
            *self.reader.lexicon.forms,
        )
        keys: list[int] = []
        for token, cut in moves.tolist():
            left, right = types.text[tokens.type[token]], types.text[tokens.type[token + 1]]
            whole = left + right
            if left.istitle() and not right[:1].isupper():
                whole = case_like(whole.lower(), whole[0].upper() + whole[1:].lower())
            keys += (2 * types.word(whole[:cut]), 2 * types.word(whole[cut:]))
        capital = np.repeat(self._capital[moves[:, 0]], 2)
        return moves, np.array(keys, dtype=np.int64) + capital
