"""Pairs of true and read lines: render, degrade, recognise, match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from alignment import bare
from degrade import HEAVY, LIGHT, MEDIUM, Wear, degrade
from pages import render
from rapidfuzz.distance import Levenshtein
from recognise import match_lines, recognise
from source_text import Sampler, paragraphs

_BATCH = 8
_HOPELESS = 0.45  # share of letters wrong, marks aside, above which a line is no pair


@dataclass(frozen=True)
class Scanner:
    """Which language Tesseract reads with, and how the pages are worn."""

    kind: str
    language: str
    wears: tuple[tuple[Wear, float], ...]


ENGLISH = Scanner("english_ocr", "eng", ((LIGHT, 0.5), (MEDIUM, 0.4), (HEAVY, 0.1)))
VIETNAMESE = Scanner("vietnamese_ocr", "vie", ((LIGHT, 0.15), (MEDIUM, 0.45), (HEAVY, 0.4)))

Pair = tuple[str, str]


def make_pairs(
    sampler: Sampler, scanner: Scanner, pages: int, seed: int, report: bool = True
) -> Iterator[list[Pair]]:
    """The ``(true, read)`` lines of each page, page by page. The same seed gives the same pages."""
    chances = [chance for _, chance in scanner.wears]
    for first in range(0, pages, _BATCH):
        images, truths = [], []
        for number in range(first, min(first + _BATCH, pages)):
            rng = np.random.default_rng((seed, number))
            image, lines = render(paragraphs(sampler, rng), rng)
            wear = scanner.wears[int(rng.choice(len(chances), p=chances))][0]
            images.append(degrade(image, wear, rng))
            truths.append(lines)
        for lines, read in zip(truths, recognise(images, scanner.language), strict=True):
            matched = match_lines(lines, read)
            yield [(true, seen) for true, seen, _ in matched if _is_pair(true, seen)]
        if report:
            print(f"{scanner.kind}: {min(first + _BATCH, pages)}/{pages} pages", flush=True)


def _is_pair(true: str, read: str) -> bool:
    return Levenshtein.normalized_distance(bare(true), bare(read)) < _HOPELESS


def write_pairs(path: Path, pages: Iterator[list[Pair]]) -> None:
    """Write ``read TAB true`` lines, an empty line after each page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for page in pages:
            out.writelines(f"{read}\t{true}\n" for true, read in page)
            out.write("\n")
            out.flush()


def read_pages(path: Path) -> list[list[Pair]]:
    """The ``(true, read)`` lines of a file that ``write_pairs`` made, page by page."""
    pages = path.read_text(encoding="utf-8").split("\n\n")
    rows = ([line.split("\t") for line in page.split("\n")] for page in pages)
    found = ([(row[1], row[0]) for row in page if len(row) == 2] for page in rows)
    return [page for page in found if page]


def read_pairs(path: Path) -> list[Pair]:
    """All ``(true, read)`` lines of a file that ``write_pairs`` made."""
    return [pair for page in read_pages(path) for pair in page]
