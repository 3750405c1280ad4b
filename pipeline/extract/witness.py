"""Letters of glyphs that their font does not name, read from the page image.

The same glyph of the same font is always the same letter. Where the text layer has "tr▯n" and OCR
reads "trấn" at the same place, the glyph is an "ấ", here and wherever the font uses it. Each place
is a vote; OCR may err at one, hardly at most of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from pipeline.extract.drawn import Run
from pipeline.extract.fonts import Letters
from pipeline.extract.glyphs import BLANKS, GAP, Glyph, read_glyphs, stretches, tracking_of
from pipeline.extract.render import render
from pipeline.extract.scan import read_scan
from pipeline.extract.tokens import Token
from pipeline.restore.syllables import is_syllable

_DPI = 200.0
_MOST_PAGES = 8  # pages that are read for their witness
_ENOUGH = 6  # places at which a glyph is looked up
_MAJORITY = 0.6  # of the votes
_AGREE = 0.6  # share of a word's known letters that OCR must read alike

Name = tuple[str, int]  # font and code of a glyph


@dataclass(slots=True)
class _Pattern:
    """A word with lost letters: its glyphs, and the names of those that are lost."""

    glyphs: list[Glyph]
    names: list[Name | None]

    @property
    def middle(self) -> float:
        return self.glyphs[0].base - 0.3 * self.glyphs[0].size


def solve_glyphs(
    pdf: pdfium.PdfDocument, pages: int, letters: Letters, max_pixels: int
) -> dict[Name, str]:
    """The letters of lost glyphs in the first ``pages`` pages of ``pdf``, those that are sure.

    Raises MissingToolError when tesseract is not there.
    """
    found = {index: list(_patterns(pdf, index, letters)) for index in range(pages)}
    votes: dict[Name, Counter[str]] = defaultdict(Counter)
    for index in _witnesses(found):
        page = pdf[index]
        try:
            image, dpi = render(page, _DPI, max_pixels)
        finally:
            page.close()
        tokens = read_scan(image, dpi).tokens
        for pattern in found[index]:
            for name, letter in _readings(pattern, tokens):
                votes[name][letter] += 1
    return {name: letter for name, counts in votes.items() if (letter := _elected(counts))}


def _elected(counts: Counter[str]) -> str:
    letter, most = counts.most_common(1)[0]
    return letter if most >= _MAJORITY * counts.total() else ""


def _witnesses(found: dict[int, list[_Pattern]]) -> list[int]:
    """Pages to read, fewest first choice: each shows glyphs that were not seen often enough."""
    seen: Counter[Name] = Counter()
    chosen: list[int] = []
    while len(chosen) < _MOST_PAGES:
        gains = {
            index: sum(
                max(0, min(count, _ENOUGH - seen[name])) for name, count in _names(group).items()
            )
            for index, group in found.items()
            if index not in chosen
        }
        best = max(gains, key=lambda index: gains[index], default=None)
        if best is None or not gains[best]:
            break
        chosen.append(best)
        seen.update(_names(found[best]))
    return chosen


def _names(patterns: Sequence[_Pattern]) -> Counter[Name]:
    return Counter(name for pattern in patterns for name in pattern.names if name)


def fill(glyphs: Sequence[Glyph], runs: Sequence[Run], tokens: Sequence[Token]) -> int:
    """Give lost glyphs the letters that OCR read at their places; gives how many it could.

    For glyphs that have no name by which they could be solved for the whole document.
    """
    filled = 0
    for pattern in _of_glyphs(glyphs, runs):
        read = list(_readings(pattern, tokens))
        lost = [glyph for glyph in pattern.glyphs if glyph.lost]
        if len(read) == len(lost):
            for glyph, (_, letter) in zip(lost, read, strict=True):
                glyph.text, glyph.lost = letter, False
                filled += 1
    return filled


def _patterns(pdf: pdfium.PdfDocument, index: int, letters: Letters) -> Iterator[_Pattern]:
    """The words with lost letters of a page."""
    try:
        page = pdf[index]
    except pdfium.PdfiumError:
        return
    try:
        glyphs, runs = read_glyphs(page, letters)
    finally:
        page.close()
    yield from _of_glyphs(glyphs, runs)


def _of_glyphs(glyphs: Sequence[Glyph], runs: Sequence[Run]) -> Iterator[_Pattern]:
    """The words with lost letters among ``glyphs``; upright text only."""
    upright = [glyph for glyph in glyphs if runs[glyph.run].angle == 0]
    for stretch in stretches(upright):
        if not any(glyph.lost for glyph in stretch):
            continue
        for word in _words(stretch):
            if any(glyph.lost for glyph in word):
                names = [(runs[one.run].font, one.code) if one.lost else None for one in word]
                yield _Pattern(word, names)


def _words(stretch: list[Glyph]) -> Iterator[list[Glyph]]:
    """The words of a stretch, lost letters counted as letters."""
    tracking = tracking_of(stretch)
    word: list[Glyph] = []
    for glyph in stretch:
        gap = bool(word) and glyph.x0 - word[-1].x1 > tracking + GAP * glyph.size
        if word and (gap or (glyph.text in BLANKS and not glyph.lost)):
            yield word
            word = []
        if glyph.lost or glyph.text not in BLANKS:
            word.append(glyph)
    if word:
        yield word


def _readings(pattern: _Pattern, tokens: Sequence[Token]) -> Iterator[tuple[Name, str]]:
    """What OCR read at the lost letters of a word; nothing when it does not fit the word."""
    x0, x1 = pattern.glyphs[0].x0, pattern.glyphs[-1].x1
    for token in tokens:
        inside = token.top < pattern.middle < token.bottom
        common = min(x1, token.x1) - max(x0, token.x0)
        if not inside or common < 0.6 * max(x1 - x0, token.x1 - token.x0):
            continue
        if len(token.text) != len(pattern.glyphs):
            continue
        known = [
            (glyph.text, letter)
            for glyph, letter in zip(pattern.glyphs, token.text, strict=True)
            if not glyph.lost
        ]
        alike = sum(one.lower() == other.lower() for one, other in known)
        if known and alike < _AGREE * len(known):
            continue
        if not known and not is_syllable(token.text.strip(".,;:()")):
            continue
        for name, letter in zip(pattern.names, token.text, strict=True):
            if name and not letter.isspace():
                yield name, letter
