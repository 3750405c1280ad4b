"""Mentions of indices: PAR INDEX, SIPAS, PAPI, PCI and others.

Names are compared as folded words, so that "canh tranh" for "cạnh tranh" and lost marks do no harm;
one damaged word in a long name is forgiven. Acronyms are matched letter for letter
(:mod:`pipeline.entities.acronyms`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from pipeline.document import Mention
from pipeline.entities.acronyms import acronym, broken, gate, speaks_of_an_index
from pipeline.entities.spans import Span
from pipeline.segment.fold import UPPER, fold
from pipeline.segment.tables import table

Form = Literal["full", "abbr", "name", "elided", "theme"]
_ORDER: dict[str, int] = {"full": 0, "abbr": 1, "name": 2, "elided": 3, "theme": 4}
_UNSURE = 0.7  # below what audit.coverage counts without a person
# A name with its acronym is not longer than this.
_REACH = 400
_SENTENCE_END = re.compile(rf"[.!?…](?=\s+[{UPPER}\"“(-]|\s*$)|\n")
# Where a list that "chỉ số" governs ends: the sentence, or words that begin another thought.
_LIST_END = re.compile(
    r"[.…](?:\s|$)|\s(?:nham|gop phan|tren dia ban|trong nam|theo quy dinh|tai cac co quan|"
    r"tai don vi|dong thoi|qua do|tu do|de)\s"
)
_WORD = re.compile(r"[^\W_]+")
_HEAD = re.compile(r"\bchi so\b")
_ITEM = re.compile(r"\s*(?:[,;:/]|\bva\b|\b(?:cung |bao )?(?:nhu|gom)\b|\bhoac\b|&)\s*")
_LEAD = re.compile(r"[\s:]*(?:chi so\s+)?(?:ve\s+)?")
_ITEM_END = re.compile(rf"\s*(?:$|[(\[]|cap tinh|cua nguoi dan|cua to chuc|cua ca|{_ITEM.pattern})")
_OPENS_LIST = (":", "nhu", "gom")
_LONG_NAME = 24  # from this length on, a name may differ by a damaged word
_ALIKE = 90.0


@dataclass(frozen=True, slots=True)
class _Index:
    id: str
    abbreviation: re.Pattern[str] | None
    broken: re.Pattern[str] | None
    owners: re.Pattern[str] | None
    names: tuple[str, ...]
    short: tuple[str, ...]
    alone: tuple[str, ...]
    themes: tuple[str, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    index: str
    form: Form
    start: int
    end: int
    confidence: float


def find_mentions(span: Span, cited: Sequence[tuple[int, int]]) -> list[Mention]:
    """Every mention of an index in ``span``, with the sentence that holds it.

    ``cited`` are the stretches of the documents that it cites, with their subjects, in order; a
    mention inside one of them is marked cited.
    """
    starts = [start for start, _ in cited]
    found = []
    for hit in find_in_text(span.text, span.folded):
        before = bisect_right(starts, hit.start) - 1
        inside = before >= 0 and hit.start < cited[before][1]
        found.append(_mention(span, hit, inside))
    return found


def find_in_text(text: str, folded: str | None = None) -> list[_Hit]:
    """Hits in one text; of those that overlap, the fullest is kept."""
    folded = fold(text) if folded is None else folded
    hits = list(_abbreviations(text)) if gate().search(text) else []
    plain = " ".join(_WORD.findall(folded))
    at = _Offsets(folded)
    if "chi so" in plain:
        hits += _named(plain, at)
        hits += _listed(folded, [hit.start for hit in hits])
    hits += _alone(plain, at)
    return _fullest(hits, folded)


def _abbreviations(text: str) -> Iterator[_Hit]:
    for index in _indices():
        if index.abbreviation:
            for match in index.abbreviation.finditer(text):
                yield _Hit(index.id, "abbr", match.start(), match.end(), 0.95)
        if index.broken:
            for match in index.broken.finditer(text):
                # where nothing around it speaks of an index, a person should look
                sure = 0.85 if speaks_of_an_index(text, match.start()) else _UNSURE
                yield _Hit(index.id, "abbr", match.start(), match.end(), sure)


class _Offsets:
    """Where each character of a folded text's words, joined by single blanks, stands in it.

    Worked out when it is first asked for: few texts name an index.
    """

    def __init__(self, folded: str) -> None:
        self._folded = folded
        self._at: list[int] = []

    def __getitem__(self, place: int) -> int:
        if not self._at:
            for match in _WORD.finditer(self._folded):
                if self._at:
                    self._at.append(match.start())
                self._at.extend(range(*match.span()))
            self._at.append(len(self._folded))
        return self._at[place]


def _named(plain: str, at: _Offsets) -> Iterator[_Hit]:
    """Names with their head: the longest that begins at each "chỉ số"."""
    for head in _HEAD.finditer(plain):
        start = head.start()
        best = _exact_name(plain, start) or _damaged_name(plain, start)
        if best and not _is_other(best[1], plain[start:]):
            end = min(best[0], len(plain))
            sure = 0.9 * best[2] if _of_owners(best[1], plain[end:]) else _UNSURE
            yield _Hit(best[1], "name", at[start], at[end - 1] + 1, sure)


def _exact_name(plain: str, start: int) -> tuple[int, str, float] | None:
    """End, index and likeness of the longest name whose "chỉ số" stands at ``start``."""
    for index, name in _heads():
        begin = start - name.index("chi so")
        end = begin + len(name)
        if begin >= 0 and plain.startswith(name, begin) and not plain[end : end + 1].isalnum():
            return end, index, 1.0
    return None


def _damaged_name(plain: str, start: int) -> tuple[int, str, float] | None:
    best: tuple[int, str, float] | None = None
    for index, name in _heads():
        if len(name) < _LONG_NAME or not name.startswith("chi so"):
            continue
        end = start + len(name)
        while end < len(plain) and plain[end].isalnum():
            end += 1
        ratio = fuzz.ratio(plain[start:end], name, score_cutoff=_ALIKE) / 100
        if ratio and (best is None or ratio > best[2]):
            best = (end, index, ratio)
    return best


def _listed(folded: str, known: Sequence[int]) -> Iterator[_Hit]:
    """Names without head in a list that "chỉ số" governs: "các Chỉ số: CCHC, PAPI, SIPAS".

    ``known`` is where other indices begin. "Chỉ số sản xuất, cải cách hành chính …" lists no
    indices: the first item must be one, unless a colon (or "như", "gồm") opens the list.
    """
    heads = list(_HEAD.finditer(folded))
    for number, head in enumerate(heads):
        # the next head governs what follows it
        stop = heads[number + 1].start() if number + 1 < len(heads) else len(folded)
        stop = min(stop, head.end() + 600)
        end = _LIST_END.search(folded, head.end(), stop)
        stop = end.start() if end else stop
        at, of_indices = head.end(), False
        while at < stop:
            hit = _listed_item(folded[at:stop], at)
            # a name may hold an "và" itself, so that the item ends behind it
            separator = _ITEM.search(folded, hit.end if hit else at, stop)
            last = separator.start() if separator else stop
            if at == head.end():
                of_indices = hit is not None or any(head.start() <= n < last for n in known)
            if hit and (of_indices or _opens_bracket(folded, hit.end)):
                yield hit
            if separator is None:
                break
            of_indices |= separator[0].strip().endswith(_OPENS_LIST)
            at = separator.end()


def _listed_item(rest: str, at: int) -> _Hit | None:
    """The name that the list's rest begins with, where nothing but an end follows it."""
    lead = _LEAD.match(rest)
    skip = lead.end() if lead else 0
    for index in _indices():
        for short in index.short:
            found = _spaced(short).match(rest, skip)
            if not found or not _ITEM_END.match(rest, found.end()):
                continue
            if not _is_other(index.id, " ".join(rest[skip : found.end() + 40].split())):
                return _Hit(index.id, "elided", at + skip, at + found.end(), 0.8)
    return None


@lru_cache(maxsize=64)
def _spaced(words: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(re.escape, words.split())) + r"\b")


def _alone(plain: str, at: _Offsets) -> Iterator[_Hit]:
    groups: tuple[Form, Form] = ("name", "theme")
    for index in _indices():
        for form, words_of in zip(groups, (index.alone, index.themes), strict=True):
            for words in words_of:
                start = plain.find(words)
                while start >= 0:
                    end = start + len(words)
                    whole = (
                        not plain[end : end + 1].isalnum()
                        and not plain[start - 1 : start].isalnum()
                    )
                    if whole and not _is_other(index.id, plain[start:]):
                        sure = 0.85 if form == "name" else 0.5
                        yield _Hit(index.id, form, at[start], at[end - 1] + 1, sure)
                    start = plain.find(words, end)


def _is_other(index: str, plain: str) -> bool:
    """Whether the words open the name of another index or notion (``not`` of the table)."""
    excluded = next(found.excluded for found in _indices() if found.id == index)
    bare = plain.removeprefix("bo ").removeprefix("chi so ").removeprefix("ve ")
    return any(bare.startswith(words) for words in excluded)


def _of_owners(index: str, behind: str) -> bool:
    """Whether the words behind a name leave the index whose it is, where the table says so.

    "Chỉ số hài lòng của người dân" is the SIPAS, "… của phụ huynh" hardly.
    """
    owners = next(found.owners for found in _indices() if found.id == index)
    return owners is None or owners.match(behind) is not None


def _owners(words: Sequence[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    # "của" and whoever it is that the table knows, or anything but "của"
    return re.compile(rf"(?!\s*cua )|\s*cua (?:cac |moi |)(?:{'|'.join(map(re.escape, words))})\b")


def _fullest(hits: list[_Hit], folded: str) -> list[_Hit]:
    """Join a name with the acronym behind it, and drop what a fuller hit covers."""
    by_index: dict[str, list[_Hit]] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, _ORDER[hit.form])):
        by_index.setdefault(hit.index, []).append(hit)
    result: list[_Hit] = []
    for index, found in by_index.items():
        result += _joined(index, found, folded)
    return sorted(result, key=lambda hit: hit.start)


def _joined(index: str, found: list[_Hit], folded: str) -> list[_Hit]:
    """The hits of one index, each acronym with the name that stands closely before it."""
    named = [
        hit
        for hit in found
        if hit.form in ("name", "elided")
        or (hit.form == "theme" and _opens_bracket(folded, hit.end))
    ]
    starts = [hit.start for hit in named]
    kept: list[_Hit] = []
    for hit in found:
        if hit.form != "abbr":
            continue
        nearby = named[bisect_left(starts, hit.start - _REACH) : bisect_left(starts, hit.start)]
        before = [n for n in nearby if n.end <= hit.start and _near(folded, n.end, hit.start)]
        form: Form = "full" if before else "abbr"
        start = before[0].start if before else hit.start
        kept.append(_Hit(index, form, start, hit.end, 0.98 if before else hit.confidence))
    for forms in (("name",), ("elided",), ("theme",)):
        edges = [hit.start for hit in kept]
        for hit in found:
            if hit.form in forms:
                around = kept[
                    bisect_left(edges, hit.start - _REACH) : bisect_right(edges, hit.start)
                ]
                if not any(other.end > hit.start for other in around):
                    kept.append(hit)
        kept.sort(key=lambda hit: hit.start)
    return kept


def _near(folded: str, end: int, start: int) -> bool:
    """Whether an acronym belongs to the name before it: no other item of the list in between."""
    between = folded[end:start]
    return (
        len(between) < 160 and "chi so" not in between and ";" not in between and ")" not in between
    )


def _opens_bracket(folded: str, end: int) -> bool:
    return folded[end : end + 2].lstrip().startswith("(")


def _mention(span: Span, hit: _Hit, cited: bool) -> Mention:
    start, end = _sentence(span.text, hit.start, hit.end)
    text = span.text[hit.start : hit.end]
    return Mention(
        index=hit.index,
        form=hit.form,
        text=text,
        quote=span.text[start:end].strip(),
        place=span.locate(hit.start, hit.end),
        quote_place=span.locate(start, end),
        path=span.path,
        section=span.ids,
        cited=cited,
        confidence=hit.confidence,
    )


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a stretch; of a very long one, 600 characters to either side."""
    low = max(0, start - 600)
    first = low
    for match in _SENTENCE_END.finditer(text, low, start):
        first = match.end()
    last = _SENTENCE_END.search(text, end, min(len(text), end + 600))
    return first, last.end() if last else min(len(text), end + 600)


@lru_cache(maxsize=1)
def _indices() -> tuple[_Index, ...]:
    return tuple(
        _Index(
            id=name,
            abbreviation=acronym(entry),
            broken=broken(entry),
            owners=_owners(entry.get("owners", ())),
            names=tuple(entry["names"]),
            short=tuple(sorted(entry["short"], key=len, reverse=True)),
            alone=tuple(entry["alone"]),
            themes=tuple(entry["themes"]),
            excluded=tuple(entry.get("not", ())),
        )
        for name, entry in table("indices").items()
    )


@lru_cache(maxsize=1)
def _heads() -> tuple[tuple[str, str], ...]:
    pairs = [(index.id, name) for index in _indices() for name in index.names]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[1])))
