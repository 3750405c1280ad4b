"""A folder is run: what is written, what is skipped, what leaves, what fails."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import pytest
from plan_folders import plan_text, write_plans

from pipeline import batch, job
from pipeline.audit import matrix
from pipeline.batch import run_folder
from pipeline.engine import InProcess, Outcome
from pipeline.errors import KehoachError, StoreError, UsageError
from pipeline.normalize.record import PlanRecord
from pipeline.run_report import RunReport
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.version import program_version

Run = Callable[..., RunReport]


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    return write_plans(tmp_path / "plans", 3)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def run(plans: Path, out: Path) -> Run:
    """``run(**options)``: the folder ``plans`` into ``out``, in this process."""

    def _run(settings: Settings | None = None, **options: Any) -> RunReport:
        return run_folder(plans, out, settings, **{"engine": InProcess(), **options})

    return _run


def names(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "plans").iterdir())


def counts(report: RunReport) -> tuple[int, int, int, int]:
    return report.found, report.done, report.skipped, report.failed


def test_a_run_writes_what_the_contract_says(run: Run, out: Path) -> None:
    report = run()
    assert counts(report) == (3, 3, 0, 0)
    assert {path.name for path in out.iterdir()} == {
        ".lock",
        "comparison.xlsx",
        "plans",
        "plans.sqlite",
        "report.html",
        "run.json",
        "run.jsonl",
        "run.log",
        "status.json",
    }
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert list(told) == [
        *("found", "done", "skipped", "failed", "seconds", "pages", "words"),
        *("failures", "versions"),
    ]
    assert told["versions"]["kehoach"] == program_version()
    assert report.words > 300
    assert report.pages == 3
    assert zipfile.is_zipfile(out / "comparison.xlsx")
    with Store.open(out) as store:
        records = list(store.records())
    for record, name in zip(records, names(out), strict=True):
        text = (out / "plans" / name).read_text(encoding="utf-8")
        assert PlanRecord.model_validate_json(text) == record
    assert [record.source.path for record in records] == [
        f"000/plan-0000{number}.txt" for number in range(3)
    ]


def test_what_is_done_and_unchanged_is_skipped(run: Run, plans: Path, out: Path) -> None:
    run()
    before = {name: (out / "plans" / name).stat().st_mtime_ns for name in names(out)}
    changed = plans / "000" / "plan-00001.txt"
    changed.write_text(plan_text(40), encoding="utf-8")
    os.utime(plans / "000" / "plan-00000.txt")  # a new date is no new content
    assert counts(run()) == (3, 1, 2, 0)
    after = {name: (out / "plans" / name).stat().st_mtime_ns for name in names(out)}
    assert [name for name in after if after[name] != before[name]] == ["plan-00001.json"]


@pytest.mark.parametrize(
    ("again", "done"),
    [
        ({}, 0),
        ({"workers": 7, "timeout": 5.0, "language": "en"}, 0),
        ({"required": ("PAR",)}, 3),
        ({"ocr": "off"}, 3),
    ],
)
def test_settings_that_change_records_have_them_done_again(
    run: Run, again: dict[str, Any], done: int
) -> None:
    run(Settings())
    assert run(Settings(**again)).done == done


def test_another_version_of_the_program_does_everything_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setattr(batch, "results_version", lambda: "99.0")
    assert counts(run()) == (3, 3, 0, 0)


def test_fresh_does_everything_again(run: Run, out: Path) -> None:
    run()
    assert counts(run(fresh=True)) == (3, 3, 0, 0)
    (out / "plans.sqlite").write_bytes(b"no database at all, but it is in the way" * 99)
    with pytest.raises(StoreError, match="--fresh"):
        run()
    assert counts(run(fresh=True)) == (3, 3, 0, 0)


def test_a_file_that_left_leaves_the_results_and_comes_back_for_free(
    run: Run, plans: Path, out: Path, tmp_path: Path
) -> None:
    run()
    gone = (plans / "000" / "plan-00001.txt").rename(tmp_path / "aside.txt")
    said: list[str] = []
    assert counts(run(progress=_Listener(said))) == (2, 0, 2, 0)
    assert any("000/plan-00001.txt" in message for message in said)
    assert names(out) == ["plan-00000.json", "plan-00002.json"]
    with Store.open(out) as store:
        assert [r.source.path for r in store.records()] == [
            "000/plan-00000.txt",
            "000/plan-00002.txt",
        ]
    gone.rename(plans / "000" / "plan-00001.txt")
    assert counts(run()) == (3, 0, 3, 0)
    assert len(names(out)) == 3


class _Listener:
    """Somebody who writes down what a run says."""

    def __init__(self, said: list[str]) -> None:
        self.said = said
        self.steps: list[tuple[str, str]] = []

    def begin(self, total: int) -> None: ...
    def step(self, path: str, what: str, message: str) -> None:
        self.steps.append((path, what))

    def say(self, message: str) -> None:
        self.said.append(message)

    def end(self) -> None: ...


def test_same_stems_get_distinct_names_that_stay(run: Run, plans: Path, out: Path) -> None:
    for path in ("a/plan.txt", "b/PLAN.md", "b/Plan.txt", "con.txt", "x" * 200 + ".txt"):
        (plans / path).parent.mkdir(exist_ok=True)
        (plans / path).write_text(plan_text(len(path)), encoding="utf-8")
    run()
    first = {name: _source(out, name) for name in names(out)}
    assert len(first) == 8
    assert len({name.casefold() for name in first}) == 8
    assert first["plan.json"] == "a/plan.txt"
    assert not any(name.casefold().startswith("con.") for name in first)
    (plans / "0").mkdir()
    (plans / "0" / "plan.txt").write_text(plan_text(50), encoding="utf-8")  # sorts before a/plan
    run(Settings(ocr="off"))
    second = {name: _source(out, name) for name in names(out)}
    assert first.items() <= second.items()
    assert len(second) == 9


def _source(out: Path, name: str) -> str:
    return str(json.loads((out / "plans" / name).read_text(encoding="utf-8"))["source"]["path"])


def test_a_file_that_fails_is_named_and_tried_again(run: Run, plans: Path, out: Path) -> None:
    broken = plans / "000" / "plan-00001.txt"
    whole = broken.read_bytes()
    run()
    broken.write_bytes(b"")
    report = run()
    assert counts(report) == (3, 0, 2, 1)
    (failure,) = report.failures
    assert (failure["path"], failure["code"]) == ("000/plan-00001.txt", "unreadable")
    assert names(out) == ["plan-00000.json", "plan-00002.json"]
    assert json.loads((out / "run.json").read_text())["failures"] == report.failures
    assert run().failed == 1
    broken.write_bytes(whole)
    assert counts(run()) == (3, 1, 2, 0)
    assert len(names(out)) == 3


def test_an_error_of_the_program_costs_one_file(
    run: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = job.identify

    def identify(path: Path, *rest: Any, **options: Any) -> Any:
        if path.name == "plan-00001.txt":
            raise ZeroDivisionError("a mistake\nof ours")
        return real(path, *rest, **options)

    monkeypatch.setattr(job, "identify", identify)
    report = run()
    assert counts(report) == (3, 2, 0, 1)
    assert report.failures[0]["code"] == "unexpected"
    assert "ZeroDivisionError" in report.failures[0]["message"]
    assert "\n" not in report.failures[0]["message"]
    assert "Traceback" in (out / "run.log").read_text()


def test_out_inside_the_folder_is_not_read(plans: Path) -> None:
    for _ in range(2):
        report = run_folder(plans, plans / "out", engine=InProcess())
        assert report.found == 3
    assert report.skipped == 3


def test_the_store_mends_what_was_done_to_record_files(run: Run, out: Path) -> None:
    run()
    whole = {name: (out / "plans" / name).read_bytes() for name in names(out)}
    (out / "plans" / "plan-00000.json").write_bytes(b'{"torn')
    (out / "plans" / "plan-00001.json").unlink()
    stale = out / "plans" / "of-an-older-run.json"
    stale.write_bytes(whole["plan-00002.json"])
    leftover = out / "plans" / ".plan-00002-abcd1234.json"
    leftover.write_bytes(b"{")
    theirs = out / "plans" / "notes.json"
    theirs.write_text('{"mine": true}')
    run()
    assert not leftover.exists()
    assert not stale.exists()
    assert theirs.read_text() == '{"mine": true}'
    theirs.unlink()
    assert {name: (out / "plans" / name).read_bytes() for name in names(out)} == whole


def test_results_do_not_depend_on_the_engine(run: Run, plans: Path, tmp_path: Path) -> None:
    run()
    other = tmp_path / "other"
    run_folder(plans, other, Settings(workers=2))
    for part in ("plans/plan-00000.json", "plans/plan-00001.json", "plans/plan-00002.json"):
        assert (other / part).read_bytes() == (tmp_path / "out" / part).read_bytes()
    assert (other / "comparison.xlsx").read_bytes() == (
        tmp_path / "out" / "comparison.xlsx"
    ).read_bytes()


def test_names_and_order_of_files_do_not_change_the_audit(
    run: Run, plans: Path, out: Path, tmp_path: Path
) -> None:
    """The same contents under other names, so that they are met in another order."""
    run()
    other = tmp_path / "other"
    other.mkdir()
    for number, path in enumerate(sorted(plans.rglob("*.txt"), reverse=True)):
        (other / f"{number:03}.txt").write_bytes(path.read_bytes())
    run_folder(other, tmp_path / "other-out", engine=InProcess())

    def rows(place: Path) -> list[tuple[object, ...]]:
        with Store.open(place) as store:
            table = matrix.build(store.records(), ("PAR", "SIPAS", "PAPI", "PCI"))
        return [(row.unit, row.number, *(c.mark for c in row.cells)) for row in table.rows]

    assert rows(tmp_path / "other-out") == rows(out)


def test_a_file_more_changes_no_other_record(run: Run, plans: Path, out: Path) -> None:
    run()
    before = {path.name: path.read_bytes() for path in (out / "plans").iterdir()}
    (plans / "new.txt").write_text(plan_text(99), encoding="utf-8")
    run(fresh=True)
    after = {path.name: path.read_bytes() for path in (out / "plans").iterdir()}
    assert after.pop("new.json")
    assert after == before  # a run repeated gives the same bytes, too


def test_nothing_to_read_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    with pytest.raises(UsageError, match="does not exist"):
        run_folder(empty, tmp_path / "out")
    empty.mkdir()
    (empty / ".hidden.txt").write_text("hidden")
    with pytest.raises(UsageError, match="nothing to read"):
        run_folder(empty, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_out_that_cannot_be_is_told(plans: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the folder that is read"):
        run_folder(plans, plans)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="cannot be written"):
        run_folder(plans, file)
    with pytest.raises(UsageError, match="cannot be written"):
        run_folder(plans, file / "out")


def test_a_second_run_on_the_same_out_is_refused(run: Run, plans: Path, out: Path) -> None:
    run()
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom pipeline import output\n"
        "with output.opened(Path(sys.argv[1]), Path(sys.argv[2])):\n"
        "    print('held', flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(out), str(plans)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="another run"):
            run()
    finally:
        holder.kill()
        holder.communicate()
    assert run().skipped == 3  # the lock went with the process that held it


def test_a_full_disk_is_told_and_loses_nothing(
    run: Run, plans: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_bytes
    full = iter([False, False, True])

    def write_bytes(path: Path, data: bytes) -> int:
        if path.parent.name == "plans" and next(full, False):
            real(path, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(KehoachError, match=r"No space left on device.*free some space"):
        run()
    assert names(out) == ["plan-00000.json", "plan-00001.json"]
    assert json.loads((out / "run.json").read_text())["done"] == 2
    assert counts(run()) == (3, 0, 3, 0)
    assert len(names(out)) == 3


def test_an_interrupted_run_tells_what_it_did_and_goes_on(run: Run, out: Path) -> None:
    class Impatient(_Listener):
        def step(self, path: str, what: str, message: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(progress=Impatient([]))
    assert json.loads((out / "run.json").read_text())["done"] == 1
    assert counts(run()) == (3, 2, 1, 0)


def test_an_engine_that_stops_loses_nothing_that_it_has_given(run: Run, out: Path) -> None:
    class Stopping(InProcess):
        def map(
            self, function: Callable[[Any], Any], jobs: Iterable[Any]
        ) -> Generator[list[Outcome]]:
            for number, outcomes in enumerate(super().map(function, jobs)):
                yield outcomes
                if number == 1:
                    raise KehoachError("the scheduler is gone")

    with pytest.raises(KehoachError, match="is gone"):
        run(engine=Stopping())
    assert json.loads((out / "run.json").read_text())["done"] == 2
    assert counts(run()) == (3, 1, 2, 0)


def test_a_run_into_a_server(plans: Path, out: Path, postgresql: str) -> None:
    Store.discard(postgresql)
    settings = Settings(store=postgresql)
    assert counts(run_folder(plans, out, settings, engine=InProcess())) == (3, 3, 0, 0)
    assert counts(run_folder(plans, out, settings, engine=InProcess())) == (3, 0, 3, 0)
    assert not (out / "plans.sqlite").exists()
    with Store.open(postgresql) as store:
        assert len(store.records()) == len(names(out)) == 3


def test_what_lies_in_an_archive_is_read_under_the_archives_name(
    run: Run, plans: Path, out: Path
) -> None:
    with zipfile.ZipFile(plans / "sent.zip", "w") as archive:
        archive.writestr("ward/plan.txt", plan_text(17))
        archive.writestr("../outside.txt", plan_text(18))
    report = run()
    assert counts(report) == (5, 4, 0, 1)
    assert [failure["path"] for failure in report.failures] == ["sent.zip/../outside.txt"]
    assert not (plans.parent / "outside.txt").exists()
    with Store.open(out) as store:
        assert "sent.zip/ward/plan.txt" in {record.source.path for record in store.records()}
    assert counts(run()) == (5, 0, 4, 1)
