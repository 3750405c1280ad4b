"""Fuzz every parser for a bounded time; what fails is kept as a case for the tests.

    python tests/fuzz/run.py [TARGET …] [--seconds 30] [--engine both|hypothesis|atheris]

Hypothesis makes inputs from the seeds and tokens of ``targets.py``; atheris (libFuzzer) makes them
from what it sees of the code that runs, in a process of its own. A finding is written to
``cases/<target>-<hash>``, and from then on ``tests/fuzz/test_cases.py`` runs it. Exit 1 when there
is one.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]
_LIMIT = 2 << 30  # bytes of memory


def keep(name: str, data: bytes) -> Path:
    """Write a finding; gives where."""
    path = CASES / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def by_hypothesis(name: str, seconds: float) -> list[Path]:
    """Inputs by Hypothesis, changed seeds among them, until the time is over."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from strategies import inputs
    from targets import SLOW, TARGETS

    found: list[Path] = []
    until = time.monotonic() + seconds
    runs = 0
    last = b""

    @settings(
        max_examples=200, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(inputs(name))
    def one(data: bytes) -> None:
        nonlocal runs, last
        if time.monotonic() > until:
            return
        runs += 1
        started = time.process_time()
        try:
            TARGETS[name](data)
            assert time.process_time() - started < SLOW
        except Exception:
            last = data  # the smallest one that fails comes last
            raise

    while time.monotonic() < until and not found:
        try:
            seed(random.randrange(2**32))(one)()
        except Exception:
            traceback.print_exc()
            found.append(keep(name, last))
    print(f"{name:10} hypothesis {runs:7} inputs, {len(found)} findings", flush=True)
    return found


def by_atheris(name: str, seconds: float) -> list[Path]:
    """Inputs by atheris in a process of its own, until the time is over or it finds something."""
    from targets import LONGEST, SEEDS, SLOW, TOKENS

    with tempfile.TemporaryDirectory(prefix="kehoach-fuzz-") as place:
        folder = Path(place)
        (folder / "corpus").mkdir()
        for number, data in enumerate(SEEDS[name]):
            (folder / "corpus" / str(number)).write_bytes(data)
        words = ("".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS)
        (folder / "words").write_text("".join(f'"{word}"\n' for word in words))
        done = subprocess.run(
            [
                sys.executable, str(HERE / "atheris_target.py"), name, str(folder / "corpus"),
                f"-max_total_time={max(1, int(seconds))}", f"-max_len={LONGEST}",
                f"-timeout={int(SLOW)}", f"-rss_limit_mb={_LIMIT >> 20}",
                f"-artifact_prefix={folder}/finding-", f"-dict={folder / 'words'}",
                "-print_final_stats=1",
            ],
            capture_output=True, check=False,
        )  # fmt: skip
        told = done.stderr.decode(errors="replace")
        runs = next((x.split()[-1] for x in told.splitlines() if "executed_units" in x), "?")
        found = [keep(name, path.read_bytes()) for path in folder.glob("finding-*")]
        if found or done.returncode:
            print(told[-3000:])
        if done.returncode and not found:
            sys.exit(f"atheris ended with {done.returncode}")
    print(f"{name:10} atheris    {runs:>7} inputs, {len(found)} findings", flush=True)
    return found


def has_atheris() -> bool:
    """Whether atheris is installed (it has wheels for Linux, up to Python 3.11 alone)."""
    import importlib.util

    return importlib.util.find_spec("atheris") is not None


def main() -> None:
    """Fuzz what is asked for; exit 1 when there is a finding."""
    from targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=30.0, help="for each target and engine")
    parser.add_argument("--engine", choices=("both", "hypothesis", "atheris"), default="both")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; {', '.join(TARGETS)}")
    faulthandler.enable()
    engines = [options.engine] if options.engine != "both" else ["hypothesis", "atheris"]
    if "atheris" in engines and not has_atheris():
        print("atheris is not installed (Linux and Python 3.11 only: pip install atheris); "
              "Hypothesis alone")  # fmt: skip
        engines.remove("atheris")
        if not engines:
            sys.exit(2)
    CASES.mkdir(exist_ok=True)
    found: list[Path] = []
    for name in options.targets or TARGETS:
        for engine in engines:
            act = by_hypothesis if engine == "hypothesis" else by_atheris
            found += act(name, options.seconds)
    for path in found:
        print(
            f"finding: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}"
        )
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
