"""Time, memory and size of the audit and its outputs for 200, 1,000 and 5,000 plans.

Run as ``python tests/bench/export.py [COUNT …]``; every figure is taken in a process of its own,
so that the peak of memory is that of one output alone. "store" is putting all records into the
store, "history" noting the outcome of a second run in which every tenth plan differs, and comparing
the two. The commands are whole ones, as a user starts them, on that store: "start" is one that does
nothing, the searches are for a phrase of every plan and for one of few. Their size is that of the
store. ``--years`` also writes workbook and report of as many plans of two years each.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
OUTPUTS = ("comparison.xlsx", "report.html", "plans.csv", "plans.parquet", "plans.json")
STORED = ("store", "history")
COMMANDS = {
    "start": ("--version",),
    "audit": ("audit", "OUT"),
    "audit --format json": ("audit", "OUT", "--format", "json"),
    "search, all": ("search", "OUT", "truyền thanh"),
    "search, few": ("search", "OUT", "năng lực cạnh tranh cấp tỉnh", "Ứng Hòa"),
    "history": ("history", "OUT"),
}
OF_YEARS = ("years.xlsx", "years.html")


def measure_store(name: str, count: int, folder: Path) -> dict[str, float]:
    """Put records into a store, or note a second run of it."""
    from plan_records import corpus

    from pipeline.store import Done, Store, record_text, rows_of
    from pipeline.store.history import compare_runs, note_outcomes

    with Store.open(folder / "plans.sqlite", create=True) as store:
        started = time.process_time()
        run = store.begin_run(folder, "1", "{}")
        for at, record in enumerate(corpus(count, long=True)):
            if name == "history" and at % 10:
                continue
            changed = record.model_copy(update={"title": f"Run {run}"})
            path, text = record.source.path, record_text(changed)
            rows = rows_of(changed, text, [])
            done = Done(path, path.replace("/", "_"), "", "", 1, 4, 1_800, {}, text, rows)
            store.put([done], run=run, version="1", settings_digest="")
        started = time.process_time() if name == "history" else started
        assert note_outcomes(store, run) == (count if name == "store" else -(-count // 10))
        store.finish_run(run, "")
        if name == "history":
            assert len(compare_runs(store, 1, 2)) == -(-count // 10)
        seconds = time.process_time() - started
    return _figures(seconds, folder / "plans.sqlite")


def measure_command(arguments: tuple[str, ...], folder: Path) -> dict[str, float]:
    """A whole command: seconds of the processor, and the peak of memory."""
    words = [str(folder) if word == "OUT" else word for word in arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "pipeline", *words], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mib": after.ru_maxrss / 1024,
        "size_mib": (folder / "plans.sqlite").stat().st_size / 2**20,
    }


def _figures(seconds: float, path: Path) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak, "size_mib": path.stat().st_size / 2**20}


def measure(name: str, count: int, folder: Path) -> dict[str, float]:
    """Write one output from ``count`` records that are made as they are asked for."""
    from plan_records import corpus, of_two_years

    from pipeline.export import report, tables, workbook

    records = of_two_years if name in OF_YEARS else corpus
    started = time.process_time()
    for _ in records(count, long=True):
        pass
    making = time.process_time() - started
    path = folder / name
    started = time.process_time()
    if path.suffix == ".xlsx":
        workbook.write(records(count, long=True), path, required=REQUIRED, source_root=folder)
    elif path.suffix == ".html":
        report.write(records(count, long=True), path, required=REQUIRED, source_root=folder)
    else:
        tables.write(records(count, long=True), path, required=REQUIRED)
    return _figures(time.process_time() - started - making, path)


def main() -> None:
    """Print a table; with ``--one`` print one measurement as JSON (used for the child process)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[200, 1_000, 5_000])
    parser.add_argument("--years", action="store_true", help="two years of each plan as well")
    parser.add_argument("--only", default="", help="outputs with this in their name")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FOLDER"))
    options = parser.parse_args()
    if options.one:
        name, place = options.one
        print(json.dumps(_one(name, options.counts[0], Path(place))))
        return
    names = [
        *OUTPUTS,
        *(OF_YEARS if options.years else ()),
        *STORED,
        *map("kehoach {}".format, COMMANDS),
    ]
    with tempfile.TemporaryDirectory() as root:
        print(f"{'plans':>6} {'output':<27} {'seconds':>8} {'peak MiB':>9} {'size MiB':>9}")
        for count in options.counts:
            folder = Path(root) / str(count)
            folder.mkdir()
            for name in names:
                stored = name in STORED and "kehoach" in options.only
                if options.only not in name and not stored:
                    continue
                run = subprocess.run(
                    [sys.executable, __file__, str(count), "--one", name, str(folder)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
                found = json.loads(run.stdout)
                print(
                    f"{count:>6} {name:<27} {found['seconds']:>8.2f} {found['peak_mib']:>9.0f}"
                    f" {found['size_mib']:>9.2f}",
                    flush=True,
                )


def _one(name: str, count: int, folder: Path) -> dict[str, float]:
    if name in STORED:
        return measure_store(name, count, folder)
    if name.startswith("kehoach "):
        return measure_command(COMMANDS[name.removeprefix("kehoach ")], folder)
    return measure(name, count, folder)


if __name__ == "__main__":
    main()
