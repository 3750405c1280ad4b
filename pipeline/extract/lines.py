"""Lines of print on a cleaned page image, cut out one by one for OCR.

Letters that stand side by side make a line; marks, dots and dashes join the line they are nearest
to. Each line is cut out with its own ink only, so that neither a neighbour's descenders nor a
second column come with it, and is brought to one size of letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.clean import Grey, Labels, ink_of, pieces_of

_REACH = 1.7  # widest gap inside a line, in heights of a capital
_DASH_REACH = 2.6  # the same for dashes and dots on the height of the line
_LETTER = (0.45, 1.75)  # heights of pieces that are letters
PAD = 0.5  # of the height of the letters: paper around a cut-out line
_ABOVE, _BELOW = 0.9, 0.6  # heights of a letter: how far figures by hand reach
_SHARPER, _SHARP_WITHIN = 0.6, 1.5  # how much, and pixels of the scaled line


@dataclass(slots=True)
class TextLine:
    """A line on the page: the box of its ink and of its letters' core, in pixels."""

    x0: int
    top: int
    x1: int
    bottom: int
    core_top: float
    core_bottom: float
    pieces: list[int]
    zone: int = 0


@dataclass(slots=True)
class Cutting:
    """The image of a line, and how to get from its pixels back to the page's.

    ``capital``: how high its capitals are in the image, 0 where that is not known.
    """

    image: Grey
    x: float
    y: float
    scale: float
    capital: float = 0.0


def find_lines(
    grey: Grey, capital: float, boxes: Sequence[tuple[int, int, int, int]] = ()
) -> tuple[list[TextLine], Labels]:
    """Lines of a page whose capitals are ``capital`` pixels high, and the labels of its pieces.

    ``boxes`` (left, top, right, bottom) are the cells of tables: no line leaves its cell.
    """
    ink = ink_of(grey)
    labels, stats = pieces_of(ink)
    zones = _zones(stats, boxes)
    height = stats[:, cv2.CC_STAT_HEIGHT]
    width = stats[:, cv2.CC_STAT_WIDTH]
    letter = (height >= _LETTER[0] * capital) & (height <= _LETTER[1] * capital)
    letter &= (width <= 12 * capital) & (stats[:, cv2.CC_STAT_AREA] > 4)
    letter[0] = False
    lines = _chains(np.nonzero(letter)[0], stats, zones, capital)
    lines, marks = _without_marks(lines, stats, capital)
    others = np.nonzero(~letter)[0]
    _adopt(np.concatenate([others[others > 0], marks]), stats, zones, lines, capital)
    for line in lines:
        _measure(line, stats)
    return lines, labels


def _zones(
    stats: NDArray[np.int32], boxes: Sequence[tuple[int, int, int, int]]
) -> NDArray[np.int64]:
    """The number of the box that the middle of each piece lies in, 0 outside all."""
    x = stats[:, 0] + stats[:, 2] / 2
    y = stats[:, 1] + stats[:, 3] / 2
    zones = np.zeros(len(stats), dtype=np.int64)
    for number, (left, top, right, bottom) in enumerate(boxes, start=1):
        zones[(x >= left) & (x < right) & (y >= top) & (y < bottom)] = number
    return zones


def _chains(
    letters: NDArray[np.int64],
    stats: NDArray[np.int32],
    zones: NDArray[np.int64],
    capital: float,
) -> list[TextLine]:
    """Join letters that stand beside each other into lines."""
    order = letters[np.argsort(stats[letters, 0], kind="stable")]
    parent = {int(i): int(i) for i in order}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    boxes = stats[order]
    x0, top = boxes[:, 0], boxes[:, 1]
    x1, bottom = x0 + boxes[:, 2], top + boxes[:, 3]
    firsts = np.searchsorted(x0, x0 - 14 * capital, side="right")
    for k in range(len(order)):
        first = int(firsts[k])
        near = first + np.nonzero(x0[k] - x1[first:k] < _REACH * capital)[0]
        overlap = np.minimum(bottom[near], bottom[k]) - np.maximum(top[near], top[k])
        lower = np.minimum(bottom[near] - top[near], bottom[k] - top[k])
        near = near[(overlap > 0.5 * lower) & (zones[order[near]] == zones[order[k]])]
        if len(near):
            best = near[np.argmax(x1[near])]
            parent[root(int(order[k]))] = root(int(order[best]))
    groups: dict[int, list[int]] = {}
    for i in order:
        groups.setdefault(root(int(i)), []).append(int(i))
    lines = [_line(group, stats, int(zones[group[0]])) for group in groups.values()]
    return _rejoined(lines, stats, capital)


def _line(pieces: list[int], stats: NDArray[np.int32], zone: int) -> TextLine:
    boxes = stats[pieces]
    top = float(np.median(boxes[:, 1]))
    bottom = float(np.median(boxes[:, 1] + boxes[:, 3]))
    line = TextLine(0, 0, 0, 0, top, bottom, pieces, zone)
    _measure(line, stats)
    return line


def _measure(line: TextLine, stats: NDArray[np.int32]) -> None:
    boxes = stats[line.pieces]
    line.x0, line.top = int(boxes[:, 0].min()), int(boxes[:, 1].min())
    line.x1 = int((boxes[:, 0] + boxes[:, 2]).max())
    line.bottom = int((boxes[:, 1] + boxes[:, 3]).max())


def _rejoined(lines: list[TextLine], stats: NDArray[np.int32], capital: float) -> list[TextLine]:
    """Join pieces of one line that a low or a high letter held apart."""
    lines.sort(key=lambda line: line.x0)
    result: list[TextLine] = []
    for line in lines:
        for one in result:
            gap = line.x0 - one.x1
            overlap = min(one.core_bottom, line.core_bottom) - max(one.core_top, line.core_top)
            lower = min(one.core_bottom - one.core_top, line.core_bottom - line.core_top)
            near = one.zone == line.zone and -0.5 * capital < gap < _REACH * capital
            if near and overlap > 0.6 * lower:
                joined = _line(one.pieces + line.pieces, stats, one.zone)
                result[result.index(one)] = joined
                break
        else:
            result.append(line)
    return result


def _without_marks(
    lines: list[TextLine], stats: NDArray[np.int32], capital: float
) -> tuple[list[TextLine], NDArray[np.int64]]:
    """Take out "lines" that are marks over the letters of a true line, stacked ones mostly."""
    kept, marks = [], []
    for line in lines:
        hosts = [one for one in lines if one is not line and len(one.pieces) > len(line.pieces)]
        few = len(line.pieces) <= 8
        if few and all(_is_mark(stats[piece], hosts, capital) for piece in line.pieces):
            marks.extend(line.pieces)
        else:
            kept.append(line)
    return kept, np.array(marks, dtype=np.int64)


def _is_mark(piece: NDArray[np.int32], hosts: Sequence[TextLine], capital: float) -> bool:
    """Whether a piece sits close above (or below) the letters of a line, and is lower than they."""
    x, y, width, height, _ = piece
    if width > 1.3 * capital:
        return False
    for host in hosts:
        core = host.core_bottom - host.core_top
        beside = host.x0 - 0.5 * core < x and x + width < host.x1 + 0.5 * core
        gap = max(host.core_top - (y + height), y - host.core_bottom)
        if beside and height < 0.9 * core and -0.35 * core < gap < 0.5 * core:
            return True
    return False


def _adopt(
    others: NDArray[np.int64],
    stats: NDArray[np.int32],
    zones: NDArray[np.int64],
    lines: list[TextLine],
    capital: float,
) -> None:
    """Give marks, dots and dashes to the line they are nearest to."""
    if not lines or not len(others):
        return
    x0 = np.array([line.x0 for line in lines])
    x1 = np.array([line.x1 for line in lines])
    top = np.array([line.core_top for line in lines])
    bottom = np.array([line.core_bottom for line in lines])
    zone = np.array([line.zone for line in lines])
    for i in others:
        x, y, width, height, _ = stats[i]
        if height > 3 * capital or width > 6 * capital:
            continue
        aside = np.maximum(0, np.maximum(x0 - (x + width), x - x1))
        above = np.maximum(0.0, top - (y + height))
        below = np.maximum(0.0, y - bottom)
        within = (above == 0) & (below == 0) & (y + height / 2 > top) & (y + height / 2 < bottom)
        reach = np.where(within, _DASH_REACH, 1.0) * capital
        cost = aside + above + 1.3 * below
        cost[zone != zones[i]] = np.inf
        cost[(aside > reach) | (above > 0.9 * capital) | (below > 0.6 * capital)] = np.inf
        best = int(np.argmin(cost))
        if np.isfinite(cost[best]):
            lines[best].pieces.append(int(i))


def cut(grey: Grey, labels: Labels, line: TextLine, capital: float) -> Cutting:
    """The image of ``line`` with its own ink only, its capitals ``capital`` pixels high."""
    top, bottom = max(0, line.top - 2), min(grey.shape[0], line.bottom + 2)
    left, right = max(0, line.x0 - 2), min(grey.shape[1], line.x1 + 2)
    own = np.isin(labels[top:bottom, left:right], line.pieces).astype(np.uint8)
    near = cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0
    part = np.where(near, grey[top:bottom, left:right], 255).astype(np.uint8)
    return scaled(part, left, top, line.core_bottom - line.core_top, capital)


def cut_around(
    grey: Grey, labels: Labels, line: TextLine, others: Sequence[TextLine], capital: float
) -> Cutting:
    """All ink in the height of ``line`` and a little above and below, but that of ``others``.

    A number by hand is higher than the line it is written into, and may be no piece of it.
    """
    core = line.core_bottom - line.core_top
    top = max(0, min(line.top - 2, round(line.core_top - _ABOVE * core)))
    bottom = min(grey.shape[0], max(line.bottom + 2, round(line.core_bottom + _BELOW * core)))
    left, right = max(0, line.x0 - 2), min(grey.shape[1], line.x1 + 2)
    near = [one.pieces for one in others if one.top < bottom and one.bottom > top]
    pieces = set[int]().union(*near) - set(line.pieces)
    theirs = np.isin(labels[top:bottom, left:right], list(pieces)).astype(np.uint8)
    taken = cv2.dilate(theirs, np.ones((3, 3), np.uint8)) > 0
    part = np.where(taken, 255, grey[top:bottom, left:right]).astype(np.uint8)
    return scaled(part, left, top, core, capital)


def scaled(part: Grey, left: int, top: int, core: float, capital: float) -> Cutting:
    """``part`` of the page (from ``left``, ``top``), padded, letters of height ``core`` scaled."""
    pad = round(PAD * core) + 3
    paper = np.pad(part, pad, constant_values=255)
    scale = capital / max(8.0, core)
    image = cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(image, (0, 0), _SHARP_WITHIN)
    image = cv2.addWeighted(image, 1 + _SHARPER, blurred, -_SHARPER, 0)  # marks are fine
    return Cutting(np.asarray(image, dtype=np.uint8), left - pad, top - pad, scale, capital)
