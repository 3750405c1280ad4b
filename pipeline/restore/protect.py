"""What is never repaired into words: numbers, dates, codes, addresses, acronyms, names of products.

Inside the code of a document the letter Đ may be repaired (``393/QD-UBND`` → ``393/QĐ-UBND``):
the abbreviations of document types and bodies are a closed list (decree 30/2020/NĐ-CP, annex III).
"""

from __future__ import annotations

import re

_ADDRESS = r"[\w.+-]+@[\w.-]+\w|(?:https?://|www\.)\S+|[A-Za-z][\w-]*(?:\.[\w-]+)*\.(?:vn|com|net|org|edu|gov|info)(?:/\S*)?"
_CODE = r"(?:\d[\w.]*|[A-ZĐƯƠÔ]{1,8})(?:[/\-–][A-ZĐƯƠÔÂ\d][\wĐđ.]*)+"
_NUMBER = r"[+-]?\d+(?:[.,:/\-–]\d+)*(?:%|[./]?)"
_QUANTITY = r"\d+(?:[.,]\d+)*(?:km|ha|m2|m²|m|kg|cm|mm|h|tr|đ|%|ml|g|t)"
PROTECTED = re.compile(rf"(?:{_ADDRESS}|{_CODE}|{_NUMBER})")
QUANTITY = re.compile(_QUANTITY)
CODE = re.compile(_CODE)

# Abbreviations of document types and issuing bodies (decree 30/2020/NĐ-CP, annex III) that hold Đ.
_WITH_D = (
    "QĐ NĐ HĐND QĐND LĐTBXH BLĐTBXH BGDĐT SGDĐT GDĐT TLĐ BCĐ ĐU ĐKTN TTLĐ UBĐT BQLĐ TĐC"
).split()
_REPAIRED = {part.replace("Đ", "D"): part for part in _WITH_D}
# An OCR without Đ also reads it as P, B or 0.
_MISREAD = {
    part.replace("Đ", read): part for part in ("QĐ", "NĐ", "HĐND") for read in ("P", "B", "Ð", "0")
} | {"UBNP": "UBND", "UBNĐ": "UBND"}
_PART = re.compile(r"[A-ZĐƯÔÐ0]+")


def repair_code(code: str, *, misread: bool = False) -> str:
    """The code with Đ where the abbreviation is written with it; anything else stays.

    ``misread``: the code went through an OCR that knows no Đ.
    """
    if "/" not in code or not any(char.isdigit() for char in code):
        return code

    def repaired(match: re.Match[str]) -> str:
        part = match[0]
        if misread and part in _MISREAD:
            return _MISREAD[part]
        return _REPAIRED.get(part, part)

    return _PART.sub(repaired, code)
