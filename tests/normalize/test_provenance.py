"""Every value of a record says where it stands, as extracted, and how sure the words there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from documents import of_file, of_text, record_of
from plan_truth import truths
from pydantic import BaseModel

from pipeline import process_file
from pipeline.document import Document, Doubt, Edit
from pipeline.normalize.record import Evidence, PlanRecord, Section, Where
from pipeline.normalize.where import words_of

SAMPLES = Path(__file__).resolve().parents[2] / "corpora" / "samples" / "plans"
# What is said of the file, of the reading or of the record itself, and stands nowhere in the text.
_NOT_IN_TEXT = {"schema_version", "source", "quality", "issues", "review"}


def places(part: BaseModel, name: str = "") -> Iterator[tuple[str, Any, Where | None]]:
    """Every value of a record that is not empty, with the place that goes with it."""
    own: Any = getattr(part, "where", None)
    if isinstance(part, Evidence):
        own = Where(
            page=part.page, line_start=part.line, line_end=part.line, raw=part.raw,
            confidence=part.confidence,
        )  # fmt: skip
    for field in type(part).model_fields:
        value = getattr(part, field)
        path = f"{name}.{field}".lstrip(".")
        if field.endswith("where") or (not name and field in _NOT_IN_TEXT):
            continue
        beside = getattr(part, f"{field}_where", None)
        if isinstance(value, BaseModel):
            yield from places(value, path)
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            for number, entry in enumerate(value):
                yield from places(entry, f"{path}[{number}]")
        elif isinstance(beside, list):
            assert len(beside) == len(value), path
            yield from ((path, one, at) for one, at in zip(value, beside, strict=True))
        elif isinstance(value, (str, int, list)) and value and not _about_reading(part, field):
            yield path, value, beside or own


def _about_reading(part: BaseModel, field: str) -> bool:
    """Statuses, ids and positions: what the program says of a value, not a value of the text."""
    return field in {
        "status", "id", "reason", "needs_review", "page", "line", "line_start", "line_end",
        "page_end", "lead", "level", "path", "ids", "section", "score", "confidence", "mode",
        "parent_plan", "role",
    } and not (field == "lead" and isinstance(getattr(part, field), str))  # fmt: skip


def raw_of(document: Document, at: Where) -> str:
    lines = document.pages[at.page - 1].lines[at.line_start - 1 : at.line_end]
    return "\n".join(line.raw.strip() for line in lines if line.raw.strip())


def audit(document: Document, record: PlanRecord) -> int:
    """How many values were checked; raises for the first that has no place, or a false one."""
    count = 0
    for path, value, at in places(record):
        assert at is not None, f"{path} = {value!r} says not where it stands"
        assert 1 <= at.page <= len(document.pages), path
        assert 1 <= at.line_start <= at.line_end <= len(document.pages[at.page - 1].lines), path
        assert at.raw, path
        if "evidence" in path:  # the line of the name, and the sentence around it
            assert raw_of(document, at)[:200] in at.raw, path
        else:
            assert at.raw[:1000].startswith(raw_of(document, at)[:1000]), path
        count += 1
    return count


@pytest.mark.parametrize("path", [path for path, _ in truths()], ids=lambda path: path.stem)
def test_every_value_of_our_plans(path: Path) -> None:
    document = of_file(path)
    assert audit(document, record_of(document)) > 60


@pytest.mark.parametrize(
    "name", ["dac-khu-ly-son-khong-dau.txt", "phuong-hac-thanh-kh-18-doc-bang-ocr.txt"]
)
def test_every_value_of_a_restored_plan(name: str) -> None:
    document = process_file(SAMPLES / name)
    assert document.record is not None
    assert audit(document, document.record) > 60
    found = [at for _, _, at in places(document.record) if at]
    assert min(at.confidence for at in found) < 0.9
    assert any(line.raw != line.text for page in document.pages for line in page.lines)


def test_the_five_samples(shared: Path) -> None:
    for path in sorted((shared / "seeds").glob("*.txt")):
        document = of_file(path)
        assert audit(document, record_of(document)) > 60


@pytest.mark.parametrize("path", [path for path, _ in truths()][:4], ids=lambda path: path.stem)
def test_a_value_on_an_uncertain_line_says_so(path: Path) -> None:
    """Every third line was kept in doubt, every fifth one is a likely reading, word for word."""
    document = of_file(path)
    lines = document.pages[0].lines
    full = [n for n, line in enumerate(lines, start=1) if line.text.strip()]
    doubts = tuple(Doubt(1, n, 0, lines[n - 1].text, "y", 0.3) for n in full[::3])
    edits = tuple(
        Edit("restore", "no_marks", 1, n, 0, "x", lines[n - 1].text, 0.7) for n in full[::5]
    )
    plain = {path: at for path, _, at in places(record_of(document))}
    marked = record_of(replace(document, doubts=doubts, edits=edits))
    seen = 0
    for name, value, at in places(marked):
        assert at is not None
        on = set(range(at.line_start, at.line_end + 1))
        # a section's text does not rest on the words of its heading
        own = {n for n in on if words_of(str(value)) & words_of(lines[n - 1].text)} or on
        if own & set(full[::3]):
            assert at.confidence <= 0.9 * 0.98, name
            assert at.confidence <= 0.5 or "evidence" in name, name
            seen += 1
        elif own & set(full[::5]):
            assert at.confidence <= 0.9 or "evidence" in name, name
        elif not on & {*full[::3], *full[::5]}:
            before = plain[name]
            assert before is not None
            assert at.confidence == before.confidence, name
    assert seen > 20


def test_a_record_has_no_place_for_what_is_not_there() -> None:
    record = record_of(of_text("Một đoạn văn không phải kế hoạch."))
    assert record.form_where is None
    assert record.audience_where == record.recipients_where == []


def test_headings() -> None:
    def walk(sections: list[Section]) -> Iterator[Section]:
        for section in sections:
            yield section
            yield from walk(section.children)

    for path, _ in truths():
        for section in walk(record_of(of_file(path)).sections):
            assert section.where is not None
            assert section.where.line_start == section.line_start
