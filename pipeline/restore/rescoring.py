"""What the wider context prefers where a search is not sure, for the next search to weigh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.decoder import NO_WORD, Decoder
from pipeline.restore.paths import Decoded, Kept, decode_again
from pipeline.restore.rescorer import UNSURE, Rescorer


def rescored(decoded: Decoded, rescorer: Rescorer, decoder: Decoder) -> Decoded:
    """Search once more what the path left open; what is sure and what emits no word stays."""
    beside = decoded.beside
    open_ = _open(decoded)
    if not open_.any():
        return decoded
    step = _steps(decoded)
    kept = np.flatnonzero(open_[step] | (beside.reading == decoded.reading[step]))
    left = replace(decoded, kept=Kept(decoded.span[step[kept]], beside.reading[kept]))
    scores = beside.score[kept] + preferred(left, rescorer)
    again = decode_again(decoder, left, scores)
    # what was not asked again is as sure as it was
    return replace(again, posterior=np.where(open_, again.posterior, decoded.posterior))


def preferred(decoded: Decoded, rescorer: Rescorer) -> NDArray[np.float32]:
    """Nats by which the context prefers each reading that was kept; 0 where nothing is open."""
    kept, beside = decoded.kept, decoded.beside
    nats = np.zeros(len(kept.reading), dtype=np.float32)
    words = decoded.sets.word.array
    chosen = words[decoded.reading]
    spoken, unsure = chosen != NO_WORD, decoded.posterior < UNSURE
    open_ = _open(decoded)
    steps = np.flatnonzero(open_)
    if not len(steps):
        return nats
    step = _steps(decoded)
    asked = np.flatnonzero(open_[step] & (words[beside.reading] != NO_WORD))
    sizes = np.bincount(step[asked], minlength=len(chosen))[steps]
    found = rescorer.preferences(
        np.concatenate([[0], chosen[spoken]]),  # 0: a paragraph begins
        np.concatenate([[False], unsure[spoken]]),
        np.concatenate([[False], _titled(decoded)[spoken]]),
        np.cumsum(spoken)[steps],
        np.concatenate([[0], np.cumsum(sizes)]),
        words[beside.reading[asked]],
        beside.posterior[asked],
    )
    place = np.searchsorted(
        _keys(kept.span, kept.reading), _keys(decoded.span[step[asked]], beside.reading[asked])
    )
    nats[place] = found
    return nats


def _open(decoded: Decoded) -> NDArray[np.bool_]:
    """Which steps say a word, may say another, and are not sure."""
    open_: NDArray[np.bool_] = decoded.sets.word.array[decoded.reading] != NO_WORD
    open_ &= (decoded.posterior < UNSURE) & (np.diff(decoded.beside.begin) > 1)
    return open_


def _steps(decoded: Decoded) -> NDArray[np.int64]:
    """The step of each reading beside the path."""
    return np.repeat(np.arange(len(decoded.reading)), np.diff(decoded.beside.begin))


def _keys(span: NDArray[np.int64], reading: NDArray[np.int32]) -> NDArray[np.int64]:
    """One number for a span and a reading; those that were kept are in this order."""
    return (span << 32) + reading


def _titled(decoded: Decoded) -> NDArray[np.bool_]:
    """Which steps are written with a capital and small letters behind it."""
    offered, place = np.unique(decoded.lattices.offered[decoded.span], return_inverse=True)
    written = decoded.sets.written(offered.tolist())
    titled = [text[:1].isupper() and not text[1:2].isupper() for text in written]
    return np.array(titled, dtype=np.bool_)[place]
