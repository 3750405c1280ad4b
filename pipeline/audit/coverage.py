"""Coverage of indices by one document: covered, cited only, touched as a theme, or absent.

An index is covered when the plan itself names it, in full or by its acronym. Inside the title of a
document that the plan cites it is only cited; words of its subject without its name ("sự hài lòng")
are only a theme. The rules are those of ``docs/format.md``; a change of them raises
``RULES_VERSION``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from pipeline.audit.rules import RULES_VERSION
from pipeline.document import Mention
from pipeline.normalize.record import Coverage, Evidence, IndexFinding, SectionId

__all__ = ["RULES_VERSION", "coverage"]

# Sections that say whom the document goes to, not what the plan does.
_SILENT = frozenset({"recipients", "signature"})
_FORMS = {"full": 0, "abbr": 1, "name": 2, "elided": 3, "theme": 4}
_SECTION_IDS = frozenset(get_args(SectionId))
# Under this confidence a person should look at the evidence.
_SURE = 0.75
# So many places prove a finding; a file that repeats itself a thousand times proves no more.
_PLACES = 20


def coverage(mentions: Sequence[Mention], required: Sequence[str]) -> list[IndexFinding]:
    """The finding for each index: all of ``required`` in their order, then others that are named.

    An index that is not required is listed only when it is named, not for a theme alone.
    """
    by_index: dict[str, list[Mention]] = {}
    for mention in mentions:
        if not _SILENT & set(mention.section):
            by_index.setdefault(mention.index, []).append(mention)
    findings = [_finding(index, by_index.get(index, [])) for index in required]
    for index, found in by_index.items():
        if index not in required and any(mention.form != "theme" for mention in found):
            findings.append(_finding(index, found))
    return findings


def _finding(index: str, mentions: Sequence[Mention]) -> IndexFinding:
    status, proof = _decide(mentions)
    proof = sorted(proof, key=lambda mention: _FORMS[mention.form])
    return IndexFinding(
        id=index,
        status=status,
        reason=_reason(status, proof),
        needs_review=_needs_review(status, proof),
        evidence=[_evidence(mention) for mention in proof[:_PLACES]],
    )


def _decide(mentions: Sequence[Mention]) -> tuple[Coverage, list[Mention]]:
    named = [mention for mention in mentions if mention.form != "theme"]
    own = [mention for mention in named if not mention.cited]
    if own:
        return "covered", own
    if named:
        return "citation_only", named
    if mentions:
        return "thematic_only", list(mentions)
    return "absent", []


def _needs_review(status: Coverage, proof: Sequence[Mention]) -> bool:
    if status != "covered":
        return status == "thematic_only"
    preamble_only = all("legal_basis" in mention.section for mention in proof)
    return preamble_only or max(mention.confidence for mention in proof) < _SURE


def _reason(status: Coverage, proof: Sequence[Mention]) -> str:
    if status == "absent":
        return "Văn bản không nêu tên chỉ số này ở bất kỳ mục nào."
    first = proof[0]
    where = _place_name(first)
    if status == "covered":
        return f"{where} nêu “{_short(first.text)}”."
    if status == "citation_only":
        return (
            f"{where} chỉ nhắc chỉ số này trong tên văn bản được viện dẫn, không có nội dung riêng."
        )
    return f"{where} chỉ nói đến “{_short(first.text)}”, không nêu tên chỉ số."


def _place_name(mention: Mention) -> str:
    """The place of a mention, as a reader of Vietnamese would call it."""
    names = {
        "legal_basis": "Phần căn cứ",
        "header": "Phần đầu văn bản",
        "appendix": "Phụ lục",
        "closing": "Phần kết",
    }
    for name in mention.section:
        if name in names:
            return names[name]
    if mention.path.startswith("Điều"):
        return mention.path
    return f"Mục {mention.path}" if mention.path[:1].isupper() else "Văn bản"


def _short(text: str) -> str:
    text = " ".join(text.split())
    if text.count("(") > text.count(")"):
        text += ")"
    return text if len(text) <= 160 else text[:157].rstrip() + "…"


def _evidence(mention: Mention) -> Evidence:
    section: list[SectionId] = [
        name  # type: ignore[misc]
        for name in mention.section
        if name in _SECTION_IDS
    ]
    return Evidence(
        quote=mention.quote,
        raw=mention.raw,
        path=mention.path,
        section=section,
        page=mention.place.page,
        line=mention.place.line_start,
        confidence=round(min(1.0, mention.confidence), 3),
    )
