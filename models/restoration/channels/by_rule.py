"""Channels that need no learning: they follow from what the damage is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from learn import SPACE, Channel, Edit

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SHAPES = frozenset("\u0302\u0306\u031b")
_VOWELS = "aăâeêioôơuưy"
_PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789"
_SIGNS = ".,;:!?()[]/-–+*\"'“”‘’%&@_=…"


def _letters() -> Iterator[str]:
    """Every letter of written Vietnamese, both cases, and digits."""
    yield from _PLAIN + "đ"
    for vowel in _VOWELS:
        for tone in ("", *sorted(_TONES)):
            marked = unicodedata.normalize("NFC", vowel + tone)
            if marked not in _PLAIN:
                yield marked


def _both_cases() -> Iterator[str]:
    for letter in _letters():
        yield letter
        if letter.upper() != letter:
            yield letter.upper()


def _without(letter: str, marks: frozenset[str]) -> str:
    kept = (c for c in unicodedata.normalize("NFD", letter) if c not in marks)
    return unicodedata.normalize("NFC", "".join(kept))


def _bare(letter: str) -> str:
    return _without(letter, _TONES | _SHAPES).replace("đ", "d").replace("Đ", "D")


def _identity(stay: float) -> dict[Edit, float]:
    edits = {(sign, sign): stay for sign in _SIGNS}
    edits |= {(letter, letter): stay for letter in _both_cases()}
    edits[SPACE, SPACE] = stay
    return edits


def no_marks(keep: float = 0.02) -> Channel:
    """Every mark stripped, đ written d; a letter keeps its marks with probability ``keep``."""
    edits = _identity(1.0)
    for letter in _both_cases():
        if _bare(letter) != letter:
            edits[letter, letter] = keep
            edits[letter, _bare(letter)] = 1.0 - keep
    return Channel("no_marks", edits, 0)


def lost_marks() -> Channel:
    """Some marks lost or changed, letters swapped, doubled or left out: hasty typing.

    The shares are set by hand: half of the marked letters keep their marks.
    """
    edits = _identity(0.985)
    letters = list(_both_cases())
    vowels = [letter for letter in letters if _bare(letter).lower() in "aeiouy"]
    for letter in letters:
        bare = _bare(letter)
        edits[letter, ""] = 0.002
        edits[letter, letter * 2] = 0.001
        if bare != letter:
            edits[letter, letter] = 0.5
            edits[letter, bare] = 0.32
            edits[letter, _without(letter, _TONES)] = edits.get(
                (letter, _without(letter, _TONES)), 0.0
            ) + (0.08 if _without(letter, _TONES) != letter else 0.0)
            edits[letter, _without(letter, _SHAPES)] = edits.get(
                (letter, _without(letter, _SHAPES)), 0.0
            ) + (0.04 if _without(letter, _SHAPES) != letter else 0.0)
    for letter in vowels:
        for other in vowels:
            same = _bare(letter) == _bare(other)
            if same and (letter, other) not in edits:
                edits[letter, other] = 0.002 if _bare(letter) != letter else 0.0005
    lower = [letter for letter in letters if letter == letter.lower() and not letter.isdigit()]
    for first in lower:
        for second in lower:
            if first != second:
                edits[first + second, second + first] = 0.002
                if _bare(first) + _bare(second) != first + second:
                    edits.setdefault((first + second, _bare(second) + _bare(first)), 0.0007)
    edits[SPACE, ""] = 0.004
    edits["", SPACE] = 0.001
    return Channel("lost_marks", edits, 0)


def dropped_glyphs(lost: float = 0.06) -> Channel:
    """Any letter may turn into a space or nothing, ``lost`` in all: the prior over all letters."""
    edits = _identity(1.0 - lost)
    for letter in _both_cases():
        if not letter.isdigit():
            edits[letter, SPACE] = lost / 2
            edits[letter, ""] = lost / 2
    edits[SPACE, ""] = 1e-4
    return Channel("dropped_glyphs", edits, 0)


def splits() -> Channel:
    """Stray spaces inside words and glued words; letters stay as they are."""
    edits = _identity(0.999)
    edits[SPACE, SPACE] = 0.97
    edits[SPACE, ""] = 0.03
    edits["", SPACE] = 0.08
    return Channel("splits", edits, 0)


def all_channels() -> tuple[Channel, ...]:
    """Every channel of this module."""
    return no_marks(), lost_marks(), dropped_glyphs(), splits()
