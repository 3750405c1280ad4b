"""A page image made ready for OCR: grey, evenly lit, straight.

Arrays are ``uint8``, rows × columns, 0 black to 255 white; ``ink`` arrays are 1 where there is ink.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]
Ink = NDArray[np.uint8]
Labels = NDArray[np.uint16] | NDArray[np.int32]

_RED = 45  # by how much red must outweigh green and blue
_PAPER = 150  # red channel over which a red pixel is ink on bare paper
_SEAL = 15.0  # millimetres: a patch of red as large is a seal, smaller ones are print
_BILEVEL = 0.985  # share of pixels near black or white from which an image has two levels
_MOST_SKEW = 6.0  # degrees
_LEAST_SKEW = 0.12
_SHORT_NUMBERS = 65_000


def to_grey(image: Image.Image, dpi: float) -> Grey:
    """The image in grey; red seals are lifted off, since in the red channel they are paper."""
    if image.mode not in ("RGB", "RGBA"):
        return np.asarray(image.convert("L"), dtype=np.uint8)
    colours = np.asarray(image.convert("RGB"), dtype=np.uint8)
    grey: Grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), dtype=np.uint8).copy()
    reds, greens, blues = cv2.split(colours)
    outweighs = cv2.subtract(reds, cv2.max(greens, blues))  # stops at 0
    _, red = cv2.threshold(outweighs, _RED, 1, cv2.THRESH_BINARY)
    for top, bottom, left, right in _patches(np.asarray(red, dtype=np.uint8), dpi):
        part = grey[top:bottom, left:right]
        lifted = np.maximum(part, reds[top:bottom, left:right])
        around = cv2.dilate(red[top:bottom, left:right], np.ones((3, 3), np.uint8))
        lifted[(around > 0) & (lifted > _PAPER)] = 255
        np.copyto(part, lifted)
    return grey


def _patches(red: Ink, dpi: float) -> list[tuple[int, int, int, int]]:
    """Rows and columns (top, bottom, left, right) of the patches of red that are seals."""
    if not red.any():
        return []
    near = max(3, round(dpi / 25.4))
    joined = cv2.dilate(red, np.ones((near, near), np.uint8))
    _, stats = pieces_of(np.asarray(joined, dtype=np.uint8))
    least = _SEAL / 25.4 * dpi
    return [
        (int(y), int(y + height), int(x), int(x + width))
        for x, y, width, height, _ in stats[1:]
        if width >= least and height >= least
    ]


def is_bilevel(grey: Grey) -> bool:
    """Whether an image has two levels, as scanners and fax machines make them."""
    return bool(np.count_nonzero((grey < 40) | (grey > 215)) > _BILEVEL * grey.size)


def even_light(grey: Grey) -> Grey:
    """Paper brought to white and ink to black where the light is uneven, as on photos."""
    if is_bilevel(grey):
        return grey
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    size = max(3, (min(small.shape) // 12) | 1)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), min(size, 255))
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    flat = cv2.divide(grey, np.maximum(paper, 40), scale=255)
    dark = float(np.percentile(flat, 1.0))
    spread = 255.0 / max(60.0, 245.0 - min(dark, 150.0))
    levels = np.clip((np.arange(256) - min(dark, 150.0)) * spread, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(flat, levels), dtype=np.uint8)


def ink_of(grey: Grey) -> Ink:
    """Where there is ink: Otsu's threshold, kept within sane bounds."""
    threshold, _ = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    threshold = min(max(threshold, 90.0), 190.0)
    _, ink = cv2.threshold(grey, threshold, 1, cv2.THRESH_BINARY_INV)
    return np.asarray(ink, dtype=np.uint8)


def pieces_of(ink: Ink) -> tuple[Labels, NDArray[np.int32]]:
    """The number of the connected piece that each pixel belongs to (0: none), and their boxes.

    A row of the second holds left, top, width, height and area; row 0 is the paper. Short numbers
    are used where they suffice: they halve the time.
    """
    # Each number that is given out, also for a while, starts at a pixel with no ink before it.
    before = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], np.uint8)
    starts = cv2.countNonZero(cv2.subtract(ink, cv2.dilate(ink, before)))
    kind = cv2.CV_16U if starts < _SHORT_NUMBERS else cv2.CV_32S
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=kind)
    return labels, np.asarray(stats, dtype=np.int32)  # type: ignore[return-value]


def skew_of(ink: Ink, dpi: float) -> float:
    """How far the lines of text are turned, in degrees clockwise; 0.0 where it cannot be told.

    The angle at which the row sums of the ink vary most (W. Postl, 1986), coarse then fine.
    """
    scale = min(1.0, 75.0 / dpi)
    small = cv2.resize(ink * 255, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if np.count_nonzero(small > 64) < 200:
        return 0.0
    rows, columns = np.nonzero(small > 64)
    if len(rows) > 60_000:
        chosen = np.random.default_rng(0).choice(len(rows), 60_000, replace=False)
        rows, columns = rows[chosen], columns[chosen]
    coarse = _sharpest(rows, columns, np.arange(-_MOST_SKEW, _MOST_SKEW + 0.1, 0.5))
    fine = _sharpest(rows, columns, np.arange(coarse - 0.5, coarse + 0.51, 0.05))
    return fine if abs(fine) >= _LEAST_SKEW else 0.0


def _sharpest(
    rows: NDArray[np.int64], columns: NDArray[np.int64], angles: NDArray[np.float64]
) -> float:
    best, sharpest = 0.0, -1.0
    for angle in angles:
        heights = np.round(rows - columns * np.tan(np.radians(angle))).astype(np.int64)
        sums = np.bincount(heights - heights.min())
        sharpness = float(np.sum(np.square(np.diff(sums.astype(np.float64)))))
        if sharpness > sharpest:
            best, sharpest = float(angle), sharpness
    return best


def turn(grey: Grey, degrees: float) -> Grey:
    """``grey`` turned anticlockwise by ``degrees`` about its middle, on white."""
    if not degrees:
        return grey
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(
        grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)
    )
    return np.asarray(turned, dtype=np.uint8)
