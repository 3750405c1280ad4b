"""Words that their neighbours do not expect, while another marking of the same letters fits.

``khí quyến`` for ``khí quyển``, ``xa hội`` for ``xã hội``: misreadings that are syllables, which
their shapes do not give away; and single words without marks (``tối thieu``). A word is surprising
when a sibling (same letters, other marks) is more probable by ``MARGIN`` nats between the two
neighbours, by the bigrams of the language model. Clean administrative text has one in some 20,000
words, light Vietnamese OCR one in 100.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled import compiled
from pipeline.restore.engine import models
from pipeline.restore.lm import LanguageModel, extend, find
from pipeline.restore.syllables import strip_marks
from pipeline.restore.tokens import UNKNOWN, older_tone_place

MARGIN = 6.0
_UNKNOWN_SPELLING = 8.0  # nats that an unknown word has to spell itself
_EDGE = re.compile(r"^\W+|\W+$")
_NOTHING = -1
_CACHED = 65_536


@compiled
def _pair(
    before: Any, word: Any, unigram: Any, unigram_backoff: Any, records: Any, blocks: Any,
    offsets: Any, book: Any,
) -> Any:  # fmt: skip
    """Log P(word | before)."""
    payload = find(extend(extend(np.uint64(0), word), before), records, blocks, offsets)
    if payload >= 0:
        return book[payload & 127]
    return unigram_backoff[before] + unigram[word]


@compiled
def _margins(
    words: Any, groups: Any, siblings: Any, first: Any, unknown: Any, unigram: Any,
    unigram_backoff: Any, records: Any, blocks: Any, offsets: Any, book: Any, margins: Any,
) -> Any:  # fmt: skip
    """How many nats the best sibling of each word is ahead of it, to ``margins``."""
    for i in range(1, len(words) - 1):
        before, word, after, group = words[i - 1], words[i], words[i + 1], groups[i]
        if before < 0 or group < 0 or after < 0:
            continue
        best, own = -1e9, 0.0
        for k in range(first[group] - 1, first[group + 1]):
            reading = word if k < first[group] else siblings[k]
            if k >= first[group] and reading == word:
                continue
            score = _pair(
                before, reading, unigram, unigram_backoff, records, blocks, offsets, book
            ) + _pair(reading, after, unigram, unigram_backoff, records, blocks, offsets, book)
            if k < first[group]:
                own = score - _UNKNOWN_SPELLING if word == unknown else score
            elif score > best:
                best = score
        margins[i] = best - own
    return 0


@cache
def _siblings() -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int64]]:
    """Groups of syllables that share their letters: ``siblings[first[g] : first[g + 1]]``.

    Also gives the number of each group by its letters without marks.
    """
    by_stripped = models().lexicon.by_stripped
    first = np.zeros(len(by_stripped) + 1, dtype=np.int64)
    first[1:] = np.cumsum([len(words) for words in by_stripped.values()])
    siblings = np.array([n for words in by_stripped.values() for n in words], dtype=np.int64)
    return {key: number for number, key in enumerate(by_stripped)}, siblings, first


_numbers: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}


def _number(token: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Word and group of a token; a break follows where punctuation stands."""
    core = _EDGE.sub("", token)
    lower = core.lower()
    lexicon = models().lexicon
    word = lexicon.syllables.get(older_tone_place(lower), _NOTHING)
    group = _siblings()[0].get(strip_marks(lower), _NOTHING)
    if word == _NOTHING and group != _NOTHING:
        if core == lower and lower.isascii():
            # lost its marks, or foreign: the neighbours tell
            word = lexicon.vocabulary.get(core, lexicon.vocabulary[UNKNOWN])
        else:
            group = _NOTHING
    found: tuple[tuple[int, ...], tuple[int, ...]] = (word,), (group,)
    if not token[-1:].isalnum():
        found = (word, _NOTHING), (group, _NOTHING)
    if len(_numbers) < _CACHED:
        _numbers[token] = found
    return found


def count_surprises(lines: Sequence[str]) -> list[int]:
    """How many surprising words stand in each line; contexts run on over line ends.

    A word counts where it first surprises only: authors repeat their own mistakes.
    """
    words, groups = [_NOTHING], [_NOTHING]
    ends = []
    for line in lines:
        for token in line.split():
            found = _numbers.get(token) or _number(token)
            words.extend(found[0])
            groups.extend(found[1])
        ends.append(len(words))
    margins = np.zeros(len(words))
    _, siblings, first = _siblings()
    model: LanguageModel = models().model
    _margins(
        np.array(words, dtype=np.int64), np.array(groups, dtype=np.int64), siblings, first,
        model.vocabulary[UNKNOWN], model.unigram, model.unigram_backoff, model.records,
        model.blocks, model.offsets, model.books[0], margins,
    )  # fmt: skip
    seen: set[int] = set()
    new = np.zeros(len(words), dtype=np.int64)
    for place in np.flatnonzero(margins > MARGIN).tolist():
        key = groups[place] * len(model.unigram) + words[place]
        new[place] = key not in seen
        seen.add(key)
    total = np.concatenate(([0], np.cumsum(new)))
    return [int(total[b] - total[a]) for a, b in zip([1, *ends], ends, strict=False)]
