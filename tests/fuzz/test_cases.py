"""What fuzzing found once, and the seeds it starts from; `make fuzz` looks for more."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from strategies import inputs  # noqa: E402 behind the path
from targets import SEEDS, SLOW, TARGETS  # noqa: E402

CASES = sorted((HERE / "cases").glob("*-*"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_what_was_found_once_is_found_no_more(path: Path) -> None:
    started = time.process_time()
    TARGETS[path.name.rsplit("-", 1)[0]](path.read_bytes())
    assert time.process_time() - started < SLOW


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    for data in SEEDS[name]:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_a_few_inputs(name: str) -> None:
    @settings(
        max_examples=25, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(inputs(name))
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()
