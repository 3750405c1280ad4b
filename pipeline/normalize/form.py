"""The form of a document: a plan, a decision with or around a plan, or something else."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.document import Document, Section
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
    return False
