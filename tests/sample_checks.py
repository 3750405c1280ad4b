"""What a record says against what is true of a sample, field by field.

Each check yields one sentence for each thing that is wrong; none means that the field is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from sample_truth import Truth, folded

from pipeline.document import Document
from pipeline.normalize.record import PlanRecord, Section

Check = Callable[[Truth, Document, PlanRecord], Iterator[str]]


def alike(text: str | None) -> str:
    """A text without case, punctuation and spaces, for names that are written in several ways."""
    return re.sub(r"[\W_]+", "", folded(text or "")).casefold()


def differs(name: str, found: object, true: object) -> Iterator[str]:
    if found != true:
        yield f"{name}: found {found!r}, true is {true!r}"


def tree(sections: list[Section]) -> Iterator[tuple[str, Section]]:
    """Sections with a number, as ``(path of numbers, section)``; ``I.2`` is the second in I."""
    for section in sections:
        if section.number is None:
            yield from tree(section.children)
        else:
            number = section.number.strip(".) ")
            yield number, section
            for path, child in tree(section.children):
                yield f"{number}.{path}", child


def true_tree(nodes: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for node in nodes:
        yield node["number"], node
        for path, child in true_tree(node["children"]):
            yield f"{node['number']}.{path}", child


def damage(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    found = set(record.quality.damage)
    if any(issue.code in ("lost_glyphs", "glyphs_solved") for issue in record.issues):
        found.add("dropped_glyphs")  # made good while the text was extracted, and told
    if truth.damage == ("vietnamese_ocr",):  # a good scan reads clean; how it was read is told
        methods = {page.method for page in record.quality.pages}
        if "text" in methods:
            yield f"pages were read by {methods}"
    elif not set(truth.damage) - {"vietnamese_ocr"} <= found:
        yield f"damage: found {sorted(found)}, true is {truth.damage}"
    if truth.damage == ("clean",) and truth.kind not in ("txt_nfd", "txt_cp1258"):
        # (in these two NFC itself is an edit)
        yield from differs("edited words of a clean file", record.quality.edited_words, 0)


def form(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    yield from differs("form", record.form, truth.record["form"])


def number_and_date(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    number, issued = truth.record["number"], truth.record["issued"]
    if "number" not in truth.unreadable:
        found = (record.number.status, record.number.value)
        yield from differs("number", found, (number["status"], number.get("value")))
    if "issued" not in truth.unreadable and "status" in issued:
        yield from differs("place", record.issued.place, issued.get("place"))
        yield from differs("date", record.issued.date, issued.get("date"))


def unit(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true = truth.record["unit"]
    if "name" in true:
        yield from differs("unit", record.unit.name, true["name"])
        yield from differs("type", record.unit.type, true["type"])
        yield from differs("level", record.unit.level, true["level"])
    if "province" in true and not alike(record.unit.province).endswith(alike(true["province"])):
        yield f"province: found {record.unit.province!r}, true is {true['province']!r}"


def title_and_year(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true = truth.record
    if "title" in true:
        yield from differs("year", record.year, true["year"])
        subject = true["title"].split(" ", 2)[2]
        if alike(subject) not in alike(record.title):
            yield f"title: found {record.title!r}, true is {true['title']!r}"


def sections(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    found = dict(tree(record.sections))
    for path, node in true_tree(truth.record["sections"]):
        if path not in found:
            yield f"section {path} {node['heading']} is missing"
            continue
        if alike(found[path].heading) != alike(node["heading"]):
            yield f"section {path}: found {found[path].heading!r}, true is {node['heading']!r}"
        if "ids" in node:
            yield from differs(f"ids of {path}", found[path].ids, node["ids"])


def indices(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    findings = {finding.id: finding for finding in record.indices}
    for true in truth.record["indices"]:
        finding = findings.pop(true["id"], None)
        status = finding.status if finding else None
        yield from differs(true["id"], status, true["status"])
        if finding and status == "covered" == true["status"]:
            quotes = [alike(evidence.quote) for evidence in finding.evidence]
            if not any(alike(true["quote"]) in quote for quote in quotes):
                yield f"{true['id']}: no evidence has {true['quote']!r}"
    for name, finding in findings.items():
        if finding.status == "covered":
            yield f"{name} is covered, by {finding.evidence[0].quote!r}"


def legal_basis(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true = truth.record
    for expected in true["legal_basis"]:
        wanted = (expected["role"], set(expected["citations"]))
        if not any(
            basis.role == wanted[0] and wanted[1] <= set(basis.citations)
            for basis in record.legal_basis
        ):
            yield f"no legal basis is {wanted}: {expected['text'][:60]}"
    parents = {code for b in record.legal_basis if b.parent_plan for code in b.citations}
    if true.get("parent_plan") and true["parent_plan"] not in parents:
        yield f"parent plan {true['parent_plan']} is not marked"


def citations(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    own = truth.record["number"].get("value")
    missing = set(truth.record["citations"]) - {citation.code for citation in record.citations}
    if missing - {own}:
        yield f"citations missing: {sorted(missing - {own})}"


def recipients(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    yield from differs("recipients", len(record.recipients), len(truth.record["recipients"]))


def signature(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true, found = truth.record["signature"], record.signature
    yield from differs("name", found and found.name, true["name"])
    yield from differs("authority", found.authority if found else [], true["authority"])
    yield from differs("position", found and found.position, true["position"])


def assignments(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    units = [alike(assignment.unit) for assignment in record.assignments]
    for top in truth.record["sections"]:
        for node in top["children"] if top.get("ids") == ["implementation"] else ():
            is_unit = node.get("ids") != ["reporting"]
            if is_unit and not any(alike(node["heading"]) in unit for unit in units):
                yield f"assignment of {node['heading']} is missing"
    leads = [alike(assignment.unit) for assignment in record.assignments if assignment.lead]
    lead = truth.record.get("lead")
    if lead and not any(alike(lead) in unit for unit in leads):
        yield f"{lead} is not the lead"


def funding(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true = truth.record.get("funding")
    if true and not (record.funding and alike(true) in alike(record.funding.text)):
        yield f"funding: found {record.funding and record.funding.text!r}, true has {true!r}"
    if true == "" and record.funding:
        yield f"funding: found {record.funding.text!r}, true is none"


def reporting(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true = truth.record.get("reporting")
    if true:
        found = set(record.reporting.frequency) if record.reporting else set()
        yield from differs("frequency", found, set(true["frequency"]))


def tasks(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    true = truth.record["tasks"]
    yield from differs("tasks", len(record.tasks), len(true))
    if len(record.tasks) == len(true):
        flat = truth.kind.startswith(("txt", "md"))
        above: dict[str, str | None] = {}
        for task, row in zip(record.tasks, true, strict=True):
            for name, value in row.items():
                found = getattr(task, name)
                if flat and found is None and value == above.get(name):
                    continue  # a merged cell: as text it is empty, so null is right too
                if alike(found) != alike(value):
                    yield f"task {row['no']} {name}: found {found!r}, true {value!r}"
            above = row


def provenance(truth: Truth, document: Document, record: PlanRecord) -> Iterator[str]:
    """From a finding back to its line: the line's raw text is part of the evidence's."""
    pages = {page.number: page for page in document.pages}
    for finding in record.indices:
        for evidence in finding.evidence:
            line = pages[evidence.page].lines[evidence.line - 1]
            if alike(line.raw) not in alike(evidence.raw):
                yield f"{finding.id}: line {evidence.line} is not in {evidence.raw!r}"


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        damage,
        form,
        number_and_date,
        unit,
        title_and_year,
        sections,
        indices,
        legal_basis,
        citations,
        recipients,
        signature,
        assignments,
        funding,
        reporting,
        tasks,
        provenance,
    )
}
