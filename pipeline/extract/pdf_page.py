"""One page of a PDF: its text layer, or the OCR of its image, or both; whichever reads better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from pipeline.document import Box, Issue, Page
from pipeline.extract import ocr
from pipeline.extract.fonts import Letters
from pipeline.extract.glyphs import Solved, TextLayer, displayed, layer_of, read_glyphs
from pipeline.extract.grid import find_grids
from pipeline.extract.legacy import mend_fonts
from pipeline.extract.merge import merge
from pipeline.extract.page import build_page, page_of_scan
from pipeline.extract.render import render
from pipeline.extract.rulings import PageObject, objects_of, read_rulings
from pipeline.extract.scan import Reading, read_scan, read_scans
from pipeline.extract.tokens import Token
from pipeline.extract.witness import fill, solve_glyphs
from pipeline.restore.damage import quality
from pipeline.settings import Settings

_GOOD = 0.85  # quality of a text layer from which OCR is not tried
_FEW = 30  # glyphs: a layer with fewer, over an image, is a page number or a stamped date
_SCAN = 0.5  # share of the page that images cover on a scan
_PICTURE = 0.02  # share under which images hold no text: a crest, a line
_WITNESS_DPI = 200.0
_NATIVE = (150.0, 330.0)  # dots per inch at which a scan is read as it was made
# What a digital signature shows on the page; it is no part of the document's text.
_SIGNATURE = re.compile(
    r"người ký|ký bởi|ký số|thời gian ký|ngày ký:|signed by|signing time|"
    r"signature (?:not )?(?:verified|valid)",
    re.IGNORECASE,
)


class Fonts:
    """What is known of a document's fonts: the letters they can give, and glyphs they do not name.

    The second takes OCR of some pages, and is found out when a page first needs it.
    """

    def __init__(self, letters: Letters, pages: int, settings: Settings) -> None:
        """``pages`` is how many pages of the document are read."""
        self.letters = letters
        self._pages = pages
        self._settings = settings
        self._solved: Solved | None = None

    @property
    def able(self) -> bool:
        """Whether glyphs can be read by their look."""
        return self._settings.ocr != "off" and ocr.has_tesseract()

    def solved(self, pdf: pdfium.PdfDocument) -> Solved:
        """The letters of glyphs without a name; none when OCR is off or not there."""
        if self._solved is None:
            limit = self._settings.max_pixels
            self._solved = solve_glyphs(pdf, self._pages, self.letters, limit) if self.able else {}
        return self._solved


@dataclass(slots=True)
class _Sheet:
    """A page at work: its text layer without digital signatures, and where those stand."""

    page: pdfium.PdfPage
    number: int
    size: tuple[float, float]
    layer: TextLayer
    signatures: list[Box]
    objects: list[PageObject]

    @property
    def quality(self) -> float:
        """How readable the text layer is; letters that the fonts lost count against it."""
        if not self.layer.glyphs:
            return 0.0
        tokens = [
            *self.layer.tokens,
            *(one for group in self.layer.turned.values() for one in group),
        ]
        text = " ".join(token.text for token in tokens)
        return quality(text) * (1 - self.layer.lost / self.layer.glyphs)


@dataclass(slots=True)
class Draft:
    """A page half done: what its text layer gives, and its image where OCR is to read it.

    ``text`` is None where the text layer holds nothing that could be compared with OCR.
    """

    number: int
    text: Page | None
    issues: tuple[Issue, ...] = ()
    image: Image.Image | None = None
    dpi: float = 0.0


def draft_page(pdf: pdfium.PdfDocument, index: int, settings: Settings, fonts: Fonts) -> Draft:
    """Page ``index`` (from 0) as far as it can be done without OCR of the whole page.

    Raises PdfiumError when it is damaged, MissingToolError when it needs OCR that is not there.
    """
    page, fields = load(pdf, index)
    try:
        glyphs, runs = read_glyphs(page, fonts.letters)
        lost = sum(glyph.lost for glyph in glyphs)
        if lost and (solved := fonts.solved(pdf)):
            glyphs, runs = read_glyphs(page, fonts.letters, solved)
        filled = 0
        if fonts.able and any(glyph.lost for glyph in glyphs):
            image, dpi = render(page, _WITNESS_DPI, settings.max_pixels)
            filled = fill(glyphs, runs, read_scan(image, dpi).tokens)
        layer = layer_of(glyphs, runs)
        mended = mend_fonts(layer.tokens)
        signatures = _drop_signatures(layer, fields)
        objects = list(objects_of(page))
        sheet = _Sheet(page, index + 1, page.get_size(), layer, signatures, objects)
        draft = _draft(sheet, settings)
    finally:
        page.close()
    if mended:
        note = f"{mended} từ dùng phông chữ trước Unicode, đã đọc theo bảng mã của phông."
        draft.issues = (*draft.issues, Issue("extract", "legacy_font", index + 1, note, "info"))
    if layer.lost < lost and draft.text is not None:
        draft.text = replace(draft.text, method="mixed") if filled else draft.text
        note = f"{lost - layer.lost} chữ mà phông không ghi tên, đã đọc theo hình."
        draft.issues = (*draft.issues, Issue("extract", "glyphs_solved", index + 1, note, "info"))
    return draft


def finish(drafts: Sequence[Draft], settings: Settings) -> list[tuple[Page, tuple[Issue, ...]]]:
    """The pages of ``drafts``, those that need it read by OCR, and what should be known of them.

    Where a page has both, it is made of the reading that is better, with the words of the other
    that are better. Raises MissingToolError when tesseract is not there.
    """
    scans = [draft.image for draft in drafts if draft.image is not None]
    sizes = [draft.dpi for draft in drafts if draft.image is not None]
    read = iter(read_scans(list(zip(scans, sizes, strict=True)), settings.page_timeout))
    return [_finished(draft, None if draft.image is None else next(read)) for draft in drafts]


def _finished(draft: Draft, reading: Reading | None) -> tuple[Page, tuple[Issue, ...]]:
    text, image = draft.text, draft.image
    if reading is None or image is None:
        return text or Page(draft.number, ()), draft.issues
    page, notes = page_of_scan(draft.number, reading, image.size, draft.dpi)
    if text is None:
        return page, notes
    issues = (*draft.issues, *notes)
    if reading.failed or (text.quality or 0.0) >= (page.quality or 0.0):
        return merge(text, page), issues
    return merge(page, text), issues


def load(pdf: pdfium.PdfDocument, index: int) -> tuple[pdfium.PdfPage, list[Box]]:
    """The page with its annotations drawn into it, and the boxes of its form fields.

    Offices fill number and date into form fields, which the page's own text does not hold.
    """
    page = pdf[index]
    if pdfium_c.FPDFPage_GetAnnotCount(page) == 0:
        return page, []
    fields = _fields(page)
    if pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY) != pdfium_c.FLATTEN_SUCCESS:
        return page, []
    page.close()
    return pdf[index], fields


def _fields(page: pdfium.PdfPage) -> list[Box]:
    place = displayed(page)
    rect = pdfium_c.FS_RECTF()
    boxes = []
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_WIDGET:
            pdfium_c.FPDFAnnot_GetRect(annotation, rect)
            (x0, y0), (x1, y1) = place(rect.left, rect.top), place(rect.right, rect.bottom)
            boxes.append(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        pdfium_c.FPDFPage_CloseAnnot(annotation)
    return boxes


def _drop_signatures(layer: TextLayer, fields: Sequence[Box]) -> list[Box]:
    """Take the text of digital signatures out of ``layer``; gives their boxes."""
    signatures = []
    for box in fields:
        inside = [token for token in layer.tokens if _within(token, box)]
        if inside and _SIGNATURE.search(" ".join(token.text for token in inside)):
            signatures.append(box)
            dropped = set(map(id, inside))
            layer.tokens = [token for token in layer.tokens if id(token) not in dropped]
            layer.glyphs -= sum(len(token.text) for token in inside)
    return signatures


def _within(token: Token, box: Box) -> bool:
    x, y = (token.x0 + token.x1) / 2, token.middle
    return box.x0 - 2 <= x <= box.x1 + 2 and box.top - 2 <= y <= box.bottom + 2


def _draft(sheet: _Sheet, settings: Settings) -> Draft:
    """The text layer where it is good; the page's image as well, or alone, where it is not."""
    images = _images(sheet)
    scan = images.share > _SCAN
    hidden = scan and (images.above or sheet.layer.invisible > 0)
    some_text = sheet.layer.glyphs > (_FEW if scan else 0)
    number = sheet.number
    if settings.ocr == "off":
        return Draft(number, *_from_text(sheet, not_read=scan and not some_text))
    if settings.ocr == "auto":
        good = some_text and sheet.quality >= _GOOD and not hidden
        if good or (not some_text and images.share < _PICTURE):
            return Draft(number, *_from_text(sheet))
        if some_text and not ocr.has_tesseract():
            page, issues = _from_text(sheet)
            note = "Lớp văn bản kém và máy chưa cài tesseract để đọc ảnh của trang."
            return Draft(number, page, (*issues, _issue("ocr_missing", sheet, note)))
    wanted = float(settings.ocr_dpi)
    if images.dpi is not None and _NATIVE[0] <= images.dpi <= _NATIVE[1]:
        wanted = images.dpi  # as the scan was made
    image, dpi = render(sheet.page, wanted, settings.max_pixels, hide=sheet.signatures)
    if settings.ocr == "force" or not some_text:
        return Draft(number, None, (), image, dpi)
    page, issues = _from_text(sheet)
    if hidden:
        note = (
            "Lớp văn bản do chương trình nhận dạng khác đặt dưới bản quét; bản quét được đọc lại."
        )
        issues = (*issues, Issue("extract", "ocr_layer", number, note, "info"))
    return Draft(number, page, issues, image, dpi)


@dataclass(frozen=True, slots=True)
class _Images:
    """How much of the page its images cover (0 to 1), and the resolution of the largest.

    ``above`` says that the largest is painted over text.
    """

    share: float
    dpi: float | None
    above: bool


def _images(sheet: _Sheet) -> _Images:
    width, height = sheet.size
    covered = largest = 0.0
    dpi: float | None = None
    text = above = False
    for target, kind, _ in sheet.objects:
        text = text or kind == pdfium_c.FPDF_PAGEOBJ_TEXT
        if kind != pdfium_c.FPDF_PAGEOBJ_IMAGE:
            continue
        image = pdfium.PdfImage(target, page=sheet.page)
        x0, y0, x1, y1 = image.get_bounds()
        area = max(0.0, min(x1 - x0, width)) * max(0.0, min(y1 - y0, height))
        covered += area
        if area > largest:
            largest = area
            pixels = max(image.get_px_size())
            dpi = 72.0 * pixels / max(1.0, x1 - x0, y1 - y0)
            above = text
    return _Images(min(1.0, covered / max(1.0, width * height)), dpi, above)


def _from_text(sheet: _Sheet, *, not_read: bool = False) -> tuple[Page, tuple[Issue, ...]]:
    layer = sheet.layer
    grids = find_grids(read_rulings(sheet.page, sheet.objects))
    page = build_page(
        sheet.number, layer.tokens, sheet.size, "text", turned=layer.turned, grids=grids
    )
    issues = []
    if layer.lost:
        note = f"Phông chữ trong tệp làm mất {layer.lost} trong {layer.glyphs} chữ."
        issues.append(_issue("lost_glyphs", sheet, note))
    if not_read:
        note = "Trang là ảnh và chưa được đọc, vì chức năng nhận dạng đang tắt."
        issues.append(_issue("not_read", sheet, note))
    return page, tuple(issues)


def _issue(code: str, sheet: _Sheet, message: str) -> Issue:
    return Issue("extract", code, sheet.number, message)
