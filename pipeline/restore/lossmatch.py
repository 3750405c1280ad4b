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


# A way to read the letters so far is one number: what it has read and lost, then three bits by
# letter: kept, seen as a capital, seen as a space.
_AT, _LOST, _EASY, _KEPT, _CAPITAL, _SPACED = 0, 4, 6, 8, 20, 32
_PLACES = (1 << 12) - 1


@compiled
def _need(text: Any, begin: Any, end: Any, needed: Any) -> Any:
    """Fill in which letters each rest of a text needs; whether there are such letters at all."""
    needed[end - begin, 0] = 0
    needed[end - begin, 1] = 0
    for at in range(end - begin - 1, -1, -1):
        needed[at, 0] = needed[at + 1, 0]
        needed[at, 1] = needed[at + 1, 1]
        letter = text[begin + at]
        if letter >= 0:
            needed[at, letter >> 6] |= np.uint64(1) << np.uint64(letter & 63)
        elif letter != SPACE:
            return False
    return True


@compiled
def letters_below(letter: Any, depth: Any) -> Any:
    """The letters behind each node of a trie, as two words of bits."""
    nodes = len(letter)
    below = np.zeros((nodes, 2), dtype=np.uint64)
    path = np.zeros(_DEPTH, dtype=np.int64)
    for node in range(nodes):
        path[depth[node]] = node
        bit = np.uint64(1) << np.uint64(letter[node] & 63)
        for d in range(1, depth[node]):
            below[path[d], letter[node] >> 6] |= bit
    return below


@compiled
def _walk(
    text: Any, capital: Any, begin: Any, end: Any, letter: Any, depth: Any, skip: Any, word: Any,
    below: Any, often: Any, often_first: Any, ways: Any, counts: Any, needed: Any, found: Any,
) -> Any:  # fmt: skip
    """All (trie node, way) whose way reads all of ``text[begin:end]``, with one to MOST losses.

    ``below``: the letters behind each node (two words of bits). Two losses and more are letters
    that are lost ``often`` (``often_first``: at the beginning, where it was a capital).
    """
    size = end - begin
    if not _need(text, begin, end, needed):
        return 0
    count = 0
    counts[0] = 1
    ways[0, 0] = 1 << _EASY
    node = 0
    while node < len(letter):
        d = depth[node]
        x = letter[node]
        place = d - 1
        easy = often[x] or (d == 1 and often_first[x])
        lacks_low, lacks_high = ~below[node, 0], ~below[node, 1]
        total = 0
        for way in range(counts[d - 1]):
            here = ways[d - 1, way]
            at = here & 15
            losses = here >> _LOST & 3
            if total + 3 > _WAYS:
                break
            stays = needed[at, 0] & lacks_low == 0 and needed[at, 1] & lacks_high == 0
            goes = at < size
            if goes:
                later = at + 1
                goes = needed[later, 0] & lacks_low == 0 and needed[later, 1] & lacks_high == 0
            if goes and text[begin + at] == x:
                new = here + 1 | 1 << (_KEPT + place)
                if capital[begin + at]:
                    new |= 1 << (_CAPITAL + place)
                ways[d, total] = new
                total += 1
            if losses == 0 or (losses < MOST and easy and here >> _EASY & 1):
                lost = here + (1 << _LOST)
                if not easy:
                    lost &= ~(1 << _EASY)
                if goes and text[begin + at] == SPACE:
                    ways[d, total] = lost + 1 | 1 << (_SPACED + place)
                    total += 1
                if stays:
                    ways[d, total] = lost
                    total += 1
        counts[d] = total
        if total == 0:
            node = skip[node]
            continue
        if word[node] >= 0:
            for way in range(total):
                here = ways[d, way]
                if here & 15 == size and here >> _LOST & 3 > 0 and count < len(found):
                    found[count, 0] = word[node]
                    found[count, 1] = here
                    count += 1
        node += 1
    return count


@compiled
def find_losses(
    texts: Any, capital: Any, begin: Any, letter: Any, depth: Any, skip: Any, word: Any, below: Any,
    often: Any, often_first: Any,
) -> Any:  # fmt: skip
    """Syllables of which texts may be what is left: (begin by text, rows [syllable, way]).

    Text i is ``texts[begin[i] : begin[i + 1]]``: letters of the lexicon, SPACE, or -1.
    """
    items = len(begin) - 1
    f_begin = np.zeros(items + 1, dtype=np.int64)
    rows = np.empty((1024, 2), dtype=np.int64)
    total = 0
    ways = np.empty((_DEPTH, _WAYS), dtype=np.int64)
    counts = np.zeros(_DEPTH, dtype=np.int64)
    needed = np.empty((17, 2), dtype=np.uint64)
    found = np.empty((_READINGS, 2), dtype=np.int64)
    for item in range(items):
        count = 0
        if begin[item + 1] - begin[item] < 16:
            count = _walk(
                texts, capital, begin[item], begin[item + 1], letter, depth, skip, word, below,
                often, often_first, ways, counts, needed, found,
            )  # fmt: skip
        while total + count > len(rows):
            more = np.empty((2 * len(rows), 2), dtype=np.int64)
            more[: len(rows)] = rows
            rows = more
        for row in range(count):
            rows[total, 0] = found[row, 0]
            rows[total, 1] = found[row, 1]
            total += 1
        f_begin[item + 1] = total
    return f_begin, rows[:total].copy()


@compiled
def _often(syllable: Any, kept: Any, spelled: Any, often: Any, often_first: Any) -> Any:
    """Whether all letters that are lost are lost often."""
    place = 0
    while place < spelled.shape[1] and spelled[syllable, place] >= 0:
        x = spelled[syllable, place]
        if not kept >> place & 1 and not often[x] and not (place == 0 and often_first[x]):
            return False
        place += 1
    return True


@compiled
def weigh_losses(
    item: Any, extra: Any, case_begin: Any, case: Any, prior: Any, whole: Any, found_begin: Any,
    found: Any, often: Any, often_first: Any, spelled: Any, lost: Any, kept_: Any, titles: Any,
    smalls: Any,
) -> Any:  # fmt: skip
    """The readings of many strings: (begin by string, syllable, case, log score).

    Text i (see :func:`find_losses`) is the string ``item[i]`` as it stands or with wide gaps
    narrowed, at the cost ``extra[i]``; texts of one string follow each other. String k may have the
    cases ``case_begin[k] : case_begin[k + 1]`` with their ``prior``; ``whole[k]``: the syllable
    that it is as it stands (-1). Of those with several losses only letters that are lost ``often``
    (``often_first``) count; ``found`` may hold others. ``spelled``: the letters of each
    syllable, -1 behind them. ``lost``, ``kept_``: log probability by letter, small ones first.
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
                if found[row, 1] >> _LOST & 3 > 1 and not _often(
                    syllable, kept, spelled, often, often_first
                ):
                    continue
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
