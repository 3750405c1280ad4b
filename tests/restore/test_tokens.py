import pytest

from pipeline.restore.tokens import newer_tone_place, older_tone_place, pieces

PLACES = [
    ("hoà", "hòa"),
    ("thuý", "thúy"),
    ("khoẻ", "khỏe"),
    ("quý", "quý"),
    ("hoàn", "hoàn"),
    ("uỷ", "ủy"),
]


@pytest.mark.parametrize(("newer", "older"), PLACES)
def test_tone_places(newer, older):
    assert older_tone_place(newer) == older
    assert newer_tone_place(older) == newer


CHUNKS = [
    ("hành,", ["hành", ","]),
    ("14/7/2025;", ["<date>", ";"]),
    ("393/QĐ-UBND", ["<code>"]),
    ("2025", ["<d4>"]),
    ("UBND", ["UBND"]),
    ("a@b.vn", ["<url>"]),
    ("“Hòa", ['"', "hòa"]),
    ("kinh-tế", ["kinh", "-", "tế"]),
]


@pytest.mark.parametrize(("chunk", "tokens"), CHUNKS)
def test_chunks_are_cut(chunk, tokens):
    assert [token for token, _ in pieces(chunk, capitals=False)] == tokens
