"""The language that a reading is held against: a trie of words over a recogniser's codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.engine import models
from pipeline.restore.tokens import UNKNOWN, mark_class, newer_tone_place

LETTER, DIGIT, SPACE, JOINING, OTHER = range(5)  # kinds of characters
_JOINING = frozenset(".,/-–:")  # what may stand inside a number
_NUMBER = "<d2>"  # the token that stands for any number
_NUMERALS = (
    "ii", "iii", "iv", "vii", "viii", "ix", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii",
    "xix", "xx",
)  # fmt: skip
_NEVER = -30.0


class Words(NamedTuple):
    """A trie of words in small letters, and what the language model calls the rest.

    By code: ``kind``, ``letter`` (-1: none; a capital has that of its small letter) and ``mark``
    (the model's number of a sign). By node, 0 the root: ``child`` [nodes, letters] (-1: no word
    goes on so), ``word`` (the model's number of the word that ends here, or -1), ``reach`` (the log
    probability of the likeliest word from here), ``depth`` (letters so far) and ``numeral``
    (whether it is a Roman numeral and no Vietnamese word). ``number`` and ``strange``: the model's
    numbers of a number and of a word that it does not know.
    """

    kind: NDArray[np.int8]
    letter: NDArray[np.int16]
    mark: NDArray[np.int32]
    child: NDArray[np.int16]
    word: NDArray[np.int32]
    reach: NDArray[np.float32]
    depth: NDArray[np.int16]
    numeral: NDArray[np.bool_]
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
    numerals = dict.fromkeys(_NUMERALS, vocabulary[_NUMBER]) if some else {}
    spellings = _spellings(vocabulary) if some else ()
    child, word, reach, depth = _trie(chain(spellings, numerals.items()), letters)
    other = vocabulary[mark_class("\ufffd")]
    return Words(
        kind=np.array([_kind(one) for one in characters], np.int8),
        letter=np.array([letters.get(one.lower(), -1) for one in characters], np.int16),
        mark=np.array([vocabulary.get(mark_class(one), other) for one in characters], np.int32),
        child=child,
        word=word,
        reach=reach,
        depth=depth,
        numeral=_at(numerals, child, letters),
        number=vocabulary[_NUMBER],
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
        if small.isalpha():
            yield small, number
            newer = newer_tone_place(small)
            if newer != small:
                yield newer, number


def _trie(
    spellings: Iterable[tuple[str, int]], letters: dict[str, int]
) -> tuple[NDArray[np.int16], NDArray[np.int32], NDArray[np.float32], NDArray[np.int16]]:
    """``child``, ``word``, ``reach`` and ``depth``; see :class:`Words`."""
    probability = models().model.unigram.tolist()
    behind: dict[tuple[int, int], int] = {}
    word, reach, depth = [-1], [_NEVER], [0]
    for spelling, number in spellings:
        if not letters.keys() >= set(spelling):
            continue
        node, likely = 0, probability[number]
        for one in spelling:
            edge = (node, letters[one])
            node = behind.setdefault(edge, len(word))
            if node == len(word):
                word.append(-1)
                reach.append(likely)
                depth.append(depth[edge[0]] + 1)
            elif likely > reach[node]:
                reach[node] = likely
        if word[node] < 0:
            word[node] = number
    child = np.full((len(word), len(letters)), -1, np.int16)
    if behind:
        edges = np.array(list(behind))
        child[edges[:, 0], edges[:, 1]] = list(behind.values())
    return (
        child,
        np.array(word, np.int32),
        np.array(reach, np.float32),
        np.array(depth, np.int16),
    )


def _at(
    spellings: Iterable[str], child: NDArray[np.int16], letters: dict[str, int]
) -> NDArray[np.bool_]:
    """By node, whether one of ``spellings`` ends there."""
    found = np.zeros(len(child), np.bool_)
    for spelling in spellings:
        node = 0
        for one in spelling:
            node = int(child[node, letters[one]]) if node >= 0 and one in letters else -1
        if node > 0:
            found[node] = True
    return found
