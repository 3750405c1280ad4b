"""All that plans are listed, found and counted by, on the row of their state; decisions in batches.

The rows are made by :mod:`pipeline.store.listing`, from the records that are there: they have to be
what the program writes today, or lists would not agree.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from pydantic import ValidationError

from pipeline.normalize.record import PlanRecord
from pipeline.store.listing import listing_of, state_of
from pipeline.store.rows import unpack

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("form", sa.String(), nullable=False, server_default=""),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("province", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("issued", sa.String(), nullable=True),
        sa.Column("marks", sa.String(), nullable=False, server_default=""),
        sa.Column("doubtful", sa.String(), nullable=False, server_default=""),
        sa.Column("unit_open", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("head_open", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("fields_open", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("said", sa.Text(), nullable=False, server_default=""),
        sa.Column("place", _BYTEWISE, nullable=False, server_default=""),
    ]


def upgrade() -> None:
    """Go to this schema."""
    for column in _columns():
        op.add_column("states", column)
    op.create_index(op.f("ix_states_place"), "states", ["place"])
    op.create_index(op.f("ix_states_unit"), "states", ["unit"])
    op.add_column("decisions", sa.Column("batch", sa.Integer(), nullable=True))
    _fill(op.get_bind())


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(op.f("ix_states_unit"), "states")
    op.drop_index(op.f("ix_states_place"), "states")
    for column in _columns():
        op.drop_column("states", column.name)
    op.drop_column("decisions", "batch")


def _fill(connection: sa.Connection) -> None:
    """The rows of the plans that are there; of plans read before 0002 there was none at all."""
    states = sa.Table("states", sa.MetaData(), autoload_with=connection)
    numbers = connection.execute(sa.text("SELECT document_id FROM records")).scalars().all()
    known = set(connection.execute(sa.select(states.c.document_id)).scalars())
    record = sa.text("SELECT json FROM records WHERE document_id = :number")
    log = sa.text("SELECT log FROM edit_logs WHERE document_id = :number")
    for number in numbers:
        text = connection.execute(record, {"number": number}).scalar_one()
        try:
            found = PlanRecord.model_validate_json(text)
        except ValidationError:  # of an older format: the next run reads the file again
            continue
        if number in known:
            row = listing_of(found)
            connection.execute(states.update().where(states.c.document_id == number).values(row))
            continue
        packed = connection.execute(log, {"number": number}).scalar()
        edits = unpack(packed) if packed is not None else ()
        row = state_of(found, edits)
        connection.execute(states.insert().values(document_id=number, **row))
