"""Text and Markdown files: decoded, split into lines, pages at form feeds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pipeline.document import Document, Issue, Line, Page
from pipeline.ingest.charset import detect
from pipeline.restore.damage import quality

_LINE_END = re.compile(r"\r\n|\r|\n|\x85|\u2028|\u2029")
_UNWANTED = re.compile(r"[\x00\ufeff]")


def read_text(document: Document) -> Document:
    """The pages of a text file. A form feed starts a page; CR, LF and CRLF end a line."""
    source = document.source
    data = Path(source.location).read_bytes()
    encoding = detect(data)
    name = source.encoding or encoding.name
    text = data.decode(name, errors="replace")
    pages = pages_of(text)
    document = replace(document, pages=pages)
    if not encoding.sure:
        document = document.with_issues(
            Issue(
                stage="extract",
                code="encoding_guessed",
                page=None,
                message=f"Bảng mã của tệp không chắc chắn; tệp được đọc theo {name}.",
            )
        )
    return document


def pages_of(text: str) -> tuple[Page, ...]:
    """Pages and lines of plain text; always at least one page."""
    text = _LINE_END.sub("\n", _UNWANTED.sub("", text))
    parts = text.split("\f")
    if len(parts) > 1 and not parts[-1].strip():  # a form feed that ends the last page
        parts.pop()
    return tuple(_page(number, part) for number, part in enumerate(parts, start=1))


def _page(number: int, text: str) -> Page:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return Page(number, tuple(Line.of(line) for line in lines), quality=quality(text))
