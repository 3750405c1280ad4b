"""How likely a text is in a line, where each of its characters lies, and how sure it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.recognise.search import FLOOR, NEVER

_SWAPPED = 0.7  # nats: what a character costs that the language put in for a likelier one


@compiled
def align(shares: Any, blank: Any, text: Any) -> Any:
    """Where each character of ``text`` lies: its first step and the one behind its last [n, 2].

    The likeliest single way through the steps (Viterbi).
    """
    steps = shares.shape[0]
    length = len(text)
    labels = 2 * length + 1  # the blanks between are labels too
    score = np.full(labels, NEVER)
    score[0] = 0.0
    new = np.empty(labels)
    came = np.zeros((steps, labels), np.int8)
    for step in range(steps):
        none = np.log(max(shares[step, blank], FLOOR))
        for label in range(labels):
            odd = label % 2 == 1
            k = label // 2
            back = 0
            if label > 0 and score[label - 1] > score[label]:
                back = 1
            if odd and k > 0 and text[k] != text[k - 1] and score[label - 2] > score[label - back]:
                back = 2
            own = np.log(max(shares[step, text[k]], FLOOR)) if odd else none
            new[label] = score[label - back] + own
            came[step, label] = back
        score[:] = new
    places = np.zeros((length, 2), np.int32)
    if length == 0:
        return places
    label = labels - 1
    if score[label - 1] > score[label]:
        label -= 1
    for step in range(steps - 1, -1, -1):
        if label % 2 == 1:
            k = label // 2
            places[k, 0] = step
            if places[k, 1] == 0:
                places[k, 1] = step + 1
        label -= came[step, label]
    return places


@compiled
def costs_of(shares: Any, blank: Any, text: Any, places: Any, language: Any) -> Any:
    """What the least likely step of each character costs, in nats [n].

    At its surest step a character stands alone; at others, up to the next character, it may share
    the step with the blank and its neighbours. One that the language put in for a likelier one
    costs what that would, and ``_SWAPPED`` (where there was a ``language``).
    """
    length = len(text)
    costs = np.zeros(length)
    for k in range(length):
        own = text[k]
        first = places[k, 0]
        end = places[k, 1]
        surest = first
        for step in range(first, end):
            if shares[step, own] > shares[surest, own]:
                surest = step
        seen = shares[surest, own]
        for code in range(shares.shape[1]):
            if language and code != blank and shares[surest, code] > seen:
                seen = shares[surest, code]
        swapped = seen > shares[surest, own]
        lowest = seen
        behind = places[k + 1, 0] if k + 1 < length else end
        for step in range(first, behind):
            if step == surest:
                continue
            total = shares[step, own] + shares[step, blank]
            if swapped and step < end:
                total = max(total, seen)
            if k > 0 and step < end and text[k - 1] != own:
                total += shares[step, text[k - 1]]
            if k + 1 < length and text[k + 1] != own:
                total += shares[step, text[k + 1]]
            lowest = min(lowest, total)
        costs[k] = -np.log(max(lowest, FLOOR)) + (_SWAPPED if swapped else 0.0)
    return costs


@compiled
def likelihood(shares: Any, blank: Any, text: Any) -> Any:
    """The logarithm of a text's probability, over all its ways.

    The forward sums of Graves et al. (2006), brought to a sum of 1 after each step.
    """
    labels = 2 * len(text) + 1
    sums = np.zeros(labels)
    sums[0] = 1.0
    new = np.empty(labels)
    total = 0.0
    for step in range(shares.shape[0]):
        whole = 0.0
        for label in range(labels):
            k = label // 2
            ways = sums[label]
            own = blank
            if label > 0:
                ways += sums[label - 1]
            if label % 2 == 1:
                own = text[k]
                if k > 0 and own != text[k - 1]:
                    ways += sums[label - 2]
            new[label] = ways * max(shares[step, own], FLOOR)
            whole += new[label]
        sums[:] = new / whole
        total += np.log(whole)
    ending = sums[labels - 1]
    if labels > 1:
        ending += sums[labels - 2]
    return total + np.log(ending) if ending > 0 else -np.inf
