"""Connections to the database of a store: transactions, the lock of the one writer, patience.

What a run writes goes through the session that holds the writer's lock. When the database goes, the
lock goes with it; what was to be done is done again when both are back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from pipeline import interrupt
from pipeline.errors import BusyError, KehoachError, StoreError, UsageError
from pipeline.store import database

T = TypeVar("T")
_WRITER = 0x6B656861  # number of the lock that the writer holds on PostgreSQL
# A connection that breaks while it is put away is of no interest, and we tell of the break.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
_PAUSE = 1.0  # seconds between two tries to reach a database that is gone


class Access:
    """How a store gets at its database; ``place`` is what it is called in messages."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._hold: Connection | None = None
        self._patience = 0.0
        self._say: Callable[[str], None] = lambda message: None

    def wait(self, seconds: float, say: Callable[[str], None]) -> None:
        """From now on, when the database is gone, try again for so long, and ``say`` so."""
        self._patience, self._say = seconds, say

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the one writer. Raises BusyError when another run is."""
        if self._engine.dialect.name != "postgresql":
            yield
            return
        with self._explained("held"):
            self._hold = self._locked()
        try:
            yield
        finally:
            hold, self._hold = self._hold, None
            with suppress(SQLAlchemyError, OSError):  # it may be gone, and the lock with it
                hold.execute(select(func.pg_advisory_unlock(_WRITER)))
                hold.close()

    def is_held(self) -> bool:
        """Whether somebody is the writer of a server's database at the moment; of a file: never."""
        if self._engine.dialect.name != "postgresql":
            return False
        held = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :writer "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with self.reading() as connection:
            return bool(connection.execute(held, {"writer": _WRITER}).scalar())

    def write(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction, again when the database was gone: it must bear repeating."""
        return self._patiently(self.writing, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """``work`` on a connection, again when the database was gone."""
        return self._patiently(self.reading, work)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction. Raises StoreError."""
        if self._hold is not None:  # where the lock is: no writing without it
            with self._explained("written"):
                if self._hold.invalidated or self._hold.closed:
                    self._hold = self._locked_again(self._hold)
                try:
                    with self._hold.begin():
                        yield self._hold
                except ConnectionError:  # SQLAlchemy does not see that it is broken
                    self._hold.invalidate()
                    raise
            return
        with self._explained("written"), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from. Raises StoreError."""
        with self._explained("read"), self._engine.connect() as connection:
            yield connection

    def _patiently(
        self,
        opened: Callable[[], AbstractContextManager[Connection]],
        work: Callable[[Connection], T],
    ) -> T:
        until = 0.0
        while True:
            try:
                with opened() as connection:
                    return work(connection)
            except (StoreError, UsageError) as error:
                if not until:
                    if not database.is_gone(error.__cause__):
                        raise
                    self._say(f"{error}; trying again for {self._patience:g} seconds")
                    until = time.monotonic() + self._patience
                if interrupt.is_wanted() or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE)

    def _locked(self) -> Connection:
        """A connection whose session has the writer's lock."""
        connection = self._engine.connect()
        try:
            mine = connection.execute(select(func.pg_try_advisory_lock(_WRITER))).scalar()
            connection.commit()
        except BaseException:
            connection.close()
            raise
        if not mine:
            connection.close()
            raise BusyError("another run is writing to this database; wait until it has ended")
        return connection

    def _locked_again(self, lost: Connection) -> Connection:
        """A new session with the lock, since the one that had it is gone.

        SQLAlchemy would connect ``lost`` anew without a word, and without the lock.
        """
        with suppress(SQLAlchemyError, OSError):
            lost.close()
        return self._locked()

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except KehoachError:
            raise
        except (SQLAlchemyError, ConnectionError) as error:
            raise StoreError(
                f"the store {self._place} cannot be {what}: {database.reason(error)}"
            ) from error
