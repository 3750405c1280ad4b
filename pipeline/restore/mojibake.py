"""Mojibake: UTF-8 that was read as Windows-1252 (``hÃ nh``), also where bytes were lost."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from functools import cache

import ftfy

from pipeline.restore.syllables import has_marks, is_syllable, well_formed

# ftfy repairs the encoding only: no quotes, ligatures, widths, line breaks or escapes.
_FTFY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    fix_c1_controls=False,
    normalization=None,
)
_PIECE = 4_000  # characters given to ftfy at once
_EDGE = string.punctuation + string.whitespace + "“”‘’…–—"
_MOJIBAKE = re.compile(
    r"[ÃÄÆÅÂ√ƒ∆·][\x80-\xbf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122 º»°†±]|á[\xb8-\xbb]"
)
# The second byte of à is a no-break space, which often became a plain one: "hÃ nh", "lÃ  máy".
_LOST_A0 = re.compile(r"Ã (?:(?= |(?:i|o|u|y|m|n|ng|nh)\b)|(?P<gap>))")
# Bytes that Windows-1252 does not define are lost: 81 of ề, 9D of ờ, 8D of ọ, 8F of ỏ, 90 of Đ.
_LOST_BYTE = re.compile(r"(\w*)á»(?=[A-Za-z\s.,;:)]|$)(\w*)")
_LOST_LETTERS = "ềờọỏ"
_LOST_D = re.compile(r"\bÄ(?=[a-zà-ỹ])")


def is_mojibake(text: str) -> bool:
    """Whether some of it may be."""
    return _MOJIBAKE.search(text) is not None


def fix_mojibake(line: str) -> str:
    """UTF-8 that was read as Windows-1252 (``hÃ nh``), read again; only where it makes words."""
    if not is_mojibake(line):
        return line
    return "".join(_fix_piece(piece) for piece in _pieces(line))


def _pieces(line: str) -> Iterator[str]:
    """``line`` in pieces of bounded length, cut at spaces, since ftfy is not linear."""
    start = 0
    while len(line) - start > _PIECE:
        cut = line.rfind(" ", start + _PIECE // 2, start + _PIECE)
        cut = cut + 1 if cut > start else start + _PIECE
        yield line[start:cut]
        start = cut
    yield line[start:]


def _fix_piece(piece: str) -> str:
    mended = _LOST_A0.sub(lambda m: "Ã\xa0" if m["gap"] is None else "Ã\xa0 ", piece)
    fixed = ftfy.fix_encoding(mended, _FTFY)
    table, pattern = _utf8_letters()  # a line with lost bytes is too broken for ftfy
    fixed = pattern.sub(lambda m: table[m.group()], fixed)
    fixed = _LOST_BYTE.sub(_restore_lost_byte, _LOST_D.sub("Đ", fixed))
    return fixed if _syllables(fixed) > _syllables(piece) else piece


@cache
def _utf8_letters() -> tuple[dict[str, str], re.Pattern[str]]:
    """What the UTF-8 bytes of each Vietnamese letter look like in Windows-1252 and Latin-1."""
    table: dict[str, str] = {}
    for letter in sorted(set("".join(well_formed()))):
        for cased in (letter, letter.upper()):
            if not cased.isascii():
                seen = cased.encode().decode("latin-1")
                table[seen] = table["".join(map(as_windows_1252, seen))] = cased
    return table, re.compile("|".join(map(re.escape, sorted(table, key=len, reverse=True))))


def _restore_lost_byte(match: re.Match[str]) -> str:
    before, after = match.groups()
    words = (before + letter + after for letter in _LOST_LETTERS)
    return next((word for word in words if is_syllable(word)), match.group())


def _syllables(text: str) -> int:
    """How many words of ``text`` are marked Vietnamese syllables."""
    cores = (word.strip(_EDGE) for word in unicodedata.normalize("NFC", text).split())
    return sum(1 for core in cores if has_marks(core) and is_syllable(core))


def as_windows_1252(character: str) -> str:
    """What Windows-1252 shows for a C1 control character; any other stays."""
    if not 0x80 <= ord(character) < 0xA0:
        return character
    try:
        return bytes([ord(character)]).decode("cp1252")
    except UnicodeDecodeError:
        return character
