"""Words of persons' names: a repaired name is brought to words that names are made of."""

from __future__ import annotations

from functools import lru_cache

from pipeline.segment.fold import fold
from pipeline.segment.tables import table


@lru_cache(maxsize=1)
def name_words() -> dict[str, tuple[str, ...]]:
    """The words of names by their letters without marks."""
    found: dict[str, tuple[str, ...]] = {}
    listed = table("names")
    for word in dict.fromkeys((*listed["surnames"], *listed["words"])):
        found[fold(word)] = (*found.get(fold(word), ()), word)
    return found


@lru_cache(maxsize=1)
def surnames() -> frozenset[str]:
    """Surnames, folded."""
    return frozenset(fold(word) for word in table("names")["surnames"])


def as_name(text: str) -> str:
    """A repaired name with words that no name has replaced by the one name of the same letters.

    The restorer knows words by how often they occur, and there "nhưng" is commoner than "Nhung".

    >>> as_name("Phạm Thị Phương Nhưng"), as_name("Lê Văn Tuan")
    ('Phạm Thị Phương Nhung', 'Lê Văn Tuan')
    """
    return " ".join(map(_as_name_word, text.split()))


def _as_name_word(word: str) -> str:
    known = name_words().get(fold(word), ())
    title = word.capitalize()
    if len(known) != 1 or title in known:
        return word
    return known[0].upper() if word.isupper() else known[0]
