"""The hot loop: beam search over a lattice of readings, compiled.

A lattice has nodes 0..n in order. A *span* leads from one node to a later one, and offers a set of
*readings*: (word number for the language model, log probability of the channel). Word number -1
stands for nothing (the span emits no word). Hypotheses at a node that share the state of the
language model are one; their probabilities are summed for the posteriors, the best one is kept for
the path.

What makes it fast: hypotheses at a node share what they look up in the model as far as their
contexts agree; forward probabilities are linear, scaled at each node, so that a transition costs
one exponential; the best few of a node are selected, not sorted; hypotheses lie in flat arrays, one
behind the other, because a view of an array costs more than a look-up, and memory most of all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.hypotheses import grown, probability, select, share
from pipeline.restore.lm import extend, find, find_all
from pipeline.restore.posteriors import posteriors

_TABLE = 2048  # slots of the table of states, a power of two
_ENTRIES = 1024  # states of a node before selection
_MOVES = 8192  # transitions into a node before selection
_NEVER = -1e30
# Nats that its context may add to a word's own probability. One that would need more than that to
# come within the width of the best is not looked up: to win it would need 12 nats and more.
_LIFT = np.float32(4.0)
_FEW = 3  # pairs of a reading and a hypothesis: looked up rather than weighed
_MOST = 60.0  # nats: no weight of a transition is taken for more


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
    told: Any,
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
    ``weight``: exponent of the language model; ``told``: see
    :func:`pipeline.restore.posteriors.posteriors`.

    Returns (path spans, path readings, what :func:`pipeline.restore.posteriors.posteriors` gives,
    end context, end back-offs, end length).
    """
    nodes = len(span_begin) - 1
    memory = start_context.shape[0]
    # hypotheses, those of a node best first
    first_of = np.zeros(nodes + 1, dtype=np.int64)  # by node
    score = np.empty(nodes * size, dtype=np.float64)
    forward = np.empty(nodes * size, dtype=np.float64)
    scale = np.empty(nodes * size, dtype=np.float64)  # log of what ``forward`` was divided by
    context = np.empty((nodes * size, memory), dtype=np.int32)
    backoffs = np.empty((nodes * size, memory), dtype=np.float32)
    length = np.empty(nodes * size, dtype=np.int32)
    key = np.empty(nodes * size, dtype=np.uint64)
    twin = np.empty((nodes * size, memory), dtype=np.int32)
    back = np.empty((nodes * size, 3), dtype=np.int32)  # hypothesis, span, reading
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
    room = 16 * nodes + 1024
    t_from = np.empty(room, dtype=np.int32)
    t_to = np.empty(room, dtype=np.int32)
    t_span = np.empty(room, dtype=np.int32)
    t_reading = np.empty(room, dtype=np.int32)
    t_weight = np.empty(room, dtype=np.float32)
    transitions = 0
    # hashes and payloads of the n-grams that end in the word in hand, by hypothesis and order
    hashes = np.empty((size, memory), dtype=np.uint64)
    payloads = np.empty((size, memory), dtype=np.int64)

    # readings worth a look at a node, and n-grams of two that are looked up for them
    i_span = np.empty(256, dtype=np.int32)
    i_reading = np.empty(256, dtype=np.int32)
    i_query = np.empty(256, dtype=np.int32)
    i_end = np.empty(256, dtype=np.int64)
    q_state = np.empty(256 * size, dtype=np.uint64)
    q_payload = np.empty(256 * size, dtype=np.int64)
    q_begin = np.empty(256 * size, dtype=np.int64)
    q_end = np.empty(256 * size, dtype=np.int64)

    first_of[1] = 1
    score[0] = 0.0
    forward[0] = 1.0
    scale[0] = 0.0
    length[0] = start_length
    key[0] = np.uint64(0)
    for k in range(memory):
        context[0, k] = start_context[k]
        backoffs[0, k] = start_backoffs[k]
        twin[0, k] = 0
        if k < start_length:
            key[0] = extend(key[0], start_context[k])

    for node in range(1, nodes):
        # what is to be looked up: each reading behind each last word, all at once
        readings = 0
        pairs = 0
        floor = _NEVER
        for span in range(span_begin[node], span_begin[node + 1]):
            offered = span_set[span]
            readings += set_begin[offered + 1] - set_begin[offered]
            source = span_from[span]
            hypotheses = first_of[source + 1] - first_of[source]
            pairs += (set_begin[offered + 1] - set_begin[offered]) * hypotheses
        for span in range(span_begin[node], span_begin[node + 1]):
            if pairs <= _FEW:
                break
            offered = span_set[span]
            i = first_of[span_from[span]]
            if i < first_of[span_from[span] + 1] and set_begin[offered] < set_begin[offered + 1]:
                reading = set_begin[offered]
                given = reading_score[reading] + span_score[span]
                word = reading_word[reading]
                step = np.float32(0.0)
                if word >= 0:
                    step = probability(
                        i, word, context, backoffs, length, unigram, records, blocks, offsets, books
                    )
                floor = max(floor, score[i] + given + weight * step - width)
        if readings > len(i_span):
            i_span = np.empty(2 * readings, dtype=np.int32)
            i_reading = np.empty(2 * readings, dtype=np.int32)
            i_query = np.empty(2 * readings, dtype=np.int32)
            i_end = np.empty(2 * readings, dtype=np.int64)
            q_state = np.empty(2 * readings * size, dtype=np.uint64)
            q_payload = np.empty(2 * readings * size, dtype=np.int64)
            q_begin = np.empty(2 * readings * size, dtype=np.int64)
            q_end = np.empty(2 * readings * size, dtype=np.int64)
        items = 0
        queries = 0
        for span in range(span_begin[node], span_begin[node + 1]):
            begin = first_of[span_from[span]]
            end = first_of[span_from[span] + 1]
            if begin == end:
                continue
            offered = span_set[span]
            for reading in range(set_begin[offered], set_begin[offered + 1]):
                given = reading_score[reading] + span_score[span]
                word = reading_word[reading]
                most = np.float32(0.0)
                if word >= 0 and reading > set_begin[offered]:  # the first gave the floor
                    most = weight * min(most, unigram[word] + _LIFT)
                if score[begin] + given + most < floor:
                    continue
                i_span[items] = span
                i_reading[items] = reading
                i_query[items] = queries
                last = begin + 1
                while last < end and score[last] + given + most >= floor:
                    last += 1
                i_end[items] = last
                items += 1
                if word < 0:
                    continue
                first = extend(np.uint64(0), word)
                for i in range(begin, last):
                    if twin[i, 0] == i - begin:
                        q_state[queries] = extend(first, context[i, 0])
                        queries += 1
        find_all(q_state, queries, q_payload, q_begin, q_end, records, blocks, offsets)

        best = floor + width
        entries = 0
        moves = 0
        for item in range(items):
            span = i_span[item]
            reading = i_reading[item]
            query = i_query[item]
            given = reading_score[reading] + span_score[span]
            begin = first_of[span_from[span]]
            word = reading_word[reading]
            most = np.float32(0.0)
            if word >= 0 and reading > set_begin[span_set[span]]:
                most = weight * min(most, unigram[word] + _LIFT)
            if score[begin] + given + most < best - width:
                continue
            first = extend(np.uint64(0), word)
            for i in range(begin, i_end[item]):
                base = score[i] + given
                if base + most < best - width:
                    break
                h = i - begin
                if word < 0:
                    step = np.float32(0.0)
                    new_length = length[i]
                    state = key[i]
                else:
                    # log P(word | context): from the shortest context to the longest known
                    step = unigram[word]
                    depth = 0
                    state = first
                    while depth < length[i]:
                        other = twin[i, depth]
                        if other != h:
                            longer = hashes[other, depth]
                            payload = payloads[other, depth]
                        elif depth == 0:
                            longer = q_state[query]
                            payload = q_payload[query]
                            query += 1
                        else:
                            longer = extend(state, context[i, depth])
                            payload = find(longer, records, blocks, offsets)
                        hashes[h, depth] = longer
                        payloads[h, depth] = payload
                        if payload < 0:
                            break
                        step = books[depth, payload & 127]
                        depth += 1
                        if depth < memory:
                            state = longer
                    for k in range(depth, length[i]):
                        step += backoffs[i, k]
                    new_length = min(depth + 1, memory)
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
                        for k in range(memory):
                            e_backoffs[entry, k] = backoffs[i, k]
                    else:
                        e_backoffs[entry, 0] = unigram_backoff[word]
                        for k in range(1, new_length):
                            e_backoffs[entry, k] = backoff_books[k - 1, payloads[h, k - 1] >> 7]
                if total > e_score[entry]:
                    e_score[entry] = total
                    e_move[entry] = moves
                m_from[moves] = i
                m_entry[moves] = entry
                m_span[moves] = span
                m_reading[moves] = reading
                m_score[moves] = given + weight * step
                m_total[moves] = total
                moves += 1
        kept = select(e_score, entries, best - width, order)
        for entry in range(entries):
            table[slots[entry]] = -1
            e_place[entry] = -1
        filled = first_of[node]
        first_of[node + 1] = filled + kept
        if kept == 0:
            continue
        for place in range(kept):
            entry = order[place]
            move = e_move[entry]
            e_place[entry] = place
            i = filled + place
            score[i] = e_score[entry]
            forward[i] = 0.0
            key[i] = e_key[entry]
            length[i] = e_length[entry]
            origin = m_from[move]
            word = reading_word[m_reading[move]]
            shift = 0
            if word >= 0:
                context[i, 0] = word
                shift = 1
            for k in range(shift, memory):
                context[i, k] = context[origin, k - shift]
            for k in range(e_length[entry]):
                backoffs[i, k] = e_backoffs[entry, k]
            back[i, 0] = origin
            back[i, 1] = m_span[move]
            back[i, 2] = m_reading[move]
        share(context, length, filled, kept, twin)
        # forward probabilities
        if transitions + moves > room:
            room = 2 * (room + moves)
            t_from = grown(t_from, room)
            t_to = grown(t_to, room)
            t_span = grown(t_span, room)
            t_reading = grown(t_reading, room)
            t_weight = grown(t_weight, room)
        move = e_move[order[0]]
        level = m_score[move] + scale[m_from[move]]
        begun = transitions
        whole = 0.0
        for move in range(moves):
            place = e_place[m_entry[move]]
            if place < 0 or m_total[move] < best - width:
                continue
            origin = m_from[move]
            ratio = np.exp(min(_MOST, m_score[move] + scale[origin] - level))
            mass = forward[origin] * ratio
            forward[filled + place] += mass
            whole += mass
            t_from[transitions] = origin
            t_to[transitions] = filled + place
            t_span[transitions] = m_span[move]
            t_reading[transitions] = m_reading[move]
            t_weight[transitions] = ratio
            transitions += 1
        inverse = 1.0 / whole
        for i in range(filled, filled + kept):
            forward[i] *= inverse
            scale[i] = level + np.log(whole)
        for t in range(begun, transitions):
            t_weight[t] *= inverse

    last, end = first_of[nodes - 1], first_of[nodes]
    best_end = last if last < end else 0  # nothing leads to the last node
    steps = 0
    i = best_end
    while i > 0:
        i = back[i, 0]
        steps += 1
    path_span = np.empty(steps, dtype=np.int32)
    path_reading = np.empty(steps, dtype=np.int32)
    i = best_end
    for at in range(steps - 1, -1, -1):
        path_span[at] = back[i, 1]
        path_reading[at] = back[i, 2]
        i = back[i, 0]
    beside = posteriors(
        path_span,
        path_reading,
        span_set,
        set_begin,
        forward[:end],
        last,
        end,
        t_from[:transitions],
        t_to,
        t_span,
        t_reading,
        t_weight,
        told,
    )
    return (
        path_span,
        path_reading,
        beside,
        context[best_end].copy(),
        backoffs[best_end].copy(),
        length[best_end],
    )
