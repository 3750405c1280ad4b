"""The engine with real processes: whatever one job does, the others come back."""

from __future__ import annotations

import contextlib
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

from pipeline.engine import InProcess, LocalPool, Outcome
from pipeline.errors import KehoachError, ModelError, UnreadableError
from pipeline.worker import Limits, cores, off_the_clock

MEGABYTE = 2**20


def behave(job: tuple[str, Any]) -> Any:
    """What the jobs of these tests do, by name."""
    kind, value = job
    return _BEHAVIOURS[kind](value)


def _hang_outside_python(_: Any) -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    time.sleep(600)


def _eat(limit: int) -> int:
    held = []
    for _ in range(0, limit, 10 * MEGABYTE):
        held.append(bytearray(os.urandom(1024)) * (10 * 1024))
        time.sleep(0.02)
    return len(held)


def _start_child_and_hang(note: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(note).write_text(str(child.pid))
    time.sleep(600)


def _eat_in_child(note: str) -> None:
    code = "import time; held = bytearray(b'x') * (400 * 2**20); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code])
    Path(note).write_text(str(child.pid))
    child.wait()


def _crash_once(note: str) -> str:
    path = Path(note)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "second try"


def _segfault(_: Any) -> None:
    import ctypes

    ctypes.string_at(0)


def _raise(error: Exception) -> None:
    raise error


def _load_slowly(seconds: float) -> str:
    with off_the_clock():
        time.sleep(seconds)
    return "loaded"


_BEHAVIOURS: dict[str, Callable[[Any], Any]] = {
    "echo": lambda value: value,
    "exit": os._exit,
    "abort": lambda _: os.abort(),
    "segfault": _segfault,
    "hang": _hang_outside_python,
    "spin": lambda _: [None for _ in iter(int, 1)],
    "eat": _eat,
    "huge": lambda _: bytearray(2**50),
    "child": _start_child_and_hang,
    "child eats": _eat_in_child,
    "crash once": _crash_once,
    "raise": _raise,
    "unpicklable": lambda _: lambda: None,
    "cores": lambda _: cores(),
    "pid": lambda _: os.getpid(),
    "print": lambda value: print(value, file=sys.stderr),
    "load": _load_slowly,
    "recurse": lambda value: _BEHAVIOURS["recurse"](value),
}


def pool(**options: Any) -> LocalPool:
    limits = Limits(options.pop("timeout", 30.0), options.pop("max_memory", 2 * 2**30))
    return LocalPool(workers=options.pop("workers", 2), limits=limits, **options)


def outcomes(engine: LocalPool | InProcess, jobs: Iterable[Any]) -> dict[Any, Outcome]:
    return {str(outcome.job): outcome for outcome in results(engine, jobs)}


def results(engine: LocalPool | InProcess, jobs: Iterable[Any]) -> Iterator[Outcome]:
    for batch in engine.map(behave, jobs):
        yield from batch


def only(engine: LocalPool | InProcess, job: Any) -> Outcome:
    """The outcome of one job that stands between others, which must all come back."""
    others = [("echo", number) for number in range(6)]
    found = list(results(engine, [*others[:3], job, *others[3:]]))
    assert sorted(o.result for o in found if o.job[0] == "echo") == list(range(6))
    (mine,) = [o for o in found if o.job == job]
    return mine


@pytest.mark.parametrize("engine", [InProcess(), pool(workers=1), pool(workers=3)])
def test_every_job_comes_back_once(engine: LocalPool | InProcess) -> None:
    jobs = [("echo", number) for number in range(100)]
    found = [outcome.result for outcome in results(engine, jobs)]
    assert sorted(found) == list(range(100))


@pytest.mark.parametrize(("jobs", "each"), [(1, 4), (2, 2), (3, 1), (5, 1)])
def test_cores_of_idle_workers_are_given_to_the_others(jobs: int, each: int) -> None:
    found = results(pool(workers=4), [("cores", number) for number in range(jobs)])
    assert [outcome.result for outcome in found] == [each] * jobs


def test_nothing_to_do_starts_nothing() -> None:
    assert list(results(pool(), [])) == []


@pytest.mark.parametrize(
    ("job", "code", "words"),
    [
        (("exit", 3), "crashed", "exit code 3"),
        (("exit", 0), "crashed", "exit code 0"),
        (("abort", None), "crashed", "SIGABRT"),
        (("segfault", None), "crashed", "SIGSEGV"),
        (("huge", None), "crashed", "memory"),
        (("raise", UnreadableError("x.pdf is empty")), "unreadable", "x.pdf is empty"),
        (("raise", ValueError("what is this?")), "unexpected", "ValueError: what is this?"),
        (("unpicklable", None), "unexpected", ""),
        (("recurse", 1), "unexpected", "RecursionError"),
    ],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.skipif(os.name != "posix", reason="names of signals")
def test_a_job_that_fails_costs_itself_alone(job: Any, code: str, words: str) -> None:
    outcome = only(pool(), job)
    assert (outcome.code, outcome.result) == (code, None)
    assert words in outcome.message
    assert "Traceback" not in outcome.message
    assert "\n" not in outcome.message


@pytest.mark.parametrize("kind", ["hang", "spin"])
def test_a_job_that_hangs_is_stopped(kind: str) -> None:
    outcome = only(pool(timeout=3.0), (kind, None))
    assert outcome.code == "timeout"
    assert "3 seconds" in outcome.message


def test_time_to_load_is_not_held_against_the_file() -> None:
    assert only(pool(timeout=3.0), ("load", 4.0)).result == "loaded"


def test_a_job_that_eats_memory_is_stopped() -> None:
    outcome = only(pool(max_memory=300 * MEGABYTE), ("eat", 2_000 * MEGABYTE))
    assert outcome.code == "crashed"
    assert "memory" in outcome.message


def _ended(note: Path) -> bool:
    """Whether the process whose number stands in ``note`` ends within five seconds."""
    number = int(note.read_text())
    for _ in range(50):
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return True
    return False


def test_what_a_stopped_job_started_is_stopped_too(tmp_path: Path) -> None:
    note = tmp_path / "child"
    assert only(pool(timeout=4.0), ("child", str(note))).code == "timeout"
    assert _ended(note)


def test_memory_of_programs_that_a_job_starts_counts(tmp_path: Path) -> None:
    note = tmp_path / "child"
    outcome = only(pool(max_memory=300 * MEGABYTE), ("child eats", str(note)))
    assert "memory" in outcome.message
    assert _ended(note)


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_worker_killed_from_outside_does_not_cost_its_file(tmp_path: Path) -> None:
    assert only(pool(), ("crash once", str(tmp_path / "note"))).result == "second try"


def test_workers_live_on_from_file_to_file() -> None:
    found = outcomes(pool(workers=1), [("pid", number) for number in range(20)])
    assert len({outcome.result for outcome in found.values()}) == 1
    assert os.getpid() not in {outcome.result for outcome in found.values()}


def test_jobs_are_taken_only_when_they_can_be_done() -> None:
    taken = 0

    def jobs() -> Iterable[Any]:
        nonlocal taken
        for number in range(200):
            taken += 1
            yield "echo", number

    ahead = [taken - done for done, _ in enumerate(results(pool(), jobs()))]
    assert taken == 200
    assert max(ahead) <= 8


def test_no_worker_outlives_the_loop() -> None:
    running = pool(workers=2).map(behave, [("pid", 1), ("hang", 2), ("hang", 3)])
    with contextlib.closing(running):
        first = next(batch for batch in running if batch)[0].result
    assert not psutil.pid_exists(first) or not psutil.Process(first).is_running()
    assert not [c for c in psutil.Process().children() if "spawn_main" in " ".join(c.cmdline())]


@pytest.mark.parametrize("engine", [InProcess(), pool()])
def test_a_broken_model_stops_the_run_with_its_own_words(engine: LocalPool | InProcess) -> None:
    with pytest.raises(ModelError, match="reinstall kehoach"):
        list(engine.map(behave, [("raise", ModelError("the model is damaged; reinstall kehoach"))]))


def test_workers_print_into_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "run.log"
    list(pool(log=log).map(behave, [("print", "a note"), ("raise", ValueError("details"))]))
    text = log.read_text(encoding="utf-8")
    assert "a note" in text
    assert "Traceback" in text
    assert capfd.readouterr() == ("", "")


class _Unloadable:
    """A function that cannot be loaded in a worker."""

    def __reduce__(self) -> Any:
        return (_fail_to_load, ())

    def __call__(self, job: Any) -> Any:
        return job


def _fail_to_load() -> Any:
    os._exit(7)


def test_workers_that_cannot_start_end_the_run_with_one_sentence() -> None:
    with pytest.raises(KehoachError, match="cannot be started"):
        list(pool(workers=1).map(_Unloadable(), [1, 2]))


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "child"
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "if __name__ == '__main__':\n"
        "    from test_engine import behave, pool\n"
        "    list(pool(workers=1).map(behave, [('child', sys.argv[2])]))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script), str(Path(__file__).parent), str(note)])
    for _ in range(200):
        if note.exists() and note.read_text():
            break
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    assert _ended(note)
