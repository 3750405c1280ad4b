"""Marks that an OCR misread, where the form of the document leaves no choice.

Each legal basis ("Căn cứ …;") and each recipient ("- Như trên;") ends with a semicolon, the last
with a full stop (Decree 30/2020/NĐ-CP, appendix I, II.5 and II.9); the subject of a letter begins
with "V/v", who gets it to report or to act upon is told so by "(để b/c)", a comrade among the
recipients is "Đ/c" (no syllable looks like it), and the copy that stays is kept by the office of
records ("Lưu: VT").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_BASIS = re.compile(r"\s*(?:Căn cứ|CĂN CỨ)\s")
_NEXT_BASIS = re.compile(r"\s*(?:Căn cứ|Theo đề nghị|Xét đề nghị|Xét)\s")
_LONGEST = 6  # lines of one basis
_RECIPIENTS = re.compile(r"\s*Nơi nhận\s*[:.;]?\s*$", re.IGNORECASE)
_ITEM = re.compile(r"\s*[-–]\s?\S")
_MOST = 40  # lines of a list of recipients
_STOP = re.compile(r"(?<=[\w)])\s?(?P<stop>[,:])(?:\s?[-–—.·'`])?\s*$")
# "v/v" is the author's way to write it; "V/" and "Y/v" are an OCR's.
_MAY_HAVE_FORM = re.compile("[/⁄(]|Lưu|[Đđ][íìî|]c")
_FORMS = (
    (re.compile(r"^\s*(?P<mark>(?![Vv]/v\s)[VvY][/⁄][vyrx%]?)\s(?=[^\W\d_])"), "V/v"),
    (re.compile(r"\((?:[đd][ểéèêe] )?(?P<mark>[bh]/[ceo€©])(?=[);,.])"), "b/c"),
    (re.compile(r"\([đd][ểéèêe] (?P<mark>b[iíìl1|]c)(?=[);,.])"), "b/c"),
    (re.compile(r"(?<!\w)(?P<mark>Đ[íìî|]c)(?=\s)"), "Đ/c"),
    (re.compile(r"(?<!\w)(?P<mark>đ[íìî|]c)(?=\s)"), "đ/c"),
    (re.compile(r"^[\s\-–+]*Lưu\s?[:;.]\s?(?P<mark>(?:V[IÍÌl1|7Ÿ]|[YW]T))(?=[,;.])"), "VT"),
)


def set_forms(lines: Sequence[str]) -> list[tuple[int, int, int, str]]:
    """Abbreviations of fixed form that stand otherwise: (line from 0, start, end, form).

    Those of one line come from its end to its beginning.
    """
    return [
        (number, *match.span("mark"), form)
        for number, line in enumerate(lines)
        if _MAY_HAVE_FORM.search(line)
        for pattern, form in reversed(_FORMS)
        for match in reversed(list(pattern.finditer(line)))
        if match["mark"] != form
    ]


def semicolons(lines: Sequence[str]) -> list[tuple[int, int, int, str]]:
    """Marks that should be semicolons: (line from 0, start, end, ";"). Empty lines break lists."""
    found = []
    for number in sorted({*_bases(lines), *_recipients(lines)}):
        match = _STOP.search(lines[number])
        if match:
            found.append((number, match.start("stop"), match.end("stop"), ";"))
    return found


def _bases(lines: Sequence[str]) -> Iterator[int]:
    """Last lines of legal bases that another one follows."""
    begun: int | None = None
    for number, line in enumerate(lines):
        if begun is not None and _NEXT_BASIS.match(line) and number - begun <= _LONGEST:
            yield number - 1
        if _BASIS.match(line):
            begun = number
        elif not line.strip() or _NEXT_BASIS.match(line):  # the last one: no basis follows it
            begun = None


def _recipients(lines: Sequence[str]) -> Iterator[int]:
    """Last lines of recipients that another one follows."""
    left = 0
    for number, line in enumerate(lines):
        if _RECIPIENTS.match(line):
            left = _MOST
            continue
        if left and _ITEM.match(line) and _ITEM.match(lines[number - 1]):
            yield number - 1
        left = left - 1 if left and line.strip() else 0
