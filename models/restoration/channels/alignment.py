"""Word-by-word alignment of a true line with the line as read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import Levenshtein


@lru_cache(maxsize=1 << 18)
def bare(text: str) -> str:
    """Lower case without any mark, so that words can be told apart by their letters."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=1 << 20)
def _cost(true: str, read: str) -> float:
    """Cost of reading ``true`` as ``read``: edits on bare letters, a little for marks."""
    rough = Levenshtein.distance(bare(true), bare(read))
    fine = Levenshtein.distance(true, read)
    return rough + 0.1 * fine


_STEPS = ((1, 1), (1, 2), (2, 1), (1, 3), (2, 2))


def align_words(true: str, read: str) -> Iterator[tuple[str, str]]:
    """Groups ``(true words, words as read)`` that make up both lines, left to right.

    A group is 1–1, 1–2 (split), 2–1 (glued), 1–3 or 2–2; words without a partner come with an
    empty string. Dynamic programming over both word sequences.
    """
    left, right = true.split(), read.split()
    rows, columns = len(left), len(right)
    best = [[1e9] * (columns + 1) for _ in range(rows + 1)]
    back: list[list[tuple[int, int]]] = [[(0, 0)] * (columns + 1) for _ in range(rows + 1)]
    best[0][0] = 0.0
    for i in range(rows + 1):
        for j in range(columns + 1):
            here = best[i][j]
            if here >= 1e9 or abs(i - j) > 12 + abs(rows - columns):
                continue
            moves = [(di, dj) for di, dj in _STEPS if i + di <= rows and j + dj <= columns]
            for di, dj in moves:
                cost = _cost(" ".join(left[i : i + di]), " ".join(right[j : j + dj]))
                cost += 0.3 * (di + dj - 2)
                if here + cost < best[i + di][j + dj]:
                    best[i + di][j + dj] = here + cost
                    back[i + di][j + dj] = (di, dj)
            if i < rows and here + len(left[i]) + 0.5 < best[i + 1][j]:
                best[i + 1][j] = here + len(left[i]) + 0.5
                back[i + 1][j] = (1, 0)
            if j < columns and here + len(right[j]) + 0.5 < best[i][j + 1]:
                best[i][j + 1] = here + len(right[j]) + 0.5
                back[i][j + 1] = (0, 1)
    groups = []
    i, j = rows, columns
    while i or j:
        di, dj = back[i][j]
        if (di, dj) == (0, 0):
            return
        groups.append((" ".join(left[i - di : i]), " ".join(right[j - dj : j])))
        i, j = i - di, j - dj
    yield from reversed(groups)
