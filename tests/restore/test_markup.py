"""Markdown's own signs are told from what an OCR misread."""

from __future__ import annotations

import pytest

from pipeline.restore.damage import detect
from pipeline.restore.markup import is_markup, without_markup

CASES = [
    ("| STT | Nội dung |", "STT Nội dung"),
    ("| --- | :-: |", ""),
    ("### Phụ lục", "Phụ lục"),
    ("I | II", "I | II"),
    ("#khong phai tieu de", "#khong phai tieu de"),
    ("|. MUC DICH", "|. MUC DICH"),
    ("", ""),
]


@pytest.mark.parametrize(("line", "prose"), CASES)
def test_without_markup(line: str, prose: str) -> None:
    assert without_markup(line) == prose
    assert is_markup(line) == (line != prose)


def test_a_table_is_no_damage() -> None:
    rows = [f"| {n} | Tập huấn cho công chức | Phòng Nội vụ | Quý {n} |" for n in range(1, 9)]
    lines = ["| STT | Nội dung | Chủ trì | Thời gian |", "| --- | --- | --- | --- |", *rows]
    assert {damage.kind for damage in detect(lines)} == {"clean"}
