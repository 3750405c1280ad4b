"""What lies on a scanned page besides print: borders, seals, stamps, handwriting, rules, specks.

They are found by shape among the connected pieces of ink and erased, so that OCR neither reads
them nor loses the words beside them. Seals are remembered: print that runs under one is read again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.document import Box
from pipeline.extract.clean import Grey, Ink, Labels, ink_of, pieces_of
from pipeline.extract.grid import Grid, find_grids
from pipeline.extract.rulings import Ruling

_MM = 1 / 25.4
_SEAL_RADII = (13.0, 24.0)  # millimetres; official seals measure 30 to 42 across
_RING = 0.72  # share of a circle that must be inked to count as a seal's rim
_ALIKE = 0.004  # in that share
_LETTER = 1.3  # heights of a capital: longer pieces are no single letters
_STAMP = (9.0, 90.0)  # millimetres: narrowest and widest side of a framed stamp
_STAMP_BODY, _FRAME = 6.0, 0.6  # millimetres: less than any side of a stamp; its line's thickness
_WHOLE = 0.7  # share of a stamp's area that is left without what hangs on its frame
_TALL = 2.4  # lines high: pieces that are taller are no print
_RULE = (8.0, 1.3)  # millimetres: shortest length and greatest thickness of a rule
_LEVEL, _UPRIGHT = 12.0, 7.0  # millimetres: shortest stretches of a table's rulings


@dataclass(frozen=True, slots=True)
class Seal:
    """A round seal: centre and radius in pixels."""

    x: int
    y: int
    radius: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """A framed stamp: its sides in pixels."""

    x0: int
    top: int
    x1: int
    bottom: int


@dataclass(slots=True)
class Marks:
    """What was found: the page without it, its seals, and its tables (points).

    ``ruled`` is where rules and the sides of frames run.
    """

    clean: Grey
    ruled: Ink
    seals: list[Seal] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    line_height: float = 0.0


def lift_marks(grey: Grey, dpi: float) -> Marks:
    """Find the marks on an upright page image and erase them."""
    ink = ink_of(grey)
    labels, stats = pieces_of(ink)
    height = _line_height(stats, dpi)
    erase = np.zeros_like(ink)
    seals = _seals(ink, _larger_than_print(labels, stats, height), dpi)
    for seal in seals:
        cv2.circle(erase, (seal.x, seal.y), round(seal.radius * 1.07), 1, -1)
    rulings, ruled = _rulings(ink, dpi)
    ruled_frames = find_grids(rulings)
    grids = [grid for grid in ruled_frames if _is_table(grid)]
    stamps: list[Stamp] = []
    if (
        np.minimum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
        > 0.8 * _STAMP[0] * _MM * dpi
    ).any():
        stamps = _erase_stamps(ink & (1 - erase), erase, dpi, grids)
    for grid in ruled_frames:
        if grid not in grids and (stamp := _erase_frame(ink, ruled, erase, grid.box, dpi)):
            stamps.append(stamp)
    erase |= ruled
    _erase_pieces(ink & (1 - erase), erase, dpi, height)
    clean = grey.copy()
    clean[cv2.dilate(erase, np.ones((3, 3), np.uint8)).astype(bool)] = 255
    return Marks(clean, ruled, seals, stamps, grids, height)


def _line_height(stats: NDArray[np.int32], dpi: float) -> float:
    """The height of capital letters in pixels: the 80th percentile of the pieces of letter size."""
    heights = stats[1:, cv2.CC_STAT_HEIGHT]
    letters = heights[(heights > 1.2 * _MM * dpi) & (heights < 8 * _MM * dpi)]
    return float(np.percentile(letters, 80)) if len(letters) >= 10 else 3.5 * _MM * dpi


def _larger_than_print(labels: Labels, stats: NDArray[np.int32], line: float) -> Ink:
    """The ink of pieces that are longer than letters."""
    longest = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    large = (longest > _LETTER * line).astype(np.uint8)
    large[0] = 0
    return np.asarray(large[labels], dtype=np.uint8)


def _seals(ink: Ink, large: Ink, dpi: float) -> list[Seal]:
    """Round seals, by Hough's transform on a small image of ``large``, each proved on all ink."""
    scale = 60.0 / dpi
    small = cv2.resize(large * 255, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (3, 3), 0)
    low, high = (round(radius * _MM * 60) for radius in _SEAL_RADII)
    found = cv2.HoughCircles(
        small, cv2.HOUGH_GRADIENT, dp=1.5, minDist=low, param1=120, param2=38,
        minRadius=low, maxRadius=high,
    )  # fmt: skip
    if found is None:
        return []
    thick = max(2, round(0.35 * _MM * dpi))
    joined = np.asarray(cv2.dilate(ink, np.ones((thick, thick), np.uint8)), dtype=np.uint8)
    seals: list[Seal] = []
    for x, y, radius in found[0][:6]:
        seal = _proved(joined, x / scale, y / scale, radius / scale, dpi)
        if seal is not None and not any(
            np.hypot(seal.x - one.x, seal.y - one.y) < one.radius for one in seals
        ):
            seals.append(seal)
    return seals


def _proved(joined: Ink, x: float, y: float, radius: float, dpi: float) -> Seal | None:
    """The circle near the given one whose rim is inked all round, None when there is none.

    Of rims that are inked alike the outermost.
    """
    reach = 1.6 * _MM * dpi
    angles = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    near = np.linspace(-reach, reach, 7)
    radii = radius + np.linspace(-2 * reach, 2 * reach, 21)
    across, down, r = (one.ravel() for one in np.meshgrid(near, near, radii, indexing="ij"))
    rows = np.rint((y + down)[:, None] + np.outer(r, np.sin(angles))).astype(np.intp)
    columns = np.rint((x + across)[:, None] + np.outer(r, np.cos(angles))).astype(np.intp)
    height, width = joined.shape
    inside = (rows >= 0) & (columns >= 0) & (rows < height) & (columns < width)
    inked = joined[rows.clip(0, height - 1), columns.clip(0, width - 1)] & inside
    shares = inked.mean(axis=1)
    if shares.max() < _RING:
        return None
    alike = np.nonzero(shares > shares.max() - _ALIKE)[0]
    best = alike[np.argmax(r[alike])]
    return Seal(round(x + across[best]), round(y + down[best]), round(r[best] + 0.4 * _MM * dpi))


def _rulings(ink: Ink, dpi: float) -> tuple[list[Ruling], Ink]:
    """Level and upright rules in points, and their ink."""
    ruled = np.zeros_like(ink)
    rulings: list[Ruling] = []
    for level in (True, False):
        length = round((_LEVEL if level else _UPRIGHT) * _MM * dpi)
        shape = (1, length) if level else (length, 1)
        across = np.ones((3, 1) if level else (1, 3), np.uint8)  # for lines that step aside
        kept = cv2.morphologyEx(cv2.dilate(ink, across), cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        if not kept.any():
            continue
        labels, stats = pieces_of(np.asarray(kept, dtype=np.uint8))
        for number, (x, y, width, height, _) in enumerate(stats[1:], start=1):
            thick = min(width, height) > _RULE[1] * _MM * dpi * 1.8
            if thick or max(width, height) < length:
                continue
            box = np.s_[y : y + height, x : x + width]
            ruled[box] |= (labels[box] == number) & ink[box]
            rulings.append(_ruling(x, y, width, height, dpi))
    return rulings, ruled


def _ruling(x: int, y: int, width: int, height: int, dpi: float) -> Ruling:
    scale = 72.0 / dpi
    if width >= height:
        middle = (y + height / 2) * scale
        return Ruling(x * scale, middle, (x + width) * scale, middle)
    middle = (x + width / 2) * scale
    return Ruling(middle, y * scale, middle, (y + height) * scale)


def _is_table(grid: Grid) -> bool:
    """Stamps are framed too, but smaller than any table, and have at most a few fields."""
    width = (grid.box.x1 - grid.box.x0) / 72 * 25.4
    height = (grid.box.bottom - grid.box.top) / 72 * 25.4
    return width > 85 or height > 60 or (len(grid.fields) > 6 and width > 50)


def _erase_stamps(left: Ink, erase: Ink, dpi: float, grids: list[Grid]) -> list[Stamp]:
    """Erase framed stamps with what they enclose; gives where they were."""
    labels, stats = pieces_of(left)
    least = _STAMP[0] * _MM * dpi
    stamps: list[Stamp] = []
    for number, piece in enumerate(stats[1:], start=1):
        x, y, width, height, _ = piece
        if width < least or height < 0.8 * least or _in_table(piece, grids, dpi):
            continue
        frame = np.s_[y : y + height, x : x + width]
        inside = _enclosed(labels[frame] == number, _MM * dpi)
        if inside is not None:
            across = _across(left[frame], inside, _MM * dpi)
            erase[frame] |= inside & (1 - across)
            stamps.append(Stamp(int(x), int(y), int(x + width), int(y + height)))
    return stamps


def _erase_frame(ink: Ink, ruled: Ink, erase: Ink, box: Box, dpi: float) -> Stamp | None:
    """Erase what a small ruled frame encloses, a stamp whose frame is broken; None if it is none.

    Print across its rules is kept, also from ``ruled``.
    """
    mm, scale = _MM * dpi, dpi / 72
    x0, top = max(0, round(box.x0 * scale)), max(0, round(box.top * scale))
    x1, bottom = round(box.x1 * scale), round(box.bottom * scale)
    low, high = _STAMP
    if not (low * mm <= x1 - x0 <= high * mm and 0.8 * low * mm <= bottom - top <= 0.6 * high * mm):
        return None
    reach = round(_STAMP_BODY * mm)
    around = np.s_[max(0, top - reach) : bottom + reach, max(0, x0 - reach) : x1 + reach]
    inside = np.zeros_like(ink[around])
    thick = round(_FRAME * mm / 2)
    left, upper = x0 - max(0, x0 - reach), top - max(0, top - reach)
    inside[
        max(0, upper - thick) : upper + bottom - top + thick,
        max(0, left - thick) : left + x1 - x0 + thick,
    ] = 1
    across = _across(ink[around], inside, mm)
    ruled[around] &= 1 - across
    erase[around] |= inside & (1 - across)
    return Stamp(x0, top, x1, bottom)


def _erase_pieces(left: Ink, erase: Ink, dpi: float, line: float) -> None:
    """Erase pieces of ink that are no print: the lid's edge, rules, handwriting, blots, specks."""
    labels, stats = pieces_of(left)
    mm = _MM * dpi
    x, y, width, height, area = (stats[:, column] for column in range(5))
    fill = area / np.maximum(1, width * height)
    edge = (x <= 2) | (y <= 2)
    edge |= (x + width >= left.shape[1] - 2) | (y + height >= left.shape[0] - 2)
    gone = np.zeros(len(stats), dtype=bool)
    gone |= edge & ((height > 2 * line) | (width > 4 * line))  # the scanner's lid, a shadow
    gone |= (width > _RULE[0] * mm) & (height < _RULE[1] * mm)  # a rule
    gone |= (height > _TALL * line) & (width > 1.2 * line)  # handwriting, what is left of frames
    gone |= (width > 9 * line) & (fill < 0.2)  # a long stroke of the pen
    gone |= (width > 4 * mm) & (height > 4 * mm) & (fill > 0.55)  # punch holes, blots
    gone |= _specks(stats, line)
    gone[0] = False
    erase |= gone.astype(np.uint8)[labels]


def _enclosed(piece: NDArray[np.bool_], mm: float) -> Ink | None:
    """What a framed stamp encloses, its frame with it; None when the piece is no frame."""
    height, width = piece.shape
    low, high = _STAMP
    if not (low * mm <= width <= high * mm and 0.8 * low * mm <= height <= 0.6 * high * mm):
        return None
    closed = cv2.morphologyEx(piece.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros((height, width), np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, -1)
    hull = np.zeros((height, width), np.uint8)  # a frame may be broken; what it spans is not
    cv2.fillConvexPoly(hull, cv2.convexHull(np.concatenate(outlines)), 1)
    covers = filled.sum() / hull.sum()
    hollow = piece.sum() / max(1, filled.sum())
    spans = hull.sum() / (height * width)
    if covers <= 0.4 or hollow >= 0.35 or spans <= 0.4:
        return None
    # Print that runs across the frame hangs on it from outside, thin against what it encloses.
    side = round(_STAMP_BODY * mm)
    body = cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return np.asarray(body, dtype=np.uint8) if body.sum() > _WHOLE * filled.sum() else hull


def _across(ink: Ink, stamp: Ink, mm: float) -> Ink:
    """The ink inside ``stamp`` that belongs to print which its frame runs across.

    Without the frame's line the parts of a letter on both sides of it are joined over the gap.
    """
    thick = round(_FRAME * mm)
    square = np.ones((2 * thick + 1, 2 * thick + 1), np.uint8)
    inner = np.asarray(cv2.erode(stamp, square), dtype=np.uint8)
    covered = np.asarray(cv2.dilate(stamp, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    outside = ink & (1 - covered)
    parted = outside | (ink & inner)
    gap = np.ones((2 * thick + 5, 1), np.uint8)
    joined = np.asarray(cv2.morphologyEx(parted, cv2.MORPH_CLOSE, gap), dtype=np.uint8)
    joined = (joined & ink) | parted
    labels, stats = pieces_of(joined)
    touches = np.zeros(len(stats), dtype=np.uint8)
    touches[np.unique(labels[(outside > 0) & (cv2.dilate(stamp, gap) > 0)])] = 1
    touches[stats[:, cv2.CC_STAT_HEIGHT] > _STAMP_BODY * mm] = 0  # no letter is as tall
    touches[0] = 0
    return np.asarray(touches[labels] & stamp, dtype=np.uint8)


def _in_table(piece: NDArray[np.int32], grids: list[Grid], dpi: float) -> bool:
    scale = 72.0 / dpi
    x, y = (piece[0] + piece[2] / 2) * scale, (piece[1] + piece[3] / 2) * scale
    return any(
        grid.box.x0 < x < grid.box.x1 and grid.box.top < y < grid.box.bottom for grid in grids
    )


def _specks(stats: NDArray[np.int32], line: float) -> NDArray[np.bool_]:
    """Tiny pieces that stand apart from all print; dots of letters and full stops do not."""
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    small = np.maximum(width, height) < max(3, 0.45 * line)
    large = ~small & (height > 0.4 * line) & (height < _TALL * line)
    large[0] = False
    shape = (int((stats[:, 1] + height).max()) // 4 + 2, int((stats[:, 0] + width).max()) // 4 + 2)
    print_ = np.zeros(shape, np.uint8)
    for x, y, w, h, _ in stats[large]:
        print_[y // 4 : (y + h) // 4 + 1, x // 4 : (x + w) // 4 + 1] = 1
    reach = max(3, round(2.6 * line / 4)) | 1
    near = cv2.dilate(print_, np.ones((reach, reach), np.uint8))
    rows = np.minimum((stats[:, 1] + height // 2) // 4, shape[0] - 1)
    columns = np.minimum((stats[:, 0] + width // 2) // 4, shape[1] - 1)
    return np.asarray(small & (near[rows, columns] == 0))
