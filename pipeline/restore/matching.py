"""The search for the syllables that a string may stand for, compiled; see channel.py.

The lexicon is a trie in depth-first order. The search walks it with one row of the edit table for
each letter on the path, and leaves a branch when no cell of its row can reach a complete syllable
within the bound: what the rest of the string costs at least (any letters, any order) is computed
first, from its end, so that the bound is tight near the root too (A*, admissible: nothing is lost).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.restore.compiled import compiled

LONGEST = 14  # characters; longer strings are no single syllable under any channel
DEPTH = 10  # letters of the longest syllable, and two more
REACH = 10.0  # nats behind the best syllable (score and rarity)
LIMIT = 32  # syllables of a string
PAIRS = 4096  # pairs of letters that one string may hold under a channel
_NEVER = np.float32(-1e30)
_LOWEST = -3.0  # nats, doubled until it fits the length: syllables that score less are none
_STEP = 4.0  # nats by which the first bound is below what any letters would score


@compiled
def _slot(key: Any, mask: Any) -> Any:
    return np.int64(((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) & mask)


@compiled
def table_of(keys: Any, size: Any) -> Any:
    """A hash table: slots that hold the offset of a key in ``keys``, -1 where empty."""
    slots = np.full(size, -1, dtype=np.int32)
    mask = np.uint64(size - 1)
    for number in range(len(keys)):
        slot = _slot(keys[number], mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & np.int64(mask)
        slots[slot] = number
    return slots


@compiled
def find_key(key: Any, keys: Any, slots: Any) -> Any:
    """The offset of ``key`` in ``keys``, or -1."""
    mask = np.uint64(len(slots) - 1)
    slot = _slot(key, mask)
    while slots[slot] >= 0:
        if keys[slots[slot]] == key:
            return slots[slot]
        slot = (slot + 1) & np.int64(mask)
    return -1


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
            single[x, j, 2] = floor_pair if marked[x] else _NEVER
            single[x, j, 3] = floor_pair - np.float32(2.0) if marked[x] else _NEVER
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
                    group[number, : length + 1] = _NEVER
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
def _gain(length: Any, first: Any, rest: Any, single: Any, ahead: Any, gain: Any) -> Any:
    """Fill in what each letter adds at most to the best score of a string, wherever it is read."""
    size = len(gain) // 2
    for x in range(0 if rest == 0 else size, 2 * size if first > 0 else size):
        most = single[x, 0, 0]
        for j in range(1, length + 1):
            for k in range(1, min(3, j) + 1):
                most = max(most, single[x, j, k] + ahead[j] - ahead[j - k])
        gain[x] = most


@compiled
def _match(
    length: Any,
    letter: Any,
    depth: Any,
    skip: Any,
    word: Any,
    reach: Any,
    rarity: Any,
    first: Any,
    rest: Any,
    single: Any,
    group: Any,
    group_of: Any,
    opens: Any,
    stray: Any,
    ahead: Any,
    gain: Any,
    bound: Any,
    rows: Any,
    path: Any,
    tops: Any,
    words: Any,
    scores: Any,
    ranks: Any,
) -> Any:
    """The best syllables that rank ``bound`` or better, best first; gives how many.

    A syllable ranks by its score and its ``rarity``; ``reach``: the least rarity behind each node.
    ``first``/``rest``: what is added to the number of the first letter and the others (capitals).
    """
    rows[0, 0] = 0.0
    for j in range(1, length + 1):
        rows[0, j] = rows[0, j - 1] + stray[j - 1]
    tops[0] = ahead[0]
    kept = 0
    node = 0
    nodes = len(letter)
    while node < nodes:
        d = depth[node]
        x = letter[node] + (first if d == 1 else rest)
        path[d] = x
        pair = group_of[path[d - 1], x] if d > 1 else -1
        if pair < 0:
            # where it opens no pair either, only what it is read as by itself counts
            most = tops[d - 1] if opens[x] else tops[d - 1] + gain[x]
            if most + reach[node] < bound:
                node = skip[node]
                continue
        top = _NEVER
        above = _NEVER
        for j in range(length + 1):
            before = rows[d - 1, j]
            above = max(above, before + ahead[j])
            value = before + single[x, j, 0]
            if j > 0:
                value = max(value, rows[d - 1, j - 1] + single[x, j, 1])
                value = max(value, rows[d, j - 1] + stray[j - 1])
            if j > 1:
                value = max(value, rows[d - 1, j - 2] + single[x, j, 2])
            if j > 2:
                value = max(value, rows[d - 1, j - 3] + single[x, j, 3])
            if pair >= 0:
                for k in range(1, min(j, 3) + 1):
                    value = max(value, rows[d - 2, j - k] + group[pair, j, k])
            rows[d, j] = value
            top = max(top, value + ahead[j])
        tops[d] = top
        if top + reach[node] < bound and not (opens[x] and above + reach[node] >= bound):
            node = skip[node]
            continue
        if word[node] >= 0:
            score = rows[d, length]
            rank = score + rarity[word[node]]
            if rank >= bound:
                kept = keep(kept, word[node], score, rank, words, scores, ranks)
                bound = max(bound, ranks[0] - np.float32(REACH))
                if kept == LIMIT:
                    bound = max(bound, ranks[LIMIT - 1])
        node += 1
    while kept > 0 and ranks[kept - 1] < ranks[0] - np.float32(REACH):
        kept -= 1
    return kept


@compiled
def keep(kept: Any, word: Any, score: Any, rank: Any, words: Any, scores: Any, ranks: Any) -> Any:
    """Sort a syllable in among the best so far; gives how many there are."""
    if kept == LIMIT and rank <= ranks[LIMIT - 1]:
        return kept
    place = min(kept, LIMIT - 1)
    while place > 0 and ranks[place - 1] < rank:
        scores[place] = scores[place - 1]
        words[place] = words[place - 1]
        ranks[place] = ranks[place - 1]
        place -= 1
    scores[place] = score
    words[place] = word
    ranks[place] = rank
    return min(kept + 1, LIMIT)


@compiled
def match_all(
    codes: Any,
    begin: Any,
    cases: Any,
    least: Any,
    letter: Any,
    depth: Any,
    skip: Any,
    word: Any,
    reach: Any,
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
    """The syllables of many strings: (counts, words [n, LIMIT], log P [n, LIMIT]).

    String i is ``codes[begin[i] : begin[i + 1]]`` in the case ``cases[i]`` (0 lower, 1 title,
    2 upper), of which syllables that rank below ``least[i]`` may be left out. ``reach``,
    ``rarity``: see :meth:`pipeline.restore.lexicon.Lexicon.rarity`.
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
    gain = np.zeros(letters, dtype=np.float32)
    pairs = np.empty((PAIRS, 2), dtype=np.int32)
    rows = np.empty((DEPTH, LONGEST + 1), dtype=np.float32)
    path = np.zeros(DEPTH, dtype=np.int64)
    tops = np.zeros(DEPTH, dtype=np.float32)
    ranks = np.empty(LIMIT, dtype=np.float32)
    for item in range(items):
        text = codes[begin[item] : begin[item + 1]]
        length = len(text)
        if length == 0 or length > LONGEST:
            continue
        first = 0 if cases[item] == 0 else size
        rest = size if cases[item] == 2 else 0
        used = weigh(
            text, first, rest, base, marked, floors, stray_of, keys, slots, single_begin,
            single_letter, single_value, group_begin, group_pair, group_value, single, stray,
            group, group_of, opens, pairs, ahead,
        )  # fmt: skip
        _gain(length, first, rest, single, ahead, gain)
        lowest = np.float32(_LOWEST)
        while lowest >= -10.0 - 3.0 * length:
            lowest *= np.float32(2.0)
        lowest = max(lowest, least[item])
        bound = max(lowest, ahead[0] - np.float32(_STEP))
        found = 0
        while ahead[0] >= lowest:
            # Deepen: a tight bound finds the best syllable fast, and then says how far to look.
            found = _match(
                length, letter, depth, skip, word, reach, rarity, first, rest, single, group,
                group_of, opens, stray, ahead, gain, bound, rows, path, tops, words[item],
                scores[item], ranks,
            )  # fmt: skip
            if found > 0:
                wanted = max(least[item], ranks[0] - np.float32(REACH))
                if found == LIMIT or wanted >= bound - np.float32(0.01):
                    break
                bound = wanted
            elif bound <= lowest:
                break
            else:
                bound = max(lowest, min(bound * np.float32(2.0), bound - np.float32(_STEP)))
        count[item] = found
        for number in range(used):
            group_of[pairs[number, 0], pairs[number, 1]] = -1
            opens[pairs[number, 0]] = False
    return count, words, scores
