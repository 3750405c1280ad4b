"""A page image made ready for OCR: laid flat, lit evenly, straight, its lines cut out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image

from pipeline.extract import clean
from pipeline.extract.clean import Grey, Labels
from pipeline.extract.grid import Grid
from pipeline.extract.lines import Cutting, TextLine, cut, cut_around, find_lines
from pipeline.extract.marks import Marks, Seal, Stamp, lift_marks
from pipeline.extract.perspective import Matrix, flatten
from pipeline.extract.seals import (
    begins_beside,
    cuts_under,
    left_limit,
    without_rings,
    without_rules,
)

_CAPITAL = 17  # pixels: the height of capitals at which tesseract's vie model reads best
_SHORT, _CAPITAL_OF_SHORT = 5.0, 48  # lines of so few heights are read better when larger
CAPITAL_AGAIN = 26  # for a second reading
_SMOOTH = (0.3, 0.6)  # pixels: how far grey and two-level images are smoothed before scaling
_SIDES = (24, 30_000)  # pixels: shortest and longest side of a page that is read
_FEW = 6  # pieces: more are a line, fewer may be what was written into one
_MANY = 400  # lines: more are the grain of a photo
_A4 = (8.27, 11.69)  # inches
_SAME_SHAPE = 0.06  # by how much the sides of a sheet of A4 may be out of proportion


@dataclass(slots=True)
class Sheet:
    """What is to be read of a page image, and how to get back to the image.

    ``page`` is the image, flat, straight and evenly lit, of ``dpi`` dots per inch. ``cuttings`` are
    its ``lines``; ``under_marks`` further cuts of lines (by number) that begin under a seal;
    ``beside`` are the lines (by number) that begin beside one, ``bare`` the page without its rings;
    ``again`` cuts a line with letters of another height, for a second reading; ``around`` cuts it
    with what stands in its height and belongs to no other line. ``whole`` is what is read as a
    whole, where lines cannot be told. ``back`` takes points of the page to points of the
    image; None where they are the same.
    """

    page: Grey
    dpi: float
    lines: list[TextLine] = field(default_factory=list)
    cuttings: list[Cutting] = field(default_factory=list)
    under_marks: list[tuple[int, Cutting]] = field(default_factory=list)
    beside: set[int] = field(default_factory=set)
    bare: Grey | None = None
    again: Callable[[TextLine, int], Cutting] | None = None
    around: Callable[[TextLine, int], Cutting] | None = None
    whole: Grey | None = None
    grids: list[Grid] = field(default_factory=list)
    stamps: int = 0
    back: Matrix | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        height, width = self.page.shape
        return 72.0 * width / self.dpi, 72.0 * height / self.dpi


def sheet_of(image: Image.Image, dpi: float) -> Sheet:
    """Make ``image`` (``dpi`` dots per inch) ready."""
    if min(image.size) < _SIDES[0] or max(image.size) > _SIDES[1]:
        return Sheet(clean.to_grey(image, dpi), dpi)  # no page is so small, or so long
    grey, flat = flatten(clean.to_grey(image, dpi))
    sheet = prepare(clean.even_light(grey), _resolution(grey, dpi) if flat is not None else dpi)
    if flat is not None:
        sheet.back = _in_points(
            np.asarray(np.linalg.inv(flat), dtype=np.float64), sheet.dpi, dpi
        ) @ _or_same(sheet.back)
    return sheet


def prepare(grey: Grey, dpi: float) -> Sheet:
    """The sheet of a page that is flat, evenly lit and upright but for some degrees."""
    ink = clean.ink_of(grey)
    if min(grey.shape) < _SIDES[0] or max(grey.shape) > _SIDES[1] or not ink.any():
        return Sheet(grey, dpi)  # no page holds text on so little, and tesseract reads no more
    degrees = clean.skew_of(ink, dpi)
    page = clean.turn(grey, degrees)
    marks = lift_marks(page, dpi)
    sheet = Sheet(page, dpi, grids=marks.grids, stamps=len(marks.stamps))
    if degrees:
        height, width = grey.shape
        turned = np.eye(3)
        turned[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
        sheet.back = _in_points(turned, dpi, dpi)
    lines, labels = find_lines(marks.clean, marks.line_height, _cells(marks.grids, dpi))
    if len(lines) > _MANY:
        sheet.whole = marks.clean
        return sheet
    sheet.lines = lines
    _cut_lines(sheet, marks, labels)
    return sheet


def _cut_lines(sheet: Sheet, marks: Marks, labels: Labels) -> None:
    blur = _SMOOTH[int(clean.is_bilevel(marks.clean))]
    smooth = np.asarray(cv2.GaussianBlur(marks.clean, (0, 0), blur), dtype=np.uint8)
    sheet.cuttings = [cut(smooth, labels, line, _capital(line)) for line in sheet.lines]
    sheet.again = lambda line, capital: cut(smooth, labels, line, capital)
    full = [one for one in sheet.lines if len(one.pieces) > _FEW]
    sheet.around = lambda line, capital: cut_around(smooth, labels, line, full, capital)
    if not marks.seals and not marks.stamps:
        return
    bare = without_rules(without_rings(sheet.page, marks.seals), marks.ruled, sheet.dpi)
    sheet.bare = bare
    covers: list[Seal | Stamp] = [*marks.seals, *marks.stamps]
    for number, line in enumerate(sheet.lines):
        limits = [left_limit(line, one) for one in covers]
        limit = min((one for one in limits if one is not None), default=None)
        if limit is not None:
            made = cuts_under(bare, line, limit, _CAPITAL)
            sheet.under_marks.extend((number, cutting) for cutting in made)
        if any(begins_beside(line, one) for one in covers):
            sheet.beside.add(number)


def _capital(line: TextLine) -> int:
    """The height in pixels that the capitals of ``line`` are brought to."""
    return _CAPITAL_OF_SHORT if is_short(line) else _CAPITAL


def is_short(line: TextLine) -> bool:
    """Whether a line is no longer than a word or a figure."""
    return line.x1 - line.x0 < _SHORT * (line.core_bottom - line.core_top)


def _cells(grids: Sequence[Grid], dpi: float) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of the cells of tables, in pixels."""
    scale = dpi / 72
    boxes = [one.box for grid in grids for one in grid.fields]
    return [
        (round(box.x0 * scale), round(box.top * scale),
         round(box.x1 * scale), round(box.bottom * scale))
        for box in boxes
    ]  # fmt: skip


def _resolution(sheet: Grey, dpi: float) -> float:
    """Dots per inch of a sheet cut from a photo: those of A4 if it has the shape, else ``dpi``."""
    short, long = sorted(sheet.shape)
    alike = abs(long / short / (_A4[1] / _A4[0]) - 1) < _SAME_SHAPE
    return short / _A4[0] if alike else dpi


def _in_points(pixels: Matrix, dpi: float, dpi_after: float) -> Matrix:
    """A map between pixels as one between points."""
    before, after = np.diag([dpi / 72, dpi / 72, 1.0]), np.diag([72 / dpi_after, 72 / dpi_after, 1])
    return np.asarray(after @ pixels @ before, dtype=np.float64)


def _or_same(matrix: Matrix | None) -> Matrix:
    return np.eye(3) if matrix is None else matrix
