"""A PDF page as an image, within the pixel limit."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from pipeline.document import Box

_POINTS = 72.0


def render(
    page: pdfium.PdfPage, dpi: float, max_pixels: int, *, hide: Iterable[Box] = ()
) -> tuple[Image.Image, float]:
    """The page in colour at ``dpi``, or at less where it would have more than ``max_pixels``.

    Gives the image and its resolution. What lies in the boxes ``hide`` (points) is left white.
    """
    width, height = page.get_size()
    pixels = max(1.0, width * height) * (dpi / _POINTS) ** 2
    if pixels > max_pixels:
        dpi *= math.sqrt(max_pixels / pixels)
    scale = dpi / _POINTS
    bitmap = page.render(scale=scale, may_draw_forms=False)
    image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    draw = ImageDraw.Draw(image)
    for box in hide:
        corners = (box.x0 * scale, box.top * scale, box.x1 * scale, box.bottom * scale)
        draw.rectangle(corners, fill=(255, 255, 255))
    return image, dpi
