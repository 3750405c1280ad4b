"""How often each shape of word occurs under each kind of damage: ``pipeline/data/damage.toml``.

Counts on clean lines, on lines wrecked by rule, and on the rendered and recognised pages that the
channels are learned from. The shares of foreign text are set by hand (English and French prose).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein
from source_text import Sampler, paragraphs
from wreck import wreck

from pipeline.restore.shapes import SHAPES, line_shapes

_FOREIGN = {
    "latin": 0.43, "foreign": 0.27, "plain": 0.09, "acronym": 0.03, "fragment": 0.02, "bare": 0.05,
    "gap": 0.004, "stripped": 0.012, "misread": 0.06, "garbage": 0.006, "digit_inside": 0.002,
    "symbol": 0.003, "mixed_case": 0.004, "rare": 0.008, "marked": 0.006, "acute": 0.004,
    "unknown": 0.003,
}  # fmt: skip
_LINES_PER_DOCUMENT = 40
_BY_RULE = (
    "clean", "no_marks", "lost_marks", "lost_marks_light", "dropped_glyphs", "splits",
    "dropped_glyphs_light",
)  # fmt: skip


def count_shapes(lines: Iterable[str]) -> Counter[str]:
    """How often each shape occurs; neutral tokens are left out, as they tell nothing."""
    counted: Counter[str] = Counter()
    for line in lines:
        counted.update(line_shapes(line))
    del counted["neutral"]
    return counted


def shares(
    counted: Mapping[str, float], backing: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Shares of the shapes, smoothed towards ``backing`` (or towards even)."""
    kinds = [shape for shape in SHAPES if shape != "neutral"]
    total = sum(counted.values())
    prior = {shape: backing[shape] if backing else 1 / len(kinds) for shape in kinds}
    weight = 40.0 if backing else 4.0
    return {
        shape: (counted.get(shape, 0.0) + weight * prior[shape]) / (total + weight)
        for shape in kinds
    }


def estimate(
    sampler: Sampler, read: Mapping[str, list[tuple[str, str]]], documents: int, seed: int
) -> dict[str, dict[str, float]]:
    """Shares by state. ``read`` holds (true, read) lines of english_ocr and vietnamese_ocr."""
    found: dict[str, dict[str, float]] = {
        "foreign": shares({k: 2e4 * v for k, v in _FOREIGN.items()})
    }
    for number, kind in enumerate(_BY_RULE):
        rng = np.random.default_rng((seed, number))
        counted: Counter[str] = Counter()
        for _ in range(documents):
            source = paragraphs(sampler, rng)
            lines = [next(source)[1] for _ in range(_LINES_PER_DOCUMENT)]
            counted += count_shapes(wreck(lines, kind, rng))
        found[kind] = shares(counted)
    found["clean_rich"] = shares(count_shapes(_rich_lines(sampler, documents, seed)))
    found["english_ocr"] = shares(count_shapes(line for _, line in read["english_ocr"]))
    poor = [(true, line) for true, line in read["vietnamese_ocr"] if _error(true, line) > 0.02]
    light = [line for true, line in poor if _error(true, line) <= 0.10]
    heavy = [line for true, line in poor if _error(true, line) > 0.10]
    found["vietnamese_ocr_light"] = shares(count_shapes(light))
    found["vietnamese_ocr_heavy"] = shares(count_shapes(heavy))
    return found


def _rich_lines(sampler: Sampler, documents: int, seed: int) -> list[str]:
    """Clean lines with many rare words: stories, lists of names, foreign names."""
    rng = np.random.default_rng((seed, 99))
    lines: list[str] = []
    while len(lines) < documents * 10:
        line = sampler.line(rng)
        shapes = line_shapes(line)
        odd = sum(shape in ("rare", "unknown", "latin", "acronym", "bare") for shape in shapes)
        if odd > 2 and odd > 0.12 * len(shapes):
            lines.append(line)
    return lines


def _error(true: str, read: str) -> float:
    return Levenshtein.normalized_distance(true, read)


def write(found: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(
            "# Shares of word shapes (pipeline/restore/shapes.py) under each kind of damage.\n"
            "# source: estimated by models/restoration/channels/damage_shares.py on clean lines,\n"
            "# lines wrecked by rule, and pages rendered, worn and recognised; foreign: by hand.\n"
        )
        for state, row in found.items():
            out.write(f"\n[{state}]\n")
            out.writelines(f"{shape} = {share:.6f}\n" for shape, share in row.items())
