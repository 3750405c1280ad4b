"""The issuing unit: from letterhead, title, opening sentence, signature and text.

Every place that names a unit votes with a weight; names are brought to the gazetteer's spelling.
What neither the document nor the gazetteer decides stays open, with candidates.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from rapidfuzz import fuzz, process

from pipeline.document import Place
from pipeline.entities.gazetteer import (
    COMMUNE_TYPES,
    DISTRICT_TYPES,
    REORGANISED,
    AdminUnit,
    gazetteer,
    key,
    short_province,
)
from pipeline.entities.spans import Span
from pipeline.segment.fold import UPPER, fold, is_caps

_KINDS = r"thị trấn|thị xã|thành phố|đặc khu|phường|huyện|quận|xã|tỉnh|TP\.?|TX\.?|TT\."
_CAPITAL = rf"[{UPPER}]"
_WORD = rf"{_CAPITAL}[\w'’]*"
_NAMED = re.compile(
    rf"(?<!\w)(?P<kind>(?i:{_KINDS}))\s+(?P<name>{_WORD}(?:(?:\s|\s?-\s?){_WORD}){{0,4}}(?:\s\d{{1,2}}(?!\d))?"
    rf"|(?i:số\s)?\d{{1,2}}(?![\d/.%]))"
)
_FOLDED_KINDS = {
    "thi tran": "thị trấn", "thi xa": "thị xã", "thanh pho": "thành phố", "dac khu": "đặc khu",
    "phuong": "phường", "huyen": "huyện", "quan": "quận", "xa": "xã", "tinh": "tỉnh",
    "tp.": "thành phố", "tp": "thành phố", "tx.": "thị xã", "tx": "thị xã", "tt.": "thị trấn",
}  # fmt: skip
# Words that begin with a capital behind a kind, but are no name.
_NOT_NAMES = frozenset(
    {"uy", "doan", "hoi", "ubnd", "hdnd", "mttq", "nam", "va", "ve", "trong", "nhan dan", "dang"}
)
# A name ends before these words, which may stand in capitals in a heading.
_TAIL = re.compile(
    r"\s(?:NĂM|VỀ|GIAI|TRÊN|CÔNG|KHÓA|NHIỆM|CỘNG|ĐỘC|TỈNH|THÀNH PHỐ|HUYỆN|QUẬN|THỊ XÃ)\b.*$",
    re.IGNORECASE,
)
_WEIGHTS = {"agency": 10.0, "title": 7.0, "opening": 5.0, "signature": 5.0, "article": 4.0}
# A province that letterhead, title, opening sentence or an article names is where the unit lies.
_STATED = 2.0
# Without a unit, only a province that is named so often, and twice as often as the next, is meant.
_OWN, _NEXT = 3.0, 2.0
# Where somebody sits is not who issues: "Địa chỉ: 12 Lê Lợi, phường Bến Nghé".
_ADDRESS = re.compile(r"\b(?:dia chi|tru so)(?:\s\w+){0,4}\s*:")
_AGENCY = re.compile(r"(?:uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd)\s*$")


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit as a text names it; ``official`` when a body of the unit is named, not the place."""

    kind: str
    name: str
    start: int
    end: int
    official: bool


@dataclass(frozen=True, slots=True)
class IssuingUnit:
    """What is known of the unit that issues a document; ``name`` includes the type."""

    name: str | None = None
    kind: str | None = None
    level: str | None = None
    parents: tuple[str, ...] = ()
    province: str | None = None
    successors: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    place: Place | None = None
    confidence: float = 0.0

    @property
    def listed(self) -> bool:
        """Whether the gazetteer has a unit of that name where the document says it is."""
        return self.confidence >= 0.9 or bool(self.candidates)


@dataclass(slots=True)
class _Votes:
    weight: float = 0.0
    spelling: str = ""
    kind: str = ""
    place: Place | None = None
    best: float = 0.0
    sources: set[str] = field(default_factory=set)


def find_named_units(text: str) -> list[NamedUnit]:
    """Units named in a text, in order.

    >>> [(u.kind, u.name) for u in find_named_units("UBND xã Minh Tân, huyện Vũ Thư")]
    [('xã', 'Minh Tân'), ('huyện', 'Vũ Thư')]
    """
    found = []
    for match in _NAMED.finditer(text):
        kind = _FOLDED_KINDS[fold(match["kind"])]
        raw = match["name"]
        if match["kind"].islower() and text[: match.start()].lower().endswith("hợp tác "):
            continue
        name = _trim(raw, match["kind"].isupper())
        if not name or fold(name) in _NOT_NAMES or fold(name.split()[0]) in _NOT_NAMES:
            continue
        official = (
            _AGENCY.search(fold(text[max(0, match.start() - 30) : match.start()])) is not None
        )
        found.append(
            NamedUnit(kind, name, match.start(), match.start("name") + len(name), official)
        )
    return found


def _trim(raw: str, caps: bool) -> str:
    """The words of a name: capitals all through in a heading, else words with a capital."""
    name = _TAIL.sub("", f" {raw}" if caps else raw).strip() if caps else raw
    words = []
    for word in re.split(r"(\s+|\s?-\s?)", name):
        if word.strip(" -") and not (word[0].isupper() or word[0].isdigit()):
            break
        words.append(word)
    return "".join(words).strip(" -")


def issuing_unit(spans: Sequence[Span], *, issued: str | None, headed: bool = True) -> IssuingUnit:
    """The unit that issues the document; ``issued`` is the (earliest possible) date of issue.

    Without a head (``headed``: a document type, or the form of a plan) only a line of capitals that
    names an agency, or an opening sentence, tells who issues: an invoice names its buyer as well.
    """
    votes = _count(spans)
    if not headed:
        votes = {name: vote for name, vote in votes.items() if {"agency", "opening"} & vote.sources}
    provinces = _provinces(spans)
    if not votes:
        return _only_province(provinces)
    best = max(votes.values(), key=lambda vote: vote.weight + 0.1 * (not _is_province(vote)))
    if best.weight < 4.0:
        return _only_province(provinces)
    lower = [v for v in votes.values() if not _is_province(v) and v.weight >= 4.0]
    if _is_province(best) and lower:
        # a commune's letterhead names its province too: the lower unit, unless it is a mere mention
        nearest = max(lower, key=lambda vote: vote.weight)
        best = nearest if nearest.weight >= best.weight / 1.2 else best
    return _resolve(best, votes, provinces, issued)


def _count(spans: Sequence[Span]) -> dict[str, _Votes]:
    votes: dict[str, _Votes] = defaultdict(_Votes)
    for span in spans:
        if _ADDRESS.search(span.folded[:60]):
            continue
        source = _source(span)
        plain = 0.0
        for unit in find_named_units(span.text):
            weight = _WEIGHTS.get(source, 0.0) or (0.6 if unit.official else 0.3)
            if source == "opening":
                weight = _opening_weight(span, unit)
            if not _WEIGHTS.get(source):
                plain += weight
                if plain > 2.0:
                    continue
            vote = votes[key(f"{unit.kind} {unit.name}")]
            vote.weight += weight
            vote.kind = unit.kind
            vote.sources.add(source)
            if weight > vote.best:
                vote.best, vote.spelling = weight, unit.name
                vote.place = span.locate(unit.start, unit.end)
    return dict(votes)


def _opening_weight(span: Span, unit: NamedUnit) -> float:
    """In the preamble, "UBND xã … ban hành" names the issuer and "của UBND huyện …" its parent."""
    before = span.folded[max(0, unit.start - 40) : unit.start]
    after = span.folded[unit.end : unit.end + 40]
    if re.match(r"\s*(?:ban hanh|xay dung|trien khai|lap|de ra|to chuc)", after) and unit.official:
        return 6.0
    if re.search(r"dia ban\s*$", before):
        return 2.0
    return 0.5


def _source(span: Span) -> str:
    if "header" in span.ids:
        return "agency" if is_caps(span.text, share=0.6) and len(span.text) < 110 else "title"
    if "signature" in span.ids:
        return "signature"
    if "legal_basis" in span.ids:
        return "opening"
    if "decision" in span.ids:
        return "article"
    return "text"


def _provinces(spans: Sequence[Span]) -> dict[str, float]:
    """Provinces that the document names, by full name, with weights."""
    counts: dict[str, float] = defaultdict(float)
    for span in spans:
        if _ADDRESS.search(span.folded[:60]):
            continue
        weight = {"agency": 5.0, "title": 3.0, "opening": 2.0, "article": 2.0}.get(
            _source(span), 1.0
        )
        for unit in find_named_units(span.text):
            if unit.kind in ("tỉnh", "thành phố"):
                full = gazetteer().province(f"{unit.kind} {unit.name}")
                if full:
                    counts[full] += weight
    return dict(counts)


def _is_province(vote: _Votes) -> bool:
    if vote.kind == "tỉnh":
        return True
    name = f"thành phố {vote.spelling}"
    return vote.kind == "thành phố" and gazetteer().province(name) is not None


def _only_province(provinces: dict[str, float]) -> IssuingUnit:
    weights = sorted(provinces.values(), reverse=True)
    told = weights and weights[0] >= max(_OWN, _NEXT * sum(weights[1:2]))
    return IssuingUnit(province=short_province(_top(provinces)) if told else None)


def _top(counts: dict[str, float]) -> str:
    return max(counts, key=lambda name: counts[name])


def _resolve(
    best: _Votes, votes: dict[str, _Votes], provinces: dict[str, float], issued: str | None
) -> IssuingUnit:
    name = tidy_name(best.spelling)
    if _is_province(best):
        full = gazetteer().province(f"{best.kind} {name}") or f"{best.kind} {name}"
        moved = gazetteer().successor_of_province(full)
        before = issued is None or issued < REORGANISED
        return IssuingUnit(
            name=full,
            kind=best.kind,
            level="province",
            province=short_province(full),
            successors=(moved,) if moved != full and before else (),
            place=best.place,
            confidence=0.95,
        )
    known = _known(best.kind, name, provinces)
    units = _of_time(known, issued)
    districts = _districts(votes)
    fitting = _as_written(_fitting(units, districts, provinces), name)
    level = "commune" if best.kind in COMMUNE_TYPES else "district"
    if len({(unit.district, unit.province) for unit in fitting}) == 1:
        return _settled(fitting[0], best, level, issued)
    stated = [d for d in districts if level == "commune"][:1]
    parents = [f"{vote.kind} {tidy_name(vote.spelling)}" for vote in stated]
    province = _top(provinces) if provinces else None
    if province:
        parents.append(province)
    return IssuingUnit(
        name=f"{best.kind} {name}",
        kind=best.kind,
        level=level,
        parents=tuple(parents),
        province=short_province(province) if province else None,
        candidates=tuple(dict.fromkeys(_described(unit) for unit in fitting[:8])),
        place=best.place,
        confidence=0.7,
    )


def _settled(unit: AdminUnit, vote: _Votes, level: str, issued: str | None) -> IssuingUnit:
    parents = tuple(parent for parent in (unit.district, unit.province) if parent)
    before = unit.era == "old" and (issued is None or issued < REORGANISED)
    return IssuingUnit(
        name=unit.full,
        kind=unit.kind,
        level=level,
        parents=parents,
        province=short_province(unit.province),
        successors=unit.successors if before else (),
        place=vote.place,
        confidence=0.95,
    )


def _known(kind: str, name: str, provinces: dict[str, float]) -> list[AdminUnit]:
    """Units of the gazetteer by that name, or by one that a damaged name stands for."""
    units = gazetteer().find(kind, name)
    if units or not provinces or len(key(name)) < 5:
        return units
    kinds = COMMUNE_TYPES if kind in COMMUNE_TYPES else DISTRICT_TYPES
    near = {
        unit_key: found
        for unit_key, found in gazetteer().names(kinds).items()
        if any(unit.province in provinces for unit in found)
    }
    match = process.extractOne(
        key(f"{kind} {name}"), near.keys(), scorer=fuzz.ratio, score_cutoff=88
    )
    return near[match[0]] if match else []


def _of_time(units: Iterable[AdminUnit], issued: str | None) -> list[AdminUnit]:
    """The units that existed at a date; all of them when it is unknown or none did."""
    units = list(units)
    if issued is None:
        return units
    era = "new" if issued >= REORGANISED else "old"
    return [unit for unit in units if unit.era == era] or units


def _districts(votes: dict[str, _Votes]) -> list[_Votes]:
    found = [v for v in votes.values() if v.kind in DISTRICT_TYPES and not _is_province(v)]
    return sorted(found, key=lambda vote: -vote.weight)


def _fitting(
    units: list[AdminUnit], districts: list[_Votes], provinces: dict[str, float]
) -> list[AdminUnit]:
    """Those of several units that the districts and provinces of the document point to."""
    named = {key(f"{vote.kind} {vote.spelling}") for vote in districts}
    by_district = [unit for unit in units if unit.district and key(unit.district) in named]
    units = by_district or units
    by_province = [unit for unit in units if unit.province in provinces]
    units = by_province or _not_elsewhere(units, provinces)
    new = [unit for unit in units if unit.era == "new"]
    old = [unit for unit in units if unit.era == "old"]
    return new if len(new) == 1 and not old else old or new


def _not_elsewhere(units: list[AdminUnit], provinces: dict[str, float]) -> list[AdminUnit]:
    """Those that may lie where the document says it is: names recur in other provinces.

    A plan of 2025 cites its province by the old name or by the new one.
    """
    stated = {name for name, weight in provinces.items() if weight >= _STATED}
    if not stated:
        return units
    moved = gazetteer().successor_of_province
    today = {moved(name) for name in stated}
    return [unit for unit in units if moved(unit.province) in today]


def spelt(name: str) -> list[list[str]]:
    """A name's letters and marks by word, wherever the tone mark is placed ("Hoà", "Hòa")."""
    return [sorted(normalize("NFD", word)) for word in name.lower().split()]


def _as_written(units: list[AdminUnit], name: str) -> list[AdminUnit]:
    """Of units that differ by marks alone, those spelt as the document spells the name."""
    return [unit for unit in units if spelt(unit.name) == spelt(name)] or units


def _described(unit: AdminUnit) -> str:
    return ", ".join(part for part in (unit.full, unit.district, unit.province) if part)


def tidy_name(name: str) -> str:
    """A name in ordinary letters: "DIÊU TRÌ" is "Diêu Trì"; mixed case stays as it is.

    >>> tidy_name("DIÊU TRÌ"), tidy_name("Phú Hòa")
    ('Diêu Trì', 'Phú Hòa')
    """
    if not is_caps(name, share=0.9):
        return name
    return re.sub(r"[^\W\d_]+", lambda word: word.group().capitalize(), name)
