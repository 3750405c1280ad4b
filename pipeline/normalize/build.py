"""The record of one document, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.audit.coverage import coverage
from pipeline.document import Citation as FoundCitation
from pipeline.document import Document, Issue, Line, Mention, Place
from pipeline.entities.gazetteer import gazetteer
from pipeline.entities.letterhead import (
    Letterhead,
    in_small_letters,
    read_letterheads,
    title_from_text,
)
from pipeline.entities.own import statements
from pipeline.entities.signature import FoundSignature, read_recipients, read_signature
from pipeline.entities.spans import Span, spans
from pipeline.entities.units import IssuingUnit, issuing_unit
from pipeline.normalize.basis import legal_basis_of
from pipeline.normalize.doubts import with_doubts
from pipeline.normalize.duties import assignments_of, audience_of, funding_of, reporting_of
from pipeline.normalize.form import form_of, form_place, is_cut_off, without_later_plans
from pipeline.normalize.issued import bounded, doubts_of_issue, issued_of, number_of
from pipeline.normalize.outline import sections_of
from pipeline.normalize.quality import quality_of
from pipeline.normalize.record import (
    Citation,
    Form,
    Issued,
    PlanRecord,
    RecordIssue,
    Signature,
    SourceInfo,
    Unit,
    Where,
)
from pipeline.normalize.tasks import tasks_of
from pipeline.normalize.themes import areas_of, channels_of
from pipeline.normalize.where import own_words, where
from pipeline.normalize.years import year_of
from pipeline.settings import Settings

_PARTLY = 0.5  # confidence of a signature whose name was read in part
_GUESSED = 0.5  # confidence under which OCR guessed a word


def normalize(document: Document, *, settings: Settings) -> Document:
    """Give the document with its record; what the text does not say is null."""
    whole = document
    found = spans(document)
    heads = read_letterheads(found)
    document = without_later_plans(document, heads)
    if several := document is not whole:
        found = spans(document)
        heads = read_letterheads(found)
    form = form_of(document, heads)
    title, title_place = _title(heads, found, form)
    own = statements(heads, found)
    issued = issued_of(document, heads, own)
    headed = form != "other" or any(head.type for head in heads)
    unit = issuing_unit(found, issued=issued.date or issued.not_before, headed=headed)
    issued = bounded(issued, unit)
    number = number_of(document, heads, own)
    year, year_where = _year(document, (title, title_place), issued, found)
    audience, recipients = audience_of(document), _recipients(document)
    signed = _signed(document)
    document = document.with_issues(
        *_odd(form, unit, heads, several=several, cut=is_cut_off(document, form)),
        *doubts_of_issue(document, heads, own, number, issued),
        *_joined(document),
        *_partly_signed(signed),
    )
    record = PlanRecord(
        source=SourceInfo(
            path=document.source.path,
            sha256=document.source.sha256,
            media_type=document.source.media_type,
            pages=len(document.pages),
        ),
        quality=quality_of(document),
        form=form,
        form_where=where(document, form_place(document, heads)) if form != "other" else None,
        number=number,
        issued=issued,
        unit=_unit(document, unit),
        title=title,
        title_where=where(document, title_place, title),
        year=year,
        year_where=year_where,
        legal_basis=legal_basis_of(
            document, title=title, level=unit.level, unit=unit.name, number=number.value
        ),
        sections=sections_of(whole),
        indices=coverage(_of_plan(document, form), settings.required),
        areas=areas_of(document),
        channels=channels_of(document),
        audience=[text for text, _ in audience],
        audience_where=_wheres(document, audience),
        assignments=assignments_of(document),
        tasks=tasks_of(document),
        funding=funding_of(document),
        reporting=reporting_of(document),
        recipients=[name for name, _ in recipients],
        recipients_where=_wheres(document, recipients),
        signature=_signature(document, signed),
        citations=_citations(document, number.value),
        issues=_issues(document.issues),
    )
    record = with_doubts(record, document)
    return replace(whole, issues=document.issues, record=record)


def _title(
    heads: Sequence[Letterhead], found: Sequence[Span], form: Form
) -> tuple[str | None, Place | None]:
    """The plan's own title; a decision's stands in for it, or the words that issue the plan."""
    for kind in ("Kế hoạch", None) if form != "other" else ("any",):
        for head in heads:
            if head.title and (kind == head.type or (kind == "any" and head.type)):
                return in_small_letters(head.title, found), head.title_place
    if (issued := title_from_text(found)) and form != "other":
        return issued
    for head in heads:
        if head.title and (form != "other" or head.type or head.says_about):
            return head.title, head.title_place
    return None, None


def _unit(document: Document, unit: IssuingUnit) -> Unit:
    return Unit(
        name=unit.name,
        type=unit.kind,
        level=unit.level,  # type: ignore[arg-type]
        parents=list(unit.parents),
        province=unit.province,
        successors=list(unit.successors),
        candidates=list(unit.candidates),
        where=where(document, unit.place, unit.name),
    )


def _of_plan(document: Document, form: Form) -> Sequence[Mention]:
    """The mentions of indices; words that only touch on a theme tell nothing outside of a plan."""
    if form != "other":
        return document.mentions
    return [mention for mention in document.mentions if mention.form != "theme"]


def _recipients(document: Document) -> list[tuple[str, Place]]:
    lists = [s for s in document.sections if "recipients" in s.ids]
    return [found for section in lists[:1] for found in read_recipients(section)]


def _wheres(document: Document, found: Sequence[tuple[str, Place]]) -> list[Where]:
    return [at for text, place in found if (at := where(document, place, text))]


def _year(
    document: Document,
    title: tuple[str | None, Place | None],
    issued: Issued,
    found: Sequence[Span],
) -> tuple[int | None, Where | None]:
    """The year, and where it stands: that of the date of issue where the date is."""
    year, place = year_of(*title, issued, found)
    return year, where(document, place, str(year)) or (issued.where if year else None)


def _signed(document: Document) -> FoundSignature | None:
    lists = [s for s in document.sections if "signature" in s.ids]
    lines = {(page, number): line for page, number, line in document.lines()}
    changed = {(edit.page, edit.line) for edit in document.edits}
    repaired = {place: lines[place].raw for place in changed & lines.keys()}
    text = [line.text for line in lines.values()] if document.is_scanned else None
    guessed = {place for place, line in lines.items() if _least(line) < _GUESSED}
    return read_signature(lists, repaired, text, guessed)


def _least(line: Line) -> float:
    """The confidence of the word that OCR was least sure of; 1 where there was no OCR."""
    return min((one.confidence for one in line.words if one.confidence is not None), default=1.0)


def _signature(document: Document, found: FoundSignature | None) -> Signature | None:
    if found is None:
        return None
    at = where(document, found.place, own_words(*found.authority, found.position, found.name))
    if at and found.partly:
        at = at.model_copy(update={"confidence": min(at.confidence, _PARTLY)})
    return Signature(
        authority=list(found.authority), position=found.position, name=found.name, where=at
    )


def _partly_signed(found: FoundSignature | None) -> Iterator[Issue]:
    if found and found.partly:
        yield Issue(
            "normalize",
            "uncertain_field",
            found.place.page,
            f"Tên người ký “{found.name}” chỉ đọc được một phần, hoặc suy ra từ phần còn thấy hay "
            "từ chỗ khác trong văn bản; hãy đối chiếu với ảnh trang.",
            "info",
        )


def _citations(document: Document, own: str | None) -> list[Citation]:
    """What the document cites; itself only where a plan names the decision that it belongs to."""
    return [
        Citation(
            code=citation.code,
            type=citation.type,
            date=citation.date,
            issuer=citation.issuer and gazetteer().spelt_province(citation.issuer),
            about=citation.about,
            path=citation.path,
            where=_cited_at(document, citation),
        )
        for citation in document.citations
        if citation.code is None or citation.code != own or "header" in citation.section
    ]


def _cited_at(document: Document, cited: FoundCitation) -> Where | None:
    at = where(document, cited.place, own_words(cited.code, cited.date, cited.issuer))
    if at is None or at.confidence <= cited.confidence:
        return at
    return at.model_copy(update={"confidence": cited.confidence})


def _joined(document: Document) -> Iterator[Issue]:
    """Numbers of cited documents that stand in two parts: a digit between them may be lost."""
    for cited in document.citations:
        if cited.confidence < 1.0:
            note = f"Số của văn bản viện dẫn bị tách, ghép lại là “{cited.code}”; hãy so với trang."
            yield Issue("normalize", "number_in_parts", cited.place.page, note)


def _odd(
    form: Form, unit: IssuingUnit, heads: Sequence[Letterhead], *, several: bool, cut: bool
) -> list[Issue]:
    issues = []
    if form == "other":
        kind = next((head.type for head in heads if head.type), None)
        if kind is None:
            what = "không có hình thức của một kế hoạch, không phải kế hoạch"
        elif kind == "Kế hoạch":
            what = "ghi là kế hoạch nhưng không có các mục của một kế hoạch"
        else:
            what = f"là {kind.lower()}, không phải kế hoạch"
        issues.append(Issue("normalize", "not_a_plan", None, f"Văn bản {what}."))
    if cut:
        issues.append(
            Issue(
                "normalize", "cut_off", None,
                "Không thấy phần cuối (“./.”, Nơi nhận, chữ ký); văn bản có thể bị cắt.",
            )
        )  # fmt: skip
    if several:
        issues.append(
            Issue(
                "normalize", "several_plans", None, "Tệp có nhiều kế hoạch; hồ sơ lấy kế hoạch đầu."
            )
        )
    if unit.name is None:
        issues.append(
            Issue("normalize", "unit_unknown", None, "Không xác định được cơ quan ban hành.")
        )
    elif not unit.listed:
        issues.append(
            Issue(
                "normalize", "unit_not_listed", None,
                f"Danh mục đơn vị hành chính không có “{unit.name}” ở nơi mà văn bản nêu.", "info",
            )
        )  # fmt: skip
    elif unit.candidates:
        issues.append(
            Issue(
                "normalize", "unit_ambiguous", None,
                "Tên đơn vị có ở nhiều nơi, văn bản không cho biết là nơi nào.",
            )
        )  # fmt: skip
    return issues


def _issues(issues: Sequence[Issue]) -> list[RecordIssue]:
    return [
        RecordIssue(
            stage=issue.stage,
            code=issue.code,
            page=issue.page,
            message=issue.message,
            severity=issue.severity,
        )
        for issue in issues
    ]
