"""Every source of corpora/samples through every channel: how much of text and record is right.

``python tests/bench/channels.py [KIND …]`` makes files that no one has tuned on (the committed
samples show each source in one or two kinds), reads them, and prints for each kind the word error
rate before and after restoration, the share of record checks (tests/sample_checks.py) that pass,
and the checks that fail most. ``--seed`` changes the noise, ``--list`` names each failure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample_checks import CHECKS
from sample_truth import SAMPLES, Truth, body_text, word_error_rate

from pipeline import process_file
from pipeline.errors import FileError

SEEDED = {"pdf_scan", "pdf_mixed", "jpeg", "txt_english_ocr", "md"}
FIRST_PAGE_ONLY = {"png", "jpeg"}
BY_HAND = ("number", "issued")


def truth_of(path: Path, kind: str, folder: Path, seed: int) -> Truth:
    """Send one source through one channel, and write the file."""
    from generator import damage, load
    from generator.truth import record_of

    plan = load(path)
    made = damage(plan, kind, **({"seed": seed} if kind in SEEDED else {}))
    file = folder / f"{path.stem}-{kind}{made.suffix}"
    file.write_bytes(made.data)
    return Truth(
        stem=file.stem,
        file=file,
        kind=kind,
        damage=made.damage,
        unreadable=BY_HAND if kind in ("pdf_scan", "txt_english_ocr") else (),
        text="\n".join(made.lines),
        record=record_of(plan),
    )


def measure(kind: str, folder: Path, seed: int, *, only: str, listed: bool) -> str:
    """One line of the table."""
    raw = restored = words = passed = checked = 0.0
    failing: Counter[str] = Counter()
    started = time.perf_counter()
    for path in sorted((SAMPLES / "source").glob("*.plan")):
        if only not in path.name:
            continue
        truth = truth_of(path, kind, folder, seed)
        try:
            document = process_file(truth.file)
        except FileError as error:
            print(f"  {truth.stem}: {error}")
            continue
        count = len(truth.text.split())
        words += count
        raw += count * word_error_rate(truth.text, body_text(document, raw=True))
        restored += count * word_error_rate(truth.text, body_text(document))
        if kind in FIRST_PAGE_ONLY or document.record is None:
            continue
        for name, check in CHECKS.items():
            wrong = list(check(truth, document, document.record))
            checked += 1
            passed += not wrong
            failing[name] += bool(wrong)
            for message in wrong if listed else ():
                print(f"  {truth.stem} {name}: {message}")
    most = ", ".join(f"{name} {count}" for name, count in failing.most_common(4) if count)
    share = f"{passed / checked:7.1%}" if checked else "      -"
    seconds = time.perf_counter() - started
    return f"{kind:16}{raw / words:8.2%}{restored / words:10.2%}{share:>10}{seconds:8.0f}s  {most}"


def main() -> None:
    """Print the table."""
    from generator import KINDS

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", default=[], metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seed", type=int, default=1, help="of the noise (default: 1)")
    parser.add_argument("--only", default="", help="sources with this in their name")
    parser.add_argument("--list", action="store_true", help="name each failure")
    options = parser.parse_args()
    print(f"{'kind':16}{'raw WER':>8}{'restored':>10}{'checks':>10}{'time':>9}  checks that fail")
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds or KINDS:
            print(
                measure(kind, Path(folder), options.seed, only=options.only, listed=options.list),
                flush=True,
            )


if __name__ == "__main__":
    main()
