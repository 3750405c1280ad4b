"""A decoded stretch searched again, with what the wider context prefers where it is not sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.decoder import NO_WORD, Decoder
from pipeline.restore.paths import Decoded, Kept, decode_again
from pipeline.restore.rescorer import UNSURE, Rescorer


def rescored(decoded: Decoded, rescorer: Rescorer, decoder: Decoder) -> Decoded:
    """Search once more what the path left open; what is sure and what emits no word stays."""
    words = decoded.sets.word.array
    chosen = words[decoded.reading]
    spoken = chosen != NO_WORD
    unsure = decoded.posterior < UNSURE
    beside = decoded.beside
    open_ = spoken & unsure & (np.diff(beside.begin) > 1)
    steps = np.flatnonzero(open_)
    if not len(steps):
        return decoded
    step = np.repeat(np.arange(len(chosen)), np.diff(beside.begin))
    kept = np.flatnonzero(open_[step] | (beside.reading == decoded.reading[step]))
    reading, step = beside.reading[kept], step[kept]
    asked = np.flatnonzero(open_[step] & (words[reading] != NO_WORD))
    sizes = np.bincount(step[asked], minlength=len(chosen))[steps]
    scores = beside.score[kept]
    scores[asked] += rescorer.preferences(
        np.concatenate([[0], chosen[spoken]]),  # 0: a paragraph begins
        np.concatenate([[False], unsure[spoken]]),
        np.concatenate([[False], _titled(decoded)[spoken]]),
        np.cumsum(spoken)[steps],
        np.concatenate([[0], np.cumsum(sizes)]),
        words[reading[asked]],
        beside.posterior[kept[asked]],
    )
    left = replace(decoded, kept=Kept(decoded.span[step], reading))
    again = decode_again(decoder, left, scores)
    # what was not asked again is as sure as it was
    return replace(again, posterior=np.where(open_, again.posterior, decoded.posterior))


def _titled(decoded: Decoded) -> NDArray[np.bool_]:
    """Which steps are written with a capital and small letters behind it."""
    offered, place = np.unique(decoded.lattices.offered[decoded.span], return_inverse=True)
    written = decoded.sets.written(offered.tolist())
    titled = [text[:1].isupper() and not text[1:2].isupper() for text in written]
    return np.array(titled, dtype=np.bool_)[place]
