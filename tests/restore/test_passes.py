"""Passes over one stretch, and what one text leaves for the next."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline import restore_text
from pipeline.restore import engine
from pipeline.restore.engine import Stretch, habits, models, shared_reader
from pipeline.restore.lattice import Builder
from pipeline.restore.paths import decode, decode_again
from pipeline.restore.readings import Mixture

READ = [
    "Uy ban nhan dan x& ban hanh ké hoach cai cich hanh chinh nim 2025 trén dia ban",
    "Nang cao nhan thirc cia cdn bg, cong chitc, vién chirc vé cai cich hanh chinh",
]


def _first(reader, stretch, decoder):
    lattices = Builder(reader, stretch.tokens, stretch.starts).build()
    return decode(decoder, lattices, reader.sets)


@pytest.fixture
def stretch():
    return Stretch(READ, "english_ocr")


@pytest.fixture
def reader(stretch):
    return shared_reader("english_ocr", stretch.mixture(), stretch.tokens.types, newer=False)


def test_a_second_pass_over_what_is_open_finds_the_same_under_the_same_scores(stretch, reader):
    wide = models().reader
    first = _first(reader, stretch, wide)
    again = decode_again(wide, first, reader.sets.score.array[first.kept.reading])
    assert np.array_equal(again.span, first.span)
    assert np.array_equal(again.reading, first.reading)
    # but for what the first did not look up, as it would hardly have won
    assert again.posterior == pytest.approx(first.posterior, abs=2e-3)
    offered = np.diff(reader.sets.begin.array)[first.lattices.offered].sum()
    assert len(first.kept.span) < offered / 4


def test_a_second_pass_follows_other_scores(stretch, reader):
    first = _first(reader, stretch, models().reader)
    scores = reader.sets.score.array[first.kept.reading].copy()
    on_path = dict(zip(first.span.tolist(), first.reading.tolist(), strict=True))
    span, chosen = next((s, r) for s, r in on_path.items() if (first.kept.span == s).sum() > 1)
    at = (first.kept.span == span) & (first.kept.reading == chosen)
    scores[at] -= 100.0
    again = decode_again(models().reader, first, scores)
    assert (span, chosen) not in zip(again.span.tolist(), again.reading.tolist(), strict=True)


def test_readings_are_weighed_as_they_would_be_found(stretch, reader):
    # another mixture alone: the same as a reader that was made for it
    first = _first(reader, stretch, models().reader)
    readings = np.unique(first.kept.reading)
    same = reader.weighed(readings, engine.channel("english_ocr").adapted({}), reader.mixture)
    assert same == pytest.approx(reader.sets.score.array[readings], abs=1e-3)
    vietnamese = engine.channel("vietnamese_ocr")
    old, new = (
        engine.Reader(models().lexicon, vietnamese, mixture, stretch.tokens.types, newer=False)
        for mixture in (Mixture(0.3, 0.0, 0.7), Mixture(0.6, 0.1, 0.3))
    )
    keys = 2 * np.unique(stretch.tokens.type)
    sets = old.sets_of(keys), new.sets_of(keys)
    wanted = np.arange(old.sets.word.size, dtype=np.int32)
    weighed = old.weighed(wanted, vietnamese.adapted({}), new.mixture)
    compared = 0
    for a, b in zip(*(s.tolist() for s in sets), strict=True):
        found = {
            (int(new.sets.word.array[k]), int(new.sets.case[k])): float(new.sets.score.array[k])
            for k in range(new.sets.begin.array[b], new.sets.begin.array[b + 1])
        }
        for k in range(old.sets.begin.array[a], old.sets.begin.array[a + 1]):
            key = int(old.sets.word.array[k]), int(old.sets.case[k])
            if key in found and key[1] >= 0:
                assert weighed[k] == pytest.approx(found[key], abs=0.02)
                compared += 1
    assert compared > 50


def test_a_text_is_read_alike_whatever_was_read_before():
    text, other = (
        "\n".join(READ),
        "Phdng Van héa - Xa hoi chu tri, phéi hgp vdi cac don vi lién quan",
    )
    alone = restore_text(text, damage="english_ocr")
    restore_text(other, damage="english_ocr")
    assert restore_text(text, damage="english_ocr") == alone
    engine._shared.readers.clear()
    assert restore_text(text, damage="english_ocr") == alone


def test_threads_do_not_disturb_each_other():
    texts = [" ".join(READ[:1] * n) + f"\nDieu {n}. Ké hoach" for n in range(1, 9)]
    alone = [restore_text(text, damage="english_ocr") for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert (
            list(pool.map(lambda t: restore_text(t, damage="english_ocr"), texts * 3)) == alone * 3
        )


def test_words_that_a_document_repeats_are_likelier_in_it():
    rare = int(np.argsort(models().model.unigram)[200])
    bonus = habits(np.array([rare] * 3 + [5], dtype=np.int32))
    assert bonus[rare] > 1.0
    assert bonus[5] == 0.0  # once is no habit
    assert bonus[-1] == 0.0
