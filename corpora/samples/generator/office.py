"""Writes a plan as DOCX: letterhead and signature in borderless tables, automatic numbering."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

from generator.source import CENTRED, Letterhead, Paragraph, Plan, Sign, Table, segments

# Level, number format, text: what Word keeps in numbering.xml instead of in the paragraph.
LEVELS = (
    ("upperRoman", "%1.", True),
    ("decimal", "%2.", True),
    ("lowerLetter", "%3)", False),
    ("bullet", "-", False),
)
AUTOMATIC = (
    ("heading1", re.compile(r"[IVX]+\. "), 0),
    ("heading2", re.compile(r"\d+\. "), 1),
    ("item", re.compile(r"- "), 3),
)


def write_docx(plan: Plan, *, automatic: bool = True) -> bytes:
    """The DOCX file; ``automatic`` numbers headings and bullets by Word, not by typed text."""
    document = Document()
    document.core_properties.created = document.core_properties.modified = datetime(2025, 1, 1)
    document.core_properties.author = ""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)
    style.paragraph_format.space_after = Pt(4)
    numbering = _numbering(document) if automatic else None
    for block in plan.blocks:
        if isinstance(block, Letterhead):
            _letterhead(document, block)
        elif isinstance(block, Paragraph):
            _paragraph(document, block, numbering)
        elif isinstance(block, Table):
            _table(document, block)
        elif isinstance(block, Sign):
            _sign(document, block)
    return _repack(document)


def _numbering(document) -> int:
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="0" w:firstLine="680"/></w:pPr>'
        f"<w:rPr>{'<w:b/>' if bold else ''}</w:rPr></w:lvl>"
        for level, (kind, text, bold) in enumerate(LEVELS)
    )
    root = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    root.insert(0, abstract)
    root.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>')
    )
    return 90


def _runs(paragraph, text: str, style: str = "R", size: float | None = None) -> None:
    for part, kind in segments(text, style):
        run = paragraph.add_run(part)
        run.bold, run.italic = "B" in kind, "I" in kind
        if size:
            run.font.size = Pt(size)


def _paragraph(document, block: Paragraph, numbering: int | None) -> None:
    paragraph = document.add_paragraph()
    if block.style in CENTRED:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if block.style == "appendix":
            paragraph.paragraph_format.page_break_before = True
        _runs(paragraph, block.text, "I" if block.style == "note" else "B")
        return
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Cm(1.2)
    style = {"basis": "I", "heading1": "B", "heading2": "B", "heading3": "BI"}
    text = block.text
    for kind, marker, level in AUTOMATIC if numbering else ():
        if block.style == kind and marker.match(text):
            text = marker.sub("", text, count=1)
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = level
            properties.get_or_add_numId().val = numbering
    _runs(paragraph, text, style.get(block.style, "R"))


def _set_widths(table, widths) -> None:
    """Both the grid and (by the caller) the cells: Word reads the cells, others the grid."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)


def _columns(document, left: list[tuple[str, str]], right: list[tuple[str, str]]) -> None:
    table = document.add_table(rows=1, cols=2)
    _set_widths(table, (6.4, 10.2))
    for cell, width, lines in zip(table.rows[0].cells, (6.4, 10.2), (left, right), strict=True):
        cell.width = Cm(width)
        for index, (text, style) in enumerate(lines):
            paragraph = cell.paragraphs[0] if not index else cell.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            if style.startswith("L"):
                _runs(paragraph, text, style[1:] or "R", 11)
            else:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                _runs(paragraph, text, style, 13)


def _letterhead(document, block: Letterhead) -> None:
    _columns(document, [(line, "B") for line in block.left], [(line, "B") for line in block.right])
    if block.number or block.place:
        _columns(document, [(block.number or "", "R")], [(block.place or "", "I")])


def _sign(document, block: Sign) -> None:
    left = [("Nơi nhận:", "LBI"), *((line, "L") for line in block.recipients)]
    *lines, name = block.signature
    _columns(document, left, [*((line, "B") for line in lines), ("", "R"), (name, "B")])


def _table(document, block: Table) -> None:
    table = document.add_table(rows=0, cols=len(block.widths), style="Table Grid")
    _set_widths(table, [16.4 * share for share in block.widths])
    for number, row in enumerate(block.rows):
        cells = table.add_row().cells
        for cell, share in zip(cells, block.widths, strict=True):
            cell.width = Cm(16.4 * share)
        for column, text in enumerate(row):
            if text not in ("^", "<"):
                cell = cells[column]
                for index, part in enumerate(text.split(" // ")):
                    paragraph = cell.paragraphs[0] if not index else cell.add_paragraph()
                    _runs(paragraph, part, "R" if number >= block.headers else "B", 12)
        if number < block.headers:
            properties = table.rows[number]._tr.get_or_add_trPr()
            properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for number, row in enumerate(block.rows):
        for column, text in enumerate(row):
            if text == "^":
                _merge(table.cell(number - 1, column), table.cell(number, column))
            elif text == "<":
                _merge(table.cell(number, column - 1), table.cell(number, column))


def _merge(first, second) -> None:
    merged = first.merge(second)
    for paragraph in merged.paragraphs[1:]:
        if not paragraph.text and len(merged.paragraphs) > 1:
            paragraph._p.getparent().remove(paragraph._p)


def _repack(document) -> bytes:
    """The file with fixed dates in the archive, so that a re-run gives the same bytes."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return second.getvalue()
