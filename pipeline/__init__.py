"""kehoach: reads folders of Vietnamese government plans into clean, comparable, audited records.

The public API; everything is loaded when it is first used, so that importing costs nothing::

    from pipeline import process_file, run_folder, restore_text

    document = process_file("ke-hoach.pdf")          # one file -> Document, with its record
    report = run_folder("plans", "out")              # a folder -> store, records, workbook, page
    text = restore_text("cai cach hanh chinh")       # garbled text -> restored, line for line
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.batch import run_folder
    from pipeline.document import Document
    from pipeline.flow import process_file
    from pipeline.restore import restore_text
    from pipeline.run_report import RunReport
    from pipeline.settings import Settings

__all__ = ["Document", "RunReport", "Settings", "process_file", "restore_text", "run_folder"]

_HOMES = {
    "Document": "pipeline.document",
    "RunReport": "pipeline.run_report",
    "Settings": "pipeline.settings",
    "process_file": "pipeline.flow",
    "restore_text": "pipeline.restore",
    "run_folder": "pipeline.batch",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("pipeline.version").program_version()
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
