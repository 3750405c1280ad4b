"""Files behind URLs: a real S3 server on loopback, and what can go wrong with it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import free_port
from dask_cluster import started as dask_started
from plan_folders import plan_text, write_plans
from s3_server import BUCKET, client, environment
from s3_server import started as s3_started

from pipeline.batch import run_folder
from pipeline.dask_engine import DaskEngine
from pipeline.engine import InProcess
from pipeline.errors import SourceError, UnreadableError, UsageError
from pipeline.ingest import remote
from pipeline.ingest.remote import fetch, find_remote, is_url, local_folder
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.worker import Limits

pytest.importorskip("s3fs", reason="kehoach[s3] is not installed")
pytest.importorskip("moto", reason="moto is not installed")


_QUICK = Settings(names=False)  # the recogniser of names takes long to load


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_started(tmp_path_factory.mktemp("s3") / "log") as address:
        yield address


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client, with an empty bucket that the program reaches by its environment."""
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    made: Any = client(server)
    made.create_bucket(Bucket=BUCKET)
    remote._opened.cache_clear()
    yield made
    for entry in made.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        made.delete_object(Bucket=BUCKET, Key=entry["Key"])
    made.delete_bucket(Bucket=BUCKET)
    remote._opened.cache_clear()


def put(s3: Any, **objects: bytes | str) -> None:
    for key, body in objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def put_plans(s3: Any, count: int) -> None:
    put(s3, **{f"tinh/{n // 2:03}/plan-{n:05}.txt": plan_text(n) for n in range(count)})


def results(out: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in (out / "plans").iterdir()}
    with Store.open(out) as store:
        return found | {f"store/{name}": text.encode() for name, text in store.record_texts()}


def test_a_bucket_is_read_like_a_folder_on_every_engine(s3: Any, tmp_path: Path) -> None:
    """The same bytes from the folder and from the bucket, here and on workers over TCP."""
    put_plans(s3, 4)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("xã/kế hoạch.txt", plan_text(17))
        packed.writestr("../outside.txt", plan_text(18))
    put(s3, **{"tinh/gui.zip": archive.getvalue(), "tinh/trống.pdf": b"", "tinh/~$x.docx": b"x"})
    folder = tmp_path / "folder"
    for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        path = folder / entry["Key"].removeprefix("tinh/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read())
    reports, made = [], []
    with dask_started(tmp_path, workers=1) as cluster:
        limits = Limits(300.0, 2**32)
        for number, (place, engine) in enumerate([
            (str(folder), InProcess()),
            (folder.as_uri(), InProcess()),
            (f"s3://{BUCKET}/tinh", InProcess()),
            (f"s3://{BUCKET}/tinh/", DaskEngine(cluster.address, 1, limits)),
            (str(folder), DaskEngine(cluster.address, 1, limits)),
        ]):  # fmt: skip
            out = tmp_path / f"out-{number}"
            reports.append(run_folder(place, out, _QUICK, engine=engine))
            made.append(results(out))
    assert {(r.found, r.done, r.failed) for r in reports} == {(7, 5, 2)}
    assert [sorted(f["path"] for f in r.failures) for r in reports] == 5 * [
        ["gui.zip/../outside.txt", "trống.pdf"]
    ]
    assert reports[0].failures == reports[3].failures
    assert all(one == made[0] for one in made)
    assert "store/kế hoạch" in made[0]


def test_a_bucket_is_resumed_and_changes_are_met(s3: Any, tmp_path: Path) -> None:
    put_plans(s3, 3)

    def run() -> tuple[int, int, int]:
        report = run_folder(f"s3://{BUCKET}/tinh", tmp_path / "out", _QUICK, engine=InProcess())
        return report.done, report.skipped, report.failed

    assert run() == (3, 0, 0)
    assert run() == (0, 3, 0)
    put(s3, **{"tinh/000/plan-00001.txt": plan_text(77)})
    s3.delete_object(Bucket=BUCKET, Key="tinh/000/plan-00000.txt")
    assert run() == (1, 1, 0)
    with Store.open(tmp_path / "out") as store:
        assert store.source_root() is None
        assert len(store.records()) == 2


@pytest.mark.parametrize(
    "key",
    ["../up.txt", "a/../../b.txt", "a//b.txt", "a/./b.txt", "a\\b.txt", "new\nline.txt", "/abs.txt",
     "x" * 1025],
    ids=lambda key: repr(key)[:16],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(key: str) -> None:
    assert remote._wrong(key)


def test_objects_with_names_that_lead_elsewhere_cost_themselves_alone(
    s3: Any, tmp_path: Path
) -> None:
    put_plans(s3, 1)
    put(s3, **{"tinh/a\\..\\b.txt": plan_text(2), "tinh/x/../../y.txt": plan_text(3)})
    report = run_folder(f"s3://{BUCKET}/tinh", tmp_path / "out", _QUICK, engine=InProcess())
    assert report.done == 1
    assert {f["code"] for f in report.failures} == {"unreadable"}
    assert len(report.failures) == 2
    assert not (tmp_path / "y.txt").exists()


def test_what_is_too_large_is_not_copied(s3: Any, tmp_path: Path) -> None:
    put_plans(s3, 1)
    put(s3, **{"tinh/large.txt": b"x" * 50_000})
    settings = Settings(max_file_size=10_000, names=False)
    report = run_folder(f"s3://{BUCKET}/tinh", tmp_path / "out", settings, engine=InProcess())
    assert [(f["path"], f["code"]) for f in report.failures] == [("large.txt", "too_large")]
    with pytest.raises(Exception, match="max_file_size"):  # grown since it was listed
        fetch(f"s3://{BUCKET}/tinh/large.txt", "large.txt", tmp_path / "copy", settings)


def test_an_object_that_is_gone_costs_itself_alone(s3: Any, tmp_path: Path) -> None:
    put_plans(s3, 1)
    with pytest.raises(UnreadableError, match=r"gone\.txt cannot be read .*nothing at"):
        fetch(f"s3://{BUCKET}/tinh/gone.txt", "gone.txt", tmp_path / "copy", Settings())


def test_a_bucket_that_is_not_there_is_told(s3: Any) -> None:
    with pytest.raises(UsageError, match="bucket"):
        find_remote("s3://no-such-bucket-at-all/x", Settings())
    with pytest.raises(UsageError, match="nothing at"):
        find_remote(f"s3://{BUCKET}/no-such-folder", Settings())


def test_without_credentials_it_is_told(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    remote._opened.cache_clear()
    with pytest.raises(UsageError, match=r"credentials.*AWS_ACCESS_KEY_ID"):
        find_remote(f"s3://{BUCKET}/tinh", Settings())


def test_a_server_that_does_not_answer_is_asked_again_then_told(
    s3: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(remote, "_PAUSES", (0.1,))
    remote._opened.cache_clear()
    with pytest.raises(SourceError, match=r"does not answer.*run again"):
        find_remote(f"s3://{BUCKET}/tinh", Settings())
    with pytest.raises(SourceError, match="what is done is kept"):
        fetch(f"s3://{BUCKET}/x.txt", "x.txt", tmp_path / "copy", Settings())


def test_a_server_that_goes_in_mid_run_ends_it_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_PAUSES", (0.1,))
    out = tmp_path / "out"

    class Watcher:
        def __init__(self, stop: Any) -> None:
            self.stop = stop

        def begin(self, total: int) -> None: ...
        def step(self, path: str, what: str, message: str) -> None:
            self.stop()

        def say(self, message: str) -> None: ...
        def end(self) -> None: ...

    for attempt in (1, 2):
        with s3_started(tmp_path / "log") as address:
            for name, value in environment(address).items():
                monkeypatch.setenv(name, value)
            remote._opened.cache_clear()
            made: Any = client(address)
            made.create_bucket(Bucket=BUCKET)
            put_plans(made, 3)
            if attempt == 2:
                assert (
                    run_folder(f"s3://{BUCKET}/tinh", out, _QUICK, engine=InProcess()).skipped == 1
                )
                continue

            def unplug() -> None:
                monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
                remote._opened.cache_clear()

            with pytest.raises(SourceError, match="does not answer"):
                run_folder(
                    f"s3://{BUCKET}/tinh", out, _QUICK, engine=InProcess(), progress=Watcher(unplug)
                )
            report = json.loads((out / "run.json").read_text())
            assert (report["done"], report["failed"]) == (1, 0)
    remote._opened.cache_clear()


@pytest.mark.parametrize("missing", ["s3fs", "fsspec"])
def test_without_the_extra_it_is_told(missing: str) -> None:
    code = (
        f"import sys; sys.modules['{missing}'] = None\n"
        "from pipeline.ingest.remote import find_remote\n"
        "from pipeline.settings import Settings\n"
        "find_remote('s3://bucket/x', Settings())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"UsageError: to read from s3://, pip install 'kehoach[s3]'" in done.stderr


def test_urls_are_told_from_paths(tmp_path: Path) -> None:
    assert is_url("s3://a/b")
    assert not is_url("C:\\plans")
    assert not is_url("plans/2025")
    assert local_folder("s3://a/b") is None
    folder = write_plans(tmp_path / "kế hoạch", 1)
    assert local_folder(folder.as_uri()) == folder
