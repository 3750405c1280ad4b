"""How a true syllable turns into the string that was read: string-edit channels over the lexicon.

``P(observed | source)`` is the best way to cut both strings into edits (Brill & Moore 2000): one
source letter gives 0 to 3 characters, two letters give 1 to 3 as one group, and stray characters
stand between. Each distinct string is searched once (matching.py), many in one call.

The tables are in ``models/restoration/channels``; FORMAT.md there describes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.adapt import adapted
from pipeline.restore.edits import Edits, edits_of
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.matching import LIMIT, match_all
from pipeline.restore.weighing import weigh_all

Case = Literal["lower", "title", "upper"]
CASES: tuple[Case, ...] = ("lower", "title", "upper")
SPACE = "␣"
_REMEMBERED = 100_000  # strings whose syllables are remembered


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


class Channel:
    """One channel, ready to look up strings."""

    def __init__(self, lexicon: Lexicon, edits: Edits, parent: Channel | None = None) -> None:
        """``parent``: a channel that finds the syllables; this one only weighs them anew."""
        self.lexicon, self.edits, self._parent = lexicon, edits, parent
        self._arrays = edits.arranged()
        self._lock = Lock()
        self._forget()

    @staticmethod
    def of(lexicon: Lexicon, table: Table) -> Channel:
        """The channel of a table."""
        listed = table.edits.items()
        return Channel(lexicon, edits_of(lexicon, listed, table.floors, doubles=table.doubles))

    def adapted(self, pairs: Mapping[tuple[str, str], int]) -> Channel:
        """This channel after seeing ``pairs``: (true word, what was read) → how often."""
        return Channel(self.lexicon, adapted(self.edits, self._arrays, pairs), self)

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
        begin = np.zeros(len(keys) + 1, dtype=np.int32)
        np.cumsum([len(text) for text, _ in keys], out=begin[1:])
        codes = np.array(self.edits.letters.codes("".join(text for text, _ in keys)), np.int32)
        cases = np.array([CASES.index(case) for _, case in keys], dtype=np.int32)
        found: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]
        lexicon = self.lexicon
        reach, rarity = lexicon.rarity
        if self._parent is None:
            trie = lexicon.trie
            found = match_all(
                codes, begin, cases, trie.letter, trie.depth, trie.skip, trie.word, reach, rarity,
                *self._arrays,
            )  # fmt: skip
        else:
            given = self._parent.table(keys)
            found = weigh_all(codes, begin, cases, *given, lexicon.spelled, rarity, *self._arrays)
        return found
