"""The document's own number where the stamp of an office that received it runs across.

The frame of the stamp is taken for a rule and erased, and "Số: 153/TB-VPCP" is read as
"1“23 TB-VPCP". The line is cut from several places under the stamp and in several sizes; the number
that most cuts show before the symbol is put there, as a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.extract import ocr
from pipeline.extract.lines import Cutting, TextLine
from pipeline.extract.seals import GUESSED, cut_from
from pipeline.extract.sheet import Sheet
from pipeline.extract.tokens import Read

_HEAD = 1 / 3  # of the page's height: where the number stands
_SYMBOL = re.compile(r"[A-ZĐÐ]{1,6}(?:-[A-ZĐÐ&]{2,})+$")
_WHOLE = re.compile(r"Số:?\s?\d{1,5}\s?/\s?[A-ZĐÐ]")
_LONGEST = 14  # letters that "Số: 12345/" may be read as
_NUMBER = re.compile(r"(?<!\d)(\d{1,5})\W{0,3}$")
_STEP, _STEPS = 0.8, 11  # heights of a letter between cuts, and how many there are
_CAPITALS = (17, 22, 28)  # pixels: heights of the letters
_ENOUGH, _MOSTLY = 3, 0.5  # readings, and their share of those that show a number


def read_again(
    sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], seconds: float = 0.0
) -> None:
    """Put the numbers that are found into the lines that end in a symbol beside a stamp.

    Where it takes more than ``seconds`` (0: no bound), the first reading stays.
    """
    for sheet, read in zip(sheets, lines, strict=True):
        for number in sorted(sheet.beside):
            line = sheet.lines[number]
            symbol = _symbol(read[number])
            if symbol is None or line.top > _HEAD * sheet.page.shape[0]:
                continue
            try:
                readings = ocr.read_cuttings(list(_cuts(sheet, line)), seconds, language=False)
            except ocr.OcrError:
                continue
            figures = _figures(readings, symbol)
            if figures is not None:
                read[number] = _placed(figures, symbol, line)


def _symbol(words: Sequence[Read]) -> str | None:
    """The symbol that a line ends in, where its number was not read."""
    text = " ".join(word.text for word in words)
    found = _SYMBOL.search(text)
    if found is None or found.start() > _LONGEST or _WHOLE.match(text):
        return None
    return found[0].replace("Ð", "Đ")


def _cuts(sheet: Sheet, line: TextLine) -> Iterator[Cutting]:
    core = line.core_bottom - line.core_top
    page = sheet.page if sheet.bare is None else sheet.bare
    for capital in _CAPITALS:
        for step in range(_STEPS):
            start = round(line.x0 - step * _STEP * core)
            if start >= 0:
                yield cut_from(page, line, start, capital)


def _figures(readings: Sequence[Sequence[Read]], symbol: str) -> str | None:
    """The number that most readings show before the symbol."""
    votes: Counter[str] = Counter()
    for words in readings:
        before, found, _ = " ".join(word.text for word in words).rpartition(symbol)
        if found and (number := _NUMBER.search(before)):
            votes[number[1]] += 1
    for figures, count in votes.most_common(1):
        if count >= _ENOUGH and count > _MOSTLY * votes.total():
            return figures
    return None


def _placed(figures: str, symbol: str, line: TextLine) -> list[Read]:
    """The words "Số:" and the number with its symbol, shared out over the line by their letters."""
    text = f"{figures}/{symbol}"
    letter = (line.x1 - line.x0) / len(text)
    return [
        Read("Số:", max(0.0, line.x0 - 4 * letter), max(1.0, line.x0 - letter), GUESSED),
        Read(text, line.x0, line.x1, GUESSED),
    ]
