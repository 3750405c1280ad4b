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

# Abbreviations that hold Đ, as OCR and stripping read them.
_DOCUMENT_PARTS = {
    "QD": "QĐ",
    "ND": "NĐ",
    "HDND": "HĐND",
    "HD": "HĐ",
    "CD": "CĐ",
    "QDND": "QĐND",
    "GDDT": "GDĐT",
    "GDĐT": "GDĐT",
    "LDTBXH": "LĐTBXH",
    "BLDTBXH": "BLĐTBXH",
    "BGDDT": "BGDĐT",
    "SGDDT": "SGDĐT",
    "TLD": "TLĐ",
    "LD": "LĐ",
    "DA": "ĐA",
    "PD": "PĐ",
    "QUD": "QĐ",
}
_PART = re.compile(r"[A-ZĐƯÔ]+")
# "HD" is hướng dẫn as well as hợp đồng, "CD" is rare: only these are repaired everywhere.
_SURE = frozenset(("QD", "ND", "HDND", "QDND", "LDTBXH", "BLDTBXH", "BGDDT", "SGDDT", "TLD"))


def repair_code(code: str) -> str:
    """The code with Đ where the abbreviation is written with it; anything else stays."""
    if not any(char.isdigit() for char in code):
        return code
    return _PART.sub(
        lambda match: _DOCUMENT_PARTS[match[0]] if match[0] in _SURE else match[0], code
    )
