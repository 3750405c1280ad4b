"""What a token may stand for: readings with the score of the channel.

A token that is not a syllable competes as itself too: as a known foreign word or acronym, as an
unknown one (the model's class times a cost for each letter), or as a number. So one comparison of
probabilities protects names and repairs words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.restore.channel import Case, Channel
from pipeline.restore.decoder import NO_WORD
from pipeline.restore.lexicon import Lexicon
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


@dataclass
class Sets:
    """Reading sets in flat lists, as the decoder wants them, and the text of each reading."""

    begin: list[int] = field(default_factory=lambda: [0])
    word: list[int] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def add(self, readings: Sequence[tuple[str, int, float]]) -> int:
        """Add a set; gives its number."""
        for text, word, score in readings:
            self.text.append(text)
            self.word.append(word)
            self.score.append(score)
        self.begin.append(len(self.word))
        return len(self.begin) - 2


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
        self.sets = Sets()
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
            if token == "<code>":
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
        key = (text, capitals)
        number = self._known.get(key)
        if number is None and self._certain(text, capitals):
            number = self._known[key] = self._as_it_is(text)
        if number is None:
            readings = self._syllables(text, capitals)
            self_best = max((score for _, _, score in readings), default=-99.0)
            readings += self.others(text, capitals, readings)
            number = self._known[key] = self.sets.add(readings)
            self.best[number] = self_best
        return number

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

    def _syllables(self, text: str, capitals: bool) -> list[tuple[str, int, float]]:
        mixture = self.mixture
        lower = older_tone_place(text.lower())
        bare = strip_marks(lower)
        found: dict[str, tuple[int, float]] = {}
        titles = self.lexicon.titles
        for case, prior in self._cases(text, capitals):
            observed = lower if not self.shapes else text
            if self.shapes:
                words, scores = self.channel.matches(observed, case)
            else:
                words, scores = self.channel.matches(observed, "lower")
            candidates = dict(zip(words.tolist(), scores.tolist(), strict=True))
            if not self.shapes:
                for number in self.lexicon.by_stripped.get(bare, ()):
                    candidates.setdefault(number, -30.0)
            elif lower in self.lexicon.syllables:
                candidates.setdefault(self.lexicon.syllables[lower], -30.0)
            for number, score in candidates.items():
                word = self.lexicon.words[number]
                total = mixture.garbled * math.exp(score)
                if word == lower:
                    total += mixture.kept
                if lower == bare == strip_marks(word):
                    total += mixture.stripped
                if total <= 0.0:
                    continue
                surface = self._surface(word, text, case, same=word == lower)
                value = math.log(total) + prior
                if case != "upper":
                    value += titles[number] if case == "title" else self.lexicon.smalls[number]
                if surface not in found or found[surface][1] < value:
                    found[surface] = (number, value)
        if not found:
            return []
        top = max(value for _, value in found.values())
        kept = [(s, n, v) for s, (n, v) in found.items() if v > top - 11.0]
        kept.sort(key=lambda reading: -reading[2])
        return kept[:28]

    def _surface(self, word: str, text: str, case: Case, *, same: bool) -> str:
        if same and (not self.shapes or cased(word, case).lower() == text.lower()):
            if not self.shapes or cased(word, case) == text:
                return text
        spelled = newer_tone_place(word) if self.newer else word
        return cased(spelled, case) if self.shapes else case_like(spelled, text)

    def others(
        self, text: str, capitals: bool, syllables: list[tuple[str, int, float]]
    ) -> list[tuple[str, int, float]]:
        """The token as itself (not a syllable), and acronyms that it may stand for."""
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
        if not readings and not any(surface == text for surface, _, _ in syllables):
            readings.append((text, vocabulary["<unk>"], -_LETTER_COST * len(text)))
        return readings

    @staticmethod
    def _foreign_enough(word: str) -> bool:
        """Whether letters show that the word is no Vietnamese syllable that lost something."""
        return any(char in "fjwz" for char in word) or len(word) > 6
