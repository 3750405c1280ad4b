"""A store that was made, and the page on it, served on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_store import copied, make
from served import Served, serving


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; tests work on copies."""
    return make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path)


@pytest.fixture
def served(out: Path) -> Iterator[Served]:
    with serving(out) as page:
        yield page


@pytest.fixture(scope="module")
def shared_page(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For tests that change nothing."""
    out = copied(made, tmp_path_factory.mktemp("review"))
    with serving(out, upload_bytes=100_000) as page:
        yield page
