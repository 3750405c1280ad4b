"""Surnames that a seal hid, read again by the real tesseract."""

from __future__ import annotations

import made_scan
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.extract import ocr, surnames
from pipeline.extract.sheet import Sheet, prepare
from pipeline.extract.surnames import surname_in
from pipeline.extract.tokens import Read

needs_tesseract = pytest.mark.skipif(not ocr.has_tesseract(), reason="tesseract is not installed")
GUESSED = 0.45


def signed(name: str, hidden: str) -> tuple[Sheet, list[list[Read]], int]:
    """A page that ``name`` stands on, its lines as they are read when a seal hides ``hidden``."""
    image = Image.new("L", made_scan.SIZE, 255)
    pen = ImageDraw.Draw(image)
    for place, text in enumerate(("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", name)):
        pen.text((900, 900 + 150 * place), text, fill=0, font=made_scan.font(13))
    made = prepare(np.asarray(image).copy(), made_scan.DPI)
    lines = ocr.read_cuttings(made.cuttings)
    (number,) = [n for n, words in enumerate(lines) if words and words[-1].text == name.split()[-1]]
    lines[number] = [word for word in lines[number] if word.text not in hidden.split()]
    made.under_marks = [(number, made.cuttings[number])]
    return made, lines, number


def texts(words: list[Read]) -> str:
    return " ".join(word.text for word in words)


@needs_tesseract
@pytest.mark.parametrize("name", ["Võ Tuấn Anh", "Trần Đức Bình", "Phạm Mạnh Cường", "Bế Xuân Sáu"])
def test_a_hidden_surname_is_put_back_as_a_guess(name: str) -> None:
    made, lines, number = signed(name, name.split()[0])
    hidden = [Read("1”,", lines[number][0].x0 - 60, lines[number][0].x0 - 20, 0.5), *lines[number]]
    lines[number] = hidden  # what is left of the seal
    surnames.read_again([made], [lines])
    assert texts(lines[number]) == name
    assert lines[number][0].confidence == GUESSED
    assert all(word.confidence > GUESSED for word in lines[number][1:])
    assert lines[number][0].x1 < lines[number][1].x0


@needs_tesseract
def test_what_is_no_surname_is_not_put_before_a_name() -> None:
    made, lines, number = signed("Gặp Tuấn Anh", "Gặp")
    surnames.read_again([made], [lines])
    assert texts(lines[number]) == "Tuấn Anh"


@needs_tesseract
def test_lines_beside_no_seal_stay() -> None:
    made, lines, number = signed("Võ Tuấn Anh", "Võ")
    made.under_marks = []
    surnames.read_again([made], [lines])
    assert texts(lines[number]) == "Tuấn Anh"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=-vố", "Võ"),
        ("me=vỡ", "Võ"),
        ("Nguven", "Nguyễn"),
        ("HOÀNG", "Hoàng"),
        ("Lý", "Lý"),
        ("Vế", None),
        ("L", None),
        ("3⁄Z", None),
    ],
)
def test_which_surname_a_word_is(text: str, expected: str | None) -> None:
    assert surname_in(text) == expected
