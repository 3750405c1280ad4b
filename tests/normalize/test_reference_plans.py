"""Tables 4 and 5b of the description of the reference plans, on those plans.

Each goes through the whole flow, restoration included; 000 also as it was repaired by hand, and the
outlines of 001 and 003 with their damage as well. Skipped where the documents are absent.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from documents import of_file, record_of

from pipeline import process_file
from pipeline.normalize.record import PlanRecord, Section

FILES = {
    "000": "seeds/000_cd65ede321ffd552.txt",
    "000 by hand": "gold/000.txt",
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
        "parents": ["huyện Tuy Phước", "tỉnh Bình Định"],
        "successors": ["xã Tuy Phước, tỉnh Gia Lai"],
        "mottos": 2,
        "title": "Truyền thông cải cách hành chính trên địa bàn thị trấn Diêu Trì năm 2025",
        "roles": {"căn_cứ": 3, "theo_đề_nghị": 1},
        "parent_plan": "963/QĐ-UBND",
        "codes": {"963/QĐ-UBND", "86/KH-UBND", "57-NQ/TW", "18-NQ/TW", "45/QĐ-UBND"},
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
        "areas": {"institutions", "procedures", "apparatus", "civil_service", "public_finance",
                  "digital_government"},
        "recipients": 7,
        "drafter": "Lưu: VT",
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
        "successors": [],
        "title": "Kế hoạch thông tin, tuyên truyền cải cách hành chính năm 2025 trên địa bàn "
                 "phường Sông Trí",
        "roles": {"căn_cứ": 7, "theo_đề_nghị": 1},
        "parent_plan": "576/QĐ-UBND",
        "codes": {
            "76/NQ-CP", "892/QĐ-BNV", "49/QĐ-BNV", "12-NQ/TU", "3504/QĐ-UBND", "2454/QĐ-UBND",
            "3098/QĐ-UBND", "576/QĐ-UBND", "226/QĐ-UBND", "131/NQ-CP", "766/QĐ-TTg", "18-NQ/TW",
            "19-NQ/TW", "127-KL/TW", "04/NQ-CP", "280/CĐ-TTg", "968/CĐ-TTg", "29-KL/TU", "57-NQ/TW",
            "03/NQ-CP", "05-NQ/TU", "1588/QĐ-TTg",
        },
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
        "sources": ["ngân sách phường", "lồng ghép từ các chương trình",
                    "các nguồn kinh phí hợp pháp khác"],
        "frequency": ["quý", "6 tháng", "năm"],
        "areas": {"procedures", "apparatus", "civil_service", "digital_government"},
        "recipients": 10,
        "drafter": "Lưu: VT",
        "signature": (["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"], "PHÓ CHỦ TỊCH", "Đoàn Thị Mỹ"),
        "tasks": 0,
    },
    "002": {
        "form": "plan",
        "number": (None, "blank"),
        "issued": ("Thanh Đa", "2025-02-19"),
        "unit": ("xã Thanh Đa", "commune"),
        "parents": ["huyện Phúc Thọ", "thành phố Hà Nội"],
        "successors": ["xã Hát Môn, thành phố Hà Nội"],
        "title": "Thông tin, tuyên truyền cải cách hành chính trên địa bàn xã Thanh Đa năm 2025",
        "roles": {"thực_hiện": 1},
        "parent_plan": "316/KH-UBND",
        "codes": {"316/KH-UBND"},
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
        "areas": {"procedures", "apparatus", "civil_service", "public_finance",
                  "digital_government"},
        "recipients": 4,
        "drafter": "Lưu: VT",
        "signature": (["TM. ỦY BAN NHÂN DÂN"], "PHÓ CHỦ TỊCH", "Đỗ Bá Khang"),
        "tasks": 0,
    },
    "003": {
        "form": "plan",
        "number": (None, "absent"),
        "issued": (None, None),
        "not_before": "2025-07-23",
        "unit": ("phường Trương Quang Trọng", "commune"),
        "parents": ["tỉnh Quảng Ngãi"],
        "successors": [],
        "title": "Tuyên truyền cải cách hành chính năm 2025 của phường Trương Quang Trọng",
        "roles": {"thực_hiện": 1},
        "parent_plan": None,
        "codes": {"393/QĐ-UBND", "06/KH-UBND"},
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
        "lead": "Văn phòng HĐND và UBND phường",
        "sources": ["ngân sách nhà nước", "huy động hợp pháp khác"],
        "frequency": None,
        "audience": 3,
        "areas": {"institutions", "procedures", "apparatus", "civil_service", "public_finance",
                  "digital_government"},
        "recipients": 7,
        "drafter": "Lưu: VT, PVHXH (Cảnh)",
        "signature": ([], None, "Phạm Thị Phương Nhung"),
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
        "successors": ["xã Phú Hòa 1, tỉnh Đắk Lắk", "xã Phú Hòa 2, tỉnh Đắk Lắk"],
        "title": "Triển khai thông tin, tuyên truyền công tác cải cách hành chính nhà nước trên "
                 "địa bàn huyện Phú Hòa năm 2025",
        "roles": {"thực_hiện": 1},
        "parent_plan": "19/KH-UBND",
        "codes": {
            "19/KH-UBND", "241/KH-UBND", "222/KH-UBND", "87-KH/HU", "12-CTr/TU", "06/KH-UBND",
        },
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
        "sources": ["chủ động đề xuất, bố trí kinh phí"],
        "frequency": ["tháng"],
        "to": "Phòng Nội vụ",
        "areas": {"procedures"},
        "recipients": 9,
        "drafter": "Lưu: VT",
        "signature": (["KT. CHỦ TỊCH"], "PHÓ CHỦ TỊCH", "Bùi Văn Kim"),
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
    path = shared / FILES[request.param]
    record = record_of(of_file(path)) if path.parent.name == "gold" else process_file(path).record
    assert record is not None
    return request.param[:3], record


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
    assert (record.title, record.year) == (wanted["title"], 2025)
    assert (record.unit.name, record.unit.level) == wanted["unit"]
    assert record.unit.parents == wanted["parents"]
    successors = wanted["successors"]
    assert record.unit.successors[: len(successors)] == successors  # type: ignore[arg-type]
    assert bool(record.unit.successors) == bool(successors)
    heads = [section.text for section in record.sections if section.ids == ["header"]]
    assert sum("Độc lập" in text for text in heads) == wanted.get("mottos", 0)


def test_basis(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    wanted = TABLE_4[name]
    assert Counter(basis.role for basis in record.legal_basis) == wanted["roles"]
    parents = [
        code for basis in record.legal_basis if basis.parent_plan for code in basis.citations
    ]
    assert parents == ([wanted["parent_plan"]] if wanted["parent_plan"] else [])
    codes = {citation.code for citation in record.citations if citation.code}
    assert codes == wanted["codes"]


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
    assert [a.unit for a in record.assignments if a.lead] == [wanted["lead"]]
    assert record.funding is not None
    sources = wanted["sources"]
    assert record.funding.sources[: len(sources)] == sources  # type: ignore[arg-type]
    assert (record.reporting.frequency if record.reporting else None) == wanted["frequency"]
    if "to" in wanted:
        assert record.reporting is not None
        assert record.reporting.to == wanted["to"]
    assert {area.id for area in record.areas if area.status == "covered"} == wanted["areas"]
    assert len(record.audience) == wanted.get("audience", 0)
    assert len(record.tasks) == wanted["tasks"]


def test_foot(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    wanted = TABLE_4[name]
    assert len(record.recipients) == wanted["recipients"]
    assert record.recipients[-1] == wanted["drafter"]
    got = record.signature
    assert (got and (got.authority, got.position, got.name)) == wanted["signature"]


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


def test_the_annex_of_000(plan: tuple[str, PlanRecord]) -> None:
    name, record = plan
    if name != "000":
        assert record.tasks == []
        return
    assert [task.no for task in record.tasks] == [
        "1", "2", "3", "4", "4.1", "4.2", "4.3", "4.4", "4.5", "5", "6", "7", "8",
    ]  # fmt: skip
    by_no = {task.no: task for task in record.tasks}
    assert by_no["4.4"].lead == "Tài chính – Kế toán"
    assert by_no["4.2"].schedule == by_no["4.1"].schedule == "Định kỳ 01 lần/quý"
    assert by_no["8"].task.endswith("cộng đồng khu phố")
    assert by_no["7"].schedule == "Thường xuyên"
    assert (by_no["3"].partners, by_no["3"].product) == ("Đài Phát thanh", "Kế hoạch")


@pytest.mark.parametrize("name", ["001", "003"])
def test_with_its_damage(name: str, shared: Path) -> None:
    """Outline, codes and indices hold before anything is restored."""
    plan = (name, record_of(of_file(shared / FILES[name])))
    test_basis(plan)
    test_outline(plan)
    test_indices(plan)
