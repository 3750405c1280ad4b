"""The whole flow on the samples of corpora/samples, against their truth."""

from __future__ import annotations

import re
import shutil
from functools import cache
from typing import Any

import pytest
from sample_truth import Truth, body_text, folded, truths, word_error_rate

from pipeline import process_file
from pipeline.document import Document
from pipeline.normalize.record import PlanRecord, Section

# Word error rate of the restored text that a sample of each kind may have. What is not damaged
# must come through whole; the rest are the figures that were measured, and a little room.
BOUNDS = {
    "pdf": 0.005,
    "pdf_dropped": 0.02,
    "pdf_scan": 0.06,
    "pdf_mixed": 0.02,
    "png": 0.05,
    "jpeg": 0.05,
    "docx": 0.0,
    "txt": 0.0,
    "txt_nfd": 0.0,
    "txt_cp1258": 0.0,
    "txt_tcvn3": 0.02,
    "md": 0.005,
    "txt_no_marks": 0.03,
    "txt_dropped": 0.02,
    "txt_english_ocr": 0.15,
}
NEEDS_OCR = {"pdf_scan", "pdf_mixed", "png", "jpeg"}
TRUTHS = [pytest.param(truth, id=truth.stem) for truth in truths()]
PLANS = [t for t in TRUTHS if t.values[0].record["form"] != "other"]


@cache
def processed(truth: Truth) -> Document:
    if truth.kind in NEEDS_OCR and shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    return process_file(truth.file)


def record_of(truth: Truth) -> PlanRecord:
    record = processed(truth).record
    assert record is not None
    return record


def tree(sections: list[Section]) -> list[tuple[str, str, Section]]:
    """Numbered headings as ``(path of numbers, heading, section)``, in order."""
    found = []
    for section in sections:
        below = tree(section.children)
        if section.number is None:
            found += below
        else:
            number = section.number.strip(".) ")
            found.append((number, section.heading, section))
            found += [(f"{number}.{path}", heading, child) for path, heading, child in below]
    return found


def true_tree(nodes: list[dict[str, Any]]) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for node in nodes:
        found.append((node["number"], node["heading"], node))
        found += [(f"{node['number']}.{p}", h, n) for p, h, n in true_tree(node["children"])]
    return found


def alike(text: str | None) -> str:
    """A text without case, punctuation and spaces, for names that are written in several ways."""
    return re.sub(r"[\W_]+", "", folded(text or "")).casefold()


@pytest.mark.parametrize("truth", TRUTHS)
def test_text(truth: Truth) -> None:
    rate = word_error_rate(truth.text, body_text(processed(truth)))
    assert rate <= BOUNDS[truth.kind], f"word error rate {rate:.2%}"


@pytest.mark.parametrize("truth", TRUTHS)
def test_damage_is_named(truth: Truth) -> None:
    found = set(record_of(truth).quality.damage)
    if truth.damage == ("vietnamese_ocr",):
        # A good scan reads clean: what is told is how the pages were read.
        assert {page.method for page in record_of(truth).quality.pages} <= {"ocr", "mixed"}
    else:
        assert set(truth.damage) - {"vietnamese_ocr"} <= found


@pytest.mark.parametrize("truth", TRUTHS)
def test_form_number_date(truth: Truth) -> None:
    record, true = record_of(truth), truth.record
    assert record.form == true["form"]
    if "number" not in truth.unreadable:
        assert record.number.status == true["number"]["status"]
        assert record.number.value == true["number"].get("value")
    if "issued" not in truth.unreadable and "status" in true["issued"]:
        assert record.issued.status == true["issued"]["status"]
        assert record.issued.date == true["issued"].get("date")
        assert record.issued.place == true["issued"].get("place")


@pytest.mark.parametrize("truth", PLANS)
def test_unit_and_title(truth: Truth) -> None:
    record, true = record_of(truth), truth.record
    unit = true["unit"]
    assert folded(record.unit.name or "") == unit["name"]
    assert record.unit.type == unit["type"]
    assert record.unit.level == unit["level"]
    if "province" in unit:
        assert alike(record.unit.province).endswith(alike(unit["province"]))
    assert record.year == true["year"]
    kind, title = true["title"].split(" ", 2)[:2], alike(record.title)
    assert alike(true["title"].removeprefix(" ".join(kind))) in title


@pytest.mark.parametrize("truth", PLANS)
def test_sections(truth: Truth) -> None:
    found = {path: (heading, section) for path, heading, section in tree(record_of(truth).sections)}
    for path, heading, node in true_tree(truth.record["sections"]):
        assert path in found, f"section {path} {heading} is missing"
        assert alike(found[path][0]) == alike(heading)
        if "ids" in node:
            assert found[path][1].ids == node["ids"], path


@pytest.mark.parametrize("truth", TRUTHS)
def test_indices(truth: Truth) -> None:
    findings = {finding.id: finding for finding in record_of(truth).indices}
    for true in truth.record["indices"]:
        finding = findings.get(true["id"])
        assert finding is not None, true["id"]
        assert finding.status == true["status"], (true["id"], finding.reason)
        if "quote" in true:
            quotes = [alike(evidence.quote) for evidence in finding.evidence]
            assert any(alike(true["quote"]) in quote for quote in quotes), true["id"]
    others = {f.id for f in findings.values() if f.status == "covered"}
    assert others <= {true["id"] for true in truth.record["indices"]}


@pytest.mark.parametrize("truth", PLANS)
def test_legal_basis_and_citations(truth: Truth) -> None:
    record, true = record_of(truth), truth.record
    cited = {citation.code for citation in record.citations} | {record.number.value}
    if "number" not in truth.unreadable:
        assert set(true["citations"]) <= cited
    for expected in true["legal_basis"]:
        matching = [
            basis
            for basis in record.legal_basis
            if basis.role == expected["role"] and set(expected["citations"]) <= set(basis.citations)
        ]
        assert matching, expected["text"]
    if true.get("parent_plan"):
        parents = {code for b in record.legal_basis if b.parent_plan for code in b.citations}
        assert true["parent_plan"] in parents


@pytest.mark.parametrize("truth", TRUTHS)
def test_recipients_and_signature(truth: Truth) -> None:
    record, true = record_of(truth), truth.record
    assert len(record.recipients) == len(true["recipients"])
    assert record.signature is not None
    assert record.signature.name == true["signature"]["name"]
    assert record.signature.authority == true["signature"]["authority"]
    assert record.signature.position == true["signature"]["position"]


@pytest.mark.parametrize("truth", PLANS)
def test_assignments_funding_reporting(truth: Truth) -> None:
    record, true = record_of(truth), truth.record
    units = {alike(assignment.unit) for assignment in record.assignments}
    leads = {alike(assignment.unit) for assignment in record.assignments if assignment.lead}
    for top in true["sections"]:
        if top.get("ids") == ["implementation"]:
            for node in top["children"]:
                if node.get("ids") != ["reporting"]:
                    assert any(alike(node["heading"]) in unit for unit in units), node["heading"]
    assert any(alike(true["lead"]) in unit for unit in leads)
    if "funding" in true:
        text = record.funding.text if record.funding else ""
        assert (record.funding is not None) == bool(true["funding"])
        assert alike(true["funding"]) in alike(text)
    if "reporting" in true:
        assert record.reporting is not None
        frequency = {alike(word).removeprefix("hằng") for word in record.reporting.frequency}
        assert {alike(word) for word in true["reporting"]["frequency"]} <= frequency


@pytest.mark.parametrize("truth", [t for t in PLANS if t.values[0].record["tasks"]])
def test_tasks(truth: Truth) -> None:
    tasks = record_of(truth).tasks
    assert len(tasks) == len(truth.record["tasks"])
    for task, true in zip(tasks, truth.record["tasks"], strict=True):
        for field, value in true.items():
            assert alike(getattr(task, field)) == alike(value), (true["no"], field)


@pytest.mark.parametrize("truth", TRUTHS)
def test_every_value_leads_back_to_its_lines(truth: Truth) -> None:
    document, record = processed(truth), record_of(truth)
    pages = {page.number: page for page in document.pages}
    for finding in record.indices:
        for evidence in finding.evidence:
            line = pages[evidence.page].lines[evidence.line - 1]
            assert alike(line.raw) in alike(evidence.raw), evidence.quote
            assert len(alike(evidence.quote)) <= len(alike(evidence.raw)) + 12
