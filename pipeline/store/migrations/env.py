"""Alembic's entry: run the migrations on the connection that ``database.py`` hands over."""

from alembic import context

from pipeline.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite too: database.py says BEGIN before any DDL
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
