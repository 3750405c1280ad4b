"""HTML files: blocks become lines, tables become tables; scripts and styles are no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree, html

from pipeline.document import Cell, Document, Line, Page, Table
from pipeline.errors import UnreadableError
from pipeline.extract.layout import is_letterhead
from pipeline.ingest.charset import detect
from pipeline.restore.damage import quality

_SKIPPED = frozenset(("script", "style", "head", "noscript", "template", "svg", "object"))
_BLOCK_NAMES = """
    address article aside blockquote body caption dd div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot th
    thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


@dataclass(slots=True)
class _Sheet:
    """The page being filled; ``text`` is the line that is not ended yet."""

    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    text: str = ""

    def add(self, text: str) -> None:
        folded = _BLANKS.sub(" ", text)
        self.text += folded.lstrip() if not self.text or self.text.endswith(" ") else folded

    def end(self) -> None:
        if self.text.strip():
            self.lines.append(Line.of(self.text.strip()))
        self.text = ""


def read_html(document: Document) -> Document:
    """The text of an HTML file, as one page. Raises UnreadableError when it holds no element."""
    source = document.source
    data = Path(source.location).read_bytes()
    declared = _DECLARED.search(data[:2048])
    found = detect(data)
    name = found.name if found.sure or not declared else declared.group(1).decode("ascii")
    try:
        text = data.decode(name, errors="replace").replace("\x00", "")
    except LookupError:  # a charset of the author's invention
        text = data.decode(found.name, errors="replace").replace("\x00", "")
    try:
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (etree.ParserError, ValueError) as error:
        raise UnreadableError(f"{source.path} is an HTML file without content.") from error
    sheet = _Sheet()
    _walk(root, sheet)
    sheet.end()
    joined = "\n".join(line.text for line in sheet.lines)
    page = Page(
        number=1,
        lines=tuple(sheet.lines),
        quality=round(quality(joined), 4) if joined else None,
        tables=tuple(sheet.tables),
    )
    return replace(document, pages=(page,))


def _walk(element: Any, sheet: _Sheet) -> None:
    """Put the text of ``element`` down (libxml2 bounds how deep elements can lie)."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in _SKIPPED or not tag:
        return
    if tag == "table":
        _table(element, sheet)
        return
    if tag == "br":
        sheet.end()
    block = tag in _BLOCKS
    if block:
        sheet.end()
    if tag == "li":
        sheet.add(_bullet(element))
    sheet.add(element.text or "")
    for child in element:
        _walk(child, sheet)
        sheet.add(child.tail or "")
    if block:
        sheet.end()


def _bullet(item: Any) -> str:
    """The number that a browser shows before an item of a numbered list, a dash elsewhere."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "- "
    start = parent.get("start", "1")
    place = sum(1 for one in item.itersiblings("li", preceding=True))
    return f"{(int(start) if start.isdigit() else 1) + place}. "


def _table(table: Any, sheet: _Sheet) -> None:
    """A table cell by cell; one that only places the letterhead is no table."""
    sheet.end()
    first = len(sheet.lines) + 1
    cells = []
    for row, column, row_span, column_span, element in _cells(table):
        start = len(sheet.lines) + 1
        sheet.add(element.text or "")
        for child in element:
            _walk(child, sheet)
            sheet.add(child.tail or "")
        sheet.end()
        cells.append(Cell(row, column, start, len(sheet.lines), row_span, column_span))
    text = " ".join(line.text for line in sheet.lines[first - 1 :])
    if len(cells) > 1 and text and not is_letterhead(text):
        rows = max(cell.row + cell.row_span for cell in cells)
        columns = max(cell.column + cell.column_span for cell in cells)
        sheet.tables.append(Table(rows, columns, tuple(cells), first, len(sheet.lines)))


def _cells(table: Any) -> Iterator[tuple[int, int, int, int, Any]]:
    taken: set[tuple[int, int]] = set()
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while (number, column) in taken:
                column += 1
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            down = min(down, len(rows) - number)
            taken.update((number + i, column + j) for i in range(down) for j in range(across))
            yield number, column, down, across, cell
            column += across


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(1, int(value)), 1000) if value.isdigit() else 1
