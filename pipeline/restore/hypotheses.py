"""Hypotheses of a search: what they share, what a word costs one, which are kept; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.lm import extend, find


@compiled
def share(context: Any, length: Any, begin: Any, count: Any, twin: Any) -> None:
    """``twin[h, d]``: the first of a node's hypotheses whose last d + 1 words are those of h."""
    for h in range(begin, begin + count):
        for d in range(context.shape[1]):
            twin[h, d] = h - begin
        for other in range(begin, h):
            d = 0
            while d < length[h] and d < length[other] and context[h, d] == context[other, d]:
                if twin[h, d] == h - begin:
                    twin[h, d] = other - begin
                d += 1


@compiled
def select(scores: Any, entries: Any, least: Any, order: Any) -> Any:
    """The numbers of the best entries, best first, in ``order``; gives how many."""
    size = len(order)
    kept = 0
    for entry in range(entries):
        value = scores[entry]
        if value < least or (kept == size and value <= scores[order[size - 1]]):
            continue
        at = kept if kept < size else size - 1
        while at > 0 and scores[order[at - 1]] < value:
            order[at] = order[at - 1]
            at -= 1
        order[at] = entry
        if kept < size:
            kept += 1
    return kept


@compiled
def probability(
    i: Any, word: Any, context: Any, backoffs: Any, length: Any, unigram: Any, records: Any,
    blocks: Any, offsets: Any, books: Any,
) -> Any:  # fmt: skip
    """Log P(word | context of hypothesis i)."""
    step = unigram[word]
    state = extend(np.uint64(0), word)
    depth = 0
    while depth < length[i]:
        state = extend(state, context[i, depth])
        payload = find(state, records, blocks, offsets)
        if payload < 0:
            break
        step = books[depth, payload & 127]
        depth += 1
    for k in range(depth, length[i]):
        step += backoffs[i, k]
    return step


@compiled
def grown(array: Any, room: Any) -> Any:
    """A copy of the array with more room."""
    grown = np.empty(room, dtype=array.dtype)
    grown[: len(array)] = array
    return grown
