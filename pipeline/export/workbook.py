"""The comparison workbook: the sheets of the contract, fit to be read, filtered, printed, signed.

Excel's limits are kept: 32,767 characters in a cell, 1,048,576 rows and 65,530 links in a sheet.
Everything that came out of a document is written as text and never as a formula or a link. The
same records give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, count, islice
from pathlib import Path

import xlsxwriter
from xlsxwriter.url import Url

from pipeline.audit.checklist import Checklist
from pipeline.audit.own_indices import applied
from pipeline.export import (
    comparison,
    frames,
    messages,
    sheet_chart,
    sheet_help,
    sheet_summary,
)
from pipeline.export.beside import written_beside
from pipeline.export.columns import FAILURES, SHEETS, Column
from pipeline.export.frames import named
from pipeline.export.sheet import Sheet, Styles, clean
from pipeline.export.spill import Spill
from pipeline.normalize.record import PlanRecord

_CREATED = datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # fixed: same records, same bytes
_MANY_CELLS = 200_000  # from here on cells go straight to the disk: less memory, a larger file
_MAX_LINK = 1_900  # letters; Excel allows 2,079
_MAX_ROWS = 1_048_000  # below Excel's 1,048,576, room left for the heading


def write(
    records: Iterable[PlanRecord],
    path: str | Path,
    *,
    language: str = "vi",
    required: Sequence[str],
    source_root: str | Path | None = None,
    failures: Iterable[Mapping[str, str]] = (),
    checklist: Checklist | None = None,
) -> None:
    """Write the workbook of ``records`` to ``path``, beside and then renamed.

    ``source_root`` is the folder that ``source.path`` is relative to: with it, names of files
    become links. ``failures`` are those of ``run.json``; they get a sheet of their own. Raises
    UsageError for an unknown language, a missing folder, or as :func:`frames.build` does.
    """
    texts = named(messages.load(language), checklist)
    records, required = applied(records, required, checklist)
    failed = sorted(failures, key=lambda failure: failure["path"])
    links = Links(Path(path), Path(source_root)) if source_root is not None else None
    with Spill() as spill, written_beside(path) as temporary:
        built = frames.build(records, required, texts, spill, checklist)
        book = _book(temporary, built, texts)
        styles = Styles(book)
        sheet_summary.write(book, styles, built, texts, len(failed), links)
        for name in SHEETS[1:]:
            _table(book, styles, name, built.columns[name], built.rows(name), texts, links)
        shapes = dict(built.columns)
        for name, shape, rows in comparison.tables(built.comparison(), texts):
            shapes[name] = shape
            _table(book, styles, name, shape, rows, texts, links)
        if failed:
            _failures(book, styles, failed, texts)
        sheet_chart.write(book, styles, built.matrix, texts)
        sheet_help.write(book, styles, built.matrix, shapes, texts)
        book.close()


def _book(path: Path, built: frames.Tables, texts: messages.Messages) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": built.cells() > _MANY_CELLS,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "dd/mm/yyyy",
        },
    )
    book.set_properties(
        {
            "title": texts["sheet.summary.heading"],
            "subject": texts["workbook.subject"],
            "created": _CREATED,
        }
    )
    return book


class Links:
    """Makes links from the workbook to the files that plans were read from."""

    def __init__(self, workbook: Path, root: Path) -> None:
        self._folder = workbook.resolve().parent
        self._root = root.resolve()
        self._made: dict[tuple[str, int | None], Url | None] = {}

    def __call__(self, path: str, page: int | None = None) -> Url | None:
        """A link relative to the workbook; None for a name that no link can carry.

        Thousands of cells lead to the same page: they share one link.
        """
        key = (path, page if path.lower().endswith(".pdf") else None)
        if key not in self._made:
            self._made[key] = self._link(*key)
        return self._made[key]

    def _link(self, path: str, page: int | None) -> Url | None:
        place = self._place(path)
        if place is None:
            return None
        link = Url(f"{place}#page={page}" if page else place)
        link.text = clean(path)
        return link

    def _place(self, path: str) -> str | None:
        target = self._root / path
        try:
            place = Path(os.path.relpath(target, self._folder)).as_posix()
        except ValueError:  # another drive, on Windows
            place = target.as_posix()
        # XlsxWriter cannot write # and % of a name; "\\udc" marks bytes that are no text
        unfit = any(mark in place for mark in "#%\\\n") or len(place) > _MAX_LINK
        return None if unfit else f"external:{place}"


def _table(
    book: xlsxwriter.Workbook,
    styles: Styles,
    name: str,
    shape: Sequence[Column],
    rows: Iterator[frames.Row],
    texts: messages.Messages,
    links: Links | None,
) -> None:
    """One sheet for a table; a table over Excel's limit goes on in further sheets."""
    first = next(rows, None)
    for part in count(1):
        title = texts[f"sheet.{name}.title"]
        if part > 1:
            title = texts.fill("workbook.continued", title=title, number=part)
        sheet = Sheet(book, styles, title, shape, texts, links=links)
        sheet.head(texts[f"sheet.{name}.heading"], texts[f"sheet.{name}.about"])
        begun = () if first is None else (first,)
        sheet.rows(chain(begun, islice(rows, _MAX_ROWS - 1)))
        sheet.finish()
        first = next(rows, None)
        if first is None:
            return


def _failures(
    book: xlsxwriter.Workbook,
    styles: Styles,
    failed: Sequence[Mapping[str, str]],
    texts: messages.Messages,
) -> None:
    sheet = Sheet(book, styles, texts["sheet.failures.title"], FAILURES, texts)
    sheet.head(texts["sheet.failures.heading"], texts["sheet.failures.about"])
    sheet.rows(
        (
            number,
            failure["path"],
            texts.name("failure", failure["code"]),
            texts.get(f"remedy.{failure['code']}", texts["remedy.failed"]),
            failure["message"],
        )
        for number, failure in enumerate(failed, start=1)
    )
    sheet.finish()
