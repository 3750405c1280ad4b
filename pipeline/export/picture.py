"""The picture of coverage: a stacked bar for each index, as numbers that a template draws."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.audit.matrix import MARKS, Mark, Matrix

WIDTH = 620.0
"""Units of the drawing that the longest bar takes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: where it begins, how wide it is, how many plans it stands for."""

    mark: Mark
    x: float
    width: float
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of one index; ``covered`` is the number of plans that cover it for certain."""

    index: str
    covered: int
    parts: tuple[Part, ...]


def bars(matrix: Matrix) -> list[Bar]:
    """A bar for each required index, its parts in the order of the marks, empty ones left out."""
    total = max(matrix.plans(), 1)
    drawn = []
    for index, counts in matrix.totals().items():
        parts: list[Part] = []
        before = 0
        for mark in MARKS:
            if count := counts[mark]:
                x, width = WIDTH * before / total, WIDTH * count / total
                parts.append(Part(mark, round(x, 2), round(width, 2), count))
                before += count
        drawn.append(Bar(index, counts["covered"], tuple(parts)))
    return drawn
