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
    spellings: list[tuple[str, int]] = []
    codes: list[tuple[str, int]] = []
    if some:
        spellings = [*((one, number) for one in _NUMERALS), *_spellings(vocabulary)]
        codes = [(one.lower(), number) for one in abbreviations()]
    own = np.array([word for _, word in spellings], np.int32)
    likely = models().model.unigram[own]
    likely[own == number] = _SURE
    words = _trie([spelling for spelling, _ in spellings], own, likely, letters)
    of_codes = _trie(
        [spelling for spelling, _ in codes],
        np.full(len(codes), number, np.int32),
        np.full(len(codes), _SURE, np.float32),
        letters,
    )
    symbols = len(words.word)
    below = np.where(of_codes.child < 0, -1, of_codes.child + symbols)
    other = vocabulary[mark_class("\ufffd")]
    return Words(
        kind=np.array([_kind(one) for one in characters], np.int8),
        letter=np.array([letters.get(one.lower(), -1) for one in characters], np.int16),
        mark=np.array([vocabulary.get(mark_class(one), other) for one in characters], np.int32),
        child=np.concatenate([words.child, below]).astype(np.int32),
        word=np.concatenate([words.word, of_codes.word]),
        reach=np.concatenate([words.reach, of_codes.reach]),
        depth=np.concatenate([words.depth, of_codes.depth]),
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


class _Trie(NamedTuple):
    """The arrays of a trie by node; see :class:`Words`."""

    child: NDArray[np.int32]
    word: NDArray[np.int32]
    reach: NDArray[np.float32]
    depth: NDArray[np.int16]


def _trie(
    spellings: Sequence[str],
    numbers: NDArray[np.int32],
    likely: NDArray[np.float32],
    letters: dict[str, int],
) -> _Trie:
    """A trie of words, built a letter at a time for all of them.

    Those with an unknown letter are left out; of several with one spelling the first counts.
    """
    width = max(1, len(letters))
    longest = max(map(len, spellings), default=1)
    points = np.array(spellings, f"U{longest}").view(np.uint32).reshape(-1, longest)
    code = np.full(max(map(ord, letters), default=0) + 2, -1, np.int64)  # by code point
    code[list(map(ord, letters))] = list(letters.values())
    spelt = code[np.minimum(points, len(code) - 1)]
    known = ((spelt >= 0) | (points == 0)).all(axis=1)
    spelt, numbers, likely = spelt[known], numbers[known], likely[known]
    at = np.zeros(len(spelt), np.int64)  # the node that each word has come to
    children, reaches, depths, nodes = [], [np.full(1, _NEVER)], [0], 1
    for place in range(spelt.shape[1]):
        more = spelt[:, place] >= 0
        edges, of = np.unique(at[more] * width + spelt[more, place], return_inverse=True)
        at[more] = nodes + of
        reach = np.full(len(edges), -np.inf)
        np.maximum.at(reach, of, likely[more])
        children.append(edges)
        reaches.append(reach)
        depths += [place + 1] * len(edges)
        nodes += len(edges)
    child = np.full((nodes, width), -1, np.int32)
    if children:
        child.reshape(-1)[np.concatenate(children)] = np.arange(1, nodes)
    word = np.full(nodes, -1, np.int32)
    word[at[::-1]] = numbers[::-1]  # of equal places the last that is written stays
    return _Trie(
        child, word, np.concatenate(reaches).astype(np.float32), np.array(depths, np.int16)
    )
