"""The hot loop: beam search and posteriors over a lattice of readings.

A lattice has nodes 0..n in order. A *span* leads from one node to a later one, and offers a set of
*readings*: (word number for the language model, log probability of the channel). Word number -1
stands for nothing (the span emits no word). Hypotheses at a node that share the state of the
language model are one; their probabilities are summed for the posteriors, the best one is kept for
the path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.compiled import compiled
from pipeline.restore.lm import LanguageModel, extend, find

NO_WORD = -1
_TABLE = 2048


@compiled
def _walk(
    word: Any,
    context: Any,
    backoffs: Any,
    length: Any,
    unigram: Any,
    unigram_backoff: Any,
    records: Any,
    blocks: Any,
    offsets: Any,
    books: Any,
    backoff_books: Any,
    found_backoffs: Any,
) -> Any:
    """Log P(word | context), and how many words of the new state matter.

    ``context``: last word first; ``backoffs[k]``: weight of the context of k + 1 words.
    Writes the back-off weights of the n-grams that end in ``word`` to ``found_backoffs``.
    """
    score = unigram[word]
    found_backoffs[0] = unigram_backoff[word]
    state = extend(np.uint64(0), word)
    depth = 0
    while depth < length:
        state = extend(state, context[depth])
        payload = find(state, records, blocks, offsets)
        if payload < 0:
            break
        score = books[depth, payload & 127]
        depth += 1
        if depth < found_backoffs.shape[0]:
            found_backoffs[depth] = backoff_books[depth - 1, payload >> 7]
    for k in range(depth, length):
        score += backoffs[k]
    return score, min(depth + 1, found_backoffs.shape[0])


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

    Returns (path spans, path readings, posterior of each, end context, end back-offs, end length).
    """
    nodes = len(span_begin) - 1
    memory = start_context.shape[0]
    score = np.full((nodes, size), -np.inf, dtype=np.float32)
    forward = np.full((nodes, size), -np.inf, dtype=np.float32)
    count = np.zeros(nodes, dtype=np.int32)
    context = np.zeros((nodes, size, memory), dtype=np.int32)
    backoffs = np.zeros((nodes, size, memory), dtype=np.float32)
    length = np.zeros((nodes, size), dtype=np.int32)
    back_hypothesis = np.zeros((nodes, size), dtype=np.int32)
    back_span = np.full((nodes, size), -1, dtype=np.int32)
    back_reading = np.zeros((nodes, size), dtype=np.int32)

    score[0, 0] = 0.0
    forward[0, 0] = 0.0
    count[0] = 1
    length[0, 0] = start_length
    for k in range(memory):
        context[0, 0, k] = start_context[k]
        backoffs[0, 0, k] = start_backoffs[k]

    table = np.full(_TABLE, -1, dtype=np.int32)
    table_used = np.empty(_TABLE, dtype=np.int32)
    # candidates of one node, merged by state
    room = 1024
    c_score = np.empty(room, dtype=np.float32)
    c_key = np.empty(room, dtype=np.uint64)
    c_context = np.empty((room, memory), dtype=np.int32)
    c_backoffs = np.empty((room, memory), dtype=np.float32)
    c_length = np.empty(room, dtype=np.int32)
    c_back = np.empty((room, 3), dtype=np.int32)
    c_place = np.empty(room, dtype=np.int32)
    # transitions of one node before selection, and of all nodes after it
    t_room = 8192
    n_from = np.empty(t_room, dtype=np.int32)
    n_entry = np.empty(t_room, dtype=np.int32)
    n_span = np.empty(t_room, dtype=np.int32)
    n_reading = np.empty(t_room, dtype=np.int32)
    n_score = np.empty(t_room, dtype=np.float32)
    a_room = 64 * nodes + 1024
    a_from = np.empty(a_room, dtype=np.int32)
    a_to = np.empty(a_room, dtype=np.int32)
    a_span = np.empty(a_room, dtype=np.int32)
    a_reading = np.empty(a_room, dtype=np.int32)
    a_score = np.empty(a_room, dtype=np.float32)
    transitions = 0
    found = np.empty(memory, dtype=np.float32)

    for node in range(1, nodes):
        best = np.float32(-np.inf)
        entries = 0
        moves = 0
        used = 0
        for span in range(span_begin[node], span_begin[node + 1]):
            source = span_from[span]
            offered = span_set[span]
            for reading in range(set_begin[offered], set_begin[offered + 1]):
                word = reading_word[reading]
                given = reading_score[reading] + span_score[span]
                for h in range(count[source]):
                    base = score[source, h] + given
                    if base < best - width:
                        break
                    if word < 0:
                        step = np.float32(0.0)
                        new_length = length[source, h]
                        key = np.uint64(1469598103934665603)
                        for k in range(new_length):
                            key = extend(key, context[source, h, k])
                    else:
                        step, new_length = _walk(
                            word,
                            context[source, h],
                            backoffs[source, h],
                            length[source, h],
                            unigram,
                            unigram_backoff,
                            records,
                            blocks,
                            offsets,
                            books,
                            backoff_books,
                            found,
                        )
                        key = extend(np.uint64(1469598103934665603), word)
                        for k in range(new_length - 1):
                            key = extend(key, context[source, h, k])
                    total = base + weight * step
                    if total < best - width or moves >= t_room:
                        continue
                    if total > best:
                        best = total
                    slot = np.int64(key & np.uint64(_TABLE - 1))
                    while table[slot] >= 0 and c_key[table[slot]] != key:
                        slot = (slot + 1) & (_TABLE - 1)
                    entry = table[slot]
                    if entry < 0:
                        if entries >= room:
                            continue
                        entry = entries
                        entries += 1
                        table[slot] = entry
                        table_used[used] = slot
                        used += 1
                        c_key[entry] = key
                        c_score[entry] = -np.inf
                        c_length[entry] = new_length
                        if word < 0:
                            for k in range(memory):
                                c_context[entry, k] = context[source, h, k]
                                c_backoffs[entry, k] = backoffs[source, h, k]
                        else:
                            c_context[entry, 0] = word
                            for k in range(1, memory):
                                c_context[entry, k] = context[source, h, k - 1]
                            for k in range(new_length):
                                c_backoffs[entry, k] = found[k]
                    if total > c_score[entry]:
                        c_score[entry] = total
                        c_back[entry, 0] = h
                        c_back[entry, 1] = span
                        c_back[entry, 2] = reading
                    n_from[moves] = source * size + h
                    n_entry[moves] = entry
                    n_span[moves] = span
                    n_reading[moves] = reading
                    n_score[moves] = given + weight * step
                    moves += 1
        for k in range(used):
            table[table_used[k]] = -1
        # keep the best, sorted
        order = np.argsort(-c_score[:entries])
        kept = 0
        for k in range(entries):
            c_place[k] = -1
        for k in range(min(size, entries)):
            entry = order[k]
            if c_score[entry] < best - width:
                break
            c_place[entry] = kept
            score[node, kept] = c_score[entry]
            length[node, kept] = c_length[entry]
            for m in range(memory):
                context[node, kept, m] = c_context[entry, m]
                backoffs[node, kept, m] = c_backoffs[entry, m]
            back_hypothesis[node, kept] = c_back[entry, 0]
            back_span[node, kept] = c_back[entry, 1]
            back_reading[node, kept] = c_back[entry, 2]
            kept += 1
        count[node] = kept
        if transitions + moves > a_room:
            a_room = 2 * (a_room + moves)
            a_from = _grown(a_from, a_room)
            a_to = _grown(a_to, a_room)
            a_span = _grown(a_span, a_room)
            a_reading = _grown(a_reading, a_room)
            grown = np.empty(a_room, dtype=np.float32)
            grown[: len(a_score)] = a_score
            a_score = grown
        for move in range(moves):
            place = c_place[n_entry[move]]
            if place < 0:
                continue
            origin = n_from[move]
            value = forward[origin // size, origin % size] + n_score[move]
            if value < best - width:
                continue
            old = forward[node, place]
            if old == -np.inf:
                forward[node, place] = value
            else:
                top = max(old, value)
                forward[node, place] = top + np.log1p(np.exp(-abs(old - value)))
            a_from[transitions] = origin
            a_to[transitions] = node * size + place
            a_span[transitions] = n_span[move]
            a_reading[transitions] = n_reading[move]
            a_score[transitions] = n_score[move]
            transitions += 1

    last = nodes - 1
    path_length = 0
    node, h = last, 0
    while node > 0 and count[node] > 0:
        span = back_span[node, h]
        path_length += 1
        h = back_hypothesis[node, h]
        node = span_from[span]
    path_span = np.empty(path_length, dtype=np.int32)
    path_reading = np.empty(path_length, dtype=np.int32)
    chosen = np.full(len(span_from), -1, dtype=np.int32)
    node, h = last, 0
    at = path_length
    while node > 0 and count[node] > 0:
        at -= 1
        span = back_span[node, h]
        path_span[at] = span
        path_reading[at] = back_reading[node, h]
        chosen[span] = back_reading[node, h]
        h = back_hypothesis[node, h]
        node = span_from[span]

    backward = np.full(nodes * size, -np.inf, dtype=np.float32)
    whole = np.float32(-np.inf)
    for h in range(count[last]):
        backward[last * size + h] = 0.0
        value = forward[last, h]
        top = max(whole, value)
        whole = top if whole == -np.inf else top + np.log1p(np.exp(-abs(whole - value)))
    mass = np.zeros(len(span_from), dtype=np.float32)
    for t in range(transitions - 1, -1, -1):
        beyond = backward[a_to[t]]
        if beyond == -np.inf:
            continue
        value = beyond + a_score[t]
        old = backward[a_from[t]]
        if old == -np.inf:
            backward[a_from[t]] = value
        else:
            top = max(old, value)
            backward[a_from[t]] = top + np.log1p(np.exp(-abs(old - value)))
        if chosen[a_span[t]] == a_reading[t]:
            origin = a_from[t]
            ahead = forward[origin // size, origin % size]
            mass[a_span[t]] += np.exp(ahead + value - whole)
    posterior = np.empty(path_length, dtype=np.float32)
    for k in range(path_length):
        posterior[k] = min(np.float32(1.0), mass[path_span[k]])
    return (
        path_span,
        path_reading,
        posterior,
        context[last, 0].copy(),
        backoffs[last, 0].copy(),
        length[last, 0],
    )


@compiled
def _grown(array: Any, room: Any) -> Any:
    grown = np.empty(room, dtype=array.dtype)
    grown[: len(array)] = array
    return grown


@dataclass
class State:
    """What the language model remembers between two stretches: last word first."""

    context: NDArray[np.int32]
    backoffs: NDArray[np.float32]
    length: int


@dataclass(frozen=True)
class Path:
    """The best path: span and reading numbers, posterior of each, and the state at its end."""

    spans: NDArray[np.int32]
    readings: NDArray[np.int32]
    posteriors: NDArray[np.float32]
    state: State


class Decoder:
    """A language model ready to decode."""

    def __init__(
        self, model: LanguageModel, *, size: int = 12, width: float = 14.0, weight: float = 1.0
    ) -> None:
        self.model = model
        self.size, self.width, self.weight = size, width, weight
        self._arrays = (
            model.unigram,
            model.unigram_backoff,
            model.records,
            model.blocks,
            model.offsets,
            model.books,
            model.backoff_books,
        )

    def start(self) -> State:
        """The state at the beginning of a paragraph."""
        memory = self.model.order - 1
        context = np.zeros(memory, dtype=np.int32)
        backoffs = np.zeros(memory, dtype=np.float32)
        backoffs[0] = self.model.unigram_backoff[0]
        return State(context, backoffs, 1)

    def decode(
        self,
        span_begin: NDArray[np.int32],
        span_from: NDArray[np.int32],
        span_set: NDArray[np.int32],
        span_score: NDArray[np.float32],
        set_begin: NDArray[np.int32],
        reading_word: NDArray[np.int32],
        reading_score: NDArray[np.float32],
        state: State,
    ) -> Path:
        """See :func:`search`."""
        spans, readings, posteriors, context, backoffs, length = search(
            span_begin,
            span_from,
            span_set,
            span_score,
            set_begin,
            reading_word,
            reading_score,
            state.context,
            state.backoffs,
            state.length,
            self.size,
            np.float32(self.width),
            np.float32(self.weight),
            *self._arrays,
        )
        return Path(spans, readings, posteriors, State(context, backoffs, int(length)))
