"""Names by rules, by the trained recogniser, and as one list."""

from __future__ import annotations

import pytest
from name_gold import HELD_OUT, damaged, sentences

from pipeline.document import Entity
from pipeline.entities.find import find_entities
from pipeline.entities.names_found import combine
from pipeline.entities.recognise import Name, recognise
from pipeline.entities.tagger import tag
from pipeline.segment.outline import segment
from pipeline.settings import Settings

CASES = [
    ("Phòng Văn hóa - Xã hội phường", [("Phòng Văn hóa - Xã hội phường", "ORG")]),
    ("Căn cứ Luật Phòng, chống thiên tai ngày 19/6/2013;",
     [("Luật Phòng, chống thiên tai", "DOC"), ("19/6/2013", "DATE")]),
    ("Theo Kế hoạch số 12/KH-UBND ngày 03/02/2025 của UBND xã Minh Tân",
     [("Kế hoạch số 12/KH-UBND", "DOC"), ("03/02/2025", "DATE"), ("UBND xã Minh Tân", "ORG")]),
    ("Ông Nguyễn Văn An, Giám đốc Sở Tư pháp",
     [("Nguyễn Văn An", "PER"), ("Giám đốc Sở Tư pháp", "ORG")]),
    ("Đoàn kiểm tra làm việc tại hợp tác xã", []),
    ("trên địa bàn huyện Vũ Thư", [("huyện Vũ Thư", "LOC")]),
    ("đăng trên Zalo, Facebook và treo pa nô",
     [("Zalo", "PROD"), ("Facebook", "PROD"), ("pa nô", "PROD")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_rules(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [(text[n.start : n.end], n.label) for n in recognise(text)] == wanted


def test_agreement_is_surer_than_one_voice() -> None:
    text = "Sở Nội vụ và bà Lò Thị Mai"
    rule, seen = Name(0, 9, "ORG", 0.9), Name(0, 9, "ORG", 0.6)
    other = Name(3, 9, "ORG", 0.6)
    agreed, alone, disputed = (
        combine(text, [rule], found)[0].confidence for found in ([seen], [], [other])
    )
    assert agreed > 0.95
    assert agreed > alone > disputed


@pytest.mark.parametrize(
    ("kind", "least"), [("clean", 0.93), ("no_marks", 0.84), ("dropped_glyphs", 0.79)]
)
def test_both_reach_what_they_did_on_sentences_labelled_by_hand(kind: str, least: float) -> None:
    lines = damaged(kind)
    texts = [text for text, _ in lines]
    found = [
        {(n.start, n.end, n.label) for n in combine(text, recognise(text), names)}
        for text, names in zip(texts, tag(texts), strict=True)
    ]
    gold = [set(names) for _, names in lines]
    right = sum(len(a & b) for a, b in zip(gold, found, strict=True))
    score = 2 * right / (sum(map(len, gold)) + sum(map(len, found)))
    assert score >= least


def test_the_sentences_are_enough() -> None:
    assert len(sentences()) >= 300
    assert len(sentences()[HELD_OUT:]) >= 70


def test_names_of_a_document_know_their_place() -> None:
    from documents import of_text

    text = (
        "KẾ HOẠCH\nThi đua năm 2025\nI. TỔ CHỨC THỰC HIỆN\n"
        "1. Phòng Nội vụ chủ trì.\n2. Đài Truyền thanh xã đưa tin trên Zalo.\n"
    )
    found = find_entities(segment(of_text(text)), settings=Settings())
    named: dict[str, Entity] = {e.value: e for e in found.entities if e.kind == "organisation"}
    assert named["Phòng Nội vụ"].path == "I.1"
    assert named["Đài Truyền thanh xã"].place.line_start == 5
    assert not [e for e in find_entities(segment(of_text(text))).entities if e.kind == "person"]
