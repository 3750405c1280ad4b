"""The overview: filters, counts and the map, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from plan_records import corpus
from sqlalchemy import update

from pipeline.audit import matrix
from pipeline.normalize.record import PlanRecord
from pipeline.store import Done, Store, record_text, rows_of
from pipeline.store.overview import DOUBTS, ORDERS, Filter, Overviews
from pipeline.store.tables import states

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
COUNT = 60


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Overviews, list[PlanRecord]]]:
    place: str | Path = tmp_path_factory.mktemp("overview")
    if request.param == "postgresql":
        place = request.getfixturevalue("postgresql")
        Store.discard(place)
    records = list(corpus(COUNT))
    with Store.open(place, create=True) as store:
        run = store.begin_run(Path("/plans"), "1", "{}")
        for number, record in enumerate(records):
            text = record_text(record)
            done = Done(record.source.path, f"n{number}", record.source.sha256, "x", 1, 1, 1, {},
                        text, rows_of(record, text, ()))  # fmt: skip
            store.put([done], run=run, version="1", settings_digest="d")
        yield Overviews(store, REQUIRED), records


def paths(found: Overviews, wanted: Filter) -> set[str]:
    lines = found.lines(wanted, 0, COUNT)
    assert found.find(wanted).plans == len(lines)
    return {line.path for line in lines}


def ids(found: Overviews, wanted: Filter) -> list[int]:
    return [line.id for line in found.lines(wanted, 0, COUNT)]


def test_counts_are_those_of_the_matrix(found: tuple[Overviews, list[PlanRecord]]) -> None:
    overviews, records = found
    table = matrix.build(records, REQUIRED)
    overview = overviews.find(Filter())
    assert overview.totals == table.totals()
    assert overview.complete == table.complete()
    assert overview.plans == COUNT
    marks = {row.path: tuple(cell.mark for cell in row.cells) for row in table.rows}
    lines = overviews.lines(Filter(), 0, COUNT)
    assert {line.path: line.marks for line in lines} == marks
    assert [line.path for line in lines] == [row.path for row in table.rows]  # the same order
    assert overviews.lines(Filter(), 20, 15) == lines[20:35]


@pytest.mark.parametrize("index", ["", *REQUIRED])
@pytest.mark.parametrize("mark", matrix.MARKS)
def test_filter_by_mark(found: tuple[Overviews, list[PlanRecord]], index: str, mark: str) -> None:
    overviews, records = found
    rows = matrix.build(records, REQUIRED).rows
    expected = {
        row.path
        for row in rows
        if any(cell.mark == mark and index in ("", cell.index) for cell in row.cells)
    }
    assert paths(overviews, Filter(index=index, mark=mark)) == expected


def test_other_filters(found: tuple[Overviews, list[PlanRecord]]) -> None:
    overviews, records = found
    one = records[7]
    assert one.unit.province
    assert one.unit.name
    for wanted, holds in (
        (Filter(province=one.unit.province), lambda r: r.unit.province == one.unit.province),
        (Filter(year=str(one.year)), lambda r: r.year == one.year),
        (Filter(form=one.form), lambda r: r.form == one.form),
        (Filter(unit_type=one.unit.type or ""), lambda r: r.unit.type == one.unit.type),
        (Filter(damage=one.quality.damage[0]), lambda r: one.quality.damage[0] in r.quality.damage),
        (Filter(doubt="words"), lambda r: r.quality.uncertain_words > 0),
    ):
        expected = {record.source.path for record in records if holds(record)}
        assert paths(overviews, wanted) == expected, wanted
    bare = one.unit.name.replace("Đ", "D")
    assert one.source.path in paths(overviews, Filter(text=bare.upper()))
    assert paths(overviews, Filter(text="không có gì như thế")) == set()
    assert paths(overviews, Filter(province="x' OR '1'='1")) == set()


def test_the_map_counts_what_the_filter_finds(found: tuple[Overviews, list[PlanRecord]]) -> None:
    overviews, _ = found
    rows = overviews.map(Filter(), most=1000)
    assert sum(row.plans for row in rows) == COUNT
    for at, kind in enumerate(DOUBTS):
        assert sum(row.counts[at] for row in rows) == overviews.find(Filter(doubt=kind)).plans
    assert overviews.map(Filter(), most=3) == rows[:3]


@pytest.mark.parametrize("order", ORDERS)
def test_one_plan_after_the_other(found: tuple[Overviews, list[PlanRecord]], order: str) -> None:
    overviews, _ = found
    every = ids(overviews, Filter(order=order))
    for wanted in (Filter(order=order), Filter(order=order, doubt="words")):
        listed = ids(overviews, wanted)
        assert 1 < len(listed) <= COUNT
        unread = [line.id for line in overviews.lines(wanted, 0, COUNT) if line.uncertain]
        for number in every:  # those that the filter leaves out keep their place
            ahead = [one for one in listed if every.index(one) < every.index(number)]
            behind = [one for one in listed if every.index(one) > every.index(number)]
            beside = overviews.beside(wanted, number)
            assert (beside.before, beside.after) == ((ahead or [None])[-1], (behind or [None])[0])
            assert (beside.number, beside.plans) == (len(ahead) + 1, len(listed))
            rest = [n for n in (*behind, *ahead) if n in unread]
            assert beside.open == (rest or [None])[0]


def test_orders(found: tuple[Overviews, list[PlanRecord]]) -> None:
    overviews, _ = found
    issued = [line.issued or "" for line in overviews.lines(Filter(order="issued"), 0, COUNT)]
    assert issued == sorted(issued, reverse=True)
    worst = [
        1.0 if line.worst is None else line.worst
        for line in overviews.lines(Filter(order="worst"), 0, COUNT)
    ]
    assert worst == sorted(worst)


def test_review_states(found: tuple[Overviews, list[PlanRecord]]) -> None:
    overviews, _ = found
    listed = ids(overviews, Filter())
    with overviews.store._writing() as connection:
        for number, current in ((listed[0], True), (listed[1], False)):
            values = {"signed_by": "An", "current": current, "decided": 2}
            mine = states.c.document_id == number
            connection.execute(update(states).where(mine).values(values))
    first, second, *rest = listed
    for kind, expected in (("signed", {first}), ("changed", {second}), ("decided", {first, second}),
                           ("unsigned", set(rest))):  # fmt: skip
        assert set(ids(overviews, Filter(review=kind))) == expected
    assert overviews.find(Filter()).signed == 1
