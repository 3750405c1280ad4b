"""Year against year: which plans are of one unit, and what is told of the two."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from plan_records import corpus, plan

from pipeline.audit.compare import compare
from pipeline.audit.yearly import Difference, Years
from pipeline.normalize.record import (
    Assignment,
    Channel,
    Citation,
    Funding,
    Item,
    PlanRecord,
    Reporting,
    Section,
    Task,
)

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")


def years(*records: PlanRecord) -> list[Years]:
    return list(compare(records, REQUIRED).years())


def of(
    year: int, sentences: Sequence[str] = (), unit: str = "xã An Phú", **more: object
) -> PlanRecord:
    """A plan of ``unit``; ``sentences`` are the points of its content."""
    values = {"date": f"{year}-02-20", "parent": None, "path": f"{year}/{unit}.txt"} | more
    record = plan(unit, year=year, **values)
    if not sentences:
        return record
    points = [Item(marker="-", text=text, path=f"II.-{n}") for n, text in enumerate(sentences, 1)]
    content = Section.model_validate(
        {"ids": ["content"], "number": "II", "heading": "NỘI DUNG", "text": "", "items": points,
         "children": [], "path": "II", "page": 2, "line_start": 1, "page_end": 2, "line_end": 9}
    )  # fmt: skip
    return record.model_copy(update={"sections": [content]})


def told(pair: Years, kind: str) -> list[Difference]:
    return [one for one in pair.differences if one.kind == kind]


def only(pair: Years, kind: str) -> Difference:
    (one,) = told(pair, kind)
    return one


# earlier and later sentence, what is told
FIGURES = [
    ("Phấn đấu 90% người dân hài lòng.", "Phấn đấu 95% người dân hài lòng.", "target"),
    ("Tỷ lệ hồ sơ trực tuyến đạt 60 %.", "Tỷ lệ hồ sơ trực tuyến đạt 80 %.", "target"),
    ("Gửi báo cáo trước ngày 15/3/2024.", "Gửi báo cáo trước ngày 20/3/2025.", "deadline"),
    ("Hoàn thành trong quý 2.", "Hoàn thành trong quý 3.", "deadline"),
    ("Sơ kết trong quý II.", "Sơ kết trong quý III.", "deadline"),
    ("Tổ chức 2 lớp tập huấn cho thôn.", "Tổ chức 4 lớp tập huấn cho thôn.", "figure"),
    # the year moved on with the plan, and nothing else
    ("Gửi báo cáo trước ngày 15/3/2024.", "Gửi báo cáo trước ngày 15/3/2025.", None),
    ("Nhiệm vụ năm 2024 của xã.", "Nhiệm vụ năm 2025 của xã.", None),
    ("Công bố kết quả năm 2023 tại thôn.", "Công bố kết quả năm 2024 tại thôn.", None),
    ("Giai đoạn 2021-2030 của tỉnh.", "Giai đoạn 2021-2030 của tỉnh.", None),
    ("Gửi báo cáo trước ngày 05/3/2024.", "Gửi báo cáo trước ngày 5/3/2025.", None),
    # a year that should have moved on and did not
    ("Nhiệm vụ năm 2024 của xã.", "Nhiệm vụ năm 2023 của xã.", "figure"),
    # numbers of documents are no figures
    ("Thực hiện Kế hoạch số 12/KH-UBND.", "Thực hiện Kế hoạch số 19/KH-UBND.", None),
]


@pytest.mark.parametrize(("was", "now", "kind"), FIGURES)
def test_figures(was: str, now: str, kind: str | None) -> None:
    same = "Tuyên truyền trên hệ thống loa truyền thanh của thôn, tổ dân phố hằng tuần."
    (pair,) = years(of(2024, [same, was]), of(2025, [same, now]))
    found = [d for d in pair.differences if d.kind in ("target", "deadline", "figure")]
    assert [(d.kind, d.before, d.after) for d in found] == ([(kind, was, now)] if kind else [])
    assert (pair.new, pair.gone) == (0, 0)  # other numbers are no other text
    assert pair.share == 1.0 or "quý II" in was


def test_text_in_common_and_what_is_new_or_gone() -> None:
    same = "Tuyên truyền trên hệ thống loa truyền thanh của thôn, tổ dân phố hằng tuần."
    old, new = "Tổ chức hội thi tìm hiểu.", "Mở chuyên trang trên Zalo của chính quyền."
    (pair,) = years(of(2024, [same, old]), of(2025, [same, new]))
    text = only(pair, "text")
    assert (text.before, text.after, pair.gone, pair.new) == (old, new, 1, 1)
    assert 0.4 < pair.share < 1
    assert (pair.year, pair.later, pair.other, pair.path) == (
        2024, 2025, "2024/xã An Phú.txt", "2025/xã An Phú.txt",
    )  # fmt: skip


def test_plans_that_say_the_same_differ_in_nothing() -> None:
    (pair,) = years(of(2024), of(2025))
    assert (pair.share, pair.differences) == (1.0, ())


def test_indices() -> None:
    (pair,) = years(of(2024, marks="c - t c"), of(2025, marks="c c t -"))
    assert [(d.subject, d.before, d.after) for d in told(pair, "index")] == [
        ("SIPAS", "absent", "covered"), ("PCI", "covered", "absent"),
    ]  # fmt: skip
    assert pair.scores == (2, 2)


def test_sections_that_came_or_went_but_not_those_renamed() -> None:
    def heading(ids: list[str], text: str, number: str) -> Section:
        return Section.model_validate(
            {"ids": ids, "number": number, "heading": text, "text": "", "items": [],
             "children": [], "path": number, "page": 1, "line_start": 1, "page_end": 1,
             "line_end": 2}
        )  # fmt: skip

    old = [heading(["purpose"], "MỤC ĐÍCH", "I"), heading(["funding"], "KINH PHÍ", "II"),
           heading(["other"], "THI ĐUA, KHEN THƯỞNG", "III"),
           heading(["recipients"], "Nơi nhận", "IV")]  # fmt: skip
    new = [heading(["purpose"], "MỤC ĐÍCH, Ý NGHĨA", "I"),
           heading(["funding"], "NGUỒN KINH PHÍ THỰC HIỆN", "II"),
           heading(["schedule"], "LỘ TRÌNH", "III")]  # fmt: skip
    (pair,) = years(
        of(2024).model_copy(update={"sections": old}), of(2025).model_copy(update={"sections": new})
    )
    assert [(d.before, d.after) for d in told(pair, "section")] == [
        ("THI ĐUA, KHEN THƯỞNG", None), (None, "LỘ TRÌNH"),
    ]  # fmt: skip


def task(text: str, lead: str | None, schedule: str | None) -> Task:
    more = {"partners": None, "product": None, "page": 4}
    return Task(no="1", task=text, lead=lead, schedule=schedule, **more)


def test_tasks() -> None:
    old = [task("Phát thanh chuyên mục hằng tuần", "Đài truyền thanh", "Năm 2024"),
           task("Làm pa nô tuyên truyền tại trung tâm", "Ban Văn hóa", "Quý II"),
           task("Tổ chức hội thi", None, "Tháng 9")]  # fmt: skip
    new = [task("Phát thanh chuyên mục hàng tuần", "Đài truyền thanh", "Năm 2025"),
           task("Làm pa nô tuyên truyền tại trung tâm", "Ban Văn hóa", "Quý III"),
           task("Quay video ngắn", "Đoàn xã", None)]  # fmt: skip
    (pair,) = years(of(2024, tasks=old), of(2025, tasks=new))
    assert [(d.subject, d.before, d.after) for d in told(pair, "task")] == [
        ("Làm pa nô tuyên truyền tại trung tâm", "Ban Văn hóa; Quý II", "Ban Văn hóa; Quý III"),
        ("Tổ chức hội thi", "Tháng 9", None),
        ("Quay video ngắn", None, "Đoàn xã"),
    ]


def assignment(unit: str, *duties: str, lead: bool = False) -> Assignment:
    return Assignment(unit=unit, lead=lead, duties=list(duties), path="IV.1")


def test_duties_and_who_leads() -> None:
    old = [assignment("Văn phòng UBND xã An Phú", "Theo dõi chung", "In tờ rơi", lead=True),
           assignment("Công an xã", "Phối hợp tuyên truyền")]  # fmt: skip
    new = [assignment("Văn phòng UBND xã", "Theo dõi chung", "Quản trị trang Zalo"),
           assignment("Phòng Văn hóa - Xã hội", "Chủ trì tham mưu", lead=True)]  # fmt: skip
    (pair,) = years(of(2024, assignments=old), of(2025, assignments=new))
    assert [(d.subject, d.before, d.after) for d in told(pair, "duty")] == [
        ("Văn phòng UBND xã", "In tờ rơi", "Quản trị trang Zalo"),
        ("Công an xã", "Phối hợp tuyên truyền", None),
        ("Phòng Văn hóa - Xã hội", None, "Chủ trì tham mưu"),
    ]
    lead = only(pair, "lead")
    assert (lead.before, lead.after) == ("Văn phòng UBND xã An Phú", "Phòng Văn hóa - Xã hội")


def test_funding_reporting_channels_parent_plan_and_documents() -> None:
    cited = [Citation(code=code, type=None, date=None, issuer=None, about=None, path="II")
             for code in ("76/NQ-CP", "30/2020/NĐ-CP")]  # fmt: skip
    zalo = Channel(id="zalo", mode="online", evidence=[])
    old = of(2024, parent=("12/KH-UBND", "2024-01-31"), date="2024-02-20",
             funding=Funding(text="Ngân sách xã: 20 triệu đồng.", sources=["ngân sách xã"]),
             reporting=Reporting(frequency=["quý"], to="Phòng Nội vụ", text="."))  # fmt: skip
    new = of(2025, parent=("19/KH-UBND", "2025-02-03"), date="2025-02-10",
             funding=Funding(text="Ngân sách xã: 35 triệu đồng.", sources=["ngân sách xã"]),
             reporting=Reporting(frequency=["tháng"], to="Sở Nội vụ", text="Báo cáo."))  # fmt: skip
    old = old.model_copy(update={"citations": [*old.citations, cited[0]]})
    new = new.model_copy(
        update={"citations": [*new.citations, cited[1]], "channels": [*new.channels, zalo]}
    )
    (pair,) = years(old, new)
    found = {
        kind: [(d.subject, d.before, d.after) for d in told(pair, kind)]
        for kind in ("funding", "reporting", "channel", "parent_plan", "lag", "citation")
    }
    assert found == {
        "funding": [("", "Ngân sách xã: 20 triệu đồng.", "Ngân sách xã: 35 triệu đồng.")],
        "reporting": [("", "quý, Phòng Nội vụ", "tháng, Sở Nội vụ")],
        "channel": [("zalo", None, "zalo")],
        "parent_plan": [("", "12/KH-UBND 2024-01-31", "19/KH-UBND 2025-02-03")],
        "lag": [("", "20", "7")],
        "citation": [("76/NQ-CP", "76/NQ-CP", None), ("30/2020/NĐ-CP", None, "30/2020/NĐ-CP")],
    }


def test_a_plan_with_very_many_differences_is_told_in_short() -> None:
    tasks = [task(f"{word} {word} {word}", None, None) for word in map(chr, range(97, 123))]
    (pair,) = years(of(2024, tasks=[]), of(2025, tasks=tasks))
    found = told(pair, "task")
    assert len(found) == 21
    assert [d.more for d in found] == [0] * 20 + [6]


def test_three_years_are_two_steps() -> None:
    found = years(of(2023), of(2026), of(2024))
    assert [(pair.year, pair.later) for pair in found] == [(2023, 2024), (2024, 2026)]


UNITS = [
    ({}, {}, 1),
    ({}, {"province": None}, 1),  # what is not said is no difference
    ({}, {"district": None}, 1),
    ({}, {"unit": "XÃ AN PHÚ"}, 1),
    ({}, {"unit": "xã An Phước"}, 0),
    ({}, {"province": "tỉnh Bình Định"}, 0),
    ({}, {"district": "huyện Phù Mỹ"}, 0),
    ({}, {"form": "other"}, 0),
]


@pytest.mark.parametrize(("earlier", "later", "count"), UNITS)
def test_which_plans_are_of_one_unit(
    earlier: dict[str, object], later: dict[str, object], count: int
) -> None:
    assert len(years(of(2024, **earlier), of(2025, **later))) == count


def test_a_plan_without_unit_or_year_is_compared_with_none() -> None:
    unknown = of(2024)
    nameless = unknown.model_copy(update={"unit": unknown.unit.model_copy(update={"name": None})})
    assert years(nameless, of(2025)) == []
    assert years(unknown.model_copy(update={"year": None}), of(2025)) == []


def test_of_several_plans_of_a_year_those_most_alike_are_put_side_by_side() -> None:
    radio = "Phát thanh chuyên mục cải cách hành chính trên loa truyền thanh của thôn hằng tuần."
    digital = "Cài đặt chữ ký số cho cán bộ và hướng dẫn người dân nộp hồ sơ trực tuyến tại nhà."
    found = years(
        of(2024, [radio], path="2024/1.txt"), of(2024, [digital], path="2024/2.txt"),
        of(2025, [digital], path="2025/1.txt"), of(2025, [radio], path="2025/2.txt"),
    )  # fmt: skip
    assert [(pair.path, pair.other, pair.share) for pair in found] == [
        ("2025/1.txt", "2024/2.txt", 1.0), ("2025/2.txt", "2024/1.txt", 1.0),
    ]  # fmt: skip


def test_the_order_of_records_does_not_matter() -> None:
    def moved(record: PlanRecord) -> PlanRecord:
        path = "next/" + record.source.path
        source = record.source.model_copy(update={"path": path})
        return record.model_copy(update={"source": source, "year": 2026})

    records = [*corpus(30), *map(moved, corpus(30, seed=8))]
    found = years(*records)
    assert len(found) > 5
    assert years(*random.Random(3).sample(records, len(records))) == found
