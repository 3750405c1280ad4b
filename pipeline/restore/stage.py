"""The stage: a document's lines restored, with a log of edits that replays exactly."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Literal, overload

from pipeline.document import Document, Edit

_TERMINATOR = re.compile("(\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029])")


def _compose(line: str, page: int, number: int) -> tuple[str, tuple[Edit, ...]]:
    """The line in NFC, and the edit that made it so (one edit for the whole line)."""
    composed = unicodedata.normalize("NFC", line)
    if composed == line:
        return line, ()
    return composed, (Edit("restore", "compose", page, number, 0, line, composed, 1.0),)


def restore(document: Document) -> Document:
    """Set ``text`` of every line to the best reading; ``raw`` stays as it was extracted."""
    pages, edits = [], list(document.edits)
    for page in document.pages:
        lines = []
        for number, line in enumerate(page.lines, start=1):
            text, made = _compose(line.text, page.number, number)
            edits.extend(made)
            lines.append(line if text == line.text else replace(line, text=text))
        pages.append(replace(page, lines=tuple(lines)))
    return replace(document, pages=tuple(pages), edits=tuple(edits))


@overload
def restore_text(
    text: str, *, explain: Literal[False] = False, damage: str | None = None
) -> str: ...


@overload
def restore_text(
    text: str, *, explain: Literal[True], damage: str | None = None
) -> tuple[str, tuple[Edit, ...]]: ...


def restore_text(
    text: str, *, explain: bool = False, damage: str | None = None
) -> str | tuple[str, tuple[Edit, ...]]:
    """Restore plain text; lines and their terminators stay.

    Args:
        text: The text as it was extracted.
        explain: Also return the edits (page 1, lines from 1).
        damage: A kind of :data:`pipeline.document.DamageKind` instead of detection.
    """
    parts = _TERMINATOR.split(text)
    edits: list[Edit] = []
    for index in range(0, len(parts), 2):
        parts[index], made = _compose(parts[index], 1, index // 2 + 1)
        edits.extend(made)
    restored = "".join(parts)
    return (restored, tuple(edits)) if explain else restored
