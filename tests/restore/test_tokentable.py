"""Lines to tokens: where they stand, what kind they are, which lines are set in capitals."""

import pytest

from pipeline.restore.pieces import FIXED, KEPT, MARK, WORD
from pipeline.restore.tokentable import Types, packed, tokenise


def _tokens(line, *, strict=True):
    types = Types(strict=strict)
    found = tokenise([line], types)
    return [
        (types.text[number], int(types.kind.array[number]), line[a:b] == types.text[number])
        for number, a, b in zip(
            found.type.tolist(), found.start.tolist(), found.end.tolist(), strict=True
        )
    ]


@pytest.mark.parametrize(
    ("line", "strict", "expected"),
    [
        ("kế hoạch", True, [("kế", WORD), ("hoạch", WORD)]),
        ("(xã),", True, [("(", MARK), ("xã", WORD), (")", MARK), (",", MARK)]),
        ("I. Mục", True, [("I", KEPT), (".", MARK), ("Mục", WORD)]),
        ("Mục I.", True, [("Mục", WORD), ("I", WORD), (".", MARK)]),
        ("- 393/QĐ-UBND", True, [("-", KEPT), ("393/QĐ-UBND", FIXED)]),
        ("16p 2025", False, [("16p", WORD), ("2025", WORD)]),
        ("16p 2025", True, [("16p", FIXED), ("2025", FIXED)]),
        ("a.....b", False, [("a", WORD), (".....", MARK), ("b", WORD)]),
        ("ubnd@xa.gov.vn", False, [("ubnd@xa.gov.vn", FIXED)]),
        ("một\u3000hai\u00a0\tba", True, [("một", WORD), ("hai", WORD), ("ba", WORD)]),
    ],
)
def test_tokens_and_their_places(line, strict, expected):
    found = _tokens(line, strict=strict)
    assert [(text, kind) for text, kind, _ in found] == expected
    assert all(in_place for *_, in_place in found)


def test_lines_and_capitals():
    lines = ["", "KẾ HOẠCH", "Thực hiện UBND", "  ", "PiCH, YÉU CÀU"]
    found = tokenise(lines, Types(strict=False))
    assert found.first.tolist() == [0, 0, 2, 5, 5, 9]
    assert found.capitals.tolist() == [False, True, False, False, True]
    assert found.line.tolist() == [1, 1, 2, 2, 2, 4, 4, 4, 4]
    assert len(found.head(2)) == 2


@pytest.mark.parametrize(
    "line", ["- Lưu: VT, KGVX", "- VPUB: CVP, PCVP P.T.T.Huyền,", "- VP UBTP: CVP, các PCVP,"]
)
def test_abbreviations_do_not_make_a_line_of_capitals(line):
    assert not tokenise([line], Types(strict=False)).capitals[0]


@pytest.mark.parametrize("text", ["", "\ud800 x", "\u200f\u202e", "😀 👍🏽", "\x00\x01 \x1c", "́́"])
def test_odd_characters_have_places_too(text):
    found = tokenise([text, text], Types(strict=False))
    for number, line, a, b in zip(found.type, found.line, found.start, found.end, strict=True):
        assert found.types.text[number] == [text, text][line][a:b]


def test_packed_words_join_by_arithmetic():
    assert packed("dich") == packed("d") * 27**3 + packed("ich")
    assert packed("đ") == packed("a1") == packed("") == packed("a" * 14) == -1
