"""A number or a day that was misread is never silent where another place contradicts it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import of_text, record_of

from pipeline.normalize.record import PlanRecord

DECISION = """ỦY BAN NHÂN DÂN
THỊ TRẤN HẬU LỘC
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: {number}
Hậu Lộc, {date}
QUYẾT ĐỊNH
Về việc ban hành Kế hoạch truyền thông cải cách hành chính năm 2025
CHỦ TỊCH ỦY BAN NHÂN DÂN THỊ TRẤN HẬU LỘC
Căn cứ Kế hoạch số 41/KH-UBND ngày 12 tháng 02 năm 2025 của Ủy ban nhân dân huyện Hậu Lộc;
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Kế hoạch truyền thông cải cách hành chính năm 2025.
Điều 2. Quyết định có hiệu lực kể từ ngày ký./.
CHỦ TỊCH
Lê Đình Khải
KẾ HOẠCH
Truyền thông cải cách hành chính năm 2025
({note})
I. MỤC ĐÍCH, YÊU CẦU
- Nâng cao nhận thức.
II. TỔ CHỨC THỰC HIỆN
1. Công chức Văn hóa - Xã hội: chủ trì.
PHỤ LỤC
({annex})
1. Phát thanh hằng tuần.
"""
NUMBER, DATE = "57/QĐ-UBND", "ngày 26 tháng 02 năm 2025"
NOTE = f"Kèm theo Quyết định số {NUMBER} {DATE} của UBND thị trấn Hậu Lộc"


def _record(
    *,
    number: str = NUMBER,
    date: str = DATE,
    note: str = NOTE,
    annex: str = NOTE,
    scan: bool = False,
) -> PlanRecord:
    document = of_text(DECISION.format(number=number, date=date, note=note, annex=annex))
    if scan:
        document = replace(document, pages=(replace(document.pages[0], method="ocr"),))
    return record_of(document)


def _codes(record: PlanRecord) -> set[str]:
    checked = {"numbers_differ", "dates_differ", "dated_before_basis", "unconfirmed"}
    return {issue.code for issue in record.issues} & checked


def test_places_that_agree_say_nothing() -> None:
    for scan in (False, True):
        record = _record(scan=scan)
        assert (record.number.value, record.issued.date) == (NUMBER, "2025-02-26")
        assert _codes(record) == set()


@pytest.mark.parametrize("place", ["note", "annex"])
def test_a_number_that_one_place_contradicts(place: str) -> None:
    record = _record(**{place: NOTE.replace("57/", "97/")})
    assert _codes(record) == {"numbers_differ"}
    (message,) = (i.message for i in record.issues if i.code == "numbers_differ")
    assert "57/QĐ-UBND" in message
    assert "97/QĐ-UBND" in message
    assert record.number.value == NUMBER


def test_print_wins_over_a_scanned_letterhead() -> None:
    record = _record(number="97/QĐ-UBND", date="ngày 28 tháng 02 năm 2025", scan=True)
    assert _codes(record) == {"numbers_differ", "dates_differ"}
    assert (record.number.value, record.issued.date) == (NUMBER, "2025-02-26")


def test_a_text_layer_keeps_its_letterhead_and_reports() -> None:
    record = _record(date="ngày 28 tháng 02 năm 2025")
    assert _codes(record) == {"dates_differ"}
    assert record.issued.date == "2025-02-28"


def test_the_number_of_another_document_is_no_contradiction() -> None:
    record = _record(annex="Kèm theo Kế hoạch số 41/KH-UBND ngày 12/02/2025 của UBND huyện")
    assert _codes(record) == set()


def test_nothing_is_issued_before_what_it_cites() -> None:
    date = "ngày 06 tháng 02 năm 2025"
    record = _record(date=date, note=NOTE.replace(DATE, date), annex=NOTE.replace(DATE, date))
    assert _codes(record) == {"dated_before_basis"}


def test_what_a_scan_says_only_once_is_told() -> None:
    record = _record(note="Kèm theo Quyết định này", annex="Kèm theo Quyết định này", scan=True)
    assert _codes(record) == {"unconfirmed"}
    (message,) = (i.message for i in record.issues if i.code == "unconfirmed")
    assert NUMBER in message
    assert "2025-02-26" in message


def test_an_unreadable_number_is_present_and_reported() -> None:
    text = DECISION.format(number="x", date=DATE, note="Kèm theo", annex="Kèm theo")
    record = record_of(text.replace("Số: x", "SỐ: SÉ /QĐ-UBND"))
    assert (record.number.value, record.number.status) == (None, "present")
    assert "number_unreadable" in {issue.code for issue in record.issues}
