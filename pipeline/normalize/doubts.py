"""Which fields rest on words that the restorer was not sure of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.document import Document, Place
from pipeline.normalize.record import (
    Citation,
    Evidence,
    PlanRecord,
    RecordIssue,
    Section,
    Signature,
    Task,
    Where,
)
from pipeline.normalize.where import own_words, unsure_words

_SHOWN = 5
SURE = 0.9  # a repair below this confidence is shown to a person where a field rests on it
# Sections whose lines are fields of their own.
_OF_FIELDS = frozenset({"header", "legal_basis", "recipients", "signature", "appendix"})
_Value = tuple[Where | None, str | None]  # where it stands, and what stands there in its own words


def with_doubts(record: PlanRecord, document: Document) -> PlanRecord:
    """The record with an issue for each field that rests on words which are not sure.

    Unsure are words that were kept for want of a sure reading, and words that were replaced by a
    reading that is only likely. Lists are one field: what each entry rests on says its ``where``.
    """
    if not document.edits and not document.doubts:
        return record
    issues = [
        issue for name, values in _fields(record) if (issue := _issue(name, values, document))
    ]
    return record.model_copy(update={"issues": [*record.issues, *issues]}) if issues else record


def _fields(record: PlanRecord) -> Iterator[tuple[str, list[_Value]]]:
    """Fields by their Vietnamese names, with the places of their values."""
    unit, issued, signature = record.unit, record.issued, record.signature
    funding, reporting = record.funding, record.reporting
    sections = list(_sections(record.sections))
    body = [item for s in sections if not _OF_FIELDS & set(s.ids) for item in s.items]
    yield "số, ký hiệu", [(record.number.where, record.number.value)]
    yield "nơi và ngày ban hành", [(issued.where, own_words(issued.place, issued.date))]
    yield "cơ quan ban hành", [(unit.where, unit.name)]
    yield "trích yếu", [(record.title_where, record.title)]
    yield "năm", [(record.year_where, str(record.year))]
    yield "căn cứ", [(basis.where, basis.text) for basis in record.legal_basis]
    yield "đề mục", [(s.where, own_words(s.number, s.heading)) for s in sections if s.heading]
    yield "nội dung các mục", [(item.where, item.text) for item in body]
    yield "chỉ số", [_of_evidence(e) for found in record.indices for e in found.evidence]
    yield "lĩnh vực", [_of_evidence(e) for found in record.areas for e in found.evidence]
    yield "kênh", [_of_evidence(e) for found in record.channels for e in found.evidence]
    yield "đối tượng", list(zip(record.audience_where, record.audience, strict=True))
    yield "phân công", [(a.where, own_words(a.unit, *a.duties)) for a in record.assignments]
    yield "nhiệm vụ trong phụ lục", [(task.where, _of_task(task)) for task in record.tasks]
    yield "kinh phí", [(funding.where, funding.text)] if funding else []
    yield "chế độ báo cáo", [(reporting.where, reporting.text)] if reporting else []
    yield "nơi nhận", list(zip(record.recipients_where, record.recipients, strict=True))
    yield "chữ ký", [(signature.where, _of_signature(signature))] if signature else []
    yield "văn bản viện dẫn", [(c.where, _of_citation(c)) for c in record.citations]


def _of_task(task: Task) -> str:
    return own_words(task.task, task.lead, task.partners, task.schedule, task.product)


def _of_citation(cited: Citation) -> str:
    return own_words(cited.code, cited.date, cited.issuer)


def _of_signature(signed: Signature) -> str:
    return own_words(*signed.authority, signed.position, signed.name)


def _sections(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _sections(section.children)


def _of_evidence(evidence: Evidence) -> _Value:
    at = Where(
        page=evidence.page, line_start=evidence.line, line_end=evidence.line, raw=evidence.raw
    )
    return at, None


def _issue(name: str, values: Sequence[_Value], document: Document) -> RecordIssue | None:
    words: dict[str, None] = {}
    page: int | None = None
    for at, value in values:
        if at is None:
            continue
        place = Place(at.page, at.line_start, at.page, at.line_end)
        found = [word.text for word in unsure_words(document, place, value) if word.sure < SURE]
        if found:
            page = page or at.page
            words |= dict.fromkeys(found)
    if not words:
        return None
    shown = ", ".join(f"“{word}”" for word in list(words)[:_SHOWN])
    more = ", …" if len(words) > _SHOWN else ""
    return RecordIssue(
        stage="normalize",
        code="uncertain_field",
        page=page,
        message=f"Mục “{name}” dựa trên từ chưa chắc chắn: {shown}{more}.",
        severity="info",
    )
