"""The fields of a record that a person can correct: where each stands, how it is written, read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from pipeline.entities.gazetteer import COMMUNE_TYPES, DISTRICT_TYPES, gazetteer, short_province
from pipeline.entities.gazetteer import split_type as split_unit
from pipeline.errors import UsageError
from pipeline.normalize.record import (
    Form,
    Issued,
    Number,
    PlanRecord,
    Reporting,
    Signature,
    Unit,
    Where,
)


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A field: its key, where its place is kept, and what the record notes while it is unclear.

    ``choices`` are the only values that it takes, where there are such.
    """

    key: str
    where: Callable[[PlanRecord], Where | None]
    issues: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


FIELDS: tuple[FieldKind, ...] = (
    FieldKind("unit.name", lambda r: r.unit.where, ("unit_unknown", "unit_ambiguous")),
    FieldKind("unit.province", lambda r: r.unit.where, ("unit_ambiguous",)),
    FieldKind("number.value", lambda r: r.number.where, ("number_unreadable",)),
    FieldKind("issued.place", lambda r: r.issued.where),
    FieldKind("issued.date", lambda r: r.issued.where, ("date_unreadable", "dates_differ")),
    FieldKind("form", lambda r: r.title_where, ("not_a_plan",), choices=get_args(Form)),
    FieldKind("title", lambda r: r.title_where),
    FieldKind("year", lambda r: r.title_where),
    FieldKind("signature.position", lambda r: r.signature.where if r.signature else None),
    FieldKind("signature.name", lambda r: r.signature.where if r.signature else None),
    FieldKind("reporting.to", lambda r: r.reporting.where if r.reporting else None),
)
_BY_KEY = {field.key: field for field in FIELDS}


def value_of(record: PlanRecord, key: str) -> str:
    """What the field holds, as text; "" where the document says nothing."""
    value: Any = record
    for part in key.split("."):
        value = getattr(value, part, None)
    return "" if value is None else str(value)


def with_field(record: PlanRecord, key: str, text: str) -> PlanRecord:
    """The record with ``text`` in a field, and with what follows from it.

    Raises UsageError when there is no such field, or when it cannot hold that text.
    """
    if key not in _BY_KEY:
        raise UsageError(f"there is no field {key!r}")
    value = text.strip() or None
    try:
        changed = _SETTERS[key](record, value)
    except ValidationError:
        raise UsageError(f"{text!r} is no value for {key}") from None
    settled = _BY_KEY[key].issues
    issues = [issue for issue in changed.issues if issue.code not in settled]
    return changed.model_copy(update={"issues": issues})


def _root(name: str) -> Callable[[PlanRecord, str | None], PlanRecord]:
    kind: Any = PlanRecord.model_fields[name].annotation
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def put(record: PlanRecord, value: str | None) -> PlanRecord:
        return record.model_copy(update={name: adapter.validate_python(value)})

    return put


def _part(name: str, leaf: str, empty: Any) -> Callable[[PlanRecord, str | None], PlanRecord]:
    """Sets a field of a part; ``empty`` is the part where the record has none."""

    def put(record: PlanRecord, value: str | None) -> PlanRecord:
        part = getattr(record, name) or empty
        changed = type(part).model_validate({**part.model_dump(), leaf: value})
        return record.model_copy(update={name: changed})

    return put


def _number(record: PlanRecord, value: str | None) -> PlanRecord:
    old = record.number
    emptied = "absent" if old.value else old.status
    number = Number(value=value, status="present" if value else emptied, where=old.where)
    return record.model_copy(update={"number": number})


def _date(record: PlanRecord, value: str | None) -> PlanRecord:
    old = record.issued
    emptied = "absent" if old.date else old.status
    status = "present" if value else emptied
    bounds = {"not_before": None, "not_after": None} if value else {}
    issued = Issued.model_validate({**old.model_dump(), **bounds, "date": value, "status": status})
    return record.model_copy(update={"issued": issued})


def _unit(record: PlanRecord, value: str | None) -> PlanRecord:
    """The unit by that name; district, province and successors when the gazetteer knows one."""
    old = record.unit
    kind, name = split_unit(value) if value else ("", "")
    if kind in ("", "tỉnh"):
        level = "province" if kind else old.level
        unit = Unit(name=value, type=kind or None, level=level, province=old.province,
                    where=old.where)  # fmt: skip
        return record.model_copy(update={"unit": unit})
    known = gazetteer().find(kind, name)
    here = [one for one in known if short_province(one.province) == old.province] or known
    level = (
        "commune" if kind in COMMUNE_TYPES else "district" if kind in DISTRICT_TYPES else old.level
    )
    unit = Unit(name=value, type=kind, level=level, province=old.province, where=old.where)
    if len(here) == 1:
        parents = [parent for parent in (here[0].district, here[0].province) if parent]
        unit = unit.model_copy(
            update={
                "parents": parents,
                "province": short_province(here[0].province),
                "successors": list(here[0].successors),
            }
        )
    return record.model_copy(update={"unit": unit})


_NO_SIGNATURE = Signature(authority=[], position=None, name=None)
_NO_REPORTING = Reporting(frequency=[], to=None, text="")
_SETTERS: dict[str, Callable[[PlanRecord, str | None], PlanRecord]] = {
    "unit.name": _unit,
    "unit.province": _part("unit", "province", None),
    "number.value": _number,
    "issued.place": _part("issued", "place", None),
    "issued.date": _date,
    "form": _root("form"),
    "title": _root("title"),
    "year": _root("year"),
    "signature.position": _part("signature", "position", _NO_SIGNATURE),
    "signature.name": _part("signature", "name", _NO_SIGNATURE),
    "reporting.to": _part("reporting", "to", _NO_REPORTING),
}
