"""How a true syllable turns into the string that was read: string-edit channels over the lexicon.

``P(observed | source)`` is the best way to cut both strings into edits (Brill & Moore 2000): one
source letter gives 0 to 3 characters, two letters give 1 to 3 as one group, and stray characters
stand between. Each distinct string is searched once (matching.py), many in one call.

The tables are in ``models/restoration/channels``; FORMAT.md there describes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.lexicon import Lexicon
from pipeline.restore.matching import LIMIT, match_all, table_of

Case = Literal["lower", "title", "upper"]
CASES: tuple[Case, ...] = ("lower", "title", "upper")
Matches = tuple[NDArray[np.int32], NDArray[np.float32]]  # syllables, log P, best first
SPACE = "␣"
_PAIR_FLOOR = -9.0
_REMEMBERED = 100_000  # strings whose syllables are remembered
_CODES = 1 << 12  # characters that a channel tells apart


@dataclass(frozen=True)
class Table:
    """Edits of a channel: (source, observed) → log P; both plain strings, see FORMAT.md.

    ``floors``: log P of an unlisted character, loss, stray character.
    """

    edits: dict[tuple[str, str], float]
    floors: tuple[float, float, float] = (-11.5, -8.5, -13.1)
    doubles: bool = False

    @staticmethod
    def load(path: Path) -> Table:
        """Read a channel file."""
        edits: dict[tuple[str, str], float] = {}
        header: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            source, observed, value = line.split("\t")
            if source == "#":
                header[observed] = value
            else:
                edits[source.replace(SPACE, " "), observed.replace(SPACE, " ")] = float(value)
        names = ("floor", "floor_loss", "floor_stray")
        floors = tuple(
            float(header.get(n, d)) for n, d in zip(names, (-11.5, -8.5, -13.1), strict=True)
        )
        return Table(edits, (floors[0], floors[1], floors[2]), header.get("kind") == "english_ocr")


@dataclass(frozen=True)
class _Listed:
    """Listed edits by what is observed: offsets ``begin`` by entry, then source and log P."""

    begin: NDArray[np.int32]
    source: NDArray[np.int32]
    value: NDArray[np.float32]


def _listed(
    entries: Sequence[Sequence[tuple[int, ...]]], values: Sequence[Sequence[float]], width: int
) -> _Listed:
    begin = np.zeros(len(entries) + 1, dtype=np.int32)
    np.cumsum([len(entry) for entry in entries], out=begin[1:])
    flat = [source for entry in entries for source in entry]
    source = np.array(flat, dtype=np.int32).reshape(-1, width)
    value = np.array([value for entry in values for value in entry], dtype=np.float32)
    return _Listed(begin, source if width > 1 else source.ravel(), value)


class Channel:
    """One channel, ready to look up strings."""

    def __init__(self, lexicon: Lexicon, table: Table) -> None:
        self.lexicon = lexicon
        letters = {c: n for n, c in enumerate(lexicon.letters)}
        size = len(letters)
        for c, n in list(letters.items()):
            letters.setdefault(c.upper(), n + size)
        floor, floor_loss, floor_stray = table.floors
        self._codes: dict[str, int] = {}
        base = np.full(2 * size, floor_loss, dtype=np.float32)
        strays: dict[int, float] = {}
        singles: dict[str, dict[int, float]] = {}
        pairs: dict[str, dict[tuple[int, int], float]] = {}
        seen: set[int] = set()
        for (source, observed), value in table.edits.items():
            numbers = [letters.get(c, -1) for c in source]
            if not numbers:
                strays[self._code(observed)] = value
            elif -1 in numbers:
                continue
            elif len(numbers) == 2:
                pairs.setdefault(observed, {})[numbers[0], numbers[1]] = value
            elif observed:
                singles.setdefault(observed, {})[numbers[0]] = value
                seen.add(numbers[0])
            else:
                base[numbers[0]] = value
        for c, n in letters.items():
            if n not in seen:
                singles.setdefault(c, {})[n] = -0.1
        parts = sorted({*singles, *pairs})
        keys = np.array([self._key(part) for part in parts], dtype=np.int64)
        stray_of = np.full(_CODES, floor_stray, dtype=np.float32)
        for code, value in strays.items():
            stray_of[code] = value
        single = _listed(
            [[(n,) for n in singles.get(part, ())] for part in parts],
            [list(singles.get(part, {}).values()) for part in parts],
            1,
        )
        group = _listed(
            [list(pairs.get(part, ())) for part in parts],
            [list(pairs.get(part, {}).values()) for part in parts],
            2,
        )
        marked = np.zeros(2 * size, dtype=np.bool_)
        marked[[n for c, n in letters.items() if not c.isascii()]] = True
        # An OCR that meets a marked letter it does not know may give two for it.
        floor_pair = _PAIR_FLOOR if table.doubles else -1e30
        slots = 1 << (2 * len(parts) + 2).bit_length()
        self._arrays = (
            lexicon.trie.letter,
            lexicon.trie.depth,
            lexicon.trie.skip,
            lexicon.trie.word,
            base,
            marked,
            np.array([floor, floor_loss, floor_stray, floor_pair], dtype=np.float32),
            stray_of,
            keys,
            table_of(keys, slots),
            single.begin,
            single.source,
            single.value,
            group.begin,
            group.source,
            group.value,
        )
        self._lock = Lock()
        self._forget()

    def _code(self, char: str) -> int:
        """The number of a character that the channel lists (0 is any other)."""
        return self._codes.setdefault(char, min(len(self._codes) + 1, _CODES - 1))

    def _key(self, part: str) -> int:
        """The number of one to three listed characters, the last one lowest."""
        key = 0
        for char in part:
            key = key << 12 | self._code(char)
        return key

    def _forget(self) -> None:
        self._row: dict[tuple[str, Case], int] = {}
        room = 256
        self._count = np.zeros(room, dtype=np.int32)
        self._words = np.zeros((room, LIMIT), dtype=np.int32)
        self._scores = np.zeros((room, LIMIT), dtype=np.float32)

    def table(
        self, wanted: Sequence[tuple[str, Case]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """The syllables of many strings: (rows, count by row, words by row, log P by row).

        Those that are new are searched for in one go.
        """
        with self._lock:
            if len(self._row) > _REMEMBERED:
                self._forget()
            row = self._row
            unknown = [key for key in dict.fromkeys(wanted) if key not in row]
            if unknown:
                self._append(unknown, *self._search(unknown))
            rows = np.fromiter(map(row.__getitem__, wanted), dtype=np.int64, count=len(wanted))
            return rows, self._count, self._words, self._scores

    def _append(
        self,
        keys: Sequence[tuple[str, Case]],
        count: NDArray[np.int32],
        words: NDArray[np.int32],
        scores: NDArray[np.float32],
    ) -> None:
        begin = len(self._row)
        end = begin + len(keys)
        if end > len(self._count):
            more = 2 * end - len(self._count)
            self._count = np.pad(self._count, (0, more))
            self._words = np.pad(self._words, ((0, more), (0, 0)))
            self._scores = np.pad(self._scores, ((0, more), (0, 0)))
        self._count[begin:end] = count
        self._words[begin:end] = words
        self._scores[begin:end] = scores
        self._row.update(zip(keys, range(begin, end), strict=True))

    def _search(
        self, keys: Sequence[tuple[str, Case]]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        codes = self._codes
        begin = np.zeros(len(keys) + 1, dtype=np.int32)
        np.cumsum([len(text) for text, _ in keys], out=begin[1:])
        flat = [codes.get(char, 0) for text, _ in keys for char in text]
        cases = [CASES.index(case) for _, case in keys]
        found: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]] = match_all(
            np.array(flat, dtype=np.int32), begin, np.array(cases, dtype=np.int32), *self._arrays
        )
        return found

    def matches(self, observed: str, case: Case) -> Matches:
        """Syllables that ``observed`` may stand for: (words, log P), best first."""
        (row,), count, words, scores = self.table([(observed, case)])
        return words[row, : count[row]], scores[row, : count[row]]
