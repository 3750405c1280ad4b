"""Writes set pages as a PDF with a text layer, whole or with letters lost from it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from generator.layout import HEIGHT, WIDTH, Page, font_file

Loss = Literal["space", "missing", "nul"]
LOST_AS = {"space": "<0020>", "nul": "<0000>"}


@contextmanager
def _losing(lost: Mapping[str, str], loss: Loss) -> Iterator[None]:
    """Fonts written meanwhile lose the letters of ``lost[style]`` from their ToUnicode map.

    The page looks right, since the glyphs stay. What a text extractor then gives depends on what
    the map says of them: a blank (``space``), U+0000 (``nul``), or nothing (``missing``).
    """
    whole = ttfonts.makeToUnicodeCMap

    def lossy(fontname: str, subset: list[int]) -> str:
        style = re.search(r"Liberation-?Serif(.*)$", fontname)
        letters = lost.get(_style_of(style[1] if style else fontname), "")
        cmap = whole(fontname, subset)
        for letter in letters:
            entry = rf"(<[0-9A-F]+>) <{ord(letter):04X}>\n"
            cmap = re.sub(entry, "" if loss == "missing" else rf"\1 {LOST_AS[loss]}\n", cmap)
        count = cmap.split("beginbfchar\n")[1].split("endbfchar")[0].count("\n")
        return re.sub(r"\d+ beginbfchar", f"{count} beginbfchar", cmap)

    ttfonts.makeToUnicodeCMap = lossy
    try:
        yield
    finally:
        ttfonts.makeToUnicodeCMap = whole


def _style_of(name: str) -> str:
    bold, italic = "Bold" in name, "Italic" in name
    return ("B" if bold else "") + ("I" if italic else "") or "R"


def write_pdf(
    pages: list[Page],
    lost: Mapping[str, str] | None = None,
    loss: Loss = "space",
    pictures: Mapping[int, bytes] | None = None,
) -> bytes:
    """The pages as a PDF. ``lost`` gives for a font style (R, B, I, BI) the letters to lose.

    ``pictures`` gives for a page (from 0) the JPEG that stands in its place.
    """
    fonts = {}
    for style in ("R", "B", "I", "BI"):
        fonts[style] = f"Sample-{style}"
        pdfmetrics.registerFont(TTFont(fonts[style], str(font_file(style))))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.setTitle("")
    for number, page in enumerate(pages, start=1):
        if pictures and number - 1 in pictures:
            data = ImageReader(io.BytesIO(pictures[number - 1]))
            canvas.drawImage(data, 0, 0, WIDTH, HEIGHT)
            canvas.showPage()
            continue
        if number > 1:
            canvas.setFont(fonts["R"], 12)
            canvas.drawCentredString(WIDTH / 2, HEIGHT - 40, str(number))
        canvas.setLineWidth(0.6)
        for x0, y0, x1, y1 in page.rules:
            canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)
        for line in page.lines:
            text = canvas.beginText(line.x, HEIGHT - line.top - line.size * 0.9)
            text.setWordSpace(line.space)
            for part, style in line.runs:
                text.setFont(fonts[style], line.size)
                text.textOut(part)
            canvas.drawText(text)
        canvas.showPage()
    with _losing(lost or {}, loss):
        canvas.save()
    return buffer.getvalue()
