"""Text that a spreadsheet would run as a formula. (OWASP, "CSV Injection")."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def unspreadsheet(value: object) -> object:
    """``value``, with an apostrophe in front where a spreadsheet would run it as a formula.

    >>> unspreadsheet("=1+1"), unspreadsheet("45/QĐ-UBND"), unspreadsheet(-3)
    ("'=1+1", '45/QĐ-UBND', -3)
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
