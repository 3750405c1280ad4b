"""Readings that one channel found, weighed by another, compiled.

A channel that is re-estimated on a document weighs anew what a first search was not sure of. To
look for readings again would take many times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.stringtables import DEPTH, LONGEST, PAIRS, score_of, weigh


@compiled
def weigh_readings(
    codes: Any,
    begin: Any,
    string: Any,
    case: Any,
    word: Any,
    spelled: Any,
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
    """Log P of strings (codes ``begin[k] : begin[k + 1]``), each for syllables in cases.

    Item i is the string ``string[i]`` for the syllable ``word[i]`` in ``case[i]``; what shares a
    string and a case lies together. ``spelled``: the letters of each syllable, -1 behind them.
    """
    items = len(word)
    letters = len(base)
    size = letters // 2
    scores = np.empty(items, dtype=np.float32)
    single = np.empty((letters, LONGEST + 1, 4), dtype=np.float32)
    stray = np.empty(LONGEST, dtype=np.float32)
    ahead = np.empty(LONGEST + 1, dtype=np.float32)
    group = np.empty((PAIRS, LONGEST + 1, 4), dtype=np.float32)
    group_of = np.full((letters, letters), -1, dtype=np.int32)
    opens = np.zeros(letters, dtype=np.bool_)
    pairs = np.empty((PAIRS, 2), dtype=np.int32)
    rows = np.empty((DEPTH, LONGEST + 1), dtype=np.float32)
    used = 0
    first, rest, length = 0, 0, 0
    for item in range(items):
        text = string[item]
        if item == 0 or text != string[item - 1] or case[item] != case[item - 1]:
            for number in range(used):
                group_of[pairs[number, 0], pairs[number, 1]] = -1
                opens[pairs[number, 0]] = False
            first = 0 if case[item] == 0 else size
            rest = size if case[item] == 2 else 0
            length = begin[text + 1] - begin[text]
            used = weigh(
                codes[begin[text] : begin[text + 1]], first, rest, base, marked, floors, stray_of,
                keys, slots, single_begin, single_letter, single_value, group_begin, group_pair,
                group_value, single, stray, group, group_of, opens, pairs, ahead,
            )  # fmt: skip
        scores[item] = score_of(
            word[item], length, first, rest, spelled, single, group, group_of, stray, rows
        )
    return scores
