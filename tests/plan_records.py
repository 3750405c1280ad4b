"""Plan records of our own making, for tests and benches.

``plan(...)`` builds one record from a few words; ``corpus(n)`` gives ``n`` different, repeatable
records that look like a province's folder. Every sentence here is written for this project.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256

from pipeline.normalize.record import (
    AreaFinding,
    Assignment,
    Channel,
    Citation,
    Evidence,
    Funding,
    IndexFinding,
    Issued,
    Item,
    LegalBasis,
    Number,
    PageQuality,
    PlanRecord,
    Quality,
    RecordIssue,
    Reporting,
    Section,
    Signature,
    SourceInfo,
    Task,
    Unit,
    Where,
)

NAMES = {
    "PAR": "Chỉ số cải cách hành chính (PAR INDEX)",
    "SIPAS": "Chỉ số hài lòng của người dân đối với sự phục vụ của cơ quan hành chính (SIPAS)",
    "PAPI": "Chỉ số hiệu quả quản trị và hành chính công cấp tỉnh (PAPI)",
    "PCI": "Chỉ số năng lực cạnh tranh cấp tỉnh (PCI)",
}
CITED = "Quyết định số 892/QĐ-BNV về chỉ số cải cách hành chính của các tỉnh"
THEMES = {
    "PAR": "Đẩy mạnh tuyên truyền cải cách hành chính trên địa bàn.",
    "SIPAS": "Nâng cao sự hài lòng của người dân khi đến giao dịch.",
    "PAPI": "Công khai, minh bạch hoạt động quản trị của chính quyền.",
    "PCI": "Cải thiện môi trường kinh doanh, nâng cao năng lực cạnh tranh.",
}
MARKS = {"covered": "c", "citation_only": "v", "thematic_only": "t", "absent": "-"}
_STATUS = {mark: status for status, mark in MARKS.items()}


def evidence(
    quote: str,
    *,
    path: str = "II.1.c",
    page: int = 2,
    line: int = 14,
    raw: str | None = None,
    confidence: float = 0.97,
    section: tuple[str, ...] = ("content",),
) -> Evidence:
    return Evidence(
        quote=quote,
        raw=quote if raw is None else raw,
        path=path,
        section=list(section),
        page=page,
        line=line,
        confidence=confidence,
    )


def finding(index: str, mark: str) -> IndexFinding:
    """``mark``: c covered, v citation only, t thematic only, - absent; ``?`` after it: review."""
    status = _STATUS[mark[0]]
    review = mark.endswith("?")
    sentence = {
        "covered": f"Tuyên truyền về {NAMES.get(index, index)} và kết quả của địa phương.",
        "citation_only": CITED,
        "thematic_only": THEMES.get(index, f"Nội dung gần với {index}."),
        "absent": "",
    }[status]
    reason = {
        "covered": f"Mục II.1.c nêu tên chỉ số {index}.",
        "citation_only": f"{index} chỉ có trong tên văn bản được viện dẫn.",
        "thematic_only": f"Có nêu chủ đề nhưng không nêu chỉ số {index}.",
        "absent": f"Không tìm thấy chỉ số {index} trong văn bản.",
    }[status]
    found = [] if status == "absent" else [evidence(sentence, confidence=0.6 if review else 0.97)]
    return IndexFinding(id=index, status=status, reason=reason, needs_review=review, evidence=found)


def _sections(unit: str, findings: list[IndexFinding], extra: str) -> list[Section]:
    def node(path: str, ids: list[str], heading: str, text: str = "", **more: object) -> Section:
        return Section.model_validate(
            {
                "ids": ids, "number": path.rsplit(".", 1)[-1], "heading": heading, "text": text,
                "items": more.get("items", []), "children": more.get("children", []),
                "path": path, "page": more.get("page", 1), "line_start": 10,
                "page_end": more.get("page", 1), "line_end": 20, "score": 1.0,
            }
        )  # fmt: skip

    sentences = [e.quote for f in findings for e in f.evidence if e.path == "II.1.c"]
    items = [
        Item(marker="a)", path="II.1.a", text=f"Tuyên truyền mục tiêu cải cách tại {unit}."),
        Item(marker="b)", path="II.1.b", text="Giới thiệu mô hình hay, cách làm mới. " + extra),
        Item(marker="c)", path="II.1.c", text=" ".join(sentences) or "Tuyên truyền kết quả."),
    ]
    return [
        node("I", ["purpose", "requirements"], "MỤC ĐÍCH, YÊU CẦU", children=[
            node("I.1", ["purpose"], "Mục đích", f"Để cán bộ và nhân dân {unit} hiểu và làm theo."),
            node("I.2", ["requirements"], "Yêu cầu", "Bám sát chương trình của cấp trên."),
        ]),
        node("II", ["content", "forms"], "NỘI DUNG, HÌNH THỨC", page=2, children=[
            node("II.1", ["content"], "Nội dung", items=items, page=2),
            node("II.2", ["forms"], "Hình thức", "Qua loa truyền thanh và mạng xã hội.", page=2),
        ]),
        node("III", ["funding"], "KINH PHÍ", "Ngân sách địa phương và nguồn khác.", page=3),
        node("IV", ["implementation"], "TỔ CHỨC THỰC HIỆN", f"Văn phòng {unit} chủ trì.", page=3),
    ]  # fmt: skip


def plan(
    unit: str = "xã An Phú",
    marks: str = "c c c c",
    *,
    path: str | None = None,
    district: str | None = "huyện Đồng Xuân",
    province: str | None = "tỉnh Phú Yên",
    level: str = "commune",
    number: str | None = "12/KH-UBND",
    date: str | None = "2025-02-20",
    parent: tuple[str, str] | None = ("19/KH-UBND", "2025-02-03"),
    year: int | None = 2025,
    damage: tuple[str, ...] = ("clean",),
    extra: str = "",
    successors: tuple[str, ...] = (),
    indices: tuple[str, ...] = ("PAR", "SIPAS", "PAPI", "PCI"),
    **changes: object,
) -> PlanRecord:
    """One record. ``marks`` gives each index of ``indices`` a mark (see :func:`finding`)."""
    path = path or f"{unit}.pdf"
    findings = [finding(i, m) for i, m in zip(indices, marks.split(), strict=True)]
    basis, citations = [], []
    where = Where(page=1, line_start=4, line_end=5, raw="Căn cứ …")
    if parent:
        code, issued = parent
        text = f"Thực hiện Kế hoạch số {code} của Ủy ban nhân dân tỉnh"
        basis.append(LegalBasis(text=text, role="thực_hiện", citations=[code], parent_plan=True))
        citations.append(
            Citation(code=code, type="Kế hoạch", date=issued, issuer="UBND tỉnh",
                     about="tuyên truyền", path="legal_basis", where=where)
        )  # fmt: skip
    values: dict[str, object] = {
        "source": SourceInfo(
            path=path, sha256=sha256(path.encode()).hexdigest(),
            media_type="application/pdf", pages=4,
        ),
        "quality": Quality(
            damage=list(damage), words=1800, edited_words=0 if damage == ("clean",) else 120,
            uncertain_words=0 if damage == ("clean",) else 7,
            pages=[PageQuality(page=n, method="text", score=0.98) for n in (1, 2, 3, 4)],
        ),
        "form": "plan",
        "number": Number(value=number, status="present" if number else "blank", where=where),
        "issued": Issued(place=unit.split(" ", 1)[-1], date=date,
                         status="present" if date else "absent", where=where),
        "unit": Unit(name=unit, type=" ".join(w for w in unit.split() if w.islower()), level=level,
                     parents=[p for p in (district, province) if p], province=province,
                     successors=list(successors), where=where),
        "title": f"Kế hoạch tuyên truyền cải cách hành chính trên địa bàn {unit} năm {year}",
        "year": year,
        "legal_basis": basis,
        "sections": _sections(unit, findings, extra),
        "indices": findings,
        "areas": [AreaFinding(id="institutions", status="covered",
                              evidence=[evidence("Rà soát văn bản quy phạm pháp luật.")]),
                  AreaFinding(id="procedures", status="absent", evidence=[])],
        "channels": [Channel(id="radio", mode="traditional",
                             evidence=[evidence("Qua loa truyền thanh và trang thông tin.")])],
        "audience": ["cán bộ, công chức", "người dân"],
        "assignments": [Assignment(unit=f"Văn phòng UBND {unit}", lead=True,
                                   duties=["Chủ trì, theo dõi việc thực hiện kế hoạch"],
                                   path="IV.1", where=where)],
        "tasks": [Task(no="1", task="Phát thanh chuyên mục hằng tuần", lead="Đài truyền thanh",
                       partners=None, schedule="Cả năm", product="Bài phát thanh", page=4,
                       where=where)],
        "funding": Funding(text="Ngân sách địa phương và nguồn hợp pháp khác.",
                           sources=["ngân sách địa phương"], where=where),
        "reporting": Reporting(frequency=["quý"], to="Phòng Nội vụ",
                               text="Báo cáo hằng quý về Phòng Nội vụ.", where=where),
        "recipients": ["- Như trên;", "- Lưu: VT."],
        "signature": Signature(authority=["TM. ỦY BAN NHÂN DÂN"], position="CHỦ TỊCH",
                               name="Lê Văn Thử", where=where),
        "citations": citations,
        "issues": [] if damage == ("clean",) else [
            RecordIssue(stage="restore", code="uncertain_words", page=2,
                        message="7 words could not be read with certainty")],
    }  # fmt: skip
    return PlanRecord.model_validate(values | changes)


_PLACES = (
    "An Bình", "An Hòa", "Bình Minh", "Cẩm Sơn", "Đại Lộc", "Đông Hà", "Gia Lập", "Hải Tân",
    "Hòa Thắng", "Khánh Thượng", "Kim Long", "Lộc Sơn", "Mỹ Đức", "Nam Thái", "Ngọc Lâm",
    "Phú Cường", "Quang Trung", "Sơn Tịnh", "Tân Hưng", "Thạch Bình", "Thanh Xuân", "Trà Giang",
    "Vạn Thắng", "Vĩnh Quang", "Xuân Lãnh", "Yên Mỹ", "Ân Nghĩa", "Ô Lâm", "Ứng Hòa", "Đức Phú",
)  # fmt: skip
_DISTRICTS = ("huyện Bình Sơn", "huyện Đức Linh", "huyện Gò Dầu", "thị xã An Khê", "huyện Ân Thi")


_SENTENCE = (
    "Tổ chức tuyên truyền kết quả thực hiện nhiệm vụ trên hệ thống truyền thanh, trang thông tin "
    "điện tử và tại các buổi sinh hoạt của thôn, tổ dân phố; "
)


def _as_long_as_real(rng: random.Random, record: PlanRecord) -> PlanRecord:
    """The record with as many sections, citations, duties and words as plans of communes have."""
    sections = list(record.sections)
    for n in range(5, 17):
        items = [
            Item(marker="-", path=f"{n}.-{k}", text=_SENTENCE * rng.randint(1, 3) + f"đợt {k}.")
            for k in range(1, rng.randint(2, 6))
        ]
        section = sections[2].model_copy(
            update={"path": str(n), "number": str(n), "items": items, "text": _SENTENCE * 2}
        )
        sections.append(section)
    places = [f"1{n}/2024/NĐ-CP" for n in range(15)]
    where = Where(page=1, line_start=4, line_end=5, raw="Căn cứ …")
    extra = [
        Citation(code=code, type="Nghị định", date="2024-05-06", issuer="Chính phủ",
                 about="kiểm soát thủ tục hành chính", path="II.1", where=where)
        for code in places
    ]  # fmt: skip
    channels = [
        Channel(id=name, mode="online", evidence=[evidence(_SENTENCE, path="5.-1")])
        for name in ("portal", "zalo", "facebook", "youtube", "press", "television", "notice")
    ]
    duties = [
        record.assignments[0].model_copy(update={"unit": f"Ban {n}", "duties": [_SENTENCE] * 3})
        for n in range(5)
    ]
    return record.model_copy(
        update={
            "sections": sections,
            "citations": [*record.citations, *extra],
            "channels": [*record.channels, *channels],
            "assignments": [*record.assignments, *duties],
            "tasks": record.tasks * 8,
        }
    )


def corpus(count: int, *, seed: int = 7, long: bool = False) -> Iterator[PlanRecord]:
    """``count`` different records, the same for the same ``seed``; ``long``: as real plans are."""
    rng = random.Random(seed)
    for n in range(count):
        record = _nth(n, rng)
        yield _as_long_as_real(rng, record) if long else record


def of_two_years(count: int, *, long: bool = False) -> Iterator[PlanRecord]:
    """As many records of 2025 as of 2026 together: each unit's plan of the next year differs."""
    for year, seed in ((2025, 7), (2026, 8)):
        for n, record in enumerate(corpus(count // 2, seed=seed, long=long)):
            unit = record.unit.model_copy(update={"parents": ["tỉnh Bình Định"]})
            source = record.source.model_copy(update={"path": f"{year}/{n:05d}.pdf"})
            tasks = [
                task.model_copy(update={"task": f"{task.task}, đợt {k}", "schedule": f"Quý {q}"})
                for k, (task, q) in enumerate(zip(record.tasks, "123412341", strict=False))
                if (n + k + year) % 5
            ]
            changed = {"unit": unit, "source": source, "year": year, "tasks": tasks}
            yield record.model_copy(update=changed)


def _nth(n: int, rng: random.Random) -> PlanRecord:
    place = _PLACES[n % len(_PLACES)]
    kind = ("xã", "phường", "thị trấn")[n % 3]
    series = n // len(_PLACES)
    unit = f"{kind} {place}" + (f" {series}" if series else "")
    marks = " ".join(
        rng.choices(("c", "c?", "v", "t", "-"), weights=(14, 1, 1, 2, 3))[0] for _ in range(4)
    )
    day = rng.randint(1, 28)
    return plan(
        unit,
        marks,
        path=f"{rng.choice(('dot-1', 'dot-2'))}/{n:05d}.pdf",
        district=rng.choice(_DISTRICTS),
        province="tỉnh Bình Định",
        number=f"{n + 1:02d}/KH-UBND" if rng.random() > 0.1 else None,
        date=f"2025-03-{day:02d}" if rng.random() > 0.1 else None,
        parent=("963/KH-UBND", "2025-02-25") if rng.random() > 0.15 else None,
        damage=("clean",) if rng.random() > 0.3 else (rng.choice(("no_marks", "english_ocr")),),
        extra="Tổ chức hội nghị, toạ đàm, thi tìm hiểu. " * rng.randint(1, 8),
    )
