"""Syllables of which some letters turned into a space or into nothing, found by compiled code.

What may be left of each syllable is listed beforehand (a deletion index: Garbe's SymSpell, 2012):
for the loss of one letter once and for all, for several once the letters are known that a document
loses often.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipeline.compiled import compiled

MOST = 3  # letters that one syllable may have lost
LOWER, TITLE, UPPER = range(3)  # as in channel.CASES
SPACE = -2  # as a letter
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


# A way to read a syllable is one number: how many letters it has lost, then three bits by letter:
# kept, seen as a capital, seen as a space.
_LOST, _KEPT, _CAPITAL, _SPACED = 4, 8, 20, 32
_PLACES = (1 << 12) - 1
# What is left of a syllable is a number as well: so many bits by letter, SPACE is 1.
_BITS = 7
_LONGEST = 9  # letters and spaces


@compiled
def all_forms(spelled: Any, often: Any, often_first: Any, fewest: Any, most: Any) -> Any:
    """What is left of each syllable that lost ``fewest`` to ``most`` letters: rows in order.

    Those are letters that are lost ``often`` (``often_first``: at the beginning), each seen as a
    space or not at all. A row is (what is left as a number, syllable, way). ``spelled``: the
    letters of each syllable, -1 behind them.
    """
    rows = np.empty((1024, 3), dtype=np.int64)
    total = 0
    for syllable in range(len(spelled)):
        size = 0
        easy = 0
        while size < spelled.shape[1] and spelled[syllable, size] >= 0:
            x = spelled[syllable, size]
            if often[x] or (size == 0 and often_first[x]):
                easy |= 1 << size
            size += 1
        if size == 0 or size - fewest > _LONGEST:
            continue
        # subsets of the places that may be lost, then of these the places seen as a space
        lost = easy
        while lost > 0:
            losses = 0
            for place in range(size):
                losses += lost >> place & 1
            if fewest <= losses <= most:
                spaces = lost
                while spaces >= 0:
                    key, length = 0, 0
                    for place in range(size):
                        if not lost >> place & 1:
                            key = key << _BITS | (spelled[syllable, place] + 2)
                            length += 1
                        elif spaces >> place & 1:
                            key = key << _BITS | 1
                            length += 1
                    if 0 < length <= _LONGEST:
                        if total == len(rows):
                            room = np.empty((2 * total, 3), dtype=np.int64)
                            room[:total] = rows
                            rows = room
                        kept = ~lost & ((1 << size) - 1)
                        rows[total, 0] = key
                        rows[total, 1] = syllable
                        rows[total, 2] = losses << _LOST | kept << _KEPT | spaces << _SPACED
                        total += 1
                    spaces = (spaces - 1) & lost if spaces > 0 else -1
            lost = (lost - 1) & easy
    return rows[:total][np.argsort(rows[:total, 0], kind="mergesort")]


@compiled
def find_losses(texts: Any, capital: Any, begin: Any, single: Any, several: Any) -> Any:
    """Syllables of which texts may be what is left: (begin by text, rows [syllable, way]).

    Text i is ``texts[begin[i] : begin[i + 1]]``: letters of the lexicon, SPACE, or -1. ``single``
    and ``several``: what :func:`all_forms` gives for one loss and for more.
    """
    items = len(begin) - 1
    f_begin = np.zeros(items + 1, dtype=np.int64)
    rows = np.empty((1024, 2), dtype=np.int64)
    total = 0
    for item in range(items):
        first, end = begin[item], begin[item + 1]
        key = np.int64(0)
        for at in range(first, end):
            if texts[at] < 0 and texts[at] != SPACE:
                key = np.int64(-1)
                break
            key = key << _BITS | (1 if texts[at] == SPACE else np.int64(texts[at]) + 2)
        if key > 0 and end - first <= _LONGEST:
            for forms in (single, several):
                row = np.searchsorted(forms[:, 0], key)
                while row < len(forms) and forms[row, 0] == key:
                    if total == len(rows):
                        room = np.empty((2 * total, 2), dtype=np.int64)
                        room[:total] = rows
                        rows = room
                    way = forms[row, 2]
                    at = first
                    for place in range(_LONGEST + MOST):
                        if at == end:
                            break
                        if way >> (_KEPT + place) & 1:
                            if capital[at]:
                                way |= 1 << (_CAPITAL + place)
                            at += 1
                        elif way >> (_SPACED + place) & 1:
                            at += 1
                    rows[total, 0] = forms[row, 1]
                    rows[total, 1] = way
                    total += 1
                    row += 1
        f_begin[item + 1] = total
    return f_begin, rows[:total].copy()


@compiled
def weigh_losses(
    item: Any, extra: Any, case_begin: Any, case: Any, prior: Any, whole: Any, found_begin: Any,
    found: Any, spelled: Any, lost: Any, kept_: Any, titles: Any, smalls: Any,
) -> Any:  # fmt: skip
    """The readings of many strings: (begin by string, syllable, case, log score).

    Text i (see :func:`find_losses`) is the string ``item[i]`` as it stands or with wide gaps
    narrowed, at the cost ``extra[i]``; texts of one string follow each other. String k may have the
    cases ``case_begin[k] : case_begin[k + 1]`` with their ``prior``; ``whole[k]``: the syllable
    that it is as it stands (-1). ``spelled``: the letters of each syllable, -1 behind them;
    ``lost``, ``kept_``: log probability by letter, small ones first.
    """
    strings = len(whole)
    letters = len(lost) // 2
    room = 2 * (len(found) + strings)
    r_begin = np.zeros(strings + 1, dtype=np.int64)
    r_word = np.empty(room, dtype=np.int32)
    r_case = np.empty(room, dtype=np.int8)
    r_score = np.empty(room, dtype=np.float32)
    total = 0
    at = 0
    for string in range(strings):
        while at < len(item) and item[at] == string:
            for row in range(found_begin[at], found_begin[at + 1]):
                syllable = found[row, 0]
                kept = found[row, 1] >> _KEPT & _PLACES
                upper = found[row, 1] >> _CAPITAL & _PLACES
                spaces = found[row, 1] >> _SPACED & _PLACES
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
                    r_word[total] = syllable
                    r_case[total] = case[way]
                    r_score[total] = score
                    total += 1
            at += 1
        if whole[string] >= 0 and case_begin[string] < case_begin[string + 1]:
            syllable = whole[string]
            own = case[case_begin[string]]  # it shows its case: the first of those it may have
            score = np.float32(0.0)
            place = 0
            while place < spelled.shape[1] and spelled[syllable, place] >= 0:
                score += kept_[_number(spelled[syllable, place], place, own, letters)]
                place += 1
            r_word[total] = syllable
            r_case[total] = own
            r_score[total] = score
            total += 1
        r_begin[string + 1] = total
    return r_begin, r_word[:total].copy(), r_case[:total].copy(), r_score[:total].copy()
