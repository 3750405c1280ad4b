"""PDFs made for tests: Vietnamese text in the DejaVu fonts that matplotlib carries."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import matplotlib
from fontTools import ttLib
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from pipeline.restore.charsets import charsets

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
REGULAR, BOLD, ITALIC = "Serif", "SerifBold", "SerifItalic"
_FILES = {
    REGULAR: "DejaVuSerif.ttf",
    BOLD: "DejaVuSerif-Bold.ttf",
    ITALIC: "DejaVuSerif-Italic.ttf",
}
WIDTH, HEIGHT = A4


def register() -> None:
    """Make the fonts known to reportlab, fresh, so that no subset of another test is shared."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(FONTS / file)))


@contextmanager
def lost_letters(letters: Collection[str], *, to: int | None = None) -> Iterator[None]:
    """PDFs saved inside have fonts whose ToUnicode map lacks ``letters``, or maps them ``to``."""
    lost = {ord(letter) for letter in letters}

    def cmap(fontname: str, subset: list[int]) -> str:
        kept = [
            (code, to if value in lost else value)
            for code, value in enumerate(subset)
            if value not in lost or to is not None
        ]
        lines = [f"<{code:02X}> <{value:04X}>" for code, value in kept]
        return "\n".join(
            [
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
                "/CMapName /made def /CMapType 2 def",
                f"1 begincodespacerange <00> <{len(subset) - 1:02X}> endcodespacerange",
                f"{len(lines)} beginbfchar",
                *lines,
                "endbfchar endcmap CMapName currentdict /CMap defineresource pop end end",
            ]
        )

    with mock.patch.object(ttfonts, "makeToUnicodeCMap", cmap):
        yield


def draw_lines(
    canvas: Canvas,
    lines: Collection[str],
    *,
    x: float = 85,
    top: float = 72,
    leading: float = 20,
    size: float = 12,
    font: str = REGULAR,
) -> float:
    """Draw ``lines`` one under the other; gives the top of what comes next (points from above)."""
    canvas.setFont(font, size)
    for line in lines:
        canvas.drawString(x, HEIGHT - top, line)
        top += leading
    return top


def text_pdf(path: Path, pages: Collection[Collection[str]], **canvas_options: object) -> Path:
    """A PDF with a text layer: one page for each collection of lines."""
    register()
    canvas = Canvas(str(path), pagesize=A4, **canvas_options)
    for lines in pages:
        draw_lines(canvas, lines)
        canvas.showPage()
    canvas.save()
    return path


def register_legacy(folder: Path, name: str, charset: str, *, capitals: bool = False) -> None:
    """Make a font of before Unicode known to reportlab: ``name``, with the codes of ``charset``.

    It draws the letter at the letter's code; ``capitals`` draws capitals at the codes of small
    letters, as .VnTimeH does.
    """
    font = ttLib.TTFont(FONTS / "DejaVuSerif.ttf")
    glyphs = dict(font.getBestCmap())
    drawn = dict(glyphs)
    for code, letter in charsets()[charset].letters.items():
        # the second code of a letter of two is its mark
        drawn[ord(code[-1])] = glyphs[ord(letter)] if len(code) == 1 else glyphs[0x300]
    if capitals:
        drawn.update({ord(c): glyphs[ord(c.upper())] for c in "abcdefghijklmnopqrstuvwxyz"})
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap = {code: glyph for code, glyph in drawn.items() if code < 0x10000}
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = name
    file = folder / f"{name}.ttf"
    font.save(file)
    pdfmetrics.registerFont(ttfonts.TTFont(name, str(file)))


def in_legacy(text: str, charset: str) -> str:
    """``text`` in the codes of ``charset``; letters that it lacks stay."""
    codes: dict[str, str] = {}
    for code, letter in charsets()[charset].letters.items():
        codes.setdefault(letter, code)
    return "".join(codes.get(letter, letter) for letter in text)
