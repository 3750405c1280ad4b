"""Numbers of dates that were read badly, read again as figures by the real tesseract."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import made_scan
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.extract import digits, ocr
from pipeline.extract.sheet import Sheet, prepare
from pipeline.extract.tokens import Read

needs_tesseract = pytest.mark.skipif(
    not ocr.has_tesseract() or not ocr.reads(ocr.FIGURES), reason="tesseract is not installed"
)
LINE = "Hà Nội, ngày 29 tháng 4 năm 2026"


def sheet(line: str, font: str = "DejaVuSerif.ttf") -> Sheet:
    image = Image.new("L", made_scan.SIZE, 255)
    pen = ImageDraw.Draw(image)
    for place, text in enumerate((line, "Căn cứ Luật Tổ chức chính quyền địa phương", line)):
        pen.text((300, 300 + 80 * place), text, fill=0, font=made_scan.font(13, font))
    return prepare(np.asarray(image).copy(), made_scan.DPI)


def misread(made: Sheet, old: str, new: str, confidence: float) -> list[list[Read]]:
    """The words of all lines, the number ``old`` of the first replaced by ``new``."""
    lines = ocr.read_cuttings(made.cuttings)
    words = next(words for words in lines if any(word.text == old for word in words))
    (n,) = [n for n, word in enumerate(words) if word.text == old]
    words[n] = Read(new, words[n].x0, words[n].x1, confidence)
    return lines


@needs_tesseract
@pytest.mark.parametrize(
    ("old", "new"), [("4", "ý"), ("4", "£"), ("29", "2Q"), ("2026", "2/26"), ("2026", "226")]
)
def test_a_number_that_was_misread(old: str, new: str) -> None:
    made = sheet(LINE)
    lines = misread(made, old, new, 0.7)
    assert made.again is not None
    places = [
        (words, digits.doubtful_numbers(line, words), made.again)
        for line, words in zip(made.lines, lines, strict=True)
    ]
    assert [len(found) for _, found, _ in places] == [1, 0, 0]
    digits.read_again(places)
    assert " ".join(word.text for word in lines[0]) == LINE
    assert next(word for word in lines[0] if word.text == old).confidence < 0.9  # it stays unsure


@needs_tesseract
def test_italics_are_set_upright() -> None:
    line = "Hà Nội, ngày 17 tháng 4 năm 2026"
    made = sheet(line, "DejaVuSerif-Italic.ttf")
    lines = misread(made, "4", "ý", 0.7)
    assert made.again is not None
    found = digits.doubtful_numbers(made.lines[0], lines[0])
    digits.read_again([(lines[0], found, made.again)])
    assert " ".join(word.text for word in lines[0]) == line


@needs_tesseract
def test_a_figure_that_was_taken_for_a_part_of_the_word_before() -> None:
    made = sheet(LINE)
    lines = misread(made, "4", "£", 0.2)
    words = lines[0]
    (n,) = [n for n, word in enumerate(words) if word.text == "£"]
    words[n - 1] = replace(words[n - 1], x1=words[n].x1)
    assert made.again is not None
    digits.read_again([(words, digits.doubtful_numbers(made.lines[0], words), made.again)])
    assert " ".join(word.text for word in words) == LINE


@needs_tesseract
@pytest.mark.parametrize("read", ["SÉ", "3?", "38"])
def test_the_number_of_the_document(read: str) -> None:
    line = "Số: 36 /KH-UBND"
    made = sheet(line)
    lines = misread(made, "36", read, 0.5)
    assert made.again is not None
    (place,) = [n for n, words in enumerate(lines) if any(word.text == read for word in words)]
    found = digits.doubtful_numbers(made.lines[place], lines[place])
    digits.read_again([(lines[place], found, made.again)])
    assert " ".join(word.text for word in lines[place]) == line


def words(text: str, confidence: float = 0.5) -> list[Read]:
    return [Read(word, 50.0 * n, 50.0 * n + 40, confidence) for n, word in enumerate(text.split())]


@pytest.mark.parametrize(
    "text", ["ngày khai giảng năm học", "trong tháng 5", "ngày làm việc của mỗi tháng trong năm"]
)
def test_no_date_is_not_read_again(text: str) -> None:
    made = sheet(LINE)
    assert digits.doubtful_numbers(made.lines[0], words(text)) == []


def test_sure_numbers_are_not_read_again() -> None:
    made = sheet(LINE)
    assert digits.doubtful_numbers(made.lines[0], words(LINE, 0.95)) == []


@needs_tesseract
def test_a_blank_day_stays_blank() -> None:
    made = sheet("Hà Nội, ngày   tháng 4 năm 2026")
    assert made.again is not None
    places = [
        (words, digits.doubtful_numbers(one, words), made.again)
        for one, words in zip(made.lines, ocr.read_cuttings(made.cuttings), strict=True)
    ]
    assert any(found for _, found, _ in places)
    digits.read_again(places)
    figures = {word.text for words, _, _ in places for word in words if word.text.isdigit()}
    assert figures == {"4", "2026"}


@needs_tesseract
@pytest.mark.parametrize(("line", "expected"), [("Số: 36 /KH-UBND", "36"), ("Số:   /KH-UBND", "")])
def test_a_number_that_was_read_as_nothing(line: str, expected: str) -> None:
    made = sheet(line)
    assert made.again is not None
    lines = ocr.read_cuttings(made.cuttings)
    place = next(n for n, words in enumerate(lines) if words[-1].text.endswith("UBND"))
    lines[place] = [word for word in lines[place] if word.text != "36"]
    found = digits.doubtful_numbers(made.lines[place], lines[place])
    assert found or not expected
    digits.read_again([(lines[place], found, made.again)])
    assert "".join(word.text for word in lines[place] if word.text.isdigit()) == expected


@pytest.mark.parametrize(
    ("first", "votes", "expected"),
    [
        ("22", {"29": 10, "2": 10, "": 4}, "29"),  # "2" speaks for neither
        ("2Ï`", {"24": 8, "2": 7, "": 6, "74": 1, "4": 1, "21": 1}, "2Ï`"),
        ("22", {"29": 5, "": 19}, "22"),
        ("9", {"29": 15, "9": 9}, "29"),  # a figure was lost
    ],
)
def test_what_the_votes_decide(first: str, votes: dict[str, int], expected: str) -> None:
    made = sheet(LINE)
    read = words(f"ngày {first} tháng 4 năm 2026")
    digits._put(read, digits.Blank("day", 1, 2, made.lines[0]), Counter(votes))
    assert read[1].text == expected
