"""Which fields rest on words that the restorer was not sure of."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.document import Doubt, Edit
from pipeline.normalize.record import PlanRecord, RecordIssue, Where

_SHOWN = 5
SURE = 0.9  # a repair below this confidence is shown to a person where a field rests on it
_Word = tuple[int, int, str]  # page, line, text


def with_doubts(
    record: PlanRecord, doubts: Sequence[Doubt], edits: Sequence[Edit] = ()
) -> PlanRecord:
    """The record with an issue for each field of the head and foot whose lines hold such words.

    Unsure are words that were kept for want of a sure reading (``doubts``), and words that were
    replaced by a reading that is only likely (``edits``).
    """
    unsure = [
        *((doubt.page, doubt.line, doubt.text) for doubt in doubts),
        *(
            (edit.page, edit.line, edit.after.strip())
            for edit in edits
            if edit.confidence < SURE and edit.after.strip()
        ),
    ]
    issues = [
        issue
        for name, place in _fields(record)
        if place is not None and (issue := _issue(name, place, unsure))
    ]
    return record.model_copy(update={"issues": [*record.issues, *issues]}) if issues else record


def _fields(record: PlanRecord) -> list[tuple[str, Where | None]]:
    """Fields by their Vietnamese names, with the lines that they stand on."""
    return [
        ("số, ký hiệu", record.number.where),
        ("nơi và ngày ban hành", record.issued.where),
        ("cơ quan ban hành", record.unit.where),
        ("trích yếu", record.title_where),
        ("kinh phí", record.funding.where if record.funding else None),
        ("chế độ báo cáo", record.reporting.where if record.reporting else None),
        ("chữ ký", record.signature.where if record.signature else None),
    ]


def _issue(name: str, place: Where, unsure: Sequence[_Word]) -> RecordIssue | None:
    words = [
        text
        for page, line, text in unsure
        if page == place.page and place.line_start <= line <= place.line_end
    ]
    if not words:
        return None
    shown = ", ".join(f"“{word}”" for word in dict.fromkeys(words[:_SHOWN]))
    return RecordIssue(
        stage="normalize",
        code="uncertain_field",
        page=place.page,
        message=f"Mục “{name}” dựa trên từ chưa chắc chắn: {shown}.",
        severity="info",
    )
