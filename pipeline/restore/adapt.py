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

from pipeline.compiled import compiled
from pipeline.restore.edits import KEY_BITS, PAIR, Edits, numbers_of
from pipeline.restore.hashtable import find_key

PRIOR_WEIGHT = 25.0
_SEEN_SHARE = 0.7  # of the count of an edit that is not listed: its alignment may be wrong
_UNLISTED_PAIR = np.float32(-9.0)
_UNLISTED_TRIPLE = np.float32(-11.0)
_NEVER = np.float32(-1e30)


@compiled
def _pair_value(first: Any, second: Any, begin: Any, end: Any, pairs: Any, values: Any) -> Any:
    """Log P of two letters among the pairs that are listed, or never."""
    for at in range(begin, end):
        if pairs[at, 0] == first and pairs[at, 1] == second:
            return values[at]
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
    longest = 1
    for word in range(words):
        longest = max(longest, begin[word + 1] - begin[word] + 1)
    observed = np.empty((longest, 4), dtype=np.int64)
    entries = np.full((longest, 4), -1, dtype=np.int64)
    listed = np.full((len(base), 4), _NEVER, dtype=np.float32)  # by letter: what stands at j
    found = np.empty((len(sources), 4), dtype=np.int64)
    count = 0
    for word in range(words):
        source = sources[source_begin[word] : source_begin[word + 1]]
        text = codes[begin[word] : begin[word + 1]]
        rows, columns = len(source) + 1, len(text) + 1
        best = np.full((rows, columns), _NEVER, dtype=np.float32)
        back = np.full((rows, columns, 2), -1, dtype=np.int32)
        best[0, 0] = 0.0
        for j in range(columns):
            most = min(3, columns - 1 - j)
            key = np.int64(0)
            for k in range(1, most + 1):
                key = key << 12 | np.int64(text[j + k - 1])
                observed[j, k] = key
                entry = find_key(key, keys, slots)
                entries[j, k] = entry
                if entry >= 0:
                    for at in range(single_begin[entry], single_begin[entry + 1]):
                        listed[single_letter[at], k] = single_value[at]
            for i in range(rows):
                here = best[i, j]
                if here <= _NEVER:
                    continue
                if most > 0 and here + stray_of[text[j]] > best[i, j + 1]:
                    best[i, j + 1] = here + stray_of[text[j]]
                    back[i, j + 1, 0], back[i, j + 1, 1] = i, j
                for taken in (1, 2):
                    if i + taken >= rows:
                        continue
                    for k in range(most + 1):
                        value = _NEVER
                        if taken == 2:
                            entry = entries[j, k] if k > 0 else -1
                            if entry >= 0:
                                value = _pair_value(
                                    source[i], source[i + 1], group_begin[entry],
                                    group_begin[entry + 1], group_pair, group_value,
                                )  # fmt: skip
                        elif k == 0:
                            value = base[source[i]]
                        else:
                            value = listed[source[i], k]
                            if value <= _NEVER:
                                if k == 1:
                                    value = floors[0]
                                elif marked[source[i]]:
                                    value = _UNLISTED_PAIR if k == 2 else _UNLISTED_TRIPLE
                        if value > _NEVER and here + value > best[i + taken, j + k]:
                            best[i + taken, j + k] = here + value
                            back[i + taken, j + k, 0], back[i + taken, j + k, 1] = i, j
            for k in range(1, most + 1):
                entry = entries[j, k]
                if entry >= 0:
                    for at in range(single_begin[entry], single_begin[entry + 1]):
                        listed[single_letter[at], k] = _NEVER
        i, j = rows - 1, columns - 1
        while i > 0 and back[i, j, 0] >= 0:
            a, b = back[i, j, 0], back[i, j, 1]
            if i > a:
                found[count, 0] = word
                found[count, 1] = source[a]
                found[count, 2] = source[a + 1] if i == a + 2 else -1
                found[count, 3] = observed[b, j - b] if j > b else 0
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
