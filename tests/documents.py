"""Documents from text, for tests of the stages after extraction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from pipeline.document import Document, Line, Page, Section, Source
from pipeline.entities.find import find_entities
from pipeline.normalize.build import normalize
from pipeline.normalize.json_schema import schema
from pipeline.normalize.record import PlanRecord
from pipeline.segment.outline import segment
from pipeline.settings import Settings


def of_text(text: str, *, path: str = "plan.txt") -> Document:
    """A document of one page, as a text file gives it."""
    return Document(
        source=Source(path, path, "0" * 64, "text/plain", len(text)),
        pages=(Page(1, tuple(Line.of(line) for line in text.split("\n"))),),
    )


def of_file(path: Path) -> Document:
    """A text file as a document, not restored."""
    return of_text(path.read_text(encoding="utf-8-sig"), path=path.name)


def record_of(document: Document | str, *, settings: Settings | None = None) -> PlanRecord:
    """The record of a document or of a text."""
    if isinstance(document, str):
        document = of_text(document)
    done = normalize(find_entities(segment(document)), settings=settings or Settings())
    assert done.record is not None
    _validator().validate(done.record.model_dump(mode="json"))
    return done.record


@cache
def _validator() -> Draft202012Validator:
    """Every record that a test makes is held against the published schema."""
    return Draft202012Validator(schema())


def outline_of(text: str) -> dict[str, Section]:
    """The sections of a text by path, children included."""
    found: dict[str, Section] = {}

    def walk(section: Section) -> None:
        found[section.path] = section
        for child in section.children:
            walk(child)

    for section in segment(of_text(text)).sections:
        walk(section)
    return found
