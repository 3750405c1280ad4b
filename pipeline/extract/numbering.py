"""Automatic numbers of Word paragraphs ("1.", "a)", "II.", "-") as the reader sees them.

ECMA-376 part 1, 17.9: a paragraph names a list (``numId``) and a level (``ilvl``), itself or by its
style; the list's levels tell start, format and text, and counters run through the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

_BULLETS = {"": "-", "\uf0b7": "-", "\uf02d": "-", "\uf0a7": "-", "\uf0d8": "-", "\uf0fc": "-",
            "\uf076": "-", "o": "-", "·": "-", "•": "-", "–": "-", "−": "-"}  # fmt: skip
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_MAX_LEVELS = 9


def roman(number: int) -> str:
    """``number`` in upper-case Roman numerals; "" for numbers below 1."""
    result = ""
    for value, letters in _ROMAN:
        while number >= value:
            result += letters
            number -= value
    return result


def letters(number: int) -> str:
    """``number`` as Word letters it: a … z, aa, bb; "" for numbers below 1."""
    if number < 1:
        return ""
    count, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (count + 1)


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": "{:02d}".format,
    "upperRoman": roman,
    "lowerRoman": lambda number: roman(number).lower(),
    "upperLetter": lambda number: letters(number).upper(),
    "lowerLetter": letters,
    "ordinal": str,
    "none": lambda number: "",
}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: ``text`` has %1 … %9 where the numbers of the levels go."""

    start: int
    format: str
    text: str
    restart: bool


@dataclass(frozen=True, slots=True)
class List:
    """The levels of one ``numId``; lists of one ``family`` share their counters."""

    family: str
    levels: dict[int, Level]
    overrides: dict[int, int]


class Numbering:
    """Counts the paragraphs of a document; ask it for each paragraph once, in order."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        """``numbering`` and ``styles`` are the root elements of those parts, or None."""
        self._lists = dict(_lists(numbering)) if numbering is not None else {}
        self._styles = dict(_style_lists(styles)) if styles is not None else {}
        self._counters: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()

    def label(self, paragraph: Any) -> str:
        """The number or bullet of a ``w:p`` element, "" when it has none."""
        found = self._place(paragraph)
        if found is None:
            return ""
        number, depth = found
        chosen = self._lists.get(number)
        level = chosen.levels.get(depth) if chosen else None
        if chosen is None or level is None:
            return ""
        if level.format == "bullet":
            return _BULLETS.get(level.text, "-" if level.text >= "\ue000" else level.text)
        counters = self._counters.setdefault(chosen.family, [None] * _MAX_LEVELS)
        self._step(number, chosen, depth, counters)
        return _fill(level.text, chosen, counters)

    def _step(self, number: str, chosen: List, depth: int, counters: list[int | None]) -> None:
        override = chosen.overrides.get(depth)
        if override is not None and (number, depth) not in self._started:
            counters[depth] = None
        else:
            override = None
        self._started.add((number, depth))
        start = override if override is not None else chosen.levels[depth].start
        before = counters[depth]
        counters[depth] = start if before is None else before + 1
        for deeper in range(depth + 1, _MAX_LEVELS):
            level = chosen.levels.get(deeper)
            if level is None or level.restart:
                counters[deeper] = None

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        properties = paragraph.find(qn("w:pPr"))
        own = properties.find(qn("w:numPr")) if properties is not None else None
        number, depth = _num_pr(own)
        if number is None and properties is not None:
            style = properties.find(qn("w:pStyle"))
            inherited = self._styles.get(_value(style) or "")
            if inherited:
                number = inherited[0]
                depth = depth if depth is not None else inherited[1]
        if number is None or number == "0":
            return None
        return number, min(depth or 0, _MAX_LEVELS - 1)


def _fill(text: str, chosen: List, counters: list[int | None]) -> str:
    for depth in range(_MAX_LEVELS):
        mark = f"%{depth + 1}"
        if mark in text:
            level = chosen.levels.get(depth)
            value = counters[depth]
            if value is None:
                value = level.start if level else 1
            form = _FORMATS.get(level.format if level else "decimal", str)
            text = text.replace(mark, form(value))
    return text.strip()


def _lists(root: Any) -> Iterator[tuple[str, List]]:
    families = {
        abstract.get(qn("w:abstractNumId")): {
            int(level.get(qn("w:ilvl"), "0")): _level(level)
            for level in abstract.findall(qn("w:lvl"))
        }
        for abstract in root.findall(qn("w:abstractNum"))
    }
    for num in root.findall(qn("w:num")):
        family = _value(num.find(qn("w:abstractNumId"))) or ""
        levels = dict(families.get(family, {}))
        overrides: dict[int, int] = {}
        for override in num.findall(qn("w:lvlOverride")):
            depth = int(override.get(qn("w:ilvl"), "0"))
            own = override.find(qn("w:lvl"))
            if own is not None:
                levels[depth] = _level(own)
            start = _value(override.find(qn("w:startOverride")))
            if start is not None and start.isdigit():
                overrides[depth] = int(start)
        yield num.get(qn("w:numId")), List(family, levels, overrides)


def _level(element: Any) -> Level:
    start = _value(element.find(qn("w:start"))) or "1"
    return Level(
        start=int(start) if start.isdigit() else 1,
        format=_value(element.find(qn("w:numFmt"))) or "decimal",
        text=_value(element.find(qn("w:lvlText"))) or "",
        restart=_value(element.find(qn("w:lvlRestart"))) != "0",
    )


def _style_lists(root: Any) -> Iterator[tuple[str, tuple[str, int]]]:
    """The list and level that each style gives its paragraphs, its parents' where it has none."""
    styles = {style.get(qn("w:styleId")): style for style in root.findall(qn("w:style"))}
    for name in styles:
        seen: set[str] = set()
        current: str | None = name
        while current in styles and current not in seen:
            seen.add(current or "")
            style = styles[current or ""]
            properties = style.find(qn("w:pPr"))
            own = properties.find(qn("w:numPr")) if properties is not None else None
            number, depth = _num_pr(own)
            if number is not None:
                yield name, (number, depth or 0)
                break
            current = _value(style.find(qn("w:basedOn")))


def _num_pr(element: Any | None) -> tuple[str | None, int | None]:
    if element is None:
        return None, None
    number = _value(element.find(qn("w:numId")))
    depth = _value(element.find(qn("w:ilvl")))
    return number, int(depth) if depth is not None and depth.isdigit() else None


def _value(element: Any | None) -> str | None:
    return None if element is None else element.get(qn("w:val"))
