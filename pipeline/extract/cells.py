"""Numbers in the cells of a table that OCR was not sure of, read again as figures alone.

"1,1" by itself is read as "11", "L1" or "1]" by a model of Vietnamese text. In a column of numbers
such cells are read in three sizes by the model of English, with figures, commas and stops alone;
what two of the three say is taken.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence

from pipeline.extract import ocr
from pipeline.extract.sheet import Sheet
from pipeline.extract.tokens import Read

_SURE = 0.9  # confidence of a cell that is not read again
_PLAIN = 0.5  # the same of one without any figure: "x", "-", "Có"
# A column of numbers has so many cells of one word; so many of them are numbers, and so many of
# those that are sure.
_FEWEST, _HALF, _MOSTLY = 3, 0.5, 0.9
_LONGEST = 10  # characters
_CAPITALS = (26, 36, 48)  # pixels: heights of the letters
_ONE_LINE = 7  # tesseract's page segmentation mode
_ENOUGH = 2  # votes
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def read_again(
    sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], seconds: float = 0.0
) -> None:
    """Read the doubtful numbers of tables again; better ones are put into ``lines``.

    Where tesseract's data for English is missing, or it takes more than ``seconds`` (0: no bound),
    the first reading stays.
    """
    places = []
    cuttings = []
    for sheet, read in zip(sheets, lines, strict=True):
        if sheet.again is not None and sheet.grids:
            for number in _doubtful(sheet, read):
                places.append(read[number])
                cuttings += [sheet.again(sheet.lines[number], capital) for capital in _CAPITALS]
    if not places or not ocr.reads(ocr.FIGURES):
        return
    with contextlib.suppress(ocr.OcrError):
        again = ocr.read_figures(cuttings, _ONE_LINE, seconds, signs=".,")
        for at, words in enumerate(places):
            first = at * len(_CAPITALS)
            _put(words, ["".join(w.text for w in one) for one in again[first:][: len(_CAPITALS)]])


def _doubtful(sheet: Sheet, read: Sequence[Sequence[Read]]) -> list[int]:
    """The lines that are by themselves in a cell of a column of numbers, and not surely read."""
    columns = [(n, f.column) for n, grid in enumerate(sheet.grids) for f in grid.fields]
    alone = Counter(line.zone for line in sheet.lines)
    cells: dict[tuple[int, int], list[int]] = {}
    for number, (line, words) in enumerate(zip(sheet.lines, read, strict=True)):
        if line.zone and alone[line.zone] == 1 and len(words) == 1:
            cells.setdefault(columns[line.zone - 1], []).append(number)
    found = []
    for numbers in cells.values():
        if _are_numbers([read[number][0] for number in numbers]):
            found += [number for number in numbers if _is_doubtful(read[number][0])]
    return found


def _are_numbers(column: Sequence[Read]) -> bool:
    """Whether the cells of a column are numbers, by those that were read surely."""
    sure = [word for word in column if word.confidence >= _SURE]
    return (
        len(column) >= _FEWEST
        and len(sure) > 0
        and _numbers(column) >= _HALF * len(column)
        and _numbers(sure) >= _MOSTLY * len(sure)
    )


def _numbers(words: Sequence[Read]) -> int:
    return sum(_NUMBER.fullmatch(word.text) is not None for word in words)


def _is_doubtful(word: Read) -> bool:
    if word.confidence >= _SURE or len(word.text) > _LONGEST:
        return False
    return any(map(str.isdigit, word.text)) or (
        word.confidence < _PLAIN and any(map(str.isalnum, word.text))
    )


def _put(words: list[Read], readings: Sequence[str]) -> None:
    text, votes = Counter(readings).most_common(1)[0]
    if votes >= _ENOUGH and _NUMBER.fullmatch(text) and text != words[0].text:
        words[0] = Read(text, words[0].x0, words[0].x1, votes / (len(readings) + 1))
