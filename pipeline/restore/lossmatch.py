"""Syllables of which some letters turned into a space or into nothing, found by compiled code.

The lexicon is a trie in depth-first order (:class:`pipeline.restore.lexicon.Trie`). At each node
stands the list of ways to read the letters so far: each kept, seen as a space, or not seen.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipeline.restore.compiled import compiled

MOST = 3  # letters that one syllable may have lost
LOWER, TITLE, UPPER = range(3)  # as in channel.CASES
SPACE = -2  # as a letter
_DEPTH = 12
_WAYS = 128  # ways to read the letters of one path
_READINGS = 4096  # of one string
_AS_SPACE = np.float32(math.log(0.9))
_AS_NOTHING = np.float32(math.log(0.1))


@compiled
def _fits(case: Any, kept: Any, upper: Any) -> Any:
    """Whether kept letters (bits by place in the word) have the capitals of the case."""
    if case == LOWER:
        return upper == 0
    if case == TITLE:
        return upper == (kept & 1)
    return upper == kept


@compiled
def _number(letter: Any, place: Any, case: Any, letters: Any) -> Any:
    """The number of a letter of the lexicon in a case: capitals follow the small ones."""
    if case == UPPER or (case == TITLE and place == 0):
        return letter + letters
    return letter


@compiled
def _walk(
    text: Any, capital: Any, letter: Any, depth: Any, skip: Any, word: Any, often: Any,
    often_first: Any, path: Any, ways: Any, counts: Any, found: Any,
) -> Any:  # fmt: skip
    """All (trie node, way) whose way reads all of ``text``, with one to MOST losses.

    A way is [characters read, losses, places kept, places seen as capitals, places seen as a
    space, whether all that was lost is lost often]. Rows of ``found`` are [node, kept, capitals,
    spaces]. Two losses and more are letters that are lost ``often`` (``often_first``: at the
    beginning, where it was a capital).
    """
    size = len(text)
    count = 0
    counts[0] = 1
    for k in range(6):
        ways[0, 0, k] = 0
    ways[0, 0, 5] = 1
    node = 0
    while node < len(letter):
        d = depth[node]
        x = letter[node]
        bit = 1 << (d - 1)
        easy = often[x] or (d == 1 and often_first[x])
        total = 0
        for way in range(counts[d - 1]):
            at, losses = ways[d - 1, way, 0], ways[d - 1, way, 1]
            kept, upper = ways[d - 1, way, 2], ways[d - 1, way, 3]
            spaces, all_easy = ways[d - 1, way, 4], ways[d - 1, way, 5]
            if at < size and text[at] == x and total < _WAYS:
                new = ways[d, total]
                new[0], new[1], new[2] = at + 1, losses, kept | bit
                new[3], new[4], new[5] = upper | (bit if capital[at] else 0), spaces, all_easy
                total += 1
            may = losses == 0 or (losses < MOST and easy and all_easy)
            if may and at < size and text[at] == SPACE and total < _WAYS:
                new = ways[d, total]
                new[0], new[1], new[2], new[3] = at + 1, losses + 1, kept, upper
                new[4], new[5] = spaces | bit, all_easy and easy
                total += 1
            if may and total < _WAYS:
                new = ways[d, total]
                new[0], new[1], new[2], new[3] = at, losses + 1, kept, upper
                new[4], new[5] = spaces, all_easy and easy
                total += 1
        counts[d] = total
        path[d] = x
        if total == 0:
            node = skip[node]
            continue
        if word[node] >= 0:
            for way in range(total):
                if ways[d, way, 0] == size and ways[d, way, 1] > 0 and count < len(found):
                    found[count, 0] = node
                    found[count, 1] = ways[d, way, 2]
                    found[count, 2] = ways[d, way, 3]
                    found[count, 3] = ways[d, way, 4]
                    count += 1
        node += 1
    return count


@compiled
def match_losses(
    texts: Any, capital: Any, begin: Any, item: Any, extra: Any, case_begin: Any, case: Any,
    prior: Any, whole: Any, spelled: Any, letter: Any, depth: Any, skip: Any, word: Any, often: Any,
    often_first: Any, lost: Any, kept_: Any, titles: Any, smalls: Any,
) -> Any:  # fmt: skip
    """The readings of many strings: (begin by string, syllable, case, log score).

    Text i is ``texts[begin[i] : begin[i + 1]]`` (letters of the lexicon, SPACE, or -1), the string
    ``item[i]`` as it stands or with wide gaps narrowed, at the cost ``extra[i]``; texts of one
    string follow each other. String k may have the cases ``case_begin[k] : case_begin[k + 1]``
    with their ``prior``; ``whole[k]``: the syllable that it is as it stands (-1). ``spelled``: the
    letters of each syllable, -1 behind them. ``lost``, ``kept_``: log probability by letter.
    """
    strings = len(whole)
    letters = len(lost) // 2
    r_begin = np.zeros(strings + 1, dtype=np.int64)
    room = 1024
    r_word = np.empty(room, dtype=np.int32)
    r_case = np.empty(room, dtype=np.int8)
    r_score = np.empty(room, dtype=np.float32)
    total = 0
    path = np.zeros(_DEPTH, dtype=np.int64)
    ways = np.empty((_DEPTH, _WAYS, 6), dtype=np.int64)
    counts = np.zeros(_DEPTH, dtype=np.int64)
    found = np.empty((_READINGS, 4), dtype=np.int64)
    at = 0
    for string in range(strings):
        while at < len(item) and item[at] == string:
            a, b = begin[at], begin[at + 1]
            count = _walk(
                texts[a:b], capital[a:b], letter, depth, skip, word, often, often_first, path, ways,
                counts, found,
            )  # fmt: skip
            if total + 2 * count + 2 > room:
                room = 2 * (room + 2 * count)
                r_word, r_case, r_score = (
                    _more(r_word, room),
                    _more(r_case, room),
                    _more(r_score, room),
                )
            for row in range(count):
                syllable = word[found[row, 0]]
                kept, upper, spaces = found[row, 1], found[row, 2], found[row, 3]
                for way in range(case_begin[string], case_begin[string + 1]):
                    if not _fits(case[way], kept, upper):
                        continue
                    score = prior[way]
                    if not kept & 1 and case[way] != UPPER:  # nothing shows its case
                        score *= 0.7
                        score += titles[syllable] if case[way] == TITLE else smalls[syllable]
                    score += extra[at]
                    place = 0
                    while place < spelled.shape[1] and spelled[syllable, place] >= 0:
                        x = _number(spelled[syllable, place], place, case[way], letters)
                        if kept >> place & 1:
                            score += kept_[x]
                        else:
                            score += lost[x]
                            score += _AS_SPACE if spaces >> place & 1 else _AS_NOTHING
                        place += 1
                    r_word[total], r_case[total], r_score[total] = syllable, case[way], score
                    total += 1
            at += 1
        if whole[string] >= 0:
            syllable = whole[string]
            for way in range(case_begin[string], case_begin[string + 1]):
                score = prior[way]
                place = 0
                while place < spelled.shape[1] and spelled[syllable, place] >= 0:
                    score += kept_[_number(spelled[syllable, place], place, case[way], letters)]
                    place += 1
                r_word[total], r_case[total], r_score[total] = syllable, case[way], score
                total += 1
        r_begin[string + 1] = total
    return r_begin, r_word[:total].copy(), r_case[:total].copy(), r_score[:total].copy()


@compiled
def _more(array: Any, room: Any) -> Any:
    more = np.empty(room, dtype=array.dtype)
    more[: len(array)] = array
    return more
