"""Indices of the user's own, looked for in records that were made before anybody asked for them.

The text of a record is searched for the full names (without diacritics and case) and, letter for
letter, for the abbreviations: never by likeness, as a near miss of an abbreviation is another word.
The rules are those of :mod:`pipeline.audit.coverage`: a name inside the subject of a cited document
or in the legal basis is a citation, words of the subject alone are a theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.audit.checklist import Checklist, Index
from pipeline.audit.passages import Passage, passages, sentences
from pipeline.errors import UsageError
from pipeline.normalize.record import Coverage, Evidence, IndexFinding, PlanRecord
from pipeline.segment.fold import fold

_SILENT = frozenset({"recipients", "signature"})
_ORDER: tuple[Coverage, ...] = ("covered", "citation_only", "thematic_only", "absent")
_SURE = {"covered": 0.9, "citation_only": 0.9, "thematic_only": 0.5}


@dataclass(frozen=True, slots=True)
class _Pattern:
    id: str
    named: re.Pattern[str]
    theme: re.Pattern[str] | None


def applied(
    records: Iterable[PlanRecord], required: Sequence[str], checklist: Checklist | None
) -> tuple[Iterable[PlanRecord], tuple[str, ...]]:
    """``records`` with the checklist's own indices looked for, and all that is required now.

    Raises UsageError when an index of the list bears the id of one that the program knows.
    """
    if checklist is None or not checklist.index:
        return records, tuple(required)
    ids = tuple(index.id for index in checklist.index)
    patterns = [_pattern(index) for index in checklist.index]
    return _extended(records, patterns), (*(i for i in required if i not in ids), *ids)


def _extended(records: Iterable[PlanRecord], patterns: Sequence[_Pattern]) -> Iterator[PlanRecord]:
    for record in records:
        known = {finding.id for finding in record.indices}
        for pattern in patterns:
            if pattern.id in known:
                raise UsageError(
                    f"the index {pattern.id} of the checklist is one that the program knows; "
                    "give yours another id"
                )
        said = list(passages(record, body=False))
        added = [_finding(pattern, record, said) for pattern in patterns]
        yield record.model_copy(update={"indices": [*record.indices, *added]})


def _finding(pattern: _Pattern, record: PlanRecord, said: Sequence[Passage]) -> IndexFinding:
    subjects = [fold(c.about) for c in record.citations if c.about and len(c.about) > 12]
    found: list[tuple[Coverage, Evidence]] = []
    for passage in said:
        if passage.ids & _SILENT:
            continue
        for sentence in sentences(passage.text):
            kind = _status(pattern, fold(sentence), passage, subjects)
            if kind:
                found.append((kind, _evidence(kind, sentence, passage)))
    status: Coverage = min((kind for kind, _ in found), key=_rank, default="absent")
    proof = [evidence for s, evidence in found if s == status]
    return IndexFinding(
        id=pattern.id,
        status=status,
        reason=_reason(status, proof),
        needs_review=status == "thematic_only",
        evidence=proof,
    )


def _rank(status: Coverage) -> int:
    return _ORDER.index(status)


def _status(
    pattern: _Pattern, folded: str, passage: Passage, subjects: Sequence[str]
) -> Coverage | None:
    cited = [m.span() for s in subjects for m in re.finditer(re.escape(s), folded)]
    named = list(pattern.named.finditer(folded))
    if named:
        outside = any(not any(a <= m.start() < b for a, b in cited) for m in named)
        return "covered" if outside and "legal_basis" not in passage.ids else "citation_only"
    if pattern.theme and pattern.theme.search(folded):
        return "thematic_only"
    return None


def _evidence(status: Coverage, sentence: str, passage: Passage) -> Evidence:
    return Evidence(
        quote=sentence,
        raw=passage.raw or sentence,
        path=passage.path,
        section=sorted(passage.ids),
        page=passage.page,
        line=passage.line,
        confidence=_SURE[status],
    )


def _reason(status: Coverage, proof: Sequence[Evidence]) -> str:
    if status == "absent":
        return "Văn bản không nêu tên chỉ số này ở bất kỳ mục nào."
    place = f"Mục {proof[0].path}" if proof[0].path[:1].isupper() else "Văn bản"
    return {
        "covered": f"{place} nêu tên chỉ số.",
        "citation_only": f"{place} chỉ nhắc chỉ số này trong văn bản được viện dẫn.",
        "thematic_only": f"{place} chỉ nói đến chủ đề, không nêu tên chỉ số.",
    }[status]


def _pattern(index: Index) -> _Pattern:
    names = [_words(name) for name in index.names] + [_words(a) for a in index.abbreviations]
    themes = [_words(theme) for theme in index.themes]
    return _Pattern(
        index.id,
        re.compile(rf"\b(?:{'|'.join(names)})\b"),
        re.compile(rf"\b(?:{'|'.join(themes)})\b") if themes else None,
    )


def _words(phrase: str) -> str:
    """The folded words of a phrase, with any blanks, hyphens or brackets between them."""
    return r"\W+".join(re.escape(word) for word in re.findall(r"\w+", fold(phrase)))
