"""N-gram counts and modified Kneser-Ney estimates from a stream of tokens.

Interpolated modified Kneser-Ney (Chen & Goodman 1999) with count cut-offs and relative-entropy
pruning (Stolcke 1998): the mass of what is cut goes to the back-off weight, so that every
distribution still sums to one. Counting is by sorting integer keys; memory stays under 6 GiB for
120 million tokens.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BITS = 14
MASK = (1 << BITS) - 1
_PART = 4_000_000  # n-grams looked at together, to bound memory
_FREE_SHARE = 0.93  # what is kept for its own sake; the rest are their contexts and ends


@dataclass
class Order:
    """The n-grams of one order: sorted keys (first word highest), probability, back-off weight.

    ``mass`` is the discounted count: how often the n-gram may be expected in as much new text.
    """

    keys: np.ndarray
    probability: np.ndarray
    backoff: np.ndarray
    mass: np.ndarray


def _unique(keys: np.ndarray, weights: np.ndarray | None = None):
    """Sorted unique keys with their counts."""
    keys.sort()
    first = np.empty(len(keys), dtype=bool)
    first[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    unique = keys[starts]
    counts = np.diff(np.append(starts, len(keys))).astype(np.int32)
    return unique, counts


def _keys(tokens: np.ndarray, order: int) -> np.ndarray:
    """Keys of all n-grams that hold the boundary at most in the first place."""
    length = len(tokens) - order + 1
    keys = np.zeros(length, dtype=np.int64)
    good = np.ones(length, dtype=bool)
    for offset in range(order):
        part = tokens[offset : offset + length]
        keys <<= BITS
        keys |= part
        if offset:
            good &= part != 0
    return keys[good]


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Discount by count (0, 1, 2, 3+)."""
    n1, n2, n3, n4 = (max(1, int((counts == k).sum())) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    return np.array(
        [0.0, 1 - 2 * y * n2 / n1, max(0.2, 2 - 3 * y * n3 / n2), max(0.3, 3 - 4 * y * n4 / n3)]
    )


def count(tokens: np.ndarray, orders: int, cutoffs: dict[int, int]):
    """Adjusted counts by order: {m: (keys, counts, kept)}; kept is a mask for m > 2.

    The highest order has raw counts; lower orders have the number of distinct left neighbours,
    except n-grams that start with the boundary, which have raw counts.
    """
    raw = {}
    top_keys, top_counts = _unique(_keys(tokens, orders))
    raw[orders] = (top_keys, top_counts)
    adjusted = {orders: (top_keys, top_counts, top_counts >= cutoffs.get(orders, 1))}
    higher = top_keys
    for m in range(orders - 1, 0, -1):
        suffixes, left = _unique(higher & ((1 << (BITS * m)) - 1))
        if m > 1:
            keys = _keys(tokens, m)
            first = keys >> (BITS * (m - 1))
            begin_keys, begin_counts = _unique(keys[first == 0])
            all_keys, all_counts = _unique(keys) if cutoffs.get(m, 1) > 1 else (None, None)
            merged = np.concatenate([begin_keys, suffixes])
            values = np.concatenate([begin_counts, left])
            order = np.argsort(merged, kind="stable")
            merged, values = merged[order], values[order]
            if all_keys is not None:
                kept = all_counts[np.searchsorted(all_keys, merged)] >= cutoffs[m]
                del all_keys, all_counts
            else:
                kept = np.ones(len(merged), dtype=bool)
        else:
            merged, values = suffixes, left
            kept = np.ones(len(merged), dtype=bool)
        adjusted[m] = (merged, values, kept)
        higher = merged
        gc.collect()
        print(f"order {m}: {len(merged):,} n-grams, {int(kept.sum()):,} kept", flush=True)
    return adjusted


def estimate(adjusted, vocabulary_size: int) -> list[Order]:
    """Interpolated estimates, order 1 first."""
    orders = max(adjusted)
    models: list[Order] = []
    unigram = np.zeros(vocabulary_size)
    keys, counts, _ = adjusted[1]
    unigram[keys] = counts
    discount = _discounts(counts)[np.minimum(counts, 3)]
    total = counts.sum()
    mass = discount.sum() / total
    unigram[keys] = (counts - discount) / total
    unigram += mass / vocabulary_size
    models.append(
        Order(
            np.arange(vocabulary_size), unigram, np.ones(vocabulary_size), np.ones(vocabulary_size)
        )
    )
    for m in range(2, orders + 1):
        keys, counts, kept = adjusted[m]
        discounts = _discounts(counts)
        print(f"order {m}: discounts {discounts[1:].round(3)}", flush=True)
        contexts = keys >> BITS
        start = np.flatnonzero(np.append(True, contexts[1:] != contexts[:-1]))
        totals = np.add.reduceat(counts.astype(np.float64), start)
        context_of = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(keys))))
        keys, counts, context_of = keys[kept], counts[kept], context_of[kept]
        reduced = counts - discounts[np.minimum(counts, 3)]
        alpha = reduced / totals[context_of]
        used = np.bincount(context_of, weights=alpha, minlength=len(start))
        gamma = np.clip(1 - used, 1e-7, 1.0)
        lower = models[-1]
        suffix = np.searchsorted(lower.keys, keys & ((1 << (BITS * (m - 1))) - 1))
        suffix = np.minimum(suffix, len(lower.keys) - 1)
        probability = alpha + gamma[context_of] * _lower(
            models, keys & ((1 << (BITS * (m - 1))) - 1), m - 1
        )
        # back-off weights stand with the context, in the order below
        context_keys = contexts[start]
        at = np.searchsorted(lower.keys, context_keys)
        at = np.minimum(at, len(lower.keys) - 1)
        present = lower.keys[at] == context_keys
        lower.backoff[at[present]] = gamma[present]
        models.append(Order(keys, probability, np.ones(len(keys)), reduced.astype(np.float32)))
    return models


def _lower(models: list[Order], keys: np.ndarray, order: int) -> np.ndarray:
    """P(w | h) of the n-grams ``keys`` under the model of ``order`` (with back-off)."""
    if order == 1:
        return models[0].probability[keys]
    model = models[order - 1]
    at = np.minimum(np.searchsorted(model.keys, keys), len(model.keys) - 1)
    found = model.keys[at] == keys
    result = np.empty(len(keys))
    result[found] = model.probability[at[found]]
    missing = keys[~found]
    if len(missing):
        context = missing >> BITS
        below = models[order - 2]
        spot = np.minimum(np.searchsorted(below.keys, context), len(below.keys) - 1)
        weight = np.where(below.keys[spot] == context, below.backoff[spot], 1.0)
        result[~found] = weight * _lower(
            models, missing & ((1 << (BITS * (order - 1))) - 1), order - 1
        )
    return result


def prune(
    models: list[Order],
    ngrams: int,
    rival_mass: Callable[[np.ndarray, int], np.ndarray],
    entropy_share: float,
) -> list[Order]:
    """Keep about ``ngrams`` n-grams of order 2 and up: those that cost most to lose.

    The cost is the fall of the log posterior of the last word among its rivals (``rival_mass``
    gives their probability), plus ``entropy_share`` of the fall of its log probability, times the
    discounted count. (The model's own joint probability would mislead: the lower orders of
    Kneser-Ney are no marginals; Chelba et al. 2010.) An n-gram that is the context or the end of a
    kept one stays: the decoder asks from short to long.
    """
    top = len(models)
    losses: dict[int, np.ndarray] = {}
    alphas: dict[int, np.ndarray] = {}
    for m in range(top, 1, -1):
        losses[m], alphas[m] = _losses(models, m, rival_mass, entropy_share)
    everything = np.concatenate(list(losses.values()))
    share = min(1.0, _FREE_SHARE * ngrams / len(everything))
    threshold = float(np.quantile(everything, 1.0 - share))
    del everything
    needed: list[np.ndarray] = []
    for m in range(top, 1, -1):
        model = models[m - 1]
        keep = losses[m] >= threshold
        for keys in needed:
            keep[np.searchsorted(model.keys, keys)] = True
        below = models[m - 2]
        spot = np.searchsorted(below.keys, model.keys >> BITS)
        # the mass of what goes returns to the back-off weight of its context
        returned = np.bincount(spot[~keep], weights=alphas[m][~keep], minlength=len(below.keys))
        below.backoff = np.clip(below.backoff + returned, 1e-7, 1.0)
        kept = model.keys[keep]
        needed = [np.unique(kept >> BITS), np.unique(kept & ((1 << (BITS * (m - 1))) - 1))]
        alphas[m] = alphas[m][keep]
        models[m - 1] = Order(kept, model.probability[keep], model.backoff[keep], model.mass[keep])
        print(f"order {m}: {len(kept):,} of {len(keep):,} stay", flush=True)
    for m in range(2, top + 1):  # probabilities under the new weights, bottom up
        keys = models[m - 1].keys
        below = models[m - 2]
        gamma = below.backoff[np.searchsorted(below.keys, keys >> BITS)]
        lower = _lower(models, keys & ((1 << (BITS * (m - 1))) - 1), m - 1)
        models[m - 1].probability = alphas[m] + gamma * lower
    return models


def _losses(
    models: list[Order],
    m: int,
    rival_mass: Callable[[np.ndarray, int], np.ndarray],
    entropy_share: float,
) -> tuple[np.ndarray, np.ndarray]:
    """(cost of losing each n-gram, its own discounted probability) of order ``m``, in parts."""
    model, below = models[m - 1], models[m - 2]
    loss = np.empty(len(model.keys), dtype=np.float32)
    alpha = np.empty(len(model.keys), dtype=np.float64)
    for at in range(0, len(model.keys), _PART):
        keys = model.keys[at : at + _PART]
        probability = model.probability[at : at + _PART]
        lower = _lower(models, keys & ((1 << (BITS * (m - 1))) - 1), m - 1)
        fallen = below.backoff[np.searchsorted(below.keys, keys >> BITS)] * lower
        rest = rival_mass(keys, m)
        alpha[at : at + _PART] = probability - fallen
        posterior = np.log((probability / (probability + rest)) * ((fallen + rest) / fallen))
        entropy = np.log(probability / fallen)
        cost = np.abs(posterior) + entropy_share * np.abs(entropy)
        loss[at : at + _PART] = model.mass[at : at + _PART] * cost
    return loss, alpha
