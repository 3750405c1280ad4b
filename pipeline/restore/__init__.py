"""Restoring garbled Vietnamese text to what the author wrote.

What restores is loaded when it is first used: OCR needs a few tables of it only.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.restore.stage import restore, restore_text

__all__ = ["restore", "restore_text"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("pipeline.restore.stage"), name)
