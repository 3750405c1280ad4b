"""A channel that learns from the document."""

import math

import numpy as np
import pytest

from pipeline.restore.adapt import adapted
from pipeline.restore.edits import edits_of
from pipeline.restore.engine import channel, models

LISTED = {("a", "a"): -0.1, ("á", "a"): -0.7, ("á", "é"): -1.5, ("c", "c"): -0.1}


@pytest.fixture
def edits():
    return edits_of(models().lexicon, LISTED.items(), (-11.5, -8.5, -13.1), doubles=False)


def _values(edits):
    """Log P of the edits of one letter."""
    number = {n: letter for letter, n in edits.letters.number.items()}
    rows = zip(edits.first, edits.second, edits.key, edits.value, strict=True)
    return {(number[a], key): value for a, b, key, value in rows if b < 0}


def test_what_a_document_repeats_becomes_likely(edits):
    before, again = _values(edits), _values(adapted(edits, edits.arranged(), {("các", "cidc"): 20}))
    key = edits.letters.key
    assert again["á", key("id")] > math.log(0.2)
    assert ("á", key("id")) not in before
    assert again["á", key("a")] < before["á", key("a")]
    assert math.isclose(again["c", key("c")], before["c", key("c")], abs_tol=0.2)


def test_listed_edits_are_preferred(edits):
    again = _values(adapted(edits, edits.arranged(), {("các", "cac"): 1000}))
    assert again["á", edits.letters.key("a")] == pytest.approx(0.0, abs=0.05)


def test_nothing_seen_changes_nothing(edits):
    assert np.array_equal(adapted(edits, edits.arranged(), {}).value, edits.value)


def test_an_adapted_channel_without_evidence_finds_the_same():
    base = channel("english_ocr")
    same = base.adapted({})
    keys = [
        ("cai", "lower"),
        ("cich", "lower"),
        ("PiCH", "upper"),
        ("€", "lower"),
        ("x" * 40, "lower"),
    ]
    for key in keys:
        alone = [key], np.array([0, 1]), np.zeros(1), np.array([-1e9])
        (row,), count, words, scores = base.table(*alone)
        (other,), count2, words2, scores2 = same.table(*alone)
        size = count[row]
        assert count2[other] == size
        assert scores2[other, :size] == pytest.approx(scores[row, :size], abs=1e-4)
        if size:
            assert words2[other, 0] == words[row, 0]
