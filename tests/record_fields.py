"""A record as a flat list of fields: that of a damaged text is compared with the clean one."""

from __future__ import annotations

import re
from typing import Any

from plan_truth import sections_of
from rapidfuzz import fuzz

from pipeline.entities.units import spelt
from pipeline.normalize.record import PlanRecord

# Of a long text, this share of the letters must be right.
_ALIKE = 95.0
_LONG = (
    "title",
    "heading",
    "recipient",
    "funding.text",
    "reporting.text",
    "duty",
    "task",
    "audience",
)


def flat(record: PlanRecord) -> dict[str, Any]:
    """Field by field: head and foot, basis, outline, indices, content, citations."""
    signature, funding, reporting = record.signature, record.funding, record.reporting
    found: dict[str, Any] = {
        "form": record.form,
        "number": record.number.value,
        "number.status": record.number.status,
        "issued.place": record.issued.place,
        "issued.date": record.issued.date,
        "issued.not_before": record.issued.not_before,
        "issued.not_after": record.issued.not_after,
        "unit": record.unit.name,
        "unit.level": record.unit.level,
        "unit.province": record.unit.province,
        "unit.parents": tuple(record.unit.parents),
        "unit.successors": tuple(record.unit.successors),
        "title": record.title,
        "year": record.year,
        "funding.sources": tuple(funding.sources) if funding else None,
        "funding.text": funding.text if funding else None,
        "reporting.frequency": tuple(reporting.frequency) if reporting else None,
        "reporting.to": reporting.to if reporting else None,
        "signature.authority": tuple(signature.authority) if signature else None,
        "signature.position": signature.position if signature else None,
        "signature.name": signature.name if signature else None,
        "recipients": len(record.recipients),
        "assignments": len(record.assignments),
        "lead": next((a.unit for a in record.assignments if a.lead), None),
        "tasks": len(record.tasks),
        "bases": len(record.legal_basis),
    }
    found |= {f"recipient {n}": name for n, name in enumerate(record.recipients)}
    found |= {f"audience {n}": name for n, name in enumerate(record.audience)}
    for n, basis in enumerate(record.legal_basis):
        found[f"basis {n}"] = (basis.role, tuple(basis.citations), basis.parent_plan)
    for section in sections_of(record.sections):
        found[f"section {section.path}"] = tuple(section.ids)
        found[f"heading {section.path}"] = section.heading
        paths = [item.path.removeprefix(section.path) for item in section.items]
        found[f"items {section.path}"] = tuple(paths)
    found |= {f"index {index.id}": index.status for index in record.indices}
    found |= {f"area {area.id}": area.status for area in record.areas}
    found |= {f"channel {channel.id}": channel.mode for channel in record.channels}
    found |= {f"unit {a.path}": a.unit for a in record.assignments}
    for n, task in enumerate(record.tasks):
        number = task.no or n
        for name in ("no", "task", "lead", "partners", "schedule", "product"):
            found[f"task {number} {name}"] = getattr(task, name)
    for citation in record.citations:
        if citation.code:
            value = (citation.type, citation.date, citation.issuer)
            found.setdefault(f"code {citation.code}", value)
    return found


def same(name: str, left: Any, right: Any) -> bool:
    """Whether two values are the same but for capitals, punctuation and "Uỷ" for "Ủy"."""
    if isinstance(left, str) and isinstance(right, str):
        left, right = _plain(left), _plain(right)
        return left == right or (name.startswith(_LONG) and fuzz.ratio(left, right) >= _ALIKE)
    if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
        return all(same(name, a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def _plain(text: str) -> str:
    """Letters and marks by word, wherever the tone mark is placed: two spellings of one word."""
    words = re.findall(r"\w+", text.casefold())
    return " ".join("".join(letters) for letters in spelt(" ".join(words)))


def differences(clean: dict[str, Any], other: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Fields of ``clean`` that ``other`` has not, or has otherwise, and what only ``other`` has."""
    wrong = [
        (name, value, other.get(name))
        for name, value in clean.items()
        if not same(name, value, other.get(name))
    ]
    return wrong + [(name, None, value) for name, value in other.items() if name not in clean]
