"""The sheet that explains every symbol, rule and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from pipeline.audit.matrix import MARKS, Matrix
from pipeline.export.columns import Column
from pipeline.export.messages import Messages
from pipeline.export.sheet import (
    LINE_HEIGHT,
    NAVY,
    Styles,
    clean,
    mark_text,
    print_setup,
    wrapped_lines,
)

_RULES = ("body", "citation", "theme", "review", "other", "empty", "unsure")
_WIDTHS = (28, 96, 44)


def write(
    book: xlsxwriter.Workbook,
    styles: Styles,
    matrix: Matrix,
    shapes: Mapping[str, Sequence[Column]],
    texts: Messages,
) -> None:
    """Symbols, indices, rules, then each column once with the sheets that have it."""
    sheet = book.add_worksheet(texts["sheet.help.title"])
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width, styles())
    title = styles(bold=True, font_size=14, font_color=NAVY)
    sheet.write_string(0, 0, texts["sheet.help.heading"], title)
    page = _Page(sheet, styles)
    page.heading(texts["workbook.marks_heading"])
    for mark in (*MARKS, "not_a_plan"):
        page.line(mark_text(mark, texts), texts[f"mark.{mark}.explain"], style=styles.mark(mark))
    page.heading(texts["workbook.indices_heading"])
    for index in matrix.required:
        page.line(index, texts.name("index", index))
    page.heading(f"{texts['workbook.rules_heading']} {matrix.rules}")
    for number, rule in enumerate(_RULES, start=1):
        page.line(str(number), texts[f"rule.{rule}"])
    page.heading(texts["workbook.columns_heading"], texts["workbook.found_in"])
    for key, names in _columns(shapes, texts).items():
        everywhere = len(names) == len(shapes)
        titles = ", ".join(texts[f"sheet.{name}.title"] for name in names)
        where = texts["workbook.all_sheets"] if everywhere else titles
        page.line(texts[f"column.{key}.title"], texts[f"column.{key}.explain"], where)
    sheet.freeze_panes(1, 0)
    print_setup(sheet, texts)


def _columns(shapes: Mapping[str, Sequence[Column]], texts: Messages) -> dict[str, list[str]]:
    """Each column's key with the sheets that have it; names of indices, areas, sections say it."""
    found: dict[str, list[str]] = {}
    for name, shape in shapes.items():
        for column in shape:
            if not column.title and f"column.{column.key}.explain" in texts:
                found.setdefault(column.key, []).append(name)
    return found


class _Page:
    """Writes downwards."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self._sheet, self._styles, self._row = sheet, styles, 1

    def heading(self, text: str, right: str = "") -> None:
        self._row += 1
        style = self._styles(bold=True, font_size=12, font_color=NAVY)
        self._sheet.write_string(self._row, 0, text, style)
        self._sheet.write_string(self._row, 2, right, style)
        self._row += 1

    def line(self, name: str, meaning: str, where: str = "", style: Any = None) -> None:
        strong = style or self._styles.cell(bold=True, text_wrap=True)
        plain = self._styles.cell(text_wrap=True)
        texts = (clean(name), clean(meaning), where)
        for at, (text, look) in enumerate(zip(texts, (strong, plain, plain), strict=True)):
            self._sheet.write_string(self._row, at, text, look)
        lines = max(wrapped_lines(t, w) for t, w in zip(texts, _WIDTHS, strict=True))
        self._sheet.set_row(self._row, lines * LINE_HEIGHT)
        self._row += 1
