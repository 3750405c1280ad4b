"""A text sent through each kind of damage once more: what comes out is read like any file."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpora" / "samples"))

from generator import scan, text

_DPI = 200
_SIZE = 34  # pixels: some 12 points
# Older Liberation fonts have no Vietnamese letters, and would print boxes.
_FONT = "DejaVuSerifCondensed.ttf"
_PAGE = (1654, 2339)
_MARGIN = 150
_LINE = 56
# Letters that subsets of fonts were seen to lose; one set for each seed.
_LOST = ("ấậơửB", "kợầóĩỷ", "ễộứưT", "ảịđềP")


def without_marks(lines: Sequence[str], seed: int) -> tuple[bytes, str]:
    """All diacritics gone."""
    del seed
    return "\n".join(text.without_marks(line) for line in lines).encode(), ".txt"


def dropped_glyphs(lines: Sequence[str], seed: int) -> tuple[bytes, str]:
    """A few letters that a font lost, each a blank."""
    lost = _LOST[seed % len(_LOST)]
    return "\n".join(re.sub(f"[{lost}]", " ", line) for line in lines).encode(), ".txt"


def english_ocr(lines: Sequence[str], seed: int) -> tuple[bytes, str]:
    """What ``tesseract -l eng`` reads on slightly worn pages."""
    rng = random.Random(seed)
    worn = [scan.degrade(p, rng, skew=0.0, blur=0.5, noise=4.0) for p in pages(lines)]
    return "".join(text.english_ocr(page, _DPI) for page in worn).encode(), ".txt"


def poor_scan(lines: Sequence[str], seed: int) -> tuple[bytes, str]:
    """A PDF of pictures: turned, soft, grainy, in coarse JPEG."""
    rng = random.Random(seed)
    worn = [
        scan.degrade(p, rng, skew=rng.uniform(-0.8, 0.8), blur=1.3, noise=16.0)
        for p in pages(lines)
    ]
    return scan.to_pdf(worn, _DPI, 40), ".pdf"


CHANNELS: dict[str, Callable[[Sequence[str], int], tuple[bytes, str]]] = {
    channel.__name__: channel for channel in (without_marks, dropped_glyphs, english_ocr, poor_scan)
}


def pages(lines: Sequence[str]) -> list[Image.Image]:
    """The lines as pages of A4 in a serif face at 200 dots an inch; long ones are wrapped."""
    font = ImageFont.truetype(_FONT, _SIZE)
    wide = _PAGE[0] - 2 * _MARGIN
    rows = [row for line in lines if line.strip() for row in _wrapped(line, font, wide)]
    each = (_PAGE[1] - 2 * _MARGIN) // _LINE
    found = []
    for first in range(0, len(rows), each):
        page = Image.new("RGB", _PAGE, "white")
        draw = ImageDraw.Draw(page)
        for number, row in enumerate(rows[first : first + each]):
            draw.text((_MARGIN, _MARGIN + number * _LINE), row, font=font, fill="black")
        found.append(page)
    return found


def _wrapped(line: str, font: ImageFont.FreeTypeFont, wide: int) -> list[str]:
    rows = [""]
    for word in line.split():
        longer = f"{rows[-1]} {word}".lstrip()
        if rows[-1] and font.getlength(longer) > wide:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows
