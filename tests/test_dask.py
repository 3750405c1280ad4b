"""The Dask engine with a real scheduler and real workers: the same results, whatever ends when."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from dask_cluster import Cluster, end, free_port, started, wait_until
from plan_folders import write_plans
from test_engine import behave

from pipeline import dask_engine
from pipeline.batch import run_folder
from pipeline.dask_engine import DaskEngine
from pipeline.dask_worker import Work
from pipeline.engine import InProcess, Outcome
from pipeline.errors import EXIT_INTERRUPTED, KehoachError, ModelError, UsageError
from pipeline.settings import Settings
from pipeline.worker import Limits

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9")


def act(job: tuple[str, Any]) -> Any:
    """What the jobs of these tests do, by name."""
    kind, value = job
    return _ACTS[kind](value) if kind in _ACTS else behave(job)


def _kill_dask_worker(note: str) -> None:
    with Path(note).open("a") as file:
        file.write("x")
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


def _kill_child(note: str) -> None:
    with Path(note).open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def _maps(_: Any) -> tuple[int, list[str]]:
    from pipeline.restore.engine import models

    models()
    lines = Path("/proc/self/maps").read_text().splitlines()
    return os.getpid(), sorted({x.split()[-1] for x in lines if "/lm/" in x and x.endswith(".npy")})


_ACTS: dict[str, Callable[[Any], Any]] = {
    "kill worker": _kill_dask_worker,
    "kill child": _kill_child,
    "maps": _maps,
    "sleep": lambda seconds: time.sleep(seconds) or seconds,
}


def dask(scheduler: str | None = None, **options: Any) -> DaskEngine:
    limits = Limits(options.pop("timeout", 30.0), options.pop("max_memory", 2 * 2**30))
    return DaskEngine(scheduler, options.pop("workers", 2), limits, **options)


def outcomes(engine: DaskEngine, jobs: Iterable[Any]) -> list[Outcome]:
    with contextlib.closing(engine.map(act, jobs)) as batches:
        return [outcome for batch in batches for outcome in batch]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started(tmp_path_factory.mktemp("dask"), workers=2) as made:
        yield made


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """One that a test may damage."""
    with started(tmp_path, workers=1) as made:
        yield made


def test_results_are_the_same_to_the_byte_on_every_engine(tmp_path: Path, cluster: Cluster) -> None:
    plans = write_plans(tmp_path / "plans", 5)
    (plans / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    engines = {
        "here": InProcess(),
        "local cluster": dask(workers=2, timeout=300.0),
        "scheduler": dask(cluster.address, timeout=300.0),
    }
    made: dict[str, dict[str, bytes]] = {}
    for name, engine in engines.items():
        out = tmp_path / name
        report = run_folder(plans, out, Settings(names=False), engine=engine)
        assert (report.done, report.failed) == (5, 1)
        made[name] = {p.name: p.read_bytes() for p in (out / "plans").iterdir()}
        made[name]["book"] = (out / "comparison.xlsx").read_bytes()
    assert made["local cluster"] == made["here"]
    assert made["scheduler"] == made["here"]


def test_whatever_a_job_does_the_others_come_back(cluster: Cluster, tmp_path: Path) -> None:
    note = tmp_path / "note"
    others = [("echo", number) for number in range(30)]
    bad: dict[str, tuple[str, Any]] = {
        "killed": ("kill child", str(note)),
        "hung": ("hang", None),
        "large": ("eat", 3 * 2**30),
        "once": ("crash once", str(tmp_path / "once")),
        "error": ("raise", ValueError("what is this?")),
    }
    jobs = [*others[:10], *bad.values(), *others[10:]]
    engine = dask(cluster.address, timeout=6.0, max_memory=300 * 2**20)
    found = {str(outcome.job): outcome for outcome in outcomes(engine, jobs)}
    assert len(found) == len(jobs)
    assert sorted(o.result for o in found.values() if o.job[0] == "echo") == list(range(30))
    bad_ones = {name: found[str(job)] for name, job in bad.items()}
    assert {name: outcome.code for name, outcome in bad_ones.items()} == {
        "killed": "crashed", "hung": "timeout", "large": "crashed", "once": None,
        "error": "unexpected",
    }  # fmt: skip
    assert "SIGKILL" in bad_ones["killed"].message
    assert note.read_text() == "xx"  # tried twice, then set aside
    assert "memory" in bad_ones["large"].message
    assert bad_ones["once"].result == "second try"
    assert all(o.worker.startswith("tcp://127.0.0.1") for o in found.values() if not o.code)


def test_models_are_mapped_and_loaded_once_in_a_worker(own_cluster: Cluster) -> None:
    found = [o.result for o in outcomes(dask(own_cluster.address), [("maps", n) for n in range(3)])]
    assert len({pid for pid, _ in found}) == 1
    assert all(any("records.npy" in name for name in files) for _, files in found)


def test_jobs_are_taken_only_when_they_can_be_done(cluster: Cluster) -> None:
    taken = 0

    def jobs() -> Iterator[Any]:
        nonlocal taken
        for number in range(300):
            taken += 1
            yield "echo", number

    ahead, done = [], 0
    with contextlib.closing(dask(cluster.address).map(act, jobs())) as batches:
        for batch in batches:
            done += len(batch)
            ahead.append(taken - done)
    assert done == taken == 300
    assert max(ahead) <= 2 * dask_engine.AHEAD * 2


def test_a_cluster_of_our_own_keeps_no_jobs() -> None:
    """Dask's own logs hold tasks, with the jobs in them: as many as they are told to."""
    jobs = [("echo", number) for number in range(100)]
    done = 0
    with contextlib.closing(dask(workers=1).map(act, jobs)) as batches:
        while done < len(jobs):
            done += len(next(batches))
        held = sum(isinstance(thing, Work) for thing in gc.get_objects())
    assert held < 40


def test_a_job_that_ends_every_dask_worker_is_set_aside(tmp_path: Path) -> None:
    note = tmp_path / "note"
    jobs = [("echo", 1), ("kill worker", str(note)), *(("echo", n) for n in range(2, 8))]
    found = outcomes(dask(workers=2), jobs)
    assert sorted(o.result for o in found if o.code is None) == list(range(1, 8))
    (bad,) = [o for o in found if o.code]
    assert bad.job[0] == "kill worker"
    assert bad.code == "crashed"
    assert "set aside" in bad.message
    assert 2 <= len(note.read_text()) <= 4


def test_a_worker_that_is_killed_costs_no_file(own_cluster: Cluster) -> None:
    """The only worker there is ends while it has a file and another one waits."""
    jobs = [("sleep", 0.1 + number / 1000) for number in range(8)]
    found: list[Outcome] = []
    with contextlib.closing(dask(own_cluster.address).map(act, jobs)) as batches:
        for batch in batches:
            if batch and not found:
                end(own_cluster.workers[0].pid)
                own_cluster.start_worker()
            found += batch
    assert sorted(o.result for o in found) == [value for _, value in jobs]


def test_a_scheduler_that_comes_back_is_given_the_work_again(own_cluster: Cluster) -> None:
    said: list[str] = []

    jobs = [("sleep", 0.1 + number / 1000) for number in range(8)]
    found: list[Outcome] = []
    is_back = False
    engine = dask(own_cluster.address, patience=120.0, say=said.append)
    with contextlib.closing(engine.map(act, jobs)) as batches:
        for batch in batches:
            if batch and not found:
                own_cluster.kill_scheduler()
            if said and not is_back:
                is_back = True
                own_cluster.start_scheduler()
                own_cluster.start_worker()
            found += batch
    assert sorted(o.result for o in found) == [value for _, value in jobs]
    assert any("does not answer" in message for message in said)


def test_a_scheduler_that_is_lost_ends_the_run_with_one_sentence(own_cluster: Cluster) -> None:
    assert len(outcomes(dask(own_cluster.address), [("echo", 1)])) == 1  # the worker is there
    engine = dask(own_cluster.address, patience=5.0)
    with contextlib.closing(engine.map(act, (("echo", n) for n in range(100_000)))) as batches:
        next(batch for batch in batches if batch)
        own_cluster.kill_scheduler()
        with pytest.raises(KehoachError, match=r"gone.*run again: what is done is kept"):
            list(batches)


def test_a_cluster_without_workers_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    with started(tmp_path, workers=0) as empty, pytest.raises(KehoachError, match="no worker"):
        outcomes(dask(empty.address, patience=7.0, say=said.append), [("echo", 1)])
    assert said == ["the Dask scheduler has no worker; waiting 7 seconds"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:{free}", "no Dask scheduler answers"),
        ("nowhere", "is no address"),
        ("tcp://127.0.0.1:99999999", "is no address"),
    ],
)
def test_an_address_without_scheduler_is_told(address: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        outcomes(dask(address.format(free=free_port())), [("echo", 1)])


def test_another_version_on_a_worker_ends_the_run(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_engine, "results_version", lambda: "99.0+models.0")
    with pytest.raises(KehoachError, match=r"has kehoach .* this run 99\.0"):
        outcomes(dask(cluster.address), [("echo", 1)])


def test_a_broken_model_on_a_worker_ends_the_run_with_its_own_words(cluster: Cluster) -> None:
    with pytest.raises(ModelError, match="reinstall"):
        outcomes(dask(cluster.address), [("raise", ModelError("damaged; reinstall kehoach"))])


def test_ctrl_c_ends_all_and_shows_no_traceback(tmp_path: Path) -> None:
    """The key reaches the run and every worker, as in a terminal."""
    plans = write_plans(tmp_path / "plans", 300)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pipeline", "run", str(plans), "--out", str(out)]
    run = subprocess.Popen(
        [*command, "--engine", "dask", "-w", "2"], start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "KEHOACH_NAMES": "false"},
    )  # fmt: skip
    wait_until(lambda: run.poll() is not None or len(list(out.glob("plans/p*.json"))) > 2, 120)
    family = psutil.Process(run.pid).children(recursive=True)
    assert len(family) >= 4
    os.killpg(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode == EXIT_INTERRUPTED, told
    assert b"Traceback" not in told
    assert told.decode().splitlines()[-1].startswith("kehoach: interrupted")
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive


def test_without_the_extra_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"kehoach\[dask\]"):
        outcomes(dask(), [("echo", 1)])


def test_children_end_with_the_run_and_with_the_dask_worker(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    note = tmp_path / "child"
    (pid,) = [o.result for o in outcomes(dask(own_cluster.address), [("pid", 1)])]
    wait_until(lambda: not _runs(pid), 10)
    running = dask(own_cluster.address, timeout=100.0).map(act, [("child", str(note))])
    with contextlib.closing(running):
        wait_until(lambda: next(running) == [] and note.exists() and note.read_text(), 60)
        end(own_cluster.workers[0].pid)
        wait_until(lambda: not _runs(int(note.read_text())), 10)


def _runs(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
