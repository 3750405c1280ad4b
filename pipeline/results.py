"""Workbook and page of a run, made by a process of their own.

The run stays as small as it was, however many plans there are: the libraries that write workbooks,
and what they keep of each plan until the end, go with that process.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import output
from pipeline.engine import Outcome, Pool
from pipeline.errors import KehoachError
from pipeline.store import Store
from pipeline.worker import Limits

_SECONDS = 7 * 86_400.0  # as good as no limit: a million plans take their time


@dataclass(frozen=True, slots=True)
class Results:
    """What to make: of the store at ``place``, into ``out``; ``options`` of both exports.

    The database may be gone for ``patience`` seconds; temporary files lie in ``scratch``.
    """

    place: str | Path
    out: Path
    patience: float
    options: dict[str, Any]
    scratch: str | None = None


def write(results: Results) -> None:
    """Write workbook and page, here. Raises KehoachError."""
    from pipeline.export import report, workbook  # numpy and friends

    if results.scratch:
        tempfile.tempdir = results.scratch
    try:
        with Store.open(results.place) as store:
            store.wait(results.patience, lambda message: None)
            workbook.write(store.records(), results.out / output.WORKBOOK, **results.options)
            report.write(store.records(), results.out / output.PAGE, **results.options)
    except OSError as error:
        raise output.failed(results.out, error) from error


def write_apart(results: Results, max_memory: int, log: Path) -> None:
    """Write workbook and page in a process of their own, which ends with this one.

    Raises KehoachError.
    """
    with tempfile.TemporaryDirectory(prefix="kehoach-export-") as scratch:
        apart = replace(results, scratch=scratch)
        pool = Pool(1, write, Limits(_SECONDS, max_memory), str(log.absolute()))
        try:
            outcome: Outcome = pool.do(apart)
        finally:
            pool.end()
            output.clear(results.out)  # what it had begun, if it was stopped
    if outcome.code:
        raise KehoachError(
            f"workbook and page cannot be made: {outcome.message}; the records are kept, and the "
            "next run tries again"
        )
