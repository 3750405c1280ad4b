"""The tables of the store, the same on SQLite and PostgreSQL.

``records.json`` holds the whole record, byte for byte what ``plans/<name>.json`` holds; the other
tables repeat what is compared across units, so that one SQL query answers it::

    runs ◀─ documents ◀─┬─ records          one line per plan: unit, number, date, title, the JSON
                        ├─ indices          one line per plan and index, with its status
                        ├─ areas, channels
                        ├─ evidence         the sentences behind indices, areas and channels
                        ├─ sections, citations, issues
                        ├─ passages         every paragraph and item, to be searched
                        ├─ edit_logs        every repaired letter, compressed
                        ├─ originals        what the machine read and made of it, compressed
                        └─ states           how well it was read, what is open, what a person
                                            did to it: all that plans are listed and found by
      ◀─ outcomes           what a run found in a file, where that differs from the run before
    decisions                               what persons decided, by the content of the file

A change here needs a migration in ``migrations/versions`` (a test compares the two).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _bytewise() -> TypeEngine[str]:
    """Text that sorts by code point on every database, so that every export has one order."""
    return String().with_variant(String(collation="C"), "postgresql")


def _document() -> Column[int]:
    """The document that a row belongs to: the first column of every part's key."""
    return Column(
        "document_id",
        Integer,
        ForeignKey("documents.id", ondelete="CASCADE"),
        primary_key=True,
    )


runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folder", Text, nullable=False),
    Column("started", String, nullable=False),
    Column("finished", String),
    Column("version", String, nullable=False),
    Column("settings", Text, nullable=False),
    Column("report", Text),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", _bytewise(), nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, unique=True),
    Column("status", String, nullable=False),
    Column("gone", Boolean, nullable=False),  # no longer in the folder: kept, but in no result
    Column("seen", Integer, nullable=False),  # the last run that met it in the folder
    Column("sha256", String),
    Column("media_type", String),
    Column("size", Integer),
    Column("version", String, nullable=False),
    Column("settings_digest", String, nullable=False),
    Column("code", String),
    Column("message", Text),
    Column("pages", Integer, nullable=False),
    Column("words", Integer, nullable=False),
    Column("seconds", Text, nullable=False),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Index(None, "status", "gone"),
    Index(None, "run_id"),
)

records = Table(
    "records",
    metadata,
    _document(),
    Column("schema_version", String, nullable=False),
    Column("form", String, nullable=False),
    Column("number", String),
    Column("issued", String),
    Column("unit", String),
    Column("level", String),
    Column("province", String),
    Column("title", Text),
    Column("year", Integer),
    Column("json", Text, nullable=False),
    Index(None, "unit", "year"),
    Index(None, "province", "level"),
)

indices = Table(
    "indices",
    metadata,
    _document(),
    Column("index_id", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Index(None, "index_id", "status"),
)

areas = Table(
    "areas",
    metadata,
    _document(),
    Column("area", String, primary_key=True),
    Column("status", String, nullable=False),
)

channels = Table(
    "channels",
    metadata,
    _document(),
    Column("channel", String, primary_key=True),
    Column("mode", String, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    _document(),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("quote", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("path", String, nullable=False),
    Column("section", String, nullable=False),
    Column("page", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("confidence", Float, nullable=False),
)

sections = Table(
    "sections",
    metadata,
    _document(),
    Column("ordinal", Integer, primary_key=True),
    Column("path", String, nullable=False),
    Column("ids", String, nullable=False),
    Column("number", String),
    Column("heading", Text, nullable=False),
    Column("items", Integer, nullable=False),
    Column("page", Integer, nullable=False),
    Column("line_start", Integer, nullable=False),
    Column("page_end", Integer, nullable=False),
    Column("line_end", Integer, nullable=False),
)

citations = Table(
    "citations",
    metadata,
    _document(),
    Column("ordinal", Integer, primary_key=True),
    Column("code", String),
    Column("type", String),
    Column("date", String),
    Column("issuer", Text),
    Column("about", Text),
    Column("path", String, nullable=False),
    Index(None, "code"),
)

issues = Table(
    "issues",
    metadata,
    _document(),
    Column("ordinal", Integer, primary_key=True),
    Column("stage", String, nullable=False),
    Column("code", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("page", Integer),
    Column("message", Text, nullable=False),
)

edit_logs = Table(
    "edit_logs",
    metadata,
    _document(),
    Column("edits", Integer, nullable=False),
    Column("log", LargeBinary, nullable=False),
)

# SQLite keeps an index of the words beside it (migration 0003), filled by triggers.
passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", Integer, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("path", String, nullable=False),
    Column("section", String, nullable=False),
    Column("page", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "document_id"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("path", _bytewise(), primary_key=True),
    Column("status", String, nullable=False),  # done, failed or gone
    Column("unit", String),
    Column("sha256", String),
    Column("version", String, nullable=False),
    Column("settings_digest", String, nullable=False),
    Column("rules", String, nullable=False),
    Column("found", Text, nullable=False),  # JSON: indices and head of the plan, or why it failed
    Index(None, "path"),
)

originals = Table(
    "originals",
    metadata,
    _document(),
    Column("document", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

states = Table(
    "states",
    metadata,
    _document(),
    Column("unit_type", String),
    Column("damage", String, nullable=False),
    Column("edited", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),  # words in doubt or only likely, undecided
    Column("worst", Float),
    Column("signed_by", String),
    Column("signed_at", String),
    Column("current", Boolean, nullable=False),  # the record is still what was signed
    Column("decided", Integer, nullable=False),  # decisions that stand in the record
    Column("applied", Integer, nullable=False),  # rows of ``decisions`` that were looked at
    # What follows repeats the record, so that lists never open one (pipeline/store/listing.py).
    Column("form", String, nullable=False, server_default=""),
    Column("unit", String),
    Column("province", String),
    Column("year", Integer),
    Column("issued", String),
    Column("marks", String, nullable=False, server_default=""),
    Column("doubtful", String, nullable=False, server_default=""),
    Column("unit_open", Boolean, nullable=False, server_default=false()),
    Column("head_open", Boolean, nullable=False, server_default=false()),
    Column("fields_open", Boolean, nullable=False, server_default=false()),
    Column("said", Text, nullable=False, server_default=""),
    Column("place", _bytewise(), nullable=False, server_default=""),
    Index(None, "place"),
    Index(None, "unit"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("target", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("undoes", Integer, ForeignKey("decisions.id")),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("batch", Integer),  # decided in one go: the first of them, to be taken back together
    # Two people who saw the same revision cannot both write the next one.
    UniqueConstraint("sha256", "kind", "target", "revision"),
    UniqueConstraint("undoes"),
)

#: What is made from a record, and made again when a person changes it.
DERIVED = (
    records,
    indices,
    areas,
    channels,
    evidence,
    sections,
    citations,
    issues,
    passages,
    edit_logs,
)

#: Everything that hangs on a document and goes when it is done again, parents of nothing.
PARTS = (*DERIVED, originals, states)
