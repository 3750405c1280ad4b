"""Databases for the tests of the store: a SQLite file, and a PostgreSQL server of our own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be opened: an empty database of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "plans.sqlite")
    server = make_url(request.getfixturevalue("postgresql"))
    name = f"test_{abs(hash(request.node.nodeid))}"
    engine = create_engine(server.set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(database=name).render_as_string()
