"""Text whose font subset lost glyphs: some letters turned into a space, or into nothing.

Which letters a document lost is inferred on the document: letters that it shows far less often
than Vietnamese text does are suspects, and decoding then counts what was lost and what was kept.
White space is evidence: a gap of two spaces holds a separator and a lost letter, which belongs to
the word on its left or on its right. So the lattice has one node for each way to share a gap.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import combinations, product

import numpy as np

from pipeline.restore.channel import Case
from pipeline.restore.lattice import Lattice, Token
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.protect import known_forms
from pipeline.restore.readings import Reader, cased
from pipeline.restore.syllables import is_syllable
from pipeline.restore.tokens import older_tone_place

_UNSEEN = 0.02  # how often a letter is lost that nothing speaks for or against
_AS_SPACE = math.log(0.9)
_AS_NOTHING = math.log(0.1)
_WAYS = {count: tuple(product((" ", ""), repeat=count)) for count in (2, 3)}
_LEAST = math.log(_UNSEEN)
_IGNORED = -3.0  # an extra space that no letter left behind
_TITLE, _SMALL = math.log(0.2), math.log(0.8)
_MOST_SPACES = 3
_SPACES = re.compile(" {2,}")
_OPENERS = frozenset(".-+*•:")
_CLOSING = frozenset(".,;:)!?”…")


def expected_shares(lexicon: Lexicon, unigram: np.ndarray) -> dict[str, float]:
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
    seen = Counter(letter for line in lines for letter in line if letter.isalpha())
    total = sum(count for letter, count in seen.items() if letter.islower())
    rates = {}
    for letter, share in shares.items():
        expected = total * share
        rates[letter] = _UNSEEN
        if expected >= 4.0:
            ratio = seen[letter] / expected
            # Topics shift the shares of letters by a factor of two or three, losses by far more.
            if ratio < 0.1:
                rates[letter] = min(0.98, 1.0 - ratio)
            elif ratio < 0.25:
                rates[letter] = 0.3
            else:
                rates[letter] = max(0.0003, min(_UNSEEN, 0.5 / expected))
        rates[letter.upper()] = _UNSEEN
    return rates


Loss = tuple[int, str]  # offset in the word, and what stands there now: a space or nothing


class LossIndex:
    """Syllables by what is left of them (lower case) when letters turn into a space or nothing."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.single: dict[str, list[tuple[int, tuple[Loss, ...]]]] = {}
        for word, number in lexicon.syllables.items():
            for at in range(len(word)):
                for left in (" ", ""):
                    rest = word[:at] + left + word[at + 1 :]
                    if rest.strip():
                        self.single.setdefault(rest, []).append((number, ((at, left),)))

    @lru_cache(maxsize=8)  # noqa: B019  (one index lives as long as the process)
    def several(
        self, small: frozenset[str], first: frozenset[str]
    ) -> dict[str, list[tuple[int, tuple[Loss, ...]]]]:
        """The same for two and three losses: letters of ``small``, initials of ``first``."""
        table: dict[str, list[tuple[int, tuple[Loss, ...]]]] = {}
        for word, number in self.lexicon.syllables.items():
            places = [at for at, letter in enumerate(word) if letter in small]
            if word[0] in first and word[0] not in small:
                places.insert(0, 0)
            for count in range(2, min(len(places), 3) + 1):
                for chosen in combinations(places, count):
                    for left in _WAYS[count]:
                        losses = tuple(zip(chosen, left, strict=True))
                        rest = lose(word, losses)
                        if rest.strip():
                            table.setdefault(rest, []).append((number, losses))
        return table

    @cached_property
    def acronyms(self) -> dict[str, list[tuple[str, int, str, int, float]]]:
        """Acronyms by what is left of them: (acronym, number, lost letter, how often, score)."""
        table: dict[str, list[tuple[str, int, str, int, float]]] = {}
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


def lose(word: str, losses: Sequence[Loss]) -> str:
    """The word with the letters at these places replaced."""
    letters = list(word)
    for at, left in losses:
        letters[at] = left
    return "".join(letters)


class Losses:
    """Counts of letters lost and kept, by letter."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()

    def add(self, observed: str, word: str) -> None:
        """Count the letters of ``word``, read as ``observed`` (whose letters are in order)."""
        at = 0
        for letter in word:
            spot = observed.find(letter, at)
            if spot < 0:
                self.lost[letter] += 1
            else:
                self.kept[letter] += 1
                at = spot + 1

    def rates(self, before: dict[str, float]) -> dict[str, float]:
        """Loss rates after counting; a letter that did not occur keeps a small one."""
        rates = {}
        for letter, old in before.items():
            lost, kept = self.lost[letter], self.kept[letter]
            prior = min(old, _UNSEEN)
            if letter.isupper():  # capitals are few, and come in runs of another font
                prior = _UNSEEN * 5.0
            rates[letter] = min(0.995, (lost + prior) / (lost + kept + 1.0))
            if lost + kept == 0:
                rates[letter] = old
            rates[letter] = max(rates[letter], 0.0003)
        return rates


class GapBuilder:
    """Builds the lattice of lines that lost letters."""

    def __init__(self, reader: Reader, index: LossIndex, rates: dict[str, float]) -> None:
        self.reader, self.index, self.rates = reader, index, rates
        self._lost = {letter: math.log(rate) for letter, rate in rates.items()}
        self._kept = {letter: math.log1p(-rate) for letter, rate in rates.items()}
        self._several = index.several(
            frozenset(c for c, rate in rates.items() if rate >= 2.0 * _UNSEEN and c.islower()),
            frozenset(
                c.lower() for c, rate in rates.items() if rate >= 0.5 * _UNSEEN and c.isupper()
            ),
        )
        self._sets: dict[tuple[str, bool, bool, bool], int | None] = {}

    def add(self, lattice: Lattice, line: str, tokens: Sequence[Token], capitals: bool) -> None:
        """Append the tokens of one line."""
        last = len(tokens) - 1
        lead = min(tokens[0].start, _MOST_SPACES)
        # states of the gap before the next token: (node, spaces that its word may take)
        states: list[tuple[int, int]] = [(lattice.nodes - 1, lead)]
        edges: list[list[tuple[int, int]]] = [states]
        for number, token in enumerate(tokens):
            end = tokens[number + 1].start if number < last else len(line)
            gap = min(end - token.end, _MOST_SPACES)
            if number < last and tokens[number + 1].kind == "mark" and token.kind == "word":
                closing = tokens[number + 1].text in _CLOSING
                states = [(lattice.node(), 0) for _ in range(gap + closing)] or [
                    (lattice.node(), 0)
                ]
            elif number == last:
                states = [(lattice.node(), 0)]
            elif gap < 2 or token.kind != "word":
                free = max(0, gap - 1)
                states = [(lattice.node(), free)]
            else:
                states = [(lattice.node(), gap - 1 - taken) for taken in range(gap)]
            edges.append(states)
        for number in range(len(tokens)):
            self._spans(lattice, line, tokens, number, edges, capitals)

    def _spans(
        self,
        lattice: Lattice,
        line: str,
        tokens: Sequence[Token],
        number: int,
        edges: list[list[tuple[int, int]]],
        capitals: bool,
    ) -> None:
        token = tokens[number]
        if token.kind != "word":
            offered = self.reader.fixed(token.token, token.text)
            for source, free in edges[number]:
                cost = _IGNORED * free if number else 0.0
                place = (token.line, token.start, token.end)
                lattice.span(source, edges[number + 1][0][0], offered, place, cost)
            return
        letters = 0
        for end in range(number, min(number + 4, len(tokens))):
            final = tokens[end]
            if end > number:
                space = final.start - tokens[end - 1].end
                if final.kind != "word" or not 1 <= space <= 3:
                    break
            letters += len(final.text)
            if letters > 7 and end > number:
                break
            for source, free in edges[number]:
                for lead in range(free + 1):
                    cost = _IGNORED * (free - lead) if number else 0.5 * _IGNORED * (free > lead)
                    self._ends(
                        lattice, line, tokens, (number, end), source, lead, cost, edges, capitals
                    )

    def _ends(
        self,
        lattice: Lattice,
        line: str,
        tokens: Sequence[Token],
        reach: tuple[int, int],
        source: int,
        lead: int,
        cost: float,
        edges: list[list[tuple[int, int]]],
        capitals: bool,
    ) -> None:
        """The spans from one state over the tokens ``reach`` to all states of the next gap."""
        first, final = tokens[reach[0]], tokens[reach[1]]
        # In a line of capitals two letters are rather what is left of a word: "TH " was "THỊ".
        dotted = line[final.end : final.end + 1] == "."
        stands = dotted or not capitals or len(final.text) > 2
        opening = reach[0] == 0 or tokens[reach[0] - 1].text in _OPENERS
        start = first.start - lead
        targets = edges[reach[1] + 1]
        if reach[1] == len(tokens) - 1:
            spaces = min(len(line) - final.end, 2)
            ways = [(targets[0][0], taken) for taken in range(spaces + 1)]
        else:
            ways = [(node, taken) for taken, (node, _) in enumerate(targets)]
        merged = reach[1] > reach[0]
        for target, taken in ways:
            stop = final.end + taken
            observed = line[start:stop]
            offered = self._set(observed, capitals, merged, opening, stands)
            if offered is not None:
                lattice.span(source, target, offered, (first.line, start, stop), cost)

    def _set(
        self, observed: str, capitals: bool, merged: bool, opening: bool, stands: bool
    ) -> int | None:
        """The set of a stretch of a line, with the spaces that its word takes."""
        key = (observed, capitals, opening, stands)
        if key in self._sets:
            return self._sets[key]
        bare = observed.strip()
        readings: list[tuple[str, int, float]] = []
        if stands and bare in known_forms() and not (capitals and is_syllable(bare)):
            self._sets[key] = self.reader.word(bare, capitals) if observed == bare else None
            return self._sets[key]
        lowered = observed.lower()
        found = [
            *self.index.single.get(lowered, ()),
            *self._several.get(lowered, ()),
        ]
        if "  " in bare:  # a gap wider than the letter that it stands for
            narrow = _SPACES.sub(" ", lowered)
            again = [*self.index.single.get(narrow, ()), *self._several.get(narrow, ())]
            wide = _SPACES.sub(" ", observed)
            for case, prior in self._cases(bare, capitals, opening) if again else ():
                readings += self._matching(wide, case, prior + _IGNORED, again)
        whole = self.reader.lexicon.syllables.get(older_tone_place(lowered))
        if whole is not None:
            found.append((whole, ()))
        for case, prior in self._cases(bare, capitals, opening) if found else ():
            readings += self._matching(observed, case, prior, found)
        for word, number, letter, times, score in self.index.acronyms.get(observed, ()):
            readings.append((word, number, score + times * self._lost.get(letter, _LEAST)))
        if not merged and observed == bare:
            readings += self._itself(bare, capitals, readings)
        self._sets[key] = self.reader.sets.add(readings) if readings else None
        return self._sets[key]

    def _matching(
        self,
        observed: str,
        case: Case,
        prior: float,
        found: Sequence[tuple[int, tuple[Loss, ...]]],
    ) -> list[tuple[str, int, float]]:
        """The readings among ``found`` whose kept letters are those of ``observed``."""
        readings = []
        words = self.reader.lexicon.words
        for number, losses in found:
            word = cased(words[number], case)
            if losses:
                if lose(word, losses) != observed:
                    continue
            elif word != observed:
                if older_tone_place(observed.lower()) != words[number]:
                    continue
                word = observed
            gone = {at for at, _ in losses}
            score = prior
            if 0 in gone and case != "upper":  # nothing shows whether it was a capital
                lexicon = self.reader.lexicon
                score = 0.7 * prior
                score += (lexicon.titles if case == "title" else lexicon.smalls)[number]
            for at, letter in enumerate(word):
                score += (self._lost if at in gone else self._kept).get(letter, 0.0)
            score += sum(_AS_SPACE if left else _AS_NOTHING for _, left in losses)
            readings.append((word, number, score))
        return readings

    def _itself(
        self, text: str, capitals: bool, readings: list[tuple[str, int, float]]
    ) -> list[tuple[str, int, float]]:
        lower = older_tone_place(text.lower())
        number = self.reader.lexicon.syllables.get(lower)
        if number is not None:
            if any(reading[0] == text for reading in readings):
                return []
            return [(text, number, -2.0)]
        listed = any(reading[0] == text for reading in readings)
        others = self.reader.others(text, capitals, lambda: listed)
        return [(t, n, s - (0.0 if len(text) > 2 and t.isupper() else 2.0)) for t, n, s in others]

    @staticmethod
    def _cases(bare: str, capitals: bool, opening: bool) -> list[tuple[Case, float]]:
        if capitals or (bare.isupper() and len(bare) > 1):
            return [("upper", 0.0)]
        if bare[:1].isupper():
            ways: list[tuple[Case, float]] = [("title", 0.0)]
            if len(bare) == 1:
                ways.append(("upper", -1.0))
            return ways
        if any(char.isupper() for char in bare):
            return []
        if opening:
            return [("lower", _TITLE), ("title", _SMALL)]
        return [("lower", _SMALL), ("title", _TITLE)]
