"""Restoring garbled Vietnamese text to what the author wrote."""

from pipeline.restore.stage import restore, restore_text

__all__ = ["restore", "restore_text"]
