"""What PDFium tells of the glyphs that a page draws, asked without an object for each answer.

pypdfium2's raw functions make one for each handle and structure; over the glyphs of a page that
takes longer than PDFium itself.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pipeline.extract.fonts import plain_name
from pipeline.restore.charsets import charset_of_font

_INVISIBLE = 3  # text rendering mode of the layer that OCR programs lay under a scan


@dataclass(frozen=True, slots=True)
class Run:
    """What is common to the glyphs of one text object: ``size`` in points as displayed.

    ``legacy`` tells fonts of before Unicode, which are charsets of their own.
    """

    font: str
    size: float
    angle: int
    visible: bool
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Characters:
    """What PDFium tells of the n glyphs of a page, in PDF coordinates.

    ``characters``: code, whether the font has no letter for it, and the address of its text object,
    0 when there is none. ``corners``: (n, 4), left, top, right, bottom. ``origins``: (n, 2).
    """

    characters: list[tuple[int, bool, int]]
    corners: NDArray[np.float64]
    origins: NDArray[np.float64]


def _plain(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of PDFium that takes and gives addresses as numbers: no object for each glyph."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int
_is_generated = _plain(pdfium_c.FPDFText_IsGenerated, _INT, _ADDRESS, _INT)
_unicode = _plain(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, _ADDRESS, _INT)
_has_error = _plain(pdfium_c.FPDFText_HasUnicodeMapError, _INT, _ADDRESS, _INT)
_text_object = _plain(pdfium_c.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, _INT)
_loose_box = _plain(pdfium_c.FPDFText_GetLooseCharBox, _INT, _ADDRESS, _INT, _ADDRESS)
_font = _plain(pdfium_c.FPDFTextObj_GetFont, _ADDRESS, _ADDRESS)
_base_font_name = _plain(
    pdfium_c.FPDFFont_GetBaseFontName, ctypes.c_size_t, _ADDRESS, _ADDRESS, ctypes.c_size_t
)
_origin = _plain(pdfium_c.FPDFText_GetCharOrigin, _INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS)


def characters_of(textpage: pdfium.PdfTextPage) -> Characters:
    """The glyphs of a page, without blanks and line ends that PDFium adds by its own reckoning."""
    page = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    count = max(0, textpage.count_chars())  # -1 where PDFium fails
    corners, origins = np.zeros((count, 4), np.float32), np.zeros((count, 2))
    corner, origin = corners.ctypes.data, origins.ctypes.data
    characters = []
    for index in range(count):
        target = _text_object(page, index) or 0
        if not target and _is_generated(page, index):
            continue
        _loose_box(page, index, corner)
        _origin(page, index, origin, origin + 8)
        corner, origin = corner + 16, origin + 16
        lost = bool(_has_error(page, index))
        characters.append((_unicode(page, index), lost, target))
    kept = len(characters)
    return Characters(characters, corners[:kept].astype(np.float64), origins[:kept])


def run_of(address: int, rotation: int, names: dict[int, str]) -> Run:
    """Font name, size, angle as displayed (a multiple of 90 where near one) and visibility.

    ``names`` keeps the names of fonts by their address.
    """
    if not address:
        return Run("", 0.0, 0, visible=True)
    font = _font(address) or 0
    if font not in names:
        names[font] = _name(font)
    name = names[font]
    target = ctypes.cast(address, pdfium_c.FPDF_PAGEOBJECT)
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(target, matrix)
    degrees = math.degrees(math.atan2(matrix.b, matrix.a)) - rotation
    nearest = 90 * round(degrees / 90)
    angle = (nearest if abs(degrees - nearest) < 8 else round(degrees)) % 360
    size = ctypes.c_float()
    pdfium_c.FPDFTextObj_GetFontSize(target, size)
    mode = pdfium_c.FPDFTextObj_GetTextRenderMode(target)
    shown = abs(size.value) * math.hypot(matrix.c, matrix.d)
    return Run(name, shown, angle, mode != _INVISIBLE, charset_of_font(name) is not None)


def _name(font: int) -> str:
    """The plain name of the font at an address; "" for none."""
    buffer = ctypes.create_string_buffer(256)
    length = _base_font_name(font, buffer, 256) if font else 0
    return plain_name(buffer.raw[: max(0, min(length, 256) - 1)].decode("utf-8", "replace"))
