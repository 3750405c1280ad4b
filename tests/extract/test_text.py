"""Text files: line ends, pages, encodings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document import Document
from pipeline.extract import extract
from pipeline.extract.text import pages_of
from pipeline.ingest import identify
from pipeline.settings import Settings

CASES = [
    ("", [[]]),
    ("một", [["một"]]),
    ("một\nhai\n", [["một", "hai"]]),
    ("một\r\nhai\rba", [["một", "hai", "ba"]]),
    ("một\n\n\nhai", [["một", "", "", "hai"]]),
    ("một\n\fhai\n", [["một"], ["hai"]]),
    ("một\fhai\f", [["một"], ["hai"]]),
    ("\ufeffmột\x00 hai", [["một hai"]]),
    ("  một \t hai  ", [["  một \t hai  "]]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_pages_and_lines(text: str, expected: list[list[str]]) -> None:
    assert [[line.raw for line in page.lines] for page in pages_of(text)] == expected


@given(st.text(max_size=300))
def test_no_letter_is_lost(text: str) -> None:
    kept = "".join(line.raw for page in pages_of(text) for line in page.lines)
    ends = "\r\n\f\x85\u2028\u2029\x00\ufeff"
    assert kept == "".join(one for one in text if one not in ends)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Kế hoạch số 5\r\nỦy ban nhân dân xã\r\n"
    path = tmp_path / "plan.txt"
    path.write_bytes(text.encode(encoding))
    settings = Settings()
    document = extract(Document(source=identify(path, None, settings)), settings=settings)
    assert document.text() == text.replace("\r\n", "\n")
    assert document.issues == ()


def test_a_guessed_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(
        b"Uy ban nh\xa9n d\xa9n x\xb7 ban h\xb5nh k\xd5 ho\xb9ch tuy\xaan truy\xd2n. " * 4
    )
    settings = Settings()
    document = extract(Document(source=identify(path, None, settings)), settings=settings)
    assert [issue.code for issue in document.issues] == ["encoding_guessed"]
