"""Time, memory and size of the audit and its outputs for 200, 1,000 and 5,000 plans.

Run as ``python tests/bench/export.py [COUNT …]``; every figure is taken in a process of its own,
so that the peak of memory is that of one output alone. "store" is putting all records into the
store, "matrix" the audit of ``kehoach audit``, "search" a search for two words, both from it; the
size of these two is that of the store.
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
FROM_STORE = ("store", "matrix", "search")


def measure_store(name: str, count: int, folder: Path) -> dict[str, float]:
    """Put records into a store, or ask one that is there."""
    from plan_records import corpus

    from pipeline.audit import matrix
    from pipeline.store import Done, Store, record_text, rows_of
    from pipeline.store.search import search

    with Store.open(folder / "plans.sqlite", create=True) as store:
        started = time.process_time()
        if name == "matrix":
            matrix.build(store.records(), REQUIRED)
        elif name == "search":
            assert search(store, ["truyền thanh"]).plans == count
        else:
            run = store.begin_run(folder, "1", "{}")
            for record in corpus(count, long=True):
                path, text = record.source.path, record_text(record)
                rows = rows_of(record, text, [])
                done = Done(path, path.replace("/", "_"), "", "", 1, 4, 1_800, {}, text, rows)
                store.put([done], run=run, version="1", settings_digest="")
        seconds = time.process_time() - started
    return _figures(seconds, folder / "plans.sqlite")


def _figures(seconds: float, path: Path) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak, "size_mib": path.stat().st_size / 2**20}


def measure(name: str, count: int, folder: Path) -> dict[str, float]:
    """Write one output from ``count`` records that are made as they are asked for."""
    from plan_records import corpus

    from pipeline.export import report, tables, workbook

    started = time.process_time()
    for _ in corpus(count, long=True):
        pass
    making = time.process_time() - started
    path = folder / name
    started = time.process_time()
    if path.suffix == ".xlsx":
        workbook.write(corpus(count, long=True), path, required=REQUIRED, source_root=folder)
    elif path.suffix == ".html":
        report.write(corpus(count, long=True), path, required=REQUIRED, source_root=folder)
    else:
        tables.write(corpus(count, long=True), path, required=REQUIRED)
    return _figures(time.process_time() - started - making, path)


def main() -> None:
    """Print a table; with ``--one`` print one measurement as JSON (used for the child process)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[200, 1_000, 5_000])
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FOLDER"))
    options = parser.parse_args()
    if options.one:
        name, place = options.one
        one = measure_store if name in FROM_STORE else measure
        print(json.dumps(one(name, options.counts[0], Path(place))))
        return
    with tempfile.TemporaryDirectory() as root:
        print(f"{'plans':>6} {'output':<16} {'seconds':>8} {'peak MiB':>9} {'size MiB':>9}")
        for count in options.counts:
            folder = Path(root) / str(count)
            folder.mkdir()
            for name in (*OUTPUTS, *FROM_STORE):
                run = subprocess.run(
                    [sys.executable, __file__, str(count), "--one", name, str(folder)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
                found = json.loads(run.stdout)
                print(
                    f"{count:>6} {name:<16} {found['seconds']:>8.2f} {found['peak_mib']:>9.0f}"
                    f" {found['size_mib']:>9.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
