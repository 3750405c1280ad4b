"""One sheet of the workbook: heading, header, typed cells, filter, frozen panes, print set-up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import ceil
from typing import Any, Protocol

import xlsxwriter
from xlsxwriter.url import Url
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipeline.export.columns import Column
from pipeline.export.lean import LeanWorksheet
from pipeline.export.messages import Messages

FONT = "Times New Roman"  # the typeface of Nghị định 30/2020/NĐ-CP, Phụ lục I
MAX_CELL = 32_767
MAX_LINKS = 65_530
LINE_HEIGHT = 15.0  # points, of 11 point text
_MAX_LINES = 14  # rows that would be taller are shown this high; the cell holds the whole text
_MANY_ROWS = 400
_PRINTED = 11.69 - 2 * 0.5  # inches of an A4 page's width between the margins
_PAGE_WIDTH = 256.0  # characters across an A4 page before print becomes too small to read
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

INK = "#1B2A3A"
NAVY = "#1F3A5F"
RULE = "#C8CFD8"
MARK_COLOURS: Mapping[str, tuple[str, str]] = {  # ink, ground
    "covered": ("#14532D", "#DCEFE2"),
    "to_review": ("#6B4A00", "#FFF1C4"),
    "citation_only": ("#2B3F73", "#E2E8F5"),
    "thematic_only": ("#454F5B", "#ECEFF3"),
    "unsure": ("#7A3B12", "#FBE8D6"),
    "absent": ("#8C1D18", "#F9DEDC"),
    "not_a_plan": ("#6B7683", "#FFFFFF"),
}


class Linker(Protocol):
    """Gives the link to a source file, or None where none can be made."""

    def __call__(self, path: str, page: int | None = None) -> Url | None: ...  # noqa: D102


class Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def __call__(self, **properties: object) -> Any:
        """The format with these XlsxWriter properties on top of the sheet's own font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            plain = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "top"}
            self._made[key] = self._book.add_format(plain | properties)
        return self._made[key]

    def cell(self, **properties: object) -> Any:
        """A cell of a table: with a thin rule around it, text not touching the rule."""
        if "align" not in properties:
            properties["indent"] = 1
        return self(border=1, border_color=RULE, **properties)

    def mark(self, mark: str, **properties: object) -> Any:
        """A cell of the matrix in the colours of its mark."""
        ink, ground = MARK_COLOURS[mark]
        return self.cell(
            font_color=ink,
            bg_color=ground,
            align="center",
            bold=mark not in ("thematic_only", "not_a_plan"),
            **properties,
        )


def clean(text: str, ending: str = "…") -> str:
    r"""``text`` as a cell can hold it: no characters that XML forbids, not over Excel's limit.

    >>> clean("a\x0bb")
    'a�b'
    """
    text = _ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) <= MAX_CELL // 2 or len(text.encode("utf-16-le")) // 2 <= MAX_CELL:
        return text
    cut = text.encode("utf-16-le")[: 2 * (MAX_CELL - len(ending) - 1)]
    return cut.decode("utf-16-le", "ignore") + " " + ending


class Sheet:
    """A table on a sheet of its own; call :meth:`head`, :meth:`rows`, :meth:`finish` in order."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        styles: Styles,
        title: str,
        columns: Sequence[Column],
        texts: Messages,
        *,
        links: Linker | None = None,
    ) -> None:
        self.sheet: LeanWorksheet = book.add_worksheet(title, LeanWorksheet)
        self.columns = columns
        self.styles = styles
        self.texts = texts
        self._links = links
        self._link_count = 0
        self._looks: dict[tuple[str, str], Any] = {}
        self.row = 0
        self.header_row = 0
        for at, column in enumerate(columns):
            self.sheet.set_column(at, at, column.width, styles())
        keys = [column.key for column in columns]
        self._page = keys.index("page") if "page" in keys else None

    def head(self, heading: str, *notes: str) -> None:
        """The heading, a line for each note, and the header row of the table."""
        bold = self.styles(bold=True, font_size=14, font_color=NAVY)
        self.sheet.set_row(0, 24)
        self.sheet.write_string(0, 0, clean(heading), bold)
        self.row = 1
        for note in notes:
            if note:
                note_style = self.styles(italic=True, font_color="#4A5868")
                self.sheet.write_string(self.row, 0, clean(note), note_style)
                self.row += 1
        self.row += 1

    def header(self) -> None:
        """The header row, as high as its longest title asks for."""
        style = self.styles.cell(
            bold=True, font_color="#FFFFFF", bg_color=NAVY, text_wrap=True, align="center",
            valign="vcenter",
        )  # fmt: skip
        self.header_row = self.row
        named = [_title(column, self.texts) for column in self.columns]
        for at, title in enumerate(named):
            self.sheet.write_string(self.row, at, clean(title), style)
        lines = max(wrapped_lines(t, c.width) for t, c in zip(named, self.columns, strict=True))
        self.sheet.set_row(self.row, LINE_HEIGHT * max(lines, 2) + 4)
        self.row += 1

    def rows(self, rows: Iterable[Sequence[object]]) -> None:
        """The header, then one row for each sequence of values, in the order of the columns."""
        self.header()
        for values in rows:
            self._row(values)

    def _row(self, values: Sequence[object]) -> None:
        lines = 1
        page = values[self._page] if self._page is not None else None
        for at, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            self.value(at, column, value, page if isinstance(page, int) else None)
            if column.kind in ("wrap", "mark"):
                lines = max(lines, wrapped_lines(value, column.width))
        # LibreOffice does not fit the rows of a file that it did not write, and a row that is
        # taller than the screen cannot be scrolled through: so each row gets its height here.
        if lines > 1:
            self.sheet.set_row(self.row, min(lines, _MAX_LINES) * LINE_HEIGHT)
        self.row += 1

    def value(self, at: int, column: Column, value: object, page: int | None = None) -> None:
        """One cell. Text is written as text whatever it begins with."""
        sheet, row = self.sheet, self.row
        if value is None or value == "":
            sheet.write_blank(row, at, None, self._look("blank"))
        elif isinstance(value, date):
            if value.year < 1900:  # before Excel's calendar
                sheet.write_string(row, at, value.strftime("%d/%m/%Y"), self._look("text"))
            else:
                moment = datetime(value.year, value.month, value.day)
                sheet.write_datetime(row, at, moment, self._look("date"))
        elif isinstance(value, int | float):
            form = "0%" if column.kind == "share" else column.form
            sheet.write_number(row, at, value, self._look("number", form))
        elif column.kind == "mark" and f"mark.{value}.symbol" in self.texts:
            mark = str(value)
            sheet.write_string(row, at, mark_text(mark, self.texts), self._look("mark", mark))
        elif column.kind == "source":
            self._source(at, str(value), page)
        else:
            text = clean(str(value), self.texts["workbook.cut"])
            look = "wrap" if column.kind in ("wrap", "mark") else "text"
            sheet.write_string(row, at, text, self._look(look))

    def _look(self, name: str, detail: str = "") -> Any:
        """The format of a kind of cell, made once; called for every cell."""
        look = self._looks.get((name, detail))
        if look is None:
            look = self._looks[name, detail] = self._made(name, detail)
        return look

    def _made(self, name: str, detail: str) -> Any:
        cell = self.styles.cell
        match name:
            case "date":
                return cell(num_format="dd/mm/yyyy", align="center")
            case "number":
                return cell(num_format=detail, align="center")
            case "mark":
                return self.styles.mark(detail)
            case "link":
                return cell(font_color="#1F4E9E", underline=1, shrink=True)
            case _:
                # as text (@), so that editing the cell later cannot turn it into a formula either
                return cell(num_format="@", text_wrap=name == "wrap", shrink=name == "name")

    def _source(self, at: int, path: str, page: int | None) -> None:
        target = self._links(path, page) if self._links else None
        if target is None or not self.link(at, target, self._look("link")):
            self.sheet.write_string(self.row, at, clean(path), self._look("name"))

    def link(self, at: int, target: Url, style: Any) -> bool:
        """A linked cell, or False when the sheet holds as many links as Excel allows."""
        if self._link_count >= MAX_LINKS:
            return False
        self._link_count += 1
        self.sheet.write_url(self.row, at, target, style)
        return True

    def finish(self, *, frozen_columns: int = 2) -> None:
        """Filter, frozen panes and print set-up, when all rows are written."""
        sheet, last = self.sheet, max(self.row - 1, self.header_row)
        if last == self.header_row:
            note = self.styles(italic=True)
            sheet.write_string(self.row, 0, self.texts["workbook.nothing"], note)
        sheet.autofilter(self.header_row, 0, last, len(self.columns) - 1)
        sheet.freeze_panes(self.header_row + 1, min(frozen_columns, len(self.columns)))
        sheet.repeat_rows(self.header_row)
        # codes and numbers of rows are text on purpose: no green corner for each of them
        corner = xl_rowcol_to_cell(last, len(self.columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:{corner}"})
        width = sum(column.width for column in self.columns)
        across = ceil(width / _PAGE_WIDTH)
        if across > 1:
            sheet.repeat_columns(0, frozen_columns - 1)
        print_setup(sheet, self.texts, across=across)
        if last - self.header_row > _MANY_ROWS:
            # LibreOffice tries scale after scale to fit a sheet of thousands of rows (minutes for a
            # sheet of 2,000): there the scale is set from the widths of the columns, with room for
            # machines that lack the font whose digits columns are measured in
            inches = sum(7 * column.width + 5 for column in self.columns) / 96
            sheet.set_print_scale(max(10, min(100, int(72 * across * _PRINTED / inches))))


def _title(column: Column, texts: Messages) -> str:
    """What the catalogue calls the column; an index is called by its id."""
    return texts.get(column.title or f"column.{column.key}.title", column.key)


def print_setup(sheet: Worksheet, texts: Messages, *, across: int = 1) -> None:
    """Landscape A4, ``across`` pages wide; in the foot the sheet's name and the page's number."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(across, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.set_footer(f'&L&"{FONT}"&9&A&R&"{FONT}"&9{texts["workbook.printed_page"]}')
    sheet.hide_gridlines(2)


def mark_text(mark: str, texts: Messages) -> str:
    """Symbol and word of a mark: "✓ Có"."""
    return f"{texts[f'mark.{mark}.symbol']} {texts[f'mark.{mark}.label']}"


def wrapped_lines(value: object, width: float) -> int:
    """How many lines ``value`` takes in a column of ``width`` characters, rather more than less."""
    if not isinstance(value, str) or len(value) < 2:
        return 1
    # a column of width 10 holds ten digits; Vietnamese text in this face is about a third narrower
    room = max(1.4 * width - 3, 1)
    return sum(max(ceil(len(line) / room), 1) for line in value.split("\n"))
