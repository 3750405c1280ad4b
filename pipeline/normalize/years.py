"""The year that a plan is for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.document import Place
from pipeline.entities.spans import Span
from pipeline.normalize.record import Issued
from pipeline.segment.fold import fold

_YEAR = re.compile(r"(?:\bnam|\bgiai doan)\s*(20\d\d)\b")
_VISION = re.compile(r"\btam nhin\b\D*20\d\d")  # "tầm nhìn đến năm 2045" is no year of a plan


def year_of(
    title: str | None, title_place: Place | None, issued: Issued, spans: Sequence[Span]
) -> tuple[int | None, Place | None]:
    """The year of the title; else that of the opening sentence; else the year of issue.

    With the place that gives it; None for that of the date of issue.
    """
    if title and (match := _YEAR.search(_VISION.sub("", fold(title)))):
        return int(match.group(1)), title_place
    for span in spans:
        if {"header", "legal_basis", "decision"} & set(span.ids):
            issues = span.folded.rfind("ban hanh ke hoach")
            if issues >= 0 and (match := _YEAR.search(span.folded, issues)):
                return int(match.group(1)), span.locate(*match.span())
    date = issued.date or issued.not_before
    return (int(date[:4]) if date else None), None
