from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.entities.indices import find_in_text
from pipeline.segment.tables import table

FOUND = [
    ("Chỉ số cải cách hành chính (PAR INDEX)", {"PAR": "full"}),
    ("Chỉ số CCHC của huyện", {"PAR": "name"}),
    ("nâng hạng PAR-Index", {"PAR": "abbr"}),
    ("điểm số (PAR\u00a0INDEX)", {"PAR": "abbr"}),
    ("khảo sát SIPAS", {"SIPAS": "abbr"}),
    ("chỉ số đo lường mức độ hài lòng của người dân", {"SIPAS": "name"}),
    ("chỉ số hài lòng của người dân (S1PAS)", {"SIPAS": "full"}),
    ("Chỉ số hiệu quả quản trị và hành chính công cấp tỉnh", {"PAPI": "name"}),
    ("quản trị hành chính công (PAPI)", {"PAPI": "full"}),
    ("chỉ số năng lực canh tranh cấp tỉnh (PCl)", {"PCI": "full"}),
    ("năng lực cạnh tranh cấp tỉnh", {"PCI": "name"}),
    ("các chỉ số: CCHC, PAPI, SIPAS", {"PAR": "name", "PAPI": "abbr", "SIPAS": "abbr"}),
    (
        "nâng cao các chỉ số: cải cách hành chính; hài lòng của người dân; chuyển đổi số",
        {"PAR": "name", "SIPAS": "elided", "DTI": "elided"},
    ),
    ("chỉ số sẵn sàng cho ứng dụng và phát triển (ICT INDEX, chỉ số hài lòng (SIPAS)",
     {"ICT": "full", "SIPAS": "full"}),
    ("Bộ chỉ số phục vụ người dân, doanh nghiệp", {"766": "name"}),
    ("chỉ số năng lực cạnh tranh cấp sở, ban, ngành (DDCI)", {"DDCI": "full"}),
    ("Chỉ số Xanh cấp tỉnh", {"PGI": "name"}),
    ("chi so cai cach hanh chinh", {"PAR": "name"}),
    ("nâng cao sự hài lòng của người dân", {"SIPAS": "theme"}),
    ("nâng cao năng lực cạnh tranh của địa phương", {"PCI": "theme"}),
]  # fmt: skip
NOT_FOUND = [
    "CT, các PCT UBND phường",
    "PCT.UBND huyện; PVP; PCVP",
    "cải cách hành chính nhà nước năm 2025",
    "đánh giá chỉ số huyết áp",
    "năng lực cạnh tranh quốc gia",
    "parking, papier, pacific",
    "chỉ số giá tiêu dùng (CPI)",
    "hài lòng người bệnh",
]


@pytest.mark.parametrize(("text", "wanted"), FOUND, ids=[text[:40] for text, _ in FOUND])
def test_found(text: str, wanted: dict[str, str]) -> None:
    found: dict[str, str] = {}
    for hit in find_in_text(text):
        found.setdefault(hit.index, hit.form)
    assert found == wanted


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(text: str) -> None:
    assert find_in_text(text) == []


@pytest.mark.parametrize(
    ("index", "name"), [(i, n) for i, entry in table("indices").items() for n in entry["names"]]
)
def test_every_name_of_the_table(index: str, name: str) -> None:
    assert index in {hit.index for hit in find_in_text(f"kết quả {name} năm nay")}


@given(st.text(alphabet="PCITSAR INDEX().,chỉsố ", max_size=80))
def test_an_acronym_is_never_edited(text: str) -> None:
    for hit in find_in_text(text):
        if hit.form == "abbr" and hit.index == "PCI":
            letters = [c for c in text[hit.start : hit.end] if c not in " ()"]
            assert "T" not in letters


@given(st.text(max_size=200))
def test_never_fails_and_stays_inside(text: str) -> None:
    for hit in find_in_text(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert 0.0 < hit.confidence <= 1.0
