"""The record of one document, field by field."""

from __future__ import annotations

from dataclasses import replace

from pipeline.document import Document
from pipeline.normalize.quality import quality_of
from pipeline.normalize.record import (
    IndexFinding,
    Issued,
    Number,
    PlanRecord,
    RecordIssue,
    SourceInfo,
    Unit,
)
from pipeline.settings import Settings


def normalize(document: Document, *, settings: Settings) -> Document:
    """Give the document with its record; what the text does not say is null."""
    record = PlanRecord(
        source=SourceInfo(
            path=document.source.path,
            sha256=document.source.sha256,
            media_type=document.source.media_type,
            pages=len(document.pages),
        ),
        quality=quality_of(document),
        form="other",
        number=Number(value=None, status="absent"),
        issued=Issued(place=None, date=None, status="absent"),
        unit=Unit(name=None, type=None, level=None),
        title=None,
        year=None,
        legal_basis=[],
        sections=[],
        indices=[
            IndexFinding(
                id=name,
                status="absent",
                reason="Văn bản không nhắc đến chỉ số này.",
                needs_review=True,
                evidence=[],
            )
            for name in settings.required
        ],
        areas=[],
        channels=[],
        audience=[],
        assignments=[],
        tasks=[],
        funding=None,
        reporting=None,
        recipients=[],
        signature=None,
        citations=[],
        issues=[
            RecordIssue(
                stage=issue.stage,
                code=issue.code,
                page=issue.page,
                message=issue.message,
                severity=issue.severity,
            )
            for issue in document.issues
        ],
    )
    return replace(document, record=record)
