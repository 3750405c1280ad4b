"""The decoder on small lattices: the path, and what else might stand in its places."""

import numpy as np
import pytest

from pipeline.restore.decoder import NO_WORD
from pipeline.restore.engine import models


def _decode(slots):
    """The best path through one span for each of ``slots``: [(word or None, score)]."""
    loaded = models()
    vocabulary = loaded.model.vocabulary
    flat = [reading for slot in slots for reading in slot]
    begin = np.concatenate(([0], np.cumsum([len(slot) for slot in slots])))
    number = [NO_WORD if word is None else vocabulary[word] for word, _ in flat]
    spans = len(slots)
    return loaded.decoder.decode(
        np.concatenate(([0], np.arange(spans + 1))).astype(np.int32),
        np.arange(spans, dtype=np.int32),
        np.arange(spans, dtype=np.int32),
        np.zeros(spans, dtype=np.float32),
        begin.astype(np.int32),
        np.array(number, dtype=np.int32),
        np.array([score for _, score in flat], dtype=np.float32),
        loaded.decoder.start(),
    )


def test_alternatives_of_a_slot_share_its_probability():
    slots = [[("ủy", 0.0)], [("bán", 0.0), ("ban", 0.0), ("bạn", 0.0)], [("nhân", 0.0)]]
    path = _decode(slots)
    words = models().model.vocabulary
    assert path.words.tolist() == [words["ủy"], words["ban"], words["nhân"]]
    assert path.alternatives_begin[0] == 0
    for at, (a, b) in enumerate(
        zip(path.alternatives_begin, path.alternatives_begin[1:], strict=False)
    ):
        assert path.readings[at] in path.alternatives[a:b]
        chosen = path.alternatives[a:b].tolist().index(path.readings[at])
        assert path.alternatives_words[a:b][chosen] == path.words[at]
        assert path.alternatives_posteriors[a:b][chosen] == path.posteriors[at]
        assert path.alternatives_posteriors[a:b].sum() == pytest.approx(1.0, abs=1e-3)


def test_unlikely_readings_are_not_told():
    path = _decode([[("nhân", 0.0)], [("dân", 0.0), ("dần", 0.0), ("dấn", -30.0)]])
    assert path.alternatives.tolist() == [0, 1, 2]


def test_a_mark_that_may_be_noise_has_no_word():
    path = _decode([[("nhân", 0.0)], [("*", -20.0), (None, 0.0)], [("dân", 0.0)]])
    assert path.words.tolist()[1] == NO_WORD
