"""The closed lexicon: syllables that may be written, as a trie and as tables by stripped form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.matching import table_of
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import older_tone_place
from pipeline.restore.tokentable import packed

_CASE_WEIGHT = 0.5


@dataclass(frozen=True)
class Trie:
    """Nodes in depth-first order: letter number, depth, next node when this one is skipped, word.

    ``word`` is the number in the language model, -1 where no syllable ends.
    """

    letter: NDArray[np.int16]
    depth: NDArray[np.int16]
    skip: NDArray[np.int32]
    word: NDArray[np.int32]


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
    def rarity(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How much rarer a syllable is than the most frequent one, in nats (0 or less).

        By node of the trie (the least rare syllable behind it) and by word. Candidates are picked
        by it: of two that explain a string alike, context will rather bring up the frequent one.
        """
        trie = self.trie
        numbers = list(self.syllables.values())
        by_word = np.zeros(len(self.words), dtype=np.float32)
        by_word[numbers] = self._unigram[numbers] - self._unigram[numbers].max()
        by_node = np.where(trie.word >= 0, by_word[trie.word], -np.inf).astype(np.float32)
        for node in range(len(trie.word) - 1, -1, -1):
            behind = by_node[node + 1 : trie.skip[node]]
            by_node[node] = max(by_node[node], behind.max(initial=-np.inf))
        return by_node, by_word

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
        """The syllables as a trie."""
        letter: list[int] = []
        depth: list[int] = []
        word: list[int] = []
        path = ""
        for syllable in sorted(self.syllables, key=lambda s: [self.letter_number[c] for c in s]):
            common = 0
            while common < min(len(path), len(syllable)) and path[common] == syllable[common]:
                common += 1
            for at in range(common, len(syllable)):
                letter.append(self.letter_number[syllable[at]])
                depth.append(at + 1)
                word.append(-1)
            word[-1] = self.syllables[syllable]
            path = syllable
        nodes = len(letter)
        skip = np.full(nodes, nodes, dtype=np.int32)
        open_nodes: list[int] = []
        for node in range(nodes):
            while open_nodes and depth[open_nodes[-1]] >= depth[node]:
                skip[open_nodes.pop()] = node
            open_nodes.append(node)
        return Trie(
            np.array(letter, dtype=np.int16),
            np.array(depth, dtype=np.int16),
            skip,
            np.array(word, dtype=np.int32),
        )
