"""How a true syllable turns into the string that was read: string-edit channels over the lexicon.

``P(observed | source)`` is the best way to cut both strings into edits (Brill & Moore 2000): one
source letter gives 0 to 3 characters, two letters give 1 to 3 as one group, and stray characters
stand between. Each distinct string is searched once (matching.py), many in one call.

The tables are in ``models/restoration/channels``; FORMAT.md there describes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.adapt import adapted
from pipeline.restore.edits import Edits, edits_of
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.matching import LIMIT, match_all
from pipeline.restore.weighing import weigh_readings

Case = Literal["lower", "title", "upper"]
CASES: tuple[Case, ...] = ("lower", "title", "upper")
SPACE = "␣"
_SAME = 1.0  # nats: looked for so far down is far enough
OUT_OF_REACH = 12.0  # nats behind the best of a string: no reading of it in another case
_REMEMBERED = 100_000  # strings whose syllables are remembered

# by string: how many syllables, which (LIMIT at most, best first), log P
Found = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]
# the same for rows of a table, and before it the row of each string
Rows = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]


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

    def __init__(self, lexicon: Lexicon, edits: Edits) -> None:
        self.lexicon, self.edits = lexicon, edits
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
        return Channel(self.lexicon, adapted(self.edits, self._arrays, pairs))

    def _forget(self) -> None:
        self._row: dict[tuple[str, Case], int] = {}
        self._rows = 0
        room = 256
        self._count = np.zeros(room, dtype=np.int32)
        self._words = np.zeros((room, LIMIT), dtype=np.int32)
        self._scores = np.zeros((room, LIMIT), dtype=np.float32)
        self._top = np.zeros(room, dtype=np.float32)  # rank of the best syllable
        self._least = np.zeros(room, dtype=np.float32)  # rank below which none was looked for

    def table(
        self,
        wanted: Sequence[tuple[str, Case]],
        begin: NDArray[np.int32],
        priors: NDArray[np.float64],
        least: NDArray[np.float64],
    ) -> Rows:
        """The syllables of many strings: (rows, count by row, words by row, log P by row).

        ``wanted[begin[i] : begin[i + 1]]`` are one string in the cases that it may have, with their
        ``priors`` (nats). Left out may be what ranks (log P, rarity and prior) below ``least[i]``,
        or ``OUT_OF_REACH`` behind the best of a case before it.
        """
        with self._lock:
            if self._rows > _REMEMBERED:
                self._forget()
            row = np.fromiter(map(self._row.get, wanted, repeat(-1)), np.int64, count=len(wanted))
            cases = np.diff(begin)
            best = least + OUT_OF_REACH
            for place in range(int(cases.max(initial=0))):
                asked = np.flatnonzero(cases > place)
                at = begin[asked].astype(np.int64) + place
                lowest = best[asked] - OUT_OF_REACH - priors[at]
                new = (row[at] < 0) | (self._least[row[at]] > lowest + _SAME)
                if new.any():
                    self._learn(wanted, at[new], lowest[new])
                    row[at[new]] = [self._row[wanted[i]] for i in at[new].tolist()]
                best[asked] = np.maximum(best[asked], self._top[row[at]] + priors[at])
            return row, self._count, self._words, self._scores

    def _learn(
        self,
        wanted: Sequence[tuple[str, Case]],
        places: NDArray[np.int64],
        lowest: NDArray[np.float64],
    ) -> None:
        """Find what stands at these places of ``wanted``: each string once, as deep as asked."""
        deepest: dict[tuple[str, Case], int] = {}
        for number in np.argsort(lowest, kind="stable").tolist():
            deepest.setdefault(wanted[places[number]], number)
        names = list(deepest)
        chosen = np.array(list(deepest.values()))
        floors = lowest[chosen].astype(np.float32)
        cases = np.array([CASES.index(case) for _, case in names], dtype=np.int32)
        strings = self._strings([text for text, _ in names])
        self._append(names, floors, *self._search(*strings, cases, floors))

    def _append(
        self,
        keys: Sequence[tuple[str, Case]],
        least: NDArray[np.float32],
        count: NDArray[np.int32],
        words: NDArray[np.int32],
        scores: NDArray[np.float32],
    ) -> None:
        begin, end = self._rows, self._rows + len(keys)
        if end > len(self._count):
            more = 2 * end - len(self._count)
            self._count = np.pad(self._count, (0, more))
            self._words = np.pad(self._words, ((0, more), (0, 0)))
            self._scores = np.pad(self._scores, ((0, more), (0, 0)))
            self._top = np.pad(self._top, (0, more))
            self._least = np.pad(self._least, (0, more))
        self._count[begin:end] = count
        self._words[begin:end] = words
        self._scores[begin:end] = scores
        self._least[begin:end] = least
        some = count > 0
        top = np.full(len(keys), -np.inf)
        top[some] = scores[some, 0] + self.lexicon.rarity[words[some, 0]]
        self._top[begin:end] = top
        self._row.update(zip(keys, range(begin, end), strict=True))
        self._rows = end

    def _strings(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """(codes of all characters, where each string begins)."""
        begin = np.zeros(len(texts) + 1, dtype=np.int32)
        np.cumsum([len(text) for text in texts], out=begin[1:])
        return np.array(self.edits.letters.codes("".join(texts)), np.int32), begin

    def _search(
        self,
        codes: NDArray[np.int32],
        begin: NDArray[np.int32],
        cases: NDArray[np.int32],
        lowest: NDArray[np.float32],
    ) -> Found:
        trie = self.lexicon.trie
        found: Found = match_all(
            codes, begin, cases, lowest, trie.letter, trie.depth, trie.skip, trie.form,
            trie.form_begin, trie.form_word, trie.plain_of, trie.reach, self.lexicon.rarity,
            self.lexicon.spelled, *self._arrays,
        )  # fmt: skip
        return found

    def weigh(
        self,
        texts: Sequence[str],
        number: NDArray[np.int64],
        case: NDArray[np.int8],
        word: NDArray[np.int32],
    ) -> NDArray[np.float32]:
        """Log P of ``texts[number[i]]`` (``LONGEST`` characters at most) for syllable ``word[i]``.

        Those of one text and case lie together.
        """
        weighed: NDArray[np.float32] = weigh_readings(
            *self._strings(texts), number, case, word, self.lexicon.spelled, *self._arrays
        )
        return weighed
