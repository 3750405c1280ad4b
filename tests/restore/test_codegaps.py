import pytest

from pipeline.restore.codegaps import codes_of_types, codes_with_gaps
from pipeline.restore.paths import Change

RATES = {"Đ": 0.95, "Q": 0.02, "B": 0.1}


@pytest.mark.parametrize(
    ("line", "part", "whole"),
    [
        ("Nghị định số 12/2011/N -CP, có hiệu lực", "N ", "NĐ"),
        ("Quyết định số 45/Q -UBND ngày 3/2/2025", "Q ", "QĐ"),
        ("số 393/QĐ-U ND của huyện", "U ND", "UBND"),
        ("Số: /Q -UBND", "Q ", "QĐ"),
        ("Công điện số 07/C -UBND ngày 20/02/2026", "C ", "CĐ"),
    ],
)
def test_a_gap_in_a_code_is_filled(line, part, whole):
    (change,) = codes_with_gaps([line], RATES, [], "dropped_glyphs")
    assert line[change.start : change.end] == part
    assert change.after == whole


@pytest.mark.parametrize(
    "line",
    [
        "12/2011/NĐ-CP",  # whole
        "và/hoặc A - B",
        "tỷ lệ 3/4 -CP",
        "45/X -UBND",  # no type fits
        "",
    ],
)
def test_what_has_no_gap_or_no_answer_stays(line):
    assert codes_with_gaps([line], RATES, [], "dropped_glyphs") == []


def test_a_letter_that_is_not_lost_fills_no_type():
    assert codes_with_gaps(["12/2011/N -CP"], {"Đ": 0.01, "Q": 0.01}, [], "dropped_glyphs") == []


def test_two_types_that_fit_fill_nothing():
    rates = {"Đ": 0.9, "Q": 0.9}
    assert codes_with_gaps(["12/2011/N -CP"], rates, [], "dropped_glyphs") == []


def test_a_change_that_is_there_wins():
    line = "12/2011/N -CP"
    there = Change(0, 8, 13, "NQ-CP", 0.99, "dropped_glyphs")
    assert codes_with_gaps([line], RATES, [there], "dropped_glyphs") == []


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("Hợp đồng số 02/HD/2025 được lập", ["HĐ"]),
        ("theo hợp đồng lao động số: 15/2024/HDLD-UBND", ["HĐLĐ"]),
        ("Công điện khẩn số 732/CD-TTg và hợp đồng thuê số 7/HD-VP", ["HĐ", "CĐ"]),
        ("CÔNG ĐIỆN SỐ 5/CD-UBND", ["CĐ"]),
        ("Hướng dẫn số 12/HD-SNV về hợp đồng", []),
        ("Hợp đồng số 02/HĐ/2025", []),
        ("đề án phát triển theo Hướng dẫn số 3/HD-BTC", []),
        ("Dự án số 3/DA-UBND", []),
    ],
)
def test_the_type_named_before_a_code_has_its_d_back(line, written):
    found = codes_of_types([line])
    assert [form for *_, form in found] == written
    for _, start, end, form in found:
        line = line[:start] + form + line[end:]
    assert codes_of_types([line]) == []
