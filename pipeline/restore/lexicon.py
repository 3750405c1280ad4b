"""The closed lexicon: syllables that may be written, as a trie and as tables by stripped form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.hashtable import table_of
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import older_tone_place
from pipeline.restore.tokentable import packed

_CASE_WEIGHT = 0.5


@dataclass(frozen=True)
class Trie:
    """The stripped forms, nodes in depth-first order.

    By node: ``letter`` number (of those without marks), ``depth``, ``skip`` (the next node when
    this one is left out), ``form`` (-1: none ends here), ``reach`` (the least rarity behind it).
    ``form_word[form_begin[n] : form_begin[n + 1]]``: the syllables of form n, the least rare
    first. ``plain_of``: the number without marks by letter, small ones first, then capitals.
    """

    letter: NDArray[np.int16]
    depth: NDArray[np.int16]
    skip: NDArray[np.int32]
    form: NDArray[np.int32]
    form_begin: NDArray[np.int32]
    form_word: NDArray[np.int32]
    plain_of: NDArray[np.int16]
    reach: NDArray[np.float32]


class Lexicon:
    """Syllables, acronyms and known foreign words of a vocabulary (token → number)."""

    def __init__(
        self,
        vocabulary: dict[str, int],
        capitals: NDArray[np.float32],
        unigram: NDArray[np.float32],
    ) -> None:
        """``capitals``: share of the occurrences of each word that begin with a capital.

        ``unigram``: log probability of each word.
        """
        self.vocabulary = vocabulary
        self._unigram = unigram
        share = capitals
        average = 0.15
        # Evidence that a capital (or its absence) gives for a word, in nats, damped.
        self.titles = (_CASE_WEIGHT * np.log(share / average)).tolist()
        self.smalls = (_CASE_WEIGHT * np.log((1.0 - share) / (1.0 - average))).tolist()
        self.words = [""] * len(vocabulary)
        for word, number in vocabulary.items():
            self.words[number] = word
        self.syllables = {
            word: number
            for word, number in vocabulary.items()
            if word.islower() and is_syllable(word) and older_tone_place(word) == word
        }
        self.by_stripped: dict[str, tuple[int, ...]] = {}
        for word, number in self.syllables.items():
            key = strip_marks(word)
            self.by_stripped[key] = (*self.by_stripped.get(key, ()), number)
        self.bare_number = {bare: number for number, bare in enumerate(self.by_stripped)}
        # by word, for compiled code: number of the stripped form, one letter or not
        self.bare_of = np.full(len(vocabulary), -1, dtype=np.int32)
        for word, number in self.syllables.items():
            self.bare_of[number] = self.bare_number[strip_marks(word)]
        self.short = np.array([len(word) == 1 for word in self.words], dtype=np.bool_)
        self.titles_array = np.array(self.titles, dtype=np.float64)
        self.smalls_array = np.array(self.smalls, dtype=np.float64)
        self.acronyms: dict[str, tuple[int, ...]] = {}
        for word, number in vocabulary.items():
            if len(word) > 1 and word.isupper() and not is_syllable(word):
                key = strip_marks(word)
                self.acronyms[key] = (*self.acronyms.get(key, ()), number)
        self.letters = sorted({letter for word in self.syllables for letter in word})
        self.letter_number = {letter: number for number, letter in enumerate(self.letters)}

    @cached_property
    def forms(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The stripped syllables as packed letters: keys and slots of a hash table."""
        keys = np.array([packed(form) for form in self.by_stripped], dtype=np.int64)
        return keys, table_of(keys, 1 << (2 * len(keys)).bit_length())

    @cached_property
    def rarity(self) -> NDArray[np.float32]:
        """How much rarer a syllable is than the most frequent one, in nats (0 or less), by word.

        Candidates are picked by it: of two that explain a string alike, context will rather bring
        up the frequent one.
        """
        numbers = list(self.syllables.values())
        by_word = np.zeros(len(self.words), dtype=np.float32)
        by_word[numbers] = self._unigram[numbers] - self._unigram[numbers].max()
        return by_word

    @cached_property
    def spelled(self) -> NDArray[np.int16]:
        """The letters (by number) of each syllable, -1 behind them."""
        longest = max(map(len, self.syllables))
        spelled = np.full((len(self.words), longest), -1, dtype=np.int16)
        for word, number in self.syllables.items():
            spelled[number, : len(word)] = [self.letter_number[letter] for letter in word]
        return spelled

    @cached_property
    def trie(self) -> Trie:
        """The stripped forms as a trie, with their syllables."""
        plain = sorted({strip_marks(letter) for letter in self.letters})
        number = {letter: place for place, letter in enumerate(plain)}
        forms = list(self.by_stripped)  # in the order of bare_number
        letter: list[int] = []
        depth: list[int] = []
        ends: list[int] = []
        path = ""
        for form in sorted(forms):
            common = 0
            while common < min(len(path), len(form)) and path[common] == form[common]:
                common += 1
            for at in range(common, len(form)):
                letter.append(number[form[at]])
                depth.append(at + 1)
                ends.append(-1)
            ends[-1] = self.bare_number[form]
            path = form
        nodes = len(letter)
        skip = np.full(nodes, nodes, dtype=np.int32)
        open_nodes: list[int] = []
        for node in range(nodes):
            while open_nodes and depth[open_nodes[-1]] >= depth[node]:
                skip[open_nodes.pop()] = node
            open_nodes.append(node)
        words = [sorted(self.by_stripped[form], key=lambda w: -self.rarity[w]) for form in forms]
        reach = np.array([-np.inf if n < 0 else self.rarity[words[n][0]] for n in ends])
        for node in range(nodes - 1, -1, -1):
            reach[node] = reach[node : skip[node]].max()
        plain_of = [number[strip_marks(one)] for one in self.letters]
        return Trie(
            np.array(letter, dtype=np.int16),
            np.array(depth, dtype=np.int16),
            skip,
            np.array(ends, dtype=np.int32),
            np.cumsum([0, *map(len, words)]).astype(np.int32),
            np.array([word for group in words for word in group], dtype=np.int32),
            np.array([*plain_of, *(place + len(plain) for place in plain_of)], dtype=np.int16),
            reach.astype(np.float32),
        )
