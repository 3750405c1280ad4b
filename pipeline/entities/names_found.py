"""Names by rules and by the trained recogniser, as one list: two voices, one confidence.

Where both say the same, it is nearly sure; where only one speaks, or they differ, the confidence is
lower. Codes and dates have a grammar, and there the rules alone decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.document import Entity
from pipeline.entities.recognise import Label, Name, recognise
from pipeline.entities.spans import Span
from pipeline.entities.tagger import tag
from pipeline.restore.syllables import has_marks, is_syllable
from pipeline.segment.fold import UPPER, nfc

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
_WORD = re.compile(r"[^\W\d_]+")
_FEW, _ODD = 4, 0.15  # fewer words tell nothing; of more, this share may be foreign or abbreviated
_GOES_ON = re.compile(rf"\s[{UPPER}]")
# Shorter ones are abbreviations that say nothing by themselves.
_LEAST = 3


def find_names(spans: Sequence[Span]) -> list[Entity]:
    """The names of all spans, by rules and by the trained recogniser.

    Raises ModelError when the recogniser's model is not there.
    """
    tagged = tag([span.text for span in spans])
    return [
        entity
        for span, names in zip(spans, tagged, strict=True)
        for entity in _entities(span, names)
    ]


def _entities(span: Span, tagged: Sequence[Name]) -> Iterator[Entity]:
    for name in combine(span.text, recognise(span.text, span.folded), tagged):
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


def combine(text: str, rules: Sequence[Name], tagged: Sequence[Name]) -> list[Name]:
    """The names of both in a text, in order, none over another.

    >>> both = combine("Sở Y tế và bà Lò Mai", [Name(0, 7, "ORG")],
    ...                [Name(0, 7, "ORG", 0.6), Name(14, 20, "PER", 0.6)])
    >>> [(n.start, n.end, n.label, n.confidence) for n in both]
    [(0, 7, 'ORG', 0.98), (14, 20, 'PER', 0.6)]
    """
    tagged = [_trimmed(text, name) for name in tagged]
    damaged = bool(tagged) and is_damaged(text)
    found: list[Name] = []
    for rule in rules:
        over = [other for other in tagged if rule.start < other.end and other.start < rule.end]
        found.append(_settle(text, rule, over, damaged=damaged))
    found += [
        other
        for other in tagged
        if not _touches(other, found)
        and (damaged or _is_likely(text[other.start : other.end], other.label))
    ]
    return _apart(sorted(found, key=lambda name: (name.start, -name.end)))


def _trimmed(text: str, name: Name) -> Name:
    """Without the marks at its end: "Sở Nội vụ./."."""
    return replace(name, end=name.start + len(text[name.start : name.end].rstrip(" ./,;:-")))


def _is_likely(name: str, label: Label) -> bool:
    """Whether to believe the recogniser alone: a name begins with a capital, and has others.

    Headings in capitals look like names to it; codes and dates have a grammar, which it has not.
    """
    if label in _BY_GRAMMAR or ":" in name or len(name.split()) < 2:
        return label == "PROD" and len(name) > _LEAST
    return label == "PROD" or (name[0].isupper() and not name.isupper())


def is_damaged(text: str) -> bool:
    """Whether a text has lost its marks or letters: there rules see less than the recogniser.

    >>> is_damaged("Phong Noi vu huyen bao cao"), is_damaged("Phòng Nội vụ huyện báo cáo")
    (True, False)
    """
    words = [word for word in _WORD.findall(text) if word.islower() or word.istitle()]
    if len(words) < _FEW:
        return False
    odd = sum(not is_syllable(word.lower()) for word in words)
    return odd > _ODD * len(words) or not any(map(has_marks, words))


def _settle(text: str, rule: Name, over: Sequence[Name], *, damaged: bool) -> Name:
    """One rule's name with what the recogniser has in its place."""
    if rule.label in _BY_GRAMMAR:
        return rule
    if not over:
        return replace(rule, confidence=rule.confidence * _UNSEEN)
    if any((o.start, o.end, o.label) == (rule.start, rule.end, rule.label) for o in over):
        return replace(rule, confidence=_AGREED)
    longer = over[0]
    if damaged and len(over) == 1:
        return longer
    if len(over) == 1 and longer.label in ("ORG", "PER") and longer.start <= rule.start:
        more = text[rule.end : longer.end]
        if _GOES_ON.match(more) and ":" not in more:
            return replace(longer, confidence=_LONGER)
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
