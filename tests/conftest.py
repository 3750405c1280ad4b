"""What all tests share: the reference documents, a PostgreSQL server, tests/ on the path."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
if str(TESTS) not in sys.path:  # for the factories that several test folders use
    sys.path.insert(0, str(TESTS))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference documents (``KEHOACH_SHARED``, or ../shared beside the project)."""
    path = Path(os.environ.get("KEHOACH_SHARED", TESTS.parent.parent / "shared"))
    if not (path / "seeds").is_dir():
        pytest.skip(f"the reference documents are not here ({path}); set KEHOACH_SHARED")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server that lives as long as the session; skips where there is none."""
    pytest.importorskip("pg8000", reason="pg8000 is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("no PostgreSQL server is installed (apt install postgresql)")
    bin_ = found[-1].parent if found else Path(str(on_path)).resolve().parent
    account: dict[str, Any] = {}
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # the server refuses to run as root
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="kehoach-pg-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if account:
            try:
                for path in (Path(folder), data):
                    shutil.chown(path, "postgres", "postgres")
            except LookupError:
                pytest.skip("root cannot run a PostgreSQL server, and there is no user postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        make = [bin_ / "initdb", "-D", data, "-A", "trust", "-U", "kehoach", "-E", "UTF8"]
        subprocess.run(
            [*make, "--no-sync", "--locale=C.UTF-8"], check=True, capture_output=True, **account
        )
        control = [bin_ / "pg_ctl", "-D", data, "-w"]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        subprocess.run(
            [*control, "-o", options, "-l", data / "log", "start"], check=True, **account
        )
        try:
            yield f"postgresql://kehoach@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, **account)
