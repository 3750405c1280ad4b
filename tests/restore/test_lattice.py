"""What may be joined, cut and moved, and how spans are laid out."""

import numpy as np
import pytest

from pipeline.restore.engine import Stretch, channel, models
from pipeline.restore.joins import find_joins, find_moves
from pipeline.restore.lattice import Builder, paragraphs, starts_paragraph
from pipeline.restore.pieces import WORD
from pipeline.restore.readings import Mixture, Reader
from pipeline.restore.spans import (
    AS_WRITTEN,
    BEHIND_SPACE,
    ELSEWHERE,
    GOES_ON,
    MAY_START,
    NOWHERE,
    STARTS,
)
from pipeline.restore.tokentable import Types, tokenise


def _arrays(line):
    found = tokenise([line], Types(strict=True))
    types = found.types
    common = (
        found.first,
        found.start,
        found.end,
        types.kind.array[found.type] == WORD,
        types.size.array[found.type],
        types.letters.array[found.type],
    )
    return common, types.syllable.array[found.type]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("D Ị CH", [[0, 1], [0, 2], [1, 2]]),  # di, dich, ich
        ("kho ản", [[0, 1]]),
        ("kho, ản", []),
        ("kho   ản", []),
        ("kế hoạch", []),
    ],
)
def test_neighbours_that_make_a_syllable_are_joined(line, expected):
    common, _ = _arrays(line)
    poor = np.zeros(len(common[1]), dtype=np.bool_)
    joins = find_joins(*common, poor, *models().lexicon.forms)
    assert joins.tolist() == expected


def test_a_badly_explained_token_is_joined_whatever_comes_out():
    common, _ = _arrays("kq xz ba")
    poor = np.array([False, True, False])
    joins = find_joins(*common, poor, *models().lexicon.forms)
    assert joins.tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize(
    ("line", "expected"), [("x ãhội", [[0, 2]]), ("xã hội", []), ("x1 ãhội", [])]
)
def test_a_space_moves_between_what_are_no_syllables(line, expected):
    common, syllable = _arrays(line)
    assert find_moves(*common, syllable, *models().lexicon.forms).tolist() == expected


def _lattices(lines, kind="no_marks"):
    stretch = Stretch(lines, kind)
    reader = Reader(
        models().lexicon,
        channel(kind),
        Mixture(0.05, 0.93, 0.02),
        stretch.tokens.types,
        newer=False,
    )
    return Builder(reader, stretch.tokens, stretch.starts).build()


def test_spans_are_in_the_order_of_the_nodes_they_lead_to():
    found = _lattices(["Uy ban", "nhan dan. D i ch.", "", "ubannhan x ahoi"])
    nodes = len(found.begin) - 1
    assert found.begin[-1] == len(found.source)
    for node in range(nodes):
        spans = slice(found.begin[node], found.begin[node + 1])
        assert (found.source[spans] < node).all()
    assert found.nodes.tolist() == [0, nodes]
    assert (found.offered >= 0).all()
    assert set(found.shape.tolist()) <= {AS_WRITTEN, ELSEWHERE, BEHIND_SPACE, NOWHERE}
    assert (found.shape == NOWHERE).sum() == 1  # a paragraph may begin before it, or not


def test_long_texts_become_several_lattices():
    found = _lattices(["nhan dan xa.", "- mot hai ba"] * 2_000)
    assert len(found.nodes) > 5
    assert not found.goes_on.any()
    in_one = _lattices(["nhan dan xa mot hai ba " * 4_000])
    assert in_one.goes_on[1:].all()
    assert np.diff(in_one.nodes).max() < 6_100


@pytest.mark.parametrize(
    ("line", "before", "expected"),
    [
        ("tiếp theo", "dòng trước", False),
        ("tiếp theo", "dòng trước.", True),
        ("tiếp theo", " ", True),
        ("1. Mục", "dòng trước", True),
        ("KẾ HOẠCH", "dòng trước", True),
    ],
)
def test_where_a_paragraph_starts(line, before, expected):
    assert starts_paragraph(line, before) is expected


def test_a_line_with_a_capital_may_start_a_paragraph():
    lines = ["Ảnh: An", "Trong đó", "và xã", "Xã.", "Xã"]
    tokens = tokenise(lines, Types(strict=True))
    found = paragraphs(lines, tokens.first)
    assert found.tolist() == [STARTS, MAY_START, GOES_ON, MAY_START, STARTS]
