import pytest

from pipeline.restore import restore_text
from pipeline.restore.protect import PROTECTED, acronyms_with_d, known_forms, repair_code

CODES = [
    ("393/QD-UBND", "393/QĐ-UBND"),
    ("/QD-UBND", "/QĐ-UBND"),  # its number is blank
    ("30/2020/ND-CP", "30/2020/NĐ-CP"),
    ("12/NQ-HDND", "12/NQ-HĐND"),
    ("45/QĐ-UBND", "45/QĐ-UBND"),
    ("76/NQ-CP", "76/NQ-CP"),
    ("12-NQ/TU", "12-NQ/TU"),
    ("02/HD-SNV", "02/HD-SNV"),  # hướng dẫn, not hợp đồng
    ("QD-UBND", "QD-UBND"),  # no number: no code
]


@pytest.mark.parametrize(("read", "written"), CODES)
def test_codes_get_their_stroke_back(read, written):
    assert repair_code(read) == written


def test_misread_stroke():
    assert repair_code("393/QP-UBND", misread=True) == "393/QĐ-UBND"
    assert repair_code("393/QP-UBND") == "393/QP-UBND"


@pytest.mark.parametrize(
    "text",
    [
        "14/7/2025",
        "5.000.000",
        "6,5%",
        "a.b@c.gov.vn",
        "https://dichvucong.gov.vn/x",
        "12-NQ/TU",
        "2021-2030",
    ],
)
def test_protected(text):
    assert PROTECTED.fullmatch(text)


@pytest.mark.parametrize("text", ["hành", "kế", "xã-phường"])
def test_not_protected(text):
    assert not PROTECTED.fullmatch(text)


def test_tables_do_not_contradict():
    assert not set(acronyms_with_d()) & known_forms()


@pytest.mark.parametrize("damage", ["vietnamese_ocr", "english_ocr", "no_marks", "dropped_glyphs"])
def test_figures_that_are_glued_to_a_word_stay(damage):
    text = "Căn cứ Nghị quyết số 76/NQ-CP ngày23 tháng7 năm2021 và Điều5 của Luật"
    restored = restore_text(text, damage=damage)
    assert [word for word in restored.split() if any(c.isdigit() for c in word)] == [
        "76/NQ-CP", "ngày23", "tháng7", "năm2021", "Điều5",
    ]  # fmt: skip
    if damage == "no_marks":
        assert restore_text("Ha Noi, ngay23 thang7", damage=damage) == "Hà Nội, ngày23 tháng7"


def test_a_line_that_numbers_a_row_of_a_table_stays():
    cells = ["V", "Xã Tam Sơn", "IV", "B", "Đất ở tại đô thị", "L1", "l", "X"]
    lines = restore_text("\n".join(cells), damage="vietnamese_ocr").split("\n")
    assert [line for line in lines if len(line) < 3] == ["V", "IV", "B", "L1", "l", "X"]


def test_a_numeral_without_its_stop_opens_a_heading():
    assert restore_text("V KINH PHÍ THỰC HIỆN", damage="vietnamese_ocr") == "V KINH PHÍ THỰC HIỆN"


@pytest.mark.parametrize("damage", ["vietnamese_ocr", "english_ocr"])
@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("Hệ số L,2 và l,5", "Hệ số 1,2 và 1,5"),
        ("mức L.200.000 đồng", "mức 1.200.000 đồng"),
        ("l,2 ha; 3,l ha", "1,2 ha; 3,1 ha"),
        ("trước ngày l5 tháng l2 năm 2025", "trước ngày 15 tháng 12 năm 2025"),
        ("khoản l0 Điều l5", "khoản 10 Điều 15"),
        ("mục I.2", "mục I.2"),
        ("ngày 20 tháng I0 năm 2O25", "ngày 20 tháng 10 năm 2025"),
    ],
)
def test_figures_that_an_ocr_took_for_letters_come_back_as_figures(read, written, damage):
    found = restore_text(read, damage=damage).split()
    numbers = [word for word in written.split() if any(map(str.isdigit, word))]
    assert [word for word in found if any(map(str.isdigit, word))] == numbers


def test_letters_among_figures_stay_where_no_ocr_read_them():
    assert restore_text("He so l,5 va L,2", damage="no_marks").split()[2] == "l,5"
    assert restore_text("Trong 16p hoc nay", damage="english_ocr") == "Trong lớp học này"


@pytest.mark.parametrize("damage", ["vietnamese_ocr", "english_ocr", "no_marks"])
@pytest.mark.parametrize("text", ["V/v", "Đ/c", "d/c", "b/c", "T/M"])
def test_abbreviations_with_a_slash_are_no_words(text, damage):
    assert restore_text(f"cac {text} lanh dao", damage=damage).split()[1] == text
