"""Names by rules and by the trained recogniser, as one list: two voices, one confidence.

Where both say the same, it is nearly sure; where only one speaks, or they differ, the confidence is
lower. Codes and dates have a grammar, and there the rules alone decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.document import Entity
from pipeline.entities.recognise import Label, Name, recognise
from pipeline.entities.spans import Span
from pipeline.entities.tagger import tag
from pipeline.segment.fold import nfc

KINDS: dict[Label, str] = {
    "ORG": "organisation", "PER": "person", "LOC": "place", "DOC": "document", "DATE": "date",
    "PROD": "product",
}  # fmt: skip
_BY_GRAMMAR = frozenset({"DOC", "DATE"})
_AGREED = 0.98
_UNSEEN = 0.85  # of a rule's confidence, where the recogniser sees nothing
_DISPUTED = 0.75  # of a rule's confidence, where it sees something else
# A name that the recogniser sees to go on further than the rule does: "Báo" + "Trà Vinh".
_LONGER = 0.7
# What is not in these sections is running text that names little.
_LEAST = 3


def find_names(spans: Sequence[Span], *, trained: bool) -> list[Entity]:
    """The names of all spans; ``trained``: also ask the trained recogniser.

    Raises ModelError when that is asked for and is not there.
    """
    texts = [span.text for span in spans]
    tagged: Sequence[Sequence[Name]] = tag(texts) if trained else [()] * len(texts)
    return [
        entity
        for span, names in zip(spans, tagged, strict=True)
        for entity in _entities(span, names, trained=trained)
    ]


def _entities(span: Span, tagged: Sequence[Name], *, trained: bool) -> Iterator[Entity]:
    rules = recognise(span.text)
    for name in combine(rules, tagged) if trained else rules:
        text = span.text[name.start : name.end]
        if len(text) >= _LEAST:
            yield Entity(
                kind=KINDS[name.label],
                value=nfc(" ".join(text.split())),
                text=text,
                place=span.locate(name.start, name.end),
                confidence=round(name.confidence, 3),
                path=span.path,
                section=span.ids,
            )


def combine(rules: Sequence[Name], tagged: Sequence[Name]) -> list[Name]:
    """The names of both, in order, none over another.

    >>> both = combine([Name(0, 9, "ORG", 0.9)], [Name(0, 9, "ORG", 0.6), Name(20, 30, "PER", 0.6)])
    >>> [(n.start, n.end, n.label, n.confidence) for n in both]
    [(0, 9, 'ORG', 0.98), (20, 30, 'PER', 0.6)]
    """
    found: list[Name] = []
    for rule in rules:
        over = [other for other in tagged if rule.start < other.end and other.start < rule.end]
        found.append(_settle(rule, over))
    found += [
        other for other in tagged if other.label not in _BY_GRAMMAR and not _touches(other, found)
    ]
    return _apart(sorted(found, key=lambda name: (name.start, -name.end)))


def _settle(rule: Name, over: Sequence[Name]) -> Name:
    """One rule's name with what the recogniser has in its place."""
    if rule.label in _BY_GRAMMAR:
        return rule
    if not over:
        return replace(rule, confidence=rule.confidence * _UNSEEN)
    if any((o.start, o.end, o.label) == (rule.start, rule.end, rule.label) for o in over):
        return replace(rule, confidence=_AGREED)
    longer = [o for o in over if o.start <= rule.start and o.end >= rule.end]
    if len(over) == 1 and longer and longer[0].label in ("ORG", "PER"):
        return replace(longer[0], confidence=_LONGER)
    return replace(rule, confidence=rule.confidence * _DISPUTED)


def _touches(name: Name, found: Iterable[Name]) -> bool:
    return any(name.start < other.end and other.start < name.end for other in found)


def _apart(names: Sequence[Name]) -> list[Name]:
    """Names in order without those that stand within one before them."""
    result: list[Name] = []
    for name in names:
        if not result or name.start >= result[-1].end:
            result.append(name)
    return result
