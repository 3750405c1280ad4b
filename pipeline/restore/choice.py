"""Which of two readings of the same words is the likelier, by the language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.restore.engine import models
from pipeline.restore.lm import extend, find
from pipeline.restore.tokens import CLASSES, pieces, unknown_class

_SPELLING = 3.0  # nats a letter that a word costs which the language does not know
_MOST_SPELLING = 12.0
_NO_LETTER = frozenset("\ufffd\x00")
_PROBABILITY = 127  # mask of the code of the probability in a record


def log_probability(words: Sequence[str]) -> float:
    """Log probability (nats) of ``words`` in their order, by the bigrams of the model.

    Numbers and codes count as their classes; a word that the model does not know has to be spelt.
    """
    model = models().model
    total = 0.0
    before = -1
    for number, cost in _numbered(words):
        payload = -1
        if before >= 0:
            state = np.uint64(extend(np.uint64(extend(np.uint64(0), number)), before))
            payload = find(state, model.records, model.blocks, model.offsets)
        if payload >= 0:
            total += float(model.books[0][payload & _PROBABILITY])
        else:
            back_off = float(model.unigram_backoff[before]) if before >= 0 else 0.0
            total += back_off + float(model.unigram[number])
        total -= cost
        before = number
    return total


def _numbered(words: Sequence[str]) -> Iterator[tuple[int, float]]:
    """The number of each piece of ``words``, and what it costs to spell it."""
    vocabulary = models().lexicon.vocabulary
    for word in words:
        for token, written in pieces(word, capitals=word.isupper()):
            cost = _MOST_SPELLING if _NO_LETTER & set(written) else 0.0
            if token not in vocabulary:
                if token not in CLASSES:
                    cost += min(_MOST_SPELLING, _SPELLING * len(written))
                token = unknown_class(token, written)
            yield vocabulary[token], cost
