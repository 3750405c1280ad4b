import pytest

from pipeline.restore.enumerators import letters, numerals

CASES = [
    (["|. MỤC ĐÍCH", "1. YÊU CẦU", "111. NỘI DUNG", "IV. KINH PHÍ"], ["I", "II", "III", "IV"]),
    (["l. MỤC ĐÍCH", "II. YÊU CẦU", "IH. NỘI DUNG"], ["I", "II", "III"]),
    (["I. MỤC ĐÍCH", "II. NỘI DUNG", "I. MỤC TIÊU", "ll. GIẢI PHÁP"], ["I", "II", "I", "II"]),
    (["I. MỤC ĐÍCH", "II. YÊU CẦU"], ["I", "II"]),
    (["I. MỤC ĐÍCH", "I. YÊU CẦU", "II. NỘI DUNG", "IV. KINH PHÍ"], ["I", "II", "III", "IV"]),
    (["I. MỤC ĐÍCH", "II. YÊU CẦU", "II. NỘI DUNG", "III. KINH PHÍ"], ["I", "II", "II", "III"]),
    (["I. MỤC ĐÍCH", "I. YÊU CẦU", "II. NỘI DUNG"], ["I", "I", "II"]),
    (["I. MỤC ĐÍCH", "II. YÊU CẦU", "I. MỤC TIÊU", "II. KINH PHÍ"], ["I", "II", "I", "II"]),
    (["V. KINH PHÍ", "VI. THI ĐUA"], ["V", "VI"]),
    (["III. NỘI DUNG", "IV. KINH PHÍ", "VI. THI ĐUA"], ["III", "IV", "VI"]),
]


@pytest.mark.parametrize(("lines", "wanted"), CASES)
def test_numbers_rise(lines, wanted):
    text = list(lines)
    for number, start, end, numeral in numerals(lines):
        text[number] = text[number][:start] + numeral + text[number][end:]
    assert [line.split(".")[0] for line in text] == wanted


@pytest.mark.parametrize(
    "line",
    ["1. Mục đích", "1. Nâng cao nhận thức", "11. tháng 3", "", "TL. CHỦ TỊCH", "TX. PHÚ THỌ"],
)
def test_lines_that_are_no_headings_stay(line):
    assert numerals([line]) == []


def test_the_second_d_is_written_with_its_stroke():
    lines = ["c) Một;", "d) Hai;", "tiếp theo", "d) Ba;", "e) Bốn.", "d) Năm"]
    assert letters(lines) == [(3, 0, 1, "đ")]


def test_a_five_that_was_read_small_or_twice():
    lines = [
        "I. MỤC ĐÍCH",
        "II. NỘI DUNG",
        "III. HÌNH THỨC",
        "IV. KINH PHÍ",
        "Vv. TỔ CHỨC THỰC HIỆN",
    ]
    assert [(number, mark) for number, _, _, mark in numerals(lines)] == [(4, "V")]
    lines[-1] = "v. TỔ CHỨC THỰC HIỆN"
    assert [(number, mark) for number, _, _, mark in numerals(lines)] == [(4, "V")]
