"""Builds a Page from tokens and ruled tables: rows in reading order become lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.document import Box, Cell, Issue, Line, Method, Page, Table, Word
from pipeline.extract.grid import Grid
from pipeline.extract.layout import arrange
from pipeline.extract.perspective import Matrix
from pipeline.extract.scan import Reading
from pipeline.extract.tokens import Token, line_of, rows_of
from pipeline.restore.damage import quality

_POINTS = 72.0
_SURE_NUMBER = 0.75  # confidence; numbers written by hand, or misread, mostly have less
_SHOWN = 6  # unsure numbers that are named


def build_page(
    number: int,
    tokens: Iterable[Token],
    size: tuple[float, float],
    method: Method,
    *,
    turned: Mapping[int, Iterable[Token]] | None = None,
    grids: Sequence[Grid] = (),
) -> Page:
    """Page ``number`` of ``size`` (width, height in points) from its tokens.

    ``grids`` are its tables, whose tokens are read cell by cell. ``turned`` are tokens of text at
    other angles; they follow the upright text, unless all text is turned, as on a page whose
    landscape table was drawn without saying so.
    """
    lines, tables = _read(list(tokens), size, grids)
    groups = [(angle, list(group)) for angle, group in (turned or {}).items()]
    for angle, group in sorted(groups, key=lambda one: -len(one[1])):
        frame = (size[1], size[0]) if angle in (90, 270) else size
        rows = arrange(group, *frame) if not lines else rows_of(group)
        lines.extend(line_of(row) for row in rows)
    text = "\n".join(line.text for line in lines if line.role == "body")
    return Page(
        number=number,
        lines=tuple(lines),
        size=(round(size[0], 2), round(size[1], 2)),
        method=method,
        quality=round(quality(text), 4) if text.strip() else None,
        tables=tuple(tables),
    )


def page_of_scan(
    number: int, reading: Reading, pixels: tuple[int, int], dpi: float
) -> tuple[Page, tuple[Issue, ...]]:
    """Page ``number`` from what OCR read of an image of ``pixels`` (width, height) at ``dpi``."""
    page = build_page(number, reading.tokens, reading.size, "ocr", grids=reading.grids)
    if reading.turned not in (90, 270):
        width, height = (round(side * _POINTS / dpi, 2) for side in pixels)
        page = replace(page, size=(width, height))
    if reading.back is not None and not reading.turned:
        page = _moved(page, reading.back)
    notes = []
    if reading.failed:
        note = f"OCR không đọc được trang: {reading.failed}."
        notes.append(Issue("extract", "ocr_failed", number, note, "error"))
    unsure = [word.text for line in page.lines for word in line.words if _is_unsure_number(word)]
    if unsure:
        shown = ", ".join(f"“{word}”" for word in unsure[:_SHOWN])
        more = ", …" if len(unsure) > _SHOWN else ""
        note = f"Số đọc chưa chắc chắn: {shown}{more}; hãy so với trang."
        notes.append(Issue("extract", "unsure_number", number, note))
    if reading.turned:
        page = replace(page, turned=reading.turned)
        note = f"Trang bị xoay {reading.turned} độ, đã xoay lại trước khi đọc."
        notes.append(Issue("extract", "page_turned", number, note, "info"))
    if reading.stamps:
        note = f"Có {reading.stamps} dấu đóng khung, không đưa vào nội dung."
        notes.append(Issue("extract", "stamp_left_out", number, note, "info"))
    return page, tuple(notes)


def _is_unsure_number(word: Word) -> bool:
    """Whether a word holds a number that OCR was not sure of: no language tells a wrong one."""
    sure = word.confidence is None or word.confidence >= _SURE_NUMBER
    return not sure and any(letter.isdigit() for letter in word.text)


def _moved(page: Page, back: Matrix) -> Page:
    """``page`` with its boxes where they lie on the image, which was not straight."""

    def moved(box: Box | None) -> Box | None:
        if box is None:
            return None
        corners = [(box.x0, box.top), (box.x1, box.top), (box.x1, box.bottom), (box.x0, box.bottom)]
        x, y, w = back @ np.array([(*corner, 1.0) for corner in corners]).T
        x, y = np.round(x / w, 2), np.round(y / w, 2)
        return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))

    return replace(
        page,
        lines=tuple(
            replace(
                line,
                box=moved(line.box),
                words=tuple(replace(word, box=moved(word.box)) for word in line.words),
            )
            for line in page.lines
        ),
        tables=tuple(replace(table, box=moved(table.box)) for table in page.tables),
    )


def _read(
    tokens: list[Token], size: tuple[float, float], grids: Sequence[Grid]
) -> tuple[list[Line], list[Table]]:
    """Lines and tables from top to bottom; what stands beside a table follows it."""
    lines: list[Line] = []
    tables: list[Table] = []
    for grid in grids:
        inside = [token for token in tokens if _within(token, grid.box)]
        if not inside:
            continue
        taken = set(map(id, inside))
        above = [one for one in tokens if id(one) not in taken and one.middle < grid.box.top]
        taken |= set(map(id, above))
        tokens = [token for token in tokens if id(token) not in taken]
        lines.extend(line_of(row) for row in arrange(above, *size))
        tables.append(_fill(grid, inside, lines))
    lines.extend(line_of(row) for row in arrange(tokens, *size))
    return lines, tables


def _within(token: Token, box: Box) -> bool:
    return box.x0 <= (token.x0 + token.x1) / 2 <= box.x1 and box.top <= token.middle <= box.bottom


def _fill(grid: Grid, tokens: Sequence[Token], lines: list[Line]) -> Table:
    """Put the lines of a table down, cell by cell; gives the table that points at them."""
    first = len(lines) + 1
    cells = []
    left = list(tokens)
    for field in grid.fields:
        inside = [token for token in left if _within(token, field.box)]
        start = len(lines) + 1
        if inside:
            taken = set(map(id, inside))
            left = [token for token in left if id(token) not in taken]
            lines.extend(line_of(row) for row in rows_of(inside))
        cells.append(
            Cell(field.row, field.column, start, len(lines), field.row_span, field.column_span)
        )
    box = grid.box
    return Table(
        rows=grid.rows,
        columns=grid.columns,
        cells=tuple(cells),
        first_line=first,
        last_line=len(lines),
        box=Box(round(box.x0, 2), round(box.top, 2), round(box.x1, 2), round(box.bottom, 2)),
    )
