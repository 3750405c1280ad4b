"""PDF files: opened, read page by page, with what went wrong said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.document import Document, Issue, Page, Source
from pipeline.errors import EncryptedError, UnreadableError
from pipeline.extract.fonts import mapped_letters
from pipeline.extract.pdf_page import Draft, Fonts, draft_page, finish
from pipeline.extract.roles import mark_roles
from pipeline.settings import Settings

_TOGETHER, _TOGETHER_PIXELS = 8, 40_000_000  # pages that are read together, and pixels
_HEAD = 1024
_TAIL = 65_536  # bytes; a server or a mail program may have put something behind the end
_OBJECT = re.compile(rb"\b\d+\s+\d+\s+obj\b")
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF")


def read_pdf(document: Document, settings: Settings) -> Document:
    """The pages of a PDF.

    Raises EncryptedError (a password is needed), UnreadableError (no page can be read), or
    MissingToolError (a page needs OCR and tesseract is missing).
    """
    source = document.source
    if _is_cut_off(Path(source.location)):
        # Half a plan would be audited as one that lacks an index.
        raise UnreadableError(
            f"{source.path} is torn: the end of the PDF is missing; get a whole copy of it."
        )
    pages: list[Page] = []
    issues: list[Issue] = []
    letters = mapped_letters(Path(source.location))
    with open_pdf(source) as pdf:
        count = len(pdf)
        if count == 0:
            raise UnreadableError(f"{source.path} has no pages; get a whole copy of it.")
        fonts = Fonts(letters, min(count, settings.max_pages), settings)
        for page, noticed in _pages(pdf, min(count, settings.max_pages), settings, fonts):
            pages.append(page)
            issues.extend(noticed)
    if all(issue.code == "page_unreadable" for issue in issues) and len(issues) == len(pages):
        raise UnreadableError(f"{source.path} is damaged: none of its pages can be read.")
    if count > settings.max_pages:
        issues.append(
            _issue(
                "pages_left_out",
                None,
                f"Tệp có {count} trang; chỉ đọc {settings.max_pages} trang đầu (max_pages).",
                severe=True,
            )
        )
    return replace(document, pages=mark_roles(pages)).with_issues(*issues)


@contextmanager
def open_pdf(source: Source) -> Iterator[pdfium.PdfDocument]:
    """Open a PDF; one that is encrypted with an empty password opens like any other."""
    try:
        pdf = pdfium.PdfDocument(source.location)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
            raise EncryptedError(
                f"{source.path} is encrypted and needs a password; save a copy without one."
            ) from error
        raise UnreadableError(
            f"{source.path} is a damaged PDF that cannot be opened; get a whole copy of it."
        ) from error
    try:
        yield pdf
    finally:
        pdf.close()


def _issue(code: str, page: int | None, message: str, *, severe: bool = False) -> Issue:
    return Issue("extract", code, page, message, "error" if severe else "warning")


def _is_cut_off(path: Path) -> bool:
    """Whether the end of a PDF is missing: no pointer to its table of objects, no end mark.

    A linearized file holds an end mark near its start too, with a pointer of 0; behind the end of
    one revision a further one may have been begun.
    """
    with path.open("rb") as stream:
        linearized = b"/Linearized" in stream.read(_HEAD)
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - _TAIL))
        tail = stream.read()
    ends = [match for match in _END.finditer(tail) if int(match[1]) or not linearized]
    return not ends or bool(_OBJECT.search(tail, ends[-1].end()))


def _pages(
    pdf: pdfium.PdfDocument, count: int, settings: Settings, fonts: Fonts
) -> Iterator[tuple[Page, tuple[Issue, ...]]]:
    """The first ``count`` pages; those that need OCR are read some together."""
    waiting: list[Draft] = []
    for index in range(count):
        waiting.append(_draft(pdf, index, settings, fonts))
        images = [draft.image for draft in waiting if draft.image is not None]
        pixels = sum(image.width * image.height for image in images)
        if len(images) >= _TOGETHER or pixels > _TOGETHER_PIXELS:
            yield from finish(waiting, settings)
            waiting = []
    yield from finish(waiting, settings)


def _draft(pdf: pdfium.PdfDocument, index: int, settings: Settings, fonts: Fonts) -> Draft:
    number = index + 1
    try:
        return draft_page(pdf, index, settings, fonts)
    except pdfium.PdfiumError:
        message = "Trang hỏng, không đọc được."
        issue = _issue("page_unreadable", number, message, severe=True)
        return Draft(number, Page(number, ()), (issue,))
