"""Numbers of heads and dates that were read badly, read again by the network of figures."""

from __future__ import annotations

from dataclasses import replace

import made_scan
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.extract import digits, ocr
from pipeline.extract.scan import read_scan
from pipeline.extract.sheet import Sheet, prepare
from pipeline.extract.tokens import Read

needs_tesseract = pytest.mark.skipif(not ocr.has_tesseract(), reason="tesseract is not installed")
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


def read_again(made: Sheet, lines: list[list[Read]]) -> None:
    digits.read_again([made], [lines], [set()])


def text_of(read: list[Read]) -> str:
    return " ".join(word.text for word in read)


@needs_tesseract
@pytest.mark.parametrize(
    ("old", "new"), [("4", "ý"), ("4", "£"), ("29", "2Q"), ("2026", "2/26"), ("2026", "226")]
)
@pytest.mark.parametrize("font", ["DejaVuSerif.ttf", "DejaVuSerif-Italic.ttf"])
def test_a_number_that_was_misread(old: str, new: str, font: str) -> None:
    made = sheet(LINE, font)
    lines = misread(made, old, new, 0.7)
    read_again(made, lines)
    assert text_of(lines[0]) == LINE


@needs_tesseract
def test_a_figure_that_was_taken_for_a_part_of_the_word_before() -> None:
    made = sheet(LINE)
    lines = misread(made, "4", "£", 0.2)
    words = lines[0]
    (n,) = [n for n, word in enumerate(words) if word.text == "£"]
    words[n - 1] = replace(words[n - 1], x1=words[n].x1)
    read_again(made, lines)
    assert text_of(words) == LINE


@needs_tesseract
@pytest.mark.parametrize("read", ["SÉ", "3?", "38"])
def test_the_number_of_the_document(read: str) -> None:
    line = "Số: 36 /KH-UBND"
    made = sheet(line)
    lines = misread(made, "36", read, 0.5)
    read_again(made, lines)
    assert line in map(text_of, lines)


@needs_tesseract
@pytest.mark.parametrize(
    "read",
    [
        ["Số:", "36", "KH-UBND"],
        ["sẽ:", "36", "/KH-UBND"],
        ["Số:", "3?/KH-UBND"],
        ["S6", "3?KH-UBND"],
        ["Số:", "36", "/", "KH-UBND"],
    ],
)
def test_the_parts_of_its_line(read: list[str]) -> None:
    line = "Số: 36 /KH-UBND"
    made = sheet(line)
    lines = ocr.read_cuttings(made.cuttings)
    place = next(n for n, words in enumerate(lines) if text_of(words) == line)
    so, number, symbol = lines[place]
    stroke = symbol.x0 + (symbol.x1 - symbol.x0) / 24
    sides = {
        "36": (number.x0, number.x1),
        "/": (symbol.x0, stroke),
        "KH-UBND": (stroke, symbol.x1),
        "/KH-UBND": (symbol.x0, symbol.x1),
    }
    lines[place] = [Read(read[0], so.x0, so.x1, 0.5)]
    lines[place] += [Read(text, *sides.get(text, (number.x0, symbol.x1)), 0.3) for text in read[1:]]
    read_again(made, lines)
    assert text_of(lines[place]) == line


@needs_tesseract
@pytest.mark.parametrize(
    "line", ["Sở KH-ĐT", "Sở VH-TT chủ trì", "Ban KT-XH", "Tổ chức: TT-BTC", "Số: 1/2023/KH-UBND"]
)
def test_other_lines_with_symbols_stay(line: str) -> None:
    made = sheet(line)
    lines = ocr.read_cuttings(made.cuttings)
    before = [text_of(read) for read in lines]
    read_again(made, lines)
    assert [text_of(read) for read in lines] == before


def words(text: str, confidence: float = 0.5) -> list[Read]:
    return [Read(word, 50.0 * n, 50.0 * n + 40, confidence) for n, word in enumerate(text.split())]


@pytest.mark.parametrize(
    "text", ["ngày khai giảng năm học", "trong tháng 5", "ngày làm việc của mỗi tháng trong năm"]
)
def test_no_date_is_not_read_again(text: str) -> None:
    made = sheet(LINE)
    assert not list(digits.doubtful_dates(made.lines[0], words(text)))


def test_sure_numbers_are_not_read_again_but_in_a_head() -> None:
    made = sheet(LINE)
    body = words("ban hành ngày 29 tháng 4 năm 2026 của", 0.95)
    assert not list(digits.doubtful_dates(made.lines[0], body))
    found = digits.doubtful_dates(made.lines[0], words(LINE, 0.95))
    assert [blank.part for blank in found] == ["day", "month", "year"]


@needs_tesseract
def test_a_blank_day_stays_blank() -> None:
    made = sheet("Hà Nội, ngày   tháng 4 năm 2026")
    lines = ocr.read_cuttings(made.cuttings)
    read_again(made, lines)
    figures = {word.text for read in lines for word in read if word.text.isdigit()}
    assert figures == {"4", "2026"}


@needs_tesseract
@pytest.mark.parametrize(("line", "expected"), [("Số: 36 /KH-UBND", "36"), ("Số:   /KH-UBND", "")])
def test_a_number_that_was_read_as_nothing(line: str, expected: str) -> None:
    made = sheet(line)
    lines = ocr.read_cuttings(made.cuttings)
    place = next(n for n, words in enumerate(lines) if words[-1].text.endswith("UBND"))
    lines[place] = [word for word in lines[place] if word.text != "36"]
    read_again(made, lines)
    assert "".join(word.text for word in lines[place] if word.text.isdigit()) == expected


def written(before: str, figures: str, behind: str, *, apart: int = 12) -> Image.Image:
    """A page with a line in which ``figures`` stand larger and higher than the print."""
    lines = ["Ủy ban nhân dân xã ban hành kế hoạch như sau:"] * 8
    image = made_scan.page(lines, top=900)
    pen = ImageDraw.Draw(image)
    print_, hand = made_scan.font(13), made_scan.font(17, "DejaVuSans-Oblique.ttf")
    x = 300.0
    pen.text((x, 500), before, fill=0, font=print_)
    x += pen.textlength(before, font=print_) + apart
    pen.text((x, 478), figures, fill=0, font=hand)
    x += pen.textlength(figures, font=hand) + apart
    pen.text((x, 500), behind, fill=0, font=print_)
    return image


@needs_tesseract
@pytest.mark.parametrize("apart", [20, 8, 2])
@pytest.mark.parametrize(
    ("before", "figures", "behind", "expected"),
    [
        ("Số:", "57", "/KH-UBND", "57/KH-UBND"),
        ("Số:", "1184", "/QĐ-UBND", "1184/QĐ-UBND"),
        ("Hậu Lộc, ngày", "26", "tháng 02 năm 2025", "ngày26tháng02năm2025"),
        ("Hậu Lộc, ngày", "08", "tháng 3 năm 2025", "ngày08tháng3năm2025"),
    ],
)
def test_figures_larger_than_the_print(
    before: str, figures: str, behind: str, expected: str, apart: int
) -> None:
    if before == "Số:":
        apart += 6
    reading = read_scan(written(before, figures, behind, apart=apart), made_scan.DPI)
    text = "".join(token.text for token in reading.tokens)
    assert expected in text
    assert text.count(figures) == 1  # nor as a line of their own


@needs_tesseract
def test_numbers_that_ocr_read_otherwise_are_named() -> None:
    made = sheet(LINE)
    lines = misread(made, "29", "24", 0.6)
    read_again(made, lines)
    (day,) = [word for word in lines[0] if word.text == "29"]
    assert day.confidence <= 0.7
    (year,) = [word for word in lines[0] if word.text == "2026"]
    assert year.confidence > 0.9  # both agree
