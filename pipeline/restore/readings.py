"""What a token may stand for: readings with the score of the channel.

A token that is not a syllable competes as itself too: as a known foreign word or acronym, as an
unknown one (the model's class times a cost for each letter), or as a number. So one comparison of
probabilities protects names and repairs words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.channel import CASES, Case, Channel
from pipeline.restore.decoder import NO_WORD
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.mixing import mix
from pipeline.restore.protect import acronyms_with_d, known_forms, repair_code
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import (
    newer_tone_place,
    number_class,
    older_tone_place,
    unknown_class,
)

_LETTER_COST = 2.6  # nats a letter of an unknown word
_MISREAD_COST = 3.3  # the same for small letters that went through an OCR
_DIGIT_COST = 2.3
# Marks that an OCR sees where there are none: log probability of that. Marks that touch a word and
# may belong to it are never taken away.
_NOISE = dict.fromkeys((".", ",", ":", "'", '"', "*"), -4.5) | {"<sym>": -3.0, "=": -3.0}
_ODD_NOISE = -1.0
_ODD = frozenset("_~|^ˆ¡„«»°¬·`‘’‚")
_CAPITAL = math.log(0.15)
_SMALL = math.log(0.85)


class _Growing:
    """An array that grows at its end."""

    def __init__(self, dtype: type) -> None:
        self._room: NDArray[Any] = np.empty(1024, dtype=dtype)
        self.size = 0

    def extend(self, values: Sequence[float] | NDArray[Any]) -> None:
        """Append values."""
        end = self.size + len(values)
        if end > len(self._room):
            room = np.empty(2 * end, dtype=self._room.dtype)
            room[: self.size] = self._room[: self.size]
            self._room = room
        self._room[self.size : end] = values
        self.size = end

    @property
    def array(self) -> NDArray[Any]:
        """What is there so far."""
        return self._room[: self.size]


class Sets:
    """Reading sets in flat arrays, as the decoder wants them, and the text of each reading.

    The text of a syllable is spelled out only when somebody asks for it.
    """

    def __init__(self, spell: Callable[[int, Case, str], str]) -> None:
        """``spell``: the text of a syllable in a case, for a word as it was written."""
        self.begin, self.word = _Growing(np.int32), _Growing(np.int32)
        self.score, self._case = _Growing(np.float32), _Growing(np.int8)
        self.begin.extend([0])
        self._spell = spell
        self._written: list[str] = []  # by set
        self._text: dict[int, str] = {}

    def add(self, readings: Sequence[tuple[str, int, float]]) -> int:
        """Add a set of readings whose text is known; gives its number."""
        return self.add_word("", (), (), (), readings)

    def add_word(
        self,
        written: str,
        words: Sequence[int] | NDArray[Any],
        cases: Sequence[int] | NDArray[Any],
        scores: Sequence[float] | NDArray[Any],
        others: Sequence[tuple[str, int, float]],
    ) -> int:
        """Add a set of syllables and other readings; gives its number."""
        self.word.extend(words)
        self._case.extend(cases)
        self.score.extend(scores)
        if others:
            first = self.word.size
            for number, (text, _, _) in enumerate(others):
                self._text[first + number] = text
            self.word.extend([word for _, word, _ in others])
            self.score.extend([score for _, _, score in others])
            self._case.extend([-1] * len(others))
        self.begin.extend([self.word.size])
        self._written.append(written)
        return len(self._written) - 1

    def text(self, reading: int, offered: int) -> str:
        """The text of a reading of the set ``offered``."""
        text = self._text.get(reading)
        if text is None:
            case = CASES[self._case.array[reading]]
            text = self._spell(int(self.word.array[reading]), case, self._written[offered])
            self._text[reading] = text
        return text


def cased(word: str, case: Case) -> str:
    """The lower-case word in the given case."""
    if case == "upper":
        return word.upper()
    return word[0].upper() + word[1:] if case == "title" else word


def case_like(word: str, written: str) -> str:
    """``word`` with the capitals of ``written``, letter by letter where they have equal length."""
    if written.islower():
        return word
    if len(word) == len(written):
        pairs = zip(word, written, strict=True)
        return "".join(a.upper() if b.isupper() else a for a, b in pairs)
    if written.isupper() and len(written) > 1:
        return word.upper()
    return cased(word, "title") if written[:1].isupper() else word


def _offsets(counts: Sequence[int]) -> NDArray[np.int32]:
    """Where each of the groups of these sizes begins, and where the last one ends."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int32)
    np.cumsum(counts, out=offsets[1:])
    return offsets


@dataclass(frozen=True)
class Mixture:
    """How the words of a stretch were damaged: shares that were kept, stripped, or garbled."""

    kept: float
    stripped: float
    garbled: float


class Reader:
    """Gives the readings of tokens under one channel and one mixture."""

    def __init__(
        self,
        lexicon: Lexicon,
        channel: Channel,
        mixture: Mixture,
        *,
        shapes: bool,
        newer: bool,
        noisy: bool = False,
    ) -> None:
        """``shapes``: case is read from letter shapes; ``newer``: write ``hoà``; ``noisy``: OCR."""
        self.noisy = noisy
        self.lexicon, self.channel, self.mixture = lexicon, channel, mixture
        self.shapes, self.newer = shapes, newer
        self.sets = Sets(self._surface)
        self._known: dict[tuple[str, bool], int] = {}
        self.best: dict[int, float] = {}

    def fixed(self, token: str, text: str) -> int:
        """The set of a piece that stays as it is."""
        key = (token + "\0" + text, False)
        number = self._known.get(key)
        if number is None:
            word = self.lexicon.vocabulary.get(token)
            if word is None:
                word = self.lexicon.vocabulary[unknown_class(token, text)]
            if token == "<code>":  # noqa: S105
                text = repair_code(text, misread=self.shapes)
            readings = [(text, word, 0.0)]
            number = self._known[key] = self.sets.add(readings)
        return number

    def mark(self, token: str, text: str, *, attached: bool) -> int:
        """The set of a punctuation mark; an OCR may have seen it where there is none."""
        odd = text in _ODD
        if not self.noisy or token not in _NOISE or (attached and not odd):
            return self.fixed(token, text)
        key = (f"{token}\0{attached}\0{text}", False)
        number = self._known.get(key)
        if number is None:
            cost = _ODD_NOISE if odd else _NOISE[token]
            word = self.lexicon.vocabulary[token]
            number = self._known[key] = self.sets.add([(text, word, 0.0), ("", NO_WORD, cost)])
        return number

    def kept(self, token: str, text: str) -> int:
        """The set of a piece that is certainly there (a bullet, an enumerator)."""
        key = (token + "\0kept\0" + text, False)
        number = self._known.get(key)
        if number is None:
            word = self.lexicon.vocabulary[token]
            number = self._known[key] = self.sets.add([(text, word, 0.0)])
        return number

    def word(self, text: str, capitals: bool) -> int:
        """The set of a word; ``capitals``: it stands in a line of capitals."""
        number = self._known.get((text, capitals))
        if number is None:
            self.learn([(text, capitals)])
            number = self._known[text, capitals]
        return number

    def learn(self, wanted: Iterable[tuple[str, bool]]) -> None:
        """Make the sets of many words at once, so that :meth:`word` knows them."""
        unknown: list[tuple[str, bool]] = []
        for key in dict.fromkeys(wanted):
            if key in self._known:
                continue
            if self._certain(*key):
                self._known[key] = self._as_it_is(key[0])
            else:
                unknown.append(key)
        if unknown:
            self._learn(unknown)

    def _learn(self, unknown: Sequence[tuple[str, bool]]) -> None:
        lexicon = self.lexicon
        lowers = [older_tone_place(text.lower()) for text, _ in unknown]
        cases = [self._cases(text, capitals) for text, capitals in unknown]
        asked: list[tuple[str, Case]] = [
            (text if self.shapes else lower, case if self.shapes else "lower")
            for (text, _), lower, ways in zip(unknown, lowers, cases, strict=True)
            for case, _ in ways
        ]
        counts, words, scores = self.channel.table(asked)
        same = [lexicon.syllables.get(lower, -1) for lower in lowers]
        bare = [lexicon.bare_number.get(lower, -1) for lower in lowers]
        if self.shapes:
            extras = [[number] if number >= 0 else [] for number in same]
        else:
            extras = [list(lexicon.by_stripped.get(strip_marks(lower), ())) for lower in lowers]
        mixture = self.mixture
        begin, word, case, score = mix(
            _offsets([len(ways) for ways in cases]),
            np.array([CASES.index(case) for ways in cases for case, _ in ways], dtype=np.int8),
            np.array([prior for ways in cases for _, prior in ways], dtype=np.float64),
            counts,
            words,
            scores,
            _offsets([len(extra) for extra in extras]),
            np.array([number for extra in extras for number in extra], dtype=np.int32),
            np.array(same, dtype=np.int32),
            np.array(bare, dtype=np.int32),
            lexicon.bare_of,
            lexicon.short,
            lexicon.titles_array,
            lexicon.smalls_array,
            np.array([mixture.kept, mixture.stripped, mixture.garbled]),
        )
        ends = begin.tolist()
        for at, (text, capitals) in enumerate(unknown):
            a, b = ends[at], ends[at + 1]
            offered = zip(word[a:b].tolist(), case[a:b].tolist(), strict=True)
            others = self.others(text, capitals, partial(self._lists, offered, text))
            number = self.sets.add_word(text, word[a:b], case[a:b], score[a:b], others)
            self._known[text, capitals] = number
            self.best[number] = float(score[a]) if b > a else -99.0

    def _lists(self, offered: Iterable[tuple[int, int]], text: str) -> bool:
        """Whether one of the syllables (word, case) is written like ``text``."""
        return any(self._surface(word, CASES[case], text) == text for word, case in offered)

    def _certain(self, text: str, capitals: bool) -> bool:
        """Whether the text is an abbreviation or a name that nothing else looks like."""
        if text in acronyms_with_d():
            return not (capitals and is_syllable(text))
        return text in known_forms() and not (capitals and is_syllable(text))

    def _as_it_is(self, text: str) -> int:
        text = acronyms_with_d().get(text, text)
        vocabulary = self.lexicon.vocabulary
        word = vocabulary.get(text)
        if word is None:
            word = vocabulary.get(older_tone_place(text.lower()))
        if word is None:
            word = vocabulary[unknown_class(text, text)]
        return self.sets.add([(text, word, 0.0)])

    def explained(self, number: int) -> float:
        """Log probability of the best syllable of a word's set (-99: none)."""
        return self.best.get(number, 0.0)

    def _cases(self, text: str, capitals: bool) -> list[tuple[Case, float]]:
        upper = sum(char.isupper() for char in text)
        letters = sum(char.isalpha() for char in text)
        if capitals:
            return [("upper", 0.0)]
        if len(text) > 1 and upper > 1 and upper * 2 > letters:
            return [("upper", -1.5), ("title", -1.0)] if self.shapes else [("upper", 0.0)]
        if not self.shapes:
            return [("title", 0.0)] if text[:1].isupper() else [("lower", 0.0)]
        if upper > 1:
            return [("upper", -1.0), ("title", -1.0), ("lower", -2.0)]
        if text[:1].isupper():
            return [("title", 0.0), ("lower", -3.0)]
        return [("lower", _SMALL), ("title", _CAPITAL - 3.0)]

    def _surface(self, number: int, case: Case, text: str) -> str:
        """How syllable ``number`` is written in this case where ``text`` stands."""
        word = self.lexicon.words[number]
        same = word == older_tone_place(text.lower())
        if same and (not self.shapes or cased(word, case) == text):
            return text
        spelled = newer_tone_place(word) if self.newer else word
        return cased(spelled, case) if self.shapes else case_like(spelled, text)

    def others(
        self, text: str, capitals: bool, listed: Callable[[], bool]
    ) -> list[tuple[str, int, float]]:
        """The token as itself (not a syllable), and acronyms that it may stand for.

        ``listed``: whether a syllable is written like the token.
        """
        vocabulary = self.lexicon.vocabulary
        readings: list[tuple[str, int, float]] = []
        lower = older_tone_place(text.lower())
        if any(char.isdigit() for char in text):
            if text.isdigit():
                word = vocabulary[number_class(text)]
                return [(text, word, -_DIGIT_COST * min(len(text), 6))]
            word = vocabulary["<mix>"]
            return [(text, word, -_LETTER_COST * (len(text) + 1))]
        acronym = len(text) > 1 and text.isupper()
        if acronym and not (capitals and is_syllable(lower)):
            for number in self.lexicon.acronyms.get(strip_marks(text), ()):
                written = self.lexicon.words[number]
                cost = -0.05 if written == text else -1.2
                readings.append((written, number, cost))
            if text not in vocabulary:
                readings.append((text, vocabulary["<ACR>"], -2.0 * len(text)))
            if text in vocabulary and not any(r[0] == text for r in readings):
                readings.append((text, vocabulary[text], -0.05))
            return readings
        if lower in vocabulary and lower not in self.lexicon.syllables:
            cost = -0.1 if len(lower) > 2 else -1.0
            if strip_marks(lower) != lower or not self._foreign_enough(lower):
                cost -= 4.0
            readings.append((text, vocabulary[lower], cost))
        elif lower not in vocabulary:
            word = vocabulary[unknown_class(lower, text)]
            odd = sum(not char.isalpha() for char in text)
            cost = _MISREAD_COST if self.noisy else _LETTER_COST
            readings.append((text, word, -cost * len(text) - 5.0 * odd))
        if not readings and not listed():
            readings.append((text, vocabulary["<unk>"], -_LETTER_COST * len(text)))
        return readings

    @staticmethod
    def _foreign_enough(word: str) -> bool:
        """Whether letters show that the word is no Vietnamese syllable that lost something."""
        return any(char in "fjwz" for char in word) or len(word) > 6
