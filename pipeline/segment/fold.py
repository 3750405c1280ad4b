"""Folding of text for matching: without case and diacritics, and without what OCR confuses.

Every function here keeps the length of NFC text, so that offsets found in folded text hold in the
text itself.
"""

from __future__ import annotations

import unicodedata


def _letters() -> dict[int, str]:
    table = {}
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base.lower()
    table |= {ord("đ"): "d", ord("Đ"): "d", ord("Ð"): "d", ord("ð"): "d"}
    table |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    # dashes, quotes and spaces that word processors put in place of the plain ones
    table |= dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
    table |= dict.fromkeys(map(ord, "“”„«»"), '"')
    table |= dict.fromkeys(map(ord, "‘’`´"), "'")
    table |= dict.fromkeys(map(ord, "\t\u00a0\u2007\u2009\u202f"), " ")
    return table


# Classes of letters for patterns: a range such as À-Ỹ would take in small letters too.
UPPER = "A-Z" + "".join(
    chr(code) for code in (*range(0x00C0, 0x01B1), *range(0x1EA0, 0x1EFA)) if chr(code).isupper()
)
LOWER = "a-z" + "".join(
    chr(code) for code in (*range(0x00DF, 0x01B1), *range(0x1EA0, 0x1EFA)) if chr(code).islower()
)
_FOLD = str.maketrans(_letters())

# What an English OCR makes of Vietnamese capitals and what fonts make of one another: Đ is read
# as P, D or b, Ợ as Q, I as l, 1 or |. Both sides of a comparison are folded the same way.
_CONFUSED = str.maketrans(
    {
        "p": "d",
        "b": "d",
        "q": "o",
        "0": "o",
        "6": "o",
        "9": "g",
        "1": "i",
        "l": "i",
        "|": "i",
        "!": "i",
        "5": "s",
        "$": "s",
        "§": "s",
        "8": "b",
        "€": "e",
        "¢": "e",
        "£": "e",
        "@": "a",
        "&": "e",
        "v": "y",
    }
)


def nfc(text: str) -> str:
    """The text in NFC; the same object when it is so already."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Lower case, no diacritics, plain dashes, quotes and spaces.

    >>> fold("Đối tượng – PHẠM VI")
    'doi tuong - pham vi'
    """
    return text.translate(_FOLD)


def fold_confusables(text: str) -> str:
    """Folded text in which letters and signs that OCR confuses are one.

    >>> fold_confusables("POI TUQNG") == fold_confusables("ĐỐI TƯỢNG")
    True
    """
    return fold(text).translate(_CONFUSED)


def is_caps(text: str, *, share: float = 0.75) -> bool:
    """Whether at least ``share`` of the letters are capitals (and there are three or more)."""
    capitals = sum(map(str.isupper, text))
    if capitals < 3 * share:
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 3 and capitals >= share * letters
