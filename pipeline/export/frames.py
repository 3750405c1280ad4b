"""Records as tables, the same whatever order the records come in.

What each record gives to each table is put aside (:mod:`pipeline.export.spill`) and read back sheet
by sheet, so that memory hardly grows with the number of plans. Values are as in the record (dates
as ``datetime.date``, counts as int, shares from 0 to 1); names of sections, levels and so on are
put into words by the message catalogue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain
from typing import Any

from pipeline.audit import matrix
from pipeline.audit.checklist import Checklist, lag_days, missing
from pipeline.audit.compare import Comparison, Digest
from pipeline.audit.order import record_key
from pipeline.audit.passages import squeezed, walk
from pipeline.export import columns
from pipeline.export.messages import Messages
from pipeline.export.spill import Spill, Spilled
from pipeline.normalize.record import Decision, Evidence, PlanRecord, Section, Where
from pipeline.segment.tables import table

Row = tuple[object, ...]
_QUOTED = re.compile("“[^”]*”")
_PARTS = (*columns.SHEETS, "row", "digest", "text", "facts")
"""What is put aside of each record, in order."""


@dataclass(frozen=True, slots=True)
class _Put:
    """Where the parts of one record are: :data:`_PARTS` from the number ``first`` of the spill on.

    ``evidence`` are the numbers of rows of the evidence table for each cell of the matrix.
    """

    first: int
    is_plan: bool
    evidence: tuple[int, ...]


class Tables:
    """The tables of a folder; see :func:`build`."""

    def __init__(
        self,
        spill: Spill,
        put: Sequence[_Put],
        required: tuple[str, ...],
        area_ids: tuple[str, ...],
        counts: Mapping[str, int],
    ) -> None:
        self.columns = {
            **columns.TABLES,
            "summary": columns.summary(required),
            "areas": columns.areas(area_ids),
        }
        self._spill, self._put, self._area_ids, self._counts = spill, put, area_ids, counts
        self.matrix = matrix.Matrix(required, self._parts("row", put))

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a table, numbered from 1; made one plan at a time."""
        found = (row for part in self._parts(name, self._put) for row in part)
        if name == "areas":
            found = (_area_row(row, self._area_ids) for row in found)
        return ((number, *row) for number, row in enumerate(found, start=1))

    def cells(self) -> int:
        """How many cells the tables have."""
        return sum(len(self.columns[name]) * count for name, count in self._counts.items())

    def evidence_rows(self) -> Iterator[tuple[int, ...]]:
        """For each row of the matrix the first row of the evidence table for each of its cells."""
        at = 0
        for one in self._put:
            yield tuple(accumulate(one.evidence[:-1], initial=at))
            at += sum(one.evidence)

    def comparison(self) -> Comparison:
        """The plans compared with one another, without what is no plan."""
        plans = [one for one in self._put if one.is_plan]
        return Comparison(
            self._parts("digest", plans), self._parts("text", plans), self._parts("facts", plans)
        )

    def _parts(self, name: str, put: Iterable[_Put]) -> Spilled[Any]:
        offset = _PARTS.index(name)
        return Spilled(self._spill, [one.first + offset for one in put])


def build(
    records: Iterable[PlanRecord],
    required: Sequence[str],
    texts: Messages,
    spill: Spill,
    checklist: Checklist | None = None,
) -> Tables:
    """All tables of ``records``, which are put aside in ``spill`` one by one.

    Raises UsageError as :func:`pipeline.audit.matrix.build` does.
    """
    wanted = tuple(dict.fromkeys(required))
    put: list[tuple[Any, _Put]] = []
    area_ids: set[str] = set()
    counts: Counter[str] = Counter()
    for record in records:
        row = matrix.row_of(record, wanted)
        digest, text, facts = Digest.of(record, row)
        evidence = [_evidence(row, cell, texts) for cell in row.cells]
        rows = _rows(record, row, texts, checklist) | {"evidence": list(chain(*evidence))}
        parts = {**rows, "row": digest.row, "digest": digest, "text": text, "facts": facts}
        numbers = [spill.put(parts[name]) for name in _PARTS]
        found = _Put(numbers[0], row.is_plan, tuple(map(len, evidence)))
        put.append((record_key(record), found))
        area_ids.update(area.id for area in record.areas)
        counts.update({name: len(found) for name, found in rows.items()})
    put.sort(key=lambda item: item[0])
    order = {name: int(entry["order"]) for name, entry in table("areas").items()}
    ids = tuple(sorted(area_ids, key=lambda area: (order.get(area, len(order)), area)))
    return Tables(spill, [one for _, one in put], wanted, ids, counts)


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


def _evidence(plan: matrix.Row, cell: matrix.Cell, texts: Messages) -> list[Row]:
    """A row for each piece of evidence, or one with the reason where there is none."""
    head = (unit_label(plan.unit, plan.path, texts), cell.index, cell.mark)
    return [
        (*head, *_proof(evidence, texts), cell.reason, plan.path) for evidence in cell.evidence
    ] or [(*head, *[None] * 7, cell.reason, plan.path)]


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
    record: PlanRecord, row: matrix.Row, texts: Messages, checklist: Checklist | None
) -> dict[str, list[Row]]:
    """The rows that one record gives to each table but the evidence."""
    unit = unit_label(record.unit.name, record.source.path, texts)
    tables: dict[str, list[Row]] = {
        "profiles": [_profile(record, row, texts)],
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
    rows["areas"] = [(unit, _areas(record, texts), path)]
    rows["summary"] = [_summary(row, texts)]
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


def _areas(record: PlanRecord, texts: Messages) -> dict[str, str]:
    """For each area its symbol, and where it is spoken of."""
    cells = {}
    for area in record.areas:
        text = texts[f"mark.{area.status}.symbol"]
        for first in area.evidence[:1]:
            text += f" {texts.path(first.path)} ({texts.fill('workbook.page', page=first.page)})"
        cells[area.id] = text
    return cells


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


def _profile(record: PlanRecord, row: matrix.Row, texts: Messages) -> Row:
    parent = row.parent_plan
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
        other_indices(record, [cell.index for cell in row.cells], texts),
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

    Notes that say the same of several pages stand once, with their pages. ``{quoted}`` in a text is
    what the program's own note has in quotation marks: numbers, words, names.
    """
    pages: dict[str, list[int]] = {}
    for issue in record.issues:
        note = texts.get(f"issue.{issue.code}") or issue.message
        if "{quoted}" in note:
            note = note.format(quoted=", ".join(_QUOTED.findall(issue.message)))
        found = pages.setdefault(note, [])
        if issue.page and issue.page not in found:
            found.append(issue.page)
    return [
        f"{note} ({texts.fill('workbook.page', page=', '.join(map(str, found)))})"
        if found
        else note
        for note, found in pages.items()
    ]


def _area_row(row: Row, ids: tuple[str, ...]) -> Row:
    """The row of a plan with a cell for each area that some plan has."""
    unit, cells, path = row
    return (unit, *(cells.get(area) for area in ids), path)  # type: ignore[attr-defined]
