"""Opening a store: schemas old, new and foreign; places that cannot be opened."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from plan_records import corpus
from sqlalchemy import select, text
from test_store import Writer, done

from pipeline.errors import StoreError, UsageError
from pipeline.store import Store, database
from pipeline.store.tables import metadata, states


def test_the_migrations_make_the_tables_that_the_code_uses(place: str) -> None:
    engine = database.connect(place, create=True)
    with engine.connect() as connection:
        kept = {"include_name": lambda name, *_: not str(name).startswith("passages_search")}
        context = MigrationContext.configure(connection, opts=kept)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == database.SCHEMA
    engine.dispose()


def test_the_newest_migration_is_the_schema_of_the_code() -> None:
    assert ScriptDirectory(str(database._MIGRATIONS)).get_current_head() == database.SCHEMA


def test_sqlite_is_set_for_kills_and_power_cuts(tmp_path: Path) -> None:
    engine = database.connect(tmp_path / "plans.sqlite", create=True)
    with engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plans.sqlite"
    Store.open(path, create=True).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version.*9999.*upgrade"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "plans.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE accounts (id INTEGER)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        Store.open(path, create=True)
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == [("accounts",)]


@pytest.mark.parametrize(
    "content", [b"not a database, " * 100, b"SQLite format 3\x00" + bytes(200), b"\x00" * 4096]
)
def test_a_damaged_store_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plans.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("place", "kind", "words"),
    [
        ("{tmp}/nowhere", UsageError, "kehoach run FOLDER --out OUT"),
        ("{tmp}", UsageError, "kehoach run FOLDER --out OUT"),
        ("nosuch://host/x", StoreError, "not installed"),
        ("postgresql://host:port/x", UsageError, "no database URL"),
        ("postgresql://nobody@127.0.0.1:1/none", StoreError, "cannot be opened"),
    ],
)
def test_a_place_without_store_is_told_in_one_sentence(
    tmp_path: Path, place: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        Store.open(place.format(tmp=tmp_path))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://user:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def test_a_folder_with_odd_letters_holds_a_store(tmp_path: Path) -> None:
    folder = tmp_path / "kế hoạch #1 % ? x"
    folder.mkdir()
    with Store.open(folder, create=True) as store:
        Writer(store).put(done(next(corpus(1))))
    assert [path.name for path in folder.iterdir()] == ["plans.sqlite"]


def test_reading_a_store_in_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as store:
        Writer(store).put(done(next(corpus(1))))
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        with Store.open(tmp_path) as store:
            assert len(store.records()) == 1
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_kill_while_the_schema_is_made_leaves_all_or_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from sqlalchemy import event\n"
        "from sqlalchemy.engine import Engine\n"
        "left = [int(sys.argv[2])]\n"
        "@event.listens_for(Engine, 'after_cursor_execute')\n"
        "def _(*_):\n"
        "    left[0] -= 1\n"
        "    if not left[0]: os.kill(os.getpid(), 9)\n"
        "from pipeline.store import Store\n"
        "Store.open(sys.argv[1], create=True).close()\n"
    )
    for statement in (3, 8, 15):
        path = tmp_path / f"{statement}.sqlite"
        killed = subprocess.run([sys.executable, "-c", code, str(path), str(statement)])
        assert killed.returncode == -9
        with Store.open(path, create=True) as store:
            assert store.summary().done == 0


def test_an_older_store_gets_the_columns_that_lists_are_made_of(place: str) -> None:
    """Schema 0003 and back: the rows are those that the program writes today."""
    with Store.open(place, create=True) as store:
        writer = Writer(store)
        writer.put(*(done(record, name=f"n{at}") for at, record in enumerate(corpus(12))))
        with store._reading() as connection:
            before = connection.execute(select(states).order_by(states.c.document_id)).all()
    engine = database.connect(place, create=False)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(database._MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        # a plan of an even older version, which had no row of states
        connection.execute(text("DELETE FROM states WHERE document_id = 3"))
    engine.dispose()
    with Store.open(place) as store, store._reading() as connection:
        assert connection.execute(select(states).order_by(states.c.document_id)).all() == before
