"""What a word may be whatever the channel says: its cases, the syllable it is, itself, an acronym.

A token that is not a syllable competes as itself too: as a known foreign word or acronym, as an
unknown one (the model's class times a cost for each letter), or as a number. So one comparison of
probabilities protects names and repairs words.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from pipeline.restore.channel import CASES, Case
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.protect import acronyms_with_d, as_figures, known_forms
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import number_class, older_tone_place, unknown_class

_LETTER_COST = 2.6  # nats a letter of an unknown word
_MISREAD_COST = 3.3  # the same for small letters that went through an OCR
_DIGIT_COST = 2.3
_FIGURE_COST = 1.5  # of a number of which an OCR read figures as letters
_CAPITAL = math.log(0.15)
_SMALL = math.log(0.85)

# the cases of a word without capitals, with their priors: as it is, and as an OCR may read it
_LOWER_STRICT: list[tuple[Case, float]] = [("lower", 0.0)]
_LOWER_READ: list[tuple[Case, float]] = [("lower", _SMALL), ("title", _CAPITAL - 3.0)]
_DIGIT = re.compile(r"[\d²³¹⁰-⁹]")
_NUMBER_OF = {case: number for number, case in enumerate(CASES)}

Other = tuple[str, int, float]  # text, word of the language model, score


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


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a word in a line of capitals or not.

    ``asked``: the strings that the channel is asked for, one for each of ``cases`` (numbers in
    ``CASES``) with its prior; ``same``: the syllable that it is as it stands (-1: none); ``bare``:
    number of its stripped form, if it has no marks; ``extras``: syllables that the mixture may
    yield besides; ``own``: bit set of the cases in which ``same`` is written like the word;
    ``others``: readings that are no syllables; ``fallback``: one more, where no syllable that is
    offered is written like the word.
    """

    asked: tuple[tuple[str, Case], ...]
    cases: tuple[int, ...]
    priors: tuple[float, ...]
    same: int
    bare: int
    extras: tuple[int, ...]
    own: int
    others: tuple[Other, ...]
    fallback: tuple[Other, ...]


def facts_of(lexicon: Lexicon, text: str, capitals: bool, *, strict: bool) -> Facts:
    """The facts of a word; ``capitals``: its line is set in capitals."""
    if _is_certain(text, capitals):
        return Facts((), (), (), -1, -1, (), 0, (_as_it_is(lexicon, text),), ())
    lower = older_tone_place(text.lower())
    ways = _ways(text, capitals, strict=strict)
    same = lexicon.syllables.get(lower, -1)
    if strict:
        extras = lexicon.by_stripped.get(strip_marks(lower), ())
        own = 7
    else:
        extras = (same,) if same >= 0 else ()
        small = text.lower()
        own = 1 if small == text else 0
        if not text.islower():
            own = sum(1 << n for n, case in enumerate(CASES) if cased(small, case) == text)
    others, fallback = others_of(lexicon, text, capitals, noisy=not strict)
    return Facts(
        tuple([(lower, "lower") if strict else (text, case) for case, _ in ways]),
        tuple([_NUMBER_OF[case] for case, _ in ways]),
        tuple([prior for _, prior in ways]),
        same,
        lexicon.bare_number.get(lower, -1),
        extras,
        own,
        tuple(others),
        tuple(fallback),
    )


def _is_certain(text: str, capitals: bool) -> bool:
    """Whether the text is an abbreviation or a name that nothing else looks like."""
    if text not in acronyms_with_d() and text not in known_forms():
        return False
    return not (capitals and is_syllable(text))


def _as_it_is(lexicon: Lexicon, text: str) -> Other:
    text = acronyms_with_d().get(text, text)
    vocabulary = lexicon.vocabulary
    word = vocabulary.get(text)
    if word is None:
        word = vocabulary.get(older_tone_place(text.lower()))
    if word is None:
        word = vocabulary[unknown_class(text, text)]
    return text, word, 0.0


def _ways(text: str, capitals: bool, *, strict: bool) -> list[tuple[Case, float]]:
    """The cases that the word behind ``text`` may have, with their priors."""
    if capitals:
        return [("upper", 0.0)]
    if text.islower():  # most words
        return _LOWER_STRICT if strict else _LOWER_READ
    upper = sum(map(str.isupper, text))
    letters = sum(map(str.isalpha, text))
    if len(text) > 1 and upper > 1 and upper * 2 > letters:
        if strict:
            return [("upper", 0.0)]
        # an O or a V looks like its small letter: a short word among small ones is none in capitals
        return (
            [("title", -0.2), ("upper", -3.0)]
            if len(text) == 2
            else [("upper", -1.5), ("title", -1.0)]
        )
    if strict:
        return [("title", 0.0)] if text[:1].isupper() else [("lower", 0.0)]
    if upper > 1:
        return [("upper", -1.0), ("title", -1.0), ("lower", -2.0)]
    if text[:1].isupper():
        return [("title", 0.0), ("lower", -3.0)]
    return _LOWER_READ


def others_of(
    lexicon: Lexicon, text: str, capitals: bool, *, noisy: bool
) -> tuple[list[Other], list[Other]]:
    """The token as itself (not a syllable), and acronyms that it may stand for.

    The second list counts only where no syllable is written like the token.
    """
    vocabulary = lexicon.vocabulary
    lower = older_tone_place(text.lower())
    if _DIGIT.search(text):
        if text.isdigit():
            word = vocabulary[number_class(text)]
            return [(text, word, -_DIGIT_COST * min(len(text), 6))], []
        found: list[Other] = [(text, vocabulary["<mix>"], -_LETTER_COST * (len(text) + 1))]
        if noisy and (figures := as_figures(text)):
            found.append((figures, vocabulary[number_class(figures)], -_FIGURE_COST * len(text)))
        return found, []
    if len(text) > 1 and text.isupper() and not (capitals and is_syllable(lower)):
        return _acronyms(lexicon, text), []
    if lower in vocabulary:
        if lower in lexicon.syllables:
            return [], [(text, vocabulary["<unk>"], -_LETTER_COST * len(text))]
        cost = -0.1 if len(lower) > 2 else -1.0
        if strip_marks(lower) != lower or not _foreign_enough(lower):
            cost -= 4.0
        return [(text, vocabulary[lower], cost)], []
    word = vocabulary[unknown_class(lower, text)]
    odd = 0 if text.isalpha() else sum(not char.isalpha() for char in text)
    cost = _MISREAD_COST if noisy else _LETTER_COST
    return [(text, word, -cost * len(text) - 5.0 * odd)], []


def _acronyms(lexicon: Lexicon, text: str) -> list[Other]:
    vocabulary = lexicon.vocabulary
    found: list[Other] = []
    for number in lexicon.acronyms.get(strip_marks(text), ()):
        written = lexicon.words[number]
        found.append((written, number, -0.05 if written == text else -1.2))
    if text not in vocabulary:
        found.append((text, vocabulary["<ACR>"], -2.0 * len(text)))
    elif not any(other[0] == text for other in found):
        found.append((text, vocabulary[text], -0.05))
    return found


def _foreign_enough(word: str) -> bool:
    """Whether letters show that the word is no Vietnamese syllable that lost something."""
    return any(char in "fjwz" for char in word) or len(word) > 6
