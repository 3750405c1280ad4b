"""Passages to search in, and what each run found."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
# SQLite's own search folds every mark but the stroke of đ, which is taken away before.
_SEARCH = (
    """
    CREATE VIRTUAL TABLE passages_search USING fts5(
        text, content='passages', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )""",
    """
    CREATE TRIGGER passages_put AFTER INSERT ON passages BEGIN
        INSERT INTO passages_search(rowid, text)
        VALUES (new.id, replace(replace(new.text, 'đ', 'd'), 'Đ', 'D'));
    END""",
    """
    CREATE TRIGGER passages_gone AFTER DELETE ON passages BEGIN
        INSERT INTO passages_search(passages_search, rowid, text)
        VALUES ('delete', old.id, replace(replace(old.text, 'đ', 'd'), 'Đ', 'D'));
    END""",
)


def upgrade() -> None:
    """Go to this schema."""
    passages = op.create_table(
        "passages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_passages_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
    )
    op.create_index(op.f("ix_passages_document_id"), "passages", ["document_id"])
    op.create_table(
        "outcomes",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("path", _BYTEWISE, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("settings_digest", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_outcomes_run_id")),
        sa.PrimaryKeyConstraint("run_id", "path", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_path"), "outcomes", ["path"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite" and _has_search(connection):
        for statement in _SEARCH:
            connection.exec_driver_sql(statement)
    _fill(connection, passages)


def downgrade() -> None:
    """Go back to the schema before."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for name in ("passages_put", "passages_gone"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql("DROP TABLE IF EXISTS passages_search")
    op.drop_table("outcomes")
    op.drop_table("passages")


def _has_search(connection: sa.Connection) -> bool:
    """Whether this SQLite can search; without it, passages are gone through one by one."""
    options = connection.exec_driver_sql("PRAGMA compile_options").scalars()
    return "ENABLE_FTS5" in set(options)


def _fill(connection: sa.Connection, passages: sa.Table) -> None:
    """The passages of the records that are there already."""
    numbers = connection.execute(sa.text("SELECT document_id FROM records")).scalars().all()
    query = sa.text("SELECT json FROM records WHERE document_id = :number")
    for number in numbers:
        record = json.loads(connection.execute(query, {"number": number}).scalar_one())
        rows = list(_passages(record["sections"], frozenset()))
        if rows:
            values = [{"document_id": number, "ordinal": n, **row} for n, row in enumerate(rows)]
            connection.execute(sa.insert(passages), values)


def _passages(sections: list[dict[str, Any]], above: frozenset[str]) -> Iterator[dict[str, object]]:
    for section in sections:
        ids = above | frozenset(section["ids"])
        where = {"path": section["path"], "section": " ".join(sorted(ids)),
                 "page": section["page"], "line": section["line_start"]}  # fmt: skip
        text = " ".join(section["text"].split())
        if text:
            yield {**where, "text": text}
        for item in section["items"]:
            said = " ".join(item["text"].split())
            if said and said not in text:
                place = item.get("where")
                at = {"page": place["page"], "line": place["line_start"]} if place else {}
                yield {**where, "path": item["path"], "text": said, **at}
        yield from _passages(section["children"], ids)
