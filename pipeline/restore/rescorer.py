"""A small network that looks at a wider context than the n-grams, where they are not sure.

The decoder gives each slot of its path a few readings with posteriors. Where none of them is sure,
the network looks at the words before and behind (both sides, wider than an n-gram) and says for
each reading how much more likely, in nats, it is than the n-grams believe: a residual, trained on
text that the n-grams had not seen (models/restoration/rescorer). One hidden layer over the
embeddings of the near words and the mean of the farther ones; a reading's score is the dot product
with its own vector (Bengio et al. 2003, restricted to the readings of the slot). It has learned to
choose among syllables with the same letters: what an OCR made of the letters stays with the
channel, so the share of each group of such rivals stays what it was. What it prefers is added to
the scores of the readings, and the path is searched again: words that are unsure side by side are
chosen together.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from pipeline.errors import ModelError

UNSURE = 0.998  # posterior under which a slot is looked at again
_BLOCK = 16_384  # words looked at together, to bound memory
_LEAST = 1e-30

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Products of matrices on one core: each worker has its own, and these are small."""
    with _threads().limit(limits=1, user_api="blas"):
        yield


@dataclass(frozen=True)
class _Around:
    """A stretch of words.

    ``paragraph``: number of the paragraph of each; ``soft`` [words + 1, width]: its vector, the
    mean of its readings where it is unsure (the last row pads); ``sums``: of the vectors of the
    words before each place.
    """

    paragraph: NDArray[np.int64]
    unsure: NDArray[np.bool_]
    titled: NDArray[np.bool_]
    soft: Floats
    sums: Floats


@dataclass(frozen=True)
class Rescorer:
    """The network's arrays, float32.

    ``inputs`` [words + 1, width] (the last row, zeros, pads), ``hidden`` [(2 near + 1) width +
    flags, hidden] (near words, the mean of the far ones, flags), ``context`` [hidden, out],
    ``outputs`` [words, out], ``bias`` [words]; ``near`` and ``far`` count words to each side. The
    flags tell which near words are unsure, which are capitalised, and whether the word itself is.
    """

    near: int
    far: int
    inputs: Floats
    hidden: Floats
    hidden_bias: Floats
    context: Floats
    context_bias: Floats
    outputs: Floats
    bias: Floats
    stripped: NDArray[np.int32]

    @staticmethod
    def load(folder: Path, stripped: NDArray[np.int32]) -> Rescorer:
        """Read the network. Raises ModelError when a file is missing or damaged.

        ``stripped``: number of the form without marks, by word (-1: no syllable).
        """
        try:
            meta = json.loads((folder / "rescorer.json").read_text(encoding="utf-8"))
            with np.load(folder / "rescorer.npz") as stored:
                arrays: dict[str, Any] = {
                    name: stored[name].astype(np.float32) for name in stored.files
                }
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"the rescorer in {folder} cannot be read ({error}); "
                "install kehoach again, or run `make train`"
            ) from error
        for name in [name for name in arrays if name.endswith("_scale")]:
            arrays[name.removesuffix("_scale")] *= arrays.pop(name)
        return Rescorer(near=meta["near"], far=meta["far"], stripped=stripped, **arrays)

    def preferences(
        self,
        words: NDArray[np.int32],
        unsure: NDArray[np.bool_],
        titled: NDArray[np.bool_],
        slots: Numbers,
        begin: Numbers,
        readings: NDArray[np.int32],
        posteriors: Floats,
    ) -> Floats:
        """Nats by which the context prefers each reading of unsure slots to its rivals.

        Args:
            words: The decoded words of a stretch in order; 0 begins a paragraph.
            unsure: Which of them are unsure.
            titled: Which of them are written with a capital and small letters.
            slots: Places in ``words`` to look at.
            begin: ``begin[i] : begin[i + 1]`` are the readings of slot i.
            readings: The word of each reading.
            posteriors: What the n-grams say of each.
        """
        new = np.empty(len(readings), dtype=np.float32)
        blocks = np.searchsorted(slots, np.arange(0, len(words) + _BLOCK, _BLOCK))
        with one_thread():
            for first, last in pairwise(blocks.tolist()):
                if first < last:
                    here = slice(max(0, slots[first] - self.far), slots[last - 1] + self.far + 1)
                    a, b = begin[first], begin[last]
                    stretch = self._stretch(
                        words[here],
                        unsure[here],
                        titled[here],
                        slots[first:last] - here.start,
                        begin[first : last + 1] - a,
                        readings[a:b],
                        posteriors[a:b],
                    )
                    new[a:b] = stretch
        return new

    def _stretch(
        self,
        words: NDArray[np.int32],
        unsure: NDArray[np.bool_],
        titled: NDArray[np.bool_],
        slots: Numbers,
        begin: Numbers,
        readings: NDArray[np.int32],
        posteriors: Floats,
    ) -> Floats:
        hard = self.inputs[words]
        sums = np.zeros((len(words) + 1, hard.shape[1]), dtype=np.float32)
        np.cumsum(hard, axis=0, out=sums[1:])
        soft = np.concatenate([hard, np.zeros((1, hard.shape[1]), dtype=np.float32)])
        weighted = self.inputs[readings] * posteriors[:, None]
        soft[slots] = np.add.reduceat(weighted, begin[:-1], axis=0)
        vectors = self._vectors(_Around(np.cumsum(words == 0), unsure, titled, soft, sums), slots)
        owner = np.repeat(np.arange(len(slots)), np.diff(begin))
        score = np.einsum("ij,ij->i", self.outputs[readings], vectors[owner])
        score += self.bias[readings]
        return self._levelled(owner, readings, score, posteriors)

    def _levelled(
        self, owner: Numbers, offered: NDArray[np.int32], score: Floats, posteriors: Floats
    ) -> Floats:
        """Scores less a constant, so that each group of rivals in a slot keeps its share."""
        group = self.stripped[offered].astype(np.int64)
        single = -2 - np.arange(len(group))  # what is no syllable has no rivals
        group = np.where(group < 0, single, group)
        order = np.lexsort((group, owner))
        group, owner = group[order], owner[order]
        starts = np.flatnonzero(
            np.concatenate([[True], (group[1:] != group[:-1]) | (owner[1:] != owner[:-1])])
        )
        sizes = np.diff(np.append(starts, len(group)))
        score, share = score[order], np.maximum(posteriors[order], _LEAST)
        most = np.maximum.reduceat(score, starts)
        mass = np.add.reduceat(share * np.exp(score - np.repeat(most, sizes)), starts)
        level = most + np.log(mass / np.add.reduceat(share, starts))
        new = np.empty(len(group), dtype=np.float32)
        new[order] = score - np.repeat(level, sizes)
        return new

    def _vectors(self, around: _Around, slots: Numbers) -> Floats:
        """The vector of each slot's context, float32 [slots, out]."""
        begin = np.searchsorted(around.paragraph, around.paragraph[slots], side="left")
        end = np.searchsorted(around.paragraph, around.paragraph[slots], side="right")
        steps = np.concatenate([np.arange(-self.near, 0), np.arange(1, self.near + 1)])
        places = slots[:, None] + steps
        inside = (places >= begin[:, None]) & (places < end[:, None])
        places = np.where(inside, places, len(around.paragraph))  # the last row: zeros
        near = around.soft[places].reshape(len(slots), -1)
        places[~inside] = 0
        flags = (
            around.unsure[places] & inside,
            around.titled[places] & inside,
            around.titled[slots][:, None],
        )
        left_end = np.maximum(begin, slots - self.near)
        left = np.minimum(np.maximum(begin, slots - self.far), left_end)
        right = np.minimum(end, slots + self.near + 1)
        right_end = np.maximum(np.minimum(end, slots + self.far + 1), right)
        sums = around.sums
        far = sums[left_end] - sums[left] + sums[right_end] - sums[right]
        far /= np.maximum(1, left_end - left + right_end - right)[:, None]
        both = np.concatenate([near, far, *flags], axis=1, dtype=np.float32)
        hidden = np.maximum(both @ self.hidden + self.hidden_bias, 0.0)
        return np.asarray(hidden @ self.context + self.context_bias, dtype=np.float32)
