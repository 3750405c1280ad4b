"""A checklist: what a plan must hold beside the required indices, as a table that users can change.

The list that comes with the program is ``pipeline/data/checklist.toml``; a user's own file has the
same form. Checks look only at the record, so a list can be applied to a folder that was read
before the list was written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.audit.matrix import parent_plan
from pipeline.audit.passages import walk
from pipeline.errors import UsageError
from pipeline.normalize.record import PlanRecord, SectionId

Kind = Literal["field", "section", "areas", "channels", "lead", "deadline"]
FIELDS = (
    "number",
    "issued",
    "unit",
    "title",
    "year",
    "legal_basis",
    "parent_plan",
    "audience",
    "assignments",
    "tasks",
    "funding",
    "reporting",
    "recipients",
    "signature",
    "citations",
)


class Check(BaseModel):
    """One demand on a plan; ``vi`` and ``en`` are what readers call it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Kind
    vi: str
    en: str
    value: str | None = None
    least: int = Field(default=1, ge=1)
    days: int | None = Field(default=None, ge=0)
    source: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Check:
        """Refuse a check that could never be judged."""
        allowed: dict[str, Sequence[str | None]] = {
            "field": FIELDS,
            "section": get_args(SectionId),
            "channels": ("online", "traditional", "any"),
        }
        choices = allowed.get(self.kind, (None,))
        if self.value not in choices:
            known = ", ".join(str(choice) for choice in choices if choice) or "left out"
            raise ValueError(f"check {self.id!r}: value must be {known}; it is {self.value!r}")
        if (self.kind == "deadline") != (self.days is not None):
            raise ValueError(f"check {self.id!r}: days goes with kind deadline, and only there")
        return self

    def name(self, language: str) -> str:
        """What readers of that language call the check."""
        return self.en if language == "en" else self.vi


class Index(BaseModel):
    """An index of the user's own; ``level`` says whose it is, for readers only.

    ``names`` are full names ("Chỉ số …"), ``abbreviations`` are matched letter for letter,
    ``themes`` are words near the subject that do not count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Z0-9_]{2,20}$")
    vi: str
    en: str
    names: tuple[str, ...] = Field(min_length=1)
    abbreviations: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    level: str = ""
    source: str = ""

    def name(self, language: str) -> str:
        """What readers of that language call the index."""
        return self.en if language == "en" else self.vi


class Checklist(BaseModel):
    """A named, versioned list of checks, and of indices that are required beside the usual ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    check: tuple[Check, ...] = ()
    index: tuple[Index, ...] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> Checklist:
        if not self.check and not self.index:
            raise ValueError("the list asks for nothing: add [[check]] or [[index]]")
        return self


def load(path: Path) -> Checklist:
    """The user's checklist at ``path``. Raises UsageError that says what is wrong with the file."""
    try:
        return Checklist.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not a TOML file in UTF-8 ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: {place}: {first['msg']}") from error


def chosen(path: Path | None) -> Checklist | None:
    """The checklist at ``path``; None where none was chosen. Raises UsageError as :func:`load`."""
    return load(path) if path is not None else None


@cache
def default() -> Checklist:
    """The checklist that comes with the program."""
    text = (files("pipeline") / "data" / "checklist.toml").read_text(encoding="utf-8")
    return Checklist.model_validate(tomllib.loads(text))


def missing(record: PlanRecord, checklist: Checklist | None = None) -> list[Check]:
    """The checks that ``record`` does not meet, in the order of the list."""
    return [check for check in (checklist or default()).check if not met(record, check)]


def met(record: PlanRecord, check: Check) -> bool:
    """Whether ``record`` meets ``check``. A deadline is met where a date is not known."""
    match check.kind:
        case "field":
            return _has(record, str(check.value))
        case "section":
            return any(check.value in section.ids for section in walk(record.sections))
        case "areas":
            return sum(area.status == "covered" for area in record.areas) >= check.least
        case "channels":
            found = [c for c in record.channels if check.value in ("any", c.mode)]
            return len(found) >= check.least
        case "lead":
            return any(a.lead for a in record.assignments) or any(t.lead for t in record.tasks)
        case "deadline":
            lag = lag_days(record)
            return lag is None or check.days is None or lag <= check.days


def lag_days(record: PlanRecord) -> int | None:
    """Days from the parent plan's date to the plan's own; None where either is not known."""
    parent = parent_plan(record)
    if parent is None or parent.date is None or record.issued.date is None:
        return None
    try:
        return (date.fromisoformat(record.issued.date) - date.fromisoformat(parent.date)).days
    except ValueError:  # a date that no calendar has, such as 30 February
        return None


def _has(record: PlanRecord, field: str) -> bool:
    match field:
        case "number":
            return record.number.status == "present"
        case "issued":
            return record.issued.status == "present"
        case "unit":
            return record.unit.name is not None
        case "parent_plan":
            return parent_plan(record) is not None
        case _:
            return bool(getattr(record, field))
