"""Where the trained models lie: in the installed package, or in the repository's ``models/``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline.errors import ModelError

_PACKAGE = Path(__file__).resolve().parent
_ARTEFACTS = {".npy", ".npz", ".bin", ".json", ".toml", ".tsv", ".txt"}  # not recipes and cards
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


def is_missing(name: str) -> bool:
    """Whether a model file or folder is not there."""
    return not any((place / name).exists() for place in _PLACES)


@contextmanager
def loading(name: str) -> Iterator[Path]:
    """The path of a model file or folder, to be loaded within the block.

    Raises ModelError when it is not there, and when whatever loads it finds it damaged.
    """
    path = model_path(name)
    try:
        yield path
    except (ModelError, MemoryError):
        raise
    except Exception as error:  # each library has errors of its own for a file that is torn
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise ModelError(
            f"the model '{name}' in {path} is damaged ({what}); install kehoach again, or run "
            "`make train`"
        ) from error


def _counts(path: Path) -> bool:
    return path.is_file() and (path.suffix in _ARTEFACTS or "ner" in path.parts)


@cache
def models_fingerprint() -> str:
    """Eight hexadecimal digits that change when any file of the models does."""
    digest = hashlib.blake2b(digest_size=4)
    folders = [model_path(one) for one in ("restoration", "ner/model", "figures")]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if _counts(path)]
    for path in paths:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
