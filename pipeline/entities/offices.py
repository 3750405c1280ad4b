"""Names of offices, officials and organisations at the start of a heading, a point or a cell."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.segment.fold import fold
from pipeline.segment.tables import table

# What an office is told to do: the name ends before these words.
_DUTY = re.compile(
    r"\s+(?=(?:chu tri|phoi hop|co trach nhiem|chiu trach nhiem|tham muu|can cu|to chuc|"
    r"huong dan|theo doi|"
    r"bo tri|xay dung|thuc hien|day manh|tang cuong|trien khai|chi dao|cung cap|bao cao|"
    r"lam dau moi|"
    r"la co quan|la don vi|dua tin|viet|kiem tra|don doc|bao dam|dam bao|tiep tuc|chu dong|"
    r"van dong|"
    r"tuyen truyen|tham gia|duy tri|cap nhat|tong hop|rao soat|ra soat|lap du toan|can doi|giup|"
    r"co nhiem vu|mo (?:cac|chuyen|lop)|chuan bi|phu trach|phoi hop)\b)"
)
# First words of offices that name none by themselves.
_BARE = frozenset(
    {"so", "phong", "ban", "van phong", "trung tam", "cong chuc", "can bo", "hoi", "cac"}
)
_LEAD_IN = re.compile(r"^(?:giao|de nghi|phan cong|yeu cau)\s+(?:cho\s+)?")


def starts_with_office(text: str) -> bool:
    """Whether a text begins with the name of an office: "Phòng Nội vụ", "Đề nghị Ủy ban MTTQ".

    >>> starts_with_office("Phòng Nội vụ chủ trì"), starts_with_office("Nâng cao nhận thức")
    (True, False)
    """
    plain = text.strip(' -–+"“')
    return plain[:1].isupper() and bool(_heads().match(fold(plain), _lead_in(plain)))


def part_office(text: str) -> tuple[str, str] | None:
    """An office and its duty: "Phòng Nội vụ: theo dõi …", "Văn phòng chủ trì …"; None for others.

    >>> part_office("Công an xã có trách nhiệm giữ gìn trật tự.")
    ('Công an xã', 'có trách nhiệm giữ gìn trật tự.')
    """
    plain = text.strip(" -–+")
    if not starts_with_office(plain):
        return None
    folded = fold(plain)
    start = _lead_in(plain)
    colon = plain.find(":", start, start + 110)
    duty = _first_duty(plain, folded, start)
    if colon >= 0 and (duty is None or colon <= duty.start()):
        return plain[start:colon].strip(), plain[colon + 1 :].strip()
    if duty is None:
        return None
    return plain[start : duty.start()].strip(" ,"), plain[duty.end() :].strip()


def _lead_in(plain: str) -> int:
    """Where the name begins: behind "Giao", "Đề nghị"; "Giáo viên" is a name itself."""
    match = _LEAD_IN.match(fold(plain))
    return match.end() if match and plain[match.end() : match.end() + 1].isupper() else 0


def _first_duty(plain: str, folded: str, start: int) -> re.Match[str] | None:
    """The first word of duty that is no part of the name: "Sở Xây dựng" has one in it."""
    for match in _DUTY.finditer(folded, start, start + 140):
        name = folded[start : match.start()].strip()
        if not plain[match.end() : match.end() + 1].isupper() and name not in _BARE:
            return match
    return None


@lru_cache(maxsize=1)
def _heads() -> re.Pattern[str]:
    heads = sorted(table("offices")["heads"], key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(re.escape(head) for head in heads)})\b")
