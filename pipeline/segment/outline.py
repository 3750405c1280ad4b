"""The section tree of a document."""

from __future__ import annotations

from pipeline.document import Document


def segment(document: Document) -> Document:
    """Give the document with its outline in ``sections``."""
    return document
