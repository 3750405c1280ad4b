from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.segment.fold import is_caps
from pipeline.segment.markers import (
    LETTERS,
    letter_value,
    read_marker,
    roman,
    roman_readings,
    roman_value,
)

READ = [
    ("I. MỤC ĐÍCH", "roman", 1),
    ("IV/ TỔ CHỨC THỰC HIỆN", "roman", 4),
    ("|. MUC PiCH", "roman", 1),
    ("111. POI TUQNG", "roman", 3),
    ("Il. YEU CAU CHUNG", "roman", 2),
    ("1V TỔ CHỨC THỰC HIỆN", "roman", 4),
    ("1. Mục đích", "arabic", 1),
    ("12) Kinh phí", "arabic", 12),
    ("1.2. Chỉ tiêu", "dotted", 2),
    ("4.1 Về nội dung", "dotted", 1),
    ("a) Nâng cao", "letter", 1),
    ("đ) Duy trì", "letter", 5),
    ("g. Phối hợp", "letter", 7),
    ("- Tuyên truyền", "dash", 0),
    ("-Tuyên truyền", "dash", 0),
    ("• Tập huấn", "dash", 0),
    ("+ Rà soát", "plus", 0),
    ("Điều 2. Hiệu lực", "article", 2),
    ("Diéu 3. Noi nhan", "article", 3),
    ("Chương II", "chapter", 2),
    ("Phần thứ nhất", "part", 1),
    ("B. NHIỆM VỤ", "upper", 2),
]
NOT_READ = [
    "2021-2030; 2454/QĐ-UBND ngày 04/12/2022",
    "31/12/2024 về việc giao chỉ tiêu",
    "18-NQ/TW và Nghị quyết số 19-NQ/TW",
    "280/CĐ-TTg và 968/CĐ-TTg",
    "11 HỘI NGHỊ TẬP HUẤN",
    "06 nội dung của cải cách",
    "Mục tiêu chung",
    "Điều 5 Luật Ngân sách nhà nước",
    "Phần mềm quản lý văn bản",
    "f) không có trong bảng chữ cái của điểm",
    "2.500 lượt người",
    "",
    "---",
]


@pytest.mark.parametrize(("text", "kind", "value"), READ)
def test_reads(text: str, kind: str, value: int) -> None:
    marker = read_marker(text, caps=is_caps(text))
    assert marker is not None
    assert (marker.kind, marker.value) == (kind, value)
    assert text[marker.end :].strip() == text[marker.end :]


@pytest.mark.parametrize("text", NOT_READ)
def test_reads_none(text: str) -> None:
    assert read_marker(text, caps=is_caps(text)) is None


@given(st.integers(1, 89))
def test_roman_there_and_back(value: int) -> None:
    assert roman_value(roman(value)) == value
    assert value in roman_readings(roman(value))


@pytest.mark.parametrize(
    ("text", "value"), [("111", 3), ("|", 1), ("1V", 4), ("Vl", 6), ("H", 2), ("VIl", 7)]
)
def test_damaged_romans(text: str, value: int) -> None:
    assert value in roman_readings(text)


@pytest.mark.parametrize("text", ["IIII", "VX", "IC", "", "A"])
def test_no_romans(text: str) -> None:
    assert roman_value(text) == 0


def test_points_follow_the_vietnamese_alphabet() -> None:
    assert [letter_value(c) for c in "abcdđeghik"] == list(range(1, 11))
    assert not any(c in LETTERS for c in "fjwz")


@given(st.text(max_size=60), st.booleans())
def test_never_fails_and_stays_inside(text: str, caps: bool) -> None:
    marker = read_marker(text, caps=caps)
    if marker:
        assert 0 < marker.end <= len(text)
        assert text[marker.end :] or marker.kind in ("article", "chapter", "part")
