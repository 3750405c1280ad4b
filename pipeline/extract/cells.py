"""Numbers in the cells of a table that OCR was not sure of, read again as figures alone.

"1,1" by itself is read as "11", "L1" or "1]" by a model of Vietnamese text, "5.1" as "S1." and "IX"
as "1X". In a column of numbers, or of numerals, such cells are read in three sizes by the model of
English, with nothing but the signs that may stand there; what two of the three say is taken.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract import ocr
from pipeline.extract.sheet import Sheet
from pipeline.extract.tokens import Read
from pipeline.restore.enumerators import numeral_of

_SURE = 0.9  # confidence of a cell that is not read again
_PLAIN = 0.5  # the same of one without any figure: "x", "-", "Có"
# A column of numbers has so many cells of one word; so many of them are numbers, and so many of
# those that are sure.
_FEWEST, _HALF, _MOSTLY = 3, 0.5, 0.9
_LONGEST = 10  # characters
_CAPITALS = (26, 36, 48)  # pixels: heights of the letters
_ENOUGH = 2  # votes


@dataclass(frozen=True, slots=True)
class _Kind:
    """What stands in a column: its form, the signs beside figures, whether only in the first."""

    form: re.Pattern[str]
    signs: str
    first: bool = False


_KINDS = (
    _Kind(re.compile(r"\d+(?:[.,]\d+)*"), ".,"),
    _Kind(
        re.compile(r"(?:[IVX]{1,6}|[A-E]|\d{1,3}(?:\.\d{1,3}){0,3})\.?"),
        ".IVXABCDE",
        first=True,
    ),
)


def read_again(
    sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], seconds: float = 0.0
) -> None:
    """Read the doubtful numbers of tables again; better ones are put into ``lines``.

    Where tesseract's data for English is missing, or it takes more than ``seconds`` (0: no bound),
    the first reading stays.
    """
    if not ocr.reads(ocr.FIGURES):
        return
    for kind in _KINDS:
        places = []
        cuttings = []
        for sheet, read in zip(sheets, lines, strict=True):
            if sheet.again is not None and sheet.grids:
                for number in _doubtful(sheet, read, kind):
                    places.append(read[number])
                    cuttings += [sheet.again(sheet.lines[number], capital) for capital in _CAPITALS]
        if not places:
            continue
        with contextlib.suppress(ocr.OcrError):
            again = ocr.read_figures(cuttings, seconds, signs=kind.signs)
            texts = ["".join(word.text for word in words) for words in again]
            for at, words in enumerate(places):
                first = at * len(_CAPITALS)
                _put(words, texts[first : first + len(_CAPITALS)], kind)
    for sheet, read in zip(sheets, lines, strict=True):
        for (_, column), numbers in _columns(sheet, read).items():
            if column == 0:
                put_in_order([read[number] for number in numbers])


def put_in_order(cells: Sequence[list[Read]]) -> None:
    """Mend numerals of a first column ("IH", "H") by those before and behind them."""
    strokes = [cell for cell in cells if not cell[0].text[:1].isdigit()]
    written = [(cell, cell[0].text.rstrip(".")) for cell in strokes]
    found = [(cell, numeral_of(text) or numeral_of(text.upper())) for cell, text in written]
    numerals = [(cell, *numeral) for cell, numeral in found if numeral is not None]
    for at, (cell, text, value) in enumerate(numerals):
        word = cell[0]
        stop = "." if word.text.endswith(".") else ""
        if word.text == text + stop or word.confidence >= _SURE:
            continue
        before = numerals[at - 1][2] if at else 0
        behind = numerals[at + 1][2] if at + 1 < len(numerals) else 0
        if before == value - 1 or behind == value + 1:
            cell[0] = replace(word, text=text + stop, confidence=min(word.confidence, _PLAIN))


def _doubtful(sheet: Sheet, read: Sequence[Sequence[Read]], kind: _Kind) -> list[int]:
    """The lines that are by themselves in a cell of such a column, and not surely read."""
    found = []
    for (_, column), numbers in _columns(sheet, read).items():
        words = [read[number][0] for number in numbers]
        if (not kind.first or column == 0) and _is_of(words, kind) and not _settled(words, kind):
            found += [number for number in numbers if _is_doubtful(read[number][0], kind)]
    return found


def _columns(sheet: Sheet, read: Sequence[Sequence[Read]]) -> dict[tuple[int, int], list[int]]:
    """By table and column, the lines that are one word and a cell by themselves, but for heads."""
    fields = [(n, field) for n, grid in enumerate(sheet.grids) for field in grid.fields]
    alone = Counter(line.zone for line in sheet.lines)
    columns: dict[tuple[int, int], list[int]] = {}
    for number, (line, words) in enumerate(zip(sheet.lines, read, strict=True)):
        if line.zone and alone[line.zone] == 1 and len(words) == 1:
            grid, field = fields[line.zone - 1]
            if field.row > 0 or any(map(str.isdigit, words[0].text)):  # "STT" heads the column
                columns.setdefault((grid, field.column), []).append(number)
    return columns


def _is_of(column: Sequence[Read], kind: _Kind) -> bool:
    """Whether the cells of a column are of a kind, by those that were read surely."""
    sure = [word for word in column if word.confidence >= _SURE]
    return (
        len(column) >= _FEWEST
        and len(sure) > 0
        and _fitting(column, kind) >= _HALF * len(column)
        and _fitting(sure, kind) >= _MOSTLY * len(sure)
    )


def _settled(column: Sequence[Read], kind: _Kind) -> bool:
    """Whether a kind before this one reads the column."""
    return any(_is_of(column, other) for other in _KINDS[: _KINDS.index(kind)])


def _fitting(words: Sequence[Read], kind: _Kind) -> int:
    return sum(kind.form.fullmatch(word.text) is not None for word in words)


def _is_doubtful(word: Read, kind: _Kind) -> bool:
    """Whether to read a cell again; letters of a list ("a", "b") and words that may be are not."""
    if word.confidence >= _SURE or len(word.text) > _LONGEST:
        return False
    if any(map(str.isdigit, word.text)):
        return True
    letters = any(map(str.isalpha, word.text))
    return letters and (word.confidence < _PLAIN or (kind.first and word.text.isupper()))


def _put(words: list[Read], readings: Sequence[str], kind: _Kind) -> None:
    """Put in what most readings say, and all of them where the old reading may stand there too.

    Separators and strokes are lost more often than they are made up.
    """
    text, votes = Counter(readings).most_common(1)[0]
    old = words[0].text
    signs, before = _signs(text), _signs(old)
    needed = len(readings) if kind.form.fullmatch(old) and signs != before else _ENOUGH
    if votes < needed or not kind.form.fullmatch(text) or text == old:
        return
    if len(signs) < len(before) or (signs == before and len(text) < len(old)):
        return
    words[0] = Read(text, words[0].x0, words[0].x1, votes / (len(readings) + 1))


def _signs(text: str) -> str:
    return "".join(filter(str.isalnum, text))
