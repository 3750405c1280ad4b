"""Text whose font subset lost glyphs: some letters turned into a space, or into nothing.

Which letters a document lost is inferred on the document: letters that it shows far less often
than Vietnamese text does are suspects, and decoding then counts what was lost and what was kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.channel import CASES, Case
from pipeline.restore.facts import Other, cased, others_of
from pipeline.restore.gaps import CAPITALS, IGNORED, MERGED, OPENING, STANDS, reach
from pipeline.restore.lattice import Lattices
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.losses import UNSEEN
from pipeline.restore.lossmatch import MOST, SPACE, all_forms, find_losses, weigh_losses
from pipeline.restore.pieces import MARK, WORD
from pipeline.restore.protect import acronyms_with_d, known_forms, repair_code
from pipeline.restore.sets import Sets
from pipeline.restore.spans import AS_WRITTEN, NOWHERE, by_target
from pipeline.restore.syllables import is_syllable
from pipeline.restore.tokens import BOUNDARY, older_tone_place, unknown_class
from pipeline.restore.tokentable import Tokens, codes_of

_LEAST = math.log(UNSEEN)
_AS_SPACE, _AS_NOTHING = math.log(0.9), math.log(0.1)
_TITLE, _SMALL = math.log(0.2), math.log(0.8)
_ITSELF = -2.0  # a word as itself, though nothing of it is lost
_SPACES = re.compile(" {2,}")

_CODES = 0x2000  # characters that may be letters
_REMEMBERED = 200_000  # strings between gaps
flatten = chain.from_iterable

Acronym = tuple[str, int, str, int, float]  # written, word, letter that it lost, how often, score


@dataclass(frozen=True)
class LossIndex:
    """What compiled code needs of the lexicon, and acronyms by what is left of them."""

    lexicon: Lexicon

    @cached_property
    def letter_of(self) -> dict[str, int]:
        """The number of a letter, small or capital; that of a space."""
        numbers = dict(self.lexicon.letter_number)
        numbers |= {letter.upper(): number for letter, number in numbers.items()}
        return numbers | {" ": SPACE}

    @cached_property
    def tables(self) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
        """By code of a character: its letter (-1: none), whether it is a capital."""
        letter = np.full(_CODES, -1, dtype=np.int16)
        for char, number in self.letter_of.items():
            letter[ord(char)] = number
        capital = np.array([chr(code).isupper() for code in range(_CODES)], dtype=np.bool_)
        return letter, capital

    @cached_property
    def single(self) -> NDArray[np.int64]:
        """What is left of each syllable that lost one letter."""
        anyone = np.ones(len(self.lexicon.letters), dtype=np.bool_)
        forms: NDArray[np.int64] = all_forms(self.lexicon.spelled, anyone, anyone, 1, 1)
        return forms

    @cached_property
    def asked(self) -> dict[tuple[str, int], _Asked]:
        """What was asked before, by text and flags."""
        return {}

    @cached_property
    def acronyms(self) -> dict[str, list[Acronym]]:
        """Acronyms by what is left of them when one letter turns into a space or into nothing."""
        table: dict[str, list[Acronym]] = {}
        for numbers in self.lexicon.acronyms.values():
            for number in numbers:
                word = self.lexicon.words[number]
                if not 3 <= len(word) <= 8 or not word.isalpha():
                    continue
                for letter in set(word):
                    times = word.count(letter)
                    for left, score in ((" ", _AS_SPACE), ("", _AS_NOTHING)):
                        rest = word.replace(letter, left)
                        if len(rest.strip()) > 1:
                            entry = (word, number, letter, times, score)
                            table.setdefault(rest, []).append(entry)
        return table


@dataclass(frozen=True)
class _Asked:
    """A string between two nodes: what is known of it before any rate of loss is.

    ``ways``: what is searched for, without gaps that are wider than the letter that they stand
    for, and as it is; ``cases``: those of the word behind it (numbers in ``CASES``; none: nothing
    is searched for), with ``priors``.
    """

    text: str
    ways: tuple[str, ...]
    cases: tuple[int, ...]
    priors: tuple[float, ...]
    whole: int
    itself: tuple[Other, ...]
    acronyms: tuple[Acronym, ...]


@dataclass(frozen=True)
class _Strings:
    """The strings as compiled code wants them; see :mod:`pipeline.restore.lossmatch`."""

    letters: NDArray[np.int16]
    capital: NDArray[np.bool_]
    begin: NDArray[np.int64]
    item: NDArray[np.int64]
    extra: NDArray[np.float32]
    case_begin: NDArray[np.int64]
    case: NDArray[np.int8]
    prior: NDArray[np.float32]
    whole: NDArray[np.int32]


class Gaps:
    """The ways to read some lines that lost letters; rates of loss make lattices of them."""

    def __init__(
        self, lines: Sequence[str], tokens: Tokens, starts: NDArray[np.bool_], index: LossIndex
    ) -> None:
        """``starts``: which lines start a paragraph."""
        self.index, self.lexicon = index, index.lexicon
        self._types = tokens.types
        codes, size = codes_of(lines)
        begin = np.zeros(len(lines) + 1, dtype=np.int64)
        np.cumsum(size + 1, out=begin[1:])
        begin[-1] -= 1
        kind = tokens.types.kind.array[tokens.type]
        word = kind == WORD
        self._rows, self._costs, keys, self._nodes, self._goes_on = reach(
            codes,
            begin,
            tokens.first,
            starts,
            tokens.capitals,
            tokens.start,
            tokens.end,
            word,
            kind == MARK,
        )
        token = self._rows[:, 2]
        self._read = token == -1
        _, first, self._place = np.unique(keys[self._read], return_index=True, return_inverse=True)
        self._asked = [
            self._ask(lines[line][start:end], flags)
            for line, start, end, flags in self._rows[self._read][first][:, 3:].tolist()
        ]
        self._found = np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.int64)
        types = np.where(token >= 0, tokens.type[token], -1)[~self._read]
        types, self._fixed_place = np.unique(types, return_inverse=True)
        self._fixed = list(map(self._as_it_stands, types.tolist()))

    def _ask(self, text: str, flags: int) -> _Asked:
        before = self.index.asked
        asked = before.get((text, flags))
        if asked is None:
            if len(before) > _REMEMBERED:
                before.clear()
            asked = before[text, flags] = self._ask_anew(text, flags)
        return asked

    def _ask_anew(self, text: str, flags: int) -> _Asked:
        bare = text.strip()
        capitals, opening = bool(flags & CAPITALS), bool(flags & OPENING)
        acronyms = tuple(self.index.acronyms.get(text, ()))
        if flags & STANDS and bare in known_forms() and not (capitals and is_syllable(bare)):
            known = (self._as_it_is(bare),) if text == bare else ()
            return _Asked(text, (), (), (), -1, known, ())
        ways = _cases(bare, capitals, opening)
        whole = self.lexicon.syllables.get(older_tone_place(text.lower()), -1)
        itself: tuple[Other, ...] = ()
        if not flags & MERGED and text == bare:
            itself = self._itself(bare, capitals, listed=whole >= 0 and bool(ways))
        cases = tuple([CASES.index(case) for case, _ in ways])
        priors = tuple([prior for _, prior in ways])
        narrow = (_SPACES.sub(" ", text),) if "  " in bare else ()
        searched = (*narrow, text) if cases else ()
        return _Asked(text, searched, cases, priors, whole, itself, acronyms)

    def _as_it_is(self, text: str) -> Other:
        text = acronyms_with_d().get(text, text)
        vocabulary = self.lexicon.vocabulary
        word = vocabulary.get(text, vocabulary.get(older_tone_place(text.lower())))
        return text, vocabulary[unknown_class(text, text)] if word is None else word, 0.0

    def _itself(self, text: str, capitals: bool, *, listed: bool) -> tuple[Other, ...]:
        number = self.lexicon.syllables.get(older_tone_place(text.lower()))
        if number is not None:
            return () if listed else ((text, number, _ITSELF),)
        cost = 0.0 if len(text) > 2 and text.isupper() else _ITSELF
        others, _ = others_of(self.lexicon, text, capitals, noisy=False)
        return tuple((written, word, score + cost) for written, word, score in others)

    @cached_property
    def _strings(self) -> _Strings:
        """The strings, whatever the rates."""
        ways = [asked.ways for asked in self._asked]
        cases = [asked.cases for asked in self._asked]
        texts = list(flatten(ways))
        item = np.repeat(np.arange(len(ways)), list(map(len, ways)))
        extra = np.zeros(len(texts), dtype=np.float32)
        extra[:-1][item[:-1] == item[1:]] = IGNORED
        flat = "".join(texts)
        begin = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum(list(map(len, texts)), out=begin[1:])
        case_begin = np.zeros(len(cases) + 1, dtype=np.int64)
        np.cumsum(list(map(len, cases)), out=case_begin[1:])
        codes = np.frombuffer(flat.encode("utf-32-le", "replace"), dtype=np.uint32)
        codes = np.minimum(codes, _CODES - 1)
        letter, capital = self.index.tables
        return _Strings(
            letter[codes],
            capital[codes],
            begin,
            item,
            extra,
            case_begin,
            np.array(list(flatten(cases)), dtype=np.int8),
            np.array(list(flatten([asked.priors for asked in self._asked])), dtype=np.float32),
            np.array([asked.whole for asked in self._asked], dtype=np.int32),
        )

    def lattices(self, rates: dict[str, float]) -> tuple[Lattices, Sets]:
        """The lattices and reading sets under these rates of loss, by letter."""
        self._find(*_often(self.lexicon, rates))
        sets = self._sets(rates)
        return self._laid_out(sets), sets

    def weighed(self, rates: dict[str, float], sets: Sets) -> NDArray[np.float32]:
        """The scores of the readings of ``sets`` (those of the last lattices) under other rates.

        Syllables that lost letters which were not suspected before are missing.
        """
        again = self._sets(rates).score.array
        return np.append(again, sets.score.array[len(again) :])  # what is no word keeps its own

    def _sets(self, rates: dict[str, float]) -> Sets:
        """The reading sets of the strings, of the syllables that were found."""
        sets = Sets(self._spell)
        lost = {letter: math.log(rate) for letter, rate in rates.items()}
        letters = [*self.lexicon.letters, *(c.upper() for c in self.lexicon.letters)]
        rate = np.array([rates.get(letter, 0.0) for letter in letters], dtype=np.float64)
        known = rate > 0.0
        log_lost = np.where(known, np.log(np.where(known, rate, 1.0)), 0.0)
        strings = self._strings
        found_begin, found = self._found
        begin, word, case, score = weigh_losses(
            strings.item,
            strings.extra,
            strings.case_begin,
            strings.case,
            strings.prior,
            strings.whole,
            found_begin,
            found,
            self.lexicon.spelled,
            log_lost.astype(np.float32),
            np.log1p(-rate).astype(np.float32),
            self.lexicon.titles_array,
            self.lexicon.smalls_array,
        )
        others = [
            (*asked.itself, *_lost_acronyms(asked, lost)) if asked.acronyms else asked.itself
            for asked in self._asked
        ]
        texts = [asked.text for asked in self._asked]
        sets.add_words(texts, begin, word, case, score, others)
        return sets

    def _find(self, often: NDArray[np.bool_], often_first: NDArray[np.bool_]) -> None:
        """Find what strings may be left of, where these letters (first letters) are lost often."""
        strings = self._strings
        several = all_forms(self.lexicon.spelled, often, often_first, 2, MOST)
        self._found = find_losses(
            strings.letters, strings.capital, strings.begin, self.index.single, several
        )

    def _laid_out(self, sets: Sets) -> Lattices:
        rows = self._rows
        offered = np.empty(len(rows), dtype=np.int32)
        some = np.diff(sets.begin.array) > 0
        offered[self._read] = np.where(some, np.arange(len(some)), -1)[self._place]
        first = sets.add_marks(self._fixed)
        offered[~self._read] = first + self._fixed_place
        usable = np.flatnonzero(offered >= 0)
        begin, order = by_target(rows[usable, 1], int(self._nodes[-1]))
        order = usable[order]
        shape = np.where(rows[order, 2] == -2, NOWHERE, AS_WRITTEN).astype(np.int8)
        source, _, _, line, start, end, _ = (column.copy() for column in rows[order].T)
        cost = self._costs[order]
        return Lattices(
            self._nodes, self._goes_on, begin, source, offered[order], cost, line, start, end, shape
        )

    def _as_it_stands(self, type_: int) -> Other:
        """The reading of a token that stays; -1: the boundary between paragraphs."""
        text, token = "", BOUNDARY
        if type_ >= 0:
            text, token = self._types.text[type_], self._types.token[type_]
            text = repair_code(text) if token == "<code>" else text  # noqa: S105
        word = self.lexicon.vocabulary.get(token)
        if word is None:
            word = self.lexicon.vocabulary[unknown_class(token, text)]
        return text, word, 0.0

    def _spell(self, number: int, case: Case, text: str) -> str:
        return _spelled(self.lexicon.words[number], case, text)


@lru_cache(maxsize=65_536)
def _spelled(word: str, case: Case, text: str) -> str:
    return text if older_tone_place(text.lower()) == word else cased(word, case)


def _often(
    lexicon: Lexicon, rates: Mapping[str, float]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which letters are lost often, and which others as the first letter of a capitalised word."""
    small, capital = (
        np.array([rates.get(letter, 0.0) for letter in letters])
        for letters in (lexicon.letters, map(str.upper, lexicon.letters))
    )
    often = small >= 2.0 * UNSEEN
    return often, (capital >= 0.5 * UNSEEN) & ~often


def _lost_acronyms(asked: _Asked, lost: dict[str, float]) -> list[Other]:
    return [
        (written, word, score + times * lost.get(letter, _LEAST))
        for written, word, letter, times, score in asked.acronyms
    ]


def _cases(bare: str, capitals: bool, opening: bool) -> list[tuple[Case, float]]:
    if capitals or (bare.isupper() and len(bare) > 1):
        return [("upper", 0.0)]
    if bare[:1].isupper():
        ways: list[tuple[Case, float]] = [("title", 0.0)]
        if len(bare) == 1:
            ways.append(("upper", -1.0))
        return ways
    if bare != bare.lower():
        return []
    if opening:
        return [("lower", _TITLE), ("title", _SMALL)]
    return [("lower", _SMALL), ("title", _TITLE)]
