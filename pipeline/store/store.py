"""The store of a run: one writer puts documents in, anybody reads them in order of their paths.

Reading goes in small pages by path, so that memory stays flat at any number of plans and a reader
never holds up the writer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from pipeline.document import Edit
from pipeline.normalize.brief import brief
from pipeline.normalize.record import PlanRecord
from pipeline.settings import Settings
from pipeline.store import database
from pipeline.store.access import Access
from pipeline.store.names import key
from pipeline.store.rows import Done, Failed, unpack
from pipeline.store.tables import (
    PARTS,
    documents,
    edit_logs,
    metadata,
    originals,
    records,
    runs,
)

PAGE = 20  # records read at a time
_PRESENT = documents.c.gone.is_(False)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a file: its record's name, and the content that was done.

    ``sha256`` is None unless it was done with the program version and settings that were asked for.
    """

    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over the files that are in the folder."""

    done: int
    failed: int
    pages: int
    words: int


class Records:
    """The records of all plans in the folder, by path; can be gone through more than once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __len__(self) -> int:
        return self._store.summary().done

    def __iter__(self) -> Iterator[PlanRecord]:
        for _, text in self._store.record_texts():
            yield PlanRecord.model_validate_json(text)


class Store:
    """See the module; make one with :meth:`open`, use it in a ``with`` statement."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._access = Access(engine, database.shown(place))

    @classmethod
    def open(cls, place: str | Path, *, create: bool = False) -> Store:
        """Open the store at ``place``: an OUT folder, a SQLite file, or a database URL.

        A schema of an older version is brought up to date. Raises UsageError when there is none and
        ``create`` is false, StoreError when it cannot be used.
        """
        return cls(database.connect(place, create=create), str(place))

    @staticmethod
    def discard(place: str | Path) -> None:
        """Forget all that machines made, also of a store that cannot be opened any more.

        What persons decided is kept, where the store can be read.
        """
        database.discard(place)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the one writer; the hold ends with this process, however that ends.

        Raises BusyError when another run holds the same database. (Of a SQLite store, the lock of
        the OUT folder takes care.)
        """
        with self._access.held():
            yield

    def wait(self, seconds: float, say: Callable[[str], None]) -> None:
        """From now on, when the database is gone, try again for so long, and ``say`` so."""
        self._access.wait(seconds, say)

    def is_held(self) -> bool:
        """Whether a run is writing to a server's database at the moment; of a file: never."""
        return self._access.is_held()

    def close(self) -> None:
        """Let go of the database."""
        self._access.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ---- writing -------------------------------------------------------------------------------

    def begin_run(self, folder: Path | str, version: str, settings: str) -> int:
        """Note that a run over ``folder`` (a path, or a URL) begins; gives its number."""
        row = {"folder": str(folder), "started": now(), "version": version, "settings": settings}
        with self._writing() as connection:
            made = connection.execute(insert(runs).values(row)).inserted_primary_key
            return int(made[0]) if made else 0

    def finish_run(self, run: int, report: str) -> None:
        """Note what the run did (the text of ``run.json``)."""
        values = {"finished": now(), "report": report}
        self._access.write(lambda c: c.execute(update(runs).where(runs.c.id == run).values(values)))

    def put(
        self, results: Sequence[Done | Failed], *, run: int, version: str, settings_digest: str
    ) -> None:
        """Write a batch in one transaction: all of it is there afterwards, or none.

        A document that was there before is replaced, with everything that hangs on it.
        """
        shared = {
            "run_id": run,
            "seen": run,
            "gone": False,
            "version": version,
            "settings_digest": settings_digest,
        }
        rows = [{**_document_row(result), **shared} for result in results]

        def put(connection: Connection) -> None:
            numbers = _put_documents(connection, rows)
            parts: dict[str, list[dict[str, Any]]] = {}
            for result in results:
                if isinstance(result, Done):
                    for table, values in result.rows.items():
                        kept = parts.setdefault(table, [])
                        number = numbers[result.path]
                        kept.extend({"document_id": number, **row} for row in values)
            for table, values in parts.items():
                if values:
                    connection.execute(insert(metadata.tables[table]), values)

        self._access.write(put)

    def saw(self, paths: Sequence[str], *, run: int) -> None:
        """Note that these files are in the folder still, and unchanged."""
        seen = update(documents).where(documents.c.path.in_(paths)).values(seen=run)
        self._access.write(lambda connection: connection.execute(seen))

    def forget_unseen(self, run: int) -> list[str]:
        """Set aside what run ``run`` did not meet, take back what it met; names set aside anew.

        Their records stay in the store and are used again, should the files come back; no result
        shows them.
        """
        lost = documents.c.seen != run

        def forget(connection: Connection) -> list[str]:
            query = select(documents.c.path).where(_PRESENT, lost).order_by(documents.c.path)
            names = list(connection.execute(query).scalars())
            connection.execute(update(documents).where(_PRESENT, lost).values(gone=True))
            back = update(documents).where(documents.c.gone.is_(True), documents.c.seen == run)
            connection.execute(back.values(gone=False))
            return names

        return self._access.write(forget)

    # ---- reading -------------------------------------------------------------------------------

    def known(self, path: str, *, version: str, settings_digest: str) -> Known | None:
        """What is known of the file ``path``, or None: see :meth:`known_all`."""
        return self.known_all([path], version=version, settings_digest=settings_digest).get(path)

    def known_all(
        self, paths: Sequence[str], *, version: str, settings_digest: str
    ) -> dict[str, Known]:
        """What is known of files, by path.

        A file whose original is not kept (an older version read it) is to be read again.
        """
        c = documents.c
        has_original = originals.c.document_id.is_not(None).label("has_original")
        query = (
            select(c.path, c.name, c.sha256, c.status, c.version, c.settings_digest, has_original)
            .join(originals, originals.c.document_id == c.id, isouter=True)
            .where(c.path.in_(paths))
        )
        wanted = ("done", version, settings_digest, True)
        found = {}
        for row in self._access.read(lambda connection: connection.execute(query).all()):
            has = (row.status, row.version, row.settings_digest, bool(row.has_original))
            found[row.path] = Known(row.name, row.sha256 if has == wanted else None)
        return found

    def is_taken(self, name_key: str) -> bool:
        """Whether a document has a name with this :func:`pipeline.store.names.key`."""
        query = select(documents.c.id).where(documents.c.name_key == name_key)
        return self._access.read(lambda connection: connection.execute(query).first()) is not None

    def with_records(self, names: Sequence[str]) -> set[str]:
        """Those of ``names`` that are records of plans in the folder."""
        query = _of_present(select(documents.c.name)).where(documents.c.name.in_(names))
        return set(self._access.read(lambda connection: connection.execute(query).scalars().all()))

    def record_texts(self) -> Iterator[tuple[str, str]]:
        """``(name, JSON text)`` of every plan in the folder, by path."""
        columns = (documents.c.path, documents.c.name, records.c.json)
        for row in self._pages(_of_present(select(*columns))):
            yield row.name, row.json

    def record_text(self, document: int) -> str | None:
        """The record of one document in the folder, by its number."""
        query = _of_present(select(records.c.json)).where(documents.c.id == document)
        with self._reading() as connection:
            text: str | None = connection.execute(query).scalar()
        return text

    def records(self) -> Records:
        """Every plan in the folder, by path; streaming, and can be gone through again."""
        return Records(self)

    def briefs(self) -> Iterator[PlanRecord]:
        """Every plan in the folder, by path, with what the matrix shows of it and nothing else.

        What the plan says (sections, duties, tasks …) is left empty: to read it takes more than
        twice as long.
        """
        for _, text in self.record_texts():
            yield brief(text)

    def failures(self) -> list[dict[str, str]]:
        """``{path, code, message}`` of every file in the folder that could not be processed."""
        c = documents.c
        query = select(c.path, c.code, c.message).where(c.status == "failed", _PRESENT)
        return [
            {"path": row.path, "code": row.code or "", "message": row.message or ""}
            for row in self._pages(query)
        ]

    def edits(self, path: str) -> list[Edit]:
        """The edit log of one document: what was repaired, where, and how surely."""
        query = select(edit_logs.c.log).join(documents).where(documents.c.path == path)
        with self._reading() as connection:
            log = connection.execute(query).scalar()
        return list(unpack(log)) if log is not None else []

    def times(self) -> Iterator[tuple[str, int, dict[str, float]]]:
        """``(media type, words, seconds by stage)`` of every plan in the folder."""
        c = documents.c
        query = select(c.path, c.media_type, c.words, c.seconds).where(c.status == "done", _PRESENT)
        for row in self._pages(query):
            yield row.media_type, row.words, json.loads(row.seconds)

    def source_root(self) -> Path | None:
        """The folder of the last run; None where it read from a URL."""
        with self._reading() as connection:
            query = select(runs.c.folder).order_by(runs.c.id.desc()).limit(1)
            folder = connection.execute(query).scalar()
        return Path(folder) if folder and "://" not in folder else None

    def settings(self) -> Settings:
        """The settings of the last run; those of today when there was none."""
        with self._reading() as connection:
            query = select(runs.c.settings).order_by(runs.c.id.desc()).limit(1)
            noted = connection.execute(query).scalar()
        return Settings.of_run(noted) if noted else Settings()

    def summary(self) -> Summary:
        """Counts over the files that are in the folder."""
        c = documents.c
        query = (
            select(
                c.status,
                func.count(),
                func.coalesce(func.sum(c.pages), 0),
                func.coalesce(func.sum(c.words), 0),
            )
            .where(_PRESENT)
            .group_by(c.status)
        )
        with self._reading() as connection:
            counts = {row[0]: [int(n) for n in row[1:]] for row in connection.execute(query)}
        done, failed = counts.get("done", [0, 0, 0]), counts.get("failed", [0, 0, 0])
        return Summary(done=done[0], failed=failed[0], pages=done[1], words=done[2])

    def _pages(self, query: Select[Any]) -> Iterator[Any]:
        """All rows of a query over documents, by path, a page at a time."""
        last = ""
        while True:
            page = query.where(documents.c.path > last).order_by(documents.c.path).limit(PAGE)
            rows = self._access.read(partial(_all, page))
            yield from rows
            if len(rows) < PAGE:
                return
            last = rows[-1].path

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._access.writing()

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._access.reading()


def _of_present(query: Select[Any]) -> Select[Any]:
    return query.join_from(records, documents).where(_PRESENT)


def _all(query: Select[Any], connection: Connection) -> Sequence[Any]:
    return connection.execute(query).all()


def _document_row(result: Done | Failed) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": result.path,
        "name": result.name,
        "name_key": key(result.name),
        "sha256": result.sha256,
        "media_type": None,
        "size": None,
        "code": None,
        "message": None,
        "pages": 0,
        "words": 0,
        "seconds": "{}",
    }
    if isinstance(result, Failed):
        return {**row, "status": "failed", "code": result.code, "message": result.message}
    return {
        **row,
        "status": "done",
        "media_type": result.media_type,
        "size": result.size,
        "pages": result.pages,
        "words": result.words,
        "seconds": json.dumps({name: round(took, 6) for name, took in result.seconds.items()}),
    }


def _put_documents(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert or replace documents; gives their ids by path. All that hung on them is gone."""
    c = documents.c
    paths = [row["path"] for row in rows]
    known = select(c.path, c.id).where(c.path.in_(paths))
    numbers = {path: int(number) for path, number in connection.execute(known)}
    new = [row for row in rows if row["path"] not in numbers]
    old = [{"number": numbers[row["path"]], **row} for row in rows if row["path"] in numbers]
    if old:
        for part in PARTS:
            connection.execute(delete(part).where(part.c.document_id.in_(numbers.values())))
        connection.execute(update(documents).where(c.id == bindparam("number")), old)
    if new:
        made = connection.execute(insert(documents).returning(c.path, c.id), new)
        numbers |= {path: int(number) for path, number in made}
    return numbers


def now() -> str:
    """This moment in UTC, to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
