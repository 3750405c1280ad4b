"""How a true syllable turns into the string that was read: string-edit channels over the lexicon.

``P(observed | source)`` is the best way to cut both strings into edits (Brill & Moore 2000): one
source letter gives 0 to 3 characters, two letters give 1 to 3 as one group, and stray characters
stand between. The search walks the trie of the lexicon once for each distinct string, with one
row of the edit table for each letter on the path, and leaves a branch when no cell of its row can
still come within reach of the best complete syllable.

The tables are in ``models/restoration/channels``; FORMAT.md there describes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.compiled import compiled
from pipeline.restore.lexicon import Lexicon

Case = Literal["lower", "title", "upper"]
SPACE = "␣"
LONGEST = 14  # characters; longer strings are no single syllable under any channel
REACH = 7.5  # nats behind the best syllable
_DEPTH = 10
_PAIR_FLOOR = -9.0
_REMEMBERED = 100_000  # strings whose syllables are remembered
_FIRST_BOUND = -3.0


@compiled
def _match(
    letter: Any,
    depth: Any,
    skip: Any,
    word: Any,
    first_shift: Any,
    shift: Any,
    single: Any,
    group: Any,
    group_of: Any,
    opens: Any,
    stray: Any,
    bound: Any,
    reach: Any,
    found_word: Any,
    found_score: Any,
) -> Any:
    """Fill ``found_word``/``found_score``; gives how many.

    ``single[x, j, k]``: letter x read as the k characters that end at j. ``group``: the same for
    pairs of letters, by ``group_of[y, x]`` (-1: no such pair here). ``shift`` is added to letter
    numbers for capitals (``first_shift``: the first letter).
    """
    length = len(stray)
    rows = np.full((_DEPTH, length + 1), -np.inf, dtype=np.float32)
    path = np.zeros(_DEPTH, dtype=np.int64)
    rows[0, 0] = 0.0
    for j in range(1, length + 1):
        rows[0, j] = rows[0, j - 1] + stray[j - 1]
    found = 0
    node = 0
    nodes = len(letter)
    while node < nodes:
        d = depth[node]
        x = letter[node] + (first_shift if d == 1 else shift)
        path[d] = x
        pair = group_of[path[d - 1], x] if d > 1 else -1
        top = np.float32(-np.inf)
        for j in range(length + 1):
            value = rows[d - 1, j] + single[x, j, 0]
            for k in range(1, min(j, 3) + 1):
                other = rows[d - 1, j - k] + single[x, j, k]
                if other > value:
                    value = other
            if pair >= 0:
                for k in range(1, min(j, 3) + 1):
                    other = rows[d - 2, j - k] + group[pair, j, k]
                    if other > value:
                        value = other
            if j > 0:
                other = rows[d, j - 1] + stray[j - 1]
                if other > value:
                    value = other
            rows[d, j] = value
            if value > top:
                top = value
        if opens[x]:
            for j in range(length + 1):
                if rows[d - 1, j] > top:
                    top = rows[d - 1, j]
        if top < bound:
            node = skip[node]
            continue
        if word[node] >= 0:
            score = rows[d, length]
            if score >= bound:
                if score - reach > bound:
                    bound = score - reach
                if found < len(found_word):
                    found_word[found] = word[node]
                    found_score[found] = score
                    found += 1
        node += 1
    return found


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

    def __init__(self, lexicon: Lexicon, table: Table) -> None:
        self.lexicon = lexicon
        self.letters = {c: n for n, c in enumerate(lexicon.letters)}
        size = self.size = len(self.letters)
        for c, n in list(self.letters.items()):
            self.letters.setdefault(c.upper(), n + size)
        self.floor, self.floor_loss, self.floor_stray = table.floors
        self.stray = {o: p for (source, o), p in table.edits.items() if not source}
        self.split = self.stray.get(" ", self.floor_stray)
        self.glue = table.edits.get((" ", ""), -6.0)
        self._base = np.full(2 * size, self.floor_loss, dtype=np.float32)
        singles: dict[str, dict[int, float]] = {}
        self._groups: dict[str, list[tuple[int, int, float]]] = {}
        seen: set[int] = set()
        for (source, observed), value in table.edits.items():
            numbers = [self.letters.get(c, -1) for c in source]
            if not numbers or -1 in numbers:
                continue
            if len(numbers) == 2:
                self._groups.setdefault(observed, []).append((numbers[0], numbers[1], value))
            elif observed:
                singles.setdefault(observed, {})[numbers[0]] = value
                seen.add(numbers[0])
            else:
                self._base[numbers[0]] = value
        for c, n in self.letters.items():
            if n not in seen:
                singles.setdefault(c, {})[n] = -0.1
        self._singles = {
            observed: (np.array(list(t), np.int64), np.array(list(t.values()), np.float32))
            for observed, t in singles.items()
        }
        # An OCR that meets a marked letter it does not know may give two for it.
        self.floor_pair = _PAIR_FLOOR if table.doubles else -np.inf
        self._marked = np.array([n for c, n in self.letters.items() if not c.isascii()], np.int64)
        self._group_of = np.full((2 * size, 2 * size), -1, dtype=np.int32)
        self._opens = np.zeros(2 * size, dtype=np.bool_)
        self._known: dict[tuple[str, Case], tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        self._found_word = np.empty(4096, dtype=np.int32)
        self._found_score = np.empty(4096, dtype=np.float32)

    def matches(
        self, observed: str, case: Case, *, limit: int = 24
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Syllables that ``observed`` may stand for: (words, log P), best first."""
        key = (observed, case)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[key] = self._search(observed, case, limit)
        return known

    def _search(
        self, observed: str, case: Case, limit: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        length = len(observed)
        if not 0 < length <= LONGEST:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        size = self.size
        single = np.full((2 * size, length + 1, 4), -np.inf, dtype=np.float32)
        single[:, :, 0] = self._base[:, None]
        single[:, :, 1] = self.floor
        single[self._marked, :, 2] = self.floor_pair
        single[self._marked, :, 3] = self.floor_pair - 2.0
        pairs: list[tuple[int, int]] = []
        entries: list[tuple[int, int, int, float]] = []
        stray = np.full(length, self.floor_stray, dtype=np.float32)
        for j in range(1, length + 1):
            stray[j - 1] = self.stray.get(observed[j - 1], self.floor_stray)
            for k in range(1, min(3, j) + 1):
                part = observed[j - k : j]
                listed = self._singles.get(part)
                if listed is not None:
                    single[listed[0], j, k] = listed[1]
                for y, x, value in self._groups.get(part, ()):
                    at = self._group_of[y, x]
                    if at < 0:
                        at = self._group_of[y, x] = len(pairs)
                        pairs.append((y, x))
                        self._opens[y] = True
                    entries.append((at, j, k, value))
        group = np.full((max(1, len(pairs)), length + 1, 4), -np.inf, dtype=np.float32)
        for at, j, k, value in entries:
            group[at, j, k] = value
        first = 0 if case == "lower" else size
        rest = size if case == "upper" else 0
        trie = self.lexicon.trie
        found = 0
        bound = _FIRST_BOUND
        while True:
            # Deepen: a tight bound finds the best syllable fast, and then says how far to look.
            found = _match(
                trie.letter,
                trie.depth,
                trie.skip,
                trie.word,
                first,
                rest,
                single,
                group,
                self._group_of,
                self._opens,
                stray,
                np.float32(bound),
                np.float32(REACH),
                self._found_word,
                self._found_score,
            )
            if found:
                wanted = float(self._found_score[:found].max()) - REACH
                if wanted >= bound - 0.01:
                    break
                bound = wanted
            elif bound < -10.0 - 3.0 * length:
                break
            else:
                bound *= 2.0
        for y, x in pairs:
            self._group_of[y, x] = -1
            self._opens[y] = False
        scores = self._found_score[:found]
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] >= (scores[order[0]] - REACH)][:limit] if found else order
        return self._found_word[order].copy(), scores[order].copy()
