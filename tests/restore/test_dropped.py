"""Letters that turned into spaces or into nothing."""

import numpy as np
import pytest

from pipeline import restore_text
from pipeline.restore.dropped import Gaps
from pipeline.restore.engine import Stretch, loss_index, models, shares_of_letters
from pipeline.restore.losses import Losses, first_rates
from pipeline.restore.lossmatch import MOST, all_forms, find_losses

RATES = {"ư": 0.95, "ậ": 0.9, "Đ": 0.5}


def _readings(line, place):
    """What stands behind one stretch of a line: texts by score, best first."""
    stretch = Stretch([line], "dropped_glyphs")
    gaps = Gaps([line], stretch.tokens, stretch.starts, loss_index())
    rates = first_rates([line], shares_of_letters()) | RATES
    lattices, sets = gaps.lattices(rates)
    found = {}
    for start, end, offered in zip(lattices.start, lattices.end, lattices.offered, strict=True):
        if line[start:end] == place:
            for reading in range(sets.begin.array[offered], sets.begin.array[offered + 1]):
                found[sets.texts(np.array([reading]), [offered])[0]] = float(
                    sets.score.array[reading]
                )
    return sorted(found, key=lambda text: -found[text])


@pytest.mark.parametrize(
    ("line", "place", "best"),
    [
        ("đ ợc giao", "đ ợc", "được"),
        ("ph ờng", "ph ờng", "phường"),
        ("lut giao thông", "lut", "luật"),
        (" ớc  tính", " ớc", "ước"),
        ("kế hoạch", "kế", "kế"),
        ("UBND xã", "UBND", "UBND"),
    ],
)
def test_what_lost_letters_may_have_been(line, place, best):
    assert _readings(line, place)[0] == best


def _left_of(text, several):
    """The syllables that ``text`` may be left of, with the letters that each kept."""
    index = loss_index()
    letters, capital = index.tables
    codes = [ord(char) for char in text]
    begin = np.array([0, len(codes)], dtype=np.int64)
    _, rows = find_losses(letters[codes], capital[codes], begin, index.single, several)
    kept = rows[:, 1] >> 8 & 0xFFF
    return {
        (index.lexicon.words[word], int(bits)) for (word, _), bits in zip(rows, kept, strict=True)
    }


def test_the_index_finds_every_syllable_that_lost_one_letter():
    none = np.zeros((0, 3), dtype=np.int64)
    rng = np.random.default_rng(5)
    lexicon = loss_index().lexicon
    for number in rng.choice(sorted(lexicon.syllables.values()), 300).tolist():
        word = lexicon.words[number]
        place = int(rng.integers(len(word)))
        kept = (1 << len(word)) - 1 & ~(1 << place)
        for seen in (" ", "") if len(word) > 1 else (" ",):
            text = word[:place] + seen + word[place + 1 :]
            assert (word, kept) in _left_of(text, none), (text, word)


def test_the_index_finds_syllables_that_lost_several_letters_of_those_that_are_lost_often():
    lexicon = loss_index().lexicon
    numbers = {letter: number for number, letter in enumerate(lexicon.letters)}
    often = np.zeros(len(numbers), dtype=np.bool_)
    often[[numbers["ư"], numbers["ờ"]]] = True
    first = np.zeros(len(numbers), dtype=np.bool_)
    first[numbers["đ"]] = True
    several = all_forms(lexicon.spelled, often, first, 2, MOST)
    assert ("trường", 0b110011) in _left_of("tr  ng", several)
    assert ("đường", 0b11000) in _left_of("ng", several)
    assert ("đường", 0b11000) in _left_of(" ng", several)
    assert all(word != "trướng" for word, _ in _left_of("tr  ng", several))  # ớ is not lost
    assert all(word != "đương" for word, _ in _left_of("ng", several))


def test_rates_weigh_what_was_found_anew():
    line = "phường và ph ờng, đ ợc giao"
    stretch = Stretch([line], "dropped_glyphs")
    gaps = Gaps([line], stretch.tokens, stretch.starts, loss_index())
    rates = first_rates([line], shares_of_letters()) | RATES
    _, sets = gaps.lattices(rates)
    assert np.array_equal(gaps.weighed(rates, sets), sets.score.array)
    rarer = gaps.weighed(rates | {"ư": 0.001}, sets)
    assert len(rarer) == sets.score.size
    assert (rarer < sets.score.array).any()


def test_wide_gaps_belong_to_either_side():
    assert "người" in _readings("ph ờng  ng ời", "ng ời")
    assert "ương" in _readings("ph ờng   ơng", " ơng")


def test_losses_are_counted_letter_by_letter():
    losses = Losses()
    losses.add("đ ợc", "được", times=3)
    assert losses.lost == {"ư": 3}
    assert losses.kept["đ"] == 3
    rates = losses.rates({"ư": 0.5, "đ": 0.02, "x": 0.02})
    assert rates["ư"] > 0.7
    assert rates["đ"] < 0.02
    assert rates["x"] == 0.02


def test_letters_that_a_text_never_shows_are_suspects():
    text = ["Ủy ban nhân dân xã ban hành kế hoạch tuyên truyền cải cách hành chính năm nay"] * 30
    rates = first_rates([line.replace("à", " ") for line in text], shares_of_letters())
    assert rates["à"] > 0.9
    assert rates["n"] < 0.02
    assert models().lexicon.letters


LAW = [
    "(Điều 28 Luật số 57/2020/QH14, có hiệu lực thi hành kể từ ngày 01/01/2021)",
    "Điều 5. Đối tượng áp dụng của Nghị định số 12/2011/NĐ-CP ngày 3 tháng 2 năm 2011",
    "1. Ủy ban nhân dân xã báo cáo Sở Nội vụ theo quy định tại khoản 2 Điều 7 Nghị định này.",
    "2. Công an xã, Trạm Y tế, Hội Nông dân và Đoàn Thanh niên phối hợp với Đài Truyền thanh.",
    "3. Người đứng đầu cơ quan chịu trách nhiệm trước Chủ tịch Ủy ban nhân dân huyện.",
    "Điều 6. Văn phòng Ủy ban nhân dân phường đôn đốc việc thực hiện các điều khoản trên.",
    "Nơi nhận: Như Điều 6; Thường trực Đảng ủy; Hội Cựu chiến binh; Lưu: VT.",
] * 3


def test_a_capital_that_is_never_seen_is_suspected():
    rates = first_rates([line.replace("Đ", " ") for line in LAW], shares_of_letters())
    assert rates["Đ"] > 0.9
    assert rates["đ"] < 0.05
    assert first_rates(LAW, shares_of_letters())["Đ"] < 0.05


def test_a_lost_capital_comes_back_behind_a_bracket_and_in_a_code():
    lost = str.maketrans({"Đ": " ", "ư": " ", "ậ": ""})
    text = "\n".join(LAW)
    assert restore_text(text.translate(lost)) == text
