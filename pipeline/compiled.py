"""Numba with a cache on disk, also where the package itself lies in a read-only folder."""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

_COMPILED = ("restore", "recognise")  # packages with compiled functions

F = TypeVar("F", bound=Callable[..., Any])


def _sources() -> str:
    """A fingerprint of the compiled code: Numba sees a change of a function, not of its callees."""
    digest = hashlib.sha256(platform.python_version().encode())
    here = Path(__file__)
    digest.update(here.read_bytes())
    for folder in _COMPILED:
        for path in sorted((here.parent / folder).glob("*.py")):
            source = path.read_bytes()
            if b"@compiled" in source:
                digest.update(source)
    return digest.hexdigest()[:16]


def _cache_folder() -> None:
    """Send Numba's cache to a folder for these sources: beside them, or the user's own."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    for folder in (
        Path(__file__).parent / "__pycache__",
        *((Path(base) / "kehoach",) if base else ()),
        Path("~").expanduser() / ".cache" / "kehoach",
        Path(tempfile.gettempdir()) / "kehoach",
    ):
        target = folder / f"numba-{_sources()}"
        try:
            target.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=target):
                pass
        except OSError:
            continue
        os.environ["NUMBA_CACHE_DIR"] = str(target)
        return


_cache_folder()

import numba  # noqa: E402  (reads NUMBA_CACHE_DIR when it is imported)

# Sums may be reordered, but infinities and NaN keep their meaning: kernels compare with them.
_FAST = {"contract", "reassoc", "arcp", "nsz"}


def compiled(function: F) -> F:
    """Compile on first call, without the interpreter, and keep the result on disk."""
    compile_ = numba.njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
    return cast("F", compile_(function))
