"""Spans and nodes of lattices, laid out by compiled code.

The shape of a span says how what it reads stands in the line.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled

AS_WRITTEN, ELSEWHERE, BEHIND_SPACE, NOWHERE = range(4)
"""Shapes: the text of its set stands there; another text stands there; the same, and a space is put
before what is read; nothing stands there (the end of a paragraph)."""

GOES_ON, STARTS, MAY_START = range(3)
"""Whether a line goes on with the paragraph before it."""

_CHUNK = 1500  # nodes of a lattice, from which on the next paragraph begins another one
_LONGEST = 4 * _CHUNK  # nodes from which on a lattice ends wherever it is


@compiled
def _put(
    spans: Any, row: Any, source: Any, target: Any, offered: Any, line: Any, start: Any, end: Any,
    shape: Any,
) -> None:  # fmt: skip
    spans[row, 0] = source
    spans[row, 1] = target
    spans[row, 2] = offered
    spans[row, 3] = line
    spans[row, 4] = start
    spans[row, 5] = end
    spans[row, 6] = shape


@compiled
def lay_out(
    first: Any,
    starts: Any,
    start: Any,
    end: Any,
    size: Any,
    offered: Any,
    poor: Any,
    cut_begin: Any,
    cuts: Any,
    halves: Any,
    joins: Any,
    joined: Any,
    moves: Any,
    moved: Any,
    boundary: Any,
    perhaps: Any,
    costs: Any,
) -> Any:
    """The fields of :class:`pipeline.restore.lattice.Lattices`.

    ``first``: the first token of each line; ``starts``: which lines start a paragraph, or may (the
    sets ``boundary`` and ``perhaps`` stand before them); by token: ``start``, ``end``, ``size``,
    ``offered`` (reading set), ``poor`` (row of ``cut_begin``, -1: none). ``cuts`` with the sets of
    their two ``halves``; ``joins`` [first, last token] with their
    sets ``joined``; ``moves`` [token, letters before the space] with the two sets ``moved``.
    ``costs``: of a space taken away, of one put in, of one that moves.
    """
    tokens = len(start)
    most = 2 * tokens + len(starts) + 2 * (len(joins) + len(moves))
    for token in range(tokens):
        if poor[token] >= 0:
            most += 2 * (cut_begin[poor[token] + 1] - cut_begin[poor[token]])
    spans = np.empty((most, 7), dtype=np.int32)  # source, target, set, line, start, end, shape
    cost = np.zeros(most, dtype=np.float32)
    count = 0
    before = np.empty(tokens, dtype=np.int32)
    after = np.empty(tokens, dtype=np.int32)
    between = np.empty(len(moves), dtype=np.int32)
    lattice = np.empty(tokens, dtype=np.int32)
    nodes_of = np.zeros(most // _CHUNK + 3, dtype=np.int32)
    goes_on = np.zeros(most // _CHUNK + 2, dtype=np.bool_)
    lattices = 0
    begun = 0  # first node of the lattice
    node = 0  # last node so far
    move = 0
    for line in range(len(starts)):
        for token in range(first[line], first[line + 1]):
            opens = token == first[line] and node > begun
            new = opens and starts[line] == STARTS
            length = node + 1 - begun
            if (new and length > _CHUNK) or length > _LONGEST:
                goes_on[lattices + 1] = not (new and length > _CHUNK)
                lattices += 1
                node += 1
                begun = node
                nodes_of[lattices] = begun
            elif new or (opens and starts[line] == MAY_START):
                offer = boundary if new else perhaps
                _put(spans, count, node, node + 1, offer, line, 0, 0, NOWHERE)
                count += 1
                node += 1
            here = node
            lattice[token] = lattices
            row = poor[token]
            inner = cut_begin[row + 1] - cut_begin[row] if row >= 0 else 0
            node += inner
            while move < len(moves) and moves[move, 0] == token:
                node += 1
                between[move] = node
                move += 1
            node += 1
            before[token] = here
            after[token] = node
            _put(
                spans, count, here, node, offered[token], line, start[token], end[token], AS_WRITTEN
            )
            count += 1
            for k in range(inner):
                at = cut_begin[row] + k
                middle = start[token] + cuts[at]
                inside = here + 1 + k
                _put(
                    spans,
                    count,
                    here,
                    inside,
                    halves[at, 0],
                    line,
                    start[token],
                    middle,
                    AS_WRITTEN,
                )
                cost[count] = costs[1]
                count += 1
                _put(
                    spans,
                    count,
                    inside,
                    node,
                    halves[at, 1],
                    line,
                    middle,
                    end[token],
                    BEHIND_SPACE,
                )
                count += 1
    line = 0
    for join in range(len(joins)):
        one, other = joins[join, 0], joins[join, 1]
        while first[line + 1] <= one:
            line += 1
        if lattice[one] == lattice[other]:
            _put(
                spans,
                count,
                before[one],
                after[other],
                joined[join],
                line,
                start[one],
                end[other],
                ELSEWHERE,
            )
            if start[other] > end[one]:  # what touches has no space to take away
                cost[count] = costs[0] * (other - one)
            count += 1
    line = 0
    for move in range(len(moves)):
        token, cut = moves[move, 0], moves[move, 1]
        while first[line + 1] <= token:
            line += 1
        if lattice[token] != lattice[token + 1]:
            continue
        middle = start[token] + cut
        if cut >= size[token]:
            middle += start[token + 1] - end[token]
        _put(
            spans,
            count,
            before[token],
            between[move],
            moved[move, 0],
            line,
            start[token],
            middle,
            ELSEWHERE,
        )
        cost[count] = costs[2]
        count += 1
        _put(
            spans,
            count,
            between[move],
            after[token + 1],
            moved[move, 1],
            line,
            middle,
            end[token + 1],
            BEHIND_SPACE,
        )
        count += 1
    nodes_of[lattices + 1] = node + 1
    begin, order = by_target(spans[:count, 1], node + 1)
    spans = spans[order]
    return (
        nodes_of[: lattices + 2].copy(),
        goes_on[: lattices + 1].copy(),
        begin,
        spans[:, 0].copy(),
        spans[:, 2].copy(),
        cost[order],
        spans[:, 3].copy(),
        spans[:, 4].copy(),
        spans[:, 5].copy(),
        spans[:, 6].astype(np.int8),
    )


@compiled
def by_target(target: Any, nodes: Any) -> Any:
    """Where the spans that lead to each node begin, and the order that puts them there."""
    begin = np.zeros(nodes + 1, dtype=np.int32)
    for span in range(len(target)):
        begin[target[span] + 1] += 1
    for node in range(nodes):
        begin[node + 1] += begin[node]
    put = begin[:-1].copy()
    order = np.empty(len(target), dtype=np.int64)
    for span in range(len(target)):
        order[put[target[span]]] = span
        put[target[span]] += 1
    return begin, order
