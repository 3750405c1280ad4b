"""Flat files for other programs: CSV, Parquet, JSON, chosen by the suffix of the file's name.

JSON holds the whole records. CSV and Parquet hold one row for each plan, with English column names
and the values of the record. In CSV, text that a spreadsheet would run as a formula (it begins
with ``= + - @``, a tab or a carriage return) gets an apostrophe in front, as OWASP advises; JSON
and Parquet are exact.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.audit import matrix
from pipeline.audit.checklist import lag_days
from pipeline.audit.order import record_key
from pipeline.errors import UsageError
from pipeline.export.beside import written_beside
from pipeline.export.formula import unspreadsheet
from pipeline.export.frames import day
from pipeline.normalize.record import PlanRecord

_TEXT, _INTEGER, _DATE = pa.string(), pa.int64(), pa.date32()


def write(records: Iterable[PlanRecord], path: str | Path, *, required: Sequence[str]) -> None:
    """Write ``records`` to ``path`` (.csv, .json or .parquet), beside and then renamed.

    Rows stand in the order of the workbook. Raises UsageError for another suffix, and as
    :func:`pipeline.audit.matrix.build` does.
    """
    suffix = Path(path).suffix.lower()
    writer = _WRITERS.get(suffix)
    if writer is None:
        raise UsageError(
            f"{path}: tables are written as {', '.join(_WRITERS)}; "
            f"{suffix or 'a name without suffix'} is none of them"
        )
    with written_beside(path) as temporary:
        writer(records, temporary, tuple(dict.fromkeys(required)))


def _json(records: Iterable[PlanRecord], path: Path, required: tuple[str, ...]) -> None:
    texts = sorted((record_key(record), record.model_dump_json(indent=2)) for record in records)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[\n")
        file.write(",\n".join(text for _, text in texts))
        file.write("\n]\n")


def _csv(records: Iterable[PlanRecord], path: Path, required: tuple[str, ...]) -> None:
    # the byte order mark makes Excel read UTF-8; lines end as RFC 4180 says
    with path.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow(name for name, _ in _shape(required))
        for row in _plans(records, required):
            out.writerow(unspreadsheet(value) for value in row)


def _parquet(records: Iterable[PlanRecord], path: Path, required: tuple[str, ...]) -> None:
    rows = _plans(records, required)
    shape = _shape(required)
    arrays = [
        pa.array((row[at] for row in rows), type=kind, size=len(rows))
        for at, (_, kind) in enumerate(shape)
    ]
    schema = pa.schema(shape)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


_WRITERS: dict[str, Callable[[Iterable[PlanRecord], Path, tuple[str, ...]], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".parquet": _parquet,
}

_HEAD: tuple[tuple[str, Any], ...] = (
    ("path", _TEXT),
    ("sha256", _TEXT),
    ("unit", _TEXT),
    ("level", _TEXT),
    ("parents", _TEXT),
    ("province", _TEXT),
    ("successors", _TEXT),
    ("form", _TEXT),
    ("number", _TEXT),
    ("number_status", _TEXT),
    ("issued", _DATE),
    ("title", _TEXT),
    ("year", _INTEGER),
    ("parent_plan", _TEXT),
    ("parent_date", _DATE),
    ("lag_days", _INTEGER),
    ("score", _INTEGER),
    ("to_review", _INTEGER),
)
_INDEX: tuple[tuple[str, Any], ...] = (
    ("status", _TEXT),
    ("needs_review", pa.bool_()),
    ("quote", _TEXT),
    ("section", _TEXT),
    ("page", _INTEGER),
    ("line", _INTEGER),
)
_TAIL: tuple[tuple[str, Any], ...] = (
    ("damage", _TEXT),
    ("pages", _INTEGER),
    ("words", _INTEGER),
    ("edited_words", _INTEGER),
    ("uncertain_words", _INTEGER),
    ("issues", _INTEGER),
)


def _shape(required: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Column names and types: for each index its status, and its first evidence with the place."""
    indices = [
        (f"{index}_{name}" if name != "status" else index, kind)
        for index in required
        for name, kind in _INDEX
    ]
    return [*_HEAD, *indices, *_TAIL]


def _plans(records: Iterable[PlanRecord], required: tuple[str, ...]) -> list[tuple[object, ...]]:
    rows = [(record_key(record), _plan(record, required)) for record in records]
    rows.sort(key=lambda pair: pair[0])
    return [row for _, row in rows]


def _plan(record: PlanRecord, required: tuple[str, ...]) -> tuple[object, ...]:
    row = matrix.row_of(record, required)
    parent = row.parent_plan
    quality = record.quality
    return (
        row.path,
        row.sha256,
        row.unit,
        row.level,
        "; ".join(row.parents) or None,
        row.province,
        "; ".join(record.unit.successors) or None,
        row.form,
        row.number,
        row.number_status,
        day(row.issued),
        row.title,
        row.year,
        (parent.code or parent.text) if parent else None,
        day(parent.date) if parent else None,
        lag_days(record),
        row.score if row.is_plan else None,
        row.to_review if row.is_plan else None,
        *(value for cell in row.cells for value in _index(cell)),
        "; ".join(quality.damage),
        record.source.pages,
        quality.words,
        quality.edited_words,
        quality.uncertain_words,
        len(record.issues),
    )


def _index(cell: matrix.Cell) -> tuple[object, ...]:
    if not cell.evidence:
        return (cell.status, cell.needs_review, None, None, None, None)
    first = cell.evidence[0]
    return (cell.status, cell.needs_review, first.quote, first.path, first.page, first.line)
