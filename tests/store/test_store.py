"""The store, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from plan_records import corpus
from sqlalchemy import text

from pipeline.document import Document, Edit, Line, Page, Source
from pipeline.errors import KehoachError, UsageError
from pipeline.normalize.record import PlanRecord
from pipeline.store import Done, Failed, Known, Store, record_text, rows_of

EDITS = [
    Edit("restore", "decode", 1, 4, 7, "hoa ch", "hoạch", 0.91),
    Edit("restore", "decode", 2, 1, 0, "ĐÈ", "ĐỀ", 0.5),
]


def done(record: PlanRecord, path: str | None = None, *, name: str | None = None) -> Done:
    path = path or record.source.path
    body = record_text(record)
    source = Source(path, path, record.source.sha256, record.source.media_type, 1)
    document = Document(source, pages=(Page(1, (Line.of("kế hoạch"),)),), edits=tuple(EDITS))
    return Done(
        path=path,
        name=name or path.replace("/", "_"),
        sha256=record.source.sha256,
        media_type=record.source.media_type,
        size=1,
        pages=record.source.pages,
        words=record.quality.words,
        seconds={"extract": 0.25, "restore": 0.5},
        text=body,
        rows=rows_of(record, body, EDITS, document),
    )


class Writer:
    """A store with a run that is going on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = 0
        self.again()

    def again(self) -> None:
        self.run = self.store.begin_run(Path("/plans"), "1.0", "{}")

    def put(self, *results: Done | Failed) -> None:
        self.store.put(results, run=self.run, version="1.0", settings_digest="d")

    def known(self, path: str, version: str = "1.0", digest: str = "d") -> Known | None:
        return self.store.known(path, version=version, settings_digest=digest)

    def rows(self, table: str) -> int:
        with self.store._reading() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)


@pytest.fixture
def writer(place: str) -> Iterator[Writer]:
    with Store.open(place, create=True) as store, store.held():
        yield Writer(store)


def test_records_come_back_as_they_were_by_path(writer: Writer) -> None:
    records = list(corpus(45))
    for record in reversed(records):
        writer.put(done(record))
    expected = sorted(records, key=lambda record: record.source.path)
    assert list(writer.store.records()) == expected
    assert list(writer.store.records()) == expected  # and again
    assert len(writer.store.records()) == 45
    assert [t for _, t in writer.store.record_texts()] == [record_text(r) for r in expected]


@pytest.mark.parametrize(
    "paths", [["a-b", "a/b", "a.b", "A", "a", "ă", "Z", "đ", "z"]], ids=["hard to sort"]
)
def test_the_order_is_that_of_code_points_on_every_database(
    writer: Writer, paths: list[str]
) -> None:
    record = next(corpus(1))
    writer.put(*(done(record, path, name=f"n{i}") for i, path in enumerate(paths)))
    names = {f"n{i}": path for i, path in enumerate(paths)}
    assert [names[name] for name, _ in writer.store.record_texts()] == sorted(paths)


def test_a_document_done_again_is_replaced_with_all_that_hangs_on_it(writer: Writer) -> None:
    first, second = corpus(2)
    writer.put(done(first, "x.pdf"), done(second, "y.pdf"))
    tables = ("documents", "records", "indices", "evidence", "sections", "edit_logs")
    before = {table: writer.rows(table) for table in tables}
    writer.put(done(first, "x.pdf"))
    assert {table: writer.rows(table) for table in tables} == before
    assert before["evidence"] > 0


def test_a_document_that_fails_later_loses_its_record(writer: Writer) -> None:
    writer.put(done(next(corpus(1)), "x.pdf", name="x"))
    assert writer.store.with_records(["x", "nothing"]) == {"x"}
    writer.put(Failed("x.pdf", "x", "unreadable", "x.pdf is cut off"))
    assert not writer.store.with_records(["x"])
    assert list(writer.store.records()) == []
    assert writer.store.failures() == [
        {"path": "x.pdf", "code": "unreadable", "message": "x.pdf is cut off"}
    ]
    assert writer.rows("evidence") == writer.rows("records") == 0


def test_what_is_known_holds_for_one_version_and_one_set_of_settings(writer: Writer) -> None:
    record = next(corpus(1))
    writer.put(done(record, "x.pdf", name="x"), Failed("y.pdf", "y", "encrypted", "a password"))
    assert writer.known("x.pdf") == Known("x", record.source.sha256)
    assert writer.known("x.pdf", version="1.1") == Known("x", None)
    assert writer.known("x.pdf", digest="e") == Known("x", None)
    assert writer.known("y.pdf") == Known("y", None)
    assert writer.known("z.pdf") is None
    assert writer.store.is_taken("x")
    assert not writer.store.is_taken("z")


def test_files_that_left_are_in_no_result_and_come_back_for_free(writer: Writer) -> None:
    first, second = corpus(2)
    writer.put(done(first, "x.pdf"), done(second, "y.pdf"), Failed("z", "z", "unreadable", "no"))
    writer.again()
    writer.store.saw(["x.pdf"], run=writer.run)
    assert writer.store.forget_unseen(writer.run) == ["y.pdf", "z"]
    assert list(writer.store.records()) == [first]
    assert writer.store.failures() == []
    assert writer.known("y.pdf") == Known("y.pdf", second.source.sha256)
    writer.again()
    writer.store.saw(["x.pdf", "y.pdf"], run=writer.run)
    assert writer.store.forget_unseen(writer.run) == []
    assert list(writer.store.records()) == [first, second]


def test_a_batch_is_there_whole_or_not_at_all(writer: Writer) -> None:
    good = done(next(corpus(1)), "x.pdf", name="x")
    with pytest.raises(KehoachError, match="cannot be written"):
        writer.put(good, replace(good, path="y.pdf"))  # a name twice
    assert writer.rows("documents") == writer.rows("records") == 0


def test_text_that_a_database_does_not_take_costs_no_file(writer: Writer) -> None:
    record = next(corpus(1)).model_copy(update={"title": "Kế hoạch\x00 truyền thông"})
    writer.put(done(record, "x.pdf"))
    assert [r.title for r in writer.store.records()] == ["Kế hoạch\x00 truyền thông"]


def test_the_edit_log_comes_back(writer: Writer) -> None:
    writer.put(done(next(corpus(1)), "x.pdf"))
    assert writer.store.edits("x.pdf") == EDITS
    assert writer.store.edits("nobody") == []


def test_summary_and_times(writer: Writer) -> None:
    records = list(corpus(3))
    writer.put(*(done(r) for r in records), Failed("bad", "bad", "timeout", "too long"))
    summary = writer.store.summary()
    assert (summary.done, summary.failed) == (3, 1)
    assert summary.words == sum(record.quality.words for record in records)
    assert [times for _, _, times in writer.store.times()] == [
        {"extract": 0.25, "restore": 0.5}
    ] * 3
    assert writer.store.source_root() == Path("/plans")


def test_sql_answers_who_covers_what(writer: Writer) -> None:
    records = list(corpus(10))
    writer.put(*(done(record) for record in records))
    query = text(
        "SELECT count(*) FROM indices JOIN records USING (document_id) "
        "WHERE index_id = 'PCI' AND status = 'covered'"
    )
    with writer.store._reading() as connection:
        found = connection.execute(query).scalar()
    assert found == sum(
        finding.status == "covered" for r in records for finding in r.indices if finding.id == "PCI"
    )


def test_what_was_written_is_there_when_the_store_is_opened_again(place: str) -> None:
    record = next(corpus(1))
    with Store.open(place, create=True) as store:
        Writer(store).put(done(record, "x.pdf"))
    with Store.open(place) as store:
        assert list(store.records()) == [record]


def test_discard_forgets_everything(place: str) -> None:
    with Store.open(place, create=True) as store:
        Writer(store).put(done(next(corpus(1))))
    Store.discard(place)
    with Store.open(place, create=True) as store:
        assert store.summary().done == 0
        assert store.source_root() is None


def test_a_second_writer_on_a_server_is_refused(postgresql: str) -> None:
    with (
        Store.open(postgresql, create=True) as first,
        Store.open(postgresql, create=True) as second,
    ):
        with first.held(), pytest.raises(UsageError, match="another run"), second.held():
            pass
        with second.held():
            pass
