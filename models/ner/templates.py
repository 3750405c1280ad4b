"""Sentences as plans write them, made of names from gazetteers, so that their labels are known.

The public text holds few lines of plans: places of issue, recipients, offices with their duties.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from pipeline.entities.gazetteer import gazetteer
from pipeline.segment.tables import table

Span = tuple[int, int, str]
_FIELDS = (
    "Nội vụ",
    "Tài chính",
    "Tư pháp",
    "Văn hóa - Xã hội",
    "Văn hóa và Thông tin",
    "Kinh tế",
    "Y tế",
    "Kinh tế, Hạ tầng và Đô thị",
    "Giáo dục và Đào tạo",
    "Nông nghiệp và Môi trường",
    "Công Thương",
    "Khoa học và Công nghệ",
    "Xây dựng",
    "Thông tin và Truyền thông",
    "Kế hoạch và Đầu tư",
    "Văn hóa, Thể thao và Du lịch",
    "Lao động - Thương binh và Xã hội",
    "Tài nguyên và Môi trường",
    "Tài chính - Kế hoạch",
    "Dân tộc và Tôn giáo",
    "Nông nghiệp và Phát triển nông thôn",
)
_PLAIN = (
    "Văn phòng HĐND và UBND {k}",
    "Trung tâm Phục vụ hành chính công {k}",
    "Công an {k}",
    "Hội Nông dân {k}",
    "Hội Liên hiệp Phụ nữ {k}",
    "Đoàn Thanh niên {k}",
    "Ban Chỉ huy Quân sự {k}",
    "Trạm Y tế {k}",
    "Ủy ban MTTQ Việt Nam {k}",
    "Đảng ủy {k}",
    "Ban Xây dựng Đảng {k}",
    "Đài Truyền thanh {k}",
    "Trung tâm Văn hóa, Thông tin và Thể thao {k}",
    "Hội Cựu chiến binh {k}",
    "Hiệp hội Doanh nghiệp {k}",
    "Liên đoàn Lao động {k}",
    "Bảo hiểm xã hội {k}",
    "Kho bạc Nhà nước {k}",
    "Thanh tra {k}",
    "Hạt Kiểm lâm {k}",
    "Ban Quản lý dự án {k}",
    "Chi cục Thuế {k}",
    "Tòa án nhân dân {k}",
    "Viện kiểm sát nhân dân {k}",
    "Ban Chỉ đạo chuyển đổi số {k}",
    "Ban Chỉ huy Phòng, chống thiên tai và Tìm kiếm cứu nạn {k}",
    "Hội Khuyến học {k}",
    "Hội Chữ thập đỏ {k}",
    "Hội đồng nhân dân {k}",
    "Đài Phát thanh và Truyền hình {k}",
)
_PARTY = (
    "Tỉnh ủy",
    "Ban Thường vụ Tỉnh ủy",
    "Thành ủy",
    "Ban Chấp hành Đảng bộ tỉnh",
    "Báo",
    "Ban Tuyên giáo Tỉnh ủy",
)
_POSTS = ("Chủ tịch", "Phó Chủ tịch", "Thường trực", "Chánh Văn phòng")
_OFFICIALS = (
    "Công chức Văn phòng - Thống kê",
    "Công chức Văn hóa - Xã hội",
    "Công chức Tư pháp - Hộ tịch",
    "Hiệu trưởng",
    "Công chức Tài chính - Kế toán",
    "Công chức Địa chính - Nông nghiệp",
    "Trưởng các thôn",
    "Trưởng các khu phố",
    "Bí thư Đoàn Thanh niên",
    "Chỉ huy trưởng Ban Chỉ huy Quân sự",
    "Các chi bộ trực thuộc",
    "Giáo viên chủ nhiệm",
)
_SCHOOLS = (
    "Trường THCS",
    "Trường Tiểu học",
    "Trường Mầm non",
    "Trường THPT",
    "Công ty TNHH",
    "Hợp tác xã",
)
_KINDS = ("xã", "phường", "thị trấn", "huyện", "quận", "thị xã", "tỉnh", "thành phố", "đặc khu")
_DUTIES = (
    "chủ trì, theo dõi, đôn đốc việc thực hiện Kế hoạch",
    "bố trí kinh phí thực hiện",
    "phối hợp tuyên truyền tới hội viên",
    "tổng hợp, báo cáo kết quả trước ngày {DATE}",
    "hướng dẫn người dân nộp hồ sơ qua {PROD}",
    "đăng tin, bài trên {PROD}, {PROD}",
    "giữ gìn trật tự, an toàn giao thông",
    "tham mưu ban hành văn bản",
    "gửi kết quả về {ORG}",
    "phát {PROD} tới từng hộ",
)
_LINES = (
    "- {ORG};",
    "- {ORG} (để báo cáo);",
    "- {ORG}, {ORG};",
    "{ORG}: {duty}.",
    "{n}. {ORG}",
    "{ORG} {duty}; {duty}.",
    "- {duty}.",
    "{place}, ngày {DATE}",
    "Theo đề nghị của {ORG} tại {DOC} ngày {DATE}.",
    "Căn cứ {DOC} ngày {DATE} của {ORG} về {about};",
    "Thực hiện {DOC} ngày {DATE} của {ORG} về {about}, {ORG} xây dựng kế hoạch như sau:",
    "Căn cứ {LAW} ngày {DATE};",
    "(Kèm theo {DOC} ngày {DATE} của {ORG})",
    "{about} trên địa bàn {LOC} năm {year}",
    "Đồng chí {PER}, {ORG}, làm Trưởng ban.",
    "{PER}",
    "Ông {PER} - {ORG};",
    "Giao bà {PER}, công chức {ORG}, {duty}.",
    "- Qua {PROD}, {PROD}, {PROD}.",
    "Treo {PROD}, {PROD} tại trụ sở {ORG}.",
    "Giao {ORG} chủ trì, phối hợp với {ORG} và các đơn vị liên quan {duty}.",
    "Địa điểm: nhà văn hóa {LOC}.",
    "- {about};",
    "Trên đây là Kế hoạch {about} của {ORG}./.",
    "{a}) {duty}.",
    "Đề nghị {ORG} {duty}.",
    "Từ ngày {DATE} đến ngày {DATE}: {about}.",
)
_ABOUT = (
    "cải cách hành chính",
    "chuyển đổi số",
    "phòng, chống thiên tai",
    "tuyên truyền cải cách hành chính",
    "tiêm chủng mở rộng",
    "xây dựng nông thôn mới",
    "phòng cháy, chữa cháy",
    "tổ chức lễ hội",
    "kiểm tra công vụ",
    "nâng cao chỉ số hài lòng của người dân",
    "bảo đảm trật tự an toàn giao thông",
    "giảm nghèo bền vững",
    "phổ biến, giáo dục pháp luật",
)
_LAWS = (
    "Luật Tổ chức chính quyền địa phương",
    "Luật Ngân sách nhà nước",
    "Luật Phòng, chống thiên tai",
    "Luật Cán bộ, công chức",
    "Luật Tiếp công dân",
    "Luật Đất đai",
)
_PRODUCTS = (
    "Zalo", "Facebook", "YouTube", "TikTok", "trang thông tin điện tử",
    "cổng thông tin điện tử", "loa truyền thanh", "pa nô", "áp phích", "băng rôn", "khẩu hiệu",
    "tờ rơi", "tờ gấp", "sổ tay", "video ngắn", "infographic", "bảng tin", "xe tuyên truyền",
    "fanpage", "mạng xã hội", "bảng điện tử", "thư ngỏ", "Cổng Dịch vụ công quốc gia", "VNeID",
    "trang Facebook", "trang Zalo", "loa", "bản tin", "phần mềm một cửa điện tử",
    "màn hình điện tử", "cẩm nang",
)  # fmt: skip
_TYPES = (
    ("Kế hoạch", "KH"),
    ("Quyết định", "QĐ"),
    ("Nghị quyết", "NQ"),
    ("Chỉ thị", "CT"),
    ("Tờ trình", "TTr"),
    ("Thông báo", "TB"),
)
_SLOT = re.compile(r"\{(\w+)\}")


def made(rng: random.Random) -> Iterator[tuple[str, list[Span]]]:
    """Sentences without end, each with its names."""
    while True:
        yield _fill(rng.choice(_LINES), rng)


def _fill(pattern: str, rng: random.Random) -> tuple[str, list[Span]]:
    text, spans, at = "", [], 0
    for match in _SLOT.finditer(pattern):
        text += pattern[at : match.start()]
        at = match.end()
        slot = match.group(1)
        if slot == "duty":
            inner, found = _fill(rng.choice(_DUTIES), rng)
            spans += [(s + len(text), e + len(text), label) for s, e, label in found]
        else:
            inner = _SLOTS[slot](rng)
            label = {"place": "LOC", "LAW": "DOC"}.get(slot, slot)
            if label.isupper():
                spans.append((len(text), len(text) + len(inner), label))
        text += inner
    return text + pattern[at:], spans


@lru_cache(maxsize=1)
def _places() -> dict[str, list[str]]:
    """Names of units by their type, from the gazetteer."""
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for units in gazetteer().names(_KINDS).values():
        for unit in units[:1]:
            if unit.kind in found and not unit.name[:1].isdigit():
                found[unit.kind].append(unit.name)
    for full in sorted(set(gazetteer().provinces.values())):
        kind, _, name = full.partition(" ")
        found["thành phố" if kind == "thành" else kind].append(name.removeprefix("phố "))
    return found


def _kind_name(rng: random.Random) -> tuple[str, str]:
    kind = rng.choice([kind for kind in _KINDS if _places()[kind]])
    return kind, rng.choice(_places()[kind])


def _unit(rng: random.Random) -> str:
    return " ".join(_kind_name(rng))


def _organisation(rng: random.Random) -> str:
    kind, name = _kind_name(rng)
    where = f"{kind} {name}" if rng.random() < 0.35 else kind if rng.random() < 0.7 else ""
    body = rng.choice(("UBND", "Ủy ban nhân dân", "HĐND"))
    makers: tuple[Callable[[], str], ...] = (
        lambda: f"{rng.choice(('Sở', 'Phòng', 'Phòng', 'Bộ'))} {rng.choice(_FIELDS)}",
        lambda: f"{rng.choice(('Sở', 'Phòng'))} {rng.choice(_FIELDS)} {where}".strip(),
        lambda: f"{body} {where or 'các xã, phường'}",
        lambda: f"{body} {where or 'tỉnh'}",
        lambda: rng.choice(_PLAIN).format(k=where).strip(),
        lambda: rng.choice(_PLAIN).format(k=where).strip(),
        lambda: f"{rng.choice(_PARTY)} {rng.choice(_places()['tỉnh'])}",
        lambda: f"{rng.choice(_POSTS)} {body} {where or 'các xã, thị trấn'}",
        lambda: rng.choice(_OFFICIALS),
        lambda: (
            f"{rng.choice(('Giám đốc Sở', 'Trưởng phòng', 'Bộ trưởng Bộ'))} {rng.choice(_FIELDS)}"
        ),
        lambda: f"{rng.choice(_SCHOOLS)} {name}",
        lambda: rng.choice(
            ("Chính phủ", "Bộ Chính trị", "Thủ tướng Chính phủ", "Tỉnh ủy", "Huyện ủy", "Đảng ủy")
        ),
    )
    return rng.choice(makers)()


def _person(rng: random.Random) -> str:
    listed = table("names")
    words = [rng.choice(listed["surnames"][:60])]
    words += [rng.choice(("Văn", "Thị", rng.choice(listed["words"])))]
    words += [rng.choice(listed["words"]) for _ in range(rng.choice((1, 1, 2)))]
    return " ".join(words)


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2019, 2026)
    return rng.choice(
        (
            f"{day:02d}/{month}/{year}",
            f"{day:02d} tháng {month:02d} năm {year}",
            f"{day}/{month:02d}/{year}",
        )
    )


def _document(rng: random.Random) -> str:
    name, symbol = rng.choice(_TYPES)
    number = rng.randint(1, 3000)
    ends = (
        f"{number:02d}/{symbol}-UBND",
        f"{number:02d}-{symbol}/TU",
        f"{number}/{symbol}-SNV",
        f"{number}/{symbol}-TTg",
    )
    return f"{name} số {rng.choice(ends)}"


_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "ORG": _organisation,
    "PER": _person,
    "LOC": _unit,
    "place": lambda rng: _kind_name(rng)[1],
    "DATE": _date,
    "DOC": _document,
    "LAW": lambda rng: rng.choice(_LAWS),
    "PROD": lambda rng: rng.choice(_PRODUCTS),
    "about": lambda rng: rng.choice(_ABOUT),
    "year": lambda rng: str(rng.randint(2020, 2026)),
    "n": lambda rng: str(rng.randint(1, 9)),
    "a": lambda rng: rng.choice("abcdđe"),
}
