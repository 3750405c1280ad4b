"""What stands at the start of a line: "I.", "1.", "1.1", "a)", "-", "+", "Điều 1.", "Chương II".

Reading a marker is one thing (here), believing it another (:mod:`pipeline.segment.blocks`): wrapped
lines imitate bullets and numbers, and OCR turns "III." into "111.".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.segment.fold import UPPER

Kind = Literal[
    "part", "chapter", "upper", "roman", "article", "arabic", "dotted", "letter", "dash", "plus"
]

# Points are lettered in the order of the Vietnamese alphabet, letters with marks left out save đ
# (Decree 30/2020/NĐ-CP, appendix I; practice of plans).
LETTERS = "abcdđeghiklmnopqrstuvxy"
# How deep a kind stands under the others, if nothing else is known.
RANK: dict[str, int] = {
    "part": 0,
    "chapter": 1,
    "upper": 2,
    "article": 3,
    "roman": 3,
    "arabic": 4,
    "dotted": 5,
    "subdotted": 6,
    "letter": 7,
    "dash": 8,
    "plus": 9,
}
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50}
# Capitals that OCR reads for strokes of roman numerals.
_STROKES = str.maketrans({"l": "I", "1": "I", "|": "I", "!": "I", "Ì": "I", "Í": "I", "Ị": "I"})


@dataclass(frozen=True, slots=True)
class Marker:
    """``raw`` as written, ``value`` as a number from 1 (0: bullets), ``end`` where text starts.

    For ``dotted`` the value is that of the last part and ``parents`` holds the parts before it.
    ``readings`` are the numbers that a damaged roman numeral may stand for.
    """

    kind: Kind
    raw: str
    value: int
    end: int
    parents: tuple[int, ...] = ()
    readings: tuple[int, ...] = ()


# A speck before the dash is not part of the text: ". - Đẩy mạnh công tác …".
_BULLET = re.compile(
    r"(?:[.,:'‘’`~]\s{0,2}(?=[-–+]\s))?([-–—~•·*▪●○◦\uf0b7\uf02d]|\+)\s*(?=[^\s\-–—+*])"
)
_ROMAN = re.compile(r"([IVXL1l|!HTÌÍỊ]{1,6})\s{0,2}[.,:)/\-–]\s*(?=[^\W\d_]|[\"“(])")
# "III." whose last stroke and stop were read as one letter: "IIL HÌNH THỨC".
_ROMAN_GLUED = re.compile(r"([IVX1l|]{1,4}L)\s+(?=[^\W\d_]{2})")
_ROMAN_BARE = re.compile(r"(?!1+\b)([IVX1l|]{1,5})\s+(?=[^\W\d_]{2})")
# What a point begins with: a word, a quotation, or a figure ("1. 100% hồ sơ", "2. 12 thôn").
_FIGURE = r"\d[\d.,]*\s?(?:%|[^\W\d_])"
_BEGINS = rf"(?=[^\W\d_]|[\"“(]|{_FIGURE})"
_ARABIC = re.compile(rf"(\d{{1,4}})\s{{0,2}}(?:[.)]\s*(?=[^\W\d_]|[\"“(])|[.)/]\s+{_BEGINS})")
# "1- Mục đích", as the Party's documents number; a span of numbers has no capital behind it.
_ARABIC_DASH = re.compile(rf"(\d{{1,2}})\s?[-–]\s+(?=[{UPPER}\"“])")
_DOTTED = re.compile(rf"(\d{{1,2}})((?:\s?\.\s?\d{{1,2}}){{1,3}})\s?[.)]?\s+{_BEGINS}")
_LETTER = re.compile(
    rf"([a-zđ])(?:\s?(?:([)])|([./]))\s*(?=\S)|\s?([-–])\s+(?=[{UPPER}\"“]|{_FIGURE}))"
)
_UPPER = re.compile(r"([A-ZĐ])\s?[.)]\s+(?=\S)")
_ARTICLE = re.compile(r"[ĐDPÐ][iI][êềeéÊỀE][uU]\s+(\d{1,3})\s?[.:,]\s*", re.IGNORECASE)
# A speck on the page that OCR took for a dash before an article's head.
_SPECK = re.compile(r"[-–—•·*\"“”'‘’.,]\s*(?=[ĐDPÐ]i[êềeé]u\s+\d{1,2}\.\s+[^\W\d_])")
_PART = re.compile(
    r"(?:(ph[ầaà]n)\s+(?:th[ứuư]\s+)?|(ch[ưu][ơo]ng)\s+|(m[ụu]c)\s+)"
    r"(nh[ấaâ]t|hai|ba|t[ưu]|n[ăa]m|[IVXLivxl]{1,5}|\d{1,2})\s?(?:[.:\-–]\s*|$)",
    re.IGNORECASE,
)
_ORDINALS = {"nhat": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5}


def roman_value(text: str) -> int:
    """The value of a roman numeral from 1 to 89; 0 when it is none in the usual form."""
    total, previous = 0, 0
    for letter in reversed(text):
        digit = _ROMAN_DIGITS.get(letter)
        if digit is None:
            return 0
        total += digit if digit >= previous else -digit
        previous = max(previous, digit)
    return total if total > 0 and roman(total) == text else 0


def roman(value: int) -> str:
    """A number from 1 to 89 as a roman numeral; "" for others."""
    if not 0 < value < 90:
        return ""
    pairs = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    result = ""
    for number, letters in pairs:
        while value >= number:
            result += letters
            value -= number
    return result


def roman_readings(text: str) -> tuple[int, ...]:
    """The numbers that a roman numeral, perhaps damaged, may stand for.

    >>> roman_readings("111"), roman_readings("|"), roman_readings("H")
    ((3,), (1,), (2,))
    """
    found = []
    plain = text.translate(_STROKES)
    forms = (plain, plain.replace("H", "II"), plain.replace("T", "I"), plain.replace("L", "I"))
    # a stroke and the stop behind it may have been read as one L: "IL." is I. or II.
    for form in (*forms, plain.rstrip("L")):
        value = roman_value(form)
        if value and value not in found:
            found.append(value)
    return tuple(found)


def letter_value(letter: str) -> int:
    """The place of a point's letter in the order of points, from 1; 0 for f, j, w, z."""
    return LETTERS.find(letter) + 1


def read_marker(text: str, *, caps: bool) -> Marker | None:
    """The marker at the start of a line, or None. ``caps``: the line is written in capitals."""
    if (match := _BULLET.match(text)) and not _SPECK.match(text):
        kind: Kind = "plus" if match.group(1) == "+" else "dash"
        return Marker(kind, match.group(1), 0, match.end())
    speck = _SPECK.match(text)
    if match := _ARTICLE.match(text, speck.end() if speck else 0):
        return Marker("article", match.group().strip(" .:,"), int(match.group(1)), match.end())
    return _part(text) or _number(text, caps) or _lettered(text)


def _part(text: str) -> Marker | None:
    match = _PART.match(text)
    if not match:
        return None
    word = match.group(4)
    # the ordinals are matched with and without marks
    folded = word.lower().translate(str.maketrans("ấâăưụ", "aaauu"))
    value = _ORDINALS.get(folded) or (int(word) if word.isdigit() else roman_value(word.upper()))
    if not value:
        return None
    kind: Kind = "part" if match.group(1) else "chapter"
    if match.group(3) and not word.isdigit() and not word.isupper():
        return None
    return Marker(kind, match.group().strip(" .:-–"), value, match.end())


def _number(text: str, caps: bool) -> Marker | None:
    if match := _DOTTED.match(text):
        parts = [int(part) for part in re.findall(r"\d+", match.group())]
        if parts[-1] and parts[0]:
            raw = ".".join(map(str, parts))
            return Marker("dotted", raw, parts[-1], match.end(), tuple(parts[:-1]))
    match = _ROMAN.match(text)
    if match and (not match.group(1).isdigit() or (caps and set(match.group(1)) == {"1"})):
        readings = roman_readings(match.group(1))
        clean = roman_value(match.group(1))
        if readings and (clean or caps):
            value = clean or readings[0]
            return Marker("roman", match.group(1), value, match.end(), (), readings)
    if caps and (glued := _ROMAN_GLUED.match(text)):
        readings = roman_readings(glued.group(1))
        if readings:
            return Marker("roman", glued.group(1), readings[0], glued.end(), (), readings)
    bare = _ROMAN_BARE.match(text) if caps else None
    if bare and (value := roman_value(bare.group(1).translate(_STROKES))):
        return Marker("roman", bare.group(1), value, bare.end(), (), (value,))
    if match := _ARABIC.match(text) or _ARABIC_DASH.match(text):
        return Marker("arabic", match.group().strip(), int(match.group(1)), match.end())
    return None


def _lettered(text: str) -> Marker | None:
    if match := _LETTER.match(text):
        value = letter_value(match.group(1))
        follows = text[match.end() : match.end() + 1]
        if value and (match.group(2) or match.group(4) or follows.isupper()):
            return Marker("letter", match.group().strip(), value, match.end())
    if match := _UPPER.match(text):
        value = letter_value(match.group(1).lower())
        if value:
            return Marker("upper", match.group().strip(), value, match.end())
    return None
