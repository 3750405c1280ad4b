"""Time, memory and size of the audit's outputs for 200, 1,000 and 5,000 plans.

Run as ``python tests/bench/export.py [COUNT …]``; every figure is taken in a process of its own,
so that the peak of memory is that of one output alone.
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
    seconds = time.process_time() - started - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak, "size_mib": path.stat().st_size / 2**20}


def main() -> None:
    """Print a table; with ``--one`` print one measurement as JSON (used for the child process)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[200, 1_000, 5_000])
    parser.add_argument("--one", metavar="NAME")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.one:
            print(json.dumps(measure(options.one, options.counts[0], Path(folder))))
            return
        print(f"{'plans':>6} {'output':<16} {'seconds':>8} {'peak MiB':>9} {'size MiB':>9}")
        for count in options.counts:
            for name in OUTPUTS:
                run = subprocess.run(
                    [sys.executable, __file__, str(count), "--one", name],
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
