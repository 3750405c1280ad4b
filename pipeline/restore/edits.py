"""The edits of a channel as arrays, so that compiled code can look them up and count them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.hashtable import table_of
from pipeline.restore.lexicon import Lexicon

CODES = 1 << 12  # characters that a channel tells apart
_BITS = 12
KEY_BITS = 36  # three characters
PAIR = 512  # more than there are letters
_PAIR_FLOOR = -9.0
_UNLEARNED = -0.1  # log P of a letter that training never saw as itself
_LOCK = Lock()


class Letters:
    """Numbers of the letters that stand behind a reading, and of the characters that are read.

    Letters of the lexicon: small ones first, capitals after them. Characters: from 1, as they are
    met; 0 is none.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        size = len(lexicon.letters)
        self.size = 2 * size
        self.number = {letter: number for number, letter in enumerate(lexicon.letters)}
        for letter, number in list(self.number.items()):
            self.number.setdefault(letter.upper(), number + size)
        self.marked = np.zeros(self.size, dtype=np.bool_)
        self.marked[[n for letter, n in self.number.items() if not letter.isascii()]] = True
        self._known = frozenset(self.number)
        self._code: dict[str, int] = {}

    def knows(self, word: str) -> bool:
        """Whether all letters of a word are known."""
        return self._known.issuperset(word)

    def codes(self, text: str, *, new: bool = False) -> list[int]:
        """The numbers of characters; ``new``: give numbers to those that have none."""
        if new:
            with _LOCK:
                for char in dict.fromkeys(text):
                    self._code.setdefault(char, min(len(self._code) + 1, CODES - 1))
        return list(map(self._code.get, text, repeat(0)))

    def key(self, part: str) -> int:
        """The number of no to three characters, the last one lowest."""
        key = 0
        for code in self.codes(part, new=True):
            key = key << _BITS | code
        return key


def numbers_of(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.int64]:
    """One number for the letters behind an edit."""
    number: NDArray[np.int64] = (first.astype(np.int64) + 1) * PAIR + second + 1
    return number


@dataclass(frozen=True)
class Edits:
    """Edits in rows: letters ``first`` and ``second`` (-1: none) read as ``key``, log P ``value``.

    ``stray``: log P of a character that no letter stands behind, by code. ``floors``: log P of what
    is not listed: a letter read as one character, as none, a stray, a letter with marks read as two
    characters.
    """

    letters: Letters
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    key: NDArray[np.int64]
    value: NDArray[np.float32]
    stray: NDArray[np.float32]
    floors: NDArray[np.float32]

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """One number for each row: its letters and its key."""
        return numbers_of(self.first, self.second) << KEY_BITS | self.key

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """P by row."""
        return np.exp(self.value.astype(np.float64))

    def arranged(self) -> tuple[NDArray[Any], ...]:
        """The rows by what is observed, behind a hash table; see :mod:`pipeline.restore.matching`.

        Returns (log P of the loss of each letter, letters with marks, floors, strays, keys, slots,
        then for single letters and for pairs: where those of a key begin, letters, values).
        """
        base = np.full(self.letters.size, self.floors[1], dtype=np.float32)
        lost = (self.key == 0) & (self.second < 0)
        base[self.first[lost]] = self.value[lost]
        keys = np.unique(self.key[~lost])
        tables: list[NDArray[Any]] = []
        for rows in (self.second < 0, self.second >= 0):
            picked = np.flatnonzero(rows & ~lost)
            picked = picked[np.argsort(self.key[picked], kind="stable")]
            begin = np.searchsorted(self.key[picked], keys)
            tables.append(np.append(begin, len(picked)).astype(np.int32))
            letters = np.stack([self.first[picked], self.second[picked]], axis=1)
            tables.append(letters if tables[1:] else letters[:, 0].copy())
            tables.append(self.value[picked])
        slots = table_of(keys, 1 << (2 * len(keys) + 2).bit_length())
        return base, self.letters.marked, self.floors, self.stray, keys, slots, *tables


def edits_of(
    lexicon: Lexicon,
    listed: Iterable[tuple[tuple[str, str], float]],
    floors: tuple[float, float, float],
    *,
    doubles: bool,
) -> Edits:
    """The edits of a table (source, observed) → log P.

    ``floors``: log P of an unlisted character, loss, stray; ``doubles``: a letter with marks may be
    read as two characters that are not listed for it.
    """
    letters = Letters(lexicon)
    floor, floor_loss, floor_stray = floors
    stray = np.full(CODES, floor_stray, dtype=np.float32)
    rows: list[tuple[int, int, int, float]] = []
    seen: set[int] = set()
    for (source, observed), value in listed:
        numbers = [letters.number.get(letter, -1) for letter in source]
        key = letters.key(observed)
        if not numbers:
            stray[key] = value
        elif -1 not in numbers:
            rows.append((numbers[0], numbers[1] if len(numbers) == 2 else -1, key, value))
            if len(numbers) == 1 and observed:
                seen.add(numbers[0])
    for letter, number in letters.number.items():
        if number not in seen:
            rows.append((number, -1, letters.key(letter), _UNLEARNED))
    first, second, keys, values = zip(*rows, strict=True)
    return Edits(
        letters,
        np.array(first, dtype=np.int32),
        np.array(second, dtype=np.int32),
        np.array(keys, dtype=np.int64),
        np.array(values, dtype=np.float32),
        stray,
        np.array(
            # An OCR that meets a marked letter it does not know may give two for it.
            [floor, floor_loss, floor_stray, _PAIR_FLOOR if doubles else -1e30],
            dtype=np.float32,
        ),
    )
