"""Encodings of Vietnamese text files."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.charset import detect, is_binary

TEXT = (
    "Ủy ban nhân dân phường Quảng Phú giao Văn phòng theo dõi, đôn đốc việc thực hiện kế hoạch; "
    "tổng hợp kết quả, báo cáo trước ngày 15 tháng 12 hằng năm.\r\n"
)
# The same words as a Windows-1258 editor stores them: precomposed letters where the code page has
# them, combining tone marks behind the others.
TEXT_1258 = "U\u0309y ban nhân dân huyê\u0323n ban hành kê\u0301 hoa\u0323ch"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_unicode(encoding: str, expected: str) -> None:
    data = TEXT.encode(encoding)
    found = detect(data)
    assert (found.name, found.sure) == (expected, True)
    assert data.decode(found.name) == TEXT
    assert not is_binary(data)


def test_windows_1258() -> None:
    data = TEXT_1258.encode("cp1258") * 5
    assert detect(data).name == "cp1258"
    assert not is_binary(data)


def test_a_file_cut_inside_a_character_is_utf8_still() -> None:
    assert detect(TEXT.encode()[:-20] + "ộ".encode()[:2]).name == "utf-8"


def test_font_encodings_are_kept_byte_for_byte() -> None:
    """TCVN3 text is decoded as Windows-1252, which restoration turns into letters."""
    tcvn3 = b"Uy ban nh\xa9n d\xa9n x\xb7 ban h\xb5nh k\xd5 ho\xb9ch tuy\xaan truy\xd2n. " * 4
    found = detect(tcvn3)
    assert (found.name, found.sure) == ("cp1252", False)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_no_text(seed: int) -> None:
    assert is_binary(random.Random(seed).randbytes(2000))


@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_get_a_codec_that_python_knows(data: bytes) -> None:
    assert isinstance(data.decode(detect(data).name, errors="replace"), str)
    assert is_binary(data) in (True, False)


@given(st.text(min_size=1, max_size=300))
def test_utf8_is_never_mistaken(text: str) -> None:
    data = text.encode()
    if detect(data).name == "utf-8":
        assert data.decode(detect(data).name) == text
