"""What was found by comparing plans, as tables for the sheets of the workbook."""

from __future__ import annotations

import pandas as pd

from pipeline.audit.compare import COMPARED, Comparison
from pipeline.export import columns
from pipeline.export.frames import Row, day, frame, unit_label
from pipeline.export.messages import Messages

_MAX_UNITS = 60  # names listed in one cell; the number beside it counts all


def tables(
    found: Comparison, texts: Messages
) -> dict[str, tuple[tuple[columns.Column, ...], pd.DataFrame]]:
    """Each sheet's columns and rows, in the order of the sheets; empty years are left out."""
    rows: dict[str, list[Row]] = {
        "side_by_side": [
            (unit_label(s.unit, s.path, texts), *s.texts, s.path) for s in found.sections
        ],
        "copies": _copies(found, texts),
        "leftovers": [
            (unit_label(o.unit, o.path, texts), texts[f"leftover.{o.kind}"], o.words, o.quote,
             texts.path(o.section), o.page, o.line, o.path)
            for o in found.leftovers
        ],
        "unassigned": [
            (unit_label(u.unit, u.path, texts), texts.name("duty", u.duty), u.quote,
             texts.path(u.section), u.page, u.line, u.path)
            for u in found.unassigned
        ],
        "parents": [
            (p.code, day(p.date), p.plans, p.dated, p.first, p.middle, p.last, p.last_unit)
            for p in found.parents
        ],
        "cited": [
            (c.code, c.type, day(c.date), c.issuer, c.about, len(c.units), _names(c.units))
            for c in found.cited
        ],
        "changes": [
            (c.unit, c.index, c.year, c.before, c.later, c.after) for c in found.changes
        ],
    }  # fmt: skip
    if not rows["changes"]:
        del rows["changes"]
    shapes = {"side_by_side": columns.side_by_side(COMPARED), **columns.COMPARED}
    return {name: (shapes[name], frame(shapes[name], values)) for name, values in rows.items()}


def _copies(found: Comparison, texts: Messages) -> list[Row]:
    return [
        (unit_label(c.unit, c.path, texts), unit_label(c.other_unit, c.other, texts),
         texts[f"relation.{c.relation}"], c.share, c.own_count, "\n".join(c.own), c.path, c.other)
        for c in found.copies
    ]  # fmt: skip


def _names(units: tuple[str, ...]) -> str:
    names = "; ".join(units[:_MAX_UNITS])
    return names if len(units) <= _MAX_UNITS else f"{names}; …"
