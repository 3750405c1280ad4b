"""The samples' sources sent through channels of damage that their committed files do not show.

A small part of ``tests/bench/audit.py --channels all``: the kinds that need no reading of pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sample_truth import SAMPLES

from pipeline import process_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))
from channels import truth_of

SOURCES = {path.stem: path for path in sorted((SAMPLES / "source").glob("*.plan"))}
REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")


@pytest.mark.parametrize("kind", ["txt_no_marks", "txt_dropped", "docx"])
@pytest.mark.parametrize("name", list(SOURCES)[::3])
def test_no_index_is_covered_that_is_not_and_none_is_lost(
    name: str, kind: str, tmp_path: Path
) -> None:
    truth = truth_of(SOURCES[name], kind, tmp_path, seed=1)
    record = process_file(truth.file).record
    assert record is not None
    true = {entry["id"]: entry["status"] for entry in truth.record["indices"]}
    given = {finding.id: finding.status for finding in record.indices}
    for index in REQUIRED:
        assert (given[index] == "covered") == (true.get(index) == "covered"), index
