"""Opening the database of a store: where it is, how it is set, which schema it has."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import NoSuchModuleError as NoSuchDialectError

from pipeline.errors import StoreError, UsageError
from pipeline.store.tables import decisions, metadata

FILE_NAME = "plans.sqlite"
SCHEMA = "0004"  # the newest revision in migrations/versions; a test compares them
BUSY_SECONDS = 30
# SQLSTATEs of a server that shuts down, crashed, or is starting.
_GOING = frozenset(("57P01", "57P02", "57P03", "08000", "08003", "08006", "53300"))
_MIGRATIONS = Path(__file__).with_name("migrations")


def url_of(place: str | Path) -> URL:
    """The database URL of a store: OUT folder, path of a SQLite file, or URL."""
    if isinstance(place, str) and "://" in place:
        try:
            url = make_url(place)
        except (ArgumentError, ValueError):
            raise UsageError(f"{place!r} is no database URL") from None
        # psycopg, the default driver, is LGPL; the extra installs pg8000.
        return url.set(drivername="postgresql+pg8000") if url.drivername == "postgresql" else url
    path = Path(place)
    if path.is_dir():
        path = path / FILE_NAME
    return URL.create("sqlite", database=str(path.absolute()))


def connect(place: str | Path, *, create: bool) -> Engine:
    """An engine on a database whose schema is ours and up to date.

    Raises UsageError when there is no store and ``create`` is false, StoreError when the store
    cannot be opened, is not ours, or has a schema that this version does not know.
    """
    url = url_of(place)
    shown = url.database if url.drivername == "sqlite" else url.render_as_string()
    if url.drivername == "sqlite" and not create and not Path(url.database or "").is_file():
        raise UsageError(f"there is no store at {shown}; `kehoach run FOLDER --out OUT` makes one")
    try:
        engine = _engine(url)
        with engine.connect() as connection:
            found = _schema_of(connection)
    except (ImportError, NoSuchDialectError) as error:
        raise StoreError(
            f"the driver for {url.drivername} is not installed ({error}); "
            "for PostgreSQL: pip install 'kehoach[postgresql]'"
        ) from None
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"the store {shown} cannot be opened: {reason(error)}") from None
    if found != SCHEMA:
        _migrate(engine, found, str(shown))
    return engine


def shown(place: str | Path) -> str:
    """A place as it may be told: without the password of a URL."""
    url = url_of(place)
    return str(place) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def is_gone(error: BaseException | None) -> bool:
    """Whether an error says that the server of a database cannot be reached, or is going down."""
    if isinstance(error, ConnectionError):  # of the driver's socket, while it reads an answer
        return True
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    if error.connection_invalidated or isinstance(error.orig, OSError):
        return True
    said = error.orig.args[0] if error.orig.args else ""
    if isinstance(said, dict):  # of pg8000: what the server sent
        return str(said.get("C")) in _GOING
    return "create a connection" in str(said) or "network error" in str(said)


def discard(place: str | Path) -> None:
    """Remove all in the database of a store but people's decisions; a file that is none goes.

    The database stays what it is, so that whoever has it open (the review page) goes on with it,
    and nothing is lost when this is cut short. Raises StoreError.
    """
    url = url_of(place)
    path = Path(url.database or "") if url.drivername == "sqlite" else None
    if path is not None and not path.is_file():
        return
    try:
        engine = connect(place, create=True)
    except StoreError:
        if path is None:
            raise
        _unlink(path)
        return
    try:
        with engine.begin() as connection, _search_emptied(connection):
            for table in reversed(metadata.sorted_tables):
                if table is not decisions:
                    connection.execute(table.delete())
    except SQLAlchemyError as error:
        shown = path or url.render_as_string()
        raise StoreError(f"the store {shown} cannot be emptied: {reason(error)}") from None
    finally:
        engine.dispose()


def _unlink(path: Path) -> None:
    try:
        for suffix in ("-wal", "-shm", ""):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path} cannot be removed: {error.strerror}") from None


@contextmanager
def _search_emptied(connection: Connection) -> Iterator[None]:
    """SQLite's index of words is emptied at once, instead of passage by passage by its trigger."""
    kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'passages_gone'"
    sqlite = connection.dialect.name == "sqlite"
    trigger = connection.exec_driver_sql(kept).scalar() if sqlite else None
    if trigger is None:
        yield
        return
    connection.exec_driver_sql("DROP TRIGGER passages_gone")
    connection.exec_driver_sql("INSERT INTO passages_search(passages_search) VALUES ('delete-all')")
    yield
    connection.exec_driver_sql(str(trigger))


def reason(error: BaseException) -> str:
    """What a database error means, in words for a user."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    words = str(cause.args[0] if cause.args else cause)
    if is_gone(error):
        return (
            f"its server does not answer ({_said(cause)}); start it and run again, what is done is "
            "kept"
        )
    if "not a database" in words or "malformed" in words:
        return "it is damaged, or no store of kehoach; `kehoach run … --fresh` starts anew"
    if "disk is full" in words:
        return "the disk is full; free some space and run again, what is done is kept"
    if "disk I/O error" in words:
        return (
            "the disk is full, over a quota, or failing; see to it and run again, what is done is "
            "kept"
        )
    if "locked" in words:
        return "another program has locked it; close that program and try again"
    if "readonly" in words or "unable to open" in words:
        return "it cannot be written; check the rights on the folder"
    return words.splitlines()[0] if words else type(cause).__name__


def _said(error: BaseException) -> str:
    said = error.strerror if isinstance(error, OSError) else next(iter(error.args), "")
    words = said.get("M", "") if isinstance(said, dict) else said
    return str(words).splitlines()[0] if words else type(error).__name__


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        engine = create_engine(url, pool_pre_ping=True)
        # Many rows in one statement, where the driver would send each by itself.
        engine.dialect.use_insertmanyvalues_wo_returning = True
        return engine
    path = Path(url.database or "")
    if path.is_file() and not os.access(path.parent, os.W_OK):
        # A store on a read-only medium: there is no write-ahead log to look into.
        query = {"uri": "true", "mode": "ro", "immutable": "1"}
        return create_engine(url.set(database=path.as_uri(), query=query))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _set_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that DDL is in transactions too
    # FULL, not NORMAL: a commit that was reported must outlive a loss of power.
    # Records are read once, in order: a larger cache would be memory and nothing else.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-500",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _schema_of(connection: Connection) -> str | None:
    """The revision of the schema; None for an empty database, "" for one that is not ours."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not {"alembic_version", "documents"} <= tables:
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _migrate(engine: Engine, found: str | None, shown: str) -> None:
    """Bring the schema up to date, in one transaction."""
    from alembic import command  # 0.2 s to import, and rarely needed
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found == "":
        raise StoreError(f"{shown} is a database of another program, not a store of kehoach")
    if found is not None and found not in known:
        raise StoreError(
            f"the store {shown} was made by a newer version of kehoach (schema {found}, this "
            f"version knows {SCHEMA}); upgrade kehoach, or choose another --out"
        )
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as error:
        raise StoreError(f"the store {shown} cannot be set up: {reason(error)}") from None
