"""The language that a reading is held against: a trie of words over a recogniser's codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.engine import models
from pipeline.restore.protect import abbreviations
from pipeline.restore.syllables import is_syllable
from pipeline.restore.tokens import UNKNOWN, mark_class, newer_tone_place

LETTER, DIGIT, SPACE, JOINING, OTHER = range(5)  # kinds of characters
_JOINING = frozenset(".,/-–:")  # what may stand inside a number
_NUMBER = "<d2>"  # the token that stands for any number
_NUMERALS = (
    "ii", "iii", "iv", "vii", "viii", "ix", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii",
    "xix", "xx",
)  # fmt: skip
_NEVER, _SURE = -30.0, 0.0  # log probabilities


class Words(NamedTuple):
    """A trie of words in small letters, and what the language model calls the rest.

    By code: ``kind``, ``letter`` (-1: none; a capital has that of its small letter) and ``mark``
    (the model's number of a sign). By node, 0 the root: ``child`` [nodes, letters] (-1: no word
    goes on so), ``word`` (the model's number of the word that ends here, or -1; ``number`` for
    Roman numerals), ``reach`` (the log probability of the likeliest word from here) and ``depth``
    (letters so far). From the node ``symbols`` on stand the abbreviations of codes ("TTr-UBND"),
    ``number`` all. ``number`` and ``strange``: the model's numbers of a number and of a word that
    it does not know.
    """

    kind: NDArray[np.int8]
    letter: NDArray[np.int16]
    mark: NDArray[np.int32]
    child: NDArray[np.int32]
    word: NDArray[np.int32]
    reach: NDArray[np.float32]
    depth: NDArray[np.int16]
    symbols: int
    number: int
    strange: int


class Grams(NamedTuple):
    """The arrays of the n-gram model; see :class:`pipeline.restore.lm.LanguageModel`."""

    unigram: NDArray[np.float32]
    unigram_backoff: NDArray[np.float32]
    books: NDArray[np.float32]
    backoff_books: NDArray[np.float32]
    records: NDArray[np.uint8]
    blocks: NDArray[np.uint32]
    offsets: NDArray[np.uint8]


@cache
def grams() -> Grams:
    """The n-gram model of restoration. Raises ModelError."""
    model = models().model
    return Grams(*(getattr(model, name) for name in Grams._fields))


@cache
def words_of(characters: Sequence[str], *, some: bool = True) -> Words:
    """The words of the language model, over the codes of ``characters``; none unless ``some``.

    Raises ModelError.
    """
    vocabulary = models().lexicon.vocabulary
    letters: dict[str, int] = {}
    for one in characters:
        if len(one) == 1 and one.isalpha():
            letters.setdefault(one.lower(), len(letters))
    number = vocabulary[_NUMBER]
    trie = _Trie(letters)
    if some:
        for one in _NUMERALS:
            trie.add(one, number, _SURE)
        probability = models().model.unigram.tolist()
        for spelling, own in _spellings(vocabulary):
            trie.add(spelling, own, probability[own])
    symbols = trie.root()
    if some:
        for one in abbreviations():
            trie.add(one.lower(), number, _SURE, symbols)
    other = vocabulary[mark_class("\ufffd")]
    return Words(
        kind=np.array([_kind(one) for one in characters], np.int8),
        letter=np.array([letters.get(one.lower(), -1) for one in characters], np.int16),
        mark=np.array([vocabulary.get(mark_class(one), other) for one in characters], np.int32),
        child=trie.child(),
        word=np.array(trie.word, np.int32),
        reach=np.array(trie.reach, np.float32),
        depth=np.array(trie.depth, np.int16),
        symbols=symbols,
        number=number,
        strange=vocabulary[UNKNOWN],
    )


def _kind(character: str) -> int:
    if character == " ":
        return SPACE
    if len(character) == 1 and character.isalpha():
        return LETTER
    if character.isdigit():
        return DIGIT
    return JOINING if character in _JOINING else OTHER


def _spellings(vocabulary: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Words in small letters, those with two places for the tone in both, and their numbers."""
    for word, number in vocabulary.items():
        small = word.lower()
        if small.isalpha() and (len(small) > 1 or is_syllable(small)):
            yield small, number
            newer = newer_tone_place(small)
            if newer != small:
                yield newer, number


class _Trie:
    """Words by their letters; the lists are by node, see :class:`Words`."""

    def __init__(self, letters: dict[str, int]) -> None:
        self._letters = letters
        self._behind: dict[tuple[int, int], int] = {}
        self.word: list[int] = []
        self.reach: list[float] = []
        self.depth: list[int] = []
        self.root()

    def root(self) -> int:
        """A node without letters before it."""
        self.word.append(-1)
        self.reach.append(_NEVER)
        self.depth.append(0)
        return len(self.word) - 1

    def add(self, spelling: str, number: int, likely: float, root: int = 0) -> None:
        """Add a word; nothing where a letter of it is unknown, the number of the first stays."""
        if not self._letters.keys() >= set(spelling):
            return
        node = root
        for one in spelling:
            edge = (node, self._letters[one])
            node = self._behind.setdefault(edge, len(self.word))
            if node == len(self.word):
                self.word.append(-1)
                self.reach.append(likely)
                self.depth.append(self.depth[edge[0]] + 1)
            elif likely > self.reach[node]:
                self.reach[node] = likely
        if self.word[node] < 0:
            self.word[node] = number

    def child(self) -> NDArray[np.int32]:
        table = np.full((len(self.word), max(1, len(self._letters))), -1, np.int32)
        if self._behind:
            edges = np.array(list(self._behind))
            table[edges[:, 0], edges[:, 1]] = list(self._behind.values())
        return table
