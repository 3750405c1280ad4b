"""CSV, JSON and Parquet: what other programs read back."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from plan_records import corpus, plan

from pipeline.errors import UsageError
from pipeline.export import tables
from pipeline.normalize.record import PlanRecord

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_a_row_for_each_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    tables.write([plan("xã Bình An", "c t - c?"), plan("xã An Phú")], path, required=REQUIRED)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfpath,")  # Excel needs the byte order mark
    first, second = rows_of(path)
    assert (first["unit"], second["unit"]) == ("xã An Phú", "xã Bình An")
    assert [second[i] for i in REQUIRED] == ["covered", "thematic_only", "absent", "covered"]
    assert (second["score"], second["to_review"], second["PCI_needs_review"]) == ("1", "1", "True")
    assert (second["PAR_section"], second["PAR_page"], second["PAPI_quote"]) == ("II.1.c", "2", "")
    assert (second["issued"], second["lag_days"]) == ("2025-02-20", "17")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\tx", "\rx"])
def test_csv_defuses_formulas(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    tables.write([plan(title=text)], path, required=REQUIRED)
    assert rows_of(path)[0]["title"] == "'" + text


def test_json_is_the_whole_record(tmp_path: Path) -> None:
    records = list(corpus(5))
    tables.write(records, tmp_path / "a.json", required=REQUIRED)
    back = [
        PlanRecord.model_validate(r) for r in json.loads((tmp_path / "a.json").read_text("utf-8"))
    ]
    assert sorted(back, key=lambda r: r.source.path) == sorted(records, key=lambda r: r.source.path)


def test_parquet_is_typed(tmp_path: Path) -> None:
    tables.write(
        [plan(date=None), plan("xã B", title="=1")], tmp_path / "a.parquet", required=REQUIRED
    )
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column("issued").to_pylist() == [None, date(2025, 2, 20)]
    assert table.column("title").to_pylist()[1] == "=1"  # exact: no spreadsheet runs this
    assert table.column("lag_days").to_pylist() == [None, 17]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_any_order_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    records = list(corpus(20))
    tables.write(records, tmp_path / f"a{suffix}", required=REQUIRED)
    tables.write(reversed(records), tmp_path / f"b{suffix}", required=REQUIRED)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_no_records(tmp_path: Path, suffix: str) -> None:
    tables.write([], tmp_path / f"a{suffix}", required=REQUIRED)
    assert (tmp_path / f"a{suffix}").stat().st_size > 0


@pytest.mark.parametrize("name", ["a.txt", "a", "a.xls"])
def test_another_suffix_names_the_possible_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.csv, \.json, \.parquet"):
        tables.write([plan()], tmp_path / name, required=REQUIRED)
    assert list(tmp_path.iterdir()) == []
