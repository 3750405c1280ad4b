"""A field says so when its own words are a likely reading, or were kept in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import of_text, record_of

from pipeline.document import Document, Doubt, Edit, Word
from pipeline.normalize.record import PlanRecord

TEXT = """ỦY BAN NHÂN DÂN XÃ HÒA PHÚ
Số: 12/KH-UBND
Hòa Phú, ngày 05 tháng 3 năm 2025
KẾ HOẠCH
Tuyên truyền cải cách hành chính năm 2025
Thực hiện Kế hoạch số 19/KH-UBND ngày 03/02/2025 của UBND tỉnh Phú Yên về cải cách hành chính.
I. MỤC ĐÍCH
- Nâng cao nhận thức của người dân.
II. ĐỐI TƯỢNG
- Cán bộ, công chức xã.
III. TỔ CHỨC THỰC HIỆN
1. Văn phòng UBND xã
- Theo dõi, đôn đốc các thôn thực hiện Kế hoạch; hàng quý báo cáo UBND huyện.
- Đăng tin trên Facebook của xã.
IV. KINH PHÍ
Từ ngân sách xã./.
Nơi nhận:
- Phòng Nội vụ;
- Lưu: VT.
TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH
Phạm Bá Điền
"""
# A word of the text, and the fields that rest on it.
RESTS = [
    ("12/KH-UBND", {"số, ký hiệu"}),
    ("tháng", set()),
    ("05", {"nơi và ngày ban hành"}),
    ("XÃ HÒA", {"cơ quan ban hành"}),
    ("Tuyên", {"trích yếu"}),
    ("03/02/2025", {"căn cứ", "văn bản viện dẫn"}),
    ("ĐÍCH", {"đề mục"}),
    ("nhận thức", {"nội dung các mục"}),
    ("Facebook", {"nội dung các mục", "kênh", "phân công"}),
    ("Cán bộ", {"đối tượng", "nội dung các mục"}),
    ("Văn phòng", {"phân công", "đề mục"}),
    ("đôn đốc", {"phân công", "nội dung các mục", "chế độ báo cáo"}),
    ("ngân sách", {"kinh phí"}),
    ("Phòng Nội", {"nơi nhận"}),
    ("Điền", {"chữ ký"}),
]


def at_word(word: str, sure: float | None) -> Document:
    """The text with ``word`` repaired that surely, or kept in doubt where that is None."""
    line = next(n for n, text in enumerate(TEXT.split("\n"), start=1) if word in text)
    start = TEXT.split("\n")[line - 1].index(word)
    document = of_text(TEXT)
    if sure is None:
        return replace(document, doubts=(Doubt(1, line, start, word, "x", 0.3),))
    return replace(document, edits=(Edit("restore", "x", 1, line, start, "x", word, sure),))


def unsure(record: PlanRecord) -> dict[str, str]:
    """The fields that say so, with what they say."""
    found = [issue.message for issue in record.issues if issue.code == "uncertain_field"]
    return {message.split("”")[0].split("“")[1]: message for message in found}


@pytest.mark.parametrize(("word", "fields"), RESTS, ids=[word for word, _ in RESTS])
def test_a_likely_reading_is_told(word: str, fields: set[str]) -> None:
    found = unsure(record_of(at_word(word, 0.6)))
    assert set(found) == fields
    assert all(f"“{word}”" in message for message in found.values())


def test_a_sure_reading_is_not() -> None:
    assert not unsure(record_of(at_word("Điền", 0.97)))


def test_a_word_that_was_kept_is_told() -> None:
    assert "chữ ký" in unsure(record_of(at_word("Điền", None)))


def test_confidence_is_that_of_the_own_words() -> None:
    record = record_of(at_word("tháng", 0.6))  # on the line of place and date, in neither
    assert record.issued.where is not None
    assert record.issued.where.confidence == 1.0
    record = record_of(at_word("05", 0.6))
    assert record.issued.where is not None
    assert record.issued.where.confidence == 0.6


def test_a_name_that_is_not_in_the_text_rests_on_the_whole_line() -> None:
    document = of_text(TEXT.replace("TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", "PHÓ CHỦ T CH"))
    line = next(n for n, found in enumerate(document.pages[0].lines, 1) if found.text[:3] == "PHÓ")
    edit = Edit("restore", "x", 1, line, 4, "CHU", "CHỦ", 0.6)
    record = record_of(replace(document, edits=(edit,)))
    assert record.signature is not None
    assert record.signature.position == "PHÓ CHỦ TỊCH"
    assert "chữ ký" in unsure(record)


def scanned(text: str) -> Document:
    document = of_text(text)
    return replace(document, pages=tuple(replace(p, method="ocr") for p in document.pages))


@pytest.mark.parametrize(
    ("line", "recipient", "name"),
    [
        ("* 1”, Bá Điền", "Phòng Nội vụ", "Bá Điền"),
        ("— 1”, Bá Điền", "Phòng Nội vụ", "Bá Điền"),
        ("Bá Điền", "Phòng Nội vụ", "Bá Điền"),
        ("Phaz đá Điền", "PCT Phạm Bá Điền", "Phạm Bá Điền"),
    ],
)
def test_a_signer_under_a_seal_is_told_and_marked(line: str, recipient: str, name: str) -> None:
    text = TEXT.replace("Phạm Bá Điền", line).replace("- Phòng Nội vụ", f"- {recipient}")
    signature = record_of(scanned(text)).signature
    assert signature is not None
    assert signature.name == name
    assert signature.where is not None
    assert signature.where.confidence <= 0.5
    issues = [issue.message for issue in record_of(scanned(text)).issues]
    assert any(f"“{name}” chỉ đọc được một phần" in message for message in issues)


def test_a_signer_whom_the_ocr_guessed_is_marked() -> None:
    document = scanned(TEXT)
    lines = list(document.pages[0].lines)
    number = next(n for n, line in enumerate(lines) if line.text == "Phạm Bá Điền")
    for confidence, marked in ((0.45, True), (0.9, False)):
        words = (Word("Phạm", 0, confidence=confidence), Word("Bá", 5, confidence=0.9))
        lines[number] = replace(lines[number], words=words)
        page = replace(document.pages[0], lines=tuple(lines))
        record = record_of(replace(document, pages=(page,)))
        assert record.signature is not None
        assert record.signature.name == "Phạm Bá Điền"
        assert any("“Phạm Bá Điền” chỉ đọc" in one.message for one in record.issues) == marked


def test_a_signer_who_was_read_whole_is_not_marked() -> None:
    for document in (scanned(TEXT), of_text(TEXT.replace("Phạm Bá Điền", "Rơ Châm H’Ly"))):
        record = record_of(document)
        assert record.signature is not None
        assert record.signature.where is not None
        assert record.signature.where.confidence == 1.0
        assert not any("một phần" in issue.message for issue in record.issues)
