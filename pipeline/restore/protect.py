"""What is never repaired into words: numbers, dates, codes, addresses, acronyms, names of products.

Inside the code of a document the letter Đ may be repaired (``393/QD-UBND`` → ``393/QĐ-UBND``):
the abbreviations of document types and bodies are a closed list (decree 30/2020/NĐ-CP, annex III).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from pipeline.restore.syllables import is_syllable


@cache
def _table() -> dict[str, dict[str, object]]:
    data = resources.files("pipeline") / "data" / "restore_protected.toml"
    return tomllib.loads(data.read_text(encoding="utf-8"))


@cache
def abbreviations() -> tuple[str, ...]:
    """Abbreviations of bodies, documents and fields, as they are written."""
    return tuple(str(form) for form in _list(_table()["abbreviations"]["forms"]))


@cache
def known_forms() -> frozenset[str]:
    """Abbreviations and names that stay as they are written."""
    table = _table()
    names = [str(name) for name in _list(table["names"]["forms"])]
    small = [name.lower() for name in names]  # "AI" is a name, "ai" a word
    return frozenset([*abbreviations(), *names, *(name for name in small if not is_syllable(name))])


@cache
def acronyms_with_d() -> dict[str, str]:
    """Acronyms that lost the stroke of their Đ."""
    return {
        read: str(written) for read, written in _table()["acronyms"].items() if read != "source"
    }


@cache
def types_with_d() -> dict[str, dict[str, str]]:
    """By type of document: its abbreviations, without the stroke of their Đ and as written."""
    return {
        name: {str(form).replace("Đ", "D"): str(form) for form in _list(forms)}
        for name, forms in _table()["types"].items()
        if name != "source"
    }


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+|[A-Za-z][\w-]*(?:\.[\w-]+)*\.(?:vn|com|net|org|edu|gov|info)(?:/\S*)?"
_CODE = r"(?:\d[\w.]*|[A-ZĐƯƠÔ]{1,8})(?:[/\-–][A-ZĐƯƠÔÂ\d][\wĐđ.]*)+"
_BLANK = r"/[A-ZĐ][A-Za-zĐ]{1,4}-[A-ZĐƯÔ]{2,8}"  # a code whose number is left blank
_NUMBER = r"[+-]?\d+(?:[.,:/\-–]\d+)*(?:%|[./]?)"
_QUANTITY = r"\d+(?:[.,]\d+)*(?:km|ha|m2|m²|m|kg|cm|mm|h|tr|đ|%|ml|g|t)"
_SLASHED = r"[A-Za-zĐđ]/[A-Za-zĐđ]{0,2}"  # V/v, Đ/c, b/c, and "V/", whose v an OCR lost
PROTECTED = re.compile(rf"(?:{_ADDRESS}|{_CODE}|{_BLANK}|{_NUMBER}|{_SLASHED})")
QUANTITY = re.compile(_QUANTITY)
# A number of which an OCR read figures as letters: "l,5", "L.200.000", "l5%".
_STROKES = str.maketrans({"l": "1", "L": "1", "|": "1", "O": "0", "o": "0"})
_ANY = r"[\dlL|Oo]"
_GROUP = rf"(?:{_ANY}{{0,3}}\d{_ANY}{{0,3}}|[lL|Oo]|[Oo]{{3}})"
_MISREAD_NUMBER = re.compile(rf"(?=.*\d){_GROUP}(?:(?:[.,]{_GROUP})+%?|%)")

# Abbreviations of document types and issuing bodies (decree 30/2020/NĐ-CP, annex III) that hold Đ.
_WITH_D = [
    "QĐ",
    "NĐ",
    "HĐND",
    "QĐND",
    "LĐTBXH",
    "BLĐTBXH",
    "BGDĐT",
    "SGDĐT",
    "GDĐT",
    "TLĐ",
    "BCĐ",
    "ĐU",
    "ĐKTN",
    "TTLĐ",
    "UBĐT",
    "BQLĐ",
    "TĐC",
]
_REPAIRED = {part.replace("Đ", "D"): part for part in _WITH_D}
# An OCR without Đ also reads it as P, B or 0.
_MISREAD = {
    part.replace("Đ", read): part for part in ("QĐ", "NĐ", "HĐND") for read in ("P", "B", "Ð", "0")
} | {"UBNP": "UBND", "UBNĐ": "UBND"}
_PART = re.compile(r"[A-ZĐƯÔÐ0]+")


def figures_of(text: str) -> str:
    """The number that a misread one is: letters among its figures are what they look like.

    >>> figures_of("l,5"), figures_of("L.200.000"), figures_of("l5%"), figures_of("I.2")
    ('1,5', '1.200.000', '15%', 'I.2')
    """
    return text.translate(_STROKES) if _MISREAD_NUMBER.fullmatch(text) else text


def as_figures(text: str) -> str | None:
    """A word as figures, where half of it are figures and the rest looks like some.

    >>> as_figures("I0"), as_figures("2O25"), as_figures("lo5"), as_figures("16p")
    ('10', '2025', None, None)
    """
    figures = text.translate(_STROKES).replace("I", "1")
    is_number = figures.isdigit() and figures != text and len(text) < 5
    return figures if is_number and 2 * sum(map(str.isdigit, text)) >= len(text) else None


def repair_code(code: str, *, misread: bool = False) -> str:
    """The code with Đ where the abbreviation is written with it; anything else stays.

    ``misread``: the code went through an OCR that knows no Đ.
    """
    numbered = any(char.isdigit() for char in code)
    if "/" not in code or not (numbered or code.startswith("/")):
        return code

    def repaired(match: re.Match[str]) -> str:
        part = match[0]
        if misread and part in _MISREAD:
            return _MISREAD[part]
        return _REPAIRED.get(part, part)

    return _PART.sub(repaired, code)
