"""What the decoder is unsure of in text whose marks are taken away: the rescorer's examples.

The n-grams must not have seen the text, or they would be surer than they are on new text: each half
of the training text is decoded with the n-grams of the other. The stream of tokens is decoded as it
is (:mod:`count`), without spelling it out: a syllable becomes all syllables with its letters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.restore.decoder import Decoder
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.lm import LanguageModel
from pipeline.restore.readings import OPENING
from pipeline.restore.tokens import OPENERS

OFFERED = 14  # readings of a place
UNSURE = 0.998  # posterior under which a place is an example
NEVER = -1e4  # log posterior where there are fewer
_CHUNK = 16_000  # tokens decoded at once, cut where a paragraph begins


@dataclass(frozen=True)
class Unsure:
    """``decoded`` uint16, ``unsure`` bool, by token; the examples by place:

    ``places`` int32 [n]; ``offered`` int16 [n, OFFERED], words (-1: none); ``log_posteriors``
    float16 [n, OFFERED].
    """

    decoded: np.ndarray
    unsure: np.ndarray
    places: np.ndarray
    offered: np.ndarray
    log_posteriors: np.ndarray


class _Sets:
    """Reading sets: one for each word as it is, then three for each stripped form.

    Small, with a capital, with a capital that may be there because a sentence begins.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        size = len(lexicon.vocabulary)
        groups = list(lexicon.by_stripped.values())
        sets: list[tuple[tuple[int, ...], list[float]]] = [((n,), [0.0]) for n in range(size)]
        sets += [
            (group, [prior[word] for word in group])
            for group in groups
            for prior in (lexicon.smalls, lexicon.titles, [OPENING * t for t in lexicon.titles])
        ]
        self.begin = np.cumsum([0, *(len(words) for words, _ in sets)]).astype(np.int32)
        self.word = np.array([word for words, _ in sets for word in words], dtype=np.int32)
        self.score = np.array([s for _, scores in sets for s in scores], dtype=np.float32)
        self._size, self._bare = size, lexicon.bare_of
        self._opens = np.array([word in OPENERS for word in lexicon.words])
        self._rivals = np.array([len(group) > 1 for group in groups])

    def of(self, tokens: np.ndarray, capitals: np.ndarray) -> np.ndarray:
        """The set of each token, int32."""
        bare = self._bare[tokens]
        open_ = (bare >= 0) & self._rivals[bare]
        before = np.concatenate([[0], tokens[:-1]])
        which = np.where(capitals, 1 + self._opens[before], 0)
        return np.where(open_, self._size + 3 * bare + which, tokens).astype(np.int32)


def find_unsure(tokens: np.ndarray, capitals: np.ndarray, model: LanguageModel) -> Unsure:
    """Decode ``tokens`` (uint16, 0 begins a paragraph) without their marks."""
    sets = _Sets(Lexicon(model.vocabulary, model.capitals, model.unigram))
    decoder = Decoder(model)
    begins = np.flatnonzero(tokens == 0)
    offered_sets = sets.of(tokens, capitals)
    decoded, unsure = tokens.copy(), np.zeros(len(tokens), dtype=bool)
    places, words, posteriors = [], [], []
    at = 0
    while at < len(tokens):
        end = min(len(tokens), at + _CHUNK)
        last = begins[np.searchsorted(begins, end) - 1]
        end = int(last) if end < len(tokens) and last > at else end
        first = at + int(tokens[at] == 0)
        at = end
        size = end - first
        if not size:
            continue
        path = decoder.decode(
            np.concatenate([[0], np.arange(size + 1)]).astype(np.int32),
            np.arange(size, dtype=np.int32),
            offered_sets[first:end],
            np.zeros(size, dtype=np.float32),
            sets.begin,
            sets.word,
            sets.score,
            decoder.start(),
        )
        decoded[first:end] = path.words
        unsure[first:end] = path.posteriors < UNSURE
        counts = np.diff(path.alternatives_begin)
        slots = np.flatnonzero(unsure[first:end] & (counts > 1))
        counts = counts[slots]
        row = np.repeat(np.arange(len(slots)), counts)
        column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        source = np.repeat(path.alternatives_begin[slots], counts) + column
        inside = column < OFFERED
        row, column, source = row[inside], column[inside], source[inside]
        word = np.full((len(slots), OFFERED), -1, dtype=np.int16)
        posterior = np.full((len(slots), OFFERED), NEVER, dtype=np.float16)
        word[row, column] = path.alternatives_words[source]
        posterior[row, column] = np.log(path.alternatives_posteriors[source])
        places.append((slots + first).astype(np.int32))
        words.append(word)
        posteriors.append(posterior)
    return Unsure(
        decoded, unsure, np.concatenate(places), np.concatenate(words), np.concatenate(posteriors)
    )
