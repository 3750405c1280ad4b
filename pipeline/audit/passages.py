"""A record's text in passages: each section's own text and each item, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.normalize.record import PlanRecord, Section, SectionId

# Parts that say who writes to whom on what ground; what a plan itself wants is in the others.
FRAME: frozenset[SectionId] = frozenset(
    {"header", "legal_basis", "decision", "recipients", "signature", "closing"}
)
_SENTENCE = re.compile(r"(?<=[.;!?…])\s+(?=[^\W\d_a-zà-ỹ])|\n+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or item; ``ids`` are those of its section and of the sections above it.

    ``raw`` is the text as extracted, where the record keeps it ("" elsewhere).
    """

    text: str
    path: str
    ids: frozenset[SectionId]
    page: int
    line: int
    raw: str = ""


def walk(sections: Sequence[Section]) -> Iterator[Section]:
    """Each section before its children."""
    for section in sections:
        yield section
        yield from walk(section.children)


def passages(record: PlanRecord, *, body: bool = True) -> Iterator[Passage]:
    """The passages in the order of the document; with ``body`` without header, basis, signature."""
    yield from _of(record.sections, frozenset(), body)


def _of(sections: Sequence[Section], above: frozenset[SectionId], body: bool) -> Iterator[Passage]:
    for section in sections:
        ids = above | frozenset(section.ids)
        if body and ids & FRAME and not ids - FRAME:
            continue
        text = squeezed(section.text)
        if text:
            yield Passage(text, section.path, ids, section.page, section.line_start)
        for item in section.items:
            said = squeezed(item.text)
            if said and said not in text:
                page = item.where.page if item.where else section.page
                line = item.where.line_start if item.where else section.line_start
                raw = item.where.raw if item.where else ""
                yield Passage(said, item.path, ids, page, line, raw)
        yield from _of(section.children, ids, body)


def sentences(text: str) -> list[str]:
    """``text`` cut after full stops and semicolons that a capital follows.

    >>> sentences("Tuyên truyền theo NQ 76/NQ-CP; Tổ chức hội nghị. Kinh phí: ngân sách.")
    ['Tuyên truyền theo NQ 76/NQ-CP;', 'Tổ chức hội nghị.', 'Kinh phí: ngân sách.']
    """
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def squeezed(text: str) -> str:
    """``text`` with every run of white space as one space."""
    return " ".join(text.split())
