"""The chart of coverage: one stacked bar for each index, patterns that print in black and white."""

from __future__ import annotations

import xlsxwriter

from pipeline.audit.matrix import MARKS, Matrix
from pipeline.export.messages import Messages
from pipeline.export.sheet import FONT, MARK_COLOURS, NAVY, Styles, mark_text, print_setup

_FILLS = {
    "covered": ("#2F7D4F", None),
    "to_review": ("#D9A400", "wide_upward_diagonal"),
    "citation_only": ("#5B76B7", "light_horizontal"),
    "thematic_only": ("#9AA5B1", "percent_20"),
    "unsure": ("#C9803F", "dashed_upward_diagonal"),
    "absent": ("#B3261E", "wide_downward_diagonal"),
}


def write(book: xlsxwriter.Workbook, styles: Styles, matrix: Matrix, texts: Messages) -> None:
    """The counts as a small table, and the chart that is drawn from it."""
    name = texts["sheet.chart.title"]
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 14, styles())
    sheet.set_column(1, len(MARKS), 17, styles())
    sheet.write_string(
        0, 0, texts["sheet.chart.heading"], styles(bold=True, font_size=14, font_color=NAVY)
    )
    sheet.write_string(1, 0, texts["sheet.chart.about"], styles(italic=True, font_color="#4A5868"))
    head = styles.cell(bold=True, font_color="#FFFFFF", bg_color=NAVY, align="center")
    sheet.write_string(3, 0, texts["column.index.title"], head)
    for at, mark in enumerate(MARKS, start=1):
        sheet.write_string(3, at, mark_text(mark, texts), head)
    totals = matrix.totals()
    for row, index in enumerate(matrix.required, start=4):
        sheet.write_string(row, 0, index, styles.cell(bold=True))
        for at, mark in enumerate(MARKS, start=1):
            ink, _ = MARK_COLOURS[mark]
            style = styles.cell(align="center", font_color=ink, num_format="0")
            sheet.write_number(row, at, totals[index][mark], style)
    _draw(book, sheet, name, matrix, texts)
    print_setup(sheet, texts)


def _draw(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    name: str,
    matrix: Matrix,
    texts: Messages,
) -> None:
    first, last = 4, 3 + len(matrix.required)
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    for at, mark in enumerate(MARKS, start=1):
        colour, pattern = _FILLS[mark]
        series: dict[str, object] = {
            "name": [name, 3, at],
            "categories": [name, first, 0, last, 0],
            "values": [name, first, at, last, at],
            "border": {"color": colour},
            "gap": 60,
            # zero counts carry no label: the format shows nothing for zero
            "data_labels": {
                "value": True,
                "num_format": "0;;;",
                "font": {"name": FONT, "bold": True, "color": "#1B2A3A" if pattern else "#FFFFFF"},
            },
        }
        if pattern:
            series["pattern"] = {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}
        else:
            series["fill"] = {"color": colour}
        chart.add_series(series)
    font = {"name": FONT, "size": 11}
    chart.set_y_axis({"reverse": True, "num_font": font})
    chart.set_x_axis(
        {
            "name": texts["workbook.plans"],
            "name_font": font,
            "num_font": font,
            "num_format": "0",
            "min": 0,
            "max": max(matrix.plans(), 1),
            "major_gridlines": {"visible": True, "line": {"color": "#E1E5EA"}},
            "label_position": "high",  # the axis is turned round: "high" is at the bottom
        }
    )
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_title({"none": True})
    chart.set_size({"width": 900, "height": 160 + 60 * len(matrix.required)})
    sheet.insert_chart(last + 2, 0, chart, {"description": texts["sheet.chart.heading"]})
