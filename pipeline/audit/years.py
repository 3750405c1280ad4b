"""Year against year: which plans of a folder are of one unit and of years that follow one another.

A unit is known by its name and province, and by its district where two units of that name are in
the folder. Where it has several plans of one year, each is put beside the one of the year before
that it has most text in common with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.audit.copies import Text, share_of
from pipeline.audit.yearly import Facts, Years, years_of
from pipeline.segment.fold import fold

_PLANS = 8  # of one unit and year that are put side by side with those of the year before


class _Plan(NamedTuple):
    at: int
    year: int
    district: str
    province: str


def years(facts: Sequence[Facts], texts: Sequence[Text]) -> Iterator[tuple[int, int, Years]]:
    """For each plan with one of an earlier year: the places of both, and the comparison.

    ``facts`` and ``texts`` are those of the same plans in the same order, and are read one by one.
    The result follows that order. Nothing is compared where the year or the unit is not known.
    """
    for later, earlier in sorted(_pairs(facts, texts)):
        yield later, earlier, years_of(facts[earlier], facts[later], texts[earlier], texts[later])


def _pairs(facts: Iterable[Facts], texts: Sequence[Text]) -> Iterator[tuple[int, int]]:
    named: dict[str, list[_Plan]] = {}
    for at, one in enumerate(facts):
        if one.unit and one.year:
            plan = _Plan(at, one.year, fold(one.district or ""), fold(one.province or ""))
            named.setdefault(fold(one.unit), []).append(plan)
    for plans in named.values():
        for unit in _units(plans):
            of_year: dict[int, list[int]] = {}
            for plan in unit:
                of_year.setdefault(plan.year, []).append(plan.at)
            for year, later in pairwise(sorted(of_year)):
                yield from _side_by_side(of_year[year], of_year[later], texts)


def _units(plans: list[_Plan]) -> Iterator[list[_Plan]]:
    """Plans of units of one name, by unit: what is not said is no difference, unless two fit."""
    for of_province in _told_apart(plans, "province"):
        yield from _told_apart(of_province, "district")


def _told_apart(plans: list[_Plan], by: str) -> list[list[_Plan]]:
    values = {getattr(plan, by) for plan in plans}
    if len(values - {""}) < 2:
        return [plans]
    return [[plan for plan in plans if getattr(plan, by) == value] for value in sorted(values)]


def _side_by_side(
    old: Sequence[int], new: Sequence[int], texts: Sequence[Text]
) -> Iterator[tuple[int, int]]:
    """Pairs (later, earlier), each plan in one pair at most."""
    if len(old) == len(new) == 1:
        yield new[0], old[0]
        return
    before = {at: texts[at] for at in old[-_PLANS:]}
    after = {at: texts[at] for at in new[-_PLANS:]}
    shares = {(a, b): share_of(after[a], before[b]) for a in after for b in before}
    for later, earlier in sorted(shares, key=lambda pair: (-shares[pair], pair)):
        if later in after and earlier in before:
            yield later, earlier
            del after[later], before[earlier]
