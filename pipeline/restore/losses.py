"""Which letters a document lost: rates by letter, guessed first, then counted."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.lexicon import Lexicon

_TITLE = re.compile(r"(?<!\w)([A-ZÀ-ỸĐ])(?=[a-zà-ỹđ])")
UNSEEN = 0.02  # how often a letter is lost that nothing speaks for or against


def expected_shares(lexicon: Lexicon, unigram: NDArray[np.float32]) -> dict[str, float]:
    """How often letters occur in Vietnamese text.

    A small letter: among all small letters; a capital: among those that begin a word of small ones.
    """
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for word, number in lexicon.syllables.items():
        weight = math.exp(float(unigram[number]))
        for letter in word:
            small[letter] += weight  # type: ignore[assignment]
        capital[word[0].upper()] += weight * math.exp(lexicon.titles[number])  # type: ignore[assignment]
    return {
        letter: count / counted.total()
        for counted in (small, capital)
        for letter, count in counted.items()
    }


def first_rates(lines: Iterable[str], shares: dict[str, float]) -> dict[str, float]:
    """Loss rates of letters, from how often each is seen against how often it should be."""
    text = "\n".join(lines)
    seen = Counter(text)
    small = sum(count for letter, count in seen.items() if letter.islower())
    initials = Counter(_TITLE.findall(text))
    rates = {}
    for letter, share in shares.items():
        capital = letter.isupper()
        expected = share * (initials.total() if capital else small)
        found = max(initials[letter], seen[letter]) if capital else seen[letter]
        rates[letter] = UNSEEN
        if expected >= 4.0:
            ratio = found / expected
            # Topics shift the shares of letters by a factor of two or three, losses by far more.
            if ratio < 0.1:
                rates[letter] = min(0.98, 1.0 - ratio)
            elif ratio < 0.25:
                rates[letter] = 0.3
            elif not capital:
                rates[letter] = max(0.0003, min(UNSEEN, 0.5 / expected))
        rates.setdefault(letter.upper(), UNSEEN)
    return rates


@lru_cache(maxsize=65_536)
def _told_apart(observed: str, word: str) -> tuple[tuple[str, bool], ...]:
    """The letters of ``word``, and whether each was seen in ``observed`` (they are in order)."""
    told = []
    at = 0
    for letter in word:
        spot = observed.find(letter, at)
        told.append((letter, spot >= 0))
        at = max(at, spot + 1)
    return tuple(told)


class Losses:
    """Counts of letters lost and kept, by letter."""

    def __init__(self) -> None:
        self.lost: dict[str, int] = defaultdict(int)
        self.kept: dict[str, int] = defaultdict(int)
        self._whole: list[str] = []  # words that lost nothing, not counted yet

    def add(self, observed: str, word: str, times: int = 1) -> None:
        """Count the letters of ``word``, read as ``observed`` (whose letters are in order)."""
        if observed == word:
            self._whole.append(word * times)
            return
        lost, kept = self.lost, self.kept
        for letter, seen in _told_apart(observed, word):
            if seen:
                kept[letter] += times
            else:
                lost[letter] += times

    def rates(self, before: dict[str, float]) -> dict[str, float]:
        """Loss rates after counting; a letter that did not occur keeps a small one."""
        for letter, times in Counter("".join(self._whole)).items():
            self.kept[letter] += times
        self._whole.clear()
        rates = {}
        for letter, old in before.items():
            lost, kept = self.lost[letter], self.kept[letter]
            prior = min(old, UNSEEN)
            if letter.isupper():  # capitals are few, and come in runs of another font
                prior = UNSEEN * 5.0
            rates[letter] = min(0.995, (lost + prior) / (lost + kept + 1.0))
            if lost + kept == 0:
                rates[letter] = old
            rates[letter] = max(rates[letter], 0.0003)
        return rates
