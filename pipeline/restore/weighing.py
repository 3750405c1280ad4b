"""Syllables that one channel found, weighed by another, compiled.

A channel that is re-estimated on a document ranks the same syllables anew. To search for them again
would take ten times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.restore.compiled import compiled
from pipeline.restore.matching import DEPTH, LIMIT, LONGEST, PAIRS, REACH, keep, weigh


@compiled
def _score(
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


@compiled
def weigh_all(
    codes: Any,
    begin: Any,
    cases: Any,
    given_row: Any,
    given_count: Any,
    given_words: Any,
    given_scores: Any,
    spelled: Any,
    rarity: Any,
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
) -> Any:
    """As :func:`match_all`, among syllables that are given: rows of ``given_words``.

    ``spelled``: the letters of each syllable, -1 behind them.
    """
    items = len(cases)
    letters = len(base)
    size = letters // 2
    count = np.zeros(items, dtype=np.int32)
    words = np.empty((items, LIMIT), dtype=np.int32)
    scores = np.empty((items, LIMIT), dtype=np.float32)
    single = np.empty((letters, LONGEST + 1, 4), dtype=np.float32)
    stray = np.empty(LONGEST, dtype=np.float32)
    ahead = np.empty(LONGEST + 1, dtype=np.float32)
    group = np.empty((PAIRS, LONGEST + 1, 4), dtype=np.float32)
    group_of = np.full((letters, letters), -1, dtype=np.int32)
    opens = np.zeros(letters, dtype=np.bool_)
    pairs = np.empty((PAIRS, 2), dtype=np.int32)
    rows = np.empty((DEPTH, LONGEST + 1), dtype=np.float32)
    ranks = np.empty(LIMIT, dtype=np.float32)
    for item in range(items):
        given = given_row[item]
        length = begin[item + 1] - begin[item]
        if given_count[given] == 0:
            continue
        first = 0 if cases[item] == 0 else size
        rest = size if cases[item] == 2 else 0
        used = weigh(
            codes[begin[item] : begin[item + 1]], first, rest, base, marked, floors, stray_of, keys,
            slots, single_begin, single_letter, single_value, group_begin, group_pair, group_value,
            single, stray, group, group_of, opens, pairs, ahead,
        )  # fmt: skip
        kept = 0
        for at in range(given_count[given]):
            word = given_words[given, at]
            score = _score(word, length, first, rest, spelled, single, group, group_of, stray, rows)
            kept = keep(kept, word, score, score + rarity[word], words[item], scores[item], ranks)
        while kept > 0 and ranks[kept - 1] < ranks[0] - np.float32(REACH):
            kept -= 1
        count[item] = kept
        for number in range(used):
            group_of[pairs[number, 0], pairs[number, 1]] = -1
            opens[pairs[number, 0]] = False
    return count, words, scores
