"""Page pictures as scanners, cameras and rubber stamps make them. Everything is seeded."""

from __future__ import annotations

import io
import math
import random

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from generator.layout import Page, font_file
from generator.pdf import write_pdf

INK = (28, 44, 150)
RED = (205, 30, 45)
# Pen strokes of the digits in a box of 1 × 1.6, as polylines that are then smoothed and shaken.
DIGITS = {
    "0": [[(0.5, 0), (0.1, 0.4), (0.1, 1.2), (0.5, 1.6), (0.9, 1.2), (0.9, 0.4), (0.45, 0)]],
    "1": [[(0.25, 0.4), (0.6, 0), (0.5, 1.6)]],
    "2": [[(0.1, 0.4), (0.5, 0), (0.9, 0.4), (0.6, 0.9), (0.1, 1.55), (0.95, 1.5)]],
    "3": [[(0.1, 0.2), (0.6, 0), (0.8, 0.4), (0.4, 0.75), (0.9, 1.1), (0.5, 1.6), (0.1, 1.4)]],
    "4": [[(0.6, 0), (0.1, 1.0), (0.95, 0.95)], [(0.65, 0.5), (0.55, 1.7)]],
    "5": [[(0.9, 0), (0.3, 0.05), (0.2, 0.7), (0.8, 0.8), (0.75, 1.4), (0.1, 1.5)]],
    "6": [[(0.8, 0), (0.2, 0.8), (0.3, 1.6), (0.8, 1.4), (0.7, 0.9), (0.2, 1.1)]],
    "7": [[(0.1, 0.1), (0.9, 0.05), (0.45, 1.6)], [(0.3, 0.8), (0.8, 0.75)]],
    "8": [[(0.7, 0.3), (0.4, 0), (0.3, 0.5), (0.8, 1.1), (0.5, 1.6), (0.2, 1.1), (0.75, 0.3)]],
    "9": [[(0.8, 0.3), (0.4, 0.1), (0.2, 0.6), (0.7, 0.7), (0.8, 0.3), (0.7, 1.6)]],
}


def render(pages: list[Page], dpi: int) -> list[Image.Image]:
    """The clean pages as pictures, before any damage."""
    document = pypdfium2.PdfDocument(write_pdf(pages))
    return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]


def sign(picture: Image.Image, page: Page, dpi: int, rng: random.Random, unit: str) -> Image.Image:
    """The page with what people put on it: number and day by pen, signature, red stamp."""
    scale = dpi / 72
    for name, (x, top) in page.anchors.items():
        if name.startswith("pen:"):
            _write(picture, name[4:], x * scale, (top - 1) * scale, 13 * scale * 0.62, rng)
        elif name == "stamp":
            _scribble(picture, x * scale, top * scale, 90 * scale, rng)
            picture = _stamp(picture, (x - 62) * scale, top * scale, 47 * scale, unit)
    return picture


def _curve(points: list[tuple[float, float]], steps: int = 14) -> list[tuple[float, float]]:
    """A smooth curve through points (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    result = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            x, y = (
                0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2)
                + 0.5 * (3 * q - p - 3 * r + s) * t**3
                for p, q, r, s in zip(a, b, c, d, strict=True)
            )
            result.append((x, y))
    return [*result, points[-1]]


def _write(
    picture: Image.Image, digits: str, x: float, y: float, size: float, rng: random.Random
) -> None:
    draw = ImageDraw.Draw(picture)
    for digit in digits:
        for stroke in DIGITS[digit]:
            points = [
                (
                    x + size * (a * 0.75 + (1.6 - b) * 0.12 + rng.uniform(-0.05, 0.05)),
                    y + size * (b * 0.95 + rng.uniform(-0.05, 0.05)),
                )
                for a, b in stroke
            ]
            draw.line(_curve(points), fill=INK, width=max(2, round(size * 0.14)), joint="curve")
        x += size * 0.95


def _scribble(picture: Image.Image, x: float, y: float, width: float, rng: random.Random) -> None:
    draw = ImageDraw.Draw(picture)
    points, left = [], x - width * 0.45
    for index in range(9):
        height = width * (0.26 if index in (1, 4) else 0.11) * (-1 if index % 2 else 1)
        points.append((left + width * 0.1 * index, y + height * rng.uniform(0.7, 1.2)))
    points += [(x + width * 0.1, y + width * 0.2), (x + width * 0.62, y - width * 0.08)]
    draw.line(_curve(points), fill=INK, width=max(2, round(width * 0.022)), joint="curve")


def _stamp(picture: Image.Image, x: float, y: float, radius: float, unit: str) -> Image.Image:
    """A round red seal: two rings, the unit's name along the ring, a star in the middle."""
    side = round(radius * 2.2)
    seal = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw, middle = ImageDraw.Draw(seal), side / 2
    for share, width in ((1.0, 0.055), (0.66, 0.03)):
        box = [middle - radius * share] * 2 + [middle + radius * share] * 2
        draw.ellipse(box, outline=(*RED, 215), width=max(2, round(radius * width)))
    star = [
        (
            middle + radius * (0.42 if index % 2 == 0 else 0.17) * math.sin(index * math.pi / 5),
            middle - radius * (0.42 if index % 2 == 0 else 0.17) * math.cos(index * math.pi / 5),
        )
        for index in range(10)
    ]
    draw.polygon(star, fill=(*RED, 205))
    letters = ImageFont.truetype(str(font_file("B")), round(radius * 0.2))
    text = f"ỦY BAN NHÂN DÂN ★ {unit.upper()} ★ "
    for index, letter in enumerate(text):
        angle = 2 * math.pi * index / len(text) - math.pi
        tile = Image.new("RGBA", (round(radius * 0.4),) * 2, (0, 0, 0, 0))
        ImageDraw.Draw(tile).text(
            (tile.width / 2,) * 2, letter, font=letters, fill=(*RED, 215), anchor="mm"
        )
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        centre = (
            middle + radius * 0.83 * math.sin(angle),
            middle - radius * 0.83 * math.cos(angle),
        )
        seal.alpha_composite(tile, tuple(max(0, round(c - tile.width / 2)) for c in centre))
    result = picture.convert("RGBA")
    result.alpha_composite(seal.rotate(7), (round(x - side / 2), round(y - side / 2)))
    return result.convert("RGB")


def degrade(
    picture: Image.Image, rng: random.Random, *, skew: float, blur: float, noise: float
) -> Image.Image:
    """A flatbed scan: turned by ``skew`` degrees, soft, with grain, specks and a shadow."""
    paper = (250, 249, 244)
    picture = picture.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=paper)
    picture = picture.filter(ImageFilter.GaussianBlur(blur))
    generator = np.random.default_rng(rng.randrange(2**32))
    pixels = np.asarray(picture, dtype=np.float32)
    pixels = 18 + pixels * (232 / 255)
    pixels += generator.normal(0, noise, pixels.shape[:2])[..., None]
    for _ in range(60):
        row, column = (generator.integers(0, limit - 3) for limit in pixels.shape[:2])
        pixels[row : row + 2, column : column + 2] = generator.integers(20, 140)
    columns = np.linspace(0, 1, pixels.shape[1], dtype=np.float32)
    pixels *= (1 - 0.10 * np.exp(-columns * 30))[None, :, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def photograph(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A phone picture of the sheet: in perspective, on a desk, lit from one side."""
    width, height = picture.size
    desk = Image.new("RGB", (round(width * 1.08), round(height * 1.06)), (92, 74, 58))
    offset = (round(width * 0.04), round(height * 0.03))
    desk.paste(picture, offset)
    shift = [rng.uniform(0.004, 0.016) * width for _ in range(8)]
    w, h = desk.size
    quad = (
        (shift[0], shift[1]),
        (-shift[2] * 0.5, h - shift[3]),
        (w + shift[4] * 0.5, h + shift[5] * 0.5),
        (w - shift[6], -shift[7] * 0.3),
    )
    flat = [value for point in quad for value in point]
    desk = desk.transform(
        desk.size, Image.Transform.QUAD, flat, resample=Image.Resampling.BICUBIC
    ).filter(ImageFilter.GaussianBlur(0.7))
    generator = np.random.default_rng(rng.randrange(2**32))
    pixels = np.asarray(desk, dtype=np.float32)
    light = np.linspace(1.0, 0.78, w)[None, :] * np.linspace(1.0, 0.93, h)[:, None]
    pixels = pixels * light[..., None] * np.array([1.0, 0.98, 0.92])
    pixels += generator.normal(0, 4.0, pixels.shape[:2])[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def to_jpeg(picture: Image.Image, quality: int, dpi: int) -> bytes:
    """JPEG bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, dpi=(dpi, dpi), optimize=True)
    return buffer.getvalue()


def to_fax_pdf(pictures: list[Image.Image], dpi: int) -> bytes:
    """A PDF of black and white pictures (CCITT group 4), as office scanners make them."""
    black = [p.convert("L").point(lambda v: 255 * (v > 150)).convert("1") for p in pictures]
    buffer = io.BytesIO()
    dated = {"creationDate": None, "modDate": None}
    black[0].save(buffer, "PDF", save_all=True, append_images=black[1:], resolution=dpi, **dated)
    return buffer.getvalue()


def to_pdf(pictures: list[Image.Image], dpi: int, quality: int) -> bytes:
    """A PDF that holds nothing but JPEG pictures."""
    blank = [Page() for _ in pictures]
    jpegs = {number: to_jpeg(picture, quality, dpi) for number, picture in enumerate(pictures)}
    return write_pdf(blank, pictures=jpegs)
