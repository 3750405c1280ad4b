"""Year against year in the report: a table over all units, and what each plan's card tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from pipeline.audit.copies import Body, Text
from pipeline.audit.yearly import Years
from pipeline.export import years
from pipeline.export.messages import Messages
from pipeline.export.sheet import mark_text

_MAX_LINES = 16  # of one plan, and of one kind: the workbook has all of them
_MAX_OF_KIND = 4
_MAX_TEXT = 160


class Comparable(Sequence[Text]):
    """The texts of plans, each made from its body when it is asked for: few ever are."""

    def __init__(self, bodies: Sequence[Body]) -> None:
        self._bodies = bodies

    def __len__(self) -> int:
        return len(self._bodies)

    @overload
    def __getitem__(self, at: int) -> Text: ...
    @overload
    def __getitem__(self, at: slice) -> Comparable: ...
    def __getitem__(self, at: int | slice) -> Text | Comparable:
        if isinstance(at, slice):
            return Comparable(self._bodies[at])
        return self._bodies[at].text()


@dataclass
class Step:
    """All plans of one year beside those of the year before. ``share`` is the sum of shares.

    ``indices`` has for each required index how many units took it up and how many dropped it.
    """

    year: int
    later: int
    plans: int = 0
    share: float = 0.0
    better: int = 0
    worse: int = 0
    indices: dict[str, list[int]] = field(default_factory=dict)

    def add(self, pair: Years) -> None:
        """Count one unit."""
        self.plans += 1
        self.share += pair.share
        self.better += pair.scores[1] > pair.scores[0]
        self.worse += pair.scores[1] < pair.scores[0]
        for one in pair.differences:
            if one.kind == "index" and "covered" in (one.before, one.after):
                self.indices.setdefault(one.subject, [0, 0])[one.before == "covered"] += 1


class Steps:
    """The steps from year to year, counted as plans are compared."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], Step] = {}

    def add(self, pair: Years) -> None:
        """Count one plan beside the one of the year before."""
        key = (pair.year, pair.later)
        self._found.setdefault(key, Step(*key)).add(pair)

    def in_order(self) -> list[Step]:
        """The first years first."""
        return [self._found[key] for key in sorted(self._found)]


def entry(pair: Years, earlier: int, texts: Messages) -> dict[str, Any]:
    """What the card of the later plan tells; ``earlier`` is the row of the other in the matrix."""
    lines = list(years.lines(pair, texts))
    of_kind: Counter[str] = Counter()
    shown: list[list[str | None]] = []
    for line in lines:
        of_kind[line.kind] += 1
        if of_kind[line.kind] <= _MAX_OF_KIND and len(shown) < _MAX_LINES:
            shown.append(_line(line, texts))
    return {
        "year": pair.year,
        "row": earlier,
        "lines": shown,
        "more": len(lines) - len(shown),
    }


def _line(line: years.Line, texts: Messages) -> list[str | None]:
    before, after = line.before, line.after
    if line.kind == "index":
        before, after = (mark and mark_text(mark, texts) for mark in (before, after))
    said = (line.subject, before, after)
    if before == line.subject or after == line.subject:  # a name of its own: once is enough
        said = (line.subject, None, None)
    return [line.compared, line.change, *(text and _cut(text) for text in said)]


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT].rstrip() + " …"
