"""What a run tells while it goes: its status, its log, its metrics."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import free_port, wait_until
from plan_folders import write_plans

from pipeline.batch import run_folder
from pipeline.engine import InProcess
from pipeline.errors import KehoachError, UsageError
from pipeline.settings import Settings
from pipeline.telemetry import EventLog, FileEvent, Status, StatusFile, read_status, status_lines


def events(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "run.jsonl").read_text("utf-8").splitlines()]


def test_each_file_has_one_line_with_its_times(tmp_path: Path) -> None:
    plans = write_plans(tmp_path / "plans", 2)
    (plans / "rỗng.pdf").touch()
    for _ in range(2):
        run_folder(plans, tmp_path / "out", Settings(names=False), engine=InProcess())
    told = events(tmp_path / "out")
    first = [event for event in told if event["run"] == 1]
    assert [event["event"] for event in first] == ["begin", "file", "file", "file", "end"]
    by_path = {event["path"]: event for event in first if event["event"] == "file"}
    done = by_path["000/plan-00000.txt"]
    assert done["what"] == "done"
    assert set(done["seconds"]) == {
        "ingest", "extract", "restore", "segment", "entities", "normalize"
    }  # fmt: skip
    assert done["worker"] == str(os.getpid())
    assert done["words"] > 100
    failed = by_path["rỗng.pdf"]
    assert (failed["what"], failed["code"]) == ("failed", "unreadable")
    assert "is empty" in failed["message"]
    assert first[-1]["state"] == "done"
    second = [event for event in told if event["run"] == 2]  # what is unchanged is not told again
    assert [event.get("path") for event in second] == [None, "rỗng.pdf", None]


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text('{"event": "begin"}\n{"event": "fi')
    EventLog(tmp_path).begin(2, 0, "x")
    lines = (tmp_path / "run.jsonl").read_text().splitlines()
    assert [_parses(line) for line in lines] == [True, False, True]


def _parses(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_status_after_a_run(tmp_path: Path) -> None:
    plans = write_plans(tmp_path / "plans", 2)
    (plans / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    out = tmp_path / "out"
    run_folder(plans, out, Settings(names=False), engine=InProcess())
    status = read_status(out)
    assert (status.state, status.found, status.done, status.failed, status.left) == (
        "done", 3, 2, 1, 0
    )  # fmt: skip
    assert status.failures == {"unreadable": 1}
    assert status.seconds["restore"] > 0
    text = "\n".join(status_lines(status))
    assert "3 found: 2 done, 0 skipped, 1 failed, 0 left" in text
    assert "unreadable" in text


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_status_metrics_while_it_runs_and_after_it_was_killed(tmp_path: Path) -> None:
    plans = write_plans(tmp_path / "plans", 400)
    out = tmp_path / "out"
    port = free_port()
    command = [sys.executable, "-m", "pipeline", "run", str(plans), "--out", str(out), "-w", "1"]
    run = subprocess.Popen(
        [*command, "--metrics-port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "KEHOACH_NAMES": "false"},
    )
    try:
        wait_until(lambda: run.poll() is not None or _done(out) > 3, 120)
        status = read_status(out)
        assert status.state == "running"
        assert status.found == 400
        assert 0 < status.left < 400
        assert status.pid == run.pid
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            metrics = answer.read().decode()
        values = dict(
            line.rsplit(" ", 1) for line in metrics.splitlines() if not line.startswith("#")
        )
        assert float(values["kehoach_files_found"]) == 400
        assert float(values['kehoach_files_total{outcome="done"}']) > 3
        assert float(values['kehoach_stage_seconds_total{stage="restore"}']) > 0
        assert float(values["process_resident_memory_bytes"]) > 10**7
    finally:
        run.kill()
        run.communicate()
    status = read_status(out)
    assert status.state == "stopped"
    assert "goes on from here" in status.message
    assert "run 1: stopped" in next(iter(status_lines(status)))


def _done(out: Path) -> int:
    try:
        return read_status(out).done
    except KehoachError:
        return 0


def test_the_rate_is_that_of_the_last_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    file = StatusFile(tmp_path)
    file.begin(1, 10_000, "x")
    for number in range(600):
        now[0] += 0.1 if number < 300 else 0.5  # ten a second, then two
        file.file(FileEvent("x", "done"))
    assert read_status(tmp_path).rate == pytest.approx(2.0, rel=0.05)


def test_no_run_and_a_damaged_status_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run to be seen"):
        read_status(tmp_path)
    (tmp_path / "status.json").write_text("{torn")
    with pytest.raises(KehoachError, match="damaged"):
        read_status(tmp_path)


def test_what_cannot_be_told_costs_the_run_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in ("run.jsonl", "status.json"):
        (out / name).mkdir(parents=True)
    assert run_folder(write_plans(tmp_path / "plans", 1), out, engine=InProcess()).done == 1


def test_a_port_that_is_taken_and_a_missing_extra_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    plans = write_plans(tmp_path / "plans", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(metrics_port=taken.getsockname()[1])
        with pytest.raises(UsageError, match="another --metrics-port"):
            run_folder(plans, tmp_path / "out", settings, engine=InProcess())
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(UsageError, match=r"kehoach\[metrics\]"):
        run_folder(plans, tmp_path / "out", settings, engine=InProcess())


def test_left_is_never_less_than_nothing() -> None:
    assert Status(found=1, done=2).left == 0
