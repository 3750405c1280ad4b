"""What a run costs as it grows: time and memory by number of plans, engines, kills, broken files.

    python tests/bench/scale.py [flat] [speedup] [broken] [kills] [cost] [--sizes 10,100,1000]

``flat``: time a plan and peak memory over ``--sizes``, local pool and Dask. ``speedup``: one
worker against two. ``broken``: ``--broken`` files of which 5 % are bad in 20 ways. ``kills``: ten
kill -9, of the run and of workers, over ``--killed`` files; then the export, byte for byte.
``cost``: seconds a page by kind on the sample plans, and what millions of pages cost.

Seconds are of processors (user and system, children too) unless they are called wall; memory is RSS
less shared pages. A plan has some 200 words.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

import made_scan
from broken_files import WAYS, write_broken
from plan_folders import plan_text, write_plans

from pipeline.normalize.record import PlanRecord
from pipeline.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent
PIECES = ("flat", "speedup", "broken", "kills", "cost")
ALLOWED = 1.10
_ENOUGH = 500  # plans
_PAGES = 10  # of the one scan
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "KEHOACH_NAMES": "true"}


@dataclass(frozen=True)
class Cost:
    """Of a run: seconds of processors, seconds of wall, megabytes of parent and largest worker."""

    cpu: float
    wall: float
    parent: float
    worker: float
    code: int


def command(folder: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", "run", str(folder), "--out", str(out), *options]


def measured(folder: Path, out: Path, *options: str) -> Cost:
    """Run a folder and watch its processes, ten times a second."""
    started = time.monotonic()
    before = os.times()
    with (out.parent / f"{out.name}.err").open("wb") as told:
        process = subprocess.Popen(
            command(folder, out, *options), stdout=subprocess.DEVNULL, stderr=told,
            cwd=ROOT, env=_ENVIRONMENT,
        )  # fmt: skip
        parent = psutil.Process(process.pid)
        peak = worker_peak = 0
        while process.poll() is None:
            try:
                peak = max(peak, private(parent))
                for worker in parent.children(recursive=True):
                    worker_peak = max(worker_peak, private(worker))
            except psutil.Error:
                pass
            time.sleep(0.1)
    after = os.times()  # of what has ended and was waited for, which is all
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    if process.returncode not in (0, 4):
        sys.exit((out.parent / f"{out.name}.err").read_text(encoding="utf-8"))
    wall = time.monotonic() - started
    return Cost(cpu, wall, peak / 2**20, worker_peak / 2**20, process.returncode)


def private(process: psutil.Process) -> int:
    memory = process.memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def reading(out: Path) -> float:
    """Seconds that workers spent on files, all stages, by the store."""
    with Store.open(out) as store:
        return sum(sum(times.values()) for _, _, times in store.times())


def exported(out: Path) -> dict[str, bytes]:
    """What a run leaves, byte for byte."""
    found = {path.name: path.read_bytes() for path in (out / "plans").iterdir()}
    table = out.parent / f"{out.name}.csv"
    subprocess.run(
        [sys.executable, "-m", "pipeline", "export", str(out), "--to", str(table)],
        check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=_ENVIRONMENT,
    )  # fmt: skip
    return {**found, "csv": table.read_bytes()}


def flat(place: Path, sizes: list[int], engines: list[str]) -> bool:
    print("\nflat: 2 workers; time a plan without the start, which the smallest run shows")
    heads = ("plans", "cpu s", "ms a plan", "parent MB", "worker MB")
    print(f"{'engine':8}" + "".join(f"{head:>11}" for head in heads))
    good = True
    for engine in engines:
        costs = []
        for count in sizes:
            folder = write_plans(place / f"plans-{count}", count)
            cost = measured(folder, place / f"{engine}-{count}", "-w", "2", "--engine", engine)
            costs.append((count, cost))
            few, first = costs[0]
            each = 1000 * (cost.cpu - first.cpu) / (count - few) if count > few else 0.0
            figures = f"{count:11}{cost.cpu:11.1f}{each:11.1f}{cost.parent:11.0f}"
            print(f"{engine:8}{figures}{cost.worker:11.0f}", flush=True)
        # Starting takes ten seconds, more or less: a step of few plans says nothing of one.
        steps = [
            (many.cpu - few.cpu) / (count - before)
            for (before, few), (count, many) in pairwise(costs)
            if count - before >= _ENOUGH
        ]
        growth = steps[-1] / steps[0] if len(steps) > 1 else 1.0
        told = f"× {growth:.2f}" if len(steps) > 1 else "not told by so few"
        parent = costs[-1][1].parent / costs[0][1].parent
        worker = costs[-1][1].worker / costs[0][1].worker
        print(
            f"  largest against smallest: parent × {parent:.2f}, worker × {worker:.2f}; time a "
            f"plan of the last step against the first: {told} (allowed: {ALLOWED:.2f})"
        )
        good = good and max(parent, worker, growth) <= ALLOWED
    for engine in engines:
        took = reading(place / f"{engine}-{sizes[-1]}")
        print(f"  {engine}: work on {sizes[-1]} files by their own clocks {took:.1f} s")
    return good


def speedup(place: Path, count: int) -> bool:
    folder = write_plans(place / "speedup", count)
    walls = {}
    print(f"\nspeed-up, {count} plans")
    for engine in ("local", "dask"):
        for workers in (1, 2):
            out = place / f"speedup-{engine}-{workers}"
            cost = measured(folder, out, "-w", str(workers), "--engine", engine)
            walls[engine, workers] = cost.wall
            print(f"{engine:6} {workers} workers: {cost.wall:6.1f} s wall, {cost.cpu:6.1f} s cpu",
                  flush=True)  # fmt: skip
    for engine in ("local", "dask"):
        print(f"{engine}: × {walls[engine, 1] / walls[engine, 2]:.2f} with the second worker")
    print(f"wall of Dask against the pool, 2 workers: × {walls['dask', 2] / walls['local', 2]:.2f}")
    return one_long_scan(place)


def one_long_scan(place: Path) -> bool:
    """A single file: its pages are read by the cores of the worker that has nothing to do."""
    folder = place / "scan"
    folder.mkdir()
    first, *others = (made_scan.page(plan_text(n).splitlines()) for n in range(_PAGES))
    first.save(folder / "scan.pdf", save_all=True, append_images=others, resolution=made_scan.DPI)
    walls, texts = [], []
    for workers in (1, 2):
        out = place / f"scan-{workers}"
        walls.append(measured(folder, out, "-w", str(workers)).wall)
        texts.append([path.read_bytes() for path in (out / "plans").iterdir()])
        print(f"one scan of {_PAGES} pages, {workers} workers: {walls[-1]:6.1f} s wall", flush=True)
    same = texts[0] == texts[1]
    print(f"  × {walls[0] / walls[1]:.2f}; the record is {'the same' if same else 'DIFFERENT'}")
    return same


def broken(place: Path, count: int) -> bool:
    folder = write_plans(place / "broken", count - count // 20)
    bad = write_broken(folder, count // 20)
    out = place / "broken-out"
    cost = measured(folder, out, "-w", "2", "--timeout", "30")
    report = json.loads((out / "run.json").read_text(encoding="utf-8"))
    failures = {failure["path"]: failure for failure in report["failures"]}
    print(f"\n{count} files, {len(bad)} broken in {len(WAYS)} ways: {report['done']} done, "
          f"{report['failed']} failed, {cost.wall:.0f} s wall, {cost.cpu:.0f} s cpu")  # fmt: skip
    table: dict[str, Counter[str]] = defaultdict(Counter)
    messages: dict[str, str] = {}
    for path, way in bad.items():
        failure = failures.get(path)
        table[way][failure["code"] if failure else "not named"] += 1
        if failure:
            messages.setdefault(way, failure["message"])
    for way in WAYS:
        codes = ", ".join(f"{code} {n}" for code, n in table[way].items())
        print(f"  {way:28}{codes:18}{messages.get(way, '')[:90]}")
    missed = set(bad) - set(failures)
    wrong = set(failures) - set(bad)
    print(f"broken files that were not named: {len(missed)}; good files that failed: {len(wrong)}")
    return not missed and not wrong and report["done"] == count - len(bad)


def kills(place: Path, count: int) -> bool:
    folder = write_plans(place / "kills", count)
    calm = place / "kills-calm"
    measured(folder, calm, "-w", "2")
    chance = random.Random(2026)
    out = place / "kills-out"
    done = {"run": 0, "worker": 0}
    goals = sorted(chance.sample(range(1, count), 10))
    victims = ["run", "worker"] * 5
    chance.shuffle(victims)
    process = None
    for goal, victim in zip(goals, victims, strict=True):
        if process is None or process.poll() is not None:
            process = start(folder, out)
        while process.poll() is None and (finished(out) < goal or not workers_of(process)):
            time.sleep(0.02)
        if process.poll() is not None:
            break
        time.sleep(chance.uniform(0, 0.1))
        if victim == "run":
            process.kill()
            process.wait()
        elif workers := workers_of(process):
            os.kill(chance.choice(workers), signal.SIGKILL)
        done[victim] += 1
    if process is not None:
        process.wait()  # the last victim may have been a worker
    last = start(folder, out)
    last.wait()
    report = json.loads((out / "run.json").read_text(encoding="utf-8"))
    mine, theirs = exported(out), exported(calm)
    different = sorted(k for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k))
    same = not different and last.returncode == 0
    print(
        f"\nlast resume: exit code {last.returncode}, {report['done']} done, "
        f"{report['skipped']} skipped; different: {', '.join(different[:5]) or 'none'}"
    )
    told = "the same" if same else "DIFFERENT"
    print(
        f"{count} files, kill -9 of the run {done['run']} times and of a worker "
        f"{done['worker']} times: export {told}, byte for byte"
    )
    return same and sum(done.values()) == 10


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(folder, out, "-w", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=ROOT, env=_ENVIRONMENT,
    )  # fmt: skip


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The numbers of the processes that read files for a run."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                found += [child.pid] if "spawn_main" in " ".join(child.cmdline()) else []
    return found


def finished(out: Path) -> int:
    """How many record files there are."""
    try:
        return sum(path.suffix == ".json" for path in (out / "plans").iterdir())
    except OSError:
        return 0


def cost(place: Path, samples: Path) -> bool:
    from pipeline.errors import FileError
    from pipeline.flow import process_file
    from pipeline.restore import restore_text
    from pipeline.settings import Settings

    settings = Settings()
    first = write_plans(place / "first", 1) / "000" / "plan-00000.txt"
    process_file(first, settings=settings)  # loads the models
    for kind in ("no_marks", "english_ocr", "dropped_glyphs"):  # compiles, where that was not done
        restore_text("Uy ban nhan dan xa ban hanh ke hoach", damage=kind)
    seconds: dict[str, float] = defaultdict(float)
    pages: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for path in sorted(path for path in samples.rglob("*") if path.is_file()):
        before = processor()
        try:
            record = process_file(path, settings=settings).record
        except FileError as error:
            print(f"  left out: {error}")
            continue
        kind = kind_of(record)
        seconds[kind] += processor() - before
        pages[kind] += record.source.pages
        files[kind] += 1
    print("\ncost: seconds of one core a page, by kind, on the sample plans (start not counted)")
    each = {kind: seconds[kind] / max(1, pages[kind]) for kind in pages}
    for kind in sorted(each):
        print(f"  {kind:22}{files[kind]:4} files {pages[kind]:5} pages {each[kind]:9.3f} s a page")
    writing = writer_seconds(place)
    print(f"the writer: {1000 * writing:.1f} ms of one core a plan (SQLite)")
    print("\non paper, 100 cores, five pages a plan:")
    print(
        f"  {'all pages of the kind':22}{'1 million pages':>18}{'10 million pages':>18}  bottleneck"
    )
    for kind in sorted(each):
        hours = {n: (n * each[kind] / 100 / 3600, n / 5 * writing / 3600) for n in (1e6, 1e7)}
        name = "workers" if each[kind] / 100 > writing / 5 else "the writer"
        shown = "".join(f"{max(both):16.1f} h" for both in hours.values())
        print(f"  {kind:22}{shown}  {name}")
    return True


def processor() -> float:
    """Seconds of processors that this process and what it started have used."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def kind_of(record: PlanRecord) -> str:
    short = record.source.media_type.rsplit("/", 1)[-1].rsplit(".", 1)[-1][:9]
    methods = {page.method for page in record.quality.pages}
    return f"{short}, {'read by OCR' if methods & {'ocr', 'mixed'} else 'text'}"


def writer_seconds(place: Path) -> float:
    """Seconds that the one writer takes for a plan: store, record file, status, log."""

    from pipeline.batch import run_folder
    from pipeline.engine import InProcess
    from pipeline.settings import Settings

    folder = write_plans(place / "writer", 200)
    kept: list[object] = []

    class Recorded:
        """Gives outcomes that were made before, so that only writing is timed."""

        is_near = True

        def map(self, function, jobs):
            outcomes = list(InProcess().map(function, jobs))
            kept.append(time.process_time())
            yield from outcomes
            kept.append(time.process_time())

    run_folder(folder, place / "writer-out", Settings(), engine=Recorded())
    return (kept[1] - kept[0]) / 200


def main() -> None:
    """Run what is asked for; exit 1 when a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pieces", nargs="*", default=[], choices=[*PIECES, []])
    parser.add_argument("--sizes", default="10,100,1000")
    parser.add_argument("--engines", default="local,dask")
    parser.add_argument("--no-names", action="store_true", help="three times as fast")
    parser.add_argument("--speedup", type=int, default=300)
    parser.add_argument("--broken", type=int, default=1_000)
    parser.add_argument("--killed", type=int, default=2_000)
    parser.add_argument("--samples", type=Path, default=ROOT / "corpora" / "samples" / "plans")
    options = parser.parse_args()
    wanted = options.pieces or PIECES
    _ENVIRONMENT["KEHOACH_NAMES"] = str(not options.no_names)
    good = True
    with tempfile.TemporaryDirectory(prefix="kehoach-scale-") as folder:
        place = Path(folder)
        if "flat" in wanted:
            good &= flat(
                place, [int(n) for n in options.sizes.split(",")], options.engines.split(",")
            )
        if "speedup" in wanted:
            good &= speedup(place, options.speedup)
        if "broken" in wanted:
            good &= broken(place, options.broken)
        if "kills" in wanted:
            good &= kills(place, options.killed)
        if "cost" in wanted:
            good &= cost(place, options.samples)
    sys.exit(not good)


if __name__ == "__main__":
    main()
