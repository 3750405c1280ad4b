"""The version of the program: what is written into records of runs, and what `--version` says."""

from __future__ import annotations

import importlib.metadata

from pipeline.artefacts import models_fingerprint


def program_version() -> str:
    """The version of kehoach, as installed."""
    try:
        return importlib.metadata.version("kehoach")
    except importlib.metadata.PackageNotFoundError:
        return "0+source"


def results_version() -> str:
    """What two machines must have in common to give the same records: the program and its models.

    Raises ModelError when models are missing.
    """
    return f"{program_version()}+models.{models_fingerprint()}"
