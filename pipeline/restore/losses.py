"""Which letters a document lost: rates by letter, guessed first, then counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.lexicon import Lexicon

UNSEEN = 0.02  # how often a letter is lost that nothing speaks for or against


def expected_shares(lexicon: Lexicon, unigram: NDArray[np.float32]) -> dict[str, float]:
    """How often each letter (lower case) occurs among the letters of Vietnamese text."""
    shares: Counter[str] = Counter()
    for word, number in lexicon.syllables.items():
        weight = math.exp(float(unigram[number]))
        for letter in word:
            shares[letter] += weight  # type: ignore[assignment]
    total = sum(shares.values())
    return {letter: count / total for letter, count in shares.items()}


def first_rates(lines: Iterable[str], shares: dict[str, float]) -> dict[str, float]:
    """Loss rates of letters, from how often each is seen against how often it should be."""
    seen = Counter("".join(lines))
    total = sum(count for letter, count in seen.items() if letter.islower())
    rates = {}
    for letter, share in shares.items():
        expected = total * share
        rates[letter] = UNSEEN
        if expected >= 4.0:
            ratio = seen[letter] / expected
            # Topics shift the shares of letters by a factor of two or three, losses by far more.
            if ratio < 0.1:
                rates[letter] = min(0.98, 1.0 - ratio)
            elif ratio < 0.25:
                rates[letter] = 0.3
            else:
                rates[letter] = max(0.0003, min(UNSEEN, 0.5 / expected))
        rates[letter.upper()] = UNSEEN
    return rates


class Losses:
    """Counts of letters lost and kept, by letter."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()

    def add(self, observed: str, word: str, times: int = 1) -> None:
        """Count the letters of ``word``, read as ``observed`` (whose letters are in order)."""
        at = 0
        for letter in word:
            spot = observed.find(letter, at)
            if spot < 0:
                self.lost[letter] += times
            else:
                self.kept[letter] += times
                at = spot + 1

    def rates(self, before: dict[str, float]) -> dict[str, float]:
        """Loss rates after counting; a letter that did not occur keeps a small one."""
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
