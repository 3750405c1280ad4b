"""Where the trained models lie: in the installed package, or in the repository's ``models/``."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import ModelError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")


def model_path(name: str) -> Path:
    """The path of a model file or folder, for example ``restoration/lm.bin``.

    Raises ModelError when it is not there, saying how to get it.
    """
    for place in _PLACES:
        path = place / name
        if path.exists():
            return path
    raise ModelError(
        f"The model '{name}' is missing. Install kehoach again, or run 'make train' in the "
        "repository to make it."
    )
