"""The foot of a document, where recipients and signature stand side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.segment.fold import UPPER, fold
from pipeline.segment.rows import Row

# "- Sở Nội vụ (để báo cáo); CHỦ TỊCH": a line of each, run together; OCR may leave a mark between.
_SIDE_BY_SIDE = re.compile(
    rf"^(?P<left>(?:N[ơoô]i\s?nh.{{1,2}}n|[-–•]\s).{{0,90}}?[;:.)])\s+(?:[^\W\d_]\s)?"
    rf"(?P<right>(?:(?:TM|KT|TL|TUQ|Q)\s?\.\s?)?[{UPPER}]{{2,}}(?:\s[{UPPER}]{{2,}}){{1,8}})$"
)


def apart(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with each line of recipients and signature that run together cut in two.

    The parts of the signature follow the recipients, so that both can be read on.
    """
    result: list[Row] = []
    held: list[Row] = []
    for row in rows:
        match = _SIDE_BY_SIDE.match(row.text) if row.text[:1] in "-–•N" else None
        if match:
            result.append(_part(row, match["left"]))
            held.append(_part(row, match["right"]))
            continue
        if held and row.text[:1] not in "-–•+":
            result += held
            held = []
        result.append(row)
    return [*result, *held] if held or len(result) != len(rows) else rows


def _part(row: Row, text: str) -> Row:
    return replace(row, text=text, wide=text, folded=fold(text), full=False)
