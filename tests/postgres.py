"""A PostgreSQL server of our own in a temporary folder, which a test may stop and start again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text


@dataclass
class Server:
    """A server that runs, or is stopped; its data stay."""

    programs: Path
    data: Path
    port: int
    account: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"postgresql://kehoach@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data.parent} -c fsync=off"
        self._control("-o", options, "-l", str(self.data / "log"), "start")

    def stop(self) -> None:
        """As when the machine is switched off: nobody is waited for."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [self.programs / "pg_ctl", "-D", self.data, "-w", "-s", *arguments],
            check=True, stdout=subprocess.DEVNULL, **self.account,
        )  # fmt: skip

    def database(self, name: str) -> str:
        """The URL of a new, empty database."""
        server = make_url(self.url)
        driver = server.set(drivername="postgresql+pg8000")
        engine = create_engine(driver, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return server.set(database=name).render_as_string()


@contextmanager
def started() -> Iterator[Server]:
    """A server that runs; skips the test where there is none, and says why."""
    pytest.importorskip("pg8000", reason="pg8000 is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("no PostgreSQL server is installed (apt install postgresql)")
    programs = found[-1].parent if found else Path(str(on_path)).resolve().parent
    account: dict[str, Any] = {}
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # the server refuses to run as root
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="kehoach-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if account:
            try:
                for path in (Path(folder), data):
                    shutil.chown(path, "postgres", "postgres")
            except LookupError:
                pytest.skip("root cannot run a PostgreSQL server, and there is no user postgres")
        make = [programs / "initdb", "-D", data, "-A", "trust", "-U", "kehoach", "-E", "UTF8"]
        subprocess.run(
            [*make, "--no-sync", "--locale=C.UTF-8"],
            check=True, capture_output=True, **account,
        )  # fmt: skip
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        server = Server(programs, data, port, account)
        server.start()
        try:
            yield server
        finally:
            subprocess.run(
                [programs / "pg_ctl", "-D", data, "-m", "immediate", "-s", "stop"],
                check=False, capture_output=True, **account,
            )  # fmt: skip
