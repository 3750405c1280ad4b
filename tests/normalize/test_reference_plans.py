"""Tables 4 and 5b of the description of the reference plans, on those plans.

The texts are read as they lie there: 000 as repaired by hand, the others with their damage
(restored in ``test_restored``, which is slow). They are skipped where the documents are absent.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from documents import of_file, record_of

from pipeline.normalize.record import PlanRecord, Section

FILES = {
    "000": "gold/000.txt",
    "001": "seeds/001_a9feb9a95597ea27.txt",
    "002": "seeds/002_a4e57e4efb1f758f.txt",
    "003": "seeds/003_43b4597e64cd2c90.txt",
    "004": "seeds/004_ba689482796581f7.txt",
}
COVERED = {"PAR": "covered", "SIPAS": "covered", "PAPI": "covered", "PCI": "covered"}

# id -> what table 4 says; "items" maps a section's path to its count of each marker
TABLE_4: dict[str, dict[str, object]] = {
    "000": {
        "form": "decision_with_plan",
        "number": ("45/QĐ-UBND", "present"),
        "issued": ("Diêu Trì", "2025-02-28"),
        "unit": ("thị trấn Diêu Trì", "commune"),
        "parents": ["huyện Tuy Phước"],
        "roles": {"căn_cứ": 3, "theo_đề_nghị": 1},
        "parent_plan": "963/QĐ-UBND",
        "codes": 5,
        "articles": 3,
        "ids": {
            "I": ["purpose", "requirements"], "II": ["content", "forms"], "II.1": ["content"],
            "II.2": ["forms"], "III": ["tasks"], "IV": ["funding"], "V": ["implementation"],
        },
        "items": {"I": {"1-9": 5}, "II.1": {"a-z": 7, "-": 6}, "II.2": {"-": 5}},
        "actors": ("V", 5),
        "lead": "Văn phòng Ủy ban nhân dân thị trấn",
        "sources": ["ngân sách nhà nước", "các nguồn kinh phí hợp pháp khác"],
        "frequency": None,
        "areas": 6,
        "recipients": 7,
        "signature": None,
        "tasks": 13,
    },
    "001": {
        "form": "decision_embedding_plan",
        "number": (None, "absent"),
        "issued": (None, None),
        "not_before": "2025-07-23",
        "unit": ("phường Sông Trí", "commune"),
        "parents": ["tỉnh Hà Tĩnh"],
        "roles": {"căn_cứ": 7, "theo_đề_nghị": 1},
        "parent_plan": "576/QĐ-UBND",
        "codes": 22,
        "articles": 3,
        "ids": {
            "I": ["objectives", "requirements"], "I.1": ["objectives"], "I.2": ["requirements"],
            "II": ["content", "forms"], "II.1": ["content"], "II.2": ["forms"],
            "III": ["funding"], "IV": ["implementation"],
        },
        "items": {
            "I.1.a": {"-": 3}, "I.1.b": {"-": 5}, "I.2": {"-": 3},
            "II.1": {"a-z": 7, "-": 10}, "II.2": {"a-z": 4},
        },
        "actors": ("IV", 6),
        "lead": "Phòng Văn hóa - Xã hội",
        "sources": ["ngân sách phường", "lồng ghép từ các chương trình"],
        "frequency": ["quý", "6 tháng", "năm"],
        "recipients": 10,
        "signature": (["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"], "PHÓ CHỦ TỊCH", "ĐTM"),
        "tasks": 0,
    },
    "002": {
        "form": "plan",
        "number": (None, "blank"),
        "issued": ("Thanh Đa", "2025-02-19"),
        "unit": ("xã Thanh Đa", "commune"),
        "parents": ["huyện Phúc Thọ"],
        "roles": {"thực_hiện": 1},
        "parent_plan": "316/KH-UBND",
        "codes": 1,
        "articles": 0,
        "ids": {
            "I": ["purpose", "requirements"], "I.1": ["purpose"], "I.2": ["requirements"],
            "II": ["content", "forms"], "II.1": ["content"], "II.2": ["forms"], "III": ["tasks"],
            "IV": ["implementation"],
        },
        "items": {
            "I.1": {"-": 5}, "I.2": {"-": 4}, "II.1": {"-": 8}, "II.2": {"-": 3}, "III": {"1-9": 3},
        },
        "actors": ("IV", 6),
        "lead": "Công chức VH-XH",
        "sources": [],
        "frequency": ["định kỳ", "đột xuất"],
        "to": "Phòng Nội vụ",
        "areas": 5,
        "recipients": 4,
        "signature": (["TM. ỦY BAN NHÂN DÂN"], "PHÓ CHỦ TỊCH", "ĐBK"),
        "tasks": 0,
    },
    "003": {
        "form": "plan",
        "number": (None, "absent"),
        "issued": (None, None),
        "not_before": "2025-07-23",
        "roles": {"thực_hiện": 1},
        "parent_plan": None,
        "codes": 2,
        "articles": 0,
        "ids": {
            "I": ["purpose"], "II": ["requirements"], "III": ["audience"], "IV": ["content",
            "forms"],
            "IV.1": ["content"], "IV.2": ["forms"], "V": ["funding"], "VI": ["implementation"],
        },
        "items": {
            "I": {"-": 3}, "II": {"-": 5}, "III": {"1-9": 3}, "IV.1": {"-": 6, "+": 11},
            "IV.2": {"-": 6},
        },
        "actors": ("VI", 4),
        "frequency": None,
        "recipients": 7,
        "tasks": 0,
    },
    "004": {
        "form": "plan",
        "number": (None, "absent"),
        "issued": (None, None),
        "not_before": "2025-02-03",
        "not_after": "2025-06-30",
        "unit": ("huyện Phú Hòa", "district"),
        "parents": ["tỉnh Phú Yên"],
        "roles": {"thực_hiện": 1},
        "parent_plan": "19/KH-UBND",
        "codes": 6,
        "articles": 0,
        "ids": {
            "I": ["purpose", "requirements"], "I.1": ["purpose"], "I.2": ["requirements"],
            "II": ["content", "forms"], "II.1": ["content"], "II.2": ["forms"], "III": ["tasks"],
            "IV": ["funding"], "V": ["implementation"],
        },
        "items": {
            "I.1": {"a-z": 3}, "I.2": {"a-z": 3}, "II.1": {"a-z": 6}, "II.2": {"a-z": 6},
        },
        "actors": ("III", 8),
        "lead": "Phòng Nội vụ",
        "sources": [],
        "frequency": ["tháng"],
        "areas": 1,
        "recipients": 9,
        "signature": (["KT. CHỦ TỊCH"], "PHÓ CHỦ TỊCH", "BVK"),
        "tasks": 0,
    },
}  # fmt: skip
TABLE_5B = {
    "000": (COVERED, dict.fromkeys(COVERED, "II.1.d")),
    "001": (COVERED | {"766": "citation_only"}, dict.fromkeys(COVERED, "II.1.c")),
    "002": (COVERED | {"ICT": "covered"}, dict.fromkeys(COVERED, "II.1.-7")),
    "003": (
        {"PAR": "covered", "SIPAS": "absent", "PAPI": "covered", "PCI": "absent"},
        {"PAR": "IV.1.-6.+8", "PAPI": "IV.1.-6.+8"},
    ),
    "004": (COVERED, dict.fromkeys(COVERED, "II.1.a")),
}


@pytest.fixture(scope="module", params=sorted(FILES))
def plan(request: pytest.FixtureRequest, shared: Path) -> tuple[str, PlanRecord]:
    return request.param, record_of(of_file(shared / FILES[request.param]))


def _paths(sections: list[Section]) -> dict[str, Section]:
    found = {}
    for section in sections:
        found[section.path] = section
        found |= _paths(section.children)
    return found


def _kind(marker: str) -> str:
    if marker[:1].isdigit():
        return "1-9"
    return "a-z" if marker[:1].isalpha() else marker


def test_head(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    wanted = TABLE_4[name]
    assert record.form == wanted["form"]
    assert (record.number.value, record.number.status) == wanted["number"]
    assert (record.issued.place, record.issued.date) == wanted["issued"]
    assert record.issued.not_before == wanted.get("not_before")
    assert record.issued.not_after == wanted.get("not_after")
    assert record.year == 2025
    if "unit" in wanted:
        assert (record.unit.name, record.unit.level) == wanted["unit"]
        assert set(wanted["parents"]) <= set(record.unit.parents)  # type: ignore[call-overload]
        assert record.title is not None
        for words in ("cải cách hành chính", "năm 2025", wanted["unit"][0]):  # type: ignore[index]
            assert words in record.title
        assert len(record.title) < 130


def test_basis(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    wanted = TABLE_4[name]
    assert Counter(basis.role for basis in record.legal_basis) == wanted["roles"]
    parents = [
        code for basis in record.legal_basis if basis.parent_plan for code in basis.citations
    ]
    assert parents == ([wanted["parent_plan"]] if wanted["parent_plan"] else [])
    codes = {citation.code for citation in record.citations if citation.code}
    assert len(codes) == wanted["codes"]


def test_outline(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    wanted = TABLE_4[name]
    paths = _paths(record.sections)
    assert {path: paths[path].ids for path in wanted["ids"]} == wanted["ids"]  # type: ignore[attr-defined]
    for path, counts in wanted["items"].items():  # type: ignore[attr-defined]
        got = Counter(_kind(item.marker) for item in paths[path].items if item.marker)
        assert got == counts, path
    assert sum(path.startswith("Điều") for path in paths) == wanted["articles"]
    path, count = wanted["actors"]  # type: ignore[misc]
    assert len(paths[path].children) == count


def test_content(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    wanted = TABLE_4[name]
    if "lead" in wanted:
        assert [a.unit for a in record.assignments if a.lead] == [wanted["lead"]]
    if "sources" in wanted:
        assert record.funding is not None
        assert record.funding.sources[: len(wanted["sources"])] == wanted["sources"]  # type: ignore[arg-type]
    assert (record.reporting.frequency if record.reporting else None) == wanted["frequency"]
    if "to" in wanted:
        assert record.reporting is not None
        assert record.reporting.to == wanted["to"]
    if "areas" in wanted:
        assert sum(area.status == "covered" for area in record.areas) == wanted["areas"]
    assert len(record.recipients) == wanted["recipients"]
    assert len(record.tasks) == wanted["tasks"]
    if "signature" in wanted:
        got = record.signature
        initials = "".join(word[0] for word in got.name.split()) if got and got.name else None
        assert (got and (got.authority, got.position, initials)) == wanted["signature"]


def test_indices(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    statuses, places = TABLE_5B[name]
    found = {finding.id: finding for finding in record.indices}
    assert {index: found[index].status for index in statuses} == statuses
    for index, path in places.items():
        evidence = found[index].evidence[0]
        assert evidence.path == path
        assert evidence.section == ["content"]
        assert evidence.raw
        assert evidence.page == 1
    for finding in record.indices:
        assert finding.reason.endswith(".")


def test_the_annex_of_000(shared: Path) -> None:
    record = record_of(of_file(shared / FILES["000"]))
    assert [task.no for task in record.tasks] == [
        "1", "2", "3", "4", "4.1", "4.2", "4.3", "4.4", "4.5", "5", "6", "7", "8",
    ]  # fmt: skip
    by_no = {task.no: task for task in record.tasks}
    assert by_no["4.4"].lead == "Tài chính – Kế toán"
    assert by_no["4.2"].schedule == by_no["4.1"].schedule == "Định kỳ 01 lần/quý"
    assert by_no["8"].task.endswith("cộng đồng khu phố")
    assert by_no["7"].schedule == "Thường xuyên"
    assert (by_no["3"].partners, by_no["3"].product) == ("Đài Phát thanh", "Kế hoạch")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FILES))
def test_restored(name: str, shared: Path) -> None:
    """The same through the whole flow, restoration included."""
    from pipeline import process_file

    path = next((shared / "seeds").glob(f"{name}_*.txt"))
    record = process_file(path).record
    assert record is not None
    statuses, _ = TABLE_5B[name]
    found = {finding.id: finding.status for finding in record.indices}
    assert {index: found[index] for index in statuses} == statuses
    unit = TABLE_4[name].get("unit", ("phường Trương Quang Trọng", "commune"))
    assert (record.unit.name, record.unit.level) == unit
    paths = _paths(record.sections)
    wanted = TABLE_4[name]["ids"]
    assert {p: paths[p].ids for p in wanted} == wanted  # type: ignore[attr-defined]
