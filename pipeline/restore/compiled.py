"""Numba with a cache on disk, also where the package itself lies in a read-only folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def _cache_folder() -> None:
    """Send Numba's cache to a folder of the user when this one cannot be written."""
    if "NUMBA_CACHE_DIR" in os.environ or os.access(Path(__file__).parent, os.W_OK):
        return
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    for folder in (
        *((Path(base),) if base else ()),
        Path("~").expanduser() / ".cache",
        Path(tempfile.gettempdir()),
    ):
        try:
            target = folder / "kehoach" / "numba"
            target.mkdir(parents=True, exist_ok=True)
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
