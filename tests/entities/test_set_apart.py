"""Acronyms set letter by letter, in lines that a repair turned into words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import of_text

from pipeline.document import Document
from pipeline.entities import find_entities
from pipeline.segment import segment


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
