"""A channel that learns from the document."""

import math

import numpy as np
import pytest

from pipeline.restore.adapt import adapted
from pipeline.restore.channel import CASES
from pipeline.restore.edits import edits_of
from pipeline.restore.engine import channel, models
from pipeline.restore.matching import LIMIT, REACH

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


def test_an_adapted_channel_without_evidence_weighs_the_same():
    base = channel("english_ocr")
    same = base.adapted({})
    for text, case in [("cai", "lower"), ("cich", "lower"), ("PiCH", "upper"), ("€", "lower")]:
        alone = [(text, case)], np.array([0, 1]), np.zeros(1), np.array([-1e9])
        (row,), count, words, scores = base.table(*alone)
        found = words[row, : count[row]]
        assert len(found)
        number = np.zeros(len(found), dtype=np.int64)
        cases = np.full(len(found), CASES.index(case), dtype=np.int8)
        weighed = same.weigh([text], number, cases, found)
        assert weighed == pytest.approx(scores[row, : count[row]], abs=1e-4)


def test_many_strings_are_weighed_at_once():
    base = channel("english_ocr")
    texts = ["cich", "PiCH"]
    syllables = models().lexicon.syllables
    words = np.array([syllables["cách"], syllables["dịch"], syllables["đích"]], dtype=np.int32)
    number, case = np.array([0, 0, 1]), np.array([0, 0, 2], dtype=np.int8)
    together = base.weigh(texts, number, case, words)
    for at, place in enumerate(number):
        alone = base.weigh([texts[place]], np.zeros(1, np.int64), case[[at]], words[[at]])
        assert alone[0] == pytest.approx(together[at], abs=1e-5)
    assert together[0] > together[1]


@pytest.mark.parametrize("kind", ["english_ocr", "vietnamese_ocr", "no_marks"])
@pytest.mark.parametrize(
    ("text", "case"),
    [("cich", "lower"), ("tuyén", "lower"), ("Bdi", "title"), ("PiCH", "upper"), ("qu6c", "lower"),
     ("viéc", "lower"), ("ngudi", "lower"), ("0", "lower"), ("nghi@p", "lower")],
)  # fmt: skip
def test_the_search_finds_what_weighing_every_syllable_finds(kind, text, case):
    base, lexicon = channel(kind), models().lexicon
    alone = [(text, case)], np.array([0, 1]), np.zeros(1), np.array([-1e9])
    (row,), count, words, scores = base.table(*alone)
    found = dict(zip(words[row, : count[row]].tolist(), scores[row].tolist(), strict=False))
    every = np.array(list(lexicon.syllables.values()), dtype=np.int32)
    cases = np.full(len(every), CASES.index(case), dtype=np.int8)
    all_scores = base.weigh([text], np.zeros(len(every), dtype=np.int64), cases, every)
    ranks = all_scores + lexicon.rarity[every]
    order = np.argsort(-ranks, kind="stable")
    best = order[ranks[order] >= ranks[order[0]] - REACH][:LIMIT]
    worst = ranks[best[-1]]
    surely = {int(every[at]): float(all_scores[at]) for at in best if ranks[at] > worst + 1e-3}
    assert surely.keys() <= found.keys()  # the last ones may be as likely as others
    assert len(found) == len(best)
    for word, score in surely.items():
        assert found[word] == pytest.approx(score, abs=1e-4)
