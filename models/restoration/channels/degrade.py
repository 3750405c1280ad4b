"""What printers, copiers, faxes and scanners do to a page image."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from pages import DPI
from PIL import Image, ImageFilter


@dataclass(frozen=True)
class Wear:
    """How much a page is worn; every range is drawn from evenly. Lengths in pixels at 300 dpi."""

    dpi: tuple[int, ...]
    blur: tuple[float, float]
    skew: float
    noise: tuple[float, float]
    specks: float
    spread: float  # chance that copying thickens the strokes
    thin: float  # chance that copying thins them
    grey: tuple[float, float]  # contrast that is left
    jpeg: tuple[int, int]
    fax: float  # chance of black and white only
    halftone: float  # chance that the strokes are broken by a coarse threshold


LIGHT = Wear(
    dpi=(300, 200, 200, 250), blur=(0.3, 0.9), skew=0.3, noise=(0, 6), specks=0.00005, spread=0.1,
    thin=0.05, grey=(0.8, 1.0), jpeg=(60, 92), fax=0.1, halftone=0.0,
)  # fmt: skip
MEDIUM = Wear(
    dpi=(200, 150, 200, 130), blur=(0.6, 1.5), skew=0.5, noise=(4, 16), specks=0.0003, spread=0.25,
    thin=0.15, grey=(0.5, 1.0), jpeg=(35, 80), fax=0.3, halftone=0.1,
)  # fmt: skip
HEAVY = Wear(
    dpi=(150, 130, 110, 100), blur=(0.9, 2.2), skew=0.7, noise=(8, 26), specks=0.001, spread=0.35,
    thin=0.25, grey=(0.35, 0.9), jpeg=(18, 60), fax=0.45, halftone=0.25,
)  # fmt: skip


def _speckle(pixels: np.ndarray, share: float, rng: np.random.Generator) -> None:
    """Put black and white specks of 1 to 3 pixels on ``pixels``, in place."""
    count = int(rng.poisson(share * pixels.size))
    rows = rng.integers(0, pixels.shape[0] - 3, count)
    columns = rng.integers(0, pixels.shape[1] - 3, count)
    sides = rng.integers(1, 4, count)
    values = np.where(rng.random(count) < 0.7, 20, 250)
    for row, column, side, value in zip(rows, columns, sides, values, strict=True):
        pixels[row : row + side, column : column + side] = value


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    buffer.seek(0)
    return Image.open(buffer).convert("L")


def degrade(image: Image.Image, wear: Wear, rng: np.random.Generator) -> tuple[Image.Image, int]:
    """``image`` (grey, 300 dpi) as a scanner would give it, and its resolution in dpi."""
    draw = rng.random()
    if draw < wear.spread:
        image = image.filter(ImageFilter.MinFilter(3))
    elif draw < wear.spread + wear.thin:
        image = image.filter(ImageFilter.MaxFilter(3))
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(*wear.blur))))
    angle = float(np.clip(rng.normal(0, wear.skew / 2), -wear.skew, wear.skew))
    image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    dpi = int(rng.choice(wear.dpi))
    if dpi != DPI:
        shape = (round(image.width * dpi / DPI), round(image.height * dpi / DPI))
        image = image.resize(shape, Image.Resampling.BICUBIC)
    pixels = np.asarray(image, dtype=np.float32)
    slope = np.linspace(-1, 1, pixels.shape[1], dtype=np.float32) * float(rng.uniform(-18, 18))
    paper = float(rng.uniform(215, 255))
    pixels = paper - (255 - pixels) * float(rng.uniform(*wear.grey)) + slope[None, :]
    pixels = pixels + rng.normal(0, float(rng.uniform(*wear.noise)), pixels.shape)
    _speckle(pixels, float(rng.uniform(0, wear.specks)), rng)
    pixels = np.clip(pixels, 0, 255)
    draw = rng.random()
    if draw < wear.fax:
        dark, light = np.percentile(pixels, (0.5, 60))
        low, high = (
            (0.35, 0.8) if rng.random() < wear.halftone / max(wear.fax, 1e-9) else (0.5, 0.7)
        )
        pixels = np.where(pixels < dark + (light - dark) * rng.uniform(low, high), 0.0, 255.0)
    worn = Image.fromarray(pixels.astype(np.uint8))
    if draw >= wear.fax:
        worn = _jpeg(worn, int(rng.integers(*wear.jpeg)))
    return worn, dpi
