"""The encoding of a text file.

Vietnamese text comes as UTF-8, UTF-16 (Notepad's "Unicode"), Windows-1258, or in one of the 8-bit
font encodings of the nineties (TCVN3, VNI), which are read byte for byte as Windows-1252 here and
are turned into letters by restoration.
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass

from charset_normalizer import from_bytes

from pipeline.restore.damage import quality

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(sorted(set(range(32)) - {9, 10, 11, 12, 13, 26, 27} | {127}))
_MAX_CONTROLS = 0.005  # share of control bytes above which a file is no text
_READABLE = 0.6  # quality from which a decoding is taken for Vietnamese text
_SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec name; ``sure`` is False when it is a guess a person should know of."""

    name: str
    sure: bool


def is_binary(data: bytes) -> bool:
    """Whether ``data`` is no text in any encoding that :func:`detect` knows."""
    if not data or any(data.startswith(bom) for bom, _ in _BOMS) or _is_utf16(data):
        return False
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _MAX_CONTROLS * len(data):
        return True
    return not _is_utf8(data) and _letters(data) < 0.6


def detect(data: bytes) -> Encoding:
    """The encoding of ``data``, the beginning of a text file (or all of it)."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return Encoding(name, sure=True)
    utf16 = _is_utf16(data)
    if utf16:
        return Encoding(utf16, sure=True)
    if _is_utf8(data):
        return Encoding("utf-8", sure=True)
    return _eight_bit(data[:_SAMPLE])


def _is_utf8(data: bytes) -> bool:
    """Whether ``data`` is UTF-8, a character cut off at its end allowed."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: the high bytes of Vietnamese letters are 0, 1, 3 or 0x1E."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return None
    for name, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        small = sum(high.count(value) for value in (0, 1, 3, 0x1E, 0x20))
        if small > 0.95 * len(high) and high.count(0) > 0.3 * len(high):
            return name
    return None


def _letters(data: bytes) -> float:
    """Share of ASCII letters, digits, blanks and common signs; random bytes have some 0.4."""
    plain = bytes(range(32, 127)) + b"\t\n\r\f"
    return 1 - len(data.translate(None, plain)) / len(data)


def _eight_bit(data: bytes) -> Encoding:
    """Windows-1258 when that gives Vietnamese, else what charset-normalizer makes of it."""
    if _reads_as(data, "cp1258") >= _READABLE:
        return Encoding("cp1258", sure=True)
    if _has_font_letters(data):
        return Encoding("cp1252", sure=False)
    best = from_bytes(data).best()
    return Encoding(best.encoding if best else "cp1252", sure=False)


def _reads_as(data: bytes, name: str) -> float:
    text = unicodedata.normalize("NFC", data.decode(name, errors="replace"))
    return quality(text)


def _has_font_letters(data: bytes) -> bool:
    """Whether upper bytes stand inside words as they do in TCVN3 and VNI: often, and beside a-z."""
    high = sum(byte >= 0x80 for byte in data)
    return 0.03 * len(data) < high < 0.5 * len(data)
