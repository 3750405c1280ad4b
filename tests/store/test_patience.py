"""A database that goes while a run writes: it is waited for, or told in one sentence."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from plan_folders import write_plans
from plan_records import corpus
from postgres import Server, started
from sqlalchemy import Connection, text
from test_store import Writer, done

from pipeline.batch import run_folder
from pipeline.engine import InProcess
from pipeline.errors import StoreError, UsageError
from pipeline.settings import Settings
from pipeline.store import Store


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started() as made:
        yield made


@pytest.fixture
def place(server: Server) -> str:
    return server.database("patience")


def later(seconds: float, act: object) -> threading.Thread:
    def wait_and_act() -> None:
        time.sleep(seconds)
        assert callable(act)
        act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


def test_what_was_to_be_written_is_written_when_it_is_back(server: Server, place: str) -> None:
    plans = list(corpus(4))
    said: list[str] = []
    with Store.open(place, create=True) as store, store.held():
        store.wait(30.0, said.append)
        writer = Writer(store)
        writer.put(*(done(plan) for plan in plans[:2]))
        server.stop()
        back = later(1.5, server.start)
        writer.put(done(plans[2]), done(plans[0]))
        back.join()
        writer.put(done(plans[3]))
        assert len(store.records()) == 4
        assert writer.known(plans[0].source.path) is not None
    assert len(said) == 1
    assert "its server does not answer" in said[0]
    assert "trying again for 30 seconds" in said[0]


def test_a_reader_waits_too(server: Server, place: str) -> None:
    with Store.open(place, create=True) as store:
        Writer(store).put(*(done(plan) for plan in corpus(3)))
        store.wait(30.0, lambda message: None)
        texts = store.record_texts()
        next(texts)
        server.stop()
        back = later(1.0, server.start)
        assert len(list(store.record_texts())) == 3
        back.join()


def test_a_database_that_stays_away_is_told_and_the_next_run_goes_on(
    server: Server, place: str, tmp_path: Path
) -> None:
    plans = write_plans(tmp_path / "plans", 4)
    settings = Settings(store=place, patience=1.0, names=False)
    gone: list[bool] = []

    class Watcher:
        def begin(self, total: int) -> None: ...
        def step(self, path: str, what: str, message: str) -> None:
            if not gone:
                gone.append(True)
                server.stop()

        def say(self, message: str) -> None: ...
        def end(self) -> None: ...

    started_at = time.monotonic()
    with pytest.raises(StoreError, match=r"does not answer.*run again, what is done is kept"):
        run_folder(plans, tmp_path / "out", settings, engine=InProcess(), progress=Watcher())
    assert time.monotonic() - started_at < 60
    server.start()
    report = run_folder(plans, tmp_path / "out", settings, engine=InProcess())
    assert (report.done, report.skipped) == (3, 1)


def test_a_lock_that_another_run_took_meanwhile_is_respected(server: Server, place: str) -> None:
    """The session that held the lock ends; before it is taken anew, another run has it."""
    with Store.open(place, create=True) as store, Store.open(place) as other, store.held():
        store.wait(1.0, lambda message: None)
        writer = Writer(store)
        with store._reading() as connection:
            number = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' LIMIT 1"
            pid = connection.execute(text(number)).scalar()
            connection.execute(text(f"SELECT pg_terminate_backend({pid}, 60000)"))  # and wait
        with other.held(), pytest.raises(UsageError, match="another run is writing"):
            writer.put(done(next(corpus(1))))
        writer.put(done(next(corpus(1))))  # it has ended


def test_a_connection_that_breaks_while_it_answers_is_made_anew(place: str) -> None:
    """The driver's socket tells it, in an error that SQLAlchemy does not know."""
    said: list[str] = []
    with Store.open(place, create=True) as store, store.held():
        store.wait(30.0, said.append)
        sessions: list[int] = []

        def work(connection: Connection) -> int:
            sessions.append(int(connection.execute(text("SELECT pg_backend_pid()")).scalar() or 0))
            if len(sessions) == 1:
                raise ConnectionResetError(104, "Connection reset by peer")
            return len(sessions)

        assert store._access.write(work) == 2
        assert sessions[0] != sessions[1]
        assert store._access.is_held()
    assert len(said) == 1
    assert "its server does not answer (Connection reset by peer)" in said[0]


def test_many_rows_go_in_one_statement(place: str) -> None:
    from sqlalchemy import event

    with Store.open(place, create=True) as store:
        writer = Writer(store)
        sent: list[str] = []
        event.listen(
            store._access._engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_rest: sent.append(statement),
        )
        writer.put(*(done(plan) for plan in corpus(40)))
        assert len(sent) < 60
        assert len(store.records()) == 40


def test_a_password_is_not_told(server: Server) -> None:
    url = f"postgresql://kehoach:geheim@127.0.0.1:{server.port}/nothing_here"
    with pytest.raises(StoreError) as told:
        Store.open(url, create=True)
    assert "geheim" not in str(told.value)
