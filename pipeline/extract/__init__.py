"""The text of a file, page by page, with boxes, fonts and confidences where they are known."""

from __future__ import annotations

from pipeline.document import Document
from pipeline.errors import MissingToolError, UnreadableError
from pipeline.extract.image import read_image_file
from pipeline.extract.pdf import read_pdf
from pipeline.extract.text import read_text
from pipeline.ingest import sniff
from pipeline.settings import Settings


def extract(document: Document, *, settings: Settings) -> Document:
    """Read the file of ``document.source`` into pages and lines; ``Line.text == Line.raw``.

    Raises a FileError: UnreadableError, EncryptedError, TooLargeError or MissingToolError, with
    one sentence that names the file and says what to do.
    """
    try:
        return _read(document, settings)
    except MissingToolError as error:  # raised deep down, where the file's name is not known
        name = document.source.path
        raise error if name in str(error) else MissingToolError(f"{name}: {error}") from error


def _read(document: Document, settings: Settings) -> Document:
    source = document.source
    if source.media_type == sniff.PDF:
        return read_pdf(document, settings)
    if source.media_type in sniff.IMAGE_TYPES:
        return read_image_file(document, settings)
    if source.media_type in (sniff.PLAIN, sniff.MARKDOWN):
        return read_text(document)
    # The libraries behind these take a second to import, which a folder of PDFs should not pay.
    if source.media_type == sniff.DOCX:
        from pipeline.extract.docx import read_docx

        return read_docx(document, settings)
    if source.media_type in (sniff.DOC, sniff.RTF, sniff.ODT):
        from pipeline.extract.office import read_office

        return read_office(document, settings)
    if source.media_type == sniff.HTML:
        from pipeline.extract.html import read_html

        return read_html(document)
    if source.media_type == sniff.ZIP:
        raise UnreadableError(f"{source.path} is a ZIP archive; unpack it into the folder.")
    raise UnreadableError(f"{source.path} is of the kind {source.media_type}, which is not read.")


__all__ = ["extract"]
