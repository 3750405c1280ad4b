"""The sheet that explains every symbol, rule and column."""

from __future__ import annotations

import xlsxwriter

from pipeline.audit.matrix import MARKS
from pipeline.export.columns import SHEETS
from pipeline.export.frames import Frames
from pipeline.export.messages import Messages
from pipeline.export.sheet import NAVY, Styles, clean, mark_text, print_setup

_RULES = ("body", "citation", "theme", "review", "empty", "unsure")


def write(book: xlsxwriter.Workbook, styles: Styles, built: Frames, texts: Messages) -> None:
    """Symbols, indices, rules, then each sheet with its columns."""
    sheet = book.add_worksheet(texts["sheet.help.title"])
    sheet.set_column(0, 0, 20, styles())
    sheet.set_column(1, 1, 26, styles())
    sheet.set_column(2, 2, 92, styles())
    sheet.write_string(
        0, 0, texts["sheet.help.heading"], styles(bold=True, font_size=14, font_color=NAVY)
    )
    row = 2
    heading = styles(bold=True, font_size=12, font_color=NAVY)
    cell, strong = styles.cell(text_wrap=True), styles.cell(bold=True, text_wrap=True)

    def block(title: str, lines: list[tuple[str, str, str]], mark_first: bool = False) -> None:
        nonlocal row
        sheet.write_string(row, 0, title, heading)
        row += 1
        for key, name, meaning in lines:
            style = styles.mark(key) if mark_first else strong
            first = mark_text(key, texts) if mark_first else key
            sheet.write_string(row, 0, clean(first), style)
            if name:
                sheet.write_string(row, 1, clean(name), strong)
                sheet.write_string(row, 2, clean(meaning), cell)
            else:
                sheet.merge_range(row, 1, row, 2, clean(meaning), cell)
                sheet.set_row(row, 15.0 * (1 + len(meaning) // 118))
            row += 1
        row += 1

    block(
        texts["workbook.marks_heading"],
        [(mark, "", texts[f"mark.{mark}.explain"]) for mark in MARKS],
        mark_first=True,
    )
    block(
        texts["workbook.indices_heading"],
        [(index, "", texts.name("index", index)) for index in built.matrix.required],
    )
    rules = [(str(n), "", texts[f"rule.{rule}"]) for n, rule in enumerate(_RULES, start=1)]
    block(f"{texts['workbook.rules_heading']} {built.matrix.rules}", rules)
    lines = [
        (
            texts[f"sheet.{name}.title"],
            texts[f"column.{column.key}.title"],
            texts[f"column.{column.key}.explain"],
        )
        for name in SHEETS
        for column in built.columns[name]
        if f"column.{column.key}.title" in texts
    ]
    block(texts["workbook.columns_heading"], lines)
    sheet.freeze_panes(1, 0)
    print_setup(sheet, texts)
