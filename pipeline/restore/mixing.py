"""Syllables under the cases and the mixture of a stretch to scored readings, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled

MOST = 28  # readings of a word
UNEXPLAINED = -30.0  # log P of a syllable that the channel does not yield but the mixture may


@compiled
def _offer(
    word: Any, case: Any, value: Any, given: Any, alike: Any, seen: Any, stamp: Any, short: Any,
    found: Any, r_word: Any, r_case: Any, r_score: Any, r_given: Any, r_alike: Any,
) -> Any:  # fmt: skip
    """Add a reading, or raise the score of the one that is written alike; gives how many."""
    form = 1 if case == 2 and short[word] else case  # one letter: title case is upper case
    at = seen[word, form]
    if at // MOST_PER_WORD == stamp:
        at = at % MOST_PER_WORD
        if r_score[at] < value:
            r_score[at] = value
            r_case[at] = case
            r_given[at] = given
        return found
    if found >= len(r_word):
        return found
    seen[word, form] = stamp * MOST_PER_WORD + found
    r_word[found] = word
    r_case[found] = case
    r_score[found] = value
    r_given[found] = given
    r_alike[found] = alike
    return found + 1


MOST_PER_WORD = 256  # candidates before selection


@compiled
def mix(
    token_begin: Any,
    item_case: Any,
    item_prior: Any,
    item_row: Any,
    counts: Any,
    words: Any,
    scores: Any,
    extra_begin: Any,
    extra_word: Any,
    same: Any,
    bare: Any,
    own: Any,
    bare_of: Any,
    short: Any,
    titles: Any,
    smalls: Any,
    rarity: Any,
    tells: Any,
    said: Any,
    shares: Any,
    reach: Any,
) -> Any:
    """The readings of many words, best first.

    Gives where those of each word begin; by reading: syllable, case, log score, log P of the
    channel, whether it is the word as it stands (1), stripped (2) or both (3); and by word whether
    a reading is written like it.

    Word i has the channel's answers ``token_begin[i] : token_begin[i + 1]`` (one for each case that
    it may have; rows of ``counts``, ``words``, ``scores``), and the syllables ``extra_word``
    besides. ``same``: the syllable that it is as it stands (-1: none); ``bare``: the number of its
    stripped form if it has no marks (-1); ``own``: the cases in which ``same`` is written like it.
    ``bare_of``: the number of the stripped form of each syllable; ``rarity``: nats that a reading
    is behind by how rare its syllable is, when the best are picked; ``tells[i]``: how much a
    capital tells of the word; ``shares[said[i]]``: kept, stripped, garbled; ``reach``: nats (score
    and rarity) that a reading may lie behind the best of its word.
    """
    tokens = len(same)
    seen = np.full((len(bare_of), 3), -1, dtype=np.int64)
    begin = np.zeros(tokens + 1, dtype=np.int64)
    word_out = np.empty(MOST * tokens, dtype=np.int32)
    case_out = np.empty(MOST * tokens, dtype=np.int8)
    score_out = np.empty(MOST * tokens, dtype=np.float32)
    given_out = np.empty(MOST * tokens, dtype=np.float32)
    alike_out = np.empty(MOST * tokens, dtype=np.int8)
    r_given = np.empty(MOST_PER_WORD, dtype=np.float32)
    r_alike = np.empty(MOST_PER_WORD, dtype=np.int8)
    r_word = np.empty(MOST_PER_WORD, dtype=np.int32)
    r_case = np.empty(MOST_PER_WORD, dtype=np.int8)
    r_score = np.empty(MOST_PER_WORD, dtype=np.float64)
    r_rank = np.empty(MOST_PER_WORD, dtype=np.float64)
    marks = np.full(len(bare_of), -1, dtype=np.int64)
    listed = np.zeros(tokens, dtype=np.bool_)
    total = 0
    for token in range(tokens):
        kept, stripped, garbled = shares[said[token]]
        found = 0
        for item in range(token_begin[token], token_begin[token + 1]):
            case = item_case[item]
            row = item_row[item]
            found_here = counts[row]
            extras = extra_begin[token + 1] - extra_begin[token]
            for k in range(found_here + extras):
                if k < found_here:
                    word = words[row, k]
                    given = np.float64(scores[row, k])
                    marks[word] = item
                else:
                    word = extra_word[extra_begin[token] + k - found_here]
                    if marks[word] == item:
                        continue
                    given = np.float64(UNEXPLAINED)
                chance = garbled * np.exp(given)
                alike = 0
                if word == same[token]:
                    chance += kept
                    alike = 1
                if bare[token] >= 0 and bare_of[word] == bare[token]:
                    chance += stripped
                    alike += 2
                if chance <= 0.0:
                    continue
                value = np.log(chance) + item_prior[item]
                if case != 2:
                    value += tells[token] * titles[word] if case == 1 else smalls[word]
                found = _offer(
                    word, case, value, given, alike, seen, token, short, found, r_word, r_case,
                    r_score, r_given, r_alike,
                )  # fmt: skip
        for k in range(found):
            r_rank[k] = r_score[k] + rarity[r_word[k]]
        order = np.argsort(-r_rank[:found])
        for k in range(min(found, MOST)):
            at = order[k]
            if r_rank[at] <= r_rank[order[0]] - reach:
                break
            word_out[total] = r_word[at]
            case_out[total] = r_case[at]
            score_out[total] = r_score[at]
            given_out[total] = r_given[at]
            alike_out[total] = r_alike[at]
            if r_word[at] == same[token] and own[token] >> r_case[at] & 1:
                listed[token] = True
            total += 1
        begin[token + 1] = total
    return (
        begin,
        word_out[:total],
        case_out[:total],
        score_out[:total],
        given_out[:total],
        alike_out[:total],
        listed,
    )
