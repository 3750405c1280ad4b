"""From the probabilities of each step to a line's text: a search for the likeliest prefix.

Connectionist temporal classification sums over all ways in which steps may be shared out among the
same characters (Graves et al. 2006). The search keeps the likeliest beginnings of the text, each
with the sum of its ways that end in a blank and of those that end in a character, and weighs the
words of each by a language model (Hannun et al. 2014, first-pass decoding): here the trigrams of
restoration, so that where the network hardly tells "điểm" from "điêm" the words around do.

A word that the language does not know pays a share of what it cost more than once, and a little for
each step, as in Tesseract's own search: sure words pay little, whatever they are. Numbers pay
nothing but for marks in them, so that no language takes one out or puts one in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.recognise.dictionary import DIGIT, JOINING, LETTER, SPACE
from pipeline.restore.lm import extend, find

UNKNOWN = 2.25  # how often a word that the language does not know pays its cost (kDictRatio)
STEP = 0.085  # nats that each of its steps costs (kCertOffset)
_STRANGE = 9.0  # nats against which the language holds such a word
# Nats that a word costs at most, and each letter of it, and a mark: the language shall choose among
# what was seen, and not take out what is rare ("V/v").
_SHORT, _LETTER, _MARK = 2.0, 4.0, 6.0
_WORTH_IT = 1.5  # nats: a letter, so that the language takes none out that was seen
_BARE = 4.0  # nats: a numeral that a line begins with, and no stop behind it
_UNLISTED = 1.5  # nats: an abbreviation in a code that is not in the list, or not whole
_JOIN = 2.0  # nats: a stop or stroke behind a figure
_WIDE = 10  # beginnings that are kept
_LIKELY, _LEAST = 10, 0.0005  # characters that may go on at a step; their least probability
_BEHIND = 14.0  # nats behind the best beginning
NEVER = -1e30
FLOOR = 1e-9  # probability that nothing falls below
# Places in a word, beside nodes of the trie: before it, in a number, behind a mark in one, in an
# abbreviation behind it that is not in the trie, in what is no word.
_START, _NUMBER, _JOINED, _SYMBOL, _NONE = -1, -2, -3, -4, -5
_PROBABILITY, _BACKOFF = 127, 7  # of a record: mask of the one code, shift of the other

# A beginning: its last node in the tree of prefixes, its place in a word, the step at which the
# stretch between blanks began, the two words before, the code that was added (-1: none), whether
# the stretch that ended was known; and as numbers the logarithms of its two sums, of its sum when
# the stretch began, what it paid, what it is worth.
_NODE, _STATE, _SINCE, _BEFORE, _CODE, _FITS = range(6)
_IN_BLANK, _IN_SIGN, _BEGUN, _PAID, _WORTH = range(5)


@compiled
def _add(a: Any, b: Any) -> Any:
    """The logarithm of a sum of two numbers given by theirs."""
    high = max(a, b)
    low = min(a, b)
    if high - low > 20.0:
        return high
    return high + np.log1p(np.exp(low - high))


@compiled
def _place(state: Any, code: Any, words: Any) -> Any:
    """The place in a word after one more character, which is no blank between words."""
    if state == _NONE:
        return _NONE
    kind = words.kind[code]
    if kind == LETTER:
        if state == _SYMBOL:
            return _SYMBOL
        if state == _NUMBER:
            return _NONE
        root = words.symbols if state == _JOINED else max(state, 0)
        node = words.child[root, words.letter[code]]
        if node < 0:
            return _SYMBOL if root >= words.symbols else _NONE
        return node
    if kind == DIGIT:
        if state >= words.symbols or state == _SYMBOL:
            return _SYMBOL
        return _NUMBER if state < 0 else _NONE
    if words.symbols <= state or state == _SYMBOL:
        return _JOINED if kind == JOINING else _START
    if state >= 0:
        if words.word[state] < 0:
            return _NONE
        return _JOINED if kind == JOINING and words.word[state] == words.number else _START
    return _JOINED if kind == JOINING and state != _START else _START


@compiled
def _log_probability(word: Any, before: Any, grams: Any) -> Any:
    """Log probability of a word behind one or two others (``before``, -1: none), with back-off."""
    if before < 0:
        return grams.unigram[word]
    count = len(grams.unigram)
    near = before % count
    far = before // count - 1
    state = extend(extend(np.uint64(0), word), near)
    payload = find(state, grams.records, grams.blocks, grams.offsets)
    if payload >= 0:
        value = grams.books[0, payload & _PROBABILITY]
    else:
        value = grams.unigram_backoff[near] + grams.unigram[word]
    if far < 0:
        return value
    if payload >= 0:
        longer = find(extend(state, far), grams.records, grams.blocks, grams.offsets)
        if longer >= 0:
            return grams.books[1, longer & _PROBABILITY]
    context = extend(extend(np.uint64(0), near), far)
    payload = find(context, grams.records, grams.blocks, grams.offsets)
    if payload >= 0:
        value += grams.backoff_books[0, payload >> _BACKOFF]
    return value


@compiled
def _behind(before: Any, word: Any, grams: Any) -> Any:
    """The two last words after one more, as one number."""
    count = len(grams.unigram)
    return word if before < 0 else (before % count + 1) * count + word


@compiled
def _dearest(letters: Any) -> Any:
    """What a word of so many letters costs at most."""
    return _SHORT + _LETTER * letters


@compiled
def _unknown(cost: Any, steps: Any, weight: Any) -> Any:
    """What a stretch of ``cost`` nats and so many steps pays that is no word."""
    return (UNKNOWN - 1) * (max(cost, 0.0) + STEP * steps) + weight * _STRANGE


@compiled
def _pays(state: Any, cost: Any, steps: Any, words: Any, weight: Any) -> Any:
    """What a stretch that goes on will pay at least."""
    if state == _NONE:
        return _unknown(cost, steps, weight)
    if state == _SYMBOL:
        return weight * _UNLISTED
    if state < 0 or state >= words.symbols or words.word[state] == words.number:
        return 0.0
    return weight * min(-words.reach[state], _dearest(words.depth[state]))


@compiled
def _ended(
    state: Any, before: Any, cost: Any, steps: Any, words: Any, grams: Any, weight: Any
) -> Any:
    """What a word pays that ends here, and the words before the next."""
    if state == _START:
        return 0.0, before
    if state in (_NUMBER, _JOINED) or words.word[max(state, 0)] == words.number:
        return 0.0, _behind(before, words.number, grams)
    if state >= words.symbols or state == _SYMBOL:
        return weight * _UNLISTED, _behind(before, words.number, grams)
    if state >= 0 and words.word[state] >= 0:
        word = words.word[state]
        cost = min(-_log_probability(word, before, grams), _dearest(words.depth[state]))
        return weight * cost, _behind(before, word, grams)
    return _unknown(cost, steps, weight), _behind(before, words.strange, grams)


@compiled
def _is_known(state: Any, words: Any) -> Any:
    return state != _NONE and (state < 0 or state >= words.symbols or words.word[state] >= 0)


@compiled
def _likely_codes(row: Any, blank: Any, likely: Any) -> Any:
    """Fill ``likely`` with the likeliest codes of a step; gives how many."""
    found = 0
    for code in range(len(row)):
        if code == blank or row[code] <= _LEAST:
            continue
        at = found
        if found == _LIKELY:
            at = 0
            for k in range(1, found):
                if row[likely[k]] < row[likely[at]]:
                    at = k
            if row[likely[at]] >= row[code]:
                continue
        else:
            found += 1
        likely[at] = code
    return found


@compiled
def _grown(
    marks: Any, sums: Any, i: Any, code: Any, value: Any, step: Any, words: Any, grams: Any,
    weight: Any, at: Any,
) -> None:  # fmt: skip
    """Write beginning ``i`` with one more character to place ``at``; ``value``: its new sum."""
    state = marks[i, _STATE]
    before = marks[i, _BEFORE]
    both = _add(sums[i, _IN_BLANK], sums[i, _IN_SIGN])
    between = words.kind[code] == SPACE
    place = _START if between else _place(state, code, words)
    marks[at] = marks[i]
    sums[at] = sums[i]
    numeral = 0 <= state < words.symbols and words.word[state] == words.number
    if between and before < 0 and numeral:
        sums[at, _PAID] += weight * _BARE
    if place == _START and state != _START:
        cost = sums[i, _BEGUN] - both
        paid, before = _ended(state, before, cost, step - marks[i, _SINCE], words, grams, weight)
        sums[at, _PAID] += paid
        marks[at, _FITS] = _is_known(state, words)
    if words.kind[code] > SPACE and place == _START:
        mark = words.mark[code]
        sums[at, _PAID] += weight * min(-_log_probability(mark, before, grams), _MARK)
        before = _behind(before, mark, grams)
    elif place == _JOINED and state == _NUMBER:
        sums[at, _PAID] += weight * _JOIN
    elif place == _JOINED and (state == _SYMBOL or state >= words.symbols):
        if words.word[max(state, 0)] != words.number:
            sums[at, _PAID] += weight * _UNLISTED
    elif words.kind[code] == LETTER:
        sums[at, _PAID] -= weight * _WORTH_IT
    if between:
        sums[at, _BEGUN] = value
        marks[at, _SINCE] = step
    marks[at, _STATE] = place
    marks[at, _BEFORE] = before
    marks[at, _CODE] = code
    sums[at, _IN_BLANK] = NEVER
    sums[at, _IN_SIGN] = value


@compiled
def search(shares: Any, blank: Any, words: Any, grams: Any, weight: Any) -> Any:
    """The likeliest text of a line: its codes, and whether each belongs to a known word.

    ``shares`` [steps, codes]: probabilities; ``weight``: of the language, 0 for none.
    """
    steps = shares.shape[0]
    size = 64 + 4 * steps
    parent = np.full(size, -1, np.int32)
    own = np.full(size, -1, np.int32)
    fits = np.ones(size, np.bool_)
    nodes = 1
    room = _WIDE * (_LIKELY + 1)
    marks = np.zeros((_WIDE + room, 6), np.int32)  # those that are kept, then the new ones
    sums = np.zeros((_WIDE + room, 5))
    marks[0, _STATE] = _START
    marks[0, _BEFORE] = -1
    sums[0, _IN_SIGN] = NEVER
    kept_marks = np.zeros((_WIDE, 6), np.int32)
    kept_sums = np.zeros((_WIDE, 5))
    likely = np.zeros(_LIKELY, np.int32)
    count = 1
    for step in range(steps):
        row = shares[step]
        found = _likely_codes(row, blank, likely)
        none = np.log(max(row[blank], FLOOR))
        end = _WIDE
        for i in range(count):  # as they are
            last = own[marks[i, _NODE]]
            both = _add(sums[i, _IN_BLANK], sums[i, _IN_SIGN])
            marks[end] = marks[i]
            sums[end] = sums[i]
            marks[end, _CODE] = -1
            sums[end, _IN_BLANK] = both + none
            if last >= 0:
                sums[end, _IN_SIGN] = sums[i, _IN_SIGN] + np.log(max(row[last], FLOOR))
            end += 1
        for i in range(count):  # with one character more
            node = marks[i, _NODE]
            both = _add(sums[i, _IN_BLANK], sums[i, _IN_SIGN])
            for k in range(found):
                code = likely[k]
                value = np.log(row[code]) + (sums[i, _IN_BLANK] if code == own[node] else both)
                same = -1
                for j in range(count):
                    if parent[marks[j, _NODE]] == node and own[marks[j, _NODE]] == code:
                        same = _WIDE + j
                if same >= 0:
                    sums[same, _IN_SIGN] = _add(sums[same, _IN_SIGN], value)
                else:
                    _grown(marks, sums, i, code, value, step, words, grams, weight, end)
                    end += 1
        best = NEVER
        for at in range(_WIDE, end):
            both = _add(sums[at, _IN_BLANK], sums[at, _IN_SIGN])
            cost = sums[at, _BEGUN] - both
            since = step + 1 - marks[at, _SINCE]
            pays = _pays(marks[at, _STATE], cost, since, words, weight)
            sums[at, _WORTH] = both - sums[at, _PAID] - pays
            best = max(best, sums[at, _WORTH])
        if nodes + _WIDE > size:
            parent = np.concatenate((parent, np.full(size, -1, np.int32)))
            own = np.concatenate((own, np.full(size, -1, np.int32)))
            fits = np.concatenate((fits, np.ones(size, np.bool_)))
            size *= 2
        count = 0
        while count < _WIDE:
            top = _WIDE + int(np.argmax(sums[_WIDE:end, _WORTH]))
            if sums[top, _WORTH] <= best - _BEHIND:
                break
            if marks[top, _CODE] >= 0:
                parent[nodes] = marks[top, _NODE]
                own[nodes] = marks[top, _CODE]
                fits[nodes] = marks[top, _FITS]
                marks[top, _NODE] = nodes
                nodes += 1
            kept_marks[count] = marks[top]
            kept_sums[count] = sums[top]
            sums[top, _WORTH] = NEVER
            count += 1
        marks[:count] = kept_marks[:count]
        sums[:count] = kept_sums[:count]
    best = NEVER
    top = 0
    for i in range(count):
        both = _add(sums[i, _IN_BLANK], sums[i, _IN_SIGN])
        cost = sums[i, _BEGUN] - both
        paid, _ = _ended(
            marks[i, _STATE], marks[i, _BEFORE], cost, steps - marks[i, _SINCE], words, grams,
            weight,
        )  # fmt: skip
        if both - sums[i, _PAID] - paid > best:
            best = both - sums[i, _PAID] - paid
            top = i
    return _text(marks[top], parent, own, fits, words)


@compiled
def _text(mark: Any, parent: Any, own: Any, fits: Any, words: Any) -> Any:
    """The codes that lead to a node, and whether each belongs to a known word."""
    length = 0
    node = mark[_NODE]
    while node > 0:
        length += 1
        node = parent[node]
    text = np.empty(length, np.int32)
    known = np.ones(length, np.bool_)
    fine = _is_known(mark[_STATE], words)
    node = mark[_NODE]
    for at in range(length - 1, -1, -1):
        text[at] = own[node]
        if words.kind[own[node]] == SPACE:
            fine = fits[node]
        else:
            known[at] = fine
        node = parent[node]
    return text, known
