"""Surnames of signers under a seal, read again from the page as it is.

A seal is set over the left third of the signature, and where its lines are taken out the surname
goes with them: "Võ Tuấn Anh" is read as "* 1” Tuấn Anh". There are only some hundred surnames, so
the place before the given name is read in several cuts and sizes with the seal left in it, and what
three readings take for the same surname is put there, as a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from rapidfuzz.distance import Levenshtein

from pipeline.extract import ocr
from pipeline.extract.lines import PAD, Cutting, TextLine
from pipeline.extract.seals import GUESSED, cut_from
from pipeline.extract.sheet import Sheet
from pipeline.extract.tokens import Read
from pipeline.segment.fold import LOWER, UPPER, fold
from pipeline.segment.tables import table

_GIVEN = re.compile(rf"[{UPPER}][{LOWER}]+")
_MOST_GIVEN = 4  # words of a name behind the surname
_STROKES = ".,:;'`´“”\"*_-–—~"  # what strokes are read as, alone or at a word
_STROKE = 3  # letters: what a stroke of the pen is read as
_STARTS = (3.0, 4.0, 4.75, 5.5, 6.5)  # heights of a letter before the given name
_CAPITALS = (17, 20, 23, 26, 30, 36, 42)  # pixels: heights of the letters
_BESIDE = (1.5, 0.6)  # heights of a letter by which a surname ends before the given name, or in it
_ENOUGH, _MOSTLY = 3, 0.5  # readings, and their share of those that show a surname
_LONG = 5  # letters of a surname of which one may be misread
_LETTER = re.compile(rf"[{LOWER}{UPPER}]+")


def read_again(
    sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], seconds: float = 0.0
) -> None:
    """Put the surnames that are found before the names without one that stand beside a seal.

    Where it takes more than ``seconds`` (0: no bound), the first reading stays.
    """
    places: list[tuple[list[list[Read]], int, float, list[Read], list[Cutting]]] = []
    for sheet, read in zip(sheets, lines, strict=True):
        for number in sorted({number for number, _ in sheet.under_marks}):
            given = _given(read[number])
            if given:
                line = sheet.lines[number]
                core = line.core_bottom - line.core_top
                places.append((read, number, core, given, list(_cuts(sheet, line, given))))
    if not places:
        return
    try:
        cuttings = [one for *_, cuts in places for one in cuts]
        readings = iter(ocr.read_cuttings(cuttings, seconds, language=False))
    except ocr.OcrError:
        return
    for read, number, core, given, cuts in places:
        seen = [
            (word, surname)
            for cut, words in [(cut, next(readings)) for cut in cuts]
            if (word := _before(words, given[0].x0, core))
            and not _is_cut(word, cut, core)
            and (surname := surname_in(word.text))
        ]
        votes = Counter(surname for _, surname in seen)
        for surname, count in votes.most_common(1):
            if count >= _ENOUGH and count > _MOSTLY * votes.total():
                word = next(word for word, one in seen if one == surname)
                x1 = min(word.x1, given[0].x0 - 1)
                read[number] = [Read(surname, min(word.x0, x1 - 1), x1, GUESSED), *given]


def _given(words: Sequence[Read]) -> list[Read]:
    """The words of a line that is a name without its surname, strokes before it left out."""
    bare = [replace(word, text=word.text.strip(_STROKES)) for word in words]
    first = 0
    while first < len(bare) and not _GIVEN.fullmatch(bare[first].text):
        if len(bare[first].text) > _STROKE:
            return []
        first += 1
    given = [word for word in bare[first:] if word.text]
    if not 1 < len(given) <= _MOST_GIVEN or not all(_GIVEN.fullmatch(w.text) for w in given):
        return []
    return [] if surname_in(given[0].text) else given


def _cuts(sheet: Sheet, line: TextLine, given: Sequence[Read]) -> Iterator[Cutting]:
    core = line.core_bottom - line.core_top
    for capital in _CAPITALS:
        for step in _STARTS:
            start = round(given[0].x0 - step * core)
            if start >= 0:
                yield cut_from(sheet.page, line, start, capital)


def _is_cut(word: Read, cutting: Cutting, core: float) -> bool:
    """Whether a word begins where the image does: letters of it may lie outside.

    ``core`` is the height of the line's letters; so wide a margin again as the paper around it.
    """
    return word.text[0].isalpha() and word.x0 - cutting.x < 2 * PAD * core


def _before(words: Sequence[Read], x0: float, core: float) -> Read | None:
    """The word of a reading that ends where the given name begins."""
    near = [word for word in words if -_BESIDE[0] * core < word.x1 - x0 < _BESIDE[1] * core]
    return near[-1] if near else None


@cache
def _surnames() -> dict[str, str]:
    """Surnames by their letters without marks; of several with the same letters the commonest."""
    found: dict[str, str] = {}
    for name in table("names")["surnames"]:
        found.setdefault(fold(name), name)
    return found


def surname_in(text: str) -> str | None:
    """The surname that a misread word is, or None.

    >>> surname_in("===vố"), surname_in("Nguyèn"), surname_in("Tuấn")
    ('Võ', 'Nguyễn', None)
    """
    letters = "".join(_LETTER.findall(text)[-1:])
    known = _surnames()
    if letters.capitalize() in table("names")["surnames"]:
        return letters.capitalize()
    folded = fold(letters)
    if len(folded) < 2 or folded in known:
        return known.get(folded)
    if len(folded) < _LONG:
        return None
    close = [name for key, name in known.items() if Levenshtein.distance(folded, key) == 1]
    return close[0] if len(close) == 1 else None
