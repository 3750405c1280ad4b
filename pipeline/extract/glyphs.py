"""The text layer of a PDF page: glyphs with place and font, by PDFium, made into tokens.

PDFium and not pdfminer: on born-digital plans it reads some 45 pages a second where pdfplumber
reads 4, and it tells which glyphs have no letter in the font's ToUnicode map.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import pypdfium2 as pdfium

from pipeline.extract.drawn import Run, characters_of, run_of
from pipeline.extract.fonts import Letters
from pipeline.extract.tokens import Token

BLANKS = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
                    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000")  # fmt: skip
_UNSEEN = frozenset("\x00\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufffe\uffff")
_JOINS = "\x02"  # what PDFium gives for a hyphen at a line's end

GAP = 0.12  # between glyphs, in font sizes beyond what the letters are set apart: a new word
_MANY_BLANKS = 20  # of a font on a page, from which the usual width is known
_OTHER_WIDTH = 0.05  # in font sizes
_FALSE_BLANK = 0  # the code of letters that are mapped to a blank: they have no name to tell them
_JUMP = 0.4  # how far the base line may move inside a stretch
_ASCENT, _DESCENT = 0.8, 0.22  # of a line; the figures in font files are too often wrong


@dataclass(slots=True)
class Glyph:
    """One glyph: ``text`` is its letter, "" where the font's map has none; ``lost`` says so.

    ``base`` is the height of its base line, ``run`` the number of its :class:`Run`, ``code`` what
    PDFium gives for it.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    run: int
    lost: bool = False
    code: int = 0


@dataclass(slots=True)
class TextLayer:
    """The text layer of one page: tokens that stand upright as displayed, and what was noticed.

    ``lost`` counts glyphs that the font gives no letter for, ``invisible`` those that are not
    painted (the layer of an OCR program).

    ``turned`` holds the tokens of text at other angles (degrees, anticlockwise), in the frame in
    which they are upright.
    """

    tokens: list[Token] = field(default_factory=list)
    turned: dict[int, list[Token]] = field(default_factory=dict)
    glyphs: int = 0
    lost: int = 0
    invisible: int = 0


Solved = Mapping[tuple[str, int], str]  # font and code of a glyph: its letter
Place = Callable[[Any, Any], tuple[Any, Any]]  # of a point, or of arrays of points


def layer_of(glyphs: list[Glyph], runs: list[Run]) -> TextLayer:
    """The text layer that glyphs make."""
    layer = TextLayer(glyphs=len(glyphs))
    by_angle: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        run = runs[glyph.run]
        layer.lost += glyph.lost
        layer.invisible += not run.visible
        by_angle.setdefault(run.angle, []).append(glyph)
    for angle, group in by_angle.items():
        tokens = list(_tokens(group, runs))
        if angle == 0:
            layer.tokens = tokens
        elif tokens:
            layer.turned[angle] = tokens
    return layer


def read_glyphs(
    page: pdfium.PdfPage, letters: Letters | None = None, solved: Solved | None = None
) -> tuple[list[Glyph], list[Run]]:
    """The glyphs of ``page`` in the order in which it draws them, and the runs they belong to."""
    textpage = page.get_textpage()
    try:
        glyphs, runs = _glyphs(page, textpage, letters or {}, solved or {})
    finally:
        textpage.close()
    _find_false_blanks(glyphs, runs)
    return glyphs, runs


def _find_false_blanks(glyphs: list[Glyph], runs: list[Run]) -> None:
    """Mark as lost the letters that a font's map calls blanks: they are not as wide as one."""
    blanks: dict[str, list[Glyph]] = {}
    for glyph in glyphs:
        if glyph.text == " ":
            blanks.setdefault(runs[glyph.run].font, []).append(glyph)
    for group in blanks.values():
        if len(group) < _MANY_BLANKS:
            continue
        widths = [(glyph.x1 - glyph.x0) / glyph.size for glyph in group]
        usual = Counter(round(width, 2) for width in widths).most_common(1)[0][0]
        for glyph, width in zip(group, widths, strict=True):
            if abs(width - usual) > _OTHER_WIDTH:
                glyph.text, glyph.lost, glyph.code = "", True, _FALSE_BLANK


def _glyphs(
    page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, letters: Letters, solved: Solved
) -> tuple[list[Glyph], list[Run]]:
    width, height = page.get_size()
    rotation = page.get_rotation()
    place = displayed(page)
    drawn = characters_of(textpage)
    x0, top = place(drawn.corners[:, 0], drawn.corners[:, 1])
    x1, bottom = place(drawn.corners[:, 2], drawn.corners[:, 3])
    base_x, base_y = place(drawn.origins[:, 0], drawn.origins[:, 1])
    x0, x1 = np.minimum(x0, x1), np.maximum(x0, x1)
    top, bottom = np.minimum(top, bottom), np.maximum(top, bottom)
    seen = (x1 >= 0) & (x0 <= width) & (bottom >= 0) & (top <= height)  # the rest is cropped away
    places = zip(
        *(one.tolist() for one in (seen, x0, top, x1, bottom, base_x, base_y)), strict=True
    )
    glyphs: list[Glyph] = []
    runs: list[Run] = []
    numbers: dict[int, int] = {}
    names: dict[int, str] = {}
    turns: dict[int, Place] = {}
    read = cache(partial(_read, letters=letters, solved=solved))
    for (code, lost, target), (shown, left, up, right, down, x, base) in zip(
        drawn.characters, places, strict=True
    ):
        number = numbers.get(target)
        if number is None:
            number = numbers[target] = len(runs)
            runs.append(run_of(target, rotation, names))
        run = runs[number]
        if not shown:
            continue
        text, lost = read(run.font, run.legacy, code, lost)
        if not lost and not text:
            continue
        if run.angle:
            turn = turns.setdefault(run.angle, _turned(run.angle, width, height))
            (left, up), (right, down), (x, base) = turn(left, up), turn(right, down), turn(x, base)
            left, right = min(left, right), max(left, right)
        size = run.size or abs(down - up) / 1.2 or 1.0
        glyphs.append(Glyph(text, left, right, base, size, number, lost, code))
    return glyphs, runs


def _read(
    font: str, legacy: bool, code: int, lost: bool, *, letters: Letters, solved: Solved
) -> tuple[str, bool]:
    """The letter of a code of a font ("" for none), and whether one is lost."""
    if legacy and code > 0x20:
        return chr(code), False  # each code is a letter, also those of control signs
    known = letters.get(font)
    if not (lost or _is_lost(code) or (known is not None and _is_stray(code, known))):
        return _letter(code), False
    text = solved.get((font, code), "")
    return text, not text


def displayed(page: pdfium.PdfPage) -> Place:
    """From PDF coordinates to points from the top left corner of the page as it is displayed."""
    left, bottom, right, top = page.get_bbox()
    places: dict[int, Place] = {
        0: lambda x, y: (x - left, top - y),
        90: lambda x, y: (y - bottom, x - left),
        180: lambda x, y: (right - x, y - bottom),
        270: lambda x, y: (top - y, right - x),
    }
    return places[page.get_rotation() % 360]


def _turned(angle: int, width: float, height: float) -> Place:
    """From displayed coordinates to the frame in which text at ``angle`` stands upright."""
    turns: dict[int, Place] = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (height - y, x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (y, width - x),
    }
    if angle in turns:
        return turns[angle]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return lambda x, y: (x * cos - y * sin, x * sin + y * cos)


def _is_lost(code: int) -> bool:
    """Codes that stand for "no letter": U+FFFD, controls, private use."""
    if code in (0x09, 0x0A, 0x0D, 0x02, 0xAD):
        return False
    return code < 0x20 or 0x7F <= code < 0xA0 or code == 0xFFFD or 0xE000 <= code <= 0xF8FF


def _is_stray(code: int, known: frozenset[str]) -> bool:
    """Whether a font gives its glyphs no such letter: PDFium made it up from the glyph's code."""
    return 0x20 < code < 0xD800 and code not in (0xA0, 0xAD) and chr(code) not in known


def _letter(code: int) -> str:
    """The letter of a code; "" for what shows nothing."""
    if code == ord(_JOINS):
        return "-"
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return ""
    letter = chr(code)
    return "" if letter in _UNSEEN else letter


def _tokens(glyphs: list[Glyph], runs: list[Run]) -> Iterator[Token]:
    """Join glyphs into tokens, in the order in which the page draws them."""
    for stretch in stretches(glyphs):
        yield from _words(stretch, runs)


def stretches(glyphs: list[Glyph]) -> Iterator[list[Glyph]]:
    """Cut the glyphs where the pen jumps: to another line, another column, backwards."""
    stretch: list[Glyph] = []
    for glyph in glyphs:
        if stretch and not _continues(stretch[-1], glyph):
            yield stretch
            stretch = []
        stretch.append(glyph)
    if stretch:
        yield stretch


def _words(stretch: list[Glyph], runs: list[Run]) -> Iterator[Token]:
    """The tokens of one stretch."""
    tracking = tracking_of(stretch)
    token: Token | None = None
    before: Glyph | None = None
    spaces = lost = 0
    for glyph in stretch:
        if before and not spaces and glyph.x0 - before.x1 > tracking + GAP * glyph.size:
            spaces = 1
        before = glyph
        if glyph.lost:
            lost += 1
        elif glyph.text in BLANKS:
            spaces = 1
        elif token and not spaces and not lost:
            token.text += glyph.text
            token.x1 = max(token.x1, glyph.x1)
        else:
            if token:
                yield token
            token = _token(glyph, runs[glyph.run].font, spaces, lost)
            spaces = lost = 0
    if token:
        token.lost_after = lost
        yield token


def _token(glyph: Glyph, font: str, spaces: int, lost: int) -> Token:
    return Token(
        text=glyph.text,
        x0=glyph.x0,
        top=glyph.base - _ASCENT * glyph.size,
        x1=glyph.x1,
        bottom=glyph.base + _DESCENT * glyph.size,
        size=glyph.size,
        font=font or None,
        spaces=max(1, spaces + lost),
        lost_before=lost,
    )


def tracking_of(stretch: list[Glyph]) -> float:
    """How far the letters of a stretch are set apart (or together), in points."""
    gaps = sorted(
        after.x0 - glyph.x1
        for glyph, after in pairwise(stretch)
        if glyph.text not in BLANKS and after.text not in BLANKS
    )
    return gaps[len(gaps) // 2] if len(gaps) >= 4 else 0.0


def _continues(before: Glyph, glyph: Glyph) -> bool:
    """Whether ``glyph`` goes on where ``before`` ended, on the same base line."""
    size = max(before.size, glyph.size)
    return (
        abs(glyph.base - before.base) < _JUMP * size
        and glyph.x0 > before.x0 - 0.3 * size
        and glyph.x0 - before.x1 < 1.5 * size
    )
