"""Runs that are kept, and what became different between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from plan_records import plan
from test_store import Writer, done

from pipeline.errors import UsageError
from pipeline.store import Failed, Store
from pipeline.store.history import compare_runs, note_outcomes, runs_of


@pytest.fixture
def writer(place: str) -> Iterator[Writer]:
    with Store.open(place, create=True) as store, store.held():
        yield Writer(store)


def noted(writer: Writer) -> int:
    """End a run, as pipeline.batch does."""
    writer.store.forget_unseen(writer.run)
    count = note_outcomes(writer.store, writer.run)
    report = '{"found": 2, "done": 1, "skipped": 1, "failed": 0}'
    writer.store.finish_run(writer.run, report)
    return count


def test_what_changed_and_why(writer: Writer) -> None:
    old = plan("xã A", "c t - c", path="a.pdf")
    writer.put(done(old), done(plan("xã B", path="b.pdf")), done(plan("xã C", path="c.pdf")))
    first = writer.run
    assert noted(writer) == 3
    writer.again()
    new = plan("xã A", "c c? - c", path="a.pdf", number="99/KH-UBND")
    new = new.model_copy(update={"source": new.source.model_copy(update={"sha256": "f" * 64})})
    writer.put(done(new), Failed("b.pdf", "b.pdf", "encrypted", "a password"),
               done(plan("xã D", path="d.pdf")))  # fmt: skip
    assert noted(writer) == 4  # c.pdf is gone
    changes = {change.path: change for change in compare_runs(writer.store, first, writer.run)}
    assert changes["a.pdf"].changed == {
        "SIPAS": ("thematic_only", "covered?"), "number": ("12/KH-UBND", "99/KH-UBND"),
    }  # fmt: skip
    assert [changes[p].why for p in ("a.pdf", "c.pdf", "d.pdf")] == [
        ("content",),
        ("gone",),
        ("new",),
    ]
    assert changes["b.pdf"].changed["failure"] == (None, "encrypted")
    assert changes["b.pdf"].changed["PAR"] == ("covered", None)
    assert changes["d.pdf"].unit == "xã D"
    back = {change.path: change for change in compare_runs(writer.store, writer.run, first)}
    assert back["a.pdf"].changed["SIPAS"] == ("covered?", "thematic_only")


def test_a_run_that_changes_nothing_notes_nothing(writer: Writer) -> None:
    writer.put(done(plan("xã A", path="a.pdf")))
    assert noted(writer) == 1
    first = writer.run
    writer.again()
    writer.store.saw(["a.pdf"], run=writer.run)
    assert noted(writer) == 0
    assert compare_runs(writer.store, first, writer.run) == []
    assert writer.rows("outcomes") == 1


def test_another_program_or_other_settings_are_named(writer: Writer) -> None:
    writer.put(done(plan("xã A", "c c c c", path="a.pdf")))
    noted(writer)
    first = writer.run
    writer.again()
    writer.store.put([done(plan("xã A", "c c c -", path="a.pdf"))], run=writer.run,
                     version="2.0", settings_digest="e")  # fmt: skip
    noted(writer)
    (change,) = compare_runs(writer.store, first, writer.run)
    assert (change.why, change.changed) == (("program", "settings"), {"PCI": ("covered", "absent")})


def test_more_files_than_one_page(writer: Writer) -> None:
    writer.put(*(done(plan(f"xã {n}", path=f"{n:03}.pdf")) for n in range(45)))
    assert noted(writer) == 45


def test_runs_are_listed_with_their_counts(writer: Writer) -> None:
    noted(writer)
    writer.again()  # killed: it never ends
    first, second = runs_of(writer.store)
    assert (first.number, first.folder) == (writer.run - 1, str(Path("/plans")))
    assert first.counts == {"found": 2, "done": 1, "skipped": 1, "failed": 0}
    assert (second.ended, second.counts) == (None, None)


def test_a_run_that_is_not_there(writer: Writer) -> None:
    with pytest.raises(UsageError, match=r"no run 7 .*it has: 1"):
        compare_runs(writer.store, 1, 7)
