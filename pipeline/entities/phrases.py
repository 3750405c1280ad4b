"""Themes of a plan by table: the six reform areas, the channels of communication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from pipeline.document import Entity
from pipeline.entities.spans import Span
from pipeline.segment.tables import table

# Areas are looked for where the plan says what it communicates or does; the other sections name
# them in passing.
_AREA_SECTIONS = frozenset({"content", "tasks", "appendix", "objectives"})
_CHANNEL_SECTIONS = frozenset(
    {"forms", "content", "tasks", "implementation", "appendix", "objectives"}
)
_BRAND = re.compile(r"facebook|fanpage|youtube|tiktok")
# A word in one piece or two that begins like one of them; and how like it must be (0 to 100).
_FOREIGN = re.compile(r"\b(?:fac|fan|you|tik|ti\s)[a-z]{0,6}(?:\s[a-z]{1,3}\b)?")
_LIKE_BRAND = 84.0


def find_areas(spans: Sequence[Span]) -> list[Entity]:
    """Mentions of the six areas of Resolution 76/NQ-CP where a plan may say what it is about.

    Of a plan with sections on its content, ``normalize.themes`` counts these alone.
    """
    return _matches("area", "areas", [span for span in spans if _AREA_SECTIONS & set(span.ids)])


def find_channels(spans: Sequence[Span]) -> list[Entity]:
    """Mentions of channels, in the sections that say how."""
    kept = [span for span in spans if _CHANNEL_SECTIONS & set(span.ids)]
    found = _matches("channel", "channels", kept)
    seen = {(entity.path, entity.value) for entity in found}
    damaged = [brand for span in kept for brand in _brands_in(span)]
    return found + [brand for brand in damaged if (brand.path, brand.value) not in seen]


def _brands_in(span: Span) -> Iterator[Entity]:
    """Names of platforms that lost a letter or two: no language model knows "Faceboo " again."""
    owner = _brands()
    for match in _FOREIGN.finditer(span.folded):
        whole = match.group()
        for word in dict.fromkeys((whole.replace(" ", ""), whole.split()[0])):
            close = process.extractOne(
                word, owner.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE_BRAND
            )
            if close and close[0] != word:
                yield _entity("channel", owner[close[0]], span, match, close[1] / 100)
                break


@lru_cache(maxsize=1)
def _brands() -> dict[str, str]:
    """Platforms by name: words that are no Vietnamese syllable, long enough to be known damaged."""
    return {
        phrase: value
        for value, entry in table("channels").items()
        for phrase in entry["phrases"]
        if _BRAND.fullmatch(phrase)
    }


def _matches(kind: str, name: str, spans: Iterable[Span]) -> list[Entity]:
    """Each entry once for a span, at its first and longest phrase."""
    pattern, owner = _pattern(name)
    found = []
    for span in spans:
        seen: set[str] = set()
        for match in pattern.finditer(span.folded):
            value = owner[" ".join(re.split(r"[\s/,;-]+", match.group()))]
            if value in seen:
                continue
            seen.add(value)
            found.append(_entity(kind, value, span, match))
    return found


def _entity(
    kind: str, value: str, span: Span, match: re.Match[str], confidence: float = 1.0
) -> Entity:
    return Entity(
        kind=kind,
        value=value,
        text=span.text[match.start() : match.end()],
        place=span.locate(match.start(), match.end()),
        confidence=confidence,
        path=span.path,
        section=span.ids,
    )


@lru_cache(maxsize=8)
def _pattern(name: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for all phrases of a table, the longest first, and whose each phrase is."""
    owner: dict[str, str] = {}
    for value, entry in table(name).items():
        for phrase in entry["phrases"]:
            owner.setdefault(" ".join(re.split(r"[\s/-]+", phrase)), value)
    ordered = sorted(owner, key=len, reverse=True)
    parts = "|".join(r"[\s/,;-]{1,3}".join(map(re.escape, phrase.split())) for phrase in ordered)
    return re.compile(rf"(?<!\w)(?:{parts})(?!\w)"), owner
