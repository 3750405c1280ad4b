"""A decoded stretch with the readings that the wider context prefers where n-grams are not sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.decoder import NO_WORD
from pipeline.restore.paths import Decoded
from pipeline.restore.rescorer import UNSURE, Rescorer


def rescored(decoded: Decoded, rescorer: Rescorer) -> Decoded:
    """Read each unsure step again; what emits no word stays as it is."""
    words = decoded.sets.word.array
    chosen = words[decoded.reading]
    spoken = chosen != NO_WORD
    unsure = decoded.posterior < UNSURE
    beside = decoded.beside
    sizes = np.diff(beside.begin)
    steps = np.flatnonzero(spoken & unsure & (sizes > 1))
    if not len(steps):
        return decoded
    counts = sizes[steps]
    begin = np.concatenate([[0], np.cumsum(counts)])
    inside = np.arange(begin[-1]) - np.repeat(begin[:-1], counts)
    offered = np.repeat(beside.begin[steps], counts) + inside
    before = beside.posterior[offered]
    silent = words[beside.reading[offered]] == NO_WORD
    after = rescorer.rescore(
        np.concatenate([[0], chosen[spoken]]),  # 0: a paragraph begins
        np.concatenate([[False], unsure[spoken]]),
        np.concatenate([[False], _titled(decoded)[spoken]]),
        np.cumsum(spoken)[steps],
        begin,
        np.where(silent, 0, words[beside.reading[offered]]),
        np.where(silent, 0.0, before).astype(np.float32),
    )
    after = np.where(silent, before, after)
    best = np.lexsort((after, np.repeat(steps, counts)))[begin[1:] - 1]
    reading, posterior = decoded.reading.copy(), decoded.posterior.copy()
    reading[steps] = beside.reading[offered[best]]
    posterior[steps] = after[best]
    return replace(decoded, reading=reading, posterior=posterior)


def _titled(decoded: Decoded) -> NDArray[np.bool_]:
    """Which steps are written with a capital and small letters behind it."""
    offered, place = np.unique(decoded.lattices.offered[decoded.span], return_inverse=True)
    written = decoded.sets.written(offered.tolist())
    titled = [text[:1].isupper() and not text[1:2].isupper() for text in written]
    return np.array(titled, dtype=np.bool_)[place]
