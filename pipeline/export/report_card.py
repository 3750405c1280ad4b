"""One plan's card as plain data, small enough that thousands fit into a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.audit import matrix
from pipeline.audit.checklist import Checklist, lag_days, missing
from pipeline.audit.duties import unassigned
from pipeline.audit.leftovers import leftovers
from pipeline.audit.passages import Passage, squeezed
from pipeline.export.frames import day, issues, other_indices, unit_label
from pipeline.export.highlight import passage, texts_by_path
from pipeline.export.messages import Messages
from pipeline.normalize.record import Evidence, PlanRecord

_MAX_EVIDENCE = 3  # of one index; the workbook has all of it
_MAX_QUOTE = 1_200
_MAX_ISSUES = 12


def card(
    record: PlanRecord,
    row: matrix.Row,
    said: Sequence[Passage],
    texts: Messages,
    checklist: Checklist | None,
) -> dict[str, Any]:
    """What the card of ``record`` shows, ready for JSON; its size is bounded.

    ``said`` are the record's passages.
    """
    within = texts_by_path(record)
    said = said if row.is_plan else ()
    return {
        "unit": unit_label(record.unit.name, record.source.path, texts),
        "title": squeezed(record.title or ""),
        "path": record.source.path,
        "marks": [cell.mark for cell in row.cells],
        "profile": _profile(record, row, texts),
        "indices": [
            {
                "reason": cell.reason,
                "more": max(len(cell.evidence) - _MAX_EVIDENCE, 0),
                "name": _named(cell.reason),
                "evidence": [_evidence(e, within, texts) for e in cell.evidence[:_MAX_EVIDENCE]],
            }
            for cell in row.cells
        ],
        "areas": [
            [texts.name("area", area.id), area.status == "covered", _place(area.evidence)]
            for area in record.areas
        ],
        "channels": [
            [texts.name("channel", c.id), texts.name("mode", c.mode), _place(c.evidence)]
            for c in record.channels
        ],
        "missing": [check.name(texts.language) for check in missing(record, checklist)],
        "damage": [texts.name("damage", kind) for kind in record.quality.damage],
        "quality": [
            record.quality.words,
            record.quality.edited_words,
            record.quality.uncertain_words,
        ],
        "issues": issues(record, texts)[:_MAX_ISSUES],
        "leftovers": [
            f"{texts[f'leftover.{o.kind}']}: “{_cut(o.words, 80)}” – "
            + _at(o.section, o.page, o.line, texts)
            for o in leftovers(record, said)[:_MAX_ISSUES]
        ],
        "unassigned": [
            f"{texts.name('duty', u.duty)} – {_at(u.section, u.page, u.line, texts)}"
            for u in unassigned(record, said)[:_MAX_ISSUES]
            if row.is_plan
        ],
    }


def _profile(record: PlanRecord, row: matrix.Row, texts: Messages) -> list[tuple[str, str]]:
    """Lines of the profile: (title, value), those without a value left out."""
    signature = record.signature
    lines = [
        ("form", texts.name("form", record.form)),
        ("number", row.number or texts.name("number", row.number_status)),
        ("issued", issued(record, texts)),
        ("parents", ", ".join(row.parents)),
        ("successors", ", ".join(record.unit.successors)),
        ("parent_plan", _parent(record, row, texts)),
        ("other_indices", other_indices(record, [cell.index for cell in row.cells], texts)),
        ("audience", "; ".join(record.audience)),
        ("funding", squeezed(record.funding.text) if record.funding else ""),
        ("reporting", ", ".join(record.reporting.frequency) if record.reporting else ""),
        ("signer", ", ".join(p for p in (signature.name, signature.position) if p))
        if signature
        else ("signer", ""),
    ]
    return [(texts[f"column.{key}.title"], _cut(value, 400)) for key, value in lines if value]


def issued(record: PlanRecord, texts: Messages) -> str:
    """The date of issue; where the document bears none, what can be derived, and that it is."""
    if record.issued.date:
        return written_date(record.issued.date)
    first, last = written_date(record.issued.not_before), written_date(record.issued.not_after)
    if first and last:
        return texts.fill("report.between", first=first, last=last)
    if first:
        return texts.fill("report.after", first=first)
    return texts.fill("report.before", last=last) if last else ""


def written_date(iso: str | None) -> str:
    """A date as Vietnamese documents write it, dd/mm/yyyy; empty where there is none."""
    date = day(iso)
    return f"{date:%d/%m/%Y}" if date else ""


def _parent(record: PlanRecord, row: matrix.Row, texts: Messages) -> str:
    if row.parent_plan is None:
        return ""
    name = row.parent_plan.code or squeezed(row.parent_plan.text)
    days = lag_days(record)
    if date := written_date(row.parent_plan.date):
        name += f" ({date})"
    return name if days is None else f"{name}; {texts.fill('report.days_after', days=days)}"


def _named(reason: str) -> str:
    """The words in quotation marks of a reason: how the document names the index."""
    return reason.partition("“")[2].partition("”")[0]


def _evidence(evidence: Evidence, within: dict[str, list[str]], texts: Messages) -> dict[str, Any]:
    shown = passage(evidence, within)
    pieces: list[list[str]] = []
    size = 0
    for piece in shown.pieces:
        text = _cut(piece.text, _MAX_QUOTE - size)
        pieces.append([text] if piece.raw is None else [text, piece.raw])
        size += len(piece.text)
        if size >= _MAX_QUOTE:
            break
    return {
        "before": shown.before,
        "quote": pieces,
        "after": shown.after if size < _MAX_QUOTE else "",
        "where": _at(evidence.path, evidence.page, evidence.line, texts),
        "sure": round(evidence.confidence * 100),
    }


def _at(section: str, page: int, line: int, texts: Messages) -> str:
    path = texts.path(section)
    kind = "at" if path == section and path else "at_zone"
    return texts.fill(f"report.{kind}", path=path, page=page, line=line)


def _place(evidence: list[Evidence]) -> int | None:
    return evidence[0].page if evidence else None


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: max(size, 1)].rstrip() + " …"
