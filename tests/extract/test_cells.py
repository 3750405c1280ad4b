"""Numbers in the cells of tables that were read badly, read again by the real tesseract."""

from __future__ import annotations

import made_scan
import numpy as np
import pytest

from pipeline.extract import cells, ocr
from pipeline.extract.sheet import Sheet, prepare
from pipeline.extract.tokens import Read

pytestmark = pytest.mark.skipif(
    not ocr.has_tesseract() or not ocr.reads(ocr.FIGURES), reason="tesseract is not installed"
)
TABLE = [
    ["Đường", "Hệ số", "Có"],
    ["Hùng Vương", "1,3", "Không"],
    ["Châu Phong", "1,7", "Không"],
    ["Tân Dân", "2,5", "Không"],
    ["Hòa Phong", "1,1", "Không"],
]
NUMBERED = [
    ["TT", "Đường"],
    ["A", "Nông thôn"],
    ["IX", "Hùng Vương"],
    ["4", "Châu Phong"],
    ["5.1", "Tân Dân"],
    ["8", "Hòa Phong"],
]


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return prepare(np.asarray(made_scan.table(TABLE)).copy(), made_scan.DPI)


def misread(
    sheet: Sheet,
    column: int,
    row: int,
    text: str,
    confidence: float,
    table: list[list[str]] = TABLE,
) -> list[list[Read]]:
    """The lines of the table as they stand on the page, but for one cell that is read as told."""
    fields = [(f.column, f.row) for grid in sheet.grids for f in grid.fields]
    lines = []
    for line in sheet.lines:
        at = fields[line.zone - 1]
        here = (text, confidence) if at == (column, row) else (table[at[1]][at[0]], 0.96)
        lines.append([Read(word, line.x0, line.x1, here[1]) for word in here[0].split()])
    return lines


def texts(lines: list[list[Read]]) -> list[str]:
    return sorted(" ".join(word.text for word in words) for words in lines)


@pytest.mark.parametrize("read", ["L1", "11", "1]", "lj"])
def test_a_number_in_a_column_of_numbers(sheet: Sheet, read: str) -> None:
    lines = misread(sheet, 1, 4, read, 0.4)
    before = texts(lines)
    assert before.count(read) == 1
    cells.read_again([sheet], [lines])
    assert texts(lines) == sorted("1,1" if text == read else text for text in before)
    (unsure,) = [word for words in lines for word in words if word.confidence < 0.9]
    assert unsure.text == "1,1"


@pytest.mark.parametrize(
    ("row", "read", "meant"), [(2, "1X", "IX"), (4, "S1.", "5.1"), (4, "51", "5.1"), (5, "S", "8")]
)
def test_a_numeral_in_a_first_column(row: int, read: str, meant: str) -> None:
    sheet = prepare(np.asarray(made_scan.table(NUMBERED)).copy(), made_scan.DPI)
    lines = misread(sheet, 0, row, read, 0.5, NUMBERED)
    before = texts(lines)
    assert before.count(read) == 1
    cells.read_again([sheet], [lines])
    assert texts(lines) == sorted(meant if text == read else text for text in before)


@pytest.mark.parametrize(
    ("read", "confidence"), [("a", 0.95), ("a", 0.7), ("–", 0.95), ("Á", 0.95)]
)
def test_what_is_no_numeral_in_a_first_column_stays(read: str, confidence: float) -> None:
    sheet = prepare(np.asarray(made_scan.table(NUMBERED)).copy(), made_scan.DPI)
    lines = misread(sheet, 0, 5, read, confidence, NUMBERED)
    cells.read_again([sheet], [lines])
    assert read in texts(lines)


@pytest.mark.parametrize(
    ("column", "row", "read", "confidence"),
    [(1, 4, "11", 0.95), (1, 4, "Có", 0.8), (2, 4, "l1", 0.3), (0, 4, "l1", 0.3)],
)
def test_what_is_sure_or_stands_in_no_column_of_numbers_stays(
    sheet: Sheet, column: int, row: int, read: str, confidence: float
) -> None:
    lines = misread(sheet, column, row, read, confidence)
    before = texts(lines)
    assert read in before
    cells.read_again([sheet], [lines])
    assert texts(lines) == before


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("I 1 2 H 1 IH IV", "I 1 2 II 1 III IV"),
        ("I. 1 lI. 1 III.", "I. 1 II. 1 III."),
        ("A B C H D", "A B C H D"),  # no numeral stands beside it
        ("G H I K", "G H I K"),  # letters of a list
        ("1 2 3 11 4", "1 2 3 11 4"),  # figures are no strokes
        ("1 H 3", "1 H 3"),
        ("V VI x VIII", "V VI x VIII"),
    ],
)
def test_numerals_of_a_first_column_follow_each_other(column: str, expected: str) -> None:
    read = [[Read(text, 0.0, 10.0, 0.6)] for text in column.split()]
    cells.put_in_order(read)
    assert " ".join(words[0].text for words in read) == expected


def test_a_numeral_that_was_read_surely_stays() -> None:
    read = [[Read(text, 0.0, 10.0, 0.95)] for text in ("I", "H", "III")]
    cells.put_in_order(read)
    assert read[1][0].text == "H"
