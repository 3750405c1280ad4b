"""Lines of the signature block, of which there are few: damaged ones are known by likeness."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from pipeline.segment.fold import fold, is_caps
from pipeline.segment.tables import table

_AUTHORITY = re.compile(r"^(?P<mark>T\s?\w?\s?M|K\s?T|T\s?L|TUQ|Q)\s?[.,]\s?(?P<rest>\S.*)$")
# The stop was not read: "KT CHỦ TỊCH".
_NO_STOP = re.compile(r"^(?P<mark>TM|KT|TL|TUQ)\s+(?P<rest>\S.*)$")
_PARTY = re.compile(r"^(?P<mark>T\s?/\s?[ML]|K\s?/\s?T)\s?\.?\s+(?P<rest>\S.*)$")
# "CHỦ T CH" has six of the seven letters; two different positions are never so alike.
_ALIKE = 88.0


@lru_cache(maxsize=1024)
def formal_position(line: str) -> str | None:
    """The position that a line in capitals names, with its letters whole; None for other lines.

    >>> formal_position("PHÓ CHỦ T CH"), formal_position("HÓ CHỦ TỊCH")
    ('PHÓ CHỦ TỊCH', 'PHÓ CHỦ TỊCH')
    """
    return _nearest(line, "positions")


@lru_cache(maxsize=1024)
def formal_authority(line: str) -> str | None:
    """An authority line with mark and body whole ("KT. CHỦ TỊCH"); None for other lines.

    A body that is not in the table stays as it is written.
    """
    party = _PARTY.match(line.strip())  # "T/M BAN THƯỜNG VỤ", without a stop
    match = party or _AUTHORITY.match(line.strip()) or _NO_STOP.match(line.strip())
    if not match or not is_caps(match["rest"], share=0.7):
        return None
    mark = re.sub(r"\s", "", match["mark"])
    mark = "TM" if not party and mark.startswith("T") and mark.endswith("M") else mark
    body = match["rest"].strip(" .;,")
    known = _nearest(body, "positions") or _nearest(body, "bodies")
    return f"{mark}{'' if party else '.'} {known or body}"


def _nearest(line: str, kind: str) -> str | None:
    if not 5 <= len(line) <= 40 or not is_caps(line, share=0.7):
        return None
    letters = _letters(line)
    best = max(table("positions")[kind], key=lambda name: fuzz.ratio(letters, _letters(name)))
    return str(best) if fuzz.ratio(letters, _letters(best)) >= _ALIKE else None


def _letters(line: str) -> str:
    return re.sub(r"[^a-z]", "", fold(line))
