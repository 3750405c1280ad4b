"""The first sheet: the matrix that is printed and signed."""

from __future__ import annotations

import xlsxwriter
from xlsxwriter.url import Url

from pipeline.audit.matrix import MARKS
from pipeline.export.columns import Column
from pipeline.export.frames import Tables
from pipeline.export.messages import Messages
from pipeline.export.sheet import LINE_HEIGHT, Linker, Sheet, Styles, mark_text, wrapped_lines


def write(
    book: xlsxwriter.Workbook,
    styles: Styles,
    built: Tables,
    texts: Messages,
    failed: int,
    links: Linker | None,
) -> None:
    """Heading, counts, legend, matrix (each cell leads to its evidence), totals, signatures."""
    columns = built.columns["summary"]
    sheet = Sheet(book, styles, texts["sheet.summary.title"], columns, texts, links=links)
    matrix = built.matrix
    counts = texts.fill(
        "workbook.counts",
        plans=matrix.plans(),
        complete=matrix.complete(),
        review=sum(row.to_review > 0 for row in matrix.rows),
        rules=matrix.rules,
    )
    if others := len(matrix.rows) - matrix.plans():
        counts += " · " + texts.fill("workbook.others", count=others)
    sheet.head(texts["sheet.summary.heading"], texts["sheet.summary.about"], counts)
    if failed:
        sheet.row -= 1
        note = texts.fill("workbook.failed", count=failed, sheet=texts["sheet.failures.title"])
        sheet.sheet.write_string(sheet.row, 0, note, styles(bold=True, font_color="#8C1D18"))
        sheet.row += 2
    _legend(sheet)
    sheet.header()
    first_evidence = _first_evidence_row(texts)
    for values, targets in zip(built.rows("summary"), built.evidence_rows(), strict=True):
        leads_to = dict(zip(matrix.required, targets, strict=True))
        for at, (column, value) in enumerate(zip(columns, values, strict=True)):
            if column.key in leads_to:
                _mark(sheet, at, str(value), first_evidence + leads_to[column.key])
            else:
                sheet.value(at, column, value)
        lines = max(
            wrapped_lines(value, column.width)
            for column, value in zip(columns, values, strict=True)
            if column.kind == "wrap"
        )
        if lines > 1:
            sheet.sheet.set_row(sheet.row, lines * LINE_HEIGHT)
        sheet.row += 1
    sheet.finish()
    _totals(sheet, built, columns)
    _signatures(sheet, len(columns))
    sheet.sheet.print_area(0, 0, sheet.row, len(columns) - 1)


def _first_evidence_row(texts: Messages) -> int:
    """The row (from 1, as in a link) of the first piece of evidence on its sheet."""
    notes = 1 if texts["sheet.evidence.about"] else 0
    return 1 + notes + 1 + 1 + 1  # heading, notes, blank, header, then the first row


def _mark(sheet: Sheet, at: int, mark: str, row: int) -> None:
    text, style = mark_text(mark, sheet.texts), sheet.styles.mark(mark)
    target = Url(f"internal:'{sheet.texts['sheet.evidence.title']}'!A{row}")
    target.text = text
    if not sheet.link(at, target, style):
        sheet.sheet.write_string(sheet.row, at, text, style)


def _legend(sheet: Sheet) -> None:
    """The symbols with their meaning: they tell the marks apart where colours do not print."""
    sheet.row -= 1
    label = sheet.styles(bold=True)
    sheet.sheet.write_string(sheet.row, 1, sheet.texts["workbook.legend"], label)
    for at, mark in enumerate(MARKS, start=2):
        text = mark_text(mark, sheet.texts)
        sheet.sheet.write_string(sheet.row, at, text, sheet.styles.mark(mark, text_wrap=True))
    sheet.row += 2


def _totals(sheet: Sheet, built: Tables, columns: tuple[Column, ...]) -> None:
    """Under the table, and not part of its filter: how many plans cover each index."""
    style = sheet.styles.cell(bold=True, top=2, align="center")
    totals, plans = built.matrix.totals(), built.matrix.plans()
    for at, column in enumerate(columns):
        if column.key in totals:
            text = f"{totals[column.key]['covered']}/{plans}"
            sheet.sheet.write_string(sheet.row, at, text, style)
        else:
            sheet.sheet.write_blank(sheet.row, at, None, style)
    title = sheet.styles.cell(bold=True, top=2)
    sheet.sheet.write_string(sheet.row, 1, sheet.texts["workbook.total"], title)
    sheet.row += 1


def _signatures(sheet: Sheet, width: int) -> None:
    """Room for two signatures, as a table that goes on file needs."""
    row = sheet.row + 2
    first = {1: "workbook.prepared_by", max(width - 4, 3): "workbook.approved_by"}
    second = dict.fromkeys(first, "workbook.sign_here")
    looks = ({"bold": True}, {"italic": True})
    # row by row: what goes straight to the disk cannot go back up
    for below, (keys, look) in enumerate(zip((first, second), looks, strict=True)):
        style = sheet.styles(align="center", **look)
        for at, key in keys.items():
            last = min(at + 2, width - 1)
            sheet.sheet.merge_range(row + below, at, row + below, last, sheet.texts[key], style)
    sheet.row = row + 5
