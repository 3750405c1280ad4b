"""From what the machine made and what persons decided to the record as reviewed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import get_args

from pipeline.document import Edit
from pipeline.errors import UsageError
from pipeline.flow import process
from pipeline.normalize.record import (
    Coverage,
    Decision,
    IndexFinding,
    PlanRecord,
    RecordIssue,
    Review,
    Section,
    SectionId,
)
from pipeline.review.fields import with_field
from pipeline.review.words import corrected, placed
from pipeline.segment.fold import fold
from pipeline.store.reviews import Decided, Original, standing

_IDS = frozenset(get_args(SectionId))
_STATUS = frozenset(get_args(Coverage))


def reviewed(original: Original, log: Sequence[Decided]) -> tuple[PlanRecord, tuple[Edit, ...]]:
    """The record with all decisions that stand, and the edit log that goes with it.

    Words come first: what was corrected goes through the stages that find sections, units, indices
    and fields, so that one corrected word changes all that rests on it. What was decided on these
    themselves is laid over that. A decision whose place is gone is an issue of the record.
    """
    decisions = standing(log)
    record, edits = original.record, original.document.edits
    words, lost = placed(original.document, (one for one in decisions if one.kind == "word"))
    if words:
        document = process(corrected(original.document, words), original.settings, after="restore")
        if document.record is None:
            raise RuntimeError("the last stage made no record")
        record, edits = document.record, document.edits
    for decision in decisions:
        if decision.kind in ("field", "section", "index"):
            changed = _laid_over(record, decision)
            if changed is None:
                lost.append(decision)
            else:
                record = changed
    issues = [*record.issues, *(_unplaced(decision) for decision in lost)]
    record = record.model_copy(update={"issues": issues})
    return record.model_copy(update={"review": _review(record, decisions)}), edits


def digest(record: PlanRecord) -> str:
    """What is signed: all that the record says of the plan, without notes and decisions."""
    said = record.model_dump_json(exclude={"issues", "review", "source", "quality"})
    return hashlib.sha256(said.encode()).hexdigest()


def _laid_over(record: PlanRecord, decision: Decided) -> PlanRecord | None:
    """The record with one decision in it; None when it has no place for it any more."""
    match decision.kind:
        case "field":
            try:
                return with_field(record, decision.target, decision.new)
            except UsageError:
                return None
        case "section":
            return _with_section(record, decision)
        case _:
            return _with_index(record, decision)


def _with_section(record: PlanRecord, decision: Decided) -> PlanRecord | None:
    ids = [name for name in decision.new.split() if name in _IDS]
    wanted = fold(decision.context)
    done: list[str] = []

    def changed(sections: Sequence[Section]) -> list[Section]:
        result = []
        for section in sections:
            mine = section.path == decision.target and fold(section.heading) == wanted
            if mine and not done:
                done.append(section.path)
                section = section.model_copy(update={"ids": ids})
            result.append(section.model_copy(update={"children": changed(section.children)}))
        return result

    sections = changed(record.sections)
    return record.model_copy(update={"sections": sections}) if done else None


def _with_index(record: PlanRecord, decision: Decided) -> PlanRecord | None:
    if decision.new not in _STATUS:
        return None
    findings = list(record.indices)
    for at, finding in enumerate(findings):
        if finding.id == decision.target:
            confirmed = finding.status == decision.new
            reason = finding.reason if confirmed else f"Do {decision.by} xác định khi kiểm tra."
            values = {"status": decision.new, "needs_review": False, "reason": reason}
            findings[at] = IndexFinding.model_validate({**finding.model_dump(), **values})
            return record.model_copy(update={"indices": findings})
    return None


def _unplaced(decision: Decided) -> RecordIssue:
    said = f"“{decision.old}” → “{decision.new}”" if decision.old != decision.new else decision.old
    return RecordIssue(
        stage="review",
        code="decision_unplaced",
        page=None,
        message=(
            f"Quyết định của {decision.by} ({said}) không còn khớp với văn bản vừa đọc lại; "
            "cần xem lại."
        ),
    )


def _review(record: PlanRecord, decisions: Sequence[Decided]) -> Review | None:
    if not decisions:
        return None
    last = next((one for one in decisions if one.kind == "sign"), None)
    return Review(
        signed_by=last.new if last else None,
        signed_at=last.at if last else None,
        current=bool(last and last.context == digest(record)),
        decisions=[
            Decision(kind=d.kind, target=d.target, old=d.old, new=d.new, by=d.by, at=d.at)
            for d in decisions
            if d.kind != "sign"
        ],
    )
