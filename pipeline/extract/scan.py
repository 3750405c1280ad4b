"""A page image read: cleaned, cut into lines, each line read, what is doubtful read again."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from PIL import Image

from pipeline.extract import clean, ocr
from pipeline.extract.clean import Grey
from pipeline.extract.grid import Grid
from pipeline.extract.lines import Cutting, TextLine, cut, find_lines
from pipeline.extract.marks import Marks, Seal, Stamp, lift_marks
from pipeline.extract.seals import cuts_under, left_limit, sureness, without_rings
from pipeline.extract.tokens import Token
from pipeline.restore.damage import quality

_CAPITAL = 20  # pixels: the height of capitals at which tesseract's vie model reads best
_SHORT, _CAPITAL_OF_SHORT = 5.0, 48  # lines of so few heights are read better when larger
_SMOOTH = 0.7  # pixels: two-level images are smoothed before they are scaled
_SIDES = (24, 30_000)  # pixels: shortest and longest side of a page that is read
_MANY = 400  # lines: more are the grain of a photo
_POOR = 0.62  # mean confidence under which a page may lie on its side
_BULLETS = frozenset("-–—+*•~")
_SIGNS = frozenset((*"-–—+*/&=%:;,.()…", "..."))
_ENDS = frozenset(("./.", "/.", ".", ";"))
_SURE_SIGN = 0.6
_STRAY = re.compile(r"^[._`´ˆ‘'|¬~]+(?=\w)|(?<=\w)[_`´ˆ|¬~]+$")
_GLUED = re.compile(r"^([IVXLHl1|]{1,5}\.)([^\W\da-z_]{2,}.*)$")
_NOISE = 0.5  # mean confidence under which a line without a word is a stroke of the pen


@dataclass(slots=True)
class Reading:
    """What OCR made of a page image: tokens and tables in points of the image as it lay.

    ``turned`` is by how many degrees (anticlockwise, of 90) the image had to be turned;
    ``stamps`` and ``noise`` count what was left out.
    """

    tokens: list[Token] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    turned: int = 0
    stamps: int = 0
    noise: int = 0

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, weighted by their length; 0 when there are none."""
        weights = [len(token.text) for token in self.tokens]
        total = sum((one.confidence or 0.0) * len(one.text) for one in self.tokens)
        return total / sum(weights) if weights else 0.0


def read_scan(image: Image.Image, dpi: float) -> Reading:
    """Read a page image. Raises MissingToolError when tesseract is not there."""
    ocr.require_tesseract()
    grey = clean.even_light(clean.to_grey(image, dpi))
    if min(grey.shape) < _SIDES[0] or max(grey.shape) > _SIDES[1] or not clean.ink_of(grey).any():
        return Reading()  # no page holds text on so little, and tesseract reads no more
    reading = _read(grey, dpi)
    if reading.tokens and reading.confidence > _POOR:
        return reading
    quarter = ocr.orientation(Image.fromarray(grey), dpi)
    if quarter:
        upright = np.ascontiguousarray(np.rot90(grey, quarter // 90))
        other = _read(upright, dpi)
        if other.confidence > reading.confidence:
            other.turned = quarter
            return other
    return reading


def _read(grey: Grey, dpi: float) -> Reading:
    """Read an image that is taken to be upright."""
    degrees = clean.skew_of(clean.ink_of(grey), dpi)
    upright = clean.turn(grey, degrees)
    marks = lift_marks(upright, dpi)
    boxes = [
        _pixels(field.box.x0, field.box.top, field.box.x1, field.box.bottom, dpi)
        for grid in marks.grids
        for field in grid.fields
    ]
    lines, labels = find_lines(marks.clean, marks.line_height, boxes)
    if not lines or len(lines) > _MANY:
        tokens = ocr.read_image(Image.fromarray(marks.clean), dpi)
        return Reading(tokens, marks.grids, stamps=len(marks.stamps))
    smooth = np.asarray(cv2.GaussianBlur(marks.clean, (0, 0), _SMOOTH), dtype=np.uint8)
    cuttings = [cut(smooth, labels, line, _capital(line)) for line in lines]
    read = ocr.read_cuttings(cuttings)
    if marks.seals or marks.stamps:
        _read_under_seals(upright, marks, lines, read)
    reading = Reading([], marks.grids, stamps=len(marks.stamps))
    for number, (line, words) in enumerate(zip(lines, read, strict=True)):
        tokens = _in_points(line, _without_specks(words), dpi, number)
        if _is_noise(tokens):
            reading.noise += 1
        else:
            reading.tokens.extend(tokens)
    return reading


def _capital(line: TextLine) -> int:
    """The height in pixels that the capitals of ``line`` are brought to."""
    short = line.x1 - line.x0 < _SHORT * (line.core_bottom - line.core_top)
    return _CAPITAL_OF_SHORT if short else _CAPITAL


def _read_under_seals(
    grey: Grey, marks: Marks, lines: Sequence[TextLine], read: list[list[ocr.Read]]
) -> None:
    """Read lines that begin under a seal or stamp again; put what reads surer into ``read``."""
    bare = without_rings(grey, marks.seals)
    bare[cv2.dilate(marks.ruled, np.ones((3, 3), np.uint8)) > 0] = 255
    covers: list[Seal | Stamp] = [*marks.seals, *marks.stamps]
    cuts: list[Cutting] = []
    owners: list[int] = []
    for number, line in enumerate(lines):
        limits = [left_limit(line, one) for one in covers]
        limit = min((one for one in limits if one is not None), default=None)
        if limit is not None and read[number]:
            made = cuts_under(bare, line, limit, _CAPITAL)
            cuts.extend(made)
            owners.extend([number] * len(made))
    if not cuts:
        return
    for number, words in zip(owners, ocr.read_cuttings(cuts), strict=True):
        if _sureness(words) > _sureness(read[number]):
            read[number] = words


def _sureness(words: Sequence[ocr.Read]) -> float:
    return sureness([(word.text, word.confidence) for word in words])


def _pixels(
    x0: float, top: float, x1: float, bottom: float, dpi: float
) -> tuple[int, int, int, int]:
    scale = dpi / 72
    return round(x0 * scale), round(top * scale), round(x1 * scale), round(bottom * scale)


def _in_points(line: TextLine, words: Sequence[ocr.Read], dpi: float, number: int) -> list[Token]:
    """The words of a line as tokens of its height, in points, in the order they were read."""
    scale = 72.0 / dpi
    core = line.core_bottom - line.core_top
    top, bottom = line.core_top - 0.25 * core, line.core_bottom + 0.25 * core
    tokens: list[Token] = []
    for word in words:
        start = max(word.x0, tokens[-1].x0 / scale + 1 if tokens else 0.0)  # boxes may overlap
        tokens.append(
            Token(
                text=word.text,
                x0=start * scale,
                top=top * scale,
                x1=max(word.x1, start + 1) * scale,
                bottom=bottom * scale,
                size=1.4 * core * scale,
                confidence=round(word.confidence, 4),
                line=number,
            )
        )
    return tokens


def _without_specks(words: Sequence[ocr.Read]) -> list[ocr.Read]:
    """Words without what specks beside the line were read as: unsure signs, a stray mark ahead."""
    kept = []
    for place, word in enumerate(words):
        text = word.text
        if not any(character.isalnum() for character in text):
            bullet = place == 0 and len(words) > 1 and text in _BULLETS
            if bullet and text == "~":
                word = replace(word, text="-")  # what a dash is read as, never meant as such
            if bullet or text in _ENDS or (text in _SIGNS and word.confidence > _SURE_SIGN):
                kept.append(word)
            continue
        kept.extend(_parted(replace(word, text=_STRAY.sub("", text))))
    return kept


def _parted(word: ocr.Read) -> list[ocr.Read]:
    """A Roman number that was glued to the heading behind it ("I.MỤC"), parted from it."""
    glued = _GLUED.match(word.text)
    if glued is None:
        return [word]
    number, rest = glued.groups()
    middle = word.x0 + (word.x1 - word.x0) * len(number) / len(word.text)
    return [replace(word, text=number, x1=middle), replace(word, text=rest, x0=middle)]


def _is_noise(tokens: Sequence[Token]) -> bool:
    """Whether a line is no print: little sure, and without a word or number."""
    if not tokens:
        return True
    confidence = statistics.mean(token.confidence or 0.0 for token in tokens)
    text = " ".join(token.text for token in tokens)
    letters = sum(character.isalnum() for character in text)
    if not letters:
        return confidence < 0.8 or len(text) > 2
    return confidence < _NOISE and quality(text) < 0.5
