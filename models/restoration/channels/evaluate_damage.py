"""Damage detection on held-out documents of every kind: a confusion matrix, weighted by words.

Run as ``python models/restoration/channels/evaluate_damage.py --text DIR --pairs DIR``. ``pairs``
holds ``english_ocr.tsv`` and ``vietnamese_ocr.tsv`` of held-out pages (see ``train.py``). Documents
are laid out in lines of some 14 words; four in ten have a clean beginning of 5 to 15 lines, some
an English paragraph, so that the detector has to tell stretches apart.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from make_pairs import read_pages
from source_text import Sampler, paragraphs
from wreck import wreck

from pipeline.restore.charsets import charsets
from pipeline.restore.damage import detect

_ENGLISH = """
The assessment of public administration in the province shows steady progress over the last three
years. Citizens report shorter waiting times at the one stop service, and most of the forms can now
be filed online. However, the survey also finds that information about land use plans is still hard
to come by, and that small companies spend more time on inspections than large ones do. The working
group recommends that each department publish a yearly timetable and reply to questions within ten
working days.
"""


def _lay_out(source: Iterator[tuple[str, str]], count: int, rng: np.random.Generator) -> list[str]:
    lines: list[str] = []
    width = int(rng.integers(60, 95))
    while len(lines) < count:
        lines += textwrap.wrap(next(source)[1], width)
    return lines[:count]


def _encode(lines: list[str], rng: np.random.Generator) -> list[str]:
    name = str(rng.choice(list(charsets())))
    codes: dict[str, str] = {}
    for code, letter in charsets()[name].letters.items():
        codes.setdefault(letter, code)
    if name == "tcvn3":  # capitals exist in capital fonts only
        lines = [line.lower() for line in lines]
    return ["".join(codes.get(c, c) for c in line) for line in lines]


def _mojibake(lines: list[str], rng: np.random.Generator) -> list[str]:
    def misread(line: str) -> str:
        data = line.encode()
        return data.decode("latin-1" if latin else "cp1252", errors="surrogateescape")

    latin = bool(rng.random() < 0.3)
    seen = [misread(line) for line in lines]
    return ["".join(chr(ord(c) - 0xDC00) if c >= "\udc80" and c <= "\udcff" else c for c in line)
            for line in seen]  # fmt: skip


def documents(
    sampler: Sampler, pairs: dict[str, list[list[str]]], count: int, seed: int
) -> Iterator[tuple[str, list[str], list[str]]]:
    """``(kind, lines, kind of each line)``: ``count`` documents of each kind."""
    by_rule: dict[str, Callable[[list[str], np.random.Generator], list[str]]] = {
        kind: (lambda lines, rng, kind=kind: wreck(lines, kind, rng))
        for kind in ("clean", "no_marks", "lost_marks", "dropped_glyphs", "splits")
    }
    by_rule |= {"legacy_charset": _encode, "mojibake": _mojibake}
    for kind in (*by_rule, "english_ocr", "vietnamese_ocr"):
        for number in range(count):
            rng = np.random.default_rng((seed, len(kind), number))
            source = paragraphs(sampler, rng)
            size = int(rng.choice([3, 10, 30, 60, 120]))
            if kind in by_rule:
                body = by_rule[kind](_lay_out(source, size, rng), rng)
            else:
                page = pairs[kind][int(rng.integers(len(pairs[kind])))]
                body = page[:size]
            truth = ["no_marks" if kind == "lost_marks" else kind] * len(body)
            if rng.random() < 0.4:
                head = _lay_out(source, int(rng.integers(5, 16)), rng)
                body, truth = head + body, ["clean"] * len(head) + truth
            if rng.random() < 0.2:
                english = textwrap.wrap(_ENGLISH, 80)
                at = int(rng.integers(len(body) + 1))
                body = body[:at] + english + body[at:]
                truth = truth[:at] + ["clean"] * len(english) + truth[at:]
            yield kind, body, truth


def main() -> None:
    """Print the matrix: truth in rows, what was found in columns, per cent of words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--show", type=int, default=0, help="errors to print for each kind")
    given = parser.parse_args()
    sampler = Sampler(given.text, held_out=True)
    pairs = {
        kind: [[read for _, read in page] for page in read_pages(given.pairs / f"{kind}.tsv")]
        for kind in ("english_ocr", "vietnamese_ocr")
    }
    matrix: defaultdict[str, Counter[str]] = defaultdict(Counter)
    shown: Counter[str] = Counter()
    for _, lines, truth in documents(sampler, pairs, given.documents, 17):
        for found in detect(lines):
            for number in range(found.first_line - 1, found.last_line):
                matrix[truth[number]][found.kind] += len(lines[number].split())
            wrong = [n for n in range(found.first_line - 1, found.last_line)
                     if truth[n] != found.kind and lines[n].strip()]  # fmt: skip
            if wrong and shown[truth[wrong[0]]] < given.show:
                shown[truth[wrong[0]]] += 1
                print(
                    f"{truth[wrong[0]]} taken for {found.kind} ({found.score}): {lines[wrong[0]]}"
                )
    kinds = sorted(matrix)
    print(f"{'':15}" + "".join(f"{kind[:10]:>11}" for kind in kinds))
    for kind in kinds:
        total = sum(matrix[kind].values())
        cells = "".join(f"{100 * matrix[kind][other] / total:11.2f}" for other in kinds)
        print(f"{kind:15}{cells}   {total} words")


if __name__ == "__main__":
    main()
