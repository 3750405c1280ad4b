"""Text set in the fonts of before Unicode (.VnTime, VNI-Times): each font is its own charset.

Such a font draws "ậ" at the code of "Ë". What the text layer of a PDF gives is the code; the font's
name tells the letter. Some programs write such fonts with a right ToUnicode map: what reads as
Vietnamese already stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pipeline.extract.tokens import Token
from pipeline.restore.charsets import charset_of_font, charsets
from pipeline.restore.syllables import is_syllable

_EDGE = ".,;:()\"'“”/-…"


def mend_fonts(tokens: Iterable[Token]) -> int:
    """Give the tokens of legacy fonts their letters, in place; gives how many words changed."""
    words = list(tokens)
    changed = 0
    for name in {token.font for token in words}:
        charset_name = charset_of_font(name)
        if charset_name is None:
            continue
        charset = charsets()[charset_name]
        shouts = bool(name and charset.capitals and charset.capitals.search(name))
        own = [token for token in words if token.font == name]
        after: list[str] = []
        for _, line in groupby(own, key=lambda token: round(token.middle)):
            codes = " ".join(token.text for token in line)
            after.extend(charset.convert(codes, opens=not after).split(" "))
        if _syllables(after) <= _syllables(token.text for token in own):
            continue
        for token, text in zip(own, after, strict=True):
            changed += token.text != text
            token.text = text.upper() if shouts else text
    return changed


def _syllables(words: Iterable[str]) -> int:
    return sum(is_syllable(word.strip(_EDGE)) for word in words)
