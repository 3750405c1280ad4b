"""Backward through the transitions of a search: posteriors of what its path reads, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled

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
    told: Any,
) -> Any:
    """Posteriors of the readings of each span of the path, and what is likely beside it.

    ``forward`` by hypothesis and ``t_weight`` by transition (from hypothesis ``t_from`` to
    ``t_to``, in the order of the nodes they lead to) are scaled so that they need no logarithms.
    ``last : end`` are the hypotheses of the last node.

    Returns (posterior of the reading of each path span, offsets of the alternatives by path span,
    their readings, their posteriors, spans, readings). Alternatives of a span are readings of its
    set worth mentioning, in the order of the set, with the chosen one always among them. The last
    two are pairs, in order: every reading of every span, on the path or not, that is on it or more
    probable than ``told`` (1: none).
    """
    steps, spans = len(path_span), len(span_set)
    all_spans = told < 1.0
    begin = np.zeros(spans + 1, dtype=np.int64)  # of the readings of each span that is looked at
    step_of = np.full(spans, -1, dtype=np.int32)
    for k in range(steps):
        step_of[path_span[k]] = k
    for span in range(spans):
        size = 0
        if all_spans or step_of[span] >= 0:
            size = set_begin[span_set[span] + 1] - set_begin[span_set[span]]
        begin[span + 1] = begin[span] + size
    backward = np.zeros(len(forward), dtype=np.float64)
    backward[last:end] = 1.0
    mass_of = np.zeros(begin[spans], dtype=np.float64)
    for t in range(len(t_from) - 1, -1, -1):
        value = backward[t_to[t]] * t_weight[t]
        origin = t_from[t]
        backward[origin] += value
        span = t_span[t]
        if all_spans or step_of[span] >= 0:
            at = begin[span] + t_reading[t] - set_begin[span_set[span]]
            mass_of[at] += forward[origin] * value
    posterior = np.empty(steps, dtype=np.float32)
    other_begin = np.zeros(steps + 1, dtype=np.int32)
    other_reading = np.empty(len(mass_of), dtype=np.int32)
    other_posterior = np.empty(len(mass_of), dtype=np.float32)
    others = 0
    for k in range(steps):
        span = path_span[k]
        first = set_begin[span_set[span]]
        for at in range(begin[span], begin[span + 1]):
            reading = first + at - begin[span]
            mass = min(1.0, mass_of[at])
            chosen = reading == path_reading[k]
            if chosen:
                posterior[k] = mass
            if chosen or mass > LEAST:
                other_reading[others] = reading
                other_posterior[others] = mass
                others += 1
        other_begin[k + 1] = others
    kept_span = np.empty(len(mass_of) if all_spans else 0, dtype=np.int32)
    kept_reading = np.empty(len(kept_span), dtype=np.int32)
    kept = 0
    if all_spans:
        for span in range(spans):
            chosen = path_reading[step_of[span]] if step_of[span] >= 0 else -1
            first = set_begin[span_set[span]]
            for at in range(begin[span], begin[span + 1]):
                reading = first + at - begin[span]
                if mass_of[at] > told or reading == chosen:
                    kept_span[kept] = span
                    kept_reading[kept] = reading
                    kept += 1
    return (
        posterior,
        other_begin,
        other_reading[:others].copy(),
        other_posterior[:others].copy(),
        kept_span[:kept].copy(),
        kept_reading[:kept].copy(),
    )
