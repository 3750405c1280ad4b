from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.segment.headings import match_among, match_heading
from pipeline.segment.tables import table

CASES = [
    ("MỤC ĐÍCH, YÊU CẦU", ("purpose", "requirements")),
    ("Mục đích, ý nghĩa", ("purpose",)),
    ("MỤC TIÊU, YÊU CẦU VÀ ĐỐI TƯỢNG", ("objectives", "requirements", "audience")),
    ("NỘI DUNG, HÌNH THỨC TUYÊN TRUYỀN", ("content", "forms")),
    ("NỘI DUNG VÀ PHƯƠNG THỨC", ("content", "forms")),
    ("CÁC NHIỆM VỤ, GIẢI PHÁP CHỦ YẾU", ("tasks",)),
    ("MỘT SỐ HOẠT ĐỘNG TRỌNG TÂM NĂM 2026", ("tasks",)),
    ("NGUỒN KINH PHÍ THỰC HIỆN", ("funding",)),
    ("KINH PHÍ HOẠT ĐỘNG", ("funding",)),
    ("TỔ CHỨC THỰC HIỆN", ("implementation",)),
    ("PHÂN CÔNG NHIỆM VỤ", ("implementation",)),
    ("CHẾ ĐỘ THÔNG TIN, BÁO CÁO", ("reporting",)),
    ("THỜI GIAN, ĐỊA ĐIỂM", ("schedule",)),
    ("TO CHUC THUC HIEN", ("implementation",)),
    ("POI TUQNG", ("audience",)),
    ("TỔ CH C THỰC HIỆN", ("implementation",)),
    ("N§I DUNG", ("content",)),
    ("SỰ CẦN THIẾT", ()),
    ("Phòng Nội vụ", ()),
    ("Phòng Tư pháp", ()),
]


@pytest.mark.parametrize(("heading", "ids"), CASES)
def test_ids(heading: str, ids: tuple[str, ...]) -> None:
    assert match_heading(heading).ids == ids


@pytest.mark.parametrize(("entry", "phrase"), [
    (name, phrase)
    for name, entry in table("headings").items()
    if name not in ("appendix", "decision", "recipients")
    for phrase in entry["phrases"]
])  # fmt: skip
def test_every_phrase_of_the_table_names_its_section(entry: str, phrase: str) -> None:
    assert entry in match_heading(phrase.upper()).ids


def test_among_the_ids_of_the_parent() -> None:
    both = ("content", "forms")
    assert match_among("Nội dung tuyên truyền", both).ids == ("content",)
    assert match_among("Hinh thire", both).ids == ("forms",)
    assert match_among("Công chức Tài chính - Kế toán", ("implementation",)).ids == ()


@given(st.text(max_size=200))
def test_never_fails(heading: str) -> None:
    found = match_heading(heading)
    assert 0.0 <= found.score <= 1.0
    assert 0.0 <= found.covered <= 1.0
