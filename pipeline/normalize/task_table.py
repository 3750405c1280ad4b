"""Tables of tasks whose cells are known: those of PDF and DOCX, and lines with tabs or bars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipeline.document import Document, Page, Place, Table
from pipeline.normalize.task_lines import Cells
from pipeline.segment.fold import fold
from pipeline.segment.rows import cells_of
from pipeline.segment.tables import table

_RULE = re.compile(r"^[\s:=-]*$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table: the texts of its cells, and where they stand."""

    texts: tuple[str, ...]
    place: Place


def read_tables(document: Document) -> list[Cells]:
    """The rows of all tables of tasks; a table that goes on over a page has one set of columns."""
    result: list[Cells] = []
    columns: dict[int, str] = {}
    width = 0
    for grid in _grids(document):
        head = _columns(grid[0].texts)
        if not _is_of_tasks(head) and len(grid) > 1:  # a head of two rows
            pairs = zip(grid[0].texts, grid[1].texts, strict=False)
            head = _columns([f"{above} {below}" for above, below in pairs])
        if _is_of_tasks(head):
            columns, width = head, len(grid[0].texts)
            body = grid[1:]
        elif columns and len(grid[0].texts) == width:
            body = grid
        else:
            columns = {}
            continue
        _add_rows(result, body, columns)
    return result


def _grids(document: Document) -> Iterator[list[_Line]]:
    for page in document.pages:
        if page.tables:
            for found in page.tables:
                if grid := _grid(page, found):
                    yield grid
        else:
            yield from _delimited(page)


def _grid(page: Page, found: Table) -> list[_Line]:
    """Texts by row; a merged cell's text stands in every row that it spans."""
    texts = [[""] * found.columns for _ in range(found.rows)]
    lines: list[list[int]] = [[] for _ in range(found.rows)]
    for cell in found.cells:
        text = " ".join(page.text_of(cell.first_line, cell.last_line).split())
        for row in range(cell.row, min(found.rows, cell.row + cell.row_span)):
            if cell.column < found.columns:
                texts[row][cell.column] = text
            if cell.last_line >= cell.first_line:
                lines[row] += [cell.first_line, cell.last_line]
    return [
        _Line(tuple(row), Place(page.number, min(at, default=1), page.number, max(at, default=1)))
        for row, at in zip(texts, lines, strict=True)
    ]


def _delimited(page: Page) -> Iterator[list[_Line]]:
    """Runs of lines that are cut in cells by tabs or bars."""
    grid: list[_Line] = []
    for number, line in enumerate(page.lines, start=1):
        cells = cells_of(line.text)
        if len(cells) < 3:
            if grid and line.text.strip():
                yield grid
                grid = []
            continue
        if all(_RULE.match(cell) for cell in cells):
            continue  # the line under a Markdown table's head
        grid.append(_Line(tuple(cells), Place(page.number, number, page.number, number)))
    if grid:
        yield grid


def _add_rows(result: list[Cells], body: Sequence[_Line], columns: dict[int, str]) -> None:
    for line in body:
        if _is_of_tasks(_columns(line.texts)) or not any(line.texts):
            continue  # the head repeated on the next page
        values: dict[str, str] = {}
        for index, text in enumerate(line.texts):
            name = columns.get(index)
            if name and text:
                values[name] = f"{values[name]} {text}" if name in values else text
        no = values.pop("no", "").strip(" .") or None
        place = line.place
        if no is None and result and _continues(values, result[-1]):
            last = result[-1]
            for name, text in values.items():
                setattr(last, name, f"{getattr(last, name)} {text}".strip())
            first = last.place
            last.place = Place(first.page, first.line_start, place.page_end, place.line_end)
        elif values.get("task") and not _is_group(no, values):
            result.append(Cells(no=no, place=place, **values))


def _is_group(no: str | None, values: dict[str, str]) -> bool:
    """Whether a row is a heading within the table: a roman number, or a title over all columns."""
    if no is not None and re.fullmatch(r"[IVX]{1,5}|[A-H]", no):
        return not (values.get("lead") and values["lead"] != values.get("task"))
    return len(values) > 1 and len(set(values.values())) == 1


def _continues(values: dict[str, str], last: Cells) -> bool:
    """Whether a row without number goes on with the one before: no task, or one in mid-sentence."""
    task = values.get("task", "")
    return not task or task[:1].islower() or (last.no is not None and not values.get("lead"))


def _columns(texts: Sequence[str]) -> dict[int, str]:
    """Column names by the words of a head row; each name once."""
    names: dict[int, str] = {}
    for index, text in enumerate(texts):
        folded = fold(" ".join(text.split()))
        if len(folded) > 60 or folded in table("offices")["prices"]:
            return {}
        for name, words in _heads().items():
            if name == "no":
                hit = folded in words or (index == 0 and any(_is_misread(w, folded) for w in words))
            else:
                hit = any(_heads_column(word, folded) for word in words)
            if hit and name not in names.values():
                names[index] = name
                break
    return names


def _is_misread(word: str, text: str) -> bool:
    """Whether a short head is a word but for one letter: "SIT" for "STT"."""
    return len(word) == len(text) == 3 and Levenshtein.distance(word, text) == 1


def _heads_column(word: str, text: str) -> bool:
    """Whether a head names a column, a letter lost or misread forgiven in a long word."""
    if word in text:
        return True
    return len(word) >= 7 and len(text) >= len(word) - 2 and fuzz.partial_ratio(word, text) >= 85


def _is_of_tasks(names: dict[int, str]) -> bool:
    return "task" in names.values() and len(names) >= 3


@lru_cache(maxsize=1)
def _heads() -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table("offices")["columns"].items()}
