"""Runs that are killed (kill -9, Ctrl-C) at any point, and go on where they were."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from plan_folders import write_plans

from pipeline.batch import run_folder
from pipeline.engine import InProcess
from pipeline.errors import EXIT_INTERRUPTED, EXIT_OK
from pipeline.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9")
FILES = 40


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plans(tmp_path_factory.mktemp("plans"), FILES)


@pytest.fixture(scope="module")
def undisturbed(plans: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    run_folder(plans, out, engine=InProcess())
    return results(out)


def results(out: Path) -> dict[str, bytes]:
    """What a run leaves, byte for byte: record files, workbook, records and edits of the store."""
    found = {path.name: path.read_bytes() for path in (out / "plans").iterdir()}
    with zipfile.ZipFile(out / "comparison.xlsx") as book:
        # Links to the documents are relative to OUT, which is elsewhere in each test.
        members = [name for name in book.namelist() if not name.endswith(".rels")]
        found |= {f"comparison.xlsx/{name}": book.read(name) for name in members}
    with Store.open(out) as store:
        for name, text in store.record_texts():
            found[f"store/{name}"] = text.encode()
        for record in store.records():
            edits = store.edits(record.source.path)
            found[f"edits/{record.source.path}"] = repr(edits).encode()
    return found


def start(plans: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline", "run", str(plans), "--out", str(out), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def done_in(out: Path) -> int:
    """How many documents are done, seen from outside, without disturbing the run."""
    try:
        connection = sqlite3.connect(f"{(out / 'plans.sqlite').as_uri()}?mode=ro", uri=True)
        with connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM documents WHERE status = 'done'"
            ).fetchone()
        connection.close()
    except sqlite3.Error:
        return 0
    return int(count)


def wait_for(out: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None and done_in(out) < count:
        time.sleep(0.01)


def torn(out: Path) -> list[str]:
    """Record files that are no whole JSON (leftovers of writing do not count as records)."""
    bad = []
    for path in (out / "plans").glob("[!.]*.json"):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            bad.append(path.name)
    return bad


def test_kill_9_at_random_points_loses_nothing(
    plans: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    chance = random.Random(2025)
    out = tmp_path / "out"
    done = 0
    for goal in (0, 1, 15, FILES):
        process = start(plans, out, "--workers", "2")
        if goal == 0:
            time.sleep(chance.uniform(0.3, 1.0))
        wait_for(out, goal, process)
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.communicate()
        assert not torn(out)
        before, done = done, done_in(out)
        assert done >= max(before, min(goal, FILES))
    process = start(plans, out)
    _, told = process.communicate()
    assert process.returncode == EXIT_OK, told
    report = json.loads((out / "run.json").read_text())
    assert (report["done"], report["skipped"]) == (FILES - done, done)
    assert results(out) == undisturbed
    assert not list((out / "plans").glob(".*"))


def test_kill_9_while_results_are_exported(
    plans: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    run_folder(plans, out, engine=InProcess())
    for wait in (0.1, 0.4):
        (out / "comparison.xlsx").unlink(missing_ok=True)
        process = start(plans, out)
        while process.poll() is None and not list(out.glob(".comparison-*")):
            time.sleep(0.002)
        time.sleep(wait * 0.05)
        process.kill()
        process.communicate()
    process = start(plans, out)
    process.communicate()
    assert process.returncode == EXIT_OK
    assert results(out) == undisturbed
    assert sorted(path.name for path in out.glob(".*")) == [".lock"]


def test_killed_workers_cost_no_file(
    plans: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    process = start(plans, out, "--workers", "2")
    for goal in (1, 8, 16):
        wait_for(out, goal, process)
        victims = [
            child
            for child in psutil.Process(process.pid).children()
            if child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline())
        ]
        for victim in victims[:1]:
            victim.kill()
    _, told = process.communicate()
    assert process.returncode == EXIT_OK, told
    assert results(out) == undisturbed


def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(
    plans: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    process = start(plans, out, "--workers", "2")
    wait_for(out, 3, process)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == EXIT_INTERRUPTED
    assert b"Traceback" not in told
    assert told.decode().splitlines()[-1].startswith("kehoach: interrupted")
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
    assert json.loads((out / "run.json").read_text())["done"] == done_in(out) < FILES
    process = start(plans, out)
    process.communicate()
    assert process.returncode == EXIT_OK
    assert results(out) == undisturbed
