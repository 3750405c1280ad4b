"""The legal basis, and which of the documents that it cites is the parent plan."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.document import Citation as FoundCitation
from pipeline.document import Document
from pipeline.entities.units import find_named_units
from pipeline.normalize.record import LegalBasis, Role
from pipeline.normalize.where import where
from pipeline.segment.fold import fold

_ROLES: tuple[tuple[str, Role], ...] = (
    ("can cu", "căn_cứ"),
    ("thuc hien", "thực_hiện"),
    ("trien khai", "thực_hiện"),
    ("tiep tuc thuc hien", "thực_hiện"),
    ("theo de nghi", "theo_đề_nghị"),
    ("xet de nghi", "theo_đề_nghị"),
)
# Words of a title that say nothing of its subject.
_EMPTY = frozenset(
    {
        "ke", "hoach", "quyet", "dinh", "ban", "hanh", "ve", "viec", "trien", "khai", "thuc",
        "hien", "cong", "tac", "nha", "nuoc", "cua", "tren", "dia", "nam", "va", "cac", "den",
        "giai", "doan", "to", "chuc", "trong", "cho", "hoat", "dong", "phe", "duyet", "chuong",
        "trinh", "huong", "uy", "nhan", "dan", "ubnd", "thang", "cuoi", "dau", "quy", "nguon",
    }
)  # fmt: skip
# Ways to say "communication": one subject.
_SAME = ("thong tin tuyen truyen", "tuyen truyen", "truyen thong", "thong tin")
_PLACE = re.compile(
    r"\b(?:cua|tren dia ban|tai)\s+(?:uy ban nhan dan\s+|ubnd\s+)?"
    r"(?:tinh|huyen|quan|thi xa|thanh pho|xa|phuong|thi tran|dac khu)\b(?:\s+(?!nam\b)\w+){0,4}"
)
_OPENS = re.compile(r"(?:nhu sau|sau day|noi dung sau|cu the|nhu sau,)\s*[:;.]?\s*$")
_ISSUER_CLAUSE = re.compile(
    r"[,;.]\s+(?=(?:ubnd|uy ban nhan dan|chu tich|so |ban |hoi dong)[^;]{0,140}?"
    r"\b(?:ban hanh|xay dung|to chuc|trien khai|lap|de ra)\b)"
)
_BODIES = re.compile(r"UBND|HĐND")
# What a unit of each level calls itself.
_OWN: dict[str, tuple[str, ...]] = {
    "commune": ("xa", "phuong", "thi tran", "dac khu"),
    "district": ("huyen", "quan", "thi xa", "thanh pho"),
    "province": ("tinh", "thanh pho"),
}
# Nearness of the issuer to a unit of each level: the parent plan is that of the nearest above.
_ABOVE: dict[str, tuple[str, ...]] = {
    "commune": ("huyen", "quan", "thi xa", "thanh pho", "tinh", "bo", "chinh phu"),
    "district": ("tinh", "thanh pho", "bo", "chinh phu"),
    "province": ("bo", "thu tuong", "chinh phu"),
}


def legal_basis_of(
    document: Document,
    *,
    title: str | None,
    level: str | None,
    unit: str | None,
    number: str | None,
) -> list[LegalBasis]:
    """Every basis in order, with the codes that it cites; at most one holds the parent plan.

    ``number`` tells whether an office of the unit issues the plan ("4127/KH-SYT").
    """
    found = [
        (item, [c for c in document.citations if c.path == item.path])
        for section in document.sections
        if "legal_basis" in section.ids
        for item in section.items
    ]
    parent = parent_plan(
        [citation for _, citations in found for citation in citations],
        title=title,
        level=level,
        unit=None if _of_office(number) else unit,
    )
    return [
        LegalBasis(
            text=_without_opening(item.text),
            role=_role(item.text),
            citations=list(dict.fromkeys(c.code for c in citations if c.code)),
            parent_plan=parent is not None and any(c is parent for c in citations),
            where=where(document, item.place, item.text),
        )
        for item, citations in found
        if citations or _role(item.text) != "other"
    ]


def _without_opening(text: str) -> str:
    """The basis without the clause that opens the plan: "…, UBND xã ban hành Kế hoạch …:"."""
    folded = fold(text)
    if not _OPENS.search(folded):
        return text
    clauses = [match.start() for match in _ISSUER_CLAUSE.finditer(folded)]
    return text[: clauses[-1]].rstrip(" ,;.") if clauses and clauses[-1] > 20 else text


def _of_office(number: str | None) -> bool:
    """Whether a number is that of an office, and not of the committee or council itself."""
    return number is not None and number.rsplit("-", 1)[-1].isupper() and not _BODIES.search(number)


def parent_plan(
    citations: Sequence[FoundCitation], *, title: str | None, level: str | None, unit: str | None
) -> FoundCitation | None:
    """The cited plan of the same subject that the nearest unit above issued, if there is one.

    ``unit`` is the unit whose own plans are no parents; None for an office, which is under it.
    """
    own = subject(title or "")
    if not own:
        return None
    best: tuple[int, FoundCitation] | None = None
    for citation in citations:
        if not citation.about or not _is_plan(citation) or _is_own(citation, unit):
            continue
        if not _same_subject(own, subject(citation.about)):
            continue
        rank = _rank(citation, level, within=unit is None)
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, citation)
    return best[1] if best else None


def _role(text: str) -> Role:
    folded = fold(text)
    return next((role for words, role in _ROLES if folded.startswith(words)), "other")


def subject(title: str) -> frozenset[str]:
    """The words of a title that say its subject; ways to say "communication" are one word.

    >>> sorted(subject("Kế hoạch tuyên truyền cải cách hành chính năm 2025 của xã Minh Tân"))
    ['cach', 'cai', 'chinh', 'hanh', 'tuyentruyen']
    """
    for unit in reversed(find_named_units(title)):
        title = f"{title[: unit.start]} {title[unit.end :]}"
    text = _PLACE.sub(" ", fold(title))
    text = re.sub(r"\bcchc\b", "cai cach hanh chinh", text)
    text = re.sub(r"\bcds\b", "chuyen doi so", text)
    text = " ".join(re.findall(r"[a-z]+", text))
    for words in _SAME:
        text = re.sub(rf"\b{words}\b", "tuyentruyen", text)
    return frozenset(word for word in text.split() if word not in _EMPTY and len(word) > 1)


def _same_subject(own: frozenset[str], other: frozenset[str]) -> bool:
    if ("tuyentruyen" in own) != ("tuyentruyen" in other):
        return False
    common = len(own & other)
    return common > 0 and common >= 0.6 * len(own) and common >= 0.5 * len(other)


def _is_plan(citation: FoundCitation) -> bool:
    if citation.type in ("Kế hoạch", "Chương trình", "Đề án"):
        return True
    return citation.type in ("Quyết định",) and "ke hoach" in fold(citation.about or "")


def _is_own(citation: FoundCitation, unit: str | None) -> bool:
    """Whether the unit itself issued it."""
    if not unit or not citation.issuer:
        return False
    issuer = fold(citation.issuer)
    kind = fold(unit).rsplit(" ", 1)[0]
    return issuer.endswith(fold(unit)) or issuer in (f"ubnd {kind}", f"uy ban nhan dan {kind}")


def _rank(citation: FoundCitation, level: str | None, *, within: bool) -> int | None:
    issuer = fold(citation.issuer or "")
    order = (*(_OWN.get(level or "", ()) if within else ()), *_ABOVE.get(level or "", ()))
    for rank, words in enumerate(order):
        if re.search(rf"\b{words}\b", issuer):
            return rank
    # without an issuer, a plan of a committee is taken for that of the one above
    return len(order) if not issuer and "UBND" in (citation.code or "") else None
