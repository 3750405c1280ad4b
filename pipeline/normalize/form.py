"""The form of a document: a plan, a decision with or around a plan, or something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.document import Document, Place, Section
from pipeline.entities.letterhead import Letterhead
from pipeline.normalize.record import Form
from pipeline.segment.fold import fold

# A plan has at least one section that says what is to be done, or by whom.
_CORE = frozenset({"content", "tasks", "implementation", "purpose", "objectives", "forms"})


def form_of(document: Document, letterheads: Sequence[Letterhead]) -> Form:
    """The form by what the letterheads say; where they are lost, by what the text is built of."""
    decided = any("decision" in section.ids and section.children for section in document.sections)
    body = [section for section in document.sections if _CORE & set(section.ids)]
    types = [head.type for head in letterheads if head.type]
    if decided or types[:1] == ["Quyết định"]:
        return _of_decision(document, types, body)
    if types and types[0] != "Kế hoạch":
        return "other"
    if types or _calls_itself_plan(document):
        return "plan" if body else "other"
    return "other"


def _of_decision(document: Document, types: Sequence[str | None], body: Sequence[Section]) -> Form:
    if not body:
        return "other"
    if "Kế hoạch" in types:
        return "decision_with_plan"
    articles = [
        s for section in document.sections if "decision" in section.ids for s in section.children
    ]
    if not any("ke hoach" in fold(article.heading) for article in articles):
        return "other"
    attached = any("kem theo" in fold(article.heading) for article in articles[:1])
    last = articles[-1].place if articles else None
    first = body[0].place
    embedded = last is not None and (first.page, first.line_start) < (last.page, last.line_start)
    return "decision_embedding_plan" if embedded or not attached else "decision_with_plan"


def form_place(document: Document, letterheads: Sequence[Letterhead]) -> Place | None:
    """What tells the form: the type line, the first article, or the words "Kế hoạch" around it."""
    for head in letterheads:
        if head.type_place:
            return head.type_place
    for section in document.sections:
        if "decision" in section.ids and section.children:
            return section.children[0].heading_place or section.children[0].place
    parts = (
        part
        for section in document.sections
        if {"header", "legal_basis", "closing"} & set(section.ids)
        for part in (*section.paragraphs, *section.items)
    )
    return next((part.place for part in parts if "ke hoach" in fold(part.text)), None)


def without_later_plans(document: Document, heads: Sequence[Letterhead]) -> Document:
    """A document up to the letterhead of a second plan: a file may hold one plan after another.

    A plan attached to a decision has no number and date of its own, so it is no second plan. The
    outline keeps all sections: only what fields are read from is cut.
    """
    headers = [section for section in document.sections if "header" in section.ids]
    plans = [
        section.place
        for section, head in zip(headers, heads, strict=True)
        if head.type == "Kế hoạch"
    ]
    own = [
        section.place
        for section, head in zip(headers, heads, strict=True)
        if head.type == "Kế hoạch"
        and (
            (head.number_status != "absent" and not head.note) or (head.date and not head.note_date)
        )
    ]
    later = [place for place in own if place != plans[0]]
    if not later:
        return document
    end = (later[0].page, later[0].line_start)

    def before(place: Place) -> bool:
        return (place.page, place.line_start) < end

    return replace(
        document,
        sections=tuple(s for s in document.sections if before(s.place)),
        citations=tuple(c for c in document.citations if before(c.place)),
        mentions=tuple(m for m in document.mentions if before(m.place)),
        entities=tuple(e for e in document.entities if before(e.place)),
    )


def is_cut_off(document: Document, form: Form) -> bool:
    """Whether a plan has no end: neither closing nor recipients nor signature nor "./."."""
    if form == "other" or not document.sections:
        return False
    ends = {"closing", "recipients", "signature", "appendix"}
    body = [s for s in document.sections if not {"header", "legal_basis", "decision"} & set(s.ids)]
    if not body or any(ends & set(section.ids) for section in body):
        return False
    return not _last_text(body[-1]).rstrip().endswith("./.")


def _last_text(section: Section) -> str:
    if section.children:
        return _last_text(section.children[-1])
    parts = (*section.paragraphs, *section.items)
    return parts[-1].text if parts else section.heading


def _calls_itself_plan(document: Document) -> bool:
    """Whether opening or closing says so: "ban hành Kế hoạch … như sau", "Trên đây là …"."""
    for section in document.sections:
        text = fold(section.text)
        if (
            "legal_basis" in section.ids
            and "ke hoach" in text
            and (
                "nhu sau" in text or "sau day" in text or "noi dung sau" in text or "cu the" in text
            )
        ):
            return True
        if "closing" in section.ids and "ke hoach" in text:
            return True
        if "header" in section.ids and "ke hoach" in text:
            return True
    return _speaks_of_itself(document.sections)


def _speaks_of_itself(sections: Sequence[Section]) -> bool:
    """Whether duties speak of "Kế hoạch này": the beginning of a plan may be lost."""
    if len({name for section in sections for name in section.ids} & _CORE) < 2:
        return False
    return any(
        "ke hoach nay" in fold(part.text)
        for section in _all(sections)
        if "implementation" in section.ids
        for part in (*section.paragraphs, *section.items)
    )


def _all(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all(section.children)
