"""Acronyms set letter by letter, in lines that a repair turned into words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import of_text

from pipeline.document import Document
from pipeline.entities.find import find_entities
from pipeline.segment.outline import segment


def repaired(raw: str, text: str) -> Document:
    """A plan in which one line was read as ``raw`` and restored to ``text``."""
    document = of_text(f"KẾ HOẠCH\nTuyên truyền năm 2025\nI. NỘI DUNG\n- {text}\nII. KINH PHÍ\nCó.")
    page = document.pages[0]
    lines = [replace(line, raw=f"- {raw}") if text in line.text else line for line in page.lines]
    return replace(document, pages=(replace(page, lines=tuple(lines)),))


CASES = [
    ("Ket qua P A P I cua tinh.", "Kết quả PA PI của tỉnh.", ["PAPI"]),
    ("Ket qua S I P A S, P C I.", "Kết quả SI PA S, PVC I.", ["SIPAS", "PCI"]),
    ("Giao P C T theo doi.", "Giao PVC T theo dõi.", []),
    ("U B N D xa.", "UBND xã.", []),
    ("Ket qua PA PI, SIP- AS cua tinh.", "Kết quả PHA PI, SÍP- AS của tỉnh.", ["SIPAS", "PAPI"]),
    ("Nop mau PC I, PC 1 tai quay.", "Nộp mẫu PVC I, PC 1 tại quầy.", []),
]


@pytest.mark.parametrize(("raw", "text", "indices"), CASES)
def test_found_and_left_to_a_person(raw: str, text: str, indices: list[str]) -> None:
    mentions = find_entities(segment(repaired(raw, text))).mentions
    assert [mention.index for mention in mentions] == indices
    for mention in mentions:
        assert mention.confidence < 0.75  # audit.coverage asks for review below this
        assert (mention.path, mention.raw) == ("I.-1", f"- {raw}")


def test_what_the_text_says_as_well_is_said_once() -> None:
    mentions = find_entities(segment(repaired("Két qua P A P I.", "Kết quả P A P I."))).mentions
    assert len(mentions) == 1


# two lines of a clean text, the second of which passes for a new paragraph; what is found there
ENDS = [
    ("Kết quả Chỉ số PA", "PI năm 2024 tới từng hộ.", ["PAPI"]),
    ("Kết quả Chỉ số SIP-", "AS của huyện.", ["SIPAS"]),
    ("Xếp hạng PAR", "INDEX của các xã.", ["PAR"]),
    ("Giao đồng chí P", "CT phụ trách khối.", []),
    ("Nộp theo mẫu PC", "I. MỤC KHÁC", []),
    ("Các phương án PA", "PHỤ LỤC", []),
]


@pytest.mark.parametrize(("first", "second", "indices"), ENDS)
def test_broken_at_the_end_of_a_line(first: str, second: str, indices: list[str]) -> None:
    text = f"KẾ HOẠCH\nTuyên truyền năm 2025\nI. NỘI DUNG\n- {first}\n{second}\nII. KINH PHÍ\nCó."
    mentions = find_entities(segment(of_text(text))).mentions
    assert sorted({m.index for m in mentions if m.form != "theme"}) == indices
