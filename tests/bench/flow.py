"""What a run costs: seconds by stage and kind, words a second of restoration, peak memory.

    python tests/bench/flow.py [--plans 1000] [--samples corpora/samples]

Plans are generated texts of some 200 words; the samples (PDF, scans, Word …) are run when they are
there. Memory is that of each process by itself (RSS less shared pages), sampled ten times a second:
the parent, which writes, and the largest worker with the programs that it starts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from plan_folders import write_plans

from pipeline.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent
ALLOWED = 1.20


def measured(folder: Path, out: Path) -> tuple[float, float, float]:
    """Run a folder; gives seconds, and megabytes at the peak of the parent and of one worker."""
    started = time.monotonic()
    command = [sys.executable, "-m", "pipeline", "run", str(folder), "--out", str(out), "-w", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    parent = psutil.Process(process.pid)
    peak, worker_peak = 0, 0
    while process.poll() is None:
        try:
            peak = max(peak, _private(parent))
            for worker in parent.children():
                family = (worker, *worker.children(recursive=True))
                worker_peak = max(worker_peak, sum(map(_private, family)))
        except psutil.Error:
            pass
        time.sleep(0.1)
    if process.returncode not in (0, 4):
        told = process.stderr.read().decode() if process.stderr else ""
        sys.exit(f"the run of {folder} ended with {process.returncode}: {told}")
    return time.monotonic() - started, peak / 2**20, worker_peak / 2**20


def _private(process: psutil.Process) -> int:
    memory = process.memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def show_stages(out: Path, title: str) -> None:
    """Seconds per document by stage, for each kind of file; words a second of restoration."""
    files: dict[str, int] = defaultdict(int)
    words: dict[str, int] = defaultdict(int)
    seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with Store.open(out) as store:
        for kind, count, times in store.times():
            files[kind] += 1
            words[kind] += count
            for stage, took in times.items():
                seconds[kind][stage] += took
    stages = list(dict.fromkeys(stage for times in seconds.values() for stage in times))
    short = {kind: kind.rsplit("/", 1)[-1].rsplit(".", 1)[-1][:12] for kind in files}
    print(f"\n{title}: milliseconds per document by stage")
    print(f"{'kind':14}{'files':>6}{'words':>8}" + "".join(f"{stage:>11}" for stage in stages))
    for kind in sorted(files):
        each = "".join(f"{1000 * seconds[kind][s] / files[kind]:11.1f}" for s in stages)
        print(f"{short[kind]:14}{files[kind]:6}{words[kind] // files[kind]:8}{each}")
    took = sum(times["restore"] for times in seconds.values())
    total = sum(words.values())
    print(f"restoration: {total / took if took else float('inf'):,.0f} words a second ({total:,})")


def main() -> None:
    """Run all, print the figures; exit 1 when memory grows with the number of documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=1_000)
    parser.add_argument("--samples", type=Path, default=ROOT / "corpora" / "samples" / "plans")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kehoach-bench-") as place:
        if options.samples.is_dir():
            out = Path(place) / "samples-out"
            measured(options.samples, out)
            show_stages(out, "samples")
        print("\ngenerated plans, 2 workers")
        print(f"{'plans':>7}{'seconds':>9}{'a plan':>9}{'parent MB':>11}{'worker MB':>11}")
        peaks = []
        for count in (10, options.plans):
            folder = write_plans(Path(place) / str(count), count)
            out = Path(place) / f"{count}-out"
            took, parent, worker = measured(folder, out)
            peaks.append((parent, worker))
            print(f"{count:7}{took:9.1f}{took / count:9.3f}{parent:11.0f}{worker:11.0f}")
        show_stages(out, f"{options.plans} generated plans")
    growth = [many / few for few, many in zip(*peaks, strict=True)]
    print(f"\npeak memory, {options.plans} against 10: parent × {growth[0]:.2f}, ", end="")
    print(f"worker × {growth[1]:.2f} (allowed: × {ALLOWED:.2f})")
    sys.exit(max(growth) > ALLOWED)


if __name__ == "__main__":
    main()
