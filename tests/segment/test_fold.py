from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.segment.fold import LOWER, UPPER, fold, fold_confusables, is_caps, nfc


@given(st.text())
def test_folding_keeps_length(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert len(fold(text)) == len(fold_confusables(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert nfc(nfc(text)) == nfc(text)


def test_all_vietnamese_letters_fold_to_ascii() -> None:
    vowels = "aăâeêioôơuưy"
    marked = [
        unicodedata.normalize("NFC", v + m)
        for v in vowels
        for m in "\u0300\u0301\u0303\u0309\u0323"
    ]
    for letter in [*vowels, "đ", *marked]:
        assert fold(letter).isascii()
        assert fold(letter.upper()) == fold(letter)
        assert letter in LOWER or letter.isascii()
        assert letter.upper() in UPPER or letter.isascii()


def test_what_an_english_ocr_makes_of_capitals() -> None:
    assert fold_confusables("POI TUQNG") == fold_confusables("ĐỐI TƯỢNG")
    assert fold_confusables("MUC PiCH") == fold_confusables("MỤC ĐÍCH")


def test_capitals() -> None:
    assert is_caps("MỤC ĐÍCH, YÊU CẦU")
    assert is_caps("NOI DUNG, HiNH THUC")
    assert not is_caps("Mục đích")
    assert not is_caps("12/3")
