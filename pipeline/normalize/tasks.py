"""Tasks from the table of the annex, as a table or as text that was read cell by cell.

A table of a PDF or DOCX has cells, so columns are known. A text file has only lines, cell after
cell; there the row numbers, the offices and the words of time tell the columns apart.
"""

from __future__ import annotations

from pipeline.document import Document
from pipeline.normalize.record import Task
from pipeline.normalize.task_lines import Cells, read_lines
from pipeline.normalize.task_table import read_tables
from pipeline.normalize.where import own_words, where
from pipeline.segment.rows import rows


def tasks_of(document: Document) -> list[Task]:
    """The rows of the tables of tasks, in order; an empty cell is None."""
    found = read_tables(document)
    if not found:
        found = _from_lines(document)
    return [_task(document, cells) for cells in found]


def _from_lines(document: Document) -> list[Cells]:
    result: list[Cells] = []
    for section in document.sections:
        if section.ids == ("appendix",):
            place = section.place
            first, last = (place.page, place.line_start), (place.page_end, place.line_end)
            lines = [row for row in rows(document) if first <= (row.page, row.line) <= last]
            result += read_lines(lines)
    return result


def _task(document: Document, cells: Cells) -> Task:
    return Task(
        no=cells.no,
        task=cells.task,
        lead=cells.lead or None,
        partners=cells.partners or None,
        schedule=cells.schedule or None,
        product=cells.product or None,
        page=cells.place.page,
        where=where(
            document,
            cells.place,
            own_words(cells.task, cells.lead, cells.partners, cells.schedule, cells.product),
        ),
    )
