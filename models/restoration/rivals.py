"""How much an n-gram helps to tell a syllable from those that differ from it by marks only.

Restoring asks the model to choose between rivals (``quy, quý, quỷ, quỹ``), not to predict text. An
n-gram is worth its place when dropping it lowers the posterior of its last word among its rivals.
"""

from __future__ import annotations

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.lm import LanguageModel, extend, find
from pipeline.restore.syllables import is_syllable, strip_marks

MOST_RIVALS = 12


def rival_sets(vocabulary: list[str]) -> np.ndarray:
    """int32 [word, MOST_RIVALS]: the words that share its letters without marks; -1 pads."""
    groups: dict[str, list[int]] = {}
    for number, word in enumerate(vocabulary):
        if is_syllable(word):
            groups.setdefault(strip_marks(word), []).append(number)
    rivals = np.full((len(vocabulary), MOST_RIVALS), -1, dtype=np.int32)
    for group in groups.values():
        for number in group:
            others = [other for other in group if other != number][:MOST_RIVALS]
            rivals[number, : len(others)] = others
    return rivals


@compiled
def _rival_mass(keys, order, rivals, unigram, backoff, records, blocks, offsets, books, backoffs):
    result = np.zeros(len(keys))
    words = np.empty(order, dtype=np.int64)
    weights = np.empty(order)
    for i in range(len(keys)):
        key = keys[i]
        for k in range(order):  # last word first
            words[k] = key & 16383
            key >>= 14
        if rivals[words[0], 0] < 0:
            continue
        # back-off weights of the contexts, by length
        for k in range(1, order):
            weights[k] = 0.0
        weights[1] = backoff[words[1]]
        state = extend(np.uint64(0), words[1])
        for k in range(2, order):
            state = extend(state, words[k])
            payload = find(state, records, blocks, offsets)
            if payload < 0:
                break
            weights[k] = backoffs[k - 2, payload >> 7]
        for r in range(rivals.shape[1]):
            rival = rivals[words[0], r]
            if rival < 0:
                break
            score = unigram[rival]
            state = extend(np.uint64(0), rival)
            depth = 1
            while depth < order:
                state = extend(state, words[depth])
                payload = find(state, records, blocks, offsets)
                if payload < 0:
                    break
                score = books[depth - 1, payload & 127]
                depth += 1
            for k in range(depth, order):
                score += weights[k]
            result[i] += np.exp(score)
    return result


def rival_mass(
    keys: np.ndarray, order: int, rivals: np.ndarray, model: LanguageModel
) -> np.ndarray:
    """The sum of P(rival | context) over the rivals of the last word of every n-gram."""
    return _rival_mass(
        keys,
        order,
        rivals,
        model.unigram,
        model.unigram_backoff,
        model.records,
        model.blocks,
        model.offsets,
        model.books,
        model.backoff_books,
    )
