"""The plans of corpora/plans: each field that their truth is sure of, against a record."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.normalize.record import PlanRecord, Section

PLANS = Path(__file__).resolve().parent.parent / "corpora" / "plans"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it must be, and what the record has."""

    name: str
    wanted: Any
    got: Any

    @property
    def right(self) -> bool:
        """Whether the record has what it must."""
        return bool(self.wanted == self.got)


def truths() -> list[tuple[Path, dict[str, Any]]]:
    """Every plan with its truth, in the order of their names."""
    return [
        (path.with_suffix(".txt"), tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(PLANS.glob("*.toml"))
    ]


def sections_of(sections: list[Section]) -> Iterator[Section]:
    """All sections, children included."""
    for section in sections:
        yield section
        yield from sections_of(section.children)


def fields(truth: dict[str, Any], record: PlanRecord) -> list[Field]:
    """The fields that the truth names; what it does not name is not asked for."""
    signature = record.signature
    parents = [c for basis in record.legal_basis if basis.parent_plan for c in basis.citations]
    codes = [citation.code for citation in record.citations if citation.code]
    by_path = {section.path: section for section in sections_of(record.sections)}
    by_index = {finding.id: finding.status for finding in record.indices}
    simple = {
        "form": record.form,
        "number": record.number.value,
        "number_status": record.number.status,
        "place": record.issued.place,
        "date": record.issued.date,
        "not_before": record.issued.not_before,
        "unit": record.unit.name,
        "level": record.unit.level,
        "province": record.unit.province,
        "title": record.title,
        "year": record.year,
        "parent_plan": truth.get("parent_plan") if truth.get("parent_plan") in parents else parents,
        "units": [assignment.unit for assignment in record.assignments],
        "lead": next((a.unit for a in record.assignments if a.lead), None),
        "frequency": record.reporting.frequency if record.reporting else [],
        "to": record.reporting.to if record.reporting else None,
        "recipients": len(record.recipients),
        "authority": signature.authority if signature else [],
        "position": signature.position if signature else None,
        "signer": (signature.name if signature else None) or "",
        "tasks": len(record.tasks),
        "areas": sum(area.status == "covered" for area in record.areas),
    }
    found = [Field(name, truth[name], simple[name]) for name in simple if name in truth]
    found += [
        Field(f"code {code}", code, code if code in codes else None) for code in truth["codes"]
    ]
    sources = [s.lower() for s in record.funding.sources] if record.funding else []
    for source in truth.get("funding", ()):
        found.append(Field("funding", source, source if source in sources else sources))
    for path, ids in truth["sections"].items():
        found.append(Field(f"section {path}", ids, by_path[path].ids if path in by_path else None))
    for path, count in truth["items"].items():
        section = by_path.get(path)
        found.append(Field(f"items {path}", count, len(section.items) if section else None))
    found += [
        Field(f"index {name}", status, by_index.get(name, "absent"))
        for name, status in truth["indices"].items()
    ]
    return found
