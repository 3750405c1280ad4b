"""What fails around a run, injected for real: it goes on, or stops with one sentence and resumes.

Workers that are killed and time out: ``test_engine``, ``test_resume``, ``test_dask``; a database
that is gone: ``store/test_patience``; an object store that is gone: ``ingest/test_remote``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from broken_files import WAYS, write_broken
from dask_cluster import started, wait_until
from plan_folders import write_plans

from pipeline.batch import run_folder
from pipeline.engine import InProcess
from pipeline.settings import Settings
from pipeline.telemetry import read_status

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts of Linux")
ROOT = Path(__file__).resolve().parent.parent
QUICK = {"KEHOACH_NAMES": "false"}  # the recogniser of names takes long to load


def kehoach(
    *arguments: str | Path, path: Path = ROOT, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The command as a user runs it; it never shows a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        capture_output=True, check=False, timeout=300, preexec_fn=before, cwd=path,
        env={**os.environ, **QUICK, "PYTHONPATH": str(path)},
    )  # fmt: skip
    assert b"Traceback" not in done.stdout + done.stderr
    return done


def last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode().splitlines()[-1]


def results(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "plans").iterdir()}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plans(tmp_path_factory.mktemp("plans"), 12)


@pytest.fixture(scope="module")
def undisturbed(plans: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    run_folder(plans, out, Settings(names=False), engine=InProcess())
    return results(out)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_full_is_told_and_the_run_resumes(
    plans: Path, small_disk: Path, undisturbed: dict[str, bytes]
) -> None:
    out = small_disk / "out"
    done = kehoach("run", plans, "--out", out, "-w", "1")
    assert done.returncode == 1
    assert "free some space and run again, what is done is kept" in last_line(done)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    again = kehoach("run", plans, "--out", out, "-w", "1")
    assert again.returncode == 0, again.stderr
    report = json.loads((out / "run.json").read_text())
    assert report["done"] + report["skipped"] == 12
    assert report["skipped"] > 0
    assert results(out) == undisturbed


def test_a_file_that_may_not_grow_is_told_and_the_run_resumes(
    plans: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    """The store reaches the size that a quota allows."""
    out = tmp_path / "out"

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    done = kehoach("run", plans, "--out", out, "-w", "1", before=limited)
    assert done.returncode == 1
    assert last_line(done).startswith("kehoach: ")
    assert "run again" in last_line(done)
    assert kehoach("run", plans, "--out", out, "-w", "1").returncode == 0
    assert results(out) == undisturbed


_POISON = """
import os, signal, sys
from pipeline import ingest
real = ingest.identify
def identify(path, *rest, **options):
    if path.name.startswith("poison") or options.get("name", "").startswith("poison"):
        with open(os.environ["POISON_NOTE"], "a") as note:
            note.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return real(path, *rest, **options)
ingest.identify = identify
"""


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_file_that_poisons_each_worker_is_named_and_set_aside(
    tmp_path: Path, plans: Path, undisturbed: dict[str, bytes], engine: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Every worker process that opens the file is killed, in the real program."""
    folder = tmp_path / "plans"
    shutil.copytree(plans, folder)
    (folder / "poison.txt").write_text("x")
    note = tmp_path / "note"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "poisoned.py").write_text(_POISON)
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pipeline.job':\n"
        "            sys.meta_path.remove(self)\n"
        "            import poisoned\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    monkeypatch.setenv("POISON_NOTE", str(note))
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{tmp_path / 'site'}")
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "run", folder, "--out", out, "-w", "2",
         "--engine", engine],
        capture_output=True, check=False, timeout=300, cwd=ROOT, env={**os.environ, **QUICK},
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    report = json.loads((out / "run.json").read_text())
    assert report["done"] == 12
    (failure,) = report["failures"]
    assert (failure["path"], failure["code"]) == ("poison.txt", "crashed")
    assert "SIGKILL" in failure["message"]
    assert "set aside" in failure["message"]
    assert note.read_text() == "xx"
    assert results(out) == undisturbed


def test_a_scheduler_that_is_lost_stops_the_run_and_the_next_one_goes_on(
    tmp_path: Path, plans: Path, undisturbed: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    with started(tmp_path, workers=1) as cluster:
        command = [sys.executable, "-m", "pipeline", "run", str(plans), "--out", str(out)]
        environment = {**os.environ, **QUICK, "PYTHONPATH": str(ROOT), "KEHOACH_PATIENCE": "10"}
        run = subprocess.Popen(
            [*command, "--scheduler", cluster.address],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
        )  # fmt: skip
        wait_until(lambda: run.poll() is not None or list((out / "plans").glob("p*.json")), 120)
        cluster.kill_scheduler()
        _, told = run.communicate(timeout=120)
        assert run.returncode == 1, told
        line = told.decode().splitlines()[-1]
        assert "scheduler" in line
        assert "run again: what is done is kept" in line
        assert b"Traceback" not in told
        status = read_status(out)
        assert status.state == "stopped"
        assert status.message in line
        cluster.start_scheduler()
        cluster.start_worker()
        again = subprocess.run(
            [*command, "--scheduler", cluster.address],
            capture_output=True, env=environment, timeout=300,
        )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert json.loads((out / "run.json").read_text())["skipped"] > 0
    assert results(out) == undisturbed


@pytest.mark.parametrize(
    "model",
    ["restoration/lm/records.npy", "restoration/rescorer/rescorer.npz", "ner/model/ner/model"],
)
def test_a_damaged_model_stops_the_run_with_one_sentence(
    tmp_path: Path, plans: Path, model: str
) -> None:
    place = tmp_path / "kehoach"
    shutil.copytree(ROOT / "pipeline", place / "pipeline")
    shutil.copytree(
        ROOT / "models", place / "models", copy_function=os.link,
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    path = place / "models" / model
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.unlink()
    path.write_bytes(half)
    done = subprocess.run(
        [sys.executable, "-c", _READ_ONE, str(plans), str(tmp_path / "out")],
        capture_output=True, check=False, timeout=300, cwd=place,
        env={**os.environ, "PYTHONPATH": str(place)},
    )  # fmt: skip
    line = last_line(done)
    assert done.returncode == 1, done.stderr
    assert line.startswith("ModelError: ")
    assert "install kehoach again" in line
    assert json.loads((tmp_path / "out" / "run.json").read_text())["failed"] == 0


_READ_ONE = """
import sys
from pathlib import Path
from pipeline.batch import run_folder
from pipeline.engine import InProcess
from pipeline.errors import ModelError
Path(sys.argv[1], "000", "lost.txt").write_text("Ke hoach tuyen truyen cai cach hanh chinh " * 30)
try:
    run_folder(sys.argv[1], sys.argv[2], engine=InProcess())
except ModelError as error:
    sys.exit(f"ModelError: {error}")
"""


def test_files_broken_in_twenty_ways_are_each_named(tmp_path: Path) -> None:
    folder = write_plans(tmp_path / "plans", 10)
    bad = write_broken(folder, len(WAYS))
    started_at = time.monotonic()
    done = kehoach("run", folder, "--out", tmp_path / "out", "-w", "2", "--timeout", "60")
    assert done.returncode == 4
    report = json.loads((tmp_path / "out" / "run.json").read_text())
    assert report["done"] == 10
    assert {failure["path"] for failure in report["failures"]} == set(bad)
    assert not [f for f in report["failures"] if f["code"] in ("unexpected", "timeout", "crashed")]
    assert all(len(failure["message"]) > 15 for failure in report["failures"])
    assert time.monotonic() - started_at < 240
