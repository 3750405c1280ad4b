"""A record without what the plan says: enough for the matrix, and read much faster."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from pipeline.normalize.record import (
    Citation,
    Form,
    IndexFinding,
    Issued,
    LegalBasis,
    Number,
    PlanRecord,
    Quality,
    Review,
    SourceInfo,
    Unit,
)


class _Brief(BaseModel):
    model_config = ConfigDict(extra="ignore")

    source: SourceInfo
    quality: Quality
    form: Form
    number: Number
    issued: Issued
    unit: Unit
    title: str | None
    year: int | None
    legal_basis: list[LegalBasis]
    indices: list[IndexFinding]
    citations: list[Citation]
    review: Review | None = None


def brief(text: str) -> PlanRecord:
    """The record in ``text`` (JSON) with head, legal basis, citations and indices alone.

    Lists of other things are empty. Raises pydantic's ValidationError for what is no record.
    """
    kept = _Brief.model_validate_json(text)
    return PlanRecord.model_construct(
        **{name: getattr(kept, name) for name in _Brief.model_fields},
        sections=[],
        areas=[],
        channels=[],
        audience=[],
        assignments=[],
        tasks=[],
        funding=None,
        reporting=None,
        recipients=[],
        signature=None,
        issues=[],
    )
