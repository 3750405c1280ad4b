"""From a finished Document to the rows that the store keeps; pure, so that workers do it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.audit.passages import passages
from pipeline.document import Document, Edit
from pipeline.normalize.record import Evidence, PlanRecord, Section
from pipeline.store import originals
from pipeline.store.listing import state_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A document that was processed: its record as JSON text, and rows by table name."""

    path: str
    name: str
    sha256: str
    media_type: str
    size: int
    pages: int
    words: int
    seconds: Mapping[str, float]
    text: str
    rows: Mapping[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be processed: one code, one sentence.

    ``sha256`` is None where the file could not even be read.
    """

    path: str
    name: str
    code: str
    message: str
    sha256: str | None = None


def record_text(record: PlanRecord) -> str:
    """The record as it stands in ``plans/<name>.json`` and in the store."""
    return record.model_dump_json(indent=2) + "\n"


def rows_of(
    record: PlanRecord, text: str, edits: Iterable[Edit], document: Document | None = None
) -> dict[str, list[Row]]:
    """Rows by table name, ``document_id`` left to the store.

    ``document`` is what the record was made from; without it nobody can correct its words.
    """
    log = list(edits)
    tables: dict[str, list[Row]] = {
        "records": [_head(record, text)],
        "indices": [
            {
                "index_id": finding.id,
                "status": finding.status,
                "reason": finding.reason,
                "needs_review": finding.needs_review,
            }
            for finding in _first_of_each(record.indices)
        ],
        "areas": [
            {"area": area.id, "status": area.status} for area in _first_of_each(record.areas)
        ],
        "channels": [
            {"channel": channel.id, "mode": channel.mode}
            for channel in _first_of_each(record.channels)
        ],
        "evidence": list(_evidence_rows(record)),
        "sections": [
            {"ordinal": ordinal, **_section(section)}
            for ordinal, section in enumerate(_walk(record.sections))
        ],
        "citations": [
            {"ordinal": ordinal, **citation.model_dump(exclude={"where"})}
            for ordinal, citation in enumerate(record.citations)
        ],
        "issues": [
            {"ordinal": ordinal, **issue.model_dump()}
            for ordinal, issue in enumerate(record.issues)
        ],
        "passages": [
            {
                "ordinal": ordinal,
                "path": passage.path,
                "section": " ".join(sorted(passage.ids)),
                "page": passage.page,
                "line": passage.line,
                "text": passage.text,
            }
            for ordinal, passage in enumerate(passages(record, body=False))
        ],
        "edit_logs": [{"edits": len(log), "log": pack(log)}],
        "states": [state_of(record, log)],
    }
    if document is not None:
        packed = {"document": originals.pack(document), "record": zlib.compress(text.encode())}
        tables["originals"] = [packed]
    return {name: [_storable(row) for row in rows] for name, rows in tables.items()}


def pack(edits: Iterable[Edit]) -> bytes:
    """An edit log as compressed JSON lines."""
    lines = (json.dumps(asdict(edit), ensure_ascii=True) for edit in edits)
    return zlib.compress("\n".join(lines).encode())


def unpack(log: bytes) -> Iterator[Edit]:
    """The edits that :func:`pack` put away."""
    for line in zlib.decompress(log).decode().splitlines():
        yield Edit(**json.loads(line))


def _head(record: PlanRecord, text: str) -> Row:
    return {
        "schema_version": record.schema_version,
        "form": record.form,
        "number": record.number.value,
        "issued": record.issued.date,
        "unit": record.unit.name,
        "level": record.unit.level,
        "province": record.unit.province,
        "title": record.title,
        "year": record.year,
        "json": text,
    }


def _first_of_each(findings: Iterable[Any]) -> list[Any]:
    """One finding per id: the id is the key of its table."""
    kept: dict[str, Any] = {}
    for finding in findings:
        kept.setdefault(finding.id, finding)
    return list(kept.values())


def _evidence_rows(record: PlanRecord) -> Iterator[Row]:
    kinds: tuple[tuple[str, Iterable[Any]], ...] = (
        ("index", record.indices),
        ("area", record.areas),
        ("channel", record.channels),
    )
    for kind, findings in kinds:
        for finding in _first_of_each(findings):
            for ordinal, evidence in enumerate(finding.evidence):
                yield {
                    "kind": kind,
                    "key": finding.id,
                    "ordinal": ordinal,
                    **_evidence(evidence),
                }


def _evidence(evidence: Evidence) -> Row:
    return {**evidence.model_dump(), "section": " ".join(evidence.section)}


def _walk(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _walk(section.children)


def _section(section: Section) -> Row:
    row = section.model_dump(exclude={"text", "items", "children", "score", "where"})
    return {**row, "ids": " ".join(section.ids), "items": len(section.items)}


def _storable(row: Row) -> Row:
    """PostgreSQL takes no NUL and no database takes lone surrogates; a stray one costs no file."""
    return {
        key: value.replace("\x00", "").encode("utf-8", "replace").decode()
        if isinstance(value, str)
        else value
        for key, value in row.items()
    }
