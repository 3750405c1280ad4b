"""What persons decided, kept by the content of the file; nothing of it is ever overwritten.

A decision is about a target (a word, a field …) of a file's content. Each new one has the next
revision of its target, which no two people can both write, so that the later one is told. Taking a
decision back is a row of its own, too. What stands is the newest decision that was not taken back.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, false, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.document import Document
from pipeline.errors import ConflictError, UsageError
from pipeline.normalize.record import PlanRecord
from pipeline.settings import Settings
from pipeline.store import originals as packing
from pipeline.store.rows import Row
from pipeline.store.store import Store, now
from pipeline.store.tables import DERIVED, decisions, documents, metadata, originals, runs, states

Kind = Literal["word", "field", "section", "index", "sign"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to decide. ``seen`` is the revision that they saw, 0 where none was.

    ``old`` is what the machine had, ``context`` what helps to find the place again when the file is
    read anew: the line of a word, the heading of a section, the digest of what is signed.
    """

    kind: Kind
    target: str
    old: str
    new: str
    context: str = ""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A row of the log: a decision (``undone`` when it was taken back), or what took one back.

    What was decided in one go has one ``batch``, and is taken back together.
    """

    id: int
    kind: Kind
    target: str
    revision: int
    undoes: int | None
    old: str
    new: str
    context: str
    by: str
    at: str
    batch: int | None = None
    undone: bool = False

    @property
    def stands(self) -> bool:
        """Whether it is a decision that was not taken back."""
        return self.undoes is None and not self.undone

    @property
    def accepted(self) -> bool:
        """Whether it says that the machine was right."""
        return self.old == self.new


@dataclass(frozen=True, slots=True)
class Original:
    """What the machine read and made of a file, with the settings of the run that did it."""

    document_id: int
    run: int
    path: str
    name: str
    sha256: str
    document: Document
    record: PlanRecord
    settings: Settings


def standing(log: Iterable[Decided]) -> list[Decided]:
    """For each target the newest decision that was not taken back, oldest first."""
    newest = {(one.kind, one.target): one for one in log if one.stands}
    return sorted(newest.values(), key=lambda one: one.id)


class Reviews:
    """The decisions in a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def log(self, sha256: str) -> list[Decided]:
        """All that was ever decided on a content, oldest first."""
        with self.store._reading() as connection:
            return _log(connection, sha256)

    def decide(self, sha256: str, wishes: Sequence[Wish], by: str) -> list[int]:
        """Write decisions, all or none; gives their ids.

        Raises ConflictError when somebody has decided on a target since it was seen.
        """
        with self.store._writing() as connection:
            made = [_add(connection, sha256, wish, by, wish.seen) for wish in wishes]
            _bundle(connection, made)
            return made

    def undo(self, sha256: str, number: int, by: str) -> Decided:
        """Take a decision back, with all that was decided in one go with it; gives it.

        Raises UsageError when there is no such decision, ConflictError when it was taken back
        already, or when a newer one stands on the same target.
        """
        with self.store._writing() as connection:
            _hold(connection)
            found = _log(connection, sha256)
            taken = next((one for one in found if one.id == number), None)
            if taken is None or taken.undoes is not None:
                raise UsageError(f"there is no decision {number} to take back")
            same = [one for one in found if (one.kind, one.target) == (taken.kind, taken.target)]
            if [one.id for one in standing(same)] != [number]:
                raise ConflictError(same[-1])
            revisions = {(one.kind, one.target): one.revision for one in found}
            for one in reversed(standing(found)):
                if one.id == number or (one.batch is not None and one.batch == taken.batch):
                    wish = Wish(one.kind, one.target, one.old, one.old, one.context)
                    last = revisions[one.kind, one.target]
                    _add(connection, sha256, wish, by, last, undoes=one.id)
            return taken

    def replace(
        self, sha256: str, taken: Iterable[Decided], wishes: Sequence[Wish], by: str
    ) -> None:
        """Take decisions back and make others, all or none. Raises ConflictError."""
        with self.store._writing() as connection:
            _hold(connection)
            revisions: dict[tuple[str, str], int] = {}
            for one in _log(connection, sha256):
                revisions[one.kind, one.target] = one.revision
            for one in taken:
                last = revisions[one.kind, one.target]
                wish = Wish(one.kind, one.target, one.old, one.old, one.context)
                _add(connection, sha256, wish, by, last, undoes=one.id)
                revisions[one.kind, one.target] = last + 1
            made = [
                _add(connection, sha256, wish, by, revisions.get((wish.kind, wish.target), 0))
                for wish in wishes
            ]
            _bundle(connection, made)

    # ---- what they are laid over ---------------------------------------------------------------

    def stale(self, sha256: str | None = None) -> list[int]:
        """The documents (of a content) on which more was decided than their records show."""
        rows = select(decisions.c.sha256, func.count().label("rows"))
        counted = rows.group_by(decisions.c.sha256).subquery()
        query = (
            select(documents.c.id)
            .join(states, states.c.document_id == documents.c.id)
            .join(originals, originals.c.document_id == documents.c.id)
            .join(counted, counted.c.sha256 == documents.c.sha256)
            .where(states.c.applied < counted.c.rows)
            .order_by(documents.c.id)
        )
        if sha256 is not None:
            query = query.where(documents.c.sha256 == sha256)
        with self.store._reading() as connection:
            return list(connection.execute(query).scalars())

    def original(self, document_id: int) -> Original | None:
        """What the machine made of a document; None when an older version read it, or nobody."""
        c = documents.c
        query = (
            select(
                c.run_id, c.path, c.name, c.sha256, originals.c.document, originals.c.record,
                runs.c.settings,
            )
            .join(originals, originals.c.document_id == c.id)
            .join(runs, runs.c.id == c.run_id)
            .where(c.id == document_id)
        )  # fmt: skip
        with self.store._reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Original(
            document_id,
            row.run_id,
            row.path,
            row.name,
            row.sha256,
            packing.unpack(row.document),
            PlanRecord.model_validate_json(zlib.decompress(row.record)),
            Settings.of_run(row.settings),
        )

    def rewrite(self, original: Original, rows: Mapping[str, list[Row]], applied: int) -> bool:
        """Put what was made of an original and ``applied`` rows of the log in place of the record.

        False, and nothing is changed, when somebody else has put more there, or when a run has read
        the file anew.
        """
        number = original.document_id
        mine = states.c.document_id == number
        same_run = select(documents.c.id).where(
            documents.c.id == number, documents.c.run_id == original.run
        )
        newer = states.c.applied < applied
        (state,) = rows["states"]
        with self.store._writing() as connection:
            done = connection.execute(
                update(states)
                .where(mine, newer, same_run.exists())
                .values({**state, "applied": applied})
            )
            if not done.rowcount:
                return False
            for table in DERIVED:
                connection.execute(delete(table).where(table.c.document_id == number))
            for table in DERIVED:
                made: list[dict[str, Any]] = [
                    {"document_id": number, **row} for row in rows.get(table.name, ())
                ]
                if made:
                    connection.execute(insert(metadata.tables[table.name]), made)
        return True

    def contents(self) -> list[tuple[int, str]]:
        """``(document, sha256)`` of every file in the folder on which something was decided."""
        some = select(decisions.c.sha256).distinct()
        query = (
            select(documents.c.id, documents.c.sha256)
            .where(documents.c.gone.is_(False), documents.c.sha256.in_(some))
            .order_by(documents.c.path)
        )
        with self.store._reading() as connection:
            return [(row.id, row.sha256) for row in connection.execute(query)]


def _hold(connection: Connection) -> None:
    """Be the one writer before anything is read: SQLite refuses to become it later."""
    connection.execute(update(decisions).where(false()).values(by=""))


def _bundle(connection: Connection, made: Sequence[int]) -> None:
    """Note that these were decided in one go."""
    if len(made) > 1:
        mine = decisions.c.id.in_(made)
        connection.execute(update(decisions).where(mine).values(batch=made[0]))


def _log(connection: Connection, sha256: str) -> list[Decided]:
    c = decisions.c
    query = select(decisions).where(c.sha256 == sha256).order_by(c.id)
    rows = connection.execute(query).all()
    undone = {row.undoes for row in rows if row.undoes is not None}
    return [
        Decided(
            row.id, row.kind, row.target, row.revision, row.undoes, row.old, row.new, row.context,
            row.by, row.at, row.batch, undone=row.id in undone,
        )
        for row in rows
    ]  # fmt: skip


def _add(
    connection: Connection,
    sha256: str,
    wish: Wish,
    by: str,
    seen: int,
    undoes: int | None = None,
) -> int:
    """One row of the log, as the revision after ``seen``. Raises ConflictError."""
    values = {
        "sha256": sha256, "kind": wish.kind, "target": wish.target, "revision": seen + 1,
        "undoes": undoes, "old": wish.old, "new": wish.new, "context": wish.context, "by": by,
        "at": now(),
    }  # fmt: skip
    try:
        with connection.begin_nested():
            made = connection.execute(insert(decisions).values(values)).inserted_primary_key
    except IntegrityError:
        found = [
            one
            for one in _log(connection, sha256)
            if (one.kind, one.target) == (wish.kind, wish.target)
        ]
        raise ConflictError(found[-1] if found else None) from None
    return int(made[0]) if made else 0
