"""How fast text is restored: by kind of damage, by size, from a cold start; memory.

    python tests/bench/speed.py [--quick]

Needs the text collection of the reference documents (KEHOACH_SHARED, or ../shared beside the
project). Damage is drawn from the channels themselves. Seconds are CPU seconds of one process on
one core, so other work on the machine disturbs them little.
"""

from __future__ import annotations

import argparse
import lzma
import math
import os
import random
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from pipeline import restore_text
from pipeline.artefacts import model_path
from pipeline.restore.channel import Table
from pipeline.restore.syllables import strip_marks

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("KEHOACH_SHARED", ROOT.parent / "shared"))
_WAYS = 6  # how differently one word is misread in one text
_KINDS = (
    "clean",
    "no_marks",
    "lost_marks",
    "english_ocr",
    "vietnamese_ocr",
    "dropped_glyphs",
    "tcvn3",
)
_COLD = """
import time
start = time.perf_counter()
from pipeline.restore import stage
imported = time.perf_counter()
from pipeline.restore.engine import models
models()
loaded = time.perf_counter()
stage.restore_text("Uy ban nhan dan xa ban hanh ke hoach cai cach hanh chinh")
first = time.perf_counter()
stage.restore_text("Uy ban nhan dan xa ban hanh ke hoach cai cach hanh chinh")
print(imported - start, loaded - imported, first - loaded, time.perf_counter() - first)
"""


def true_text(words: int) -> list[str]:
    """Lines of the text collection, as many words."""
    lines: list[str] = []
    with lzma.open(SHARED / "text" / "news.txt.xz", "rt", encoding="utf-8") as file:
        for line in islice(file, 50_000, None):
            if words <= 0:
                break
            line = unicodedata.normalize("NFC", line.strip())
            words -= len(line.split())
            lines.append(line)
    return lines


class Misreader:
    """Reads words as a channel says; a word is misread in a few ways in one text."""

    def __init__(self, kind: str) -> None:
        table = Table.load(model_path(f"restoration/channels/{kind}.tsv"))
        self._edits: dict[str, tuple[list[str], list[float]]] = {}
        for (source, observed), value in table.edits.items():
            if source:
                ways, chances = self._edits.setdefault(source, ([], []))
                ways.append(observed)
                chances.append(math.exp(value))
        self._random = random.Random(0)
        self._known: dict[str, list[str]] = {}

    def word(self, word: str) -> str:
        """One of the ways in which ``word`` is read."""
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = [self._misread(word) for _ in range(_WAYS)]
        return self._random.choice(known)

    def _misread(self, word: str) -> str:
        read = ""
        for letter in word:
            ways, chances = self._edits.get(letter, ([letter], [1.0]))
            read += self._random.choices(ways, chances)[0].replace(" ", "")
        return read or word


def damaged(lines: list[str], kind: str) -> list[str]:
    """The lines under one kind of damage."""
    if kind == "clean":
        return lines
    if kind == "no_marks":
        return [strip_marks(line) for line in lines]
    if kind == "dropped_glyphs":
        return [line.replace("ư", " ").replace("ậ", "").replace("Đ", " ") for line in lines]
    if kind == "tcvn3":
        codes = dict(zip("đăâêôơưáàạếềệộớợứự", "®¨©ª«¬­¸µ¹ÕÒÖéíîøù", strict=False))
        return ["".join(codes.get(letter, letter) for letter in line) for line in lines]
    misreader = Misreader(kind)
    return [" ".join(misreader.word(word) for word in line.split()) for line in lines]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds that ``work`` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def by_kind(lines: list[str]) -> None:
    """Words a second for each kind of damage; the first pages warm the program up."""
    print(f"{'damage':16s} {'words':>8s} {'words/s':>9s} {'detected':>9s}")
    for kind in _KINDS:
        read = damaged(lines, kind)
        words = sum(len(line.split()) for line in read)
        text = "\n".join(read)
        told = None if kind in ("clean", "tcvn3") else kind.replace("lost_marks", "no_marks")
        restore_text("\n".join(read[:20]), damage=told)
        given = seconds(lambda text=text, told=told: restore_text(text, damage=told))
        found = seconds(lambda text=text: restore_text(text))
        print(f"{kind:16s} {words:8d} {words / given:9.0f} {words / found:9.0f}", flush=True)


def by_size(lines: list[str], sizes: tuple[int, ...]) -> None:
    """Microseconds a word from small texts to large ones, in lines and in one line."""
    text = "\n".join(damaged(lines, "no_marks"))
    print(f"{'bytes':>10s} {'us/word':>9s} {'in one line':>12s}")
    for size in sizes:
        part = (text * (size // len(text) + 1))[:size]
        words = len(part.split())
        spent = seconds(lambda part=part: restore_text(part))
        flat = part.replace("\n", " ")
        in_one = seconds(lambda flat=flat: restore_text(flat))
        print(f"{size:10d} {1e6 * spent / words:9.1f} {1e6 * in_one / words:12.1f}", flush=True)


def cold_start() -> None:
    """Seconds until the first call has returned, in a new process."""
    for attempt in ("first process", "next process"):
        out = subprocess.run(
            [sys.executable, "-c", _COLD], capture_output=True, text=True, check=True
        )
        imported, loaded, first, second = (float(part) for part in out.stdout.split())
        print(
            f"{attempt}: import {imported:.2f} s, models {loaded:.2f} s, first call {first:.2f} s, "
            f"second call {1000 * second:.1f} ms (wall)"
        )


def memory() -> str:
    """The most memory that this process has held."""
    try:
        import resource
    except ImportError:  # Windows
        return "not measured here"
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the text")
    quick = parser.parse_args().quick
    if not (SHARED / "text").is_dir():
        sys.exit(f"needs the reference documents in {SHARED} (KEHOACH_SHARED names another place)")
    cold_start()
    lines = true_text(20_000 if quick else 100_000)
    by_kind(lines)
    sizes = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
    by_size(lines, sizes[:-1] if quick else sizes)
    print("memory:", memory())


if __name__ == "__main__":
    main()
