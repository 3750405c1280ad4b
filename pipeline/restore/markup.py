"""Markdown in the text: rows of tables and headings, whose bars and number signs are no letters."""

from __future__ import annotations

import re

_ROW = r"\s*\|.*\|\s*$"
_MARKUP = re.compile(rf"{_ROW}|\s*#{{1,6}}(?:\s|$)")
_SIGNS = str.maketrans("|#", "  ")
_RULE = re.compile(r"[\s|:\-]+")


def is_markup(line: str) -> bool:
    """Whether bars and number signs of this line are markup."""
    return bool(_MARKUP.match(line))


def without_markup(line: str) -> str:
    """The line as prose, without bars and number signs; nothing is left of the rule of a table.

    >>> without_markup("| 1 | Họp báo |")
    '1 Họp báo'
    """
    if not is_markup(line):
        return line
    return "" if _RULE.fullmatch(line) else " ".join(line.translate(_SIGNS).split())
