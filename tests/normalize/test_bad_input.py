"""Files that hold more, less or something else than one plan: the record says so."""

from __future__ import annotations

from documents import of_file, of_text, record_of
from plan_truth import PLANS

FIRST = (PLANS / "02-tinh-lang-son-chuyen-doi-so-2024.txt").read_text(encoding="utf-8")
SECOND = (PLANS / "08-xa-tam-quan-trong-cay-2025.txt").read_text(encoding="utf-8")


def codes(text: str) -> set[str]:
    return {issue.code for issue in record_of(text).issues}


def test_of_two_plans_the_first_is_read_and_the_second_told() -> None:
    for one, other in ((FIRST, SECOND), (SECOND, FIRST)):
        alone, both = record_of(one), record_of(f"{one}\n{other}")
        assert "several_plans" in {issue.code for issue in both.issues}
        for name in ("number", "unit", "title", "signature", "funding", "recipients", "indices"):
            assert getattr(both, name) == getattr(alone, name), name
        assert len(both.sections) > len(alone.sections)


def test_a_decision_and_its_plan_are_no_two_plans() -> None:
    path = PLANS / "04-huyen-quan-ba-thien-tai-2023.txt"
    assert "several_plans" not in {issue.code for issue in record_of(of_file(path)).issues}


def test_a_plan_without_end_says_so() -> None:
    lines = FIRST.split("\n")
    record = record_of("\n".join(lines[: len(lines) // 2]))
    assert record.form == "plan"
    assert record.signature is None
    assert record.recipients == []
    assert "cut_off" in {issue.code for issue in record.issues}
    assert "cut_off" not in codes(FIRST)


def test_the_second_half_of_a_plan_names_no_unit_and_no_number() -> None:
    lines = FIRST.split("\n")
    record = record_of("\n".join(lines[len(lines) // 2 :]))
    assert (record.number.value, record.title) == (None, None)
    assert record.signature is not None
    assert record.signature.name == "Hoàng Thế Lâm"


def test_numbering_that_restarts_is_kept_and_told() -> None:
    text = "KẾ HOẠCH\nThi đua\nI. NỘI DUNG\n1. Một việc.\n2. Hai việc.\n1. Lại một.\n2. Lại hai."
    record = record_of(text)
    (section,) = (s for s in record.sections if s.path == "I")
    assert [item.marker for item in section.items] == ["1.", "2.", "1.", "2."]
    assert "numbering_restarts" in {issue.code for issue in record.issues}


def test_an_unlisted_unit_is_not_sought_in_another_province() -> None:
    text = (PLANS / "07-dang-uy-xa-cam-giang-nq57.txt").read_text(encoding="utf-8")
    record = record_of(text)
    assert (record.unit.name, record.unit.province) == ("xã Cẩm Giang", "Hải Phòng")
    assert "unit_not_listed" in {issue.code for issue in record.issues}


def test_letters_and_numbers_are_put_back_by_their_sequence() -> None:
    text = (
        "I. MỤC ĐÍCH\n- Một.\nII. YÊU CẦU\n- Hai.\nKINH PHÍ THỰC HIỆN\nNgân sách xã.\n"
        "IV. TỔ CHỨC THỰC HIỆN\n1. Phòng Nội vụ\nd) Một việc;\nr) Hai việc;\n"
    )
    record = record_of(of_text(text))
    numbers = {section.number: section.ids for section in record.sections}
    assert numbers["III"] == ["funding"]
    assert numbers["IV"] == ["implementation"]


def test_a_number_that_was_read_as_a_word_is_put_back() -> None:
    text = (
        "I. MỤC ĐÍCH\n- Một.\nII. YÊU CẦU\n- Hai.\nVỀ KINH PHÍ THỰC HIỆN\nNgân sách xã.\n"
        "IV. TỔ CHỨC THỰC HIỆN\n1. Phòng Nội vụ\nMột việc.\n"
    )
    sections = {section.number: section for section in record_of(text).sections}
    assert sections["III"].heading == "KINH PHÍ THỰC HIỆN"
    assert sections["III"].ids == ["funding"]
