"""Names of signers that begin under a seal, told by their surnames.

A seal is set over the left third of the signature, and with its lines the first letters of a name
are lost: "Võ Tuấn Anh" is read as "* 1” Tuấn Anh", "Bùi Hoàng Giang" as "sui Hoàng Giang". There
are only some hundred surnames: the line is cut at several places, in several sizes, with the seal's
rings and without, and the network tells how likely each surname is before the given name in each
cut. The likeliest is put there, as a guess, where it is nearly as likely as what the network reads
freely.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from pipeline.extract import ocr
from pipeline.extract.lines import Cutting, TextLine
from pipeline.extract.seals import GUESSED, cut_from
from pipeline.extract.sheet import Sheet
from pipeline.extract.tokens import Read
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.segment.fold import LOWER, UPPER, fold
from pipeline.segment.tables import table

_GIVEN = re.compile(rf"[{UPPER}][{LOWER}]+")
_MOST_SIGNERS = 4  # of a page
_MOST_WORDS, _MOST_GIVEN = 6, 3  # of a line that may be a name; of the name behind the surname
_STROKES = ".,:;'`´“”\"*_-–—~"  # what strokes are read as, alone or at a word
_STARTS = (2.0, 3.0, 4.0, 5.2, 6.4)  # heights of a letter before a word
_CAPITALS = (17, 20, 24, 30, 38)  # pixels: heights of the letters
_AGAIN = 2  # readings in which an end of the name is seen
_SUREST = 3  # cuts whose mean is taken
_LEAST, _CLEAR = -4.0, 1.5  # nats: of a name beside what is read freely, and before the next one
_RARER = 2.0  # exponent of Zipf's law by which a surname is rarer than those before it in the list
_KNOWN = 2.0  # nats for a word of a name that is known as one
_MOST_SPELLINGS = 64
_SURE = 0.8  # confidence of a first word that is believed


@dataclass(frozen=True, slots=True)
class _Name:
    """A name, and the reading that shows best where its words stand."""

    words: list[str]
    reading: list[Read]


def read_again(sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]]) -> None:
    """Put the surnames that are found into the names without one that begin beside a seal."""
    for sheet, read in zip(sheets, lines, strict=True):
        hidden = [number for number in sorted(sheet.beside) if _is_hidden(read[number])]
        for number in hidden[-_MOST_SIGNERS:]:
            line, words = sheet.lines[number], read[number]
            sight = ocr.see(list(_cuts(sheet, line, words)))
            name = _name(sight, words) if sight is not None else None
            if name is not None:
                read[number] = _placed(name, words, line.core_bottom - line.core_top)


def _is_hidden(words: Sequence[Read]) -> bool:
    """Whether a line is a name whose surname was not read."""
    bare = _bare(words)
    if not 1 < len(bare) <= _MOST_WORDS or not _GIVEN.fullmatch(bare[-1]):
        return False
    if any(character.isdigit() for word in bare[1:] for character in word):
        return False
    listed = table("names")
    if bare[0] in listed["surnames"]:
        return any(_is_misspelt(word) for word in bare[1:])
    # a whole name, with a surname that is not listed
    whole = len(bare) > 2 and _GIVEN.fullmatch(bare[0]) and is_syllable(bare[0])
    sure = next(word.confidence for word in words if word.text.strip(_STROKES)) > _SURE
    similar = fold(bare[0]) in map(fold, listed["surnames"]) or bare[0] in listed["words"]
    return not (whole and sure and not similar)


def _is_misspelt(word: str) -> bool:
    """Whether names have a word with the letters of this one, but with other marks."""
    known = _by_letters("words").get(strip_marks(word), ())
    return bool(known) and word not in known


def _bare(words: Sequence[Read]) -> list[str]:
    """The texts of words without strokes; words that are strokes alone are left out."""
    return [text for word in words if (text := word.text.strip(_STROKES))]


def _cuts(sheet: Sheet, line: TextLine, words: Sequence[Read]) -> Iterator[Cutting]:
    """The line from several places on, in several sizes, with rings and without."""
    core = line.core_bottom - line.core_top
    given = next((word for word in words if _GIVEN.fullmatch(word.text.strip(_STROKES))), words[-1])
    starts = {round(given.x0 - step * core) for step in _STARTS}
    if given is words[0] or words[0].x0 < given.x0 - _STARTS[-1] * core:
        starts.add(round(words[0].x0 - core / 2))
    pages = [sheet.page] if sheet.bare is None else [sheet.page, sheet.bare]
    for page, capital, start in product(pages, _CAPITALS, sorted(starts)):
        if start >= 0:
            yield cut_from(page, line, start, capital)


def _name(sight: ocr.Sight, words: Sequence[Read]) -> _Name | None:
    """The name that the cuts of a line show; None where none is likely, or two are.

    First by the shapes of the letters alone, since a seal's lines look like marks.
    """
    seen = [_bare(reading) for reading in (*sight.readings, words)]
    spelt = _by_letters("surnames")
    shapes = [(surname, *end) for end in _ends(seen) for surname in spelt]
    if not shapes:
        return None
    scores = _scores(sight, shapes, marks=False)
    ranks = {surname: rank for rank, surname in enumerate(spelt, start=1)}
    worth = scores - [_RARER * np.log(ranks[name[0]]) for name in shapes]
    best = int(worth.argmax())
    surname, *end = shapes[best]
    next_best = max(worth[k] for k, name in enumerate(shapes) if name[0] != surname)
    if scores[best] < _LEAST or worth[best] < next_best + _CLEAR:
        return None
    ways = product(spelt[surname], *(_spellings(word, seen) for word in end))
    spellings = list(islice(ways, _MOST_SPELLINGS))
    scores = _scores(sight, spellings)
    listed = table("names")["words"]
    known = [_KNOWN * sum(word in listed for word in name[1:]) for name in spellings]
    chosen = int((scores + known).argmax())
    name = spellings[chosen]
    if scores[chosen] < _LEAST:
        return None
    likely = sight.likelihoods([" ".join(name)])[:, 0]
    lengths = np.array([len(_bare(reading)) for reading in sight.readings])
    enough = min(len(name), lengths.max())  # one less where the surname was read as nothing
    shown = int(np.where(lengths >= enough, likely, -np.inf).argmax())
    return _Name(list(name), sight.readings[shown])


@cache
def _by_letters(kind: str) -> dict[str, list[str]]:
    """The surnames or the words of names, by their letters without marks, in their order."""
    found: dict[str, list[str]] = {}
    for name in table("names")[kind]:
        found.setdefault(strip_marks(name), []).append(name)
    return found


def _ends(seen: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The commonest ends of so many words of a line that may be the name without its surname.

    Without marks.
    """
    counts: list[Counter[tuple[str, ...]]] = [Counter() for _ in range(_MOST_GIVEN)]
    for words in seen:
        for length, counted in enumerate(counts, start=1):
            end = words[-length:]
            if len(end) == length and all(_GIVEN.fullmatch(word) for word in end):
                counted[tuple(map(strip_marks, end))] += 1
    return [end for one in counts for end, count in one.most_common(1) if count >= _AGAIN]


def _spellings(plain: str, seen: Sequence[Sequence[str]]) -> list[str]:
    """How a word without marks may be written: as it was read, or as a word of names."""
    read = Counter(word for words in seen for word in words if strip_marks(word) == plain)
    common = [word for word, _ in read.most_common(2)]
    return list(dict.fromkeys([*_by_letters("words").get(plain, ()), *common]))


def _scores(
    sight: ocr.Sight, names: Sequence[Sequence[str]], *, marks: bool = True
) -> NDArray[np.float64]:
    """How likely each name is in the cuts that show it best, in nats."""
    likely = sight.likelihoods([" ".join(name) for name in names], marks=marks)
    scores: NDArray[np.float64] = np.sort(likely, axis=0)[-_SUREST:].mean(axis=0)
    return scores


def _placed(name: _Name, words: Sequence[Read], core: float) -> list[Read]:
    """The words of a name where they stand; what was not read so before is a guess."""
    places = [word for word in name.reading if word.text.strip(_STROKES)][-len(name.words) :]
    if len(places) < len(name.words):  # the surname was read as nothing
        x1 = max(1.0, places[0].x0 - 1)
        places = [Read("", max(0.0, x1 - core * len(name.words[0]) / 2), x1, GUESSED), *places]
    known = {word.text: word.confidence for word in words}
    return [
        replace(place, text=text, confidence=known.get(text, GUESSED))
        for place, text in zip(places[-len(name.words) :], name.words, strict=True)
    ]
