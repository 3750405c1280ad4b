"""What each run found, kept so that two runs can be compared: what changed, and why.

A run notes a file only where its outcome differs from the one that was noted last, so that a run
over an unchanged folder adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, func, insert, select

from pipeline.audit.rules import RULES_VERSION
from pipeline.errors import UsageError
from pipeline.store.store import PAGE, Store
from pipeline.store.tables import documents, indices, outcomes, records, runs

Reason = Literal["new", "gone", "back", "content", "program", "settings", "rules"]
_HEAD = ("number", "issued", "unit", "title", "year", "form")


@dataclass(frozen=True, slots=True)
class Run:
    """A run: when it began and ended (ISO 8601, UTC), by which program, what it counted.

    ``ended`` and the counts are None where it was killed.
    """

    number: int
    folder: str
    began: str
    ended: str | None
    version: str
    counts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became different in one file between two runs.

    ``changed`` has what each thing was and is: the status of an index ("covered?": to be reviewed),
    the number, the date … ``why`` are the reasons that the store knows of.
    """

    path: str
    unit: str | None
    why: tuple[Reason, ...]
    changed: Mapping[str, tuple[Any, Any]]


def runs_of(store: Store) -> list[Run]:
    """All runs, the first one first."""
    with store._reading() as connection:
        rows = connection.execute(select(runs).order_by(runs.c.id)).all()
    return [_run(row) for row in rows]


def note_outcomes(store: Store, run: int) -> int:
    """Note what is in the store now as the outcome of ``run``; gives how many files differ."""
    noted = 0
    for rows in _pages(store):
        with store._writing() as connection:
            before = _last(connection, run, [row["path"] for row in rows])
            different = [row for row in rows if _differs(row, before.get(row["path"]))]
            if different:
                values = [{"run_id": run, **row} for row in different]
                connection.execute(insert(outcomes), values)
        noted += len(different)
    return noted


def compare_runs(store: Store, before: int, after: int) -> list[Change]:
    """What changed from run ``before`` to run ``after``, by path.

    Raises UsageError for a run that is not there.
    """
    known = {run.number for run in runs_of(store)}
    for number in (before, after):
        if number not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            raise UsageError(f"there is no run {number} in this store; it has: {listed}")
    with store._reading() as connection:
        old, new = _last(connection, before), _last(connection, after)
    paths = sorted(old.keys() | new.keys())
    changes = (_change(path, old.get(path), new.get(path)) for path in paths)
    return [change for change in changes if change is not None]


def _run(row: Row[Any]) -> Run:
    report = json.loads(row.report) if row.report else None
    names = ("found", "done", "skipped", "failed")
    counts = {name: int(report[name]) for name in names} if report else None
    return Run(row.id, row.folder, row.started, row.finished, row.version, counts)


def _pages(store: Store) -> Iterator[list[dict[str, Any]]]:
    """What is known of every file now, a page at a time."""
    last = ""
    while True:
        query = (
            select(documents, *(records.c[name].label(f"of_{name}") for name in _HEAD))
            .join(records, records.c.document_id == documents.c.id, isouter=True)
            .where(documents.c.path > last)
            .order_by(documents.c.path)
            .limit(PAGE)
        )
        with store._reading() as connection:
            rows = connection.execute(query).all()
            statuses = _statuses(connection, [row.id for row in rows])
        if not rows:
            return
        yield [_outcome(row, statuses.get(row.id, {})) for row in rows]
        last = rows[-1].path


def _statuses(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    query = select(indices).where(indices.c.document_id.in_(ids)).order_by(indices.c.index_id)
    for row in connection.execute(query):
        status = f"{row.status}?" if row.needs_review else row.status
        found.setdefault(row.document_id, {})[row.index_id] = status
    return found


def _outcome(row: Row[Any], statuses: dict[str, str]) -> dict[str, Any]:
    status = "gone" if row.gone else row.status
    if status == "done":
        found = {name: getattr(row, f"of_{name}") for name in _HEAD} | statuses
    else:
        found = {"failure": row.code} if status == "failed" else {}
    return {
        "path": row.path,
        "status": status,
        "unit": row.of_unit,
        "sha256": row.sha256,
        "version": row.version,
        "settings_digest": row.settings_digest,
        "rules": RULES_VERSION,
        "found": json.dumps(found, ensure_ascii=False, sort_keys=True),
    }


def _last(
    connection: Connection, run: int, paths: Sequence[str] | None = None
) -> dict[str, Row[Any]]:
    """The outcome of each file as of ``run``."""
    newest = select(outcomes.c.path, func.max(outcomes.c.run_id).label("run_id"))
    newest = newest.where(outcomes.c.run_id <= run).group_by(outcomes.c.path)
    if paths is not None:
        newest = newest.where(outcomes.c.path.in_(paths))
    of = newest.subquery()
    same = and_(outcomes.c.path == of.c.path, outcomes.c.run_id == of.c.run_id)
    return {row.path: row for row in connection.execute(select(outcomes).join(of, same))}


def _differs(row: Mapping[str, Any], before: Row[Any] | None) -> bool:
    return before is None or any(getattr(before, name) != value for name, value in row.items())


def _change(path: str, old: Row[Any] | None, new: Row[Any] | None) -> Change | None:
    was = json.loads(old.found) if old is not None else {}
    now = json.loads(new.found) if new is not None else {}
    changed = {
        name: (was.get(name), now.get(name))
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name)
    }
    if not changed:
        return None
    last = new if new is not None else old
    return Change(path, last.unit if last is not None else None, _why(old, new), changed)


def _why(old: Row[Any] | None, new: Row[Any] | None) -> tuple[Reason, ...]:
    if new is None or new.status == "gone":
        return ("gone",)
    if old is None:
        return ("new",)
    if old.status == "gone":
        return ("back",)
    reasons: dict[Reason, bool] = {
        "content": old.sha256 != new.sha256,
        "program": old.version != new.version,
        "settings": old.settings_digest != new.settings_digest,
        "rules": old.rules != new.rules,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)
