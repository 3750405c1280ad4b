"""The ruled lines of a PDF page: strokes and thin bars that run across or down."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.extract.glyphs import displayed

_THIN = 3.0  # points: a bar no thicker is a line
_SHORT = 6.0  # points: what is shorter rules nothing
_MOST = 20_000  # path segments of a page; a drawing or a map has more, and no table
_DEEP = 5  # forms inside forms

Matrix = tuple[float, float, float, float, float, float]
PageObject = tuple[Any, int, Matrix]  # an object: PDFium's handle, its type, the matrix around it
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A line from (x0, top) to (x1, bottom) in points as displayed: level or upright."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def level(self) -> bool:
        """Whether it runs across the page."""
        return self.x1 - self.x0 >= self.bottom - self.top


def read_rulings(page: pdfium.PdfPage, objects: Iterable[PageObject]) -> list[Ruling]:
    """The ruled lines of ``page``, which draws ``objects``.

    None when it holds a drawing of many thousand strokes.
    """
    place = displayed(page)
    rulings: list[Ruling] = []
    for number, points in enumerate(_figures(objects)):
        if number > _MOST:
            return []
        shown = [place(x, y) for x, y in points]
        rulings.extend(_rulings(shown))
    return rulings


def _rulings(points: list[tuple[float, float]]) -> Iterator[Ruling]:
    """The lines that a figure of straight strokes draws: itself when thin, else its sides."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if min(width, height) <= _THIN:
        if max(width, height) >= _SHORT:
            yield _straight(min(xs), min(ys), max(xs), max(ys))
        return
    for (x0, y0), (x1, y1) in pairwise(points):
        thin = min(abs(x1 - x0), abs(y1 - y0)) <= 1.0
        if thin and max(abs(x1 - x0), abs(y1 - y0)) >= _SHORT:
            yield _straight(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _straight(x0: float, top: float, x1: float, bottom: float) -> Ruling:
    """A line through the middle of a thin bar."""
    if x1 - x0 >= bottom - top:
        middle = (top + bottom) / 2
        return Ruling(x0, middle, x1, middle)
    middle = (x0 + x1) / 2
    return Ruling(middle, top, middle, bottom)


def _figures(objects: Iterable[PageObject]) -> Iterator[list[tuple[float, float]]]:
    """The corners of each straight-edged figure among ``objects``, in PDF coordinates."""
    for target, kind, outer in objects:
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            yield from _of_path(target, _times(_matrix(target), outer))


def objects_of(page: pdfium.PdfPage) -> Iterator[PageObject]:
    """PDFium's handle, type (FPDF_PAGEOBJ_…) and outer matrix of each object that ``page`` draws.

    In their order, forms opened. pypdfium2's own walk makes an object for each, which takes longer.
    """
    count = pdfium_c.FPDFPage_CountObjects(page)
    yield from _opened((pdfium_c.FPDFPage_GetObject(page, k) for k in range(count)), _SAME, 0)


def _opened(targets: Iterable[Any], outer: Matrix, depth: int) -> Iterator[PageObject]:
    for target in targets:
        kind = pdfium_c.FPDFPageObj_GetType(target)
        if kind != pdfium_c.FPDF_PAGEOBJ_FORM:
            yield target, kind, outer
        elif depth < _DEEP:
            count = pdfium_c.FPDFFormObj_CountObjects(target)
            inside = (pdfium_c.FPDFFormObj_GetObject(target, k) for k in range(count))
            yield from _opened(inside, _times(_matrix(target), outer), depth + 1)


def _of_path(path: Any, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, mode, stroked)
    if not mode.value and not stroked.value:
        return  # a clip, or nothing to see
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    figure: list[tuple[float, float]] = []
    curved = False
    for index in range(min(pdfium_c.FPDFPath_CountSegments(path), _MOST)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            if len(figure) > 1 and not curved:
                yield figure
            figure, curved = [], False
        curved = curved or kind == pdfium_c.FPDF_SEGMENT_BEZIERTO
        figure.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium_c.FPDFPathSegment_GetClose(segment) and len(figure) > 2:
            figure.append(figure[0])
    if len(figure) > 1 and not curved:
        yield figure


def _matrix(target: Any) -> Matrix:
    matrix = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(target, matrix):
        return _SAME
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _times(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does ``first`` and ``then`` the other."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s,
            e * p + f * r + t, e * q + f * s + u)  # fmt: skip
