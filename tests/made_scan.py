"""Page images made for tests: Vietnamese print in DejaVu, with what lies on real scans."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from made_pdf import FONTS
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

DPI = 200
SIZE = (1654, 2339)  # A4


def font(points: float, name: str = "DejaVuSerif.ttf") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), round(points * DPI / 72))


def page(lines: Iterable[str], *, x: int = 200, top: int = 250, points: float = 12) -> Image.Image:
    """A white page with ``lines`` of print."""
    image = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.text((x, top), line, fill=0, font=font(points))
        top += round(points * 1.7 * DPI / 72)
    return image


def red_seal(image: Image.Image, x: int, y: int, radius: int = 142) -> Image.Image:
    """``image`` in colour with a round red seal, print under it kept."""
    colours = np.asarray(image.convert("RGB")).copy()
    seal = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(seal)
    for r, thick in ((radius, 8), (round(radius * 0.7), 4)):
        pen.ellipse((x - r, y - r, x + r, y + r), outline=255, width=thick)
    inked = np.asarray(seal) > 0
    colours[inked] = (colours[inked] * np.array([0.85, 0.3, 0.3])).astype(np.uint8)
    return Image.fromarray(colours)


def black_seal(image: Image.Image, x: int, y: int, radius: int = 142) -> Image.Image:
    """``image`` with a round black seal, its rim thick, a star in its middle."""
    marked = image.copy()
    pen = ImageDraw.Draw(marked)
    for r, thick in ((radius, 7), (round(radius * 0.68), 3)):
        pen.ellipse((x - r, y - r, x + r, y + r), outline=0, width=thick)
    pen.regular_polygon((x, y, radius // 3), 5, rotation=18, fill=0)
    return marked


def framed_stamp(image: Image.Image, x: int, y: int) -> Image.Image:
    """``image`` with the framed stamp of an office that received it."""
    marked = image.copy()
    pen = ImageDraw.Draw(marked)
    pen.rectangle((x, y, x + 380, y + 150), outline=0, width=4)
    pen.line((x, y + 55, x + 380, y + 55), fill=0, width=3)
    pen.text((x + 20, y + 10), "VĂN THƯ HUYỆN", fill=0, font=font(9, "DejaVuSans.ttf"))
    pen.text((x + 20, y + 80), "ĐẾN Số 77", fill=0, font=font(9, "DejaVuSans.ttf"))
    return marked


def table(cells: list[list[str]], *, x: int = 200, top: int = 400, row: int = 70) -> Image.Image:
    """A page with a ruled table, its columns of equal width."""
    image = page(["Phân công nhiệm vụ trong quý hai"])
    pen = ImageDraw.Draw(image)
    columns = len(cells[0])
    width = (SIZE[0] - 2 * x) // columns
    for i in range(len(cells) + 1):
        pen.line((x, top + i * row, x + columns * width, top + i * row), fill=0, width=3)
    for j in range(columns + 1):
        pen.line((x + j * width, top, x + j * width, top + len(cells) * row), fill=0, width=3)
    for i, texts in enumerate(cells):
        for j, text in enumerate(texts):
            pen.text((x + j * width + 16, top + i * row + 14), text, fill=0, font=font(11))
    return image


def save(image: Image.Image, path: Path) -> Path:
    image.save(path, dpi=(DPI, DPI))
    return path


def photographed(image: Image.Image, *, bend: int = 130) -> tuple[Image.Image, NDArray[np.float64]]:
    """``image`` on a dark table, seen aslant; and the map from sheet to photo (3 × 3, pixels)."""
    width, height = image.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners * 0.86 + np.array(
        [(170 + bend, 160), (90, 130 + bend / 2), (150, 120), (60, 190)], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(np.asarray(image), matrix, (width, height), borderValue=(70,))
    light = np.linspace(1.0, 0.75, width)[None, :]
    return Image.fromarray((photo * light).astype(np.uint8)), matrix
