"""The version of the program: what is written into records of runs, and what `--version` says."""

from __future__ import annotations

import importlib.metadata


def program_version() -> str:
    """The version of kehoach, as installed."""
    try:
        return importlib.metadata.version("kehoach")
    except importlib.metadata.PackageNotFoundError:
        return "0+source"
