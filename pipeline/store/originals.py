"""A document as the machine read it, packed: what a person's decisions are laid over.

Kept is what restoration gave. Sections, findings and the record are made from it again whenever a
word is corrected, by the stages that made them first.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pydantic import TypeAdapter

from pipeline.document import Document, Doubt, Edit, Issue, Page, Source

READ_BY = frozenset({"ingest", "extract", "restore"})  # the stages whose issues are kept


@dataclass(frozen=True, slots=True)
class _Packed:
    source: Source
    pages: tuple[Page, ...]
    edits: tuple[Edit, ...]
    doubts: tuple[Doubt, ...]
    issues: tuple[Issue, ...]


_ADAPTER = TypeAdapter(_Packed)


def pack(document: Document) -> bytes:
    """``document`` as it was after restoration, as compressed JSON."""
    kept = tuple(issue for issue in document.issues if issue.stage in READ_BY)
    packed = _Packed(document.source, document.pages, document.edits, document.doubts, kept)
    return zlib.compress(_ADAPTER.dump_json(packed))


def unpack(data: bytes) -> Document:
    """The document that :func:`pack` put away."""
    kept = _ADAPTER.validate_json(zlib.decompress(data))
    return Document(
        source=kept.source,
        pages=kept.pages,
        edits=kept.edits,
        doubts=kept.doubts,
        issues=kept.issues,
    )
