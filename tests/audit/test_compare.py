"""Leftovers, duties, timing, citations, years: tables of cases with their traps."""

from __future__ import annotations

import random

import pytest
from plan_records import corpus, plan

from pipeline.audit.compare import COMPARED, compare
from pipeline.audit.duties import unassigned
from pipeline.audit.leftovers import leftovers
from pipeline.entities.gazetteer import gazetteer
from pipeline.normalize.record import Citation, Item, PlanRecord, Section, Task

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")


def saying(
    sentence: str, unit: str, *, ids: tuple[str, ...] = ("content",), **more: object
) -> PlanRecord:
    item = Item(marker="-", text=sentence, path="II.-1",
                where={"page": 3, "line_start": 8, "line_end": 9, "raw": sentence})  # fmt: skip
    section = Section.model_validate(
        {"ids": list(ids), "number": "II", "heading": "NỘI DUNG", "text": "", "items": [item],
         "children": [], "path": "II", "page": 2, "line_start": 1, "page_end": 3, "line_end": 9}
    )  # fmt: skip
    return plan(unit, path=f"{unit}.pdf", **more).model_copy(update={"sections": [section]})


WARD = {"district": "thị xã Kỳ Anh", "province": "tỉnh Hà Tĩnh"}
AFTER = {"district": None, "province": "tỉnh Hà Tĩnh", "date": "2025-08-20"}

# sentence, unit, what is known of it, kinds found
LEFTOVERS = [
    ("Phát thanh trên địa bàn thị xã.", "phường Sông Trí", AFTER, ["other_type"]),
    ("Phát thanh trên địa bàn thị xã.", "phường Sông Trí", WARD, []),  # the ward is in a town
    ("Phát thanh trên địa bàn phường.", "phường Sông Trí", AFTER, []),
    ("Phát thanh trên địa bàn tỉnh.", "phường Sông Trí", AFTER, []),
    ("Phát thanh trên địa bàn xã.", "phường Sông Trí", AFTER, ["other_type"]),
    ("Vận động trên địa bàn xã hội hóa.", "phường Sông Trí", AFTER, []),  # no commune
    ("Kết quả trên địa bàn xã, phường.", "huyện Kỳ Anh", {"level": "district"}, []),
    ("Toàn thị trấn treo khẩu hiệu.", "xã Cẩm Bình", {}, ["other_type"]),
    ("Kết quả trên địa bàn huyện.", "xã Cẩm Bình", {}, []),
    ("Kết quả trên địa bàn huyện.", "xã Cẩm Bình", {"district": "quận 5"}, ["other_type"]),
    ("Tuyên truyền đến nhân dân xã Thanh Đa.", "xã Hát Môn", {}, ["other_unit"]),
    ("Tuyên truyền đến nhân dân xã Hát Môn.", "xã Hát Môn", {}, []),
    ("Tuyên truyền đến các xã Hội viên tốt.", "xã Hát Môn", {}, []),  # no unit of that name
    ("Báo cáo UBND huyện hằng quý.", "xã Hát Môn", AFTER, ["abolished_level"]),
    ("Báo cáo Phòng Nội vụ hằng quý.", "xã Hát Môn", AFTER, ["abolished_level"]),
    ("Báo cáo Phòng Nội vụ hằng quý.", "xã Hát Môn", {}, []),  # February 2025: still there
    ("Báo cáo UBND tỉnh hằng quý.", "xã Hát Môn", AFTER, []),
    ("Phát thanh hằng tuần.", "thị trấn Me", AFTER, ["abolished_unit"]),
    ("Phát thanh hằng tuần.", "thị trấn Me", {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "unit", "known", "kinds"), LEFTOVERS)
def test_leftovers(sentence: str, unit: str, known: dict[str, object], kinds: list[str]) -> None:
    if "other_unit" in kinds and not gazetteer().find("xã", "Thanh Đa"):
        pytest.skip("no gazetteer is installed")
    found = leftovers(saying(sentence, unit, **known))
    assert [leftover.kind for leftover in found] == kinds
    for leftover in found:
        if leftover.kind != "abolished_unit":
            assert (leftover.quote, leftover.section) == (sentence, "II.-1")
            assert (leftover.page, leftover.line) == (3, 8)


def test_recipients_and_legal_basis_leave_nothing() -> None:
    for part in ("recipients", "legal_basis", "signature"):
        assert leftovers(saying("Trên địa bàn thị trấn.", "xã A", ids=(part,))) == []


def test_an_unknown_unit_has_no_leftovers() -> None:
    record = saying("Trên địa bàn thị trấn.", "xã A")
    unknown = record.unit.model_copy(update={"name": None, "type": None})
    assert leftovers(record.model_copy(update={"unit": unknown})) == []


def given(record: PlanRecord, *duties: str) -> PlanRecord:
    one = record.assignments[0].model_copy(update={"unit": "Ban A", "duties": list(duties)})
    return record.model_copy(update={"assignments": [one], "tasks": []})


# what the plan says, what somebody is given, duties that nobody has
DUTIES = [
    ("Phát thanh mỗi tuần hai buổi.", ["Theo dõi chung"], ["radio"]),
    ("Phát thanh mỗi tuần hai buổi.", ["Viết bài phát trên đài truyền thanh"], []),
    ("Đăng tin trên Zalo của xã.", ["Quản lý trang thông tin điện tử"], []),
    ("Đăng tin trên Zalo của xã.", ["Theo dõi chung"], ["online"]),
    ("Niêm yết tại Bộ phận Một cửa.", ["Theo dõi chung"], ["one_stop"]),
    ("Thực hiện chế độ báo cáo.", ["Tổng hợp kết quả"], []),
    ("Họp thôn để phổ biến.", ["Theo dõi chung"], []),
]


@pytest.mark.parametrize(("said", "duties", "expected"), DUTIES)
def test_duties_that_nobody_was_given(said: str, duties: list[str], expected: list[str]) -> None:
    found = unassigned(given(saying(said, "xã A"), *duties))
    assert [u.duty for u in found] == expected


def test_a_plan_without_assignments_is_not_accused_of_each_duty() -> None:
    record = saying("Phát thanh mỗi tuần.", "xã A").model_copy(
        update={"assignments": [], "tasks": []}
    )
    assert unassigned(record) == []


def test_a_task_without_anybody() -> None:
    task = Task(
        no="2", task="Làm pa nô", lead=None, partners=None, schedule=None, product=None, page=5
    )
    record = given(saying("Họp.", "xã A"), "Theo dõi").model_copy(update={"tasks": [task]})
    assert [(u.duty, u.quote, u.page) for u in unassigned(record)] == [("task", "Làm pa nô", 5)]


def test_days_after_the_parent_plan() -> None:
    above = ("19/KH-UBND", "2025-02-03")
    found = compare([plan("xã A", date="2025-02-10", parent=above),
                     plan("xã B", date="2025-03-05", parent=above),
                     plan("xã C", date=None, parent=above),
                     plan("xã D", parent=None)], REQUIRED).parents()  # fmt: skip
    (parent,) = found
    assert (parent.code, parent.plans, parent.dated) == ("19/KH-UBND", 3, 2)
    assert (parent.first, parent.middle, parent.last, parent.last_unit) == (7, 18.5, 30, "xã B")


def cites(unit: str, code: str, date: str | None) -> PlanRecord:
    citation = Citation(code=code, type=None, date=date, issuer=None, about=None, path="II.1")
    return plan(unit, path=f"{unit}.pdf", parent=None).model_copy(update={"citations": [citation]})


def test_who_cites_what() -> None:
    found = compare([cites("xã A", "76/NQ-CP", "2021-07-15"), cites("xã B", "76/NQ-CP", None),
                     cites("xã C", "06/KH-UBND", "2025-01-09"),
                     cites("xã D", "06/KH-UBND", "2025-02-11")], REQUIRED).cited()  # fmt: skip
    assert [(c.code, c.date, c.units) for c in found] == [
        ("76/NQ-CP", "2021-07-15", ("xã A", "xã B")),
        ("06/KH-UBND", "2025-01-09", ("xã C",)),  # each commune has its own 06/KH-UBND
        ("06/KH-UBND", "2025-02-11", ("xã D",)),
    ]


def test_sections_stand_side_by_side() -> None:
    (row,) = compare([plan("xã A")], REQUIRED).sections()
    texts = dict(zip(COMPARED, row.texts, strict=True))
    assert texts["funding"] == "Ngân sách địa phương và nguồn khác."
    assert texts["purpose"].startswith("Mục đích: Để cán bộ")
    assert texts["schedule"] == ""


def test_what_is_no_plan_takes_no_part() -> None:
    assert list(compare([plan(form="other")], REQUIRED).sections()) == []


def test_the_order_of_records_does_not_matter() -> None:
    records = list(corpus(30))
    shuffled = random.Random(5).sample(records, len(records))
    first, second = compare(records, REQUIRED), compare(shuffled, REQUIRED)
    for part in ("sections", "copies", "leftovers", "unassigned", "parents", "cited", "years"):
        found = list(getattr(first, part)())
        assert found == list(getattr(second, part)())
        assert found or part in ("leftovers", "years"), part
