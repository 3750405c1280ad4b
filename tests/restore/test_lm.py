"""The model that is shipped, and a model trained from nothing."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.artefacts import model_path
from pipeline.errors import ModelError
from pipeline.restore.engine import models
from pipeline.restore.lm import LanguageModel, extend, find

RECIPE = Path(__file__).parent.parent.parent / "models" / "restoration"
TEXT = (
    "ủy ban nhân dân xã ban hành kế hoạch tuyên truyền cải cách hành chính\n"
    "các cơ quan, đơn vị phối hợp thực hiện kế hoạch được giao\n"
    "người dân và doanh nghiệp đánh giá mức độ hài lòng\n"
) * 5


def test_model_files_stay_small():
    folder = model_path("restoration/lm")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 40e6


def test_probabilities_are_probabilities():
    model = models().model
    assert math.isclose(float(np.exp(model.unigram).sum()), 1.0, rel_tol=0.01)
    assert (model.books <= 0).all()


def test_missing_model_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match="make train"):
        LanguageModel.load(tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tiny model, through the recipe's own functions."""
    sys.path.insert(0, str(RECIPE))
    try:
        from count import capital_shares, stream
        from estimate import count, estimate
        from pack import pack
    finally:
        sys.path.remove(str(RECIPE))
    folder = tmp_path_factory.mktemp("lm")
    tokens, capitals, vocabulary = stream([("text", TEXT.strip().split("\n"))])
    orders = estimate(count(tokens, 3, {}), len(vocabulary))
    pack(orders, vocabulary, capital_shares(tokens, capitals, vocabulary), folder)
    return LanguageModel.load(folder), orders, vocabulary


def _score(model, words):
    """The stored log probability of an n-gram, or None."""
    state = np.uint64(0)
    for word in reversed(words):
        state = np.uint64(extend(state, np.int64(model.vocabulary[word])))
    payload = find(state, model.records, model.blocks, model.offsets)
    return None if payload < 0 else float(model.books[len(words) - 2, payload & 127])


def test_every_ngram_is_found_again(trained):
    model, orders, vocabulary = trained
    for order, ngrams in enumerate(orders[1:], start=2):
        for key, probability in zip(ngrams.keys.tolist(), ngrams.probability, strict=True):
            words = [vocabulary[(key >> (14 * k)) & 16383] for k in range(order - 1, -1, -1)]
            assert _score(model, words) == pytest.approx(math.log(probability), abs=0.1)


def test_unseen_ngrams_are_not_found(trained):
    model = trained[0]
    assert _score(model, ["dân", "dân"]) is None


def test_distributions_sum_to_one(trained):
    _, orders, vocabulary = trained
    from_context: dict[int, float] = {}
    lower = orders[0].probability
    seen: dict[int, float] = {}
    for key, p in zip(orders[1].keys.tolist(), orders[1].probability, strict=True):
        from_context[key >> 14] = from_context.get(key >> 14, 0.0) + p
        seen[key >> 14] = seen.get(key >> 14, 0.0) + lower[key & 16383]
    for context, mass in from_context.items():
        total = mass + orders[0].backoff[context] * (1.0 - seen[context])
        assert total == pytest.approx(1.0, abs=1e-6), vocabulary[context]
