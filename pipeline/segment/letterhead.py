"""Lines of fixed form: letterhead, preamble, signature block (Decree 30/2020/NĐ-CP, appendix I)."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from pipeline.segment.fold import fold, is_caps
from pipeline.segment.formal import formal_position
from pipeline.segment.rows import Row
from pipeline.segment.tables import table

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("number", r"^(?:so|s6|s0|sd)\s*(?:[:.;]\s*[^/:;]{0,8}|"
    r"\d{0,5}[a-z]?)\s*[/-]\s*(?:20\d\d\s?/\s?)?[\w-]*[a-z]"),
        ("subject", r"^v\s?/\s?v?\s(?=[a-z])"),
        ("recipients", r"^(?:noi\s?nh.{1,2}n|kinh gui)\s*[:.;]?\s*$|^noi\s?nh.{1,2}n\s*[:.;]"),
        ("decide", r"^quyet (?:dinh|nghi)\s*[:;.]\s*$"),
        ("note", r"^\(?\s*(?:ban hanh\s+)?kem theo\s.*(?:quyet dinh|so|ke hoach|van ban)|"
                 r"^\((?:ban hanh|kem theo)"),
        ("appendix", r"^(?:phu luc|bieu mau|mau so|bieu so|danh muc|danh sach)\s*(?:\W\s*)?$|"
    r"^(?:phu luc|bieu mau|mau so|bieu so|danh muc|danh sach)\b(?!.*(?:[.;,]|"
    "kem theo nay)$)"),
        ("closing", r"^tren day la\b"),
        ("authority", r"^(?:t\s?a?m|k\s?t|t\s?l|tuq|q)\s?\.\s?(?=[a-z])|"
    r"^(?:tm|kt|tl|tuq)\s(?=(?:chu tich|uy ban|ubnd|giam doc|truong|"
    r"bo truong|thu tuong|chu nhiem|ban thuong|hoi dong|bi thu))|"
    r"^(?:t\s?/\s?[ml]|k\s?/\s?t)\s?\.?\s(?=[a-z])"),
    )
)  # fmt: skip
_DATE = re.compile(
    r"^[^:;\d/]{2,45}?[,.]?\s*ng[aà]y\s*[\d._… ]{0,8}\s*th[aá]ng\s*[\d._… "
    r"]{0,8}\s*n[aă]m\s*[\d._… ]{0,6}\.?$"
)
_MOTTO = ("cong hoa xa hoi chu nghia viet nam", "doc lap - tu do - hanh phuc",
          "dang cong san viet nam")  # fmt: skip
_AGENCY = re.compile(
    r"^(?:uy ban nhan dan|uy ban nd|ubnd|hoi dong nhan dan|hdnd|so|bo|van phong|phong|ban chi dao|"
    r"dang uy|huyen uy|tinh uy|thanh uy|uy ban mat tran|ubmttq|tinh|huyen|quan|xa|phuong|"
    r"thi tran|thi xa|thanh pho|thu tuong|chinh phu|trung tam|truong|dang bo|cong an|"
    r"chu tich uy ban)\b"
)
_POSITION = re.compile(
    r"^(?:q\.\s*|quyen\s+|\w{2,3}\s+)?(?:pho\s+|uy vien\s+)?(?:chu tich|chu nhiem|giam doc|"
    r"truong phong|"
    r"bi thu|"
    r"chanh van phong|cuc truong|tong giam doc|hieu truong|truong ban|truong ban chi dao|bo truong|"
    r"thu truong|thu tuong|chi cuc truong|vu truong|tong bi thu)\b[^.;:]{0,40}$"
)


def special(row: Row) -> str | None:
    """What a line of fixed form is (motto, type, number, date, agency …), or None."""
    if len(row.folded) > 160 or row.table:
        return None
    # OCR puts a dash before a line of the signature block now and then
    text = row.folded.lstrip("-–•. ") if is_caps(row.text, share=0.9) else row.folded
    for name, pattern in _PATTERNS:
        if pattern.search(text):
            if name == "appendix" and not (is_caps(row.text) or row.bold or len(text) < 24):
                continue
            if name == "number" and row.text[:1].islower() and ":" not in row.text[:5]:
                continue  # a citation that runs over the end of a line
            if name == "closing":
                return None  # a paragraph like others, that the outline knows by its words
            return name
    if is_motto(text):
        return "motto"
    if document_type(row.text):
        return "type"
    if len(text) < 70 and _DATE.match(text):
        return "date"
    if is_caps(row.text, share=0.9):
        if _POSITION.match(text) or formal_position(row.text.lstrip("-–•. ")):
            return "position"
        if _AGENCY.match(text) and len(text) < 90:
            return "agency"
    return None


def is_motto(folded: str) -> bool:
    """Whether a folded line holds the nation's name and motto, or the Party's name."""
    if len(folded) < 18:
        return False
    return any(fuzz.partial_ratio(line, folded, score_cutoff=88) for line in _MOTTO)


@lru_cache(maxsize=1)
def _types() -> dict[str, str]:
    return {
        str(entry["folded"]): str(entry["name"])
        for entry in table("document_types")["type"]
        if entry.get("heading")
    }


def document_type(line: str) -> str | None:
    """The type that a line in capitals names by itself ("KẾ HOẠCH"), else None."""
    if len(line) > 40 or not is_caps(line, share=0.6):
        return None
    folded = " ".join(re.sub(r"[^a-z ]", " ", fold(line)).split())
    types = _types()
    if folded in types:
        return types[folded]
    if 6 <= len(folded) <= 24:
        for name, full in types.items():
            if abs(len(name) - len(folded)) <= 1 and fuzz.ratio(name, folded) >= 87:
                return full
    return None
