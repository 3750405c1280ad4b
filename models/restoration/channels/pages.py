"""Page images with known text: fonts, line breaking, drawing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

DPI = 300
PAGE_INCHES = (8.27, 11.69)  # A4

# (family, weight in the draw, {style: file name})
FAMILIES: tuple[tuple[str, float, dict[str, str]], ...] = (
    ("serif", 0.68, {
        "regular": "LiberationSerif-Regular.ttf", "bold": "LiberationSerif-Bold.ttf",
        "italic": "LiberationSerif-Italic.ttf", "bold italic": "LiberationSerif-BoldItalic.ttf",
    }),
    ("sans", 0.2, {
        "regular": "LiberationSans-Regular.ttf", "bold": "LiberationSans-Bold.ttf",
        "italic": "LiberationSans-Italic.ttf", "bold italic": "LiberationSans-BoldItalic.ttf",
    }),
    ("dejavu", 0.12, {
        "regular": "DejaVuSerif.ttf", "bold": "DejaVuSerif-Bold.ttf",
        "italic": "DejaVuSans.ttf", "bold italic": "DejaVuSans-Bold.ttf",
    }),
)  # fmt: skip
_FONT_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts",
    "~/.fonts", "~/.local/share/fonts", "~/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip


def _has_vietnamese(path: Path) -> bool:
    """Whether the font draws Vietnamese letters: Liberation 1 prints boxes for them."""
    with TTFont(path, lazy=True) as opened:
        return "ệ" in map(chr, opened.getBestCmap())


@cache
def _font_files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    paths: list[Path] = []
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", "--format", "%{file}\n"], capture_output=True, text=True, check=False
        )
        paths = [Path(line) for line in sorted(listed.stdout.split("\n")) if line]
    for folder in _FONT_FOLDERS:
        paths += sorted(Path(folder).expanduser().rglob("*.ttf"))
    wanted = {name for _, _, styles in FAMILIES for name in styles.values()}
    for path in paths:
        if path.name in wanted and path.name not in found and _has_vietnamese(path):
            found[path.name] = path
    missing = sorted(wanted - found.keys())
    if missing:
        raise SystemExit(
            f"fonts with Vietnamese letters are missing: {', '.join(missing)}. Install the "
            "Liberation (2 or newer) and DejaVu fonts "
            "(Debian: apt install fonts-liberation2 fonts-dejavu)."
        )
    return found


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The font file ``name`` at ``size`` pixels. Exits with advice when it is not installed."""
    layout = ImageFont.Layout.BASIC  # the same with and without libraqm
    return ImageFont.truetype(str(_font_files()[name]), size, layout_engine=layout)


@dataclass(frozen=True)
class TrueLine:
    """A drawn line: its text and the vertical middle as a share of the page height."""

    text: str
    middle: float
    paragraph: int


def _wrap(words: list[str], face: ImageFont.FreeTypeFont, width: float) -> Iterator[list[str]]:
    line: list[str] = []
    length = 0.0
    space = face.getlength(" ")
    for word in words:
        advance = face.getlength(word)
        if line and length + space + advance > width:
            yield line
            line, length = [], 0.0
        length += advance + (space if line else 0.0)
        line.append(word)
    if line:
        yield line


def _style_of(kind: str, rng: np.random.Generator) -> str:
    draw = rng.random()
    if kind == "heading":
        return "bold" if draw < 0.8 else "regular"
    if kind == "title":
        return ("bold", "italic", "bold italic", "regular")[int(draw * 4)]
    return "regular" if draw < 0.82 else "italic" if draw < 0.93 else "bold"


def _draw_line(
    draw: ImageDraw.ImageDraw, words: list[str], face: ImageFont.FreeTypeFont,
    left: float, top: float, width: float | None, ink: int,
) -> None:  # fmt: skip
    """Draw words at ``left``; stretched to ``width`` pixels when that is given (justified)."""
    if width is None or len(words) < 2:
        draw.text((left, top), " ".join(words), font=face, fill=ink)
        return
    advances = [face.getlength(word) for word in words]
    gap = (width - sum(advances)) / (len(words) - 1)
    for word, advance in zip(words, advances, strict=True):
        draw.text((left, top), word, font=face, fill=ink)
        left += advance + gap


def render(
    source: Iterator[tuple[str, str]], rng: np.random.Generator
) -> tuple[Image.Image, list[TrueLine]]:
    """One page (grey, 300 dpi) filled from ``source``, and its lines from top to bottom."""
    width, height = (round(side * DPI) for side in PAGE_INCHES)
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    weights = [weight for _, weight, _ in FAMILIES]
    styles = FAMILIES[int(rng.choice(len(FAMILIES), p=weights))][2]
    size = round(float(rng.choice([11, 12, 13, 14, 14, 14])) * DPI / 72)
    leading = size * float(rng.uniform(1.15, 1.6))
    left, right = 0.12 * width, 0.92 * width
    indent = float(rng.choice([0.0, 0.06])) * width
    justify, ink = rng.random() < 0.7, int(rng.integers(0, 60))
    lines: list[TrueLine] = []
    top = 0.07 * height
    for number, (kind, text) in enumerate(source):
        face = font(styles[_style_of(kind, rng)], size)
        first = indent if kind in ("body", "item") else 0.0
        centred = kind in ("heading", "title") and rng.random() < 0.4
        wrapped = list(_wrap(text.split(), face, right - left - first))
        for place, words in enumerate(wrapped):
            if top + leading > 0.95 * height:
                return image, lines
            start = left + (first if place == 0 else 0.0)
            if centred:
                start = (width - face.getlength(" ".join(words))) / 2
            stretch = justify and not centred and place < len(wrapped) - 1
            _draw_line(draw, words, face, start, top, right - start if stretch else None, ink)
            lines.append(TrueLine(" ".join(words), (top + 0.62 * size) / height, number))
            top += leading
        top += leading * float(rng.choice([0.0, 0.2, 0.5]))
    return image, lines
