"""Word documents: paragraphs with their numbers, tables, text boxes, headers, footnotes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import docx
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.parts.document import DocumentPart
from lxml import etree

from pipeline.document import Cell, Document, Line, Page, Role, Table, Word
from pipeline.errors import TooLargeError, UnreadableError
from pipeline.extract.layout import is_letterhead
from pipeline.extract.numbering import Numbering
from pipeline.ingest.sniff import ZIP_ERRORS
from pipeline.restore.damage import quality
from pipeline.settings import Settings

_MAX_ENTRIES = 20_000
_MAX_RATIO = 300  # unpacked to packed, over which a large package is taken for a bomb
_LARGE = 64 * 2**20
_WP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = frozenset(
    (qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), _WP + "Fallback",
     qn("w:pPr"), qn("w:rPr"), qn("w:sectPr"), qn("w:tblPr"), qn("w:tcPr"))
)  # fmt: skip
_SIGNS = {
    qn("w:tab"): " ",
    qn("w:noBreakHyphen"): "-",
    qn("w:cr"): "\n",
}
# Word files with macros and templates hold the same text; python-docx knows plain ones only.
for _kind in ("WML_DOCUMENT_MACRO", "WML_TEMPLATE", "WML_TEMPLATE_MACRO"):
    _name = getattr(CONTENT_TYPE, _kind, None)
    if _name:
        PartFactory.part_type_for[_name] = DocumentPart


def read_docx(document: Document, settings: Settings) -> Document:
    """The text of a Word file; its pages are those of the last time that Word laid it out.

    Raises UnreadableError when it is damaged, TooLargeError when it unpacks beyond the limits.
    """
    source = document.source
    _check_size(Path(source.location), source.path, settings)
    try:
        part = docx.package.Package.open(source.location).main_document_part
        pages = _Reader(part).pages()
    except (
        *ZIP_ERRORS, PackageNotFoundError, etree.XMLSyntaxError, KeyError, AttributeError,
        IndexError,
    ) as error:  # fmt: skip
        raise UnreadableError(
            f"{source.path} is a damaged Word file; open it in Word and save it anew."
        ) from error
    return replace(document, pages=pages)


def _check_size(path: Path, name: str, settings: Settings) -> None:
    """Refuse packages that unpack to more than a document ever holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except ZIP_ERRORS as error:
        raise UnreadableError(f"{name} is a damaged Word file; get a whole copy of it.") from error
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    bomb = size > _LARGE and size / packed > _MAX_RATIO
    if bomb or size > settings.max_file_size or len(entries) > _MAX_ENTRIES:
        raise TooLargeError(
            f"{name} unpacks to {size / 2**20:,.0f} MB in {len(entries):,} parts, which no "
            "document does; check where it comes from."
        )


@dataclass(slots=True)
class _Sheet:
    """A page being filled."""

    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


class _Reader:
    """Walks the body of a document once, in order."""

    def __init__(self, part: Any) -> None:
        self._part = part
        self._numbering = Numbering(
            self._root(RELATIONSHIP_TYPE.NUMBERING), self._root(RELATIONSHIP_TYPE.STYLES)
        )
        self._sheets = [_Sheet()]
        self._broke = False  # a page break was the last thing read

    def pages(self) -> tuple[Page, ...]:
        body = self._part.element.body
        self._headers()
        self._blocks(body)
        self._footnotes()
        if len(self._sheets) > 1 and not self._sheets[-1].lines:
            self._sheets.pop()
        return tuple(_page(number, sheet) for number, sheet in enumerate(self._sheets, start=1))

    def _root(self, relationship: str) -> Any | None:
        """The root element of the part that the document is related to, None when there is none."""
        for rel in self._part.rels.values():
            if rel.reltype == relationship and not rel.is_external:
                part = rel.target_part
                return part.element if hasattr(part, "element") else parse_xml(part.blob)
        return None

    def _headers(self) -> None:
        """Headers that hold more than a page number: some offices set the letterhead there."""
        seen: set[str] = set()
        for section in self._part.document.sections:
            for header in (section.first_page_header, section.header):
                if header.is_linked_to_previous:
                    continue
                texts = [text for text in _texts(header._element) if text.strip()]
                key = "\n".join(texts)
                if key in seen or key.strip().isdigit():
                    continue
                seen.add(key)
                role: Role = "body" if is_letterhead(key) else "running_head"
                self._sheets[-1].lines.extend(_line(text, role=role) for text in texts)

    def _footnotes(self) -> None:
        root = self._root(RELATIONSHIP_TYPE.FOOTNOTES)
        for note in root.findall(qn("w:footnote")) if root is not None else ():
            if note.get(qn("w:type")) is None:
                for text in _texts(note):
                    if text.strip():
                        mark = note.get(qn("w:id"), "")
                        line = _line(f"{mark} {text.strip()}", role="footnote")
                        self._sheets[-1].lines.append(line)

    def _blocks(self, parent: Any) -> None:
        for child in parent.iterchildren():
            if child.tag == qn("w:p"):
                self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                self._table(child)
            elif child.tag not in _SKIPPED:
                content = child.find(qn("w:sdtContent")) if child.tag == qn("w:sdt") else child
                if content is not None:
                    self._blocks(content)

    def _paragraph(self, paragraph: Any) -> None:
        label = self._numbering.label(paragraph)
        text = ""
        for piece in _pieces(paragraph):
            if piece == "\f" or piece == "\v":  # a break that was set, or one that Word came to
                if piece == "\v" and (self._broke or not (text or self._sheets[-1].lines)):
                    continue
                label = self._add(label, text, paragraph)
                text = ""
                self._sheets.append(_Sheet())
                self._broke = piece == "\f"
            else:
                text += piece
                self._broke = self._broke and not piece.strip()
        self._add(label, text, paragraph, always=True)
        for box in _text_boxes(paragraph):
            self._blocks(box)

    def _add(self, label: str, text: str, paragraph: Any, *, always: bool = False) -> str:
        """Put the lines of a paragraph down; gives the label that is still to be written."""
        if not text.strip() and not always:
            return label
        if label and text.strip():
            text = f"{label} {text.lstrip()}"
            label = ""
        font = _font(paragraph)
        self._sheets[-1].lines.extend(_line(one, font=font) for one in text.split("\n"))
        return label

    def _table(self, table: Any) -> None:
        """A table cell by cell; the grids that only place head and foot are no tables."""
        sheet = self._sheets[-1]
        first = len(sheet.lines) + 1
        placed: list[Cell] = []
        for row, column, row_span, column_span, element in _cells(table):
            start = len(sheet.lines) + 1
            self._blocks(element)
            if sheet is not self._sheets[-1]:  # the table goes on on another page
                self._close_table(sheet, first, placed)
                sheet, placed = self._sheets[-1], []
                first = start = 1
            self._trim(sheet, start)
            placed.append(Cell(row, column, start, len(sheet.lines), row_span, column_span))
        self._close_table(sheet, first, placed)

    @staticmethod
    def _trim(sheet: _Sheet, start: int) -> None:
        """Drop empty lines at the end of a cell."""
        while len(sheet.lines) >= start and not sheet.lines[-1].text.strip():
            sheet.lines.pop()

    @staticmethod
    def _close_table(sheet: _Sheet, first: int, cells: list[Cell]) -> None:
        text = " ".join(line.text for line in sheet.lines[first - 1 :])
        if not cells or is_letterhead(text) or not text.strip():
            return
        top = min(cell.row for cell in cells)
        cells = [replace(cell, row=cell.row - top) for cell in cells]
        rows = max(cell.row + cell.row_span for cell in cells)
        columns = max(cell.column + cell.column_span for cell in cells)
        if rows * columns > 1:
            table = Table(rows, columns, tuple(cells), first, len(sheet.lines))
            sheet.tables.append(table)


def _cells(table: Any) -> Iterator[tuple[int, int, int, int, Any]]:
    """Row, column, row span, column span and element of each cell, merged ones once."""
    found: list[list[Any]] = []
    open_cells: dict[int, list[Any]] = {}
    for row, element in enumerate(table.iter(qn("w:tr"))):
        if next(element.iterancestors(qn("w:tbl"))) is not table:
            continue
        column = 0
        for cell in _children(element, qn("w:tc")):
            properties = cell.find(qn("w:tcPr"))
            span = merge = None
            if properties is not None:
                span = properties.find(qn("w:gridSpan"))
                merge = properties.find(qn("w:vMerge"))
            width = int(span.get(qn("w:val"), "1")) if span is not None else 1
            goes_on = merge is not None and merge.get(qn("w:val")) != "restart"
            if goes_on and column in open_cells:
                open_cells[column][2] += 1
            else:
                found.append([row, column, 1, width, cell])
                open_cells[column] = found[-1]
            column += width
    rows = sorted({one[0] for one in found})
    order = {row: index for index, row in enumerate(rows)}
    for row, column, row_span, column_span, cell in found:
        yield order[row], column, row_span, column_span, cell


def _children(row: Any, tag: str) -> Iterator[Any]:
    """Cells of a row, also those inside content controls."""
    for child in row.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag == qn("w:sdt"):
            content = child.find(qn("w:sdtContent"))
            if content is not None:
                yield from _children(content, tag)


def _pieces(element: Any) -> Iterator[str]:
    """The text of a paragraph; form feed where a page was broken, VT where Word came to an end."""
    for child in element.iterchildren():
        tag = child.tag
        if tag == qn("w:t"):
            yield (child.text or "").replace("\x00", "")
        elif tag in _SIGNS:
            yield _SIGNS[tag]
        elif tag == qn("w:br"):
            yield "\f" if child.get(qn("w:type")) == "page" else "\n"
        elif tag == qn("w:lastRenderedPageBreak"):
            yield "\v"
        elif tag == qn("w:sym"):
            yield _symbol(child.get(qn("w:char"), ""))
        elif tag not in _SKIPPED and tag != qn("w:txbxContent") and isinstance(tag, str):
            yield from _pieces(child)


def _symbol(code: str) -> str:
    """A character of a symbol font: shapes for bullets and ticks have no text."""
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    return "-" if 0xE000 <= value <= 0xF8FF else chr(value)


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(qn("w:txbxContent")):
        if not any(parent.tag == _WP + "Fallback" for parent in box.iterancestors()):
            outer = next(box.iterancestors(qn("w:txbxContent")), None)
            if outer is None or not any(parent is paragraph for parent in outer.iterancestors()):
                yield box


def _texts(element: Any) -> list[str]:
    return [
        "".join(piece for piece in _pieces(paragraph) if piece not in "\f\v")
        for paragraph in element.iter(qn("w:p"))
    ]


def _font(paragraph: Any) -> str | None:
    """Name and weight of the first run that says them: "Times New Roman,Bold"."""
    for run in paragraph.iter(qn("w:r")):
        properties = run.find(qn("w:rPr"))
        if run.find(qn("w:t")) is None or properties is None:
            continue
        fonts = properties.find(qn("w:rFonts"))
        name = fonts.get(qn("w:ascii")) if fonts is not None else None
        bold = properties.find(qn("w:b"))
        heavy = bold is not None and bold.get(qn("w:val"), "1") not in ("0", "false")
        if name or heavy:
            return f"{name or ''}{',Bold' if heavy else ''}"
    return None


def _line(text: str, *, font: str | None = None, role: Role = "body") -> Line:
    words: tuple[Word, ...] = ()
    return Line(text=text, raw=text, font=font, words=words, role=role)


def _page(number: int, sheet: _Sheet) -> Page:
    text = "\n".join(line.text for line in sheet.lines)
    return Page(
        number=number,
        lines=tuple(sheet.lines),
        quality=round(quality(text), 4) if text.strip() else None,
        tables=tuple(sheet.tables),
    )
