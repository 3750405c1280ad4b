"""A channel re-estimated on the document that it reads.

One scanner, one font and one OCR made a document, so its misreadings repeat. After a first decoding
the words that came out surely are aligned with what was read, and the edits are counted; the
channel's own probabilities count as so many observations more (MAP estimation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.compiled import compiled
from pipeline.restore.edits import KEY_BITS, PAIR, Edits, numbers_of
from pipeline.restore.matching import find_key

PRIOR_WEIGHT = 25.0
_SEEN_SHARE = 0.7  # of the count of an edit that is not listed: its alignment may be wrong
_UNLISTED_PAIR = np.float32(-9.0)
_UNLISTED_TRIPLE = np.float32(-11.0)
_NEVER = np.float32(-1e30)


@compiled
def _value(
    first: Any, second: Any, key: Any, keys: Any, slots: Any, single_begin: Any, single_letter: Any,
    single_value: Any, group_begin: Any, group_pair: Any, group_value: Any,
) -> Any:  # fmt: skip
    """Log P of a listed edit, or never."""
    entry = find_key(key, keys, slots)
    if entry < 0:
        return _NEVER
    if second < 0:
        for at in range(single_begin[entry], single_begin[entry + 1]):
            if single_letter[at] == first:
                return single_value[at]
    else:
        for at in range(group_begin[entry], group_begin[entry + 1]):
            if group_pair[at, 0] == first and group_pair[at, 1] == second:
                return group_value[at]
    return _NEVER


@compiled
def align_all(
    sources: Any, source_begin: Any, codes: Any, begin: Any, base: Any, marked: Any, floors: Any,
    stray_of: Any, keys: Any, slots: Any, single_begin: Any, single_letter: Any, single_value: Any,
    group_begin: Any, group_pair: Any, group_value: Any,
) -> Any:  # fmt: skip
    """The most probable edits of many words: rows [word, first letter, second or -1, key].

    Word i is ``sources[source_begin[i] : source_begin[i + 1]]`` (letters), read as ``codes[begin[i]
    : begin[i + 1]]``. Stray characters are left out, and words that no edits lead to.
    """
    words = len(begin) - 1
    found = np.empty((len(sources), 4), dtype=np.int64)
    count = 0
    for word in range(words):
        source = sources[source_begin[word] : source_begin[word + 1]]
        text = codes[begin[word] : begin[word + 1]]
        rows, columns = len(source) + 1, len(text) + 1
        best = np.full((rows, columns), _NEVER, dtype=np.float32)
        back = np.full((rows, columns, 2), -1, dtype=np.int32)
        best[0, 0] = 0.0
        for i in range(rows):
            for j in range(columns):
                here = best[i, j]
                if here <= _NEVER:
                    continue
                if j + 1 < columns and here + stray_of[text[j]] > best[i, j + 1]:
                    best[i, j + 1] = here + stray_of[text[j]]
                    back[i, j + 1, 0], back[i, j + 1, 1] = i, j
                for taken in (1, 2):
                    if i + taken >= rows:
                        continue
                    second = source[i + 1] if taken == 2 else -1
                    key = np.int64(0)
                    for k in range(min(3, columns - 1 - j) + 1):
                        if k > 0:
                            key = key << 12 | np.int64(text[j + k - 1])
                        if k == 0:
                            value = base[source[i]] if taken == 1 else _NEVER
                        else:
                            value = _value(
                                source[i], second, key, keys, slots, single_begin, single_letter,
                                single_value, group_begin, group_pair, group_value,
                            )  # fmt: skip
                            if value <= _NEVER and taken == 1:
                                if k == 1:
                                    value = floors[0]
                                elif marked[source[i]]:
                                    value = _UNLISTED_PAIR if k == 2 else _UNLISTED_TRIPLE
                        if value > _NEVER and here + value > best[i + taken, j + k]:
                            best[i + taken, j + k] = here + value
                            back[i + taken, j + k, 0], back[i + taken, j + k, 1] = i, j
        i, j = rows - 1, columns - 1
        while i > 0 and back[i, j, 0] >= 0:
            a, b = back[i, j, 0], back[i, j, 1]
            if i > a:
                key = np.int64(0)
                for at in range(b, j):
                    key = key << 12 | np.int64(text[at])
                found[count, 0] = word
                found[count, 1] = source[a]
                found[count, 2] = source[a + 1] if i == a + 2 else -1
                found[count, 3] = key
                count += 1
            i, j = a, b
    return found[:count].copy()


def adapted(
    edits: Edits, arranged: tuple[NDArray[Any], ...], pairs: Mapping[tuple[str, str], int]
) -> Edits:
    """``edits`` after seeing ``pairs``: (true word, what was read) → how often.

    ``arranged``: what :meth:`Edits.arranged` gives.
    """
    letters = edits.letters
    usable = [pair for pair in pairs if letters.knows(pair[0])]
    if not usable:
        return edits
    sources, observed = ["".join(part) for part in zip(*usable, strict=True)]
    found = align_all(
        np.array(list(map(letters.number.__getitem__, sources)), dtype=np.int32),
        _offsets([len(source) for source, _ in usable]),
        np.array(letters.codes(observed, new=True), dtype=np.int32),
        _offsets([len(text) for _, text in usable]),
        *arranged,
    )
    times = np.array([pairs[pair] for pair in usable], dtype=np.float64)[found[:, 0]]
    source = numbers_of(found[:, 1], found[:, 2])
    totals = np.bincount(source, weights=times, minlength=(letters.size + 2) * PAIR)
    seen, first, place = np.unique(
        source << KEY_BITS | found[:, 3], return_index=True, return_inverse=True
    )
    counts = np.bincount(place, weights=times)
    listed = edits.numbers
    at = np.minimum(np.searchsorted(seen, listed), len(seen) - 1)
    count = np.where(seen[at] == listed, counts[at], 0.0)
    total = totals[listed >> KEY_BITS]
    changed = total > 0
    prior = PRIOR_WEIGHT * edits.probabilities[changed]
    value = edits.value.copy()
    value[changed] = np.log((prior + count[changed]) / (PRIOR_WEIGHT + total[changed]))
    new = np.ones(len(seen), dtype=np.bool_)
    new[at[seen[at] == listed]] = False
    rows = found[first[new]]
    fresh = np.log(_SEEN_SHARE * counts[new] / (PRIOR_WEIGHT + totals[source[first[new]]]))
    return replace(
        edits,
        first=np.concatenate([edits.first, rows[:, 1].astype(np.int32)]),
        second=np.concatenate([edits.second, rows[:, 2].astype(np.int32)]),
        key=np.concatenate([edits.key, rows[:, 3]]),
        value=np.concatenate([value, fresh]).astype(np.float32),
    )


def _offsets(sizes: list[int]) -> NDArray[np.int32]:
    offsets = np.zeros(len(sizes) + 1, dtype=np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return offsets
