"""The search for a line's text: against all texts there are, and against a language."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.recognise.alignment import align, costs_of, likelihood
from pipeline.recognise.dictionary import grams, words_of
from pipeline.recognise.search import search

BLANK = 0
LETTERS = ("", " ", *"0123456789", *"aáàảăêểềmnđdiờthokéyug", "/", ".", ",")
CODE = {one: code for code, one in enumerate(LETTERS)}


def found(shares: NDArray[np.float32], weight: float = 0.65) -> str:
    text, _ = search(shares, BLANK, words_of(LETTERS), grams(), weight)
    return "".join(LETTERS[code] for code in text)


def spelt(*steps: dict[str, float]) -> NDArray[np.float32]:
    """Probabilities of steps that each name their characters; a blank between two steps."""
    rows = []
    for step in steps:
        for one in ({"": 1.0}, step, {"": 1.0}):
            row = np.full(len(LETTERS), 1e-6)
            for character, share in one.items():
                row[CODE[character]] = share
            rows.append(row / row.sum())
    return np.array(rows, np.float32)


def line(text: str, **doubts: dict[str, float]) -> NDArray[np.float32]:
    """A line that is sure but for the characters named by place (``at3``)."""
    return spelt(*(doubts.get(f"at{k}", {one: 0.999, "": 0.001}) for k, one in enumerate(text)))


def sums_of(shares: NDArray[np.floating], codes: tuple[int, ...]) -> dict[tuple[int, ...], float]:
    """The probability of each text of ``codes``, summed over all its ways one by one."""
    sums: dict[tuple[int, ...], float] = {}
    for way in itertools.product(codes, repeat=len(shares)):
        text = tuple(one for one, _ in itertools.groupby(way) if one != BLANK)
        weight = float(np.prod([shares[step, code] for step, code in enumerate(way)]))
        sums[text] = sums.get(text, 0.0) + weight
    return sums


@pytest.mark.parametrize("seed", range(20))
def test_the_text_with_the_greatest_sum_is_found(seed: int) -> None:
    chance = np.random.default_rng(seed)
    codes = (BLANK, CODE["1"], CODE["2"])  # numbers pay nothing, so the sum alone decides
    shares = np.full((6, len(LETTERS)), 1e-9, np.float32)
    shares[:, codes] = chance.dirichlet(np.ones(3), 6)
    sums = sums_of(shares, codes)
    best = max(sums, key=lambda text: sums[text])
    assert found(shares) == "".join(LETTERS[code] for code in best)


def test_the_words_around_tell_the_mark() -> None:
    unsure = {"ề": 0.6, "ể": 0.39, "": 0.01}  # "điềm" is a word too
    assert found(line("thời điểm đi", at7=unsure)) == "thời điểm đi"
    assert found(line("thời điểm đi", at7=unsure), weight=0.0) == "thời điềm đi"


def test_what_was_surely_seen_stays() -> None:
    for text in ("thời điêm đi", "đknm/hk 12 hđn", "điểm điểm điểm", "u/u"):
        assert found(line(text)) == text


def test_numbers_are_neither_taken_out_nor_put_in() -> None:
    assert found(line("tháng 4 năm", at6={"4": 0.55, "": 0.45})) == "tháng 4 năm"
    assert "4" not in found(line("tháng 4 năm", at6={"4": 0.1, "": 0.9}))


def test_places_and_costs_of_characters() -> None:
    shares = line("hai", at1={"a": 0.5, "á": 0.5})
    text = np.array([CODE[one] for one in "hai"], np.int32)
    places = align(shares, BLANK, text)
    assert places.tolist() == [[1, 2], [4, 5], [7, 8]]
    costs = costs_of(shares, BLANK, text, places, True)
    assert costs[1] == pytest.approx(-np.log(0.5), abs=0.01)
    assert max(costs[0], costs[2]) < 0.02


def test_nothing_is_read_from_blanks_and_no_steps() -> None:
    assert found(spelt({"": 1.0}, {"": 1.0})) == ""
    assert found(np.zeros((0, len(LETTERS)), np.float32)) == ""
    assert align(spelt({"": 1.0}), BLANK, np.zeros(0, np.int32)).shape == (0, 2)


def test_symbols_of_codes_are_known_behind_a_number() -> None:
    unsure = {"h": 0.4, "o": 0.6}
    assert found(line("12/kh", at4=unsure)) == "12/kh"  # a plan's code
    assert found(line("12/đh", at4=unsure)) == "12/đo"


@pytest.mark.parametrize("seed", range(10))
def test_how_likely_a_text_is_sums_all_its_ways(seed: int) -> None:
    chance = np.random.default_rng(seed)
    codes = (BLANK, CODE["1"], CODE["2"])
    shares = np.full((6, len(LETTERS)), 1e-12, np.float64)
    shares[:, codes] = chance.dirichlet(np.ones(3), 6)
    sums = sums_of(shares, codes)
    for text, total in sums.items():
        assert likelihood(shares, BLANK, np.array(text, np.int32)) == pytest.approx(np.log(total))


def test_a_text_that_is_longer_than_its_line_is_not_likely() -> None:
    shares = line("12")
    assert likelihood(shares, BLANK, np.array([CODE["1"]] * 7, np.int32)) == -np.inf
    assert likelihood(shares, BLANK, np.array([], np.int32)) < -10
