"""A small network that reads numbers by hand, of the shape that reads lines.

Trained by ``models/figures`` on drawn pictures; its card says on which.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.artefacts import loading
from pipeline.recognise.traineddata import Layer, LineModel

SIGNS = "0123456789"
_HEIGHT = 36  # pixels


@cache
def figures_model() -> LineModel:
    """The network. Raises ModelError when its file is missing or torn."""
    with loading("figures/network.npz") as path, np.load(path, allow_pickle=False) as arrays:
        layers = {
            name: Layer(
                of_input=np.ascontiguousarray(arrays[f"{name}.of_input"], np.float32),
                of_state=np.ascontiguousarray(arrays[f"{name}.of_state"], np.float32),
                scale=arrays[f"{name}.scale"],
                bias=arrays[f"{name}.bias"],
            )
            for name in ("convolution", "column", "forward", "backward", "last", "output")
        }
    return LineModel(_HEIGHT, **layers, characters=(*SIGNS, ""), blank=len(SIGNS))
