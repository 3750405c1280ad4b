"""Ways to read a text whose letters turned into spaces or into nothing, laid out by compiled code.

White space is evidence: a gap of two spaces holds a separator and a lost letter, which belongs to
the word on its left or on its right. So there is one node for each way to share a gap, and a span
for each way in which a word may reach into the gaps beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled

CAPITALS, OPENING, STANDS, MERGED = 1, 2, 4, 8
"""Circumstances of a word: in a line of capitals, the first after a mark that opens, long enough
(or followed by a full stop) to stand for itself, made of several tokens."""

IGNORED = -3.0  # an extra space that no letter left behind
_MOST_SPACES = 3
_MOST_JOINED = 4  # tokens
_MOST_LETTERS = 7  # of a word made of several tokens
_AT_END = 2  # spaces at the end of a line that letters may have left
_OPENERS = np.array([ord(mark) for mark in ".-+*•:"], dtype=np.uint32)
_CLOSING = np.array([ord(mark) for mark in ".,;:)!?”…"], dtype=np.uint32)
_STOP = np.uint32(ord("."))
_CHUNK = 1500  # nodes of a lattice, from which on the next line or paragraph begins another one
_SEGMENT = 1500  # tokens of a line that are looked at together


@compiled
def put(
    rows: Any, row: Any, source: Any, target: Any, offered: Any, line: Any, start: Any, end: Any,
    last: Any,
) -> None:  # fmt: skip
    """Fill a row."""
    rows[row, 0] = source
    rows[row, 1] = target
    rows[row, 2] = offered
    rows[row, 3] = line
    rows[row, 4] = start
    rows[row, 5] = end
    rows[row, 6] = last


@compiled
def _is_one_of(code: Any, size: Any, marks: Any) -> Any:
    if size == 1:
        for mark in marks:
            if code == mark:
                return True
    return False


@compiled
def _key(codes: Any, start: Any, stop: Any, flags: Any) -> Any:
    """A hash of some characters and the circumstances."""
    key = (np.uint64(flags) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for at in range(start, stop):
        key = (key ^ np.uint64(codes[at])) * np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(29)
    return key


@compiled
def _grown(array: Any) -> Any:
    grown = np.empty((2 * array.shape[0], array.shape[1]), dtype=array.dtype)
    grown[: array.shape[0]] = array
    return grown


@compiled
def reach(
    codes: Any,
    line_begin: Any,
    first: Any,
    starts: Any,
    capitals: Any,
    start: Any,
    end: Any,
    word: Any,
    mark: Any,
) -> Any:
    """All spans, and the lattices that they make up.

    Returns (rows [source, target, token, line, start, end, flags], costs, keys, the first node of
    each lattice and behind them the end, whether each lattice goes on where the last one ended).

    ``codes``: characters of all lines; ``line_begin``: where each begins there, and where the last
    ends; ``first``: the first token of each line. ``token``: the one that stays as it is, -1 for a
    word, -2 for the end of a paragraph. ``keys`` of words are equal where the same characters
    stand in the same circumstances.
    """
    tokens = len(start)
    rows = np.empty((4 * tokens + len(starts) + 64, 7), dtype=np.int32)
    costs = np.empty((4 * tokens + len(starts) + 64, 1), dtype=np.float32)
    keys = np.empty((4 * tokens + len(starts) + 64, 1), dtype=np.uint64)
    count = 0
    nodes_of = np.zeros(tokens * (_MOST_SPACES + 1) // _CHUNK + len(starts) // _CHUNK + 3, np.int32)
    goes_on = np.zeros(len(nodes_of), dtype=np.bool_)
    lattices = 0
    begun = 0
    node = 0
    edge = np.empty(_SEGMENT + 1, dtype=np.int32)  # first state of each gap of the segment
    states = np.empty(_SEGMENT + 1, dtype=np.int32)  # how many
    free = np.empty(_SEGMENT + 1, dtype=np.int32)  # spaces left for the word behind, first state
    for line in range(len(starts)):
        origin = line_begin[line]
        for a in range(first[line], first[line + 1], _SEGMENT):
            b = min(a + _SEGMENT, first[line + 1])
            new = a == first[line] and starts[line] and node > begun
            if node + 1 - begun > (_CHUNK if new else 4 * _CHUNK):
                lattices += 1
                goes_on[lattices] = not new
                node += 1
                begun = node
                nodes_of[lattices] = begun
            elif new:
                if count + 1 > len(rows):
                    rows, costs, keys = _grown(rows), _grown(costs), _grown(keys)
                put(rows, count, node, node + 1, -2, line, 0, 0, 0)
                costs[count, 0] = 0.0
                keys[count, 0] = 0
                count += 1
                node += 1
            stop = line_begin[line + 1] - origin if b == first[line + 1] else start[b]
            edge[0], states[0], free[0] = node, 1, min(start[a], _MOST_SPACES)
            for token in range(a, b):
                at = token - a + 1
                behind = start[token + 1] if token + 1 < b else stop
                gap = min(behind - end[token], _MOST_SPACES)
                edge[at], states[at], free[at] = node + 1, 1, 0
                if token + 1 < b and word[token] and mark[token + 1]:
                    size = end[token + 1] - start[token + 1]
                    closes = _is_one_of(codes[origin + start[token + 1]], size, _CLOSING)
                    states[at] = max(1, gap + (1 if closes else 0))
                elif token + 1 < b:
                    if gap >= 2 and word[token]:
                        states[at] = gap
                    free[at] = max(0, gap - 1)
                node += states[at]
            for token in range(a, b):
                at = token - a
                if not word[token]:
                    for state in range(states[at]):
                        left = max(0, free[at] - state)
                        if count + 1 > len(rows):
                            rows, costs, keys = _grown(rows), _grown(costs), _grown(keys)
                        put(
                            rows,
                            count,
                            edge[at] + state,
                            edge[at + 1],
                            token,
                            line,
                            start[token],
                            end[token],
                            0,
                        )
                        costs[count, 0] = IGNORED * left if token > a else 0.0
                        keys[count, 0] = 0
                        count += 1
                    continue
                opening = token == a or _is_one_of(
                    codes[origin + start[token - 1]], end[token - 1] - start[token - 1], _OPENERS
                )
                letters = 0
                for last in range(token, min(token + _MOST_JOINED, b)):
                    if last > token:
                        space = start[last] - end[last - 1]
                        if not word[last] or space < 1 or space > _MOST_SPACES:
                            break
                    letters += end[last] - start[last]
                    if letters > _MOST_LETTERS and last > token:
                        break
                    dotted = end[last] < stop and codes[origin + end[last]] == _STOP
                    long = end[last] - start[last] > 2
                    flags = (
                        (CAPITALS if capitals[line] else 0)
                        | (OPENING if opening else 0)
                        | (STANDS if dotted or not capitals[line] or long else 0)
                        | (MERGED if last > token else 0)
                    )
                    ways = states[last - a + 1]
                    if last == b - 1:
                        ways = min(stop - end[last], _AT_END) + 1
                    for state in range(states[at]):
                        left = max(0, free[at] - state)
                        for lead in range(left + 1):
                            for taken in range(ways):
                                if count + 1 > len(rows):
                                    rows, costs, keys = _grown(rows), _grown(costs), _grown(keys)
                                target = edge[last - a + 1] + (0 if last == b - 1 else taken)
                                here, there = start[token] - lead, end[last] + taken
                                put(
                                    rows,
                                    count,
                                    edge[at] + state,
                                    target,
                                    -1,
                                    line,
                                    here,
                                    there,
                                    flags,
                                )
                                if token > a:
                                    costs[count, 0] = IGNORED * (left - lead)
                                else:
                                    costs[count, 0] = 0.5 * IGNORED if left > lead else 0.0
                                keys[count, 0] = _key(codes, origin + here, origin + there, flags)
                                count += 1
    nodes_of[lattices + 1] = node + 1
    return (
        rows[:count].copy(),
        costs[:count, 0].copy(),
        keys[:count, 0].copy(),
        nodes_of[: lattices + 2].copy(),
        goes_on[: lattices + 1].copy(),
    )
