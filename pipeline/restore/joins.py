"""Which neighbours may be one word, and where the space between two may have stood, compiled.

Letters are packed in base 27 (:func:`pipeline.restore.tokentable.packed`), so that joining two
words is arithmetic, and a look-up of what comes out is one in a hash table of numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled
from pipeline.restore.hashtable import find_key
from pipeline.restore.tokentable import LETTERS, LONGEST

_POWERS = np.array([LETTERS**k for k in range(LONGEST + 1)], dtype=np.int64)
_LONGEST_SYLLABLE = 7
_MOST_JOINED = 4  # tokens
_MOST_MOVED = 2  # letters
_WIDEST = 2  # spaces between tokens that may belong together


@compiled
def _near(end: Any, start: Any) -> Any:
    """Whether a space or two stand between two tokens."""
    return end < start <= end + _WIDEST


@compiled
def find_joins(
    first: Any,
    start: Any,
    end: Any,
    word: Any,
    size: Any,
    letters: Any,
    poor: Any,
    forms: Any,
    slots: Any,
) -> Any:
    """Runs of two to four words that may be one syllable: rows [first token, last token].

    ``first``: the first token of each line. The letters of the run are a stripped syllable (one of
    ``forms``, a hash table with ``slots``), or one of the words is ``poor`` (explained badly).
    """
    found = np.empty((3 * len(start), 2), dtype=np.int32)
    count = 0
    for line in range(len(first) - 1):
        for token in range(first[line], first[line + 1]):
            if not word[token]:
                continue
            total = size[token]
            whole = letters[token]
            reason = poor[token]
            for last in range(token + 1, min(token + _MOST_JOINED, first[line + 1])):
                if not word[last] or not _near(end[last - 1], start[last]):
                    break
                total += size[last]
                if total > _LONGEST_SYLLABLE:
                    break
                if whole >= 0 and letters[last] >= 0:
                    whole = whole * _POWERS[size[last]] + letters[last]
                else:
                    whole = -1
                reason = reason or poor[last]
                if reason or (whole >= 0 and find_key(whole, forms, slots) >= 0):
                    found[count, 0] = token
                    found[count, 1] = last
                    count += 1
    return found[:count].copy()


@compiled
def find_moves(
    first: Any,
    start: Any,
    end: Any,
    word: Any,
    size: Any,
    letters: Any,
    syllable: Any,
    forms: Any,
    slots: Any,
) -> Any:
    """Other places for the space between two words: rows [left token, letters before the space].

    Not between two that are syllables already; both sides must be stripped syllables then.
    """
    found = np.empty((2 * _MOST_MOVED * len(start), 2), dtype=np.int32)
    count = 0
    for line in range(len(first) - 1):
        for token in range(first[line], first[line + 1] - 1):
            after = token + 1
            if not word[token] or not word[after] or not _near(end[token], start[after]):
                continue
            total = size[token] + size[after]
            if (syllable[token] and syllable[after]) or total > LONGEST:
                continue
            if letters[token] < 0 or letters[after] < 0:
                continue
            whole = letters[token] * _POWERS[size[after]] + letters[after]
            begin = max(1, size[token] - _MOST_MOVED)
            for cut in range(begin, min(total, size[token] + _MOST_MOVED + 1)):
                power = _POWERS[total - cut]
                if (
                    cut != size[token]
                    and find_key(whole // power, forms, slots) >= 0
                    and find_key(whole % power, forms, slots) >= 0
                ):
                    found[count, 0] = token
                    found[count, 1] = cut
                    count += 1
    return found[:count].copy()
