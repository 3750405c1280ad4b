"""The search for the syllables that a string may stand for, compiled; see channel.py.

Syllables without their marks are a trie in depth-first order. The search walks it with one row of
the edit table for each letter on the path, where a letter scores what the best of its marked forms
would, and leaves a branch when no cell of its row can reach a complete syllable within the bound:
what the rest of the string costs at least (any letters, any order) is computed first, from its end,
so that the bound is tight near the root too (A*, admissible: nothing is lost). The marked forms of
what is left are then weighed one by one: walking a trie of all of them takes three times the rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.stringtables import DEPTH, LONGEST, NEVER, PAIRS, score_of, weigh

REACH = 10.0  # nats behind the best syllable (score and rarity)
LIMIT = 32  # syllables of a string
_LOWEST = -3.0  # nats, doubled until it fits the length: syllables that score less are none
_STEP = 4.0  # nats by which the first bound is below what any letters would score


@compiled
def _of_plain_letters(
    length: Any, low: Any, high: Any, used: Any, plain_of: Any, single: Any, group: Any,
    group_of: Any, pairs: Any, plain_single: Any, plain_group: Any, plain_group_of: Any,
    plain_pairs: Any, plain_opens: Any,
) -> Any:  # fmt: skip
    """Fill the tables of letters without marks: the best of their forms; gives how many pairs.

    ``plain_of``: the letter without marks of each letter, of which ``low : high`` are in use.
    """
    plain_single[:, : length + 1] = NEVER
    for x in range(low, high):
        plain = plain_of[x]
        for j in range(length + 1):
            for k in range(4):
                plain_single[plain, j, k] = max(plain_single[plain, j, k], single[x, j, k])
    found = 0
    for number in range(used):
        y = plain_of[pairs[number, 0]]
        x = plain_of[pairs[number, 1]]
        at = plain_group_of[y, x]
        if at < 0:
            at = found
            found += 1
            plain_group_of[y, x] = at
            plain_pairs[at, 0] = y
            plain_pairs[at, 1] = x
            plain_opens[y] = True
            plain_group[at, : length + 1] = NEVER
        of_pair = group_of[pairs[number, 0], pairs[number, 1]]
        for j in range(length + 1):
            for k in range(1, 4):
                plain_group[at, j, k] = max(plain_group[at, j, k], group[of_pair, j, k])
    return found


@compiled
def _gain(length: Any, single: Any, ahead: Any, gain: Any) -> None:
    """Fill in what each letter adds at most to the best score of a string, wherever it is read."""
    for x in range(len(gain)):
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
    form: Any,
    form_begin: Any,
    form_word: Any,
    reach: Any,
    rarity: Any,
    spelled: Any,
    first: Any,
    rest: Any,
    single: Any,
    group: Any,
    group_of: Any,
    stray: Any,
    ahead: Any,
    plain_first: Any,
    plain_rest: Any,
    plain_single: Any,
    plain_group: Any,
    plain_group_of: Any,
    opens: Any,
    gain: Any,
    bound: Any,
    rows: Any,
    own_rows: Any,
    path: Any,
    tops: Any,
    words: Any,
    scores: Any,
    ranks: Any,
) -> Any:
    """The best syllables that rank ``bound`` or better, best first; gives how many.

    A syllable ranks by its score and its ``rarity``; ``reach``: the least rarity behind each node.
    ``form``: number of the stripped form that ends at a node (-1: none), whose syllables are
    ``form_word[form_begin[n] : form_begin[n + 1]]``, the least rare first. ``first``/``rest``: what
    is added to the number of the first letter and the others (capitals), ``plain_``: the same and
    the tables for letters without marks.
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
        x = letter[node] + (plain_first if d == 1 else plain_rest)
        path[d] = x
        pair = plain_group_of[path[d - 1], x] if d > 1 else -1
        if pair < 0:
            # where it opens no pair either, only what it is read as by itself counts
            most = tops[d - 1] if opens[x] else tops[d - 1] + gain[x]
            if most + reach[node] < bound:
                node = skip[node]
                continue
        top = NEVER
        above = NEVER
        for j in range(length + 1):
            before = rows[d - 1, j]
            above = max(above, before + ahead[j])
            value = before + plain_single[x, j, 0]
            if j > 0:
                value = max(value, rows[d - 1, j - 1] + plain_single[x, j, 1])
                value = max(value, rows[d, j - 1] + stray[j - 1])
            if j > 1:
                value = max(value, rows[d - 1, j - 2] + plain_single[x, j, 2])
            if j > 2:
                value = max(value, rows[d - 1, j - 3] + plain_single[x, j, 3])
            if pair >= 0:
                for k in range(1, min(j, 3) + 1):
                    value = max(value, rows[d - 2, j - k] + plain_group[pair, j, k])
            rows[d, j] = value
            top = max(top, value + ahead[j])
        tops[d] = top
        if top + reach[node] < bound and not (opens[x] and above + reach[node] >= bound):
            node = skip[node]
            continue
        at = form_begin[form[node]] if form[node] >= 0 else 0
        last = form_begin[form[node] + 1] if form[node] >= 0 else 0
        while at < last and rows[d, length] + rarity[form_word[at]] >= bound:
            word = form_word[at]
            score = score_of(
                word, length, first, rest, spelled, single, group, group_of, stray, own_rows
            )
            rank = score + rarity[word]
            if rank >= bound:
                kept = keep(kept, word, score, rank, words, scores, ranks)
                bound = max(bound, ranks[0] - np.float32(REACH))
                if kept == LIMIT:
                    bound = max(bound, ranks[LIMIT - 1])
            at += 1
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
    form: Any,
    form_begin: Any,
    form_word: Any,
    plain_of: Any,
    reach: Any,
    rarity: Any,
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
    """The syllables of many strings: (counts, words [n, LIMIT], log P [n, LIMIT]).

    String i is ``codes[begin[i] : begin[i + 1]]`` in the case ``cases[i]`` (0 lower, 1 title,
    2 upper), of which syllables that rank below ``least[i]`` may be left out. ``letter`` to
    ``spelled``: see :class:`pipeline.restore.lexicon.Trie` and ``Lexicon``.
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
    plain = 0
    for x in range(letters):
        plain = max(plain, plain_of[x] + 1)
    plain_single = np.empty((plain, LONGEST + 1, 4), dtype=np.float32)
    plain_group = np.empty((plain * plain, LONGEST + 1, 4), dtype=np.float32)
    plain_group_of = np.full((plain, plain), -1, dtype=np.int32)
    plain_pairs = np.empty((plain * plain, 2), dtype=np.int32)
    plain_opens = np.zeros(plain, dtype=np.bool_)
    gain = np.zeros(plain, dtype=np.float32)
    pairs = np.empty((PAIRS, 2), dtype=np.int32)
    rows = np.empty((DEPTH, LONGEST + 1), dtype=np.float32)
    own_rows = np.empty((DEPTH, LONGEST + 1), dtype=np.float32)
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
        low = 0 if rest == 0 else size
        high = letters if first > 0 else size
        plain_used = _of_plain_letters(
            length, low, high, used, plain_of, single, group, group_of, pairs, plain_single,
            plain_group, plain_group_of, plain_pairs, plain_opens,
        )  # fmt: skip
        _gain(length, plain_single, ahead, gain)
        plain_first = 0 if first == 0 else plain // 2
        plain_rest = 0 if rest == 0 else plain // 2
        lowest = np.float32(_LOWEST)
        while lowest >= -10.0 - 3.0 * length:
            lowest *= np.float32(2.0)
        lowest = max(lowest, least[item])
        bound = max(lowest, ahead[0] - np.float32(_STEP))
        found = 0
        while ahead[0] >= lowest:
            # Deepen: a tight bound finds the best syllable fast, and then says how far to look.
            found = _match(
                length, letter, depth, skip, form, form_begin, form_word, reach, rarity, spelled,
                first, rest, single, group, group_of, stray, ahead, plain_first, plain_rest,
                plain_single, plain_group, plain_group_of, plain_opens, gain, bound, rows, own_rows,
                path, tops, words[item], scores[item], ranks,
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
        for number in range(plain_used):
            plain_group_of[plain_pairs[number, 0], plain_pairs[number, 1]] = -1
            plain_opens[plain_pairs[number, 0]] = False
    return count, words, scores
