"""Backward through the transitions of a search: posteriors of what its path reads, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.restore.compiled import compiled

LEAST = 1e-4  # readings that are less probable are not told


@compiled
def posteriors(
    path_span: Any,
    path_reading: Any,
    span_set: Any,
    set_begin: Any,
    forward: Any,
    last: Any,
    end: Any,
    t_from: Any,
    t_to: Any,
    t_span: Any,
    t_reading: Any,
    t_weight: Any,
) -> Any:
    """Posteriors of the readings of each span of the path.

    ``forward`` by hypothesis and ``t_weight`` by transition (from hypothesis ``t_from`` to
    ``t_to``, in the order of the nodes they lead to) are scaled so that they need no logarithms.
    ``last : end`` are the hypotheses of the last node.

    Returns (posterior of the reading of each path span, offsets of the alternatives by path span,
    their readings, their posteriors). Alternatives of a span are readings of its set worth
    mentioning, in the order of the set, with the chosen one always among them.
    """
    steps = len(path_span)
    step_of = np.full(len(span_set), -1, dtype=np.int32)
    begin = np.zeros(steps + 1, dtype=np.int64)
    for k in range(steps):
        offered = span_set[path_span[k]]
        step_of[path_span[k]] = k
        begin[k + 1] = begin[k] + set_begin[offered + 1] - set_begin[offered]
    backward = np.zeros(len(forward), dtype=np.float64)
    backward[last:end] = 1.0
    mass_of = np.zeros(begin[steps], dtype=np.float64)
    for t in range(len(t_from) - 1, -1, -1):
        value = backward[t_to[t]] * t_weight[t]
        origin = t_from[t]
        backward[origin] += value
        step = step_of[t_span[t]]
        if step >= 0:
            at = begin[step] + t_reading[t] - set_begin[span_set[t_span[t]]]
            mass_of[at] += forward[origin] * value
    posterior = np.empty(steps, dtype=np.float32)
    other_begin = np.zeros(steps + 1, dtype=np.int32)
    other_reading = np.empty(len(mass_of), dtype=np.int32)
    other_posterior = np.empty(len(mass_of), dtype=np.float32)
    others = 0
    for k in range(steps):
        first = set_begin[span_set[path_span[k]]]
        for at in range(begin[k], begin[k + 1]):
            reading = first + at - begin[k]
            mass = min(1.0, mass_of[at])
            chosen = reading == path_reading[k]
            if chosen:
                posterior[k] = mass
            if chosen or mass > LEAST:
                other_reading[others] = reading
                other_posterior[others] = mass
                others += 1
        other_begin[k + 1] = others
    return posterior, other_begin, other_reading[:others].copy(), other_posterior[:others].copy()
