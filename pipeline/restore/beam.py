"""The hot loop: beam search and posteriors over a lattice of readings, compiled.

A lattice has nodes 0..n in order. A *span* leads from one node to a later one, and offers a set of
*readings*: (word number for the language model, log probability of the channel). Word number -1
stands for nothing (the span emits no word). Hypotheses at a node that share the state of the
language model are one; their probabilities are summed for the posteriors, the best one is kept for
the path.

What makes it fast: hypotheses at a node share what they look up in the model as far as their
contexts agree; forward and backward probabilities are linear, scaled at each node, so that a
transition costs one exponential; the best few of a node are selected, not sorted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.restore.compiled import compiled
from pipeline.restore.lm import extend, find
from pipeline.restore.posteriors import posteriors

_TABLE = 2048  # slots of the table of states, a power of two
_ENTRIES = 1024  # states of a node before selection
_MOVES = 8192  # transitions into a node before selection
_NEVER = -1e30
_MOST = 60.0  # nats: no weight of a transition is taken for more


@compiled
def _context_key(context: Any, length: Any) -> Any:
    """The hash of a state, its last word first."""
    key = np.uint64(0)
    for k in range(length):
        key = extend(key, context[k])
    return key


@compiled
def _share(context: Any, length: Any, count: Any, twin: Any) -> None:
    """``twin[h, d]``: the first hypothesis whose last d + 1 words are those of h."""
    memory = context.shape[1]
    for h in range(count):
        for d in range(memory):
            twin[h, d] = h
        for other in range(h):
            d = 0
            while d < length[h] and d < length[other] and context[h, d] == context[other, d]:
                if twin[h, d] == h:
                    twin[h, d] = other
                d += 1


@compiled
def _walk(
    h: Any,
    context: Any,
    backoffs: Any,
    length: Any,
    twin: Any,
    first: Any,
    score: Any,
    hashes: Any,
    payloads: Any,
    records: Any,
    blocks: Any,
    offsets: Any,
    books: Any,
) -> Any:
    """Log P(word | context of h), and how many words of context the model knew.

    ``first``, ``score``: hash and unigram of the word. Leaves the hashes and payloads of the
    n-grams that end in the word in ``hashes[h]`` and ``payloads[h]``.
    """
    depth = 0
    state = first
    while depth < length:
        other = twin[depth]
        if other == h:
            state = extend(state, context[depth])
            payload = find(state, records, blocks, offsets)
        else:
            state = hashes[other, depth]
            payload = payloads[other, depth]
        hashes[h, depth] = state
        payloads[h, depth] = payload
        if payload < 0:
            break
        score = books[depth, payload & 127]
        depth += 1
    for k in range(depth, length):
        score += backoffs[k]
    return score, depth


@compiled
def _select(scores: Any, entries: Any, least: Any, order: Any) -> Any:
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
def _grown(array: Any, room: Any) -> Any:
    grown = np.empty(room, dtype=array.dtype)
    grown[: len(array)] = array
    return grown


@compiled
def search(
    span_begin: Any,
    span_from: Any,
    span_set: Any,
    span_score: Any,
    set_begin: Any,
    reading_word: Any,
    reading_score: Any,
    start_context: Any,
    start_backoffs: Any,
    start_length: Any,
    size: Any,
    width: Any,
    weight: Any,
    unigram: Any,
    unigram_backoff: Any,
    records: Any,
    blocks: Any,
    offsets: Any,
    books: Any,
    backoff_books: Any,
) -> Any:
    """Best path and posteriors.

    ``span_begin[v] : span_begin[v + 1]`` are the spans that end at node v (node 0 has none).
    ``size``: hypotheses kept at a node; ``width``: how far (nats) one may lie behind the best.
    ``weight``: exponent of the language model.

    Returns (path spans, path readings, what :func:`pipeline.restore.posteriors.posteriors` gives,
    end context, end back-offs, end length).
    """
    nodes = len(span_begin) - 1
    memory = start_context.shape[0]
    # hypotheses of each node, best first
    count = np.zeros(nodes, dtype=np.int32)
    score = np.empty((nodes, size), dtype=np.float64)
    forward = np.zeros((nodes, size), dtype=np.float64)
    scale = np.zeros(nodes, dtype=np.float64)  # log of what ``forward`` was divided by
    context = np.zeros((nodes, size, memory), dtype=np.int32)
    backoffs = np.zeros((nodes, size, memory), dtype=np.float32)
    length = np.zeros((nodes, size), dtype=np.int32)
    key = np.zeros((nodes, size), dtype=np.uint64)
    twin = np.zeros((nodes, size, memory), dtype=np.int32)
    back = np.full((nodes, size, 3), -1, dtype=np.int32)  # hypothesis, span, reading
    # states that the transitions into one node lead to
    table = np.full(_TABLE, -1, dtype=np.int32)
    slots = np.empty(_ENTRIES, dtype=np.int32)
    e_score = np.empty(_ENTRIES, dtype=np.float64)
    e_key = np.empty(_ENTRIES, dtype=np.uint64)
    e_move = np.empty(_ENTRIES, dtype=np.int32)
    e_length = np.empty(_ENTRIES, dtype=np.int32)
    e_backoffs = np.empty((_ENTRIES, memory), dtype=np.float32)
    e_place = np.empty(_ENTRIES, dtype=np.int32)
    order = np.empty(size, dtype=np.int64)
    # transitions into one node, and those of all nodes after selection
    m_from = np.empty(_MOVES, dtype=np.int32)
    m_entry = np.empty(_MOVES, dtype=np.int32)
    m_span = np.empty(_MOVES, dtype=np.int32)
    m_reading = np.empty(_MOVES, dtype=np.int32)
    m_score = np.empty(_MOVES, dtype=np.float32)
    m_total = np.empty(_MOVES, dtype=np.float64)
    room = 32 * nodes + 1024
    t_from = np.empty(room, dtype=np.int32)
    t_to = np.empty(room, dtype=np.int32)
    t_span = np.empty(room, dtype=np.int32)
    t_reading = np.empty(room, dtype=np.int32)
    t_weight = np.empty(room, dtype=np.float32)
    transitions = 0
    hashes = np.zeros((size, memory), dtype=np.uint64)
    payloads = np.zeros((size, memory), dtype=np.int64)

    count[0] = 1
    score[0, 0] = 0.0
    forward[0, 0] = 1.0
    length[0, 0] = start_length
    context[0, 0] = start_context
    backoffs[0, 0] = start_backoffs
    key[0, 0] = _context_key(start_context, start_length)

    for node in range(1, nodes):
        best = _NEVER
        entries = 0
        moves = 0
        for span in range(span_begin[node], span_begin[node + 1]):
            source = span_from[span]
            offered = span_set[span]
            for reading in range(set_begin[offered], set_begin[offered + 1]):
                word = reading_word[reading]
                given = reading_score[reading] + span_score[span]
                if count[source] == 0 or score[source, 0] + given < best - width:
                    continue
                first = extend(np.uint64(0), word)
                for h in range(count[source]):
                    base = score[source, h] + given
                    if base < best - width:
                        break
                    if word < 0:
                        step = np.float32(0.0)
                        depth = 0
                        new_length = length[source, h]
                        state = key[source, h]
                    else:
                        step, depth = _walk(
                            h,
                            context[source, h],
                            backoffs[source, h],
                            length[source, h],
                            twin[source, h],
                            first,
                            unigram[word],
                            hashes,
                            payloads,
                            records,
                            blocks,
                            offsets,
                            books,
                        )
                        new_length = min(depth + 1, memory)
                        state = first if new_length == 1 else hashes[h, new_length - 2]
                    total = base + weight * step
                    if total < best - width or moves >= _MOVES:
                        continue
                    best = max(best, total)
                    slot = np.int64((state >> np.uint64(7)) & np.uint64(_TABLE - 1))
                    while table[slot] >= 0 and e_key[table[slot]] != state:
                        slot = (slot + 1) & (_TABLE - 1)
                    entry = table[slot]
                    if entry < 0:
                        if entries >= _ENTRIES:
                            continue
                        entry = entries
                        entries += 1
                        table[slot] = entry
                        slots[entry] = slot
                        e_key[entry] = state
                        e_score[entry] = _NEVER
                        e_length[entry] = new_length
                        if word < 0:
                            e_backoffs[entry] = backoffs[source, h]
                        else:
                            e_backoffs[entry, 0] = unigram_backoff[word]
                            for k in range(1, new_length):
                                e_backoffs[entry, k] = backoff_books[k - 1, payloads[h, k - 1] >> 7]
                    if total > e_score[entry]:
                        e_score[entry] = total
                        e_move[entry] = moves
                    m_from[moves] = source * size + h
                    m_entry[moves] = entry
                    m_span[moves] = span
                    m_reading[moves] = reading
                    m_score[moves] = given + weight * step
                    m_total[moves] = total
                    moves += 1
        kept = _select(e_score, entries, best - width, order)
        for entry in range(entries):
            table[slots[entry]] = -1
            e_place[entry] = -1
        for place in range(kept):
            entry = order[place]
            move = e_move[entry]
            e_place[entry] = place
            score[node, place] = e_score[entry]
            key[node, place] = e_key[entry]
            length[node, place] = e_length[entry]
            source = m_from[move] // size
            h = m_from[move] % size
            word = reading_word[m_reading[move]]
            if word < 0:
                context[node, place] = context[source, h]
            else:
                context[node, place, 0] = word
                for k in range(1, memory):
                    context[node, place, k] = context[source, h, k - 1]
            for k in range(e_length[entry]):
                backoffs[node, place, k] = e_backoffs[entry, k]
            back[node, place, 0] = h
            back[node, place, 1] = m_span[move]
            back[node, place, 2] = m_reading[move]
        count[node] = kept
        _share(context[node], length[node], kept, twin[node])
        if kept == 0:
            continue
        # forward probabilities
        if transitions + moves > room:
            room = 2 * (room + moves)
            t_from = _grown(t_from, room)
            t_to = _grown(t_to, room)
            t_span = _grown(t_span, room)
            t_reading = _grown(t_reading, room)
            t_weight = _grown(t_weight, room)
        move = e_move[order[0]]
        level = m_score[move] + scale[m_from[move] // size]
        begun = transitions
        whole = 0.0
        for move in range(moves):
            place = e_place[m_entry[move]]
            if place < 0 or m_total[move] < best - width:
                continue
            origin = m_from[move]
            source = origin // size
            share = np.exp(min(_MOST, m_score[move] + scale[source] - level))
            mass = forward[source, origin % size] * share
            forward[node, place] += mass
            whole += mass
            t_from[transitions] = origin
            t_to[transitions] = node * size + place
            t_span[transitions] = m_span[move]
            t_reading[transitions] = m_reading[move]
            t_weight[transitions] = share
            transitions += 1
        inverse = 1.0 / whole
        for place in range(kept):
            forward[node, place] *= inverse
        for t in range(begun, transitions):
            t_weight[t] *= inverse
        scale[node] = level + np.log(whole)

    last = nodes - 1
    steps = 0
    node, h = last, 0
    while node > 0 and count[node] > 0:
        span = back[node, h, 1]
        h = back[node, h, 0]
        node = span_from[span]
        steps += 1
    path_span = np.empty(steps, dtype=np.int32)
    path_reading = np.empty(steps, dtype=np.int32)
    node, h = last, 0
    for at in range(steps - 1, -1, -1):
        span = back[node, h, 1]
        path_span[at] = span
        path_reading[at] = back[node, h, 2]
        h = back[node, h, 0]
        node = span_from[span]
    beside = posteriors(
        path_span,
        path_reading,
        span_set,
        set_begin,
        forward,
        count[last],
        t_from[:transitions],
        t_to,
        t_span,
        t_reading,
        t_weight,
    )
    return (
        path_span,
        path_reading,
        beside,
        context[last, 0].copy(),
        backoffs[last, 0].copy(),
        length[last, 0],
    )
