"""Tables from ruled lines, drawn in a PDF or found on a scan.

Lines that touch make one table. Its lines' positions make a grid; two neighbouring fields of the
grid are one cell unless most of the boundary between them is ruled. So a gap in a scanned line
does no harm, and merged cells come out as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.document import Box
from pipeline.extract.rulings import Ruling

_NEAR = 3.5  # points: lines no farther apart are one
_RULED = 0.5  # share of a boundary that must be ruled
_SMALL = 5.0  # points: rows and columns that are thinner are double lines
_MOST_FIELDS = 40_000


@dataclass(frozen=True, slots=True)
class Field:
    """A cell: its place in the grid and on the page."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box


@dataclass(frozen=True, slots=True)
class Grid:
    """A table without its text."""

    rows: int
    columns: int
    fields: tuple[Field, ...]
    box: Box


def find_grids(rulings: Iterable[Ruling]) -> list[Grid]:
    """The tables that ``rulings`` draw, from top to bottom; frames round one field are none."""
    grids = []
    for group in _touching(list(rulings)):
        grid = _grid(group)
        if grid is not None and len(grid.fields) > 1:
            grids.append(grid)
    grids.sort(key=lambda grid: (grid.box.top, grid.box.x0))
    return [
        grid
        for grid in grids
        if not any(_inside(grid.box, other.box) for other in grids if other is not grid)
    ]


def _inside(box: Box, other: Box) -> bool:
    return (
        other.x0 - 1 <= box.x0
        and other.top - 1 <= box.top
        and box.x1 <= other.x1 + 1
        and box.bottom <= other.bottom + 1
        and box != other
    )


def _touching(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Groups of lines that cross or meet, directly or through others."""
    parent = list(range(len(rulings)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    level = [i for i, one in enumerate(rulings) if one.level]
    upright = [i for i, one in enumerate(rulings) if not one.level]
    for i in level:
        for j in upright:
            if _meet(rulings[i], rulings[j]):
                parent[root(i)] = root(j)
    groups: dict[int, list[Ruling]] = {}
    for index, ruling in enumerate(rulings):
        groups.setdefault(root(index), []).append(ruling)
    return [group for group in groups.values() if len(group) >= 4]


def _meet(level: Ruling, upright: Ruling) -> bool:
    return (
        level.x0 - _NEAR <= upright.x0 <= level.x1 + _NEAR
        and upright.top - _NEAR <= level.top <= upright.bottom + _NEAR
    )


def _grid(rulings: Sequence[Ruling]) -> Grid | None:
    xs = _positions([(one.x0, one.bottom - one.top) for one in rulings if not one.level])
    ys = _positions([(one.top, one.x1 - one.x0) for one in rulings if one.level])
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 1 or rows * columns > _MOST_FIELDS:
        return None
    walls = _walls(rulings, xs, ys)
    fields = tuple(
        Field(
            row,
            column,
            row_span,
            column_span,
            Box(xs[column], ys[row], xs[column + column_span], ys[row + row_span]),
        )
        for row, column, row_span, column_span in _merged(rows, columns, *walls)
    )
    return Grid(rows, columns, fields, Box(xs[0], ys[0], xs[-1], ys[-1]))


def _positions(weighted: Sequence[tuple[float, float]]) -> list[float]:
    """Where lines lie, those close together taken as one, by their lengths."""
    result: list[list[tuple[float, float]]] = []
    for place, length in sorted(weighted):
        if result and place - result[-1][-1][0] < _SMALL:
            result[-1].append((place, length))
        else:
            result.append([(place, length)])
    return [
        sum(place * length for place, length in group) / max(1e-9, sum(one[1] for one in group))
        for group in result
    ]


def _walls(
    rulings: Sequence[Ruling], xs: Sequence[float], ys: Sequence[float]
) -> tuple[list[list[bool]], list[list[bool]]]:
    """Which boundaries are ruled: right of field (row, column), and below it."""
    rows, columns = len(ys) - 1, len(xs) - 1
    right = [[True] * columns for _ in range(rows)]
    below = [[True] * columns for _ in range(rows)]
    for column in range(columns - 1):
        spans = [(one.top, one.bottom) for one in rulings
                 if not one.level and abs(one.x0 - xs[column + 1]) < _SMALL + _NEAR]  # fmt: skip
        for row in range(rows):
            right[row][column] = _covered(spans, ys[row], ys[row + 1]) >= _RULED
    for row in range(rows - 1):
        spans = [(one.x0, one.x1) for one in rulings
                 if one.level and abs(one.top - ys[row + 1]) < _SMALL + _NEAR]  # fmt: skip
        for column in range(columns):
            below[row][column] = _covered(spans, xs[column], xs[column + 1]) >= _RULED
    return right, below


def _covered(spans: Iterable[tuple[float, float]], start: float, end: float) -> float:
    """Share of ``start`` to ``end`` that the spans cover."""
    covered, reached = 0.0, start
    for low, high in sorted(spans):
        low, high = max(low, reached), min(high, end)
        if high > low:
            covered += high - low
            reached = high
    return covered / max(1e-9, end - start)


def _merged(
    rows: int, columns: int, right: list[list[bool]], below: list[list[bool]]
) -> list[tuple[int, int, int, int]]:
    """Row, column, row span and column span of the cells: fields without walls between them.

    A group that is no rectangle is widened to one; what it swallows belongs to it.
    """
    taken = [[False] * columns for _ in range(rows)]
    cells = []
    for row in range(rows):
        for column in range(columns):
            if taken[row][column]:
                continue
            last_row, last_column = _extent(row, column, rows, columns, right, below, taken)
            for i in range(row, last_row + 1):
                for j in range(column, last_column + 1):
                    taken[i][j] = True
            cells.append((row, column, last_row - row + 1, last_column - column + 1))
    return cells


def _extent(
    row: int,
    column: int,
    rows: int,
    columns: int,
    right: list[list[bool]],
    below: list[list[bool]],
    taken: list[list[bool]],
) -> tuple[int, int]:
    """The last row and column of the cell that begins at (row, column)."""
    last_row, last_column = row, column
    grown = True
    while grown:
        grown = False
        wider = last_column + 1 < columns and any(
            not right[i][last_column] for i in range(row, last_row + 1)
        )
        if wider and not any(taken[i][last_column + 1] for i in range(row, last_row + 1)):
            last_column += 1
            grown = True
        taller = last_row + 1 < rows and any(
            not below[last_row][j] for j in range(column, last_column + 1)
        )
        if taller and not any(taken[last_row + 1][j] for j in range(column, last_column + 1)):
            last_row += 1
            grown = True
    return last_row, last_column
