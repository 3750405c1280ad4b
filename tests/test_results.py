"""Workbook and page are made by a process of their own; the run outlives it."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_folders import write_plans

from pipeline.batch import run_folder
from pipeline.engine import InProcess
from pipeline.errors import KehoachError, UsageError
from pipeline.results import Results, write_apart
from pipeline.settings import Settings


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    plans = write_plans(folder / "plans", 2)
    run_folder(plans, folder / "out", Settings(names=False), engine=InProcess())
    return folder / "out"


def results(out: Path, **options: object) -> Results:
    given = {"required": Settings().required, "source_root": str(out.parent / "plans")}
    return Results(out, out, 0.0, {**given, **options})


def test_they_are_the_same_as_those_made_in_the_run(out: Path) -> None:
    before = {name: (out / name).read_bytes() for name in ("comparison.xlsx", "report.html")}
    for name in before:
        (out / name).unlink()
    write_apart(results(out), 2**32, out / "run.log")
    assert {name: (out / name).read_bytes() for name in before} == before


def test_what_ends_the_process_is_told_and_leaves_nothing_behind(out: Path) -> None:
    begun = out / ".comparison-abcd1234.xlsx"  # as it is called until it is whole
    begun.touch()
    with pytest.raises(KehoachError, match=r"workbook and page cannot be made: .*memory"):
        write_apart(results(out), 1, out / "run.log")
    assert not begun.exists()


def test_a_mistake_of_the_user_is_told_as_such(out: Path) -> None:
    with pytest.raises(UsageError, match="language"):
        write_apart(results(out, language="fr"), 2**32, out / "run.log")
