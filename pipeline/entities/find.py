"""All finders over one document."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from pipeline.document import Citation, Document, Issue, Mention, Place
from pipeline.entities.acronyms import has_acronym
from pipeline.entities.citations import FoundCitation, find_citations
from pipeline.entities.indices import find_mentions
from pipeline.entities.names_found import find_names
from pipeline.entities.phrases import find_areas, find_channels
from pipeline.entities.set_apart import find_set_apart
from pipeline.entities.spans import LONGEST, Span, spans
from pipeline.segment.fold import fold
from pipeline.settings import Settings

_RAW = 4_000
_WORD = re.compile(r"\w{2,}")
_SURE = 0.7  # repairs of letters below this confidence are doubted; marks do not tell indices apart
_JOINED = 0.5  # of a citation whose number stands in two parts
_LINES = 12  # of one mention at most
_NEAR_WORD = 0.9  # what a doubted word in the same lines leaves of a mention's confidence
_OWN_WORD = 0.7  # and one of its own: below what audit.coverage counts without a person


def find_entities(document: Document, *, settings: Settings | None = None) -> Document:
    """Give the document with its citations, index mentions, names and other findings.

    What is found is in ``citations``, ``mentions`` and ``entities``, each with place and path.
    Without ``settings``, or where they leave names out, none are looked for.
    """
    found = spans(document)
    citations: list[Citation] = []
    mentions: list[Mention] = []
    for span in found:
        cited = find_citations(span.text, span.folded)
        if _may_cite(span):
            citations += [_citation(span, one) for one in cited]
        mentions += find_mentions(span, [(one.start, one.end) for one in cited])
    mentions += find_set_apart(document, found, mentions)
    mentions = [
        replace(mention, raw=raw_text(document, mention.quote_place)) for mention in mentions
    ]
    cut = [
        Issue(
            "entities", "paragraph_cut", span.place.page,
            f"Đoạn ở dòng {span.place.line_start} quá dài; chỉ đọc {LONGEST:,} ký tự đầu.",
        )
        for span in found
        if len(span.text) == LONGEST
    ]  # fmt: skip
    names = find_names(found) if settings is not None and settings.names else []
    return replace(
        document.with_issues(*cut),
        entities=(*document.entities, *find_areas(found), *find_channels(found), *names),
        citations=tuple(citations),
        mentions=tuple(_doubted(document, mentions)),
    )


def _may_cite(span: Span) -> bool:
    """Whether codes in it are citations: a letterhead's are the document's own, save in a note."""
    return "recipients" not in span.ids and ("header" not in span.ids or span.text.startswith("("))


def _citation(span: Span, found: FoundCitation) -> Citation:
    return Citation(
        code=found.code,
        type=found.type,
        date=found.date,
        issuer=found.issuer,
        about=found.about,
        text=span.text[found.start : found.end],
        place=span.locate(found.start, found.code_end),
        path=span.path,
        section=span.ids,
        confidence=_JOINED if found.joined else 1.0,
    )


def raw_text(document: Document, place: Place) -> str:
    """The lines of a place as they were extracted, joined by newlines.

    Of lines that are too long to be lines of a document, the first 2,000 characters are given, and
    of many lines as many as 4,000 characters hold, with "…" where something is left out.
    """
    lines: list[str] = []
    left = _RAW
    for page in document.pages:
        if place.page <= page.number <= place.page_end:
            first = place.line_start if page.number == place.page else 1
            last = place.line_end if page.number == place.page_end else len(page.lines)
            for line in page.lines[first - 1 : last]:
                raw = line.raw[: _RAW // 2 + 1].strip()
                if not raw:
                    continue
                if len(raw) > min(left, _RAW // 2):
                    lines.append(f"{raw[: min(left, _RAW // 2)]}…")
                    return "\n".join(lines)
                lines.append(raw)
                left -= len(raw)
    return "\n".join(lines)


def _doubted(document: Document, mentions: Sequence[Mention]) -> list[Mention]:
    """Lower the confidence of mentions that rest on words which the restorer was not sure of.

    Where such a word is one of the mention's own, a person has to look: unless the file itself has
    the acronym, letter by letter.
    """
    unsure = _unsure_words(document, {(m.place.page, m.place.line_start) for m in mentions})
    result = []
    for mention in mentions:
        place = mention.place
        doubted = [
            word
            for line in range(place.line_start, place.line_end + 1)
            for word in unsure.get((place.page, line), ())
        ]
        sure = mention.confidence
        if doubted:
            own = set(_WORD.findall(fold(mention.text))).intersection(doubted)
            sure *= _OWN_WORD if own and not has_acronym(mention.index, mention.raw) else _NEAR_WORD
        result.append(replace(mention, confidence=sure))
    return result


def _unsure_words(
    document: Document, wanted: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[str]]:
    """By page and line the folded words that restoration left in doubt, or repaired unsurely."""
    lines = {(page, line + more) for page, line in wanted for more in range(_LINES)}
    found: dict[tuple[int, int], list[str]] = {}
    for doubt in document.doubts:
        found.setdefault((doubt.page, doubt.line), []).extend(_WORD.findall(fold(doubt.text)))
    for edit in document.edits:
        if edit.confidence >= _SURE or (edit.page, edit.line) not in lines:
            continue
        before, after = (_WORD.findall(fold(text)) for text in (edit.before, edit.after))
        other = [word for word in after if word not in before]
        if other:
            found.setdefault((edit.page, edit.line), []).extend(other)
    return found
