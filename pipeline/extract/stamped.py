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
from pipeline.extract.seals import GUESSED, cut_from, cuts_under
from pipeline.extract.sheet import Sheet
from pipeline.extract.tokens import Read

_HEAD = 1 / 3  # of the page's height: where the number stands
_SYMBOL = r"[A-ZĐÐ]{1,6}(?:-[A-ZĐÐ&]{2,}g?)+"
_CODE = re.compile(rf"(?<!\d)(\d{{1,5}})[\s/,;:.'\"]{{1,3}}({_SYMBOL})$")
_WHOLE = re.compile(rf"Số:?\s?\d{{1,5}}\s?/\s?{_SYMBOL}$")
_ENDS = re.compile(r"-[A-ZĐÐ&]{2,}g?$")  # of a symbol
_MOST = 4  # such lines of a page
_LONGEST = 30  # letters of such a line
_CAPITALS = (17, 22, 28)  # pixels: heights of the letters
_ENOUGH, _MOSTLY = 3, 2 / 3  # readings, and their share of those that show a number


def read_again(
    sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], seconds: float = 0.0
) -> list[set[int]]:
    """Put the numbers that are found into the lines that end in a symbol beside a stamp.

    Gives those lines of each sheet. Where it takes more than ``seconds`` (0: no bound), the first
    reading stays.
    """
    placed: list[set[int]] = []
    for sheet, read in zip(sheets, lines, strict=True):
        placed.append(set())
        head = _HEAD * sheet.page.shape[0]
        near = (number for number in sorted(sheet.beside) if sheet.lines[number].top < head)
        hidden = [number for number in near if _is_hidden(read[number])]
        for number in hidden[:_MOST]:
            line = sheet.lines[number]
            try:
                readings = ocr.read_cuttings(list(_cuts(sheet, line)), seconds, language=False)
            except ocr.OcrError:
                continue
            code = _code(readings)
            if code is not None:
                read[number] = _placed(code, line)
                placed[-1].add(number)
                for other in _before(sheet.lines, line, read[number][0].x0):
                    read[other] = []
    return placed


def _is_hidden(words: Sequence[Read]) -> bool:
    """Whether a line ends in a symbol, and its number was not read."""
    text = " ".join(word.text for word in words)
    return len(text) <= _LONGEST and bool(_ENDS.search(text)) and not _WHOLE.match(text)


def _cuts(sheet: Sheet, line: TextLine) -> Iterator[Cutting]:
    page = sheet.page if sheet.bare is None else sheet.bare
    for capital in _CAPITALS:
        yield cut_from(page, line, line.x0, capital)
        yield from cuts_under(page, line, 0.0, capital)


def _code(readings: Sequence[Sequence[Read]]) -> str | None:
    """The number that most readings show before a symbol, and the symbol that most show."""
    found = [_CODE.search(" ".join(word.text for word in words)) for words in readings]
    numbers = Counter(match[1] for match in found if match)
    symbols = Counter(match[2].replace("Ð", "Đ") for match in found if match)
    for figures, count in numbers.most_common(1):
        if count >= _ENOUGH and count > _MOSTLY * numbers.total():
            return f"{figures}/{symbols.most_common(1)[0][0]}"
    return None


def _placed(code: str, line: TextLine) -> list[Read]:
    """The words "Số:" and the code, shared out over the line by their letters."""
    letter = (line.x1 - line.x0) / len(code)
    return [
        Read("Số:", max(0.0, line.x0 - 4 * letter), max(1.0, line.x0 - letter), GUESSED),
        Read(code, line.x0, line.x1, GUESSED),
    ]


def _before(lines: Sequence[TextLine], line: TextLine, x0: float) -> list[int]:
    """Pieces of the same line that were taken for lines of their own, behind ``x0``."""
    core = line.core_bottom - line.core_top
    return [
        number
        for number, one in enumerate(lines)
        if one is not line
        and x0 - core < one.x0
        and one.x1 <= line.x0
        and abs(one.core_bottom - line.core_bottom) < core / 2
    ]
