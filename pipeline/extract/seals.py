"""Print that runs under a seal or a stamp: the mark's lines are taken out, the print read again.

An official seal covers the left third of the signature, so the beginnings of "PHÓ CHỦ TỊCH" and of
the signer's name lie under it. The rings show in the radial profile of the ink; what is left under
the seal is cut at several places, and the cut that reads surest is kept.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.extract.clean import Grey, Ink, ink_of
from pipeline.extract.lines import Cutting, TextLine, scaled
from pipeline.extract.marks import Seal, Stamp
from pipeline.extract.tokens import Read
from pipeline.restore.syllables import is_syllable

_RING = 0.5  # share of a circle that is inked where a ring runs
_STEP, _STEPS = 0.8, 11  # heights of a letter between cuts, and how many there are
_ACROSS, _BEHIND = 1.5, 3.0  # heights of a letter that a line may lie off a mark that hides it
_BAND = (0.5, 0.45)  # heights of a letter above and below a line that belong to it
# Levels of a page: percentile of its ink that is print, and of a seal's lines that goes to white;
# by how much a seal is paler than print that is told from it by its level alone.
_DARK, _PALEST, _PALER = 25, 15, 25
_THICK = 1.4  # millimetres: gaps of strokes where rules were, rules with what blurs around them
_PALE = 140  # levels over which there is no ink
_LEAST_LETTERS, _CAPITALS = 6, 0.7  # of a line that may be a position
_MOST_ERRORS = 0.28  # share of a position's letters that may be wrong or missing
GUESSED = 0.45  # confidence of what was told by some of its letters
_AUTHORITY = re.compile(r"^(?:TM|KT|TL|TUQ|Q)\s?[.,]")  # on whose behalf: no position itself
_FLOOR = 0.4  # confidence at which a word speaks neither for nor against a cut


def left_limit(line: TextLine, mark: Seal | Stamp) -> float | None:
    """How far to the left ``line`` may go on under a mark that it begins at; None where it cannot.

    In pixels of the page.
    """
    middle = (line.core_top + line.core_bottom) / 2
    core = line.core_bottom - line.core_top
    if isinstance(mark, Stamp):
        beside = mark.top - core < middle < mark.bottom + core
        start, edge = mark.x0 - 4 * core, float(mark.x1)
    else:
        height = abs(middle - mark.y)
        beside = height < 1.05 * mark.radius
        start = mark.x - 1.1 * mark.radius
        edge = mark.x + np.sqrt(max(0.0, (1.07 * mark.radius) ** 2 - height**2))
    begins = mark.x0 if isinstance(mark, Stamp) else mark.x - mark.radius
    if beside and begins < line.x0 < edge + 1.2 * core and line.x1 > edge + core:
        return max(0.0, start)
    return None


def begins_beside(line: TextLine, mark: Seal | Stamp) -> bool:
    """Whether ``line`` begins so near to a mark that its first letters may lie under it."""
    core = line.core_bottom - line.core_top
    middle = (line.core_top + line.core_bottom) / 2
    if isinstance(mark, Stamp):
        box = (mark.x0, mark.top, mark.x1, mark.bottom)
    else:
        x, y, radius = mark.x, mark.y, mark.radius
        box = (x - radius, y - radius, x + radius, y + radius)
    left, top, right, bottom = box
    level = top - _ACROSS * core < middle < bottom + _ACROSS * core
    return level and left - core < line.x0 < right + _BEHIND * core


def without_rings(grey: Grey, seals: Sequence[Seal]) -> Grey:
    """``grey`` without the lines of the seals, the print across them kept.

    A seal that is paler than print goes as a whole, of another its rings.
    """
    ink = ink_of(grey)
    bare = grey.copy()
    print_level = np.percentile(grey[ink > 0], _DARK) if seals and ink.any() else 0.0
    for seal in seals:
        reach = round(1.15 * seal.radius)
        top, left = max(0, seal.y - reach), max(0, seal.x - reach)
        part = bare[top : seal.y + reach, left : seal.x + reach]
        inked = ink[top : seal.y + reach, left : seal.x + reach] > 0
        rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
        distance = np.hypot(columns - (seal.x - left), rows - (seal.y - top))
        rings = [r + d for r in _rings(ink, seal) for d in (-1, 0, 1)]
        on_rings = np.isin(np.round(distance), rings)
        drawn = part[on_rings & inked]
        white = np.percentile(drawn, _PALEST) if len(drawn) else 0.0
        if white > print_level + _PALER:
            within = distance <= 1.07 * seal.radius
            part[within] = np.minimum(255, part[within] * (255 / white)).astype(np.uint8)
        else:
            part[on_rings] = 255
    return bare


def without_rules(grey: Grey, ruled: Ink, dpi: float) -> Grey:
    """``grey`` without rules and the frames of stamps, the strokes of letters across them kept."""
    rules = cv2.dilate(ruled, np.ones((3, 3), np.uint8)) > 0
    rest = ((ink_of(grey) > 0) & ~rules).astype(np.uint8)
    wider = cv2.dilate(rest, np.ones((1, 3), np.uint8))  # strokes bend
    height = round(_THICK / 25.4 * dpi)
    strokes = cv2.morphologyEx(wider, cv2.MORPH_CLOSE, np.ones((height, 1), np.uint8))
    bare = grey.copy()
    bare[rules & (strokes == 0)] = 255
    return bare


def _rings(ink: Ink, seal: Seal) -> list[int]:
    """The radii at which most of the circle is inked."""
    angles = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    rings = []
    for radius in range(seal.radius // 4, round(1.1 * seal.radius)):
        rows = np.round(seal.y + radius * np.sin(angles)).astype(int)
        columns = np.round(seal.x + radius * np.cos(angles)).astype(int)
        inside = (rows >= 0) & (columns >= 0) & (rows < ink.shape[0]) & (columns < ink.shape[1])
        if inside.any() and ink[rows[inside], columns[inside]].mean() > _RING:
            rings.append(radius)
    return rings


def cuts_under(bare: Grey, line: TextLine, limit: float, capital: float) -> list[Cutting]:
    """``line`` cut so that it begins at several places under the mark, down to ``limit``.

    Only where there is further ink: else nothing more is to be read.
    """
    core = line.core_bottom - line.core_top
    top, bottom = _band(bare, line)
    cuts = []
    before = line.x0
    for step in range(1, _STEPS + 1):
        start = round(line.x0 - step * _STEP * core)
        if start < limit:
            break
        if bare[top:bottom, start:before].min(initial=255) > _PALE:
            continue
        before = start
        cuts.append(cut_from(bare, line, start, capital))
    return cuts


def cut_from(page: Grey, line: TextLine, start: int, capital: float) -> Cutting:
    """``line`` with all ink beside it, cut so that it begins at ``start``."""
    top, bottom = _band(page, line)
    part = page[top:bottom, start : min(page.shape[1], line.x1 + 4)]
    smooth = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.7), dtype=np.uint8)
    return scaled(smooth, start, top, line.core_bottom - line.core_top, capital)


def _band(page: Grey, line: TextLine) -> tuple[int, int]:
    """The rows of the page that belong to a line."""
    core = line.core_bottom - line.core_top
    top = max(0, min(line.top, round(line.core_top - _BAND[0] * core)))
    return top, min(page.shape[0], round(line.core_bottom + _BAND[1] * core))


def best_reading(readings: Sequence[Sequence[Read]]) -> list[Read]:
    """The reading of a line under a mark that the readings of its cuts give together.

    A position ("PHÓ CHỦ TỊCH") is told by the letters that are left of it; its words count as
    unsure. Else it is the surest reading, with the words that others read surer at their places.
    """
    best = max(readings, key=sureness)
    authority = _AUTHORITY.match(" ".join(word.text for word in best))
    position = None if authority else _position(readings)
    if position is not None:
        return position
    result = []
    for word in best:
        height = (word.x1 - word.x0) / max(1, len(word.text))
        for other in (one for reading in readings for one in reading):
            same = abs(other.x1 - word.x1) < height and abs(other.x0 - word.x0) < 1.5 * height
            surer = other.confidence > word.confidence or not is_syllable(word.text)
            if same and surer and is_syllable(other.text) and other.confidence > _FLOOR:
                word = other
        result.append(word)
    return result


def _position(readings: Sequence[Sequence[Read]]) -> list[Read] | None:
    """The position that ``readings`` show most of, in words of little confidence.

    Each tells its own; "GIÁM ĐỐC" gives way to a reading of "PHÓ GIÁM ĐỐC", of which it is the end.
    """
    told = [one for words in readings if (one := _position_of(words))]
    if not told:
        return None
    _, end, _ = max(told, key=lambda one: one[0])
    longer = [one for one in told if one[1].endswith(f" {end}")]
    _, name, words = max(longer or told, key=lambda one: one[0])
    if name == " ".join(word.text for word in words):
        return list(words)
    x0, x1 = words[0].x0, words[-1].x1
    step = (x1 - x0) / len(name)
    result, at = [], 0
    for text in name.split():
        result.append(Read(text, x0 + at * step, x0 + (at + len(text)) * step, GUESSED))
        at += len(text) + 1
    return result


def _position_of(words: Sequence[Read]) -> tuple[int, str, Sequence[Read]] | None:
    """The position that one reading shows most of, with how many of its letters."""
    letters = "".join(one for word in words for one in word.text if one.isalnum())
    if len(letters) < _LEAST_LETTERS or sum(map(str.isupper, letters)) < _CAPITALS * len(letters):
        return None
    found: tuple[int, str, Sequence[Read]] | None = None
    for name in _positions():
        spelt = name.replace(" ", "")
        errors = Levenshtein.distance(letters, spelt)
        score = len(spelt) - 2 * errors
        if errors <= _MOST_ERRORS * len(spelt) and score > (found[0] if found else 0):
            found = score, name, words
    return found


@cache
def _positions() -> tuple[str, ...]:
    text = resources.files("pipeline.data").joinpath("positions.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["positions"])


def sureness(words: Sequence[Read]) -> float:
    """How well a cut reads: letters of words that are sure, less those of words that are not."""
    return sum(
        (word.confidence - _FLOOR) * max(1, sum(one.isalpha() for one in word.text))
        - 0.2 * sum(not one.isalnum() and one not in ".,;:/-()" for one in word.text)
        for word in words
    )
