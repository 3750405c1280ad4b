"""Names in a text by rules and gazetteers: offices, persons, places, documents, dates, products.

The rules know the grammar of official names: what they begin with, the fields that offices are in
charge of, the place behind them. They also label the text that the recogniser of ``models/ner`` is
trained on; both are combined in :mod:`pipeline.entities.names_found`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.entities.citations import find_citations
from pipeline.entities.dates import find_dates
from pipeline.entities.gazetteer import gazetteer
from pipeline.entities.names import name_words, surnames
from pipeline.entities.units import find_named_units
from pipeline.segment.fold import LOWER, UPPER, fold
from pipeline.segment.tables import table

Label = Literal["ORG", "PER", "LOC", "DOC", "DATE", "PROD"]
LABELS: tuple[Label, ...] = ("ORG", "PER", "LOC", "DOC", "DATE", "PROD")
_KIND = r"(?:tinh|thanh pho|huyen|quan|thi xa|thi tran|xa|phuong|dac khu|thon|ap|khu pho)"
_MONTH = re.compile(r"\bthang\s(?:0?[1-9]|1[0-2])(?:/|\snam\s)20\d\d(?![\d/])")
_SHORT_DATE = re.compile(r"(?<=\bngay\s)(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])(?![\d/])")
_PLACE_LINE = re.compile(r"^\W*(?P<place>[^\W\d_][^\d:;,()]{1,40}),\s+ngay\s[\d.… ]")
_VILLAGE = re.compile(
    rf"\b(?:[Tt]hôn|[Ấấ]p|[Bb]ản|[Kk]hu phố|[Tt]ổ dân phố|[Đđ]ảo)\s+"
    rf"(?:[{UPPER}][{LOWER}]+|\d{{1,2}})(?:\s[{UPPER}][{LOWER}]+){{0,3}}"
)
_NAME = re.compile(rf"(?<![\w])[{UPPER}][{LOWER}]+(?:\s[{UPPER}][{LOWER}]*){{1,4}}(?![\w])")
_BEHIND = "viet nam|dang bo|dang uy|tinh uy|thanh uy|huyen uy|chinh phu|nha nuoc"
_COMMON = frozenset({"so", "bo", "ban", "vu", "hoi", "doan", "vien", "bao"})
_TITLES = frozenset({"ong", "ba", "anh", "chi", "thay", "co"})
_TITLE = re.compile(r"\b(?:ong|ba|dong chi|d/c|anh|chi|thay|co)\s*:?\s*$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text with its label; ``confidence`` 0 to 1."""

    start: int
    end: int
    label: Label
    confidence: float = 0.9


def recognise(text: str, folded: str | None = None) -> list[Name]:
    """The names that rules find in a text, in order, none over another.

    ``folded`` is the folded text, where it is known already.

    >>> text = "Phòng Nội vụ huyện báo cáo UBND xã Minh Tân trước ngày 20/02/2025."
    >>> [(text[n.start : n.end], n.label) for n in recognise(text)]
    [('Phòng Nội vụ huyện', 'ORG'), ('UBND xã Minh Tân', 'ORG'), ('20/02/2025', 'DATE')]
    """
    folded = fold(text) if folded is None else folded
    found: list[Name] = []
    for finder in (_documents, _dates, _organisations, _places, _products, _persons):
        for name in finder(text, folded):
            if not any(name.start < other.end and other.start < name.end for other in found):
                found.append(name)
    return sorted(found, key=lambda name: name.start)


def _documents(text: str, folded: str) -> Iterator[Name]:
    for citation in find_citations(text, folded):
        end = citation.code_end
        if citation.code is None:  # a law, by its name
            end = citation.start + len(
                re.split(r",?\s+ngày\s|,?\s+năm\s", text[citation.start : citation.end])[0]
            )
        while end > citation.start and text[end - 1] in " ,;.":
            end -= 1
        yield Name(citation.start, end, "DOC", 0.97)


def _dates(text: str, folded: str) -> Iterator[Name]:
    del text
    for start, end, _ in find_dates(folded):
        yield Name(start, end, "DATE", 0.98)
    for pattern in (_MONTH, _SHORT_DATE):
        for match in pattern.finditer(folded):
            yield Name(match.start(), match.end(), "DATE", 0.9)


def _organisations(text: str, folded: str) -> Iterator[Name]:
    for match in _organisation().finditer(folded):
        start, end = match.span()
        field = match.start("field")
        if not text[start].isupper():
            continue
        if field >= 0 and not text[field].isupper() and folded[start:field].strip() in _COMMON:
            continue  # "Đoàn kiểm tra" is no name, "Đoàn Thanh niên" is
        named = find_named_units(text[match.start("place") :]) if match["place"] else []
        if named and named[0].start == 0:
            end = match.start("place") + named[0].end
        yield Name(start, end, "ORG", 0.92)


@lru_cache(maxsize=1)
def _organisation() -> re.Pattern[str]:
    listed = table("organisations")

    def any_of(name: str) -> str:
        return "|".join(sorted(map(re.escape, listed[name]), key=len, reverse=True))

    field = rf"(?:{any_of('fields')})"
    fields = rf"{field}(?:(?:,\s|\s?[-–—&]\s?|\sva\s){field})*"
    whole = rf"(?:{any_of('whole')})(?!\svien\b)(?:\sva\s(?:ubnd|uy ban nhan dan))?"
    body = rf"(?:(?:{any_of('heads')})\s(?P<field>{fields})|{whole})"
    post = rf"(?:(?:{any_of('posts')}|ct)(?:,\s|\s))"
    place = rf"(?P<place>(?:cac |\d{{1,3}} )?{_KIND}\b(?:(?:,\s|\sva\s){_KIND}\b)*)"
    alone = r"truong (?:cac )?(?:thon|ap|khu pho|ban)|truong (?:phong|ban) " + fields
    return re.compile(
        rf"(?<!\w)(?:{post}{{0,2}}{body}(?:\s(?:{_BEHIND})\b){{0,2}}"
        rf"(?:\s{place})?|{alone}|{post}{{1,2}}(?P<q>{fields}))(?!\w)"
    )


def _places(text: str, folded: str) -> Iterator[Name]:
    for unit in find_named_units(text):
        if not unit.official:
            yield Name(unit.start, unit.end, "LOC", 0.9)
    if match := _PLACE_LINE.match(folded):
        yield Name(match.start("place"), match.end("place"), "LOC", 0.9)
    for match in _VILLAGE.finditer(text):
        yield Name(match.start(), match.end(), "LOC", 0.85)
    for match in _NAME.finditer(text):
        if gazetteer().province(match.group()):
            yield Name(match.start(), match.end(), "LOC", 0.8)


def _products(text: str, folded: str) -> Iterator[Name]:
    del text
    for match in _product().finditer(folded):
        yield Name(match.start(), match.end(), "PROD", 0.9)


@lru_cache(maxsize=1)
def _product() -> re.Pattern[str]:
    phrases = sorted(map(re.escape, table("organisations")["products"]), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?:\s{_KIND}\b)?(?!\w)")


def _persons(text: str, folded: str) -> Iterator[Name]:
    known = name_words()
    for match in _NAME.finditer(text):
        start = match.start()
        words = [fold(word) for word in match.group().split()]
        if words[0] in _TITLES and len(words) > 2:  # "Ông Nguyễn Văn An"
            start, words = start + match.group().index(" ") + 1, words[1:]
        titled = (
            start > match.start()
            or _TITLE.search(folded[max(0, match.start() - 12) : match.start()]) is not None
        )
        listed = words[0] in surnames() and all(word in known for word in words[1:])
        if (listed and len(words) >= 3) or (titled and len(words) >= 2):
            yield Name(start, match.end(), "PER", 0.9 if listed else 0.75)
