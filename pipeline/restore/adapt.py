"""A channel re-estimated on the document that it reads.

One scanner, one font and one OCR made a document, so its misreadings repeat. After a first decoding
the words that came out surely are aligned with what was read, and the edits are counted; the
channel's own probabilities count as so many observations more (MAP estimation).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from pipeline.restore.channel import Table

PRIOR_WEIGHT = 25.0
_UNLISTED_PAIR = -9.0
_UNLISTED_TRIPLE = -11.0

Edit = tuple[str, str]


def align(table: Table, source: str, observed: str) -> list[Edit]:
    """The most probable edits from ``source`` to ``observed``; empty where none leads there."""
    edits = table.edits
    floor, loss, stray = table.floors
    rows, columns = len(source) + 1, len(observed) + 1
    best = [[-math.inf] * columns for _ in range(rows)]
    back: list[list[tuple[int, int] | None]] = [[None] * columns for _ in range(rows)]
    best[0][0] = 0.0

    def offer(i: int, j: int, value: float, origin: tuple[int, int]) -> None:
        if value > best[i][j]:
            best[i][j] = value
            back[i][j] = origin

    for i in range(rows):
        for j in range(columns):
            here = best[i][j]
            if here == -math.inf:
                continue
            if j + 1 < columns:
                value = edits.get(("", observed[j]), stray)
                offer(i, j + 1, here + value, (i, j))
            if i + 1 < rows:
                letter = source[i]
                for k in range(min(3, columns - 1 - j) + 1):
                    default = (loss, floor, _UNLISTED_PAIR, _UNLISTED_TRIPLE)[k]
                    if k > 1 and letter.isascii():
                        default = -math.inf
                    value = edits.get((letter, observed[j : j + k]), default)
                    offer(i + 1, j + k, here + value, (i, j))
            if i + 2 < rows:
                for k in range(1, min(3, columns - 1 - j) + 1):
                    listed = edits.get((source[i : i + 2], observed[j : j + k]))
                    if listed is not None:
                        offer(i + 2, j + k, here + listed, (i, j))
    found: list[Edit] = []
    at = (rows - 1, columns - 1)
    while at != (0, 0):
        origin = back[at[0]][at[1]]
        if origin is None:
            return []
        found.append((source[origin[0] : at[0]], observed[origin[1] : at[1]]))
        at = origin
    return found[::-1]


def adapted(table: Table, pairs: Mapping[tuple[str, str], int]) -> Table:
    """``table`` after seeing ``pairs``: (true word, what was read) → how often."""
    counts: Counter[Edit] = Counter()
    totals: Counter[str] = Counter()
    for (source, observed), times in pairs.items():
        for edit in align(table, source, observed):
            counts[edit] += times
            totals[edit[0]] += times
    edits = dict(table.edits)
    for edit, value in table.edits.items():
        total = totals.get(edit[0], 0)
        if total and edit[0]:
            seen = PRIOR_WEIGHT * math.exp(value) + counts.get(edit, 0)
            edits[edit] = math.log(seen / (PRIOR_WEIGHT + total))
    for edit, times in counts.items():
        if edit[0] and edit not in table.edits:
            edits[edit] = math.log((times * 0.7) / (PRIOR_WEIGHT + totals[edit[0]]))
    return Table(edits, table.floors, table.doubles)
