"""Make every channel file of this folder, and the table that damage detection reads.

``python models/restoration/channels/train.py --text DIR`` renders pages of text from DIR, wears
them as printers, copiers and scanners do, reads them with Tesseract (``eng`` and ``vie``), and
learns the channels from what was read. It takes an hour on one core and gives the same
files for the same text, fonts and Tesseract. Needs the fonts Liberation and DejaVu, and Tesseract
with ``vie``.

DIR holds ``*.txt`` or ``*.txt.xz`` files, one paragraph a line, and where there are any
``citations.jsonl.xz`` (official citations) and ``ocr_confusions.tsv`` (``ref TAB noisy TAB count``:
words that OCR misread in official documents).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))

import by_rule  # noqa: E402
import damage_shares  # noqa: E402
from learn import Edit, count_groups, learn, loss, write  # noqa: E402
from make_pairs import (  # noqa: E402
    ENGLISH,
    VIETNAMESE,
    Pair,
    Scanner,
    make_pairs,
    read_pairs,
    write_pairs,
)
from source_text import Sampler  # noqa: E402

from pipeline.restore.syllables import is_syllable  # noqa: E402

# (seed, pages) of each run of pages; every run is pages 0 to n - 1 of its seed.
TRAINING: dict[str, tuple[tuple[int, int], ...]] = {
    "english_ocr": ((1, 30), (2, 240)),
    "vietnamese_ocr": ((3, 120), (4, 120)),
}
HELD_OUT: dict[str, tuple[tuple[int, int], ...]] = {
    "english_ocr": ((901, 48),),
    "vietnamese_ocr": ((902, 240),),  # little is wrong on a page: calibration needs many
}
QUICK_PAGES = 3
DOCUMENTS, SHARES_SEED = 60, 11
_CONFUSION_WEIGHT = 1.0


def confusions(path: Path) -> Counter[Edit]:
    """Misread words of a confusion table, where the true word is a syllable; {} without a file."""
    found: Counter[Edit] = Counter()
    if path.exists():
        for row in path.read_text(encoding="utf-8").split("\n")[1:]:
            fields = row.split("\t")
            if len(fields) == 3 and is_syllable(fields[0]) and len(fields[1]) <= len(fields[0]) + 2:
                found[fields[0], fields[1]] += _CONFUSION_WEIGHT * int(fields[2])
    return found


def pairs_of(
    scanner: Scanner, sampler: Sampler, runs: Iterable[tuple[int, int]], kept: Path | None
) -> list[Pair]:
    """The line pairs of ``runs`` of pages; read from ``kept`` when they were made before."""
    if kept is not None and kept.exists():
        return read_pairs(kept)
    made = [page for seed, pages in runs for page in make_pairs(sampler, scanner, pages, seed)]
    if kept is not None:
        write_pairs(kept, iter(made))
    return [pair for page in made for pair in page]


def parse(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="folder of Vietnamese text")
    parser.add_argument("--out", type=Path, default=HERE, help="where the channel files go")
    parser.add_argument("--data", type=Path, default=ROOT / "pipeline" / "data")
    parser.add_argument("--pairs", type=Path, help="keep line pairs here, and take them from here")
    parser.add_argument("--quick", action="store_true", help="a few pages only, to try the recipe")
    return parser.parse_args(None if arguments is None else list(arguments))


def main() -> None:
    """Make the files."""
    given = parse()
    started = time.perf_counter()
    limit = 20_000 if given.quick else 400_000
    given.out.mkdir(parents=True, exist_ok=True)
    training = Sampler(given.text, held_out=False, limit=limit)
    held_out = Sampler(given.text, held_out=True, limit=limit if given.quick else 4_000_000)
    read: dict[str, list[Pair]] = {}
    for scanner in (ENGLISH, VIETNAMESE):
        lines, tested = (
            pairs_of(
                scanner,
                sampler,
                (
                    (seed, QUICK_PAGES if given.quick else pages)
                    for seed, pages in runs[scanner.kind]
                ),
                given.pairs / part / f"{scanner.kind}.tsv" if given.pairs else None,
            )
            for part, sampler, runs in (
                ("train", training, TRAINING),
                ("heldout", held_out, HELD_OUT),
            )
        )
        read[scanner.kind] = lines
        counted = count_groups(lines)
        if scanner is VIETNAMESE:
            counted += confusions(given.text / "ocr_confusions.tsv")
        channel = learn(scanner.kind, counted)
        channel = replace(channel, loss=loss(channel.edits, count_groups(tested)))
        write(channel, given.out / f"{scanner.kind}.tsv")
        print(f"{scanner.kind}: {len(channel.edits)} edits, {channel.loss:.4f} nats a letter")
    for channel in by_rule.all_channels():
        write(channel, given.out / f"{channel.kind}.tsv")
    shares = damage_shares.estimate(training, read, 4 if given.quick else DOCUMENTS, SHARES_SEED)
    damage_shares.write(shares, given.data / "damage.toml")
    print(f"{time.perf_counter() - started:.0f} seconds")


if __name__ == "__main__":
    main()
