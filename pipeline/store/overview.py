"""The plans of a store at a glance: filtered, counted, mapped; by SQL, so that thousands are fast.

Nothing here opens a record. Plans come in the order of :mod:`pipeline.audit.order`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from pipeline.audit.matrix import MARKS, Mark
from pipeline.audit.order import vietnamese
from pipeline.segment.fold import fold
from pipeline.store.store import Store
from pipeline.store.tables import documents, indices, issues, records, states

POOR = 0.7  # a page with a smaller share of valid words was read badly
_FROM = documents.join(records, records.c.document_id == documents.c.id).join(
    states, states.c.document_id == documents.c.id, isouter=True
)
_own = indices.alias("own")  # of conditions, in queries that count ``indices`` themselves
_MARK_OF: dict[Mark, tuple[str, bool | None]] = {
    "covered": ("covered", False),
    "to_review": ("covered", True),
    "citation_only": ("citation_only", None),
    "thematic_only": ("thematic_only", None),
    "unsure": ("absent", True),
    "absent": ("absent", False),
}
REVIEW = ("open", "unsigned", "signed", "changed", "decided")
DOUBTS = ("words", "indices", "unit", "head", "fields", "pages")
_CODES = {
    "unit": ("unit_unknown", "unit_ambiguous"),
    "head": ("number_unreadable", "date_unreadable", "dates_differ"),
    "fields": ("uncertain_field", "decision_unplaced"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which plans to show; "" asks for nothing. ``mark`` is that of ``index``, or of any index."""

    province: str = ""
    unit_type: str = ""
    form: str = ""
    year: str = ""
    index: str = ""
    mark: str = ""
    damage: str = ""
    review: str = ""
    doubt: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One plan. ``marks`` are those of the required indices, in their order."""

    id: int
    path: str
    unit: str | None
    province: str | None
    form: str
    number: str | None
    issued: str | None
    title: str | None
    year: int | None
    damage: str
    uncertain: int
    worst: float | None
    signed_by: str | None
    current: bool
    decided: int
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapRow:
    """How many plans of a group (a province, or a unit) are uncertain in which way."""

    name: str | None
    plans: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """``ids`` of all plans that the filter lets through, in order; counts over them."""

    ids: tuple[int, ...]
    totals: dict[str, dict[Mark, int]]
    signed: int
    open: int
    complete: int


class Overviews:
    """Queries over the plans of a store, with the indices that are required of them."""

    def __init__(self, store: Store, required: Sequence[str]) -> None:
        self.store = store
        self.required = tuple(required)

    def find(self, wanted: Filter) -> Overview:
        """The plans that ``wanted`` lets through, and counts over them."""
        where = self._where(wanted)
        c = records.c
        columns = (
            documents.c.id, documents.c.path, c.unit, c.province, c.year, c.form, c.number, c.title,
            states.c.signed_by, states.c.current, self._doubted().label("open"),
        )  # fmt: skip
        with self.store._reading() as connection:
            rows = connection.execute(select(*columns).select_from(_FROM).where(*where)).all()
            if wanted.text:
                sought = fold(wanted.text)
                rows = [row for row in rows if sought in _said(row)]
                where.append(documents.c.id.in_([row.id for row in rows]))
            counted = connection.execute(
                select(indices.c.index_id, indices.c.status, indices.c.needs_review, func.count())
                .select_from(_FROM.join(indices, indices.c.document_id == documents.c.id))
                .where(*where, c.form != "other", indices.c.index_id.in_(self.required))
                .group_by(indices.c.index_id, indices.c.status, indices.c.needs_review)
            ).all()
            covered = (
                select(_own.c.document_id)
                .where(self._has_mark("covered"), _own.c.index_id.in_(self.required))
                .group_by(_own.c.document_id)
                .having(func.count() == len(self.required))
            )
            complete = connection.execute(
                select(func.count())
                .select_from(_FROM)
                .where(*where, c.form != "other", documents.c.id.in_(covered))
            ).scalar()
        totals: dict[str, dict[Mark, int]] = {
            name: dict.fromkeys(MARKS, 0) for name in self.required
        }
        for name, status, review, number in counted:
            totals[name][_mark(status, review)] += number
        return Overview(
            ids=tuple(row.id for row in sorted(rows, key=_order)),
            totals=totals,
            signed=sum(bool(row.signed_by and row.current) for row in rows),
            open=sum(bool(row.open) for row in rows),
            complete=int(complete or 0),
        )

    def lines(self, ids: Sequence[int]) -> list[Line]:
        """What the list shows of these plans, in their order."""
        c, s = records.c, states.c
        columns = (
            documents.c.id, documents.c.path, c.unit, c.province, c.form, c.number, c.issued,
            c.title, c.year, s.damage, s.uncertain, s.worst, s.signed_by, s.current, s.decided,
        )  # fmt: skip
        with self.store._reading() as connection:
            query = select(*columns).select_from(_FROM).where(documents.c.id.in_(ids))
            rows = {row.id: row for row in connection.execute(query)}
            found = connection.execute(select(indices).where(indices.c.document_id.in_(ids))).all()
        marks = {(f.document_id, f.index_id): _mark(f.status, f.needs_review) for f in found}
        return [self._line(rows[number], marks) for number in ids if number in rows]

    def map(self, wanted: Filter, most: int = 40) -> list[MapRow]:
        """Where it is uncertain: by province, or by unit when there is only one province.

        At most ``most`` groups, those with most plans in doubt first.
        """
        where = self._where(wanted)
        with self.store._reading() as connection:
            provinces = connection.execute(
                select(func.count(records.c.province.distinct())).select_from(_FROM).where(*where)
            ).scalar()
            group = records.c.province if (provinces or 0) > 1 else records.c.unit
            sums = [
                func.coalesce(func.sum(case((self._doubt(kind), 1), else_=0)), 0) for kind in DOUBTS
            ]
            query = select(group, func.count(), *sums).select_from(_FROM).where(*where)
            rows = connection.execute(query.group_by(group)).all()
        made = [MapRow(row[0], int(row[1]), tuple(int(n) for n in row[2:])) for row in rows]
        made.sort(key=lambda row: (-sum(row.counts), vietnamese(row.name or "\uffff")))
        return made[:most]

    def choices(self) -> dict[str, list[str]]:
        """What there is to filter by: provinces, types of unit, forms, years, kinds of damage."""
        columns = {
            "province": records.c.province,
            "unit_type": states.c.unit_type,
            "form": records.c.form,
            "year": records.c.year,
            "damage": states.c.damage,
        }
        found: dict[str, list[str]] = {}
        with self.store._reading() as connection:
            for name, column in columns.items():
                query = select(column).select_from(_FROM).where(_present()).distinct()
                values = [str(v) for v in connection.execute(query).scalars() if v is not None]
                found[name] = sorted(values, key=vietnamese)
        kinds = {kind for value in found["damage"] for kind in value.split()}
        found["damage"] = sorted(kinds)
        return found

    def neighbours(self, wanted: Filter, number: int) -> tuple[int | None, int | None]:
        """The plans before and after one, among those that the filter lets through."""
        ids = self._ids(wanted)
        if number not in ids:
            return None, (ids[0] if ids else None)
        at = ids.index(number)
        return (
            ids[at - 1] if at else None,
            ids[at + 1] if at + 1 < len(ids) else None,
        )

    def _ids(self, wanted: Filter) -> list[int]:
        """What :meth:`find` gives as ``ids``, without counting anything."""
        c = records.c
        columns = (
            documents.c.id, documents.c.path, c.unit, c.province, c.year, c.form, c.number, c.title,
        )  # fmt: skip
        with self.store._reading() as connection:
            query = select(*columns).select_from(_FROM).where(*self._where(wanted))
            rows = connection.execute(query).all()
        if wanted.text:
            sought = fold(wanted.text)
            rows = [row for row in rows if sought in _said(row)]
        return [row.id for row in sorted(rows, key=_order)]

    def of_unit(self, unit: str | None, province: str | None) -> list[tuple[int, int | None, str]]:
        """``(id, year, path)`` of all plans of one unit, by year."""
        if unit is None:
            return []
        same = records.c.province == province if province else records.c.province.is_(None)
        query = (
            select(documents.c.id, records.c.year, documents.c.path)
            .select_from(_FROM)
            .where(_present(), records.c.unit == unit, same)
            .order_by(records.c.year, documents.c.path)
        )
        with self.store._reading() as connection:
            return [(row.id, row.year, row.path) for row in connection.execute(query)]

    # ---- conditions ----------------------------------------------------------------------------

    def _where(self, wanted: Filter) -> list[ColumnElement[bool]]:
        c, s = records.c, states.c
        where: list[ColumnElement[bool]] = [_present()]
        if wanted.province:
            where.append(c.province == wanted.province)
        if wanted.unit_type:
            where.append(s.unit_type == wanted.unit_type)
        if wanted.form:
            where.append(c.form == wanted.form)
        if wanted.year.isascii() and wanted.year.isdecimal():
            where.append(c.year == int(wanted.year[:6]))
        if wanted.damage:
            where.append((" " + s.damage + " ").contains(f" {wanted.damage} ", autoescape=True))
        if wanted.mark in MARKS:
            names = (wanted.index,) if wanted.index else self.required
            mine = and_(_own.c.document_id == documents.c.id, _own.c.index_id.in_(names))
            where += [c.form != "other", exists().where(mine, self._has_mark(wanted.mark))]
        if wanted.review in REVIEW:
            where.append(self._reviewed(wanted.review))
        if wanted.doubt in DOUBTS:
            where.append(self._doubt(wanted.doubt))
        return where

    def _has_mark(self, mark: str) -> ColumnElement[bool]:
        status, review = _MARK_OF[mark]  # type: ignore[index]
        found = _own.c.status == status
        return found if review is None else and_(found, _own.c.needs_review.is_(review))

    def _reviewed(self, kind: str) -> ColumnElement[bool]:
        s = states.c
        match kind:
            case "open":
                return self._doubted()
            case "unsigned":
                return s.signed_by.is_(None)
            case "signed":
                return and_(s.signed_by.is_not(None), s.current.is_(True))
            case "changed":
                return and_(s.signed_by.is_not(None), s.current.is_(False))
            case _:
                return s.decided > 0

    def _doubted(self) -> ColumnElement[bool]:
        return or_(*(self._doubt(kind) for kind in DOUBTS))

    def _doubt(self, kind: str) -> ColumnElement[bool]:
        if kind == "words":
            return func.coalesce(states.c.uncertain, 0) > 0
        if kind == "pages":
            return func.coalesce(states.c.worst, 1.0) < POOR
        if kind == "indices":
            return and_(
                records.c.form != "other",
                exists().where(
                    _own.c.document_id == documents.c.id,
                    _own.c.index_id.in_(self.required),
                    _own.c.needs_review.is_(True),
                    _own.c.status.in_(("covered", "absent")),
                ),
            )
        return exists().where(
            issues.c.document_id == documents.c.id, issues.c.code.in_(_CODES[kind])
        )

    def _line(self, row: Any, marks: dict[tuple[int, str], Mark]) -> Line:
        cells: Iterable[str] = (
            "not_a_plan" if row.form == "other" else marks.get((row.id, name), "unsure")
            for name in self.required
        )
        return Line(
            row.id, row.path, row.unit, row.province, row.form, row.number, row.issued, row.title,
            row.year, row.damage or "", row.uncertain or 0, row.worst, row.signed_by,
            bool(row.current), row.decided or 0, tuple(cells),
        )  # fmt: skip


def _present() -> ColumnElement[bool]:
    return and_(documents.c.gone.is_(False), documents.c.status == "done")


def _mark(status: str, review: bool) -> Mark:
    if review and status in ("covered", "absent"):
        return "to_review" if status == "covered" else "unsure"
    return status  # type: ignore[return-value]


def _said(row: Any) -> str:
    return fold(" ".join(filter(None, (row.unit, row.number, row.title, row.path, row.province))))


def _order(row: Any) -> tuple[Any, ...]:
    place = (row.unit or "\uffff").partition(" ")[2] or row.unit or "\uffff"
    return (
        row.form == "other",
        vietnamese(row.province or "\uffff"),
        vietnamese(place),
        row.year or 0,
        row.path,
    )
