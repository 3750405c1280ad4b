"""Themes of a plan by table: the six reform areas, the channels of communication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pipeline.document import Entity
from pipeline.entities.spans import Span
from pipeline.segment.tables import table

# Areas are looked for where the plan says what it communicates or does; the other sections name
# them in passing.
_AREA_SECTIONS = frozenset({"content", "tasks", "appendix", "objectives"})
_CHANNEL_SECTIONS = frozenset(
    {"forms", "content", "tasks", "implementation", "appendix", "objectives"}
)


def find_areas(spans: Sequence[Span]) -> list[Entity]:
    """Mentions of the six areas of Resolution 76/NQ-CP, in the content of the plan."""
    content = [span for span in spans if "content" in span.ids or "appendix" in span.ids]
    if not any("content" in span.ids for span in content):
        content = [span for span in spans if _AREA_SECTIONS & set(span.ids)]
    return _matches("area", "areas", content)


def find_channels(spans: Sequence[Span]) -> list[Entity]:
    """Mentions of channels, in the sections that say how."""
    return _matches("channel", "channels", [s for s in spans if _CHANNEL_SECTIONS & set(s.ids)])


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
            found.append(
                Entity(
                    kind=kind,
                    value=value,
                    text=span.text[match.start() : match.end()],
                    place=span.locate(match.start(), match.end()),
                    path=span.path,
                    section=span.ids,
                )
            )
    return found


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
