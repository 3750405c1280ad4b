"""What the characters of one string may stand for under a channel, as tables; compiled.

The tables are filled once for a string, and then say what it costs to read any syllable as it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.hashtable import find_key

LONGEST = 14  # characters; longer strings are no single syllable under any channel
DEPTH = 10  # letters of the longest syllable, and two more
PAIRS = 4096  # pairs of letters that one string may hold under a channel
NEVER = np.float32(-1e30)


@compiled
def weigh(
    codes: Any,
    first: Any,
    rest: Any,
    base: Any,
    marked: Any,
    floors: Any,
    stray_of: Any,
    keys: Any,
    slots: Any,
    single_begin: Any,
    single_letter: Any,
    single_value: Any,
    group_begin: Any,
    group_pair: Any,
    group_value: Any,
    single: Any,
    stray: Any,
    group: Any,
    group_of: Any,
    opens: Any,
    pairs: Any,
    ahead: Any,
) -> Any:
    """Fill the tables of one string; gives the number of pairs of letters that it may hold.

    ``single[x, j, k]``: letter x read as the k characters that end at j; ``group``: the same for
    pairs of letters, by ``group_of[y, x]``; ``ahead[j]``: the best score of what follows j.
    """
    length = len(codes)
    letters = len(base)
    size = letters // 2
    low = 0 if rest == 0 else size
    high = letters if first > 0 else size
    floor, floor_pair = floors[0], floors[3]
    for x in range(low, high):
        for j in range(length + 1):
            single[x, j, 0] = base[x]
            single[x, j, 1] = floor
            single[x, j, 2] = floor_pair if marked[x] else NEVER
            single[x, j, 3] = floor_pair - np.float32(2.0) if marked[x] else NEVER
    best = np.empty((length + 1, 4), dtype=np.float32)
    best[:, 1] = floor
    best[:, 2] = floor_pair
    best[:, 3] = floor_pair - np.float32(2.0)
    used = 0
    for j in range(1, length + 1):
        stray[j - 1] = stray_of[codes[j - 1]]
        key = np.int64(0)
        for k in range(1, min(3, j) + 1):
            if codes[j - k] == 0:
                break
            key = key | (np.int64(codes[j - k]) << (12 * (k - 1)))
            entry = find_key(key, keys, slots)
            if entry < 0:
                continue
            for at in range(single_begin[entry], single_begin[entry + 1]):
                x = single_letter[at]
                single[x, j, k] = single_value[at]
                if low <= x < high and single_value[at] > best[j, k]:
                    best[j, k] = single_value[at]
            for at in range(group_begin[entry], group_begin[entry + 1]):
                y = group_pair[at, 0]
                x = group_pair[at, 1]
                number = group_of[y, x]
                if number < 0:
                    if used >= len(group):
                        continue
                    number = used
                    used += 1
                    group_of[y, x] = number
                    pairs[number, 0] = y
                    pairs[number, 1] = x
                    opens[y] = True
                    group[number, : length + 1] = NEVER
                group[number, j, k] = group_value[at]
                if group_value[at] > best[j, k]:
                    best[j, k] = group_value[at]
    ahead[length] = 0.0
    for j in range(length - 1, -1, -1):
        value = stray[j] + ahead[j + 1]
        for k in range(1, min(3, length - j) + 1):
            value = max(value, best[j + k, k] + ahead[j + k])
        ahead[j] = value
    return used


@compiled
def score_of(
    word: Any, length: Any, first: Any, rest: Any, spelled: Any, single: Any, group: Any,
    group_of: Any, stray: Any, rows: Any,
) -> Any:  # fmt: skip
    """Log P of a string (whose tables are filled) for one syllable."""
    rows[0, 0] = 0.0
    for j in range(1, length + 1):
        rows[0, j] = rows[0, j - 1] + stray[j - 1]
    d = 0
    before = np.int64(0)
    while d < spelled.shape[1] and spelled[word, d] >= 0:
        x = np.int64(spelled[word, d]) + (first if d == 0 else rest)
        pair = group_of[before, x] if d > 0 else -1
        for j in range(length + 1):
            value = rows[d, j] + single[x, j, 0]
            if j > 0:
                value = max(value, rows[d, j - 1] + single[x, j, 1])
                value = max(value, rows[d + 1, j - 1] + stray[j - 1])
            if j > 1:
                value = max(value, rows[d, j - 2] + single[x, j, 2])
            if j > 2:
                value = max(value, rows[d, j - 3] + single[x, j, 3])
            if pair >= 0:
                for k in range(1, min(j, 3) + 1):
                    value = max(value, rows[d - 1, j - k] + group[pair, j, k])
            rows[d + 1, j] = value
        before = x
        d += 1
    return rows[d, length]
