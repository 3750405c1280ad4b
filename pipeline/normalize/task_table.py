"""Tables of tasks whose cells are known (PDF, DOCX)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pipeline.document import Cell, Document, Page, Place, Table
from pipeline.normalize.task_lines import Cells
from pipeline.segment.fold import fold
from pipeline.segment.tables import table


def read_tables(document: Document) -> list[Cells]:
    """The rows of all tables of tasks; a table that goes on over a page has one set of columns."""
    result: list[Cells] = []
    columns: dict[int, str] = {}
    width = 0
    for page in document.pages:
        for found in page.tables:
            grid = _grid(page, found)
            head = _columns(grid[0]) if grid else {}
            if not _is_of_tasks(head) and len(grid) > 1:
                joined = [f"{a[0]} {b[0]}" for a, b in zip(grid[0], grid[1], strict=False)]
                head = _columns([(text, None) for text in joined])
            if _is_of_tasks(head):
                columns, width = head, found.columns
                body = grid[1:]
            elif columns and found.columns == width:
                body = grid
            else:
                columns = {}
                continue
            _add_rows(result, body, columns, page)
    return result


def _add_rows(
    result: list[Cells], body: Sequence[list[tuple[str, Cell | None]]], columns: dict[int, str],
    page: Page,
) -> None:  # fmt: skip
    for line in body:
        if _is_of_tasks(_columns(line)) or not any(text for text, _ in line):
            continue  # the head repeated on the next page
        values: dict[str, str] = {}
        for index, (text, _) in enumerate(line):
            name = columns.get(index)
            if name and text:
                values[name] = f"{values[name]} {text}" if name in values else text
        place = _place(page, [cell for _, cell in line if cell])
        no = values.pop("no", "").strip(" .") or None
        if no is None and result and _continues(values, result[-1]):
            for name, text in values.items():
                setattr(result[-1], name, f"{getattr(result[-1], name)} {text}".strip())
            first = result[-1].place
            result[-1].place = Place(first.page, first.line_start, place.page_end, place.line_end)
        elif values.get("task"):
            result.append(Cells(no=no, place=place, **values))


def _continues(values: dict[str, str], last: Cells) -> bool:
    """Whether a row without number goes on with the one before: no task, or one in mid-sentence."""
    task = values.get("task", "")
    return not task or task[:1].islower() or (last.no is not None and not values.get("lead"))


def _grid(page: Page, found: Table) -> list[list[tuple[str, Cell | None]]]:
    """Texts by row and column; a merged cell's text stands in every row that it spans."""
    grid: list[list[tuple[str, Cell | None]]] = [
        [("", None)] * found.columns for _ in range(found.rows)
    ]
    for cell in found.cells:
        text = " ".join(page.text_of(cell.first_line, cell.last_line).split())
        for row in range(cell.row, min(found.rows, cell.row + cell.row_span)):
            if cell.column < found.columns:
                grid[row][cell.column] = (text, cell)
    return grid


def _columns(line: Sequence[tuple[str, Cell | None]]) -> dict[int, str]:
    """Column names by the words of a head row; each name once."""
    names: dict[int, str] = {}
    for index, (text, _) in enumerate(line):
        folded = fold(text)
        if len(folded) > 60:
            return {}
        for name, words in _heads().items():
            exact = name == "no"
            hit = folded in words if exact else any(word in folded for word in words)
            if hit and name not in names.values():
                names[index] = name
                break
    return names


def _is_of_tasks(names: dict[int, str]) -> bool:
    return "task" in names.values() and len(names) >= 3


@lru_cache(maxsize=1)
def _heads() -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table("offices")["columns"].items()}


def _place(page: Page, cells: Sequence[Cell]) -> Place:
    lines = [
        n
        for cell in cells
        for n in (cell.first_line, cell.last_line)
        if cell.last_line >= cell.first_line
    ]
    if not lines:
        return Place(page.number, 1, page.number, 1)
    return Place(page.number, min(lines), page.number, max(lines))
