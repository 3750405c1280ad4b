"""The record of one plan: the contract of ``plans/<stem>.json``.

Keys are in English; values are as in the document after restoration, NFC. What the document does
not say is ``None`` or an empty list, never a guess. ``Where`` leads from a value back to page, line
and raw text. A change of meaning or shape raises ``SCHEMA_VERSION`` and is noted in
``docs/format.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pipeline.document import DamageKind, Method, Severity

SCHEMA_VERSION = "1.0"

IsoDate = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Form = Literal["plan", "decision_with_plan", "decision_embedding_plan", "other"]
Level = Literal["commune", "district", "province", "ministry"]
SectionId = Literal[
    "header",
    "legal_basis",
    "decision",
    "purpose",
    "objectives",
    "requirements",
    "audience",
    "content",
    "forms",
    "tasks",
    "schedule",
    "funding",
    "implementation",
    "reporting",
    "closing",
    "recipients",
    "signature",
    "appendix",
    "other",
]
Coverage = Literal["covered", "citation_only", "thematic_only", "absent"]
Role = Literal["căn_cứ", "thực_hiện", "theo_đề_nghị", "other"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Where(_Part):
    """Where a value stands: lines counted from 1 within the page, and the text as extracted.

    ``confidence`` is that of the least sure word on these lines: 1.0 where nothing was repaired, at
    most 0.5 where a word was kept for want of a sure reading.
    """

    page: int
    line_start: int
    line_end: int
    raw: str
    confidence: Share = 1.0


class SourceInfo(_Part):
    """The file. ``path`` is relative to the folder of the run, with forward slashes."""

    path: str
    sha256: str
    media_type: str
    pages: int


class PageQuality(_Part):
    """How a page was read. ``score`` is the share of tokens that are valid words, 0 to 1."""

    page: int
    method: Method
    score: Share | None


class Quality(_Part):
    """What was wrong with the text, and what was done about it (counts of words)."""

    damage: list[DamageKind]
    words: int
    edited_words: int
    uncertain_words: int
    pages: list[PageQuality]


class Number(_Part):
    """Number and symbol, for example ``45/QĐ-UBND``; blank means "Số: /KH-UBND"."""

    value: str | None
    status: Literal["present", "blank", "absent"]
    where: Where | None = None


class Issued(_Part):
    """Place and date of issue. ``not_before`` and ``not_after`` come from what the text cites.

    ``where`` is the line of place and date; without one, that of the citation behind
    ``not_before``.
    """

    place: str | None
    date: IsoDate | None
    status: Literal["present", "absent"]
    not_before: IsoDate | None = None
    not_after: IsoDate | None = None
    where: Where | None = None


class Unit(_Part):
    """The issuing unit of local government.

    ``name`` is type and name ("thị trấn Diêu Trì"); ``successors`` are the units that took its
    place on 1 July 2025; ``candidates`` what the gazetteer offers where it cannot decide.
    """

    name: str | None
    type: str | None
    level: Level | None
    parents: list[str] = []
    province: str | None = None
    successors: list[str] = []
    candidates: list[str] = []
    where: Where | None = None


class LegalBasis(_Part):
    """One "Căn cứ …", "Thực hiện …" or "Theo đề nghị …" with the codes that it cites."""

    text: str
    role: Role
    citations: list[str]
    parent_plan: bool
    where: Where | None = None


class Item(_Part):
    """A bullet or lettered point; ``path`` is that of its section with the marker added."""

    marker: str
    text: str
    path: str
    where: Where | None = None


class Section(_Part):
    """A node of the outline. ``score`` is the match of the heading with its ids, 0 to 1.

    ``where`` is the heading's own place; of a section without heading, its first line.
    """

    ids: list[SectionId]
    number: str | None
    heading: str
    text: str
    items: list[Item]
    children: list[Section]
    path: str
    page: int
    line_start: int
    page_end: int
    line_end: int
    score: Share = 1.0
    where: Where | None = None


class Evidence(_Part):
    """A sentence that proves a finding: ``quote`` restored, ``raw`` as extracted."""

    quote: str
    raw: str
    path: str
    section: list[SectionId]
    page: int
    line: int
    confidence: Share


class IndexFinding(_Part):
    """What the plan says of one index; ``reason`` is one sentence in Vietnamese."""

    id: str
    status: Coverage
    reason: str
    needs_review: bool = False
    evidence: list[Evidence]


class AreaFinding(_Part):
    """One of the six reform areas of Resolution 76/NQ-CP."""

    id: str
    status: Literal["covered", "absent"]
    evidence: list[Evidence]


class Channel(_Part):
    """A channel of communication that the plan names."""

    id: str
    mode: Literal["online", "traditional"]
    evidence: list[Evidence]


class Assignment(_Part):
    """Who does what, from "tổ chức thực hiện"."""

    unit: str
    lead: bool
    duties: list[str]
    path: str
    where: Where | None = None


class Task(_Part):
    """A row of the table of tasks in the appendix."""

    no: str | None
    task: str
    lead: str | None
    partners: str | None
    schedule: str | None
    product: str | None
    page: int
    where: Where | None = None


class Funding(_Part):
    """Where the money comes from."""

    text: str
    sources: list[str]
    where: Where | None = None


class Reporting(_Part):
    """How often reports are due, and to whom."""

    frequency: list[str]
    to: str | None
    text: str
    where: Where | None = None


class Signature(_Part):
    """Who signed: authority lines (TM., KT., TL., TUQ., Q.), position, name."""

    authority: list[str]
    position: str | None
    name: str | None
    where: Where | None = None


class Citation(_Part):
    """A document that the plan cites; ``code`` is canonical ("963/QĐ-UBND")."""

    code: str | None
    type: str | None
    date: IsoDate | None
    issuer: str | None
    about: str | None
    path: str
    where: Where | None = None


class RecordIssue(_Part):
    """Something that a person should look at."""

    stage: str
    code: str
    page: int | None
    message: str
    severity: Severity = "warning"


class Decision(_Part):
    """What a person decided about one place of the record.

    ``kind`` and ``target`` name the place: a word ("page:line:offset"), a field ("issued.date"), a
    section (its path) or an index (its id). ``old`` is what the machine had; the same in ``new``
    means that it was found right.
    """

    kind: Literal["word", "field", "section", "index"]
    target: str
    old: str
    new: str
    by: str
    at: str


class Review(_Part):
    """What persons did to the record: their decisions, which are in it, and who signed it.

    ``current`` is false when the record has changed since it was signed.
    """

    signed_by: str | None = None
    signed_at: str | None = None
    current: bool = False
    decisions: list[Decision] = []


class PlanRecord(_Part):
    """One plan, normalized. See ``docs/format.md`` for each field.

    ``audience_where`` and ``recipients_where`` stand beside their lists, entry by entry.
    """

    schema_version: Literal["1.0"] = "1.0"
    source: SourceInfo
    quality: Quality
    form: Form
    form_where: Where | None = None
    number: Number
    issued: Issued
    unit: Unit
    title: str | None
    title_where: Where | None = None
    year: int | None
    year_where: Where | None = None
    legal_basis: list[LegalBasis]
    sections: list[Section]
    indices: list[IndexFinding]
    areas: list[AreaFinding]
    channels: list[Channel]
    audience: list[str]
    audience_where: list[Where] = []
    assignments: list[Assignment]
    tasks: list[Task]
    funding: Funding | None
    reporting: Reporting | None
    recipients: list[str]
    recipients_where: list[Where] = []
    signature: Signature | None
    citations: list[Citation]
    issues: list[RecordIssue]
    review: Review | None = None
