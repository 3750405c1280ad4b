"""What each token of a stretch may stand for: readings with the score of the channel."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.channel import Case, Channel
from pipeline.restore.decoder import NO_WORD
from pipeline.restore.facts import Facts, Other, case_like, cased, facts_of
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.mixing import UNEXPLAINED, mix
from pipeline.restore.pieces import FIXED, MARK, WORD
from pipeline.restore.protect import figures_of, repair_code
from pipeline.restore.sets import Sets
from pipeline.restore.tokens import newer_tone_place, older_tone_place, unknown_class
from pipeline.restore.tokentable import Types

# Marks that an OCR sees where there are none: log probability of that. Marks that touch a word and
# may belong to it are never taken away.
_NOISE = dict.fromkeys((".", ",", ":", "'", '"', "*"), -4.5) | {"<sym>": -3.0, "=": -3.0}
_ODD_NOISE = -1.0
NEVER = -1e9  # nats
_REACH = 11.0  # nats that a reading of a word may lie behind the best (score and rarity)
_REACH_READ = 9.0  # the same of a word that an OCR read: more letters are open there
_ODD = frozenset("_~|^ˆ¡„«»°¬·`‘’‚")


def _offsets(groups: Sequence[Sequence[object]]) -> NDArray[np.int32]:
    """Where each of the groups begins, and where the last one ends."""
    offsets = np.zeros(len(groups) + 1, dtype=np.int32)
    np.cumsum([len(group) for group in groups], out=offsets[1:])
    return offsets


@dataclass(frozen=True)
class Mixture:
    """How the words of a stretch were damaged: shares that were kept, stripped, or garbled."""

    kept: float
    stripped: float
    garbled: float

    def shares(self, odds: float) -> tuple[float, float, float]:
        """The shares where the odds of ``kept`` are so many times as high."""
        total = odds * self.kept + self.stripped + self.garbled
        return odds * self.kept / total, self.stripped / total, self.garbled / total

    def by_odds(self) -> NDArray[np.float64]:
        """The shares by what the OCR says of a word."""
        return np.array([self.shares(odds) for odds in _ODDS])


# By how much the odds that a word is right as it was read change with what the OCR says of it:
# nothing, under 0.85, under 0.93, more (measured on 6,463 words of scans and worn pages, of which
# 55, 77 and 97 % were right).
_ODDS = (1.0, 0.1, 0.25, 2.5)
_SURENESS = (0.85, 0.93)
OPENS = 1 << 39  # in a key: a sentence may begin with the word
_CLASS = 40  # bits of a key below what the OCR says
_SAID = 0x3
_DEPTH = 48  # bits below how far down readings were looked for: 0, all the way, or steps
_STEP = 2.0  # nats
_DEEPEST = 1000
_PLAIN = OPENS - 1
OPENING = 0.25  # how much the capital of a word that may open a sentence tells of it


def said_by_ocr(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    """What to add to the keys of tokens that an OCR read so surely (NaN: not known)."""
    said = 1 + np.searchsorted(_SURENESS, confidence, side="right")
    return np.where(np.isnan(confidence), 0, said).astype(np.int64) << _CLASS


def plain(key: int) -> int:
    """The key without what the OCR says, and without where the word stands."""
    return key & _PLAIN


class Reader:
    """Gives the reading sets of tokens under one channel and one mixture.

    A token is asked for by its *key*: twice its type, and one more for a word in a line of capitals
    or a mark that touches the token before it; and, far above, whether it may open a sentence, and
    what the OCR says of it.
    """

    def __init__(
        self, lexicon: Lexicon, channel: Channel, mixture: Mixture, types: Types, *, newer: bool
    ) -> None:
        """``newer``: write ``hoà`` rather than ``hòa``."""
        self.lexicon, self.channel, self.mixture = lexicon, channel, mixture
        self.types, self.newer, self.strict = types, newer, types.strict
        self.sets = Sets(self._surface)
        self._known: dict[int, int] = {}

    def fixed(self, token: str, text: str) -> int:
        """The set of a piece that stays as it is."""
        return self._one(2 * self.types.number(FIXED, token, text))

    def perhaps(self, token: str, score: float) -> int:
        """The set of a token that nothing stands for, with this score, or nothing."""
        key = -2 * self.types.number(FIXED, token, "") - 1
        if key not in self._known:
            word = self.lexicon.vocabulary[token]
            self._known[key] = self.sets.add([("", word, score), ("", NO_WORD, 0.0)], "")
        return self._known[key]

    def word(self, text: str, capitals: bool) -> int:
        """The set of a word; ``capitals``: it stands in a line of capitals."""
        return self._one(2 * self.types.word(text) + capitals)

    def _one(self, key: int) -> int:
        if key not in self._known:
            self._learn([key])
        return self._known[key]

    def sets_of(
        self, keys: NDArray[np.int64], least: NDArray[np.float64] | None = None
    ) -> NDArray[np.int32]:
        """The sets of many tokens; those that are new are made in one go.

        ``least``: nats below which a reading is not worth a search (none: every one is).
        """
        known = self._known
        if least is not None:
            deep = np.clip(np.ceil(-least / _STEP), 0, _DEEPEST).astype(np.int64)
            keys = keys | np.where(deep < _DEEPEST, deep + 1, 0) << _DEPTH
        distinct, place = np.unique(keys, return_inverse=True)
        asked = distinct.tolist()
        self._learn([key for key in asked if key not in known])
        return np.array([known[key] for key in asked], dtype=np.int32)[place]

    def _learn(self, keys: Sequence[int]) -> None:
        words = []
        kinds = self.types.kind.array
        for key in keys:
            kind = kinds[plain(key) >> 1]
            if kind == WORD:
                words.append(key)
            else:
                self._known[key] = self._mark_or_fixed(key, kind)
        if words:
            first = self._words(words)
            self._known.update(zip(words, itertools.count(first), strict=False))

    def _mark_or_fixed(self, key: int, kind: int) -> int:
        key = plain(key)
        text, token = self.types.text[key >> 1], self.types.token[key >> 1]
        vocabulary = self.lexicon.vocabulary
        word = vocabulary.get(token)
        if word is None:
            word = vocabulary[unknown_class(token, text)]
        odd = text in _ODD
        if kind == FIXED and token == "<code>":  # noqa: S105
            return self.sets.add([(repair_code(text, misread=not self.strict), word, 0.0)], text)
        if kind == FIXED and not self.strict:
            return self.sets.add([(figures_of(text), word, 0.0)], text)
        if kind != MARK or self.strict or token not in _NOISE or (key & 1 and not odd):
            return self.sets.add([(text, word, 0.0)], text)
        cost = _ODD_NOISE if odd else _NOISE[token]
        return self.sets.add([(text, word, 0.0), ("", NO_WORD, cost)], text)

    def _facts(self, key: int) -> Facts:
        key = plain(key)
        facts: Facts | None = self.types.facts.get(key)
        if facts is None:
            text, capitals = self.types.text[key >> 1], bool(key & 1)
            facts = facts_of(self.lexicon, text, capitals, strict=self.strict)
            self.types.facts[key] = facts
        return facts

    def _words(self, keys: Sequence[int]) -> int:
        """Make the sets of words; gives the number of the first."""
        depth = np.array(keys, dtype=np.int64) >> _DEPTH
        least = np.where(depth > 0, -_STEP * (depth - 1), NEVER)
        lexicon = self.lexicon
        facts = [self._facts(key) for key in keys]
        chain = itertools.chain.from_iterable
        cases = _offsets([fact.cases for fact in facts])
        priors = np.array(list(chain(fact.priors for fact in facts)), dtype=np.float64)
        said = np.array(keys, dtype=np.int64) >> _CLASS & _SAID
        begin, word, case, score, given, alike, listed = mix(
            cases,
            np.array(list(chain(fact.cases for fact in facts)), dtype=np.int8),
            priors,
            *self.channel.table(list(chain(fact.asked for fact in facts)), cases, priors, least),
            _offsets([fact.extras for fact in facts]),
            np.array(list(chain(fact.extras for fact in facts)), dtype=np.int32),
            np.array([fact.same for fact in facts], dtype=np.int32),
            np.array([fact.bare for fact in facts], dtype=np.int32),
            np.array([fact.own for fact in facts], dtype=np.int8),
            lexicon.bare_of,
            lexicon.short,
            lexicon.titles_array,
            lexicon.smalls_array,
            lexicon.rarity,
            np.where(np.array(keys, dtype=np.int64) & OPENS, OPENING, 1.0),
            said,
            self.mixture.by_odds(),
            _REACH if self.strict else _REACH_READ,
        )
        others: list[tuple[Other, ...]] = [
            fact.others if is_listed or not fact.fallback else fact.fallback
            for fact, is_listed in zip(facts, listed.tolist(), strict=True)
        ]
        written = [self.types.text[plain(key) >> 1] for key in keys]
        return self.sets.add_words(written, begin, word, case, score, others, given, alike, said)

    def _surface(self, number: int, case: Case, text: str) -> str:
        """How syllable ``number`` is written in this case where ``text`` stands."""
        word = self.lexicon.words[number]
        same = word == older_tone_place(text.lower())
        if same and (self.strict or cased(word, case) == text):
            return text
        spelled = newer_tone_place(word) if self.newer else word
        return case_like(spelled, text) if self.strict else cased(spelled, case)

    def weighed(
        self, readings: NDArray[np.int32], channel: Channel, mixture: Mixture
    ) -> NDArray[np.float32]:
        """The scores of readings (numbers, in order) under another channel and mixture."""
        sets = self.sets
        score, case = sets.score.array[readings], sets.case[readings]
        asked = np.flatnonzero(case >= 0)
        chosen = readings[asked]
        of_set = np.searchsorted(sets.begin.array, chosen, side="right") - 1
        given, alike = sets.given.array[chosen].astype(np.float64), sets.alike.array[chosen]
        again = given.copy()
        found = np.flatnonzero(given > UNEXPLAINED)
        found = found[np.lexsort((case[asked[found]], of_set[found]))]
        distinct, number = np.unique(of_set[found], return_inverse=True)
        again[found] = channel.weigh(
            sets.written(distinct.tolist()),
            number,
            case[asked[found]],
            sets.word.array[chosen[found]],
        )
        said = sets.said.array[of_set]
        was, is_ = (made.by_odds()[said].T for made in (self.mixture, mixture))
        score[asked] += np.log(_chance(is_, again, alike) / _chance(was, given, alike))
        return score


def _chance(
    shares: NDArray[np.float64], given: NDArray[np.float64], alike: NDArray[np.int8]
) -> NDArray[np.float64]:
    """The probability of what was read, by how it is like the reading (see mixing.py)."""
    kept, stripped, garbled = shares
    chance: NDArray[np.float64] = garbled * np.exp(given) + kept * (alike & 1)
    chance += stripped * (alike >> 1)
    return chance
