"""The rules of spelling: which syllables are well formed."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.restore.syllables import (
    has_marks,
    is_syllable,
    strip_marks,
    stripped_forms,
    well_formed,
)

WELL_FORMED = """
    nghiêng khuỷu quýt giếng gì gìn hòa hoà thúy thuý quyền yêu ủy uỷ nguyễn ngoằn ngoèo khuya
    rượu xoong goòng kỹ kĩ lý lí thuở huỳnh tuyết quốc ưu ương ườn Đảng ĐỊNH UỶ GIÁM oẳn ếch
"""
MALFORMED = """
    nhirng chwc tr ng cquan ngi kộng ghà ngeo tỏc hòaa UBND Zalo quyêt cach viêc phảt bt thuơng 45
    đc nhửng` ấà xx
"""


@pytest.mark.parametrize("word", WELL_FORMED.split())
def test_well_formed(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", MALFORMED.split())
def test_not_well_formed(word: str) -> None:
    assert not is_syllable(word)


def test_syllables_are_nfc_lower_case_and_many() -> None:
    syllables = well_formed()
    assert 17_000 < len(syllables) < 18_000
    assert all(s == unicodedata.normalize("NFC", s.lower()) for s in syllables)


def test_both_tone_placements_are_right() -> None:
    for pair in (("hòa", "hoà"), ("khỏe", "khoẻ"), ("thủy", "thuỷ")):
        assert set(pair) <= well_formed()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Đặc khu Lý Sơn", "Dac khu Ly Son"),
        ("những điều cần biết", "nhung dieu can biet"),
        ("TỔ CHỨC THỰC HIỆN", "TO CHUC THUC HIEN"),
        ("café", "cafe"),
        ("naïve façade", "naïve façade"),  # marks that Vietnamese has not stay
        ("", ""),
    ],
)
def test_strip_marks(text: str, bare: str) -> None:
    assert strip_marks(text) == bare


def test_stripping_gives_stripped_forms() -> None:
    forms = stripped_forms()
    assert {"nuoc", "viet", "cach", "quyen"} <= forms
    assert all(strip_marks(s) in forms for s in well_formed())
    assert not any(has_marks(form) for form in forms)
