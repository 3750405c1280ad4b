"""Photos of pages: the sheet of paper found on what it lies on, and laid flat.

A sheet is brighter than the table under it, and has four corners. Where that is not so (a scan, a
photo that the page fills), the image stays as it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.clean import Grey

Matrix = NDArray[np.float64]  # 3 × 3, of homogeneous coordinates

_SIDE = 640  # pixels: the longer side of the image on which the sheet is looked for
_SHARES = (0.3, 0.995)  # of the image that a sheet covers
_FULL = 0.95  # share of its four-cornered outline that is paper
_LEVELS = (0.8, 0.7, 0.6, 0.5, 0.4)  # of the brightness of paper
_DARKER = 15  # grey levels by which it gets darker just outside the sheet
_LEAST_SIDES = 2  # of the sheet that lie inside the image
_MOST_BEND = 28.0  # degrees: corners of a sheet are no farther from a right angle
_STRAIGHT = 0.004  # of the side: sheets whose corners lie no farther from the image's are scans


def flatten(grey: Grey) -> tuple[Grey, Matrix | None]:
    """The sheet of paper on ``grey``, laid flat, and the matrix that took it there.

    The image itself and None where no sheet shows against what it lies on.
    """
    corners = _corners(grey)
    if corners is None:
        return grey, None
    left_top, right_top, right_bottom, left_bottom = corners
    width = max(np.hypot(*(right_top - left_top)), np.hypot(*(right_bottom - left_bottom)))
    height = max(np.hypot(*(left_bottom - left_top)), np.hypot(*(right_bottom - right_top)))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    size = (round(float(width)), round(float(height)))
    sheet = cv2.warpPerspective(grey, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255,))
    return np.asarray(sheet, dtype=np.uint8), np.asarray(matrix, dtype=np.float64)


def _corners(grey: Grey) -> NDArray[np.float64] | None:
    """The corners of the sheet from the upper left one on, clockwise, in pixels."""
    scale = min(1.0, _SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))  # print vanishes
    bright = float(np.percentile(small, 90))
    for level in _LEVELS:  # the light may fall off over the sheet, down to near what is beside it
        quad = _quad(np.asarray(small, dtype=np.uint8), level * bright)
        if quad is None:
            continue
        corners = _in_order(quad / scale)
        height, width = grey.shape
        frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
        apart = np.abs(corners - frame).max()
        return None if apart < max(2 / scale, _STRAIGHT * max(grey.shape)) else corners
    return None


def _quad(small: Grey, level: float) -> NDArray[np.float64] | None:
    """The four corners of what is brighter than ``level``, where that is a sheet of paper."""
    paper = np.pad((small > level).astype(np.uint8), 1)
    outlines, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = cv2.convexHull(max(outlines, key=cv2.contourArea))
    found = cv2.approxPolyDP(outline, 0.02 * cv2.arcLength(outline, closed=True), closed=True)
    if len(found) != 4:
        return None
    inside = np.zeros_like(paper)
    cv2.fillConvexPoly(inside, found, 1)
    share = inside.sum() / inside.size
    if not _SHARES[0] <= share <= _SHARES[1] or paper[inside > 0].mean() < _FULL:
        return None
    corners = found[:, 0, :].astype(np.float64) - 1
    sides = np.roll(corners, -1, axis=0) - corners
    bends = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    turns = np.abs((np.diff(np.append(bends, bends[0])) + 180) % 360 - 180)
    square = bool((np.abs(turns - 90) < _MOST_BEND).all())
    return corners if square and _has_edges(small, corners) else None


def _has_edges(small: Grey, corners: NDArray[np.float64]) -> bool:
    """Whether the light falls off at each side that lies in the image, not somewhere on paper."""
    middle = corners.mean(axis=0)
    height, width = small.shape
    seen = 0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = np.linspace(0.1, 0.9, 60)[:, None]
        points = start + along * (end - start)
        normal = np.array([end[1] - start[1], start[0] - end[0]])
        normal = normal / max(1e-9, np.hypot(*normal))
        if normal @ (middle - start) > 0:
            normal = -normal
        outer, inner = np.rint(points + 3 * normal), np.rint(points - 4 * normal)
        shown = (outer >= 0).all(axis=1) & (outer < (width, height)).all(axis=1)
        shown &= (inner >= 0).all(axis=1) & (inner < (width, height)).all(axis=1)
        if shown.mean() < 0.3:
            continue  # the sheet goes on beyond the image
        (x0, y0), (x1, y1) = outer[shown].astype(int).T, inner[shown].astype(int).T
        falls = small[y1, x1].astype(float) - small[y0, x0]
        if np.percentile(falls, 30) < _DARKER:
            return False
        seen += 1
    return seen >= _LEAST_SIDES


def _in_order(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Four points clockwise from the upper left one (of the smallest sum of its coordinates)."""
    middle = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    clockwise = points[np.argsort(angles)]
    return np.roll(clockwise, -int(np.argmin(clockwise.sum(axis=1))), axis=0)
