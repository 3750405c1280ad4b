"""Roman numbers of headings, repaired by their sequence.

OCR adds and drops strokes ("IL.", "II." for III.), so a numeral is read together with the others of
its series: counted through, or as they stand, whichever needs fewer assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from pipeline.segment.blocks import Block
from pipeline.segment.headings import match_heading
from pipeline.segment.markers import roman

_BREAKS = frozenset({"part", "chapter", "upper"})
# The price of a numeral that is one stroke away from the number that it is counted as, and of one
# that is farther; of a number that is skipped (its heading may be lost), of one that comes again.
_NEAR, _FAR = 1.0, 4.0
_REPAIRED = 0.8  # of the first, where the line was damaged: "V.T6 CHUC" is read "VI. TỔ CHỨC"
_SKIPPED, _AGAIN = 0.9, 1.5


def roman_numbers(blocks: Sequence[Block]) -> dict[int, int]:
    """Numbers by the index of the block, for the series where counting through is the better."""
    found: dict[int, int] = {}
    series: list[int] = []
    for index, block in enumerate(blocks):
        kind = block.marker.kind if block.marker else None
        if kind in _BREAKS:
            found |= _counted(blocks, series)
            series = []
        elif kind == "roman" and _is_heading(block):
            series.append(index)
    return found | _counted(blocks, series)


def _is_heading(block: Block) -> bool:
    """A damaged numeral is counted only where the words are those of a section, in capitals."""
    return block.caps and bool(match_heading(block.body).ids)


def _counted(blocks: Sequence[Block], series: Sequence[int]) -> dict[int, int]:
    if len(series) < 2:
        return {}
    through = as_read = 0.0
    last = 0
    for place, index in enumerate(series, start=1):
        marker = blocks[index].marker
        if marker is None or marker.raw.isdigit():
            return {}  # digits are told from arabic numbers elsewhere
        if place not in marker.readings:
            strokes = Levenshtein.distance(marker.raw.upper(), roman(place))
            near = _REPAIRED if blocks[index].rows[0].repaired else _NEAR
            through += near if strokes <= 1 else _FAR
        value = place if place in marker.readings else marker.value
        if value != last + 1:
            as_read += _SKIPPED if value > last else _AGAIN
        last = value
    if through and through <= as_read:
        return {index: place for place, index in enumerate(series, start=1)}
    return {}
