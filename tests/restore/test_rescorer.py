"""The network that looks at a wider context where the n-grams are not sure."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import restore_text
from pipeline.artefacts import model_path
from pipeline.errors import ModelError
from pipeline.restore.engine import Stretch, models
from pipeline.restore.rescorer import Rescorer
from pipeline.restore.rescoring import rescored

RECIPE = Path(__file__).resolve().parents[2] / "models" / "restoration"


@pytest.fixture(scope="module")
def rescorer() -> Rescorer:
    return Rescorer.load(model_path("restoration/rescorer"), models().lexicon.bare_of)


def numbers(text: str) -> np.ndarray:
    vocabulary = models().model.vocabulary
    return np.array([0, *(vocabulary[word] for word in text.split())], dtype=np.int32)


def ask(rescorer: Rescorer, text: str, place: int, readings: str, more: str = "") -> np.ndarray:
    """Nats for the readings of one word, between which the n-grams do not decide."""
    words = numbers(text)
    if more:
        words = np.concatenate([words, numbers(more)])
    unsure = np.zeros(len(words), dtype=bool)
    unsure[place] = True
    offered = numbers(readings)[1:]
    return rescorer.preferences(
        words,
        unsure,
        np.zeros(len(words), dtype=bool),
        np.array([place]),
        np.array([0, len(offered)]),
        offered,
        np.full(len(offered), 1 / len(offered), dtype=np.float32),
    )


def test_rivals_share_what_they_had_together(rescorer: Rescorer) -> None:
    found = ask(rescorer, "ủy ban nhân dân xã ban hành kế hoạch", 3, "nhân nhận nhẫn dân dần")
    for rivals in (found[:3], found[3:]):  # what letters there are is left to the channel
        assert np.exp(rivals).mean() == pytest.approx(1.0, abs=1e-4)


def test_words_that_are_unsure_side_by_side_are_chosen_together(rescorer: Rescorer) -> None:
    """Preferred as it may be, a word is followed by what goes with it."""
    bias = rescorer.bias.copy()
    bias[models().model.vocabulary["bộ"]] += 12.0
    stretch = Stretch(["nguoi ta bo doi may ngay"], "no_marks")
    before = stretch._decode(stretch.mixture())
    after = rescored(before, replace(rescorer, bias=bias), models().decoder)
    found = [made.distinct() for made in (before, after)]
    pairs = [[one.text[number] for number in one.place[2:4]] for one in found]
    assert pairs == [["bỏ", "đói"], ["bộ", "đôi"]]


def test_words_of_another_paragraph_do_not_count(rescorer: Rescorer) -> None:
    text, place, readings = "hình thức truyền thông trên đài phát thanh", 4, "thông thống"
    alone = ask(rescorer, text, place, readings)
    beside = ask(rescorer, text, place, readings, more="giữ gìn truyền thống quê hương")
    assert beside == pytest.approx(alone, abs=1e-5)


def test_words_of_the_same_paragraph_count(rescorer: Rescorer) -> None:
    readings = "thông thống"
    radio = ask(rescorer, "tuyên truyền trên báo đài truyền thông của xã", 7, readings)
    custom = ask(rescorer, "giữ gìn lễ hội văn hóa truyền thống của làng", 7, readings)
    assert radio[0] > custom[0]


@pytest.mark.parametrize("text", ["", "ke", "ke\n\nhoach", "123 456", "🙂 \u202e ke hoach"])
def test_short_and_odd_text(text: str) -> None:
    assert restore_text(text, damage="no_marks").count("\n") == text.count("\n")


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    folder = model_path("restoration/rescorer")
    for name in ("rescorer.json", "rescorer.npz"):
        (tmp_path / name).write_bytes((folder / name).read_bytes()[:1000])
    with pytest.raises(ModelError, match="make train"):
        Rescorer.load(tmp_path, models().lexicon.bare_of)


def test_the_recipe_finds_what_the_decoder_is_unsure_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(RECIPE))
    sys.modules.pop("unsure", None)
    from unsure import find_unsure

    tokens = np.tile(numbers("giải đấu quý ba của ô tô năm nay bản tin"), 50).astype(np.uint16)
    found = find_unsure(tokens, np.zeros(len(tokens), dtype=bool), models().model)
    assert found.unsure[found.places].all()
    assert 0 < len(found.places) < (tokens > 0).sum()
    true = found.offered == tokens[found.places].astype(np.int16)[:, None]
    assert true.any(axis=1).mean() > 0.9
    shares = np.exp(found.log_posteriors.astype(np.float64)).sum(axis=1)
    assert (shares > 0.98).all()
    assert (shares < 1.02).all()
