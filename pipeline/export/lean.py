"""A worksheet of XlsxWriter that needs little memory for links and for the heights of rows.

XlsxWriter keeps, until the workbook is closed, a dict for each row that has a link and two records
for each row that has a height: 0.5 kB a row, more than all else that a workbook of thousands of
plans needs. Links are kept here in arrays, and heights go as soon as their rows are on the disk.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

from xlsxwriter.url import Url
from xlsxwriter.worksheet import Worksheet


class LeanWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """Rows must be written downwards, and a row's cells before its height."""

    def __init__(self) -> None:
        super().__init__()
        self.hyperlinks = _Links()
        self._sized: int | None = None

    def set_row(self, row: int, *arguments: object, **options: object) -> int:
        """As in XlsxWriter."""
        result: int = super().set_row(row, *arguments, **options)
        if self.constant_memory:
            if self._sized is not None and self._sized < self.previous_row:
                self.row_info.pop(self._sized, None)
                self.row_sizes.pop(self._sized, None)
            self._sized = row
        return result


class _Links:
    """What XlsxWriter asks of a dict of dicts: the link of each cell, put in downwards."""

    def __init__(self) -> None:
        self._rows = array("L")
        self._columns = array("H")
        self._links: list[Url] = []

    def keys(self) -> set[int]:
        """The rows with links."""
        return set(self._rows)

    def __getitem__(self, row: int) -> _Row:
        return _Row(self, row)

    def put(self, row: int, column: int, link: Url) -> None:
        """One more link. Raises ValueError above the last one."""
        if self._rows and row < self._rows[-1]:
            raise ValueError(f"row {row} comes after row {self._rows[-1]}")
        self._rows.append(row)
        self._columns.append(column)
        self._links.append(link)

    def of_row(self, row: int) -> dict[int, Url]:
        """The links of one row by column."""
        within = slice(bisect_left(self._rows, row), bisect_right(self._rows, row))
        return dict(zip(self._columns[within], self._links[within], strict=True))


class _Row:
    def __init__(self, links: _Links, row: int) -> None:
        self._of, self._row = links, row

    def __setitem__(self, column: int, link: Url) -> None:
        self._of.put(self._row, column, link)

    def __getitem__(self, column: int) -> Url:
        return self._of.of_row(self._row)[column]

    def keys(self) -> list[int]:
        return list(self._of.of_row(self._row))
