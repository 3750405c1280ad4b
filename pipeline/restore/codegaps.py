"""Codes of documents that lost letters: ``12/2011/N -CP``, ``45/QĐ-U ND``.

A code is protected from the decoder, so its gaps are filled here: by the abbreviations of document
types and bodies that fit, when there is one only. Where Đ lost its stroke, the type that is named
before the code decides (``Hợp đồng số 02/HD/2025``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from pipeline.restore.paths import Change
from pipeline.restore.protect import known_forms, types_with_d

_CODE = re.compile(
    r"(?<![\w/])(?:\d+[A-Za-z]?(?:/\d{4})?)?/"
    r"(?P<type>[A-ZĐ]{1,4}|[A-ZĐ]{1,3} | [A-ZĐ]{1,3}|[A-ZĐ]{1,2} [A-ZĐ]{1,2})"
    r"-(?P<body>[A-ZĐ][A-Za-zĐ]{0,5}(?: [A-ZĐ]{1,4})?)(?![\w-])"
)
_LOST = 0.3  # rate of loss from which on a letter may stand for the gap in a type
_SURE = 0.95


def codes_with_gaps(
    lines: Sequence[str], rates: Mapping[str, float], changes: Sequence[Change], kind: str
) -> list[Change]:
    """What fills gaps of codes that no change touches; ``rates``: how often a letter is lost."""
    taken: dict[int, list[Change]] = {}
    for change in changes:
        taken.setdefault(change.line, []).append(change)
    return [
        Change(number, start, end, whole, _SURE, kind)
        for number, line in enumerate(lines)
        if "/" in line
        for start, end, whole in _filled(line, rates)
        if not any(c.start < end and start < c.end for c in taken.get(number, ()))
    ]


def _filled(line: str, rates: Mapping[str, float]) -> Iterator[tuple[int, int, str]]:
    for match in _CODE.finditer(line):
        for part, least in (("type", _LOST), ("body", 0.0)):
            read = match[part]
            if " " in read:
                fitting = [form for form in _forms() if _fits(form, read, rates, least)]
                if len(fitting) == 1:
                    yield *match.span(part), fitting[0]


@cache
def _forms() -> frozenset[str]:
    """Abbreviations that may stand in a code."""
    return known_forms().union(*(forms.values() for forms in types_with_d().values()))


def codes_of_types(lines: Sequence[str]) -> list[tuple[int, int, int, str]]:
    """Types inside codes that lost the stroke of their Đ: (line from 0, start, end, type)."""
    found = []
    for number, line in enumerate(lines):
        for match in _typed().finditer(line) if "/" in line else ():
            forms = types_with_d()[match["name"].lower()]
            form = forms.get(match["type"], match["type"])
            if form != match["type"]:
                found.append((number, *match.span("type"), form))
    return found[::-1]  # from the end of each line, so that the places before stay


@cache
def _typed() -> re.Pattern[str]:
    name = "|".join(types_with_d())
    number = r"[Ss]ố:? ?\d+(?:/\d{4})?[/-]"
    return re.compile(
        rf"\b(?P<name>{name})(?: [^\W\d_]+){{0,4}}:? {number}(?P<type>[A-ZĐ]+)\b", re.IGNORECASE
    )


def _fits(form: str, read: str, rates: Mapping[str, float], least: float) -> bool:
    """Whether ``read`` is what is left of ``form``: each gap was a letter that is lost so often."""
    return len(form) == len(read) and all(
        there == letter or (there == " " and rates.get(letter, 0.0) >= least)
        for letter, there in zip(form, read, strict=True)
    )
