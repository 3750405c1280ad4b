"""The decoder: a language model, and how lattices are searched with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.beam import search
from pipeline.restore.lm import LanguageModel

NO_WORD = -1


@dataclass
class State:
    """What the language model remembers between two stretches: last word first."""

    context: NDArray[np.int32]
    backoffs: NDArray[np.float32]
    length: int


@dataclass(frozen=True)
class Path:
    """The best path: span and reading numbers, posterior of each, and the state at its end.

    ``words``: word of the language model by span of the path (``NO_WORD``: none). What else its
    k-th span may read is ``alternatives[alternatives_begin[k] : alternatives_begin[k + 1]]``:
    numbers of readings, the chosen one among them, with ``alternatives_words`` and
    ``alternatives_posteriors`` beside them. ``kept_spans`` and ``kept_readings``: pairs, see
    :func:`pipeline.restore.posteriors.posteriors`.
    """

    spans: NDArray[np.int32]
    readings: NDArray[np.int32]
    posteriors: NDArray[np.float32]
    words: NDArray[np.int32]
    alternatives_begin: NDArray[np.int32]
    alternatives: NDArray[np.int32]
    alternatives_words: NDArray[np.int32]
    alternatives_posteriors: NDArray[np.float32]
    kept_spans: NDArray[np.int32]
    kept_readings: NDArray[np.int32]
    state: State


class Decoder:
    """A language model ready to decode."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        size: int = 12,
        width: float = 14.0,
        weight: float = 1.0,
        told: float = 1.0,
    ) -> None:
        """See :func:`pipeline.restore.beam.search`."""
        self.model = model
        self.size, self.width, self.weight, self.told = size, width, weight, told
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
        """See :func:`pipeline.restore.beam.search`."""
        spans, readings, beside, context, backoffs, length = search(
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
            self.told,
            *self._arrays,
        )
        posteriors, begin, others, others_posteriors, spans_kept, readings_kept = beside
        return Path(
            spans,
            readings,
            posteriors,
            reading_word[readings],
            begin,
            others,
            reading_word[others],
            others_posteriors,
            spans_kept,
            readings_kept,
            State(context, backoffs, int(length)),
        )
