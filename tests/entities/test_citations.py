from __future__ import annotations

import json
import lzma
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.entities.citations import find_citations
from pipeline.entities.dates import find_dates, iso
from pipeline.segment.fold import fold

ONE = [
    (
        "Kế hoạch số 52/KH-UBND ngày 14/02/2025 của UBND quận Cầu Giấy về truyền thông năm 2025",
        ("52/KH-UBND", "Kế hoạch", "2025-02-14", "UBND quận Cầu Giấy", "truyền thông năm 2025"),
    ),
    (
        "Nghị quyết số 76/NQ-CP ngày 15 tháng 7 năm 2021 của Chính phủ",
        ("76/NQ-CP", "Nghị quyết", "2021-07-15", "Chính phủ", None),
    ),
    (  # "tài" is no "tại"
        "Thông tư số 76/2014/TT-BTC ngày 16/6/2014 của Bộ trưởng Bộ Tài chính hướng dẫn thu tiền",
        (
            "76/2014/TT-BTC",
            "Thông tư",
            "2014-06-16",
            "Bộ trưởng Bộ Tài chính",
            "hướng dẫn thu tiền",
        ),
    ),
    (  # digits set apart by OCR
        "Thông tư số 1 1/2018/TT-BTC ngày 30 tháng 01 năm 2018 của Bộ trưởng Bộ Tài chính",
        ("11/2018/TT-BTC", "Thông tư", "2018-01-30", "Bộ trưởng Bộ Tài chính", None),
    ),
    (  # a speck before the number
        "Kế hoạch số-241/KH-UBND ngày 29/12/2021 của UBND huyện Phú Hòa",
        ("241/KH-UBND", "Kế hoạch", "2021-12-29", "UBND huyện Phú Hòa", None),
    ),
    (  # a speck that OCR read for a stop
        "Quyết định số 766/QĐ-TTg ngày 23/6/2022 của. Thủ tướng Chính phủ về phê duyệt Bộ chỉ số",
        ("766/QĐ-TTg", "Quyết định", "2022-06-23", "Thủ tướng Chính phủ", "phê duyệt Bộ chỉ số"),
    ),
    (
        "Nghị định số 30/2020/NĐ-CP ngày 05/3/2020 của Chính phủ về công tác văn thư;",
        ("30/2020/NĐ-CP", "Nghị định", "2020-03-05", "Chính phủ", "công tác văn thư"),
    ),
    (
        "Kế hoạch số 87-KH/HU, ngày 01/11/2021 của Huyện ủy",
        ("87-KH/HU", "Kế hoạch", "2021-11-01", "Huyện ủy", None),
    ),
    (
        "Chương trình hành động số 12-CTr/TU của Tỉnh ủy về chuyển đổi số",
        ("12-CTr/TU", "Chương trình", None, "Tỉnh ủy", "chuyển đổi số"),
    ),
    (
        "Nghị quyết số 202/2025/QH15 ngày 12/6/2025",
        ("202/2025/QH15", "Nghị quyết", "2025-06-12", "Quốc hội", None),
    ),
    (
        "Công văn số 12/UBND-VX ngày 03/3/2025 của UBND tỉnh",
        ("12/UBND-VX", "Công văn", "2025-03-03", "UBND tỉnh", None),
    ),
    ("kế hoạch số 132-KH/UBND", ("132-KH/UBND", "Kế hoạch", None, None, None)),
    (
        "Quyet dinh s6 45/QD-UBND ngay 28 thang 02 nam 2025",
        ("45/QĐ-UBND", "Quyết định", "2025-02-28", None, None),
    ),
    (
        "Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025",
        (None, "Luật", "2025-06-16", "Quốc hội", "Tổ chức chính quyền địa phương"),
    ),
    (
        "Quyết định số 21/QĐ-UBND ngày 09/01/2025 về việc ban hành Kế hoạch năm 2025 của UBND tỉnh",
        ("21/QĐ-UBND", "Quyết định", "2025-01-09", "UBND tỉnh", "ban hành Kế hoạch năm 2025"),
    ),
]
NONE = [
    "hệ thống quản lý chất lượng TCVN ISO 9001:2015",
    "giai đoạn 2021-2030; 31/12/2024",
    "05 tin, bài/tháng; 24/7; 01 lần/quý",
    "Điều 5 khoản 2 điểm a",
    "tỷ lệ 50/50 và 3/4 số hộ",
]


@pytest.mark.parametrize(("text", "wanted"), ONE, ids=[text[:40] for text, _ in ONE])
def test_one(text: str, wanted: tuple[str | None, ...]) -> None:
    (found,) = find_citations(text)
    assert (found.code, found.type, found.date, found.issuer, found.about) == wanted


@pytest.mark.parametrize("text", NONE)
def test_none(text: str) -> None:
    assert find_citations(text) == []


def test_a_list_shares_its_lead() -> None:
    text = (
        "Căn cứ các Quyết định: số 12/QĐ-UBND ngày 03/01/2025 của UBND tỉnh về giao chỉ tiêu; "
        "34/QĐ-UBND ngày 05/02/2025 phê duyệt Đề án “Đô thị số”; số 56/QĐ-BNV ngày 07/3/2025"
    )
    found = find_citations(text)
    assert [c.code for c in found] == ["12/QĐ-UBND", "34/QĐ-UBND", "56/QĐ-BNV"]
    assert [c.date for c in found] == ["2025-01-03", "2025-02-05", "2025-03-07"]
    assert {c.type for c in found} == {"Quyết định"}
    assert found[0].about == "giao chỉ tiêu"
    assert found[2].issuer == "Bộ Nội vụ"


def test_one_that_is_the_subject_of_another() -> None:
    text = (
        "Kế hoạch số 22/KH-UBND ngày 01/12/2021 của UBND huyện về thực hiện Chương trình hành động "
        "số 12-CTr/TU ngày 10/9/2021 của Tỉnh ủy"
    )
    outer, inner = find_citations(text)
    assert (outer.code, inner.code) == ("22/KH-UBND", "12-CTr/TU")
    assert outer.about is not None
    assert "12-CTr/TU" in outer.about


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nghị quyết số 76/NQ-C ngày 15/7/2021 của Chính phủ", "76/NQ-CP"),
        ("Quyết định số 892/QĐ-BN ngày 05/12/2024 của Bộ trưởng Bộ Nội vụ", "892/QĐ-BNV"),
        ("Kế hoạch số 12/KH-U ND ngày 3/2/2025 của UBND huyện", "12/KH-UBND"),
        ("Nghị quyết số 24-NQ/U ngày 09/8/2022 của Tỉnh ủy", "24-NQ/TU"),
        ("Quyết định số 3/QĐ-SNV ngày 1/1/2025 của Chính phủ", "3/QĐ-SNV"),
        ("Nghị quyết số 76/NQ-C ngày 15/7/2021", "76/NQ-C"),
        ("Nghị định số 135/201 6/NĐ-CP ngày 9/9/2016", "135/2016/NĐ-CP"),
    ],
)
def test_letters_that_a_font_lost(text: str, code: str) -> None:
    """They come back only where the issuer says which; numbers may lose a blank, nothing else."""
    (found,) = find_citations(text)
    assert found.code == code


def test_half_a_code_is_none() -> None:
    assert find_citations("Thông tư số 1⁄2018/TT-BTC") == []


def test_numbers_are_never_changed() -> None:
    assert find_citations("Quyết định số O1/QĐ-UBND") == []
    (found,) = find_citations("Quyết định số 001/QP-UBND")
    assert found.code == "001/QĐ-UBND"


@given(st.text(max_size=300))
def test_never_fails_and_stays_inside(text: str) -> None:
    for found in find_citations(text):
        assert 0 <= found.start <= found.code_end <= found.end <= len(text)


@given(st.integers(1, 99999), st.sampled_from(["KH", "QĐ", "NQ", "CTr", "TTr"]),
       st.sampled_from(["UBND", "HĐND", "BNV", "TTg"]))  # fmt: skip
def test_any_code_of_the_form(number: int, kind: str, body: str) -> None:
    (found,) = find_citations(f"theo văn bản số {number:02d}/{kind}-{body} ngày 03/02/2025,")
    assert found.code == f"{number:02d}/{kind}-{body}"
    assert found.date == "2025-02-03"


@given(st.dates())
def test_dates_there_and_back(day) -> None:  # type: ignore[no-untyped-def]
    if 1900 <= day.year <= 2100:
        for text in (f"{day:%d/%m/%Y}", f"ngày {day.day} tháng {day.month} năm {day.year}"):
            assert [value for _, _, value in find_dates(fold(text))] == [day.isoformat()]


@pytest.mark.parametrize("parts", [("30", "2", "2025"), ("0", "1", "2025"), ("1", "13", "2025")])
def test_no_such_day(parts: tuple[str, str, str]) -> None:
    assert iso(*parts) is None


@pytest.mark.slow
def test_official_citations(shared: Path) -> None:
    """Of the citations with "số N/…", 99.5 % are read right: code, type, date and issuer."""
    wanted = re.compile(r"số\s+(\d[^\s,)]*/[^\s,)]+)")
    tail = re.compile(r".*ngày (\d{1,2})/(\d{1,2})/(\d{4}) của (.+?)(?:, có hiệu lực|\)?$)", re.S)
    right = seen = 0
    with lzma.open(shared / "text" / "citations.jsonl.xz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 7:  # a seventh is enough here
                continue
            text = json.loads(line)["citation"]
            code = wanted.search(text)
            if not code:
                continue
            seen += 1
            found = find_citations(text)
            if not found or not _same(found[0].code, code[1]):
                continue
            date = tail.match(text)
            if date:
                value = f"{date[3]}-{int(date[2]):02}-{int(date[1]):02}"
                issuer = date[4].strip(" .")
                if (found[0].date, (found[0].issuer or "").strip(" .")) != (value, issuer):
                    continue
            right += 1
    assert seen > 7_000
    assert right >= 0.995 * seen


def _same(found: str | None, wanted: str) -> bool:
    """Equal but for a stop at the end, and for what follows a blank inside the code."""
    wanted = wanted.strip(". ").replace("Ð", "Đ").rstrip("-")
    return found is not None and found.upper().startswith(wanted.upper()[:40])
