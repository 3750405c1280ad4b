"""The order in which units are listed: the Vietnamese alphabet, then the file's path.

No locale or ICU library is needed: Vietnamese sorts by letter (a ă â b c d đ e ê …), then by tone
(level, grave, hook, tilde, acute, dot below), as dictionaries do. [TCVN 6909 letters; tone order of
the Institute of Linguistics' dictionary]
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.normalize.record import PlanRecord

_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: rank for rank, letter in enumerate(_LETTERS)}
_DIGITS = re.compile(r"(\d+)")

Key = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]


@lru_cache(maxsize=65_536)
def vietnamese(text: str) -> Key:
    """A sort key: letters first, tones second; runs of digits count as numbers.

    >>> sorted(["Đông", "Dương", "An", "Ân", "Ăn", "xã 10", "xã 9"], key=vietnamese)
    ['An', 'Ăn', 'Ân', 'Dương', 'Đông', 'xã 9', 'xã 10']
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for part in _DIGITS.split(unicodedata.normalize("NFC", text).casefold()):
        if part.isdecimal():
            letters.append((1, int(part)))
            tones.append(0)
            continue
        for character in part:
            marks = unicodedata.normalize("NFD", character)
            tone = next((_TONES[m] for m in marks if m in _TONES), 0)
            letter = unicodedata.normalize("NFC", "".join(m for m in marks if m not in _TONES))
            rank = _RANK.get(letter)
            letters.append((2, rank) if rank is not None else (0, ord(letter[:1] or character)))
            tones.append(tone)
    return tuple(letters), tuple(tones)


def sort_text(key: Key) -> str:
    """The key as text that sorts so code point by code point, in any database.

    >>> sort_text(vietnamese("An")) < sort_text(vietnamese("Ăn")) < sort_text(vietnamese("Ấn"))
    True
    """
    letters, tones = key
    said = "".join(_sign(kind, value) for kind, value in letters)
    return f"{said} {''.join(map(str, tones))}"


def _sign(kind: int, value: int) -> str:
    """A part of a key: other characters before numbers, numbers before letters."""
    if kind == 2:
        return chr(ord("A") + value)
    if kind == 1:
        digits = str(value)
        return chr(ord("0") + min(len(digits), 15)) + digits
    return f"!{value:06x}"


def record_key(record: PlanRecord) -> tuple[bool, Key, Key, Key, int, str, str]:
    """Plans before other documents; then province, parents, unit, year, path, content.

    The order is the same whatever order the files came in.
    """
    unit = record.unit
    parents = " ".join(reversed([p for p in unit.parents if p != unit.province]))
    name = unit.name or "\uffff"  # plans of unknown units stand last
    place = name.split(" ", 1)[-1] if unit.type else name
    return (
        record.form == "other",
        vietnamese(unit.province or "\uffff"),
        vietnamese(parents),
        vietnamese(place),
        record.year or 0,
        record.source.path,
        record.source.sha256,
    )
