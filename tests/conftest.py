"""What all tests share: the reference documents, a PostgreSQL server, tests/ on the path."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
if str(TESTS) not in sys.path:  # for the factories that several test folders use
    sys.path.insert(0, str(TESTS))
# A shell's background job is deaf to Ctrl-C, and so would be the runs that tests send it to.
if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
    from postgres import started  # found by the path above

    with started() as server:
        yield server.url
