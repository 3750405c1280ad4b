"""Lines under a seal: what several cuts of one line give together."""

from __future__ import annotations

import pytest

from pipeline.extract.seals import best_reading
from pipeline.extract.tokens import Read


def reading(text: str, confidence: float = 0.9) -> list[Read]:
    """``text`` as it stands at the right end of a line of 40 letters."""
    words, at = [], 40 - len(text)
    for word in text.split(" "):
        sure = confidence if word.isalpha() else 0.3
        words.append(Read(word, 10.0 * at, 10.0 * (at + len(word)), sure))
        at += len(word) + 1
    return words


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        (["WÓ CHỦ TỊCH", "_HÓ CHỦ TỊCH", '__,.."HÓ CHỦ TỊCH'], "PHÓ CHỦ TỊCH"),
        (["4 CHỦ NHIỆM", "Bạ;Ó CHỦ NHIỆM", "®x:Ó CHỦ NHIỆM"], "PHÓ CHỦ NHIỆM"),
        (["NỦ NHIỆM", "PHb,~HỦ NHIỆM", "_6PHb,~HỦ NHIỆM"], "PHÓ CHỦ NHIỆM"),
        (['"HỦ TƯỚNG', "ỳHMỦ TƯỚNG", "__.€>yHỦ TƯỚNG"], "THỦ TƯỚNG"),
        (["CHỦ TỊCH", "6 CHỦ TỊCH", "Ồ8% CHỦ TỊCH"], "CHỦ TỊCH"),
        (["*^ GIÁM ĐỐC", "**Ó GIÁM ĐỐC", "TÓ GIÁM ĐỐC"], "PHÓ GIÁM ĐỐC"),
        (["Q. CHỦ TỊCH", "_Q. CHỦ TỊCH"], "Q. CHỦ TỊCH"),
        (["KT. CHỦ TỊCH", "~KT. CHỦ TỊCH"], "KT. CHỦ TỊCH"),
        (["giao các thôn trưởng", "_giao các thôn trưởng"], "giao các thôn trưởng"),
    ],
)
def test_positions(cuts: list[str], expected: str) -> None:
    found = best_reading([reading(cut) for cut in cuts])
    assert " ".join(word.text for word in found) == expected


def test_a_position_told_by_some_of_its_letters_is_unsure() -> None:
    found = best_reading([reading("HÓ CHỦ TỊCH")])
    assert all(word.confidence < 0.5 for word in found)
    whole = best_reading([reading("PHÓ CHỦ TỊCH")])
    assert all(word.confidence > 0.8 for word in whole)


def test_each_word_is_taken_from_the_cut_that_reads_it_surest() -> None:
    cuts = [reading("Wạnh Cường", 0.7), reading("Phạm Vạch Cường", 0.6), reading("Mạnh Cường", 0.8)]
    found = best_reading([*cuts, reading("Phạm Mạnh Cường", 0.65)])
    assert [word.text for word in found][-2:] == ["Mạnh", "Cường"]
