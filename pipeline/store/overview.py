"""The plans of a store at a glance: filtered, counted, mapped, one page at a time.

Everything is asked of one narrow table (``states``, see :mod:`pipeline.store.listing`), so that
thousands of plans take milliseconds; records are opened for the lines of one page only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select

from pipeline.audit.matrix import MARKS, Mark
from pipeline.audit.order import vietnamese
from pipeline.segment.fold import fold
from pipeline.store.store import Store
from pipeline.store.tables import documents, records, states

POOR = 0.7  # a page with a smaller share of valid words was read badly
REVIEW = ("open", "unsigned", "signed", "changed", "decided")
DOUBTS = ("words", "indices", "unit", "head", "fields", "pages")
ORDERS = ("", "issued", "worst")
_FROM = states.join(documents, documents.c.id == states.c.document_id)
_FLAGS = {"unit": states.c.unit_open, "head": states.c.head_open, "fields": states.c.fields_open}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which plans to show; "" asks for nothing. ``mark`` is that of ``index``, or of any index.

    ``order`` is one of ORDERS: by unit, the newest first, or the worst read first.
    """

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
    order: str = ""


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
    """Counts over the plans that a filter lets through; ``open`` ones need a person."""

    plans: int
    totals: dict[str, dict[Mark, int]]
    signed: int
    open: int
    complete: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a plan stands in a list: the plans before and after, and the next one to work on.

    ``number`` counts from 1 and is the place that the plan would have where the filter does not let
    it through (any more).
    """

    before: int | None
    after: int | None
    open: int | None
    number: int
    plans: int


class Overviews:
    """Queries over the plans of a store, with the indices that are required of them."""

    def __init__(self, store: Store, required: Sequence[str]) -> None:
        self.store = store
        self.required = tuple(required)

    def find(self, wanted: Filter) -> Overview:
        """Counts over the plans that ``wanted`` lets through."""
        s = states.c
        signed = and_(s.signed_by.is_not(None), s.current.is_(True))
        query = (
            select(s.marks, s.doubtful, func.count(), _count(signed), _count(self._doubted()))
            .select_from(_FROM)
            .where(*self._where(wanted))
            .group_by(s.marks, s.doubtful)
        )
        with self.store._reading() as connection:
            rows = connection.execute(query).all()
        totals = {name: dict.fromkeys(MARKS, 0) for name in self.required}
        complete = 0
        for marks, _, plans, *_ in rows:
            found = _marks(marks)
            for name in self.required:
                if name in found:
                    totals[name][found[name]] += plans
            complete += plans * all(found.get(name) == "covered" for name in self.required)
        plans, signed_plans, open_plans = (sum(int(row[at]) for row in rows) for at in (2, 3, 4))
        return Overview(plans, totals, signed_plans, open_plans, complete)

    def lines(self, wanted: Filter, first: int, size: int) -> list[Line]:
        """What the list shows of ``size`` plans, from the one at place ``first`` (from 0)."""
        c, s = records.c, states.c
        columns = (
            s.document_id, documents.c.path, s.unit, s.province, s.form, c.number, s.issued,
            c.title, s.year, s.damage, s.uncertain, s.worst, s.signed_by, s.current, s.decided,
            s.marks,
        )  # fmt: skip
        page = select(s.document_id).select_from(_FROM).where(*self._where(wanted))
        page = page.order_by(*_order(wanted)).offset(first).limit(size)
        with self.store._reading() as connection:
            ids = list(connection.execute(page).scalars())
            query = (
                select(*columns)
                .select_from(_FROM.join(records, c.document_id == s.document_id))
                .where(s.document_id.in_(ids))
            )
            rows = {row.document_id: row for row in connection.execute(query)}
        return [self._line(rows[number]) for number in ids if number in rows]

    def map(self, wanted: Filter, most: int = 40) -> list[MapRow]:
        """Where it is uncertain: by province, or by unit when there is only one province.

        At most ``most`` groups, those with most plans in doubt first.
        """
        where = self._where(wanted)
        s = states.c
        with self.store._reading() as connection:
            provinces = connection.execute(
                select(func.count(s.province.distinct())).select_from(_FROM).where(*where)
            ).scalar()
            group = s.province if (provinces or 0) > 1 else s.unit
            sums = [_count(self._doubt(kind)) for kind in DOUBTS]
            query = select(group, func.count(), *sums).select_from(_FROM).where(*where)
            query = query.group_by(group).order_by(sum(sums[1:], sums[0]).desc(), func.min(s.place))
            rows = connection.execute(query.limit(most)).all()
        return [MapRow(row[0], int(row[1]), tuple(int(n) for n in row[2:])) for row in rows]

    def choices(self) -> dict[str, list[str]]:
        """What there is to filter by: provinces, types of unit, forms, years, kinds of damage."""
        s = states.c
        columns = {
            "province": s.province, "unit_type": s.unit_type, "form": s.form, "year": s.year,
            "damage": s.damage,
        }  # fmt: skip
        found: dict[str, list[str]] = {}
        with self.store._reading() as connection:
            for name, column in columns.items():
                query = select(column).select_from(_FROM).where(_present()).distinct()
                values = [str(v) for v in connection.execute(query).scalars() if v is not None]
                found[name] = sorted(values, key=vietnamese)
        kinds = {kind for value in found["damage"] for kind in value.split()}
        found["damage"] = sorted(kinds)
        return found

    def beside(self, wanted: Filter, number: int) -> Beside:
        """Where a plan stands among those that the filter lets through.

        A plan that it does not let through (any more, since somebody decided on it) keeps its
        place, so that one goes on from there.
        """
        where = self._where(wanted)
        keys = _keys(wanted)
        unread = states.c.uncertain > 0
        with self.store._reading() as connection:
            query = select(*(key for key, _ in keys)).select_from(_FROM)
            mine = connection.execute(query.where(states.c.document_id == number)).first()
            if mine is None:
                return Beside(None, None, None, 0, 0)
            behind, ahead = _beyond(keys, mine, 1), _beyond(keys, mine, -1)

            def first(*conditions: ColumnElement[bool], backwards: bool = False) -> int | None:
                query = select(states.c.document_id).select_from(_FROM)
                query = query.where(*where, *conditions)
                found = connection.execute(
                    query.order_by(*_order(wanted, backwards=backwards)).limit(1)
                ).scalar()
                return None if found is None else int(found)

            return Beside(
                before=first(ahead, backwards=True),
                after=first(behind),
                open=first(unread, behind) or first(unread, ahead),
                number=_plans(connection, [*where, ahead]) + 1,
                plans=_plans(connection, where),
            )

    def of_unit(self, unit: str | None, province: str | None) -> list[tuple[int, int | None, str]]:
        """``(id, year, path)`` of all plans of one unit, by year."""
        if unit is None:
            return []
        s = states.c
        same = s.province == province if province else s.province.is_(None)
        query = (
            select(s.document_id, s.year, documents.c.path)
            .select_from(_FROM)
            .where(_present(), s.unit == unit, same)
            .order_by(s.year, documents.c.path)
        )
        with self.store._reading() as connection:
            return [(row.document_id, row.year, row.path) for row in connection.execute(query)]

    # ---- conditions ----------------------------------------------------------------------------

    def _where(self, wanted: Filter) -> list[ColumnElement[bool]]:
        s = states.c
        where: list[ColumnElement[bool]] = [_present()]
        if wanted.province:
            where.append(s.province == wanted.province)
        if wanted.unit_type:
            where.append(s.unit_type == wanted.unit_type)
        if wanted.form:
            where.append(s.form == wanted.form)
        if wanted.year.isascii() and wanted.year.isdecimal():
            where.append(s.year == int(wanted.year[:6]))
        if wanted.damage:
            where.append(_holds(" " + s.damage + " ", wanted.damage))
        if wanted.mark in MARKS:
            names = (wanted.index,) if wanted.index else self.required
            where.append(_any(_holds(s.marks, f"{name}={wanted.mark}") for name in names))
        if wanted.review in REVIEW:
            where.append(self._reviewed(wanted.review))
        if wanted.doubt in DOUBTS:
            where.append(self._doubt(wanted.doubt))
        if wanted.text:
            where.append(s.said.contains(fold(wanted.text), autoescape=True))
        return where

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
            return states.c.uncertain > 0
        if kind == "pages":
            return func.coalesce(states.c.worst, 1.0) < POOR
        if kind == "indices":
            return _any(_holds(states.c.doubtful, name) for name in self.required)
        return _FLAGS[kind].is_(True)

    def _line(self, row: Any) -> Line:
        found = _marks(row.marks)
        other = "not_a_plan" if row.form == "other" else "unsure"
        marks = tuple(found.get(name, other) for name in self.required)
        return Line(
            row.document_id, row.path, row.unit, row.province, row.form, row.number, row.issued,
            row.title, row.year, row.damage, row.uncertain, row.worst, row.signed_by,
            bool(row.current), row.decided, marks,
        )  # fmt: skip


def _present() -> ColumnElement[bool]:
    return and_(documents.c.gone.is_(False), documents.c.status == "done")


def _holds(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whether a list of words (a blank on each side of each) has this one."""
    return column.contains(f" {word} ", autoescape=True)


def _any(conditions: Any) -> ColumnElement[bool]:
    return or_(false(), *conditions)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _plans(connection: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(_FROM).where(*where)
    return int(connection.execute(query).scalar() or 0)


def _marks(text: str) -> dict[str, Mark]:
    pairs = (word.partition("=") for word in text.split())
    return {name: mark for name, _, mark in pairs}  # type: ignore[misc]


_Key = tuple[ColumnElement[Any], int]  # what is sorted by; 1: the least first, -1: the most first


def _keys(wanted: Filter) -> list[_Key]:
    s = states.c
    keys: list[_Key] = [(s.place, 1), (s.document_id, 1)]
    match wanted.order:
        case "issued":
            return [(func.coalesce(s.issued, ""), -1), *keys]
        case "worst":
            return [(func.coalesce(s.worst, 1.0), 1), *keys]
        case _:
            return keys


def _order(wanted: Filter, *, backwards: bool = False) -> list[ColumnElement[Any]]:
    sign = -1 if backwards else 1
    return [key.asc() if way * sign > 0 else key.desc() for key, way in _keys(wanted)]


def _beyond(keys: Sequence[_Key], mine: Sequence[Any], sign: int) -> ColumnElement[bool]:
    """After (``sign`` 1) or before (-1) what has these values, key by key."""
    conditions = []
    for at, (key, way) in enumerate(keys):
        equal = [one == value for (one, _), value in zip(keys[:at], mine, strict=False)]
        further = key > mine[at] if way * sign > 0 else key < mine[at]
        conditions.append(and_(*equal, further))
    return or_(*conditions)
