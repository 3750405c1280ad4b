"""How good the text of a document is, in the terms of the record."""

from __future__ import annotations

from pipeline.document import DamageKind, Document
from pipeline.normalize.record import PageQuality, Quality


def quality_of(document: Document) -> Quality:
    """Counts of words, of words edited and of words in doubt; damage of all pages."""
    words = sum(len(line.text.split()) for _, _, line in document.lines())
    edited = {
        (edit.page, edit.line, edit.start)
        for edit in document.edits
        if edit.before.split() or edit.after.split()
    }
    kinds: list[DamageKind] = []
    for page in document.pages:
        for damage in page.damage:
            if damage.kind not in kinds:
                kinds.append(damage.kind)
    return Quality(
        damage=kinds or ["clean"],
        words=words,
        edited_words=min(len(edited), words),
        uncertain_words=len(document.doubts),
        pages=[
            PageQuality(page=page.number, method=page.method, score=page.quality)
            for page in document.pages
        ],
    )
