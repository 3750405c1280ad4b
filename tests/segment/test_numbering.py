"""Roman numbers of headings that OCR damaged, and those that authors chose."""

from __future__ import annotations

import pytest
from documents import of_text, outline_of

from pipeline.segment.blocks import blocks
from pipeline.segment.rows import rows
from pipeline.segment.tree import build

WORDS = ("MỤC ĐÍCH", "YÊU CẦU", "NỘI DUNG", "KINH PHÍ", "TỔ CHỨC THỰC HIỆN", "CHẾ ĐỘ BÁO CÁO")
CASES = [
    ("clean", ["I.", "II.", "III.", "IV."], ["I", "II", "III", "IV"]),
    ("strokes lost", ["IL.", "I.", "II.", "IV."], ["I", "II", "III", "IV"]),
    ("one stroke lost", ["I.", "II.", "II.", "IV."], ["I", "II", "III", "IV"]),
    ("stop read as L", ["I.", "II.", "IIL", "IV."], ["I", "II", "III", "IV"]),
    ("first read as L", ["L.", "II.", "III."], ["I", "II", "III"]),
    ("heading lost", ["I.", "II.", "III.", "V."], ["I", "II", "III", "V"]),
    ("author repeats", ["I.", "II.", "II.", "III."], ["I", "II", "II", "III"]),
    ("digits", ["|.", "1.", "111.", "IV."], ["I", "II", "III", "IV"]),
]


@pytest.mark.parametrize(("name", "marks", "numbers"), CASES, ids=[name for name, _, _ in CASES])
def test_numbers(name: str, marks: list[str], numbers: list[str]) -> None:
    lines = [f"{mark} {words}\n- Một việc." for mark, words in zip(marks, WORDS, strict=False)]
    root, _ = build(blocks(rows(of_text("\n".join(lines)))))
    assert [node.number for node in root.children] == numbers


def test_numbers_of_three_parts_stand_under_those_of_two() -> None:
    text = (
        "1. Thoát nước\n1.1. Nạo vét\n1.1.1. Kênh\n1.1.2. Cống\n1.2. Bơm\n1.2.1. Trạm\n2. Cây xanh"
    )
    root, issues = build(blocks(rows(of_text(text))))
    first = root.children[0]
    assert [node.number for node in first.children] == ["1.1", "1.2"]
    assert [node.number for node in first.children[0].children] == ["1.1.1", "1.1.2"]
    assert issues == []
    assert {"1", "1.1", "1.2"} <= set(outline_of(text))
