"""Records as tables: one pandas frame for each sheet, the same whatever order the records come in.

The workbook, the flat files and the notebook all take their rows from here. Values are as in the
record (dates as ``datetime.date``, counts as int, shares from 0 to 1); names of sections, levels
and so on are put into words by the message catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from pipeline.audit import matrix
from pipeline.audit.checklist import Checklist, lag_days, missing
from pipeline.audit.order import record_key
from pipeline.audit.passages import squeezed, walk
from pipeline.export import columns
from pipeline.export.messages import Messages
from pipeline.normalize.record import Decision, Evidence, PlanRecord, Section, Where

Row = tuple[object, ...]


@dataclass(frozen=True)
class Frames:
    """The tables of a folder. ``summary`` has one row for each row of ``matrix``, in its order.

    ``evidence_rows[row][index]`` is the position, in the evidence table, of the first row that
    explains that cell of the matrix.
    """

    matrix: matrix.Matrix
    tables: dict[str, pd.DataFrame]
    columns: dict[str, tuple[columns.Column, ...]]
    evidence_rows: tuple[dict[str, int], ...]


def build(
    records: Iterable[PlanRecord],
    required: Sequence[str],
    texts: Messages,
    checklist: Checklist | None = None,
) -> Frames:
    """All tables of ``records``; only rows are kept, so that records may be streamed.

    Raises UsageError as :func:`pipeline.audit.matrix.build` does.
    """
    wanted = tuple(dict.fromkeys(required))
    plans = [
        (record_key(record), matrix.row_of(record, wanted), _rows(record, wanted, texts, checklist))
        for record in records
    ]
    plans.sort(key=lambda item: item[0])
    table = matrix.Matrix(wanted, tuple(row for _, row, _ in plans))
    area_ids = _area_ids(rows for _, _, rows in plans)
    shapes = {
        **columns.TABLES,
        "summary": columns.summary(wanted),
        "areas": columns.areas(area_ids),
    }
    evidence, places = _evidence(table, texts)
    rows: dict[str, list[Row]] = {name: [] for name in columns.SHEETS}
    rows["evidence"] = evidence
    rows["summary"] = [_summary(row, texts) for row in table.rows]
    for _, plan, found in plans:
        rows["areas"].append(_area_row(plan, found["areas"], area_ids, texts))
        for name, values in found.items():
            if name != "areas":
                rows[name] += values
        found.clear()  # a row lives in one list only, so that it goes when its table is made
    made = {name: frame(shapes[name], rows.pop(name)) for name in columns.SHEETS}
    return Frames(table, made, {n: shapes[n] for n in columns.SHEETS}, tuple(places))


def frame(shape: tuple[columns.Column, ...], rows: list[Row]) -> pd.DataFrame:
    """``rows`` numbered from 1, under the keys of their columns."""
    numbered = [(number, *row) for number, row in enumerate(rows, start=1)]
    return pd.DataFrame(numbered, columns=[column.key for column in shape], dtype=object)


def named(texts: Messages, checklist: Checklist | None) -> Messages:
    """The catalogue with the names of the checklist's own indices."""
    own = checklist.index if checklist else ()
    return texts.with_texts({f"index.{index.id}": index.name(texts.language) for index in own})


def unit_label(unit: str | None, path: str, texts: Messages) -> str:
    """The unit's name; where it is not known, that it is not, and the name of the file."""
    if unit:
        return unit[:1].upper() + unit[1:]
    return texts.fill("workbook.unknown_unit", file=path.rsplit("/", 1)[-1])


def day(value: str | None) -> date | None:
    """An ISO date as a date; None where there is none or where no calendar has it."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _join(values: Iterable[str | None], separator: str = "\n") -> str:
    return separator.join(value for value in values if value)


def _summary(row: matrix.Row, texts: Messages) -> Row:
    return (
        unit_label(row.unit, row.path, texts),
        _join(row.parents, ", "),
        row.number or texts.name("number", row.number_status),
        day(row.issued),
        (row.parent_plan.code or row.parent_plan.text) if row.parent_plan else None,
        *(cell.mark for cell in row.cells),
        row.score if row.is_plan else None,
        row.signed_by,
        row.path,
    )


def _evidence(table: matrix.Matrix, texts: Messages) -> tuple[list[Row], list[dict[str, int]]]:
    """A row for each piece of evidence, and one with the reason where there is none."""
    rows: list[Row] = []
    places: list[dict[str, int]] = []
    for plan in table.rows:
        first: dict[str, int] = {}
        for cell in plan.cells:
            first[cell.index] = len(rows)
            head = (unit_label(plan.unit, plan.path, texts), cell.index, cell.mark)
            rows += [
                (*head, *_proof(evidence, texts), cell.reason, plan.path)
                for evidence in cell.evidence
            ] or [(*head, *[None] * 7, cell.reason, plan.path)]
        places.append(first)
    return rows, places


def _proof(evidence: Evidence, texts: Messages) -> Row:
    return (
        evidence.quote,
        None if squeezed(evidence.quote) in squeezed(evidence.raw) else squeezed(evidence.raw),
        texts.path(evidence.path),
        _join((texts.name("section", s) for s in evidence.section), ", "),
        evidence.page,
        evidence.line,
        evidence.confidence,
    )


def _rows(
    record: PlanRecord, required: Sequence[str], texts: Messages, checklist: Checklist | None
) -> dict[str, list[Row]]:
    """The rows that one record gives to each table but the summary and the evidence."""
    unit = unit_label(record.unit.name, record.source.path, texts)
    tables: dict[str, list[Row]] = {
        "profiles": [_profile(record, required, texts)],
        "sections": [_section(section, texts) for section in walk(record.sections)],
        "channels": _channels(record, texts),
        "assignments": _assignments(record, texts),
        "tasks": [
            (t.no, t.task, t.lead, t.partners, t.schedule, t.product, t.page) for t in record.tasks
        ],
        "citations": _citations(record, texts),
        "quality": [_quality(record, texts, checklist)],
        "decisions": _decisions(record, texts),
    }
    path = record.source.path
    rows: dict[str, list[Row]] = {
        name: [(unit, *row, path) for row in found] for name, found in tables.items()
    }
    rows["areas"] = [
        (area.id, area.status, area.evidence[0] if area.evidence else None) for area in record.areas
    ]
    return rows


def _decisions(record: PlanRecord, texts: Messages) -> list[Row]:
    """What persons decided; times are those of UTC."""
    return [
        (texts[f"review.kind.{d.kind}"], _decided_place(d, texts), d.old, d.new, d.by,
         d.at[:16].replace("T", " "))
        for d in (record.review.decisions if record.review else ())
    ]  # fmt: skip


def _decided_place(decision: Decision, texts: Messages) -> str:
    if decision.kind == "word":
        page, line, _ = decision.target.split(":")
        return texts.fill("review.where", page=page, line=line)
    if decision.kind == "section":
        return texts.path(decision.target)
    return texts.name("review.field", decision.target)


def _channels(record: PlanRecord, texts: Messages) -> list[Row]:
    return [
        (texts.name("channel", channel.id), texts.name("mode", channel.mode), first.quote,
         texts.path(first.path), first.page, first.line)
        for channel in record.channels
        for first in channel.evidence[:1]
    ]  # fmt: skip


def _assignments(record: PlanRecord, texts: Messages) -> list[Row]:
    return [
        (a.unit, texts["status.yes"] if a.lead else None, _join(a.duties), texts.path(a.path),
         *_at(a.where))
        for a in record.assignments
    ]  # fmt: skip


def _citations(record: PlanRecord, texts: Messages) -> list[Row]:
    parents = {code for b in record.legal_basis if b.parent_plan for code in b.citations}
    return [
        (c.code, c.type, day(c.date), c.issuer, c.about,
         texts["status.yes"] if c.code in parents else None, texts.path(c.path), *_at(c.where))
        for c in record.citations
    ]  # fmt: skip


def _at(where: Where | None) -> tuple[int | None, int | None]:
    return (where.page, where.line_start) if where else (None, None)


def _section(section: Section, texts: Messages) -> Row:
    shown = squeezed(section.text)  # of a header or a list of recipients it holds the items too
    items = [
        f"{item.marker} {item.text}".strip()
        for item in section.items
        if squeezed(item.text) not in shown
    ]
    number = f"{section.number}. " if section.number else ""
    return (
        texts.path(section.path),
        _join((texts.name("section", s) for s in section.ids), ", "),
        f"{number}{section.heading}",
        _join([section.text, *items]),
        len(section.items),
        section.page,
        section.line_start,
    )


def other_indices(record: PlanRecord, required: Sequence[str], texts: Messages) -> str:
    """The indices that the record covers though nobody asked for them."""
    found = (f.id for f in record.indices if f.status == "covered" and f.id not in required)
    return _join((texts.name("index", index) for index in found), "; ")


def _profile(record: PlanRecord, required: Sequence[str], texts: Messages) -> Row:
    parent = matrix.parent_plan(record)
    signature, funding, reporting = record.signature, record.funding, record.reporting
    return (
        texts.name("level", record.unit.level),
        _join(record.unit.parents, ", "),
        _join(record.unit.successors, ", "),
        texts.name("form", record.form),
        record.number.value or texts.name("number", record.number.status),
        record.issued.place,
        day(record.issued.date),
        day(record.issued.not_before),
        day(record.issued.not_after),
        record.title,
        record.year,
        other_indices(record, required, texts),
        (parent.code or parent.text) if parent else None,
        day(parent.date) if parent else None,
        lag_days(record),
        _join(record.audience, "; "),
        funding.text if funding else None,
        _join(funding.sources, "; ") if funding else None,
        _join(reporting.frequency, ", ") if reporting else None,
        reporting.to if reporting else None,
        _join(signature.authority) if signature else None,
        signature.position if signature else None,
        signature.name if signature else None,
        _join(record.recipients),
    )


def _quality(record: PlanRecord, texts: Messages, checklist: Checklist | None) -> Row:
    quality = record.quality
    scores = [page.score for page in quality.pages if page.score is not None]
    return (
        _join((texts.name("damage", kind) for kind in quality.damage), ", "),
        _join((texts.name("method", m) for m in sorted({p.method for p in quality.pages})), ", "),
        record.source.pages,
        quality.words,
        quality.edited_words,
        quality.edited_words / quality.words if quality.words else None,
        quality.uncertain_words,
        min(scores, default=None),
        _join((check.name(texts.language) for check in missing(record, checklist)), "; "),
        _join(issues(record, texts)),
    )


def issues(record: PlanRecord, texts: Messages) -> list[str]:
    """What the program noted, in the reader's language where the catalogue has it.

    Notes that say the same of several pages stand once, with their pages.
    """
    pages: dict[str, list[int]] = {}
    for issue in record.issues:
        found = pages.setdefault(texts.get(f"issue.{issue.code}") or issue.message, [])
        if issue.page and issue.page not in found:
            found.append(issue.page)
    return [
        f"{note} ({texts.fill('workbook.page', page=', '.join(map(str, found)))})"
        if found
        else note
        for note, found in pages.items()
    ]


def _area_ids(plans: Iterable[dict[str, list[Row]]]) -> tuple[str, ...]:
    """The areas in the order in which records list them."""
    ids: dict[str, None] = {}
    for rows in plans:
        ids.update(dict.fromkeys(str(area[0]) for area in rows["areas"]))
    return tuple(ids)


def _area_row(plan: matrix.Row, areas: list[Row], ids: tuple[str, ...], texts: Messages) -> Row:
    cells: dict[object, str] = {}
    for area, status, evidence in areas:
        text = texts[f"mark.{status}.symbol"]
        if isinstance(evidence, Evidence):
            text += (
                f" {texts.path(evidence.path)} ({texts.fill('workbook.page', page=evidence.page)})"
            )
        cells[area] = text
    label = unit_label(plan.unit, plan.path, texts)
    return (label, *(cells.get(area) for area in ids), plan.path)
