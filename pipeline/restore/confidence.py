"""How sure a repair is, and from where on it is made.

The posterior of the lattice trusts its own candidates; where none of them is the truth it is sure
of the wrong one. What it says is therefore calibrated for each kind of damage on held-out pages
(beta calibration: Kull, Silva Filho and Flach 2017; models/restoration/calibrate.py), with regard
to how doubtful the whole text is: on a bad page a posterior means less.
"""

from __future__ import annotations

import json
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.artefacts import is_missing, loading
from pipeline.restore.syllables import is_syllable

_LEAST = 1e-5
_SOME_DOUBT = 0.01
BARE = (1.0, 1.0, 0.0, 0.0)  # the weights that leave a posterior as it is
# Below this a word is kept. A syllable may be right as it stands, another word cannot; and a word
# of a text without marks is wrong far more often than what it is read as.
_NEEDED_FOR_GARBAGE = 0.25
_NEEDED_FOR_SYLLABLE = 0.3
_NEEDED_FOR_STRIPPED = 0.1


@cache
def _table() -> dict[str, list[float]]:
    if is_missing("restoration/calibration.json"):  # it is about to be made
        return {}
    with loading("restoration/calibration.json") as path:
        text = path.read_text(encoding="utf-8")
        return {kind: [float(weight) for weight in row] for kind, row in json.loads(text).items()}


def evidence(
    posteriors: NDArray[np.floating], doubt: float | NDArray[np.floating]
) -> NDArray[np.float64]:
    """What the calibration weighs, by posterior: [n, 4], ln p, −ln(1 − p), 1 and ln(doubt + ε).

    ``doubt``: the mean of 1 − p over all words of the text.
    """
    p = np.clip(posteriors.astype(np.float64), _LEAST, 1.0 - _LEAST)
    columns = (np.log(p), -np.log(1.0 - p), np.ones(len(p)), np.log(doubt + _SOME_DOUBT))
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def calibrated(kind: str, posteriors: NDArray[np.float32], doubt: float) -> NDArray[np.float64]:
    """The share of repairs with each of these posteriors that are right; see :func:`evidence`."""
    weights = np.array(_table().get(kind, BARE))
    sure: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-evidence(posteriors, doubt) @ weights))
    return sure


def confidence_needed(word: str, kind: str) -> float:
    """Below this confidence ``word``, damaged as ``kind``, is kept, and listed as uncertain."""
    if kind == "no_marks":
        return _NEEDED_FOR_STRIPPED
    return _NEEDED_FOR_SYLLABLE if is_syllable(word) else _NEEDED_FOR_GARBAGE
