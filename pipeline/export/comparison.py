"""What was found by comparing plans, as tables for the sheets of the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from pipeline.audit.compare import COMPARED, Comparison
from pipeline.export import columns, years
from pipeline.export.frames import Row, day, unit_label
from pipeline.export.messages import Messages

_MAX_UNITS = 60  # names listed in one cell; the number beside it counts all


def tables(
    found: Comparison, texts: Messages
) -> Iterator[tuple[str, tuple[columns.Column, ...], Iterator[Row]]]:
    """Each sheet's name, columns and rows, in the order of the sheets, made when it is asked for.

    The sheet of years is left out where no unit has plans of two years.
    """
    shapes = {"side_by_side": columns.side_by_side(COMPARED), **columns.COMPARED}
    for name, rows_of in _TABLES.items():
        rows = enumerate(rows_of(found, texts), start=1)
        numbered = ((number, *row) for number, row in rows)
        first = next(numbered, None)
        if first is not None:
            yield name, shapes[name], chain([first], numbered)
        elif name != "changes":
            yield name, shapes[name], numbered


def _side_by_side(found: Comparison, texts: Messages) -> Iterator[Row]:
    for s in found.sections():
        yield (unit_label(s.unit, s.path, texts), *s.texts, s.path)


def _copies(found: Comparison, texts: Messages) -> Iterator[Row]:
    for c in found.copies():
        yield (
            unit_label(c.unit, c.path, texts), unit_label(c.other_unit, c.other, texts),
            texts[f"relation.{c.relation}"], c.share, c.own_count, "\n".join(c.own),
            c.lacking_count, "\n".join(c.lacking), c.path, c.other,
        )  # fmt: skip


def _leftovers(found: Comparison, texts: Messages) -> Iterator[Row]:
    for o in found.leftovers():
        yield (
            unit_label(o.unit, o.path, texts), texts[f"leftover.{o.kind}"], o.words, o.quote,
            texts.path(o.section), o.page, o.line, o.path,
        )  # fmt: skip


def _unassigned(found: Comparison, texts: Messages) -> Iterator[Row]:
    for u in found.unassigned():
        yield (
            unit_label(u.unit, u.path, texts), texts.name("duty", u.duty), u.quote,
            texts.path(u.section), u.page, u.line, u.path,
        )  # fmt: skip


def _parents(found: Comparison, texts: Messages) -> Iterator[Row]:
    for p in found.parents():
        yield (p.code, day(p.date), p.plans, p.dated, p.first, p.middle, p.last, p.last_unit)


def _cited(found: Comparison, texts: Messages) -> Iterator[Row]:
    for c in found.cited():
        yield (
            c.code, c.type, day(c.date), c.issuer, c.about, len(c.units), _names(c.units)
        )  # fmt: skip


def _changes(found: Comparison, texts: Messages) -> Iterator[Row]:
    for pair in found.years():
        for line in years.lines(pair, texts):
            yield (
                unit_label(pair.unit, pair.path, texts), pair.year, pair.later, line.compared,
                line.change, line.subject, line.before, line.after, pair.path, pair.other,
            )  # fmt: skip


def _names(units: tuple[str, ...]) -> str:
    names = "; ".join(units[:_MAX_UNITS])
    return names if len(units) <= _MAX_UNITS else f"{names}; …"


_TABLES: dict[str, Callable[[Comparison, Messages], Iterator[Row]]] = {
    "side_by_side": _side_by_side,
    "copies": _copies,
    "leftovers": _leftovers,
    "unassigned": _unassigned,
    "parents": _parents,
    "cited": _cited,
    "changes": _changes,
}
