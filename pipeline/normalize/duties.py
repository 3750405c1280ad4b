"""Who does what, with what money, and who reports to whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.document import Document, Place, Section
from pipeline.entities.offices import part_office, starts_with_office
from pipeline.normalize.record import Assignment, Funding, Reporting
from pipeline.normalize.where import own_words, where
from pipeline.segment.fold import LOWER, UPPER, fold
from pipeline.segment.headings import match_heading

_SOURCES = re.compile(
    r"(?:nguon\s+)?ngan sach (?:nha nuoc|trung uong|dia phuong|cap tinh|cap huyen|cap xa|tinh|"
    r"huyen|xa|"
    r"phuong|thi tran|thi xa|thanh pho|quan|dac khu)"
    r"|(?:kinh phi|chi) (?:hoat dong )?thuong xuyen|xa hoi hoa|huy dong(?: (?:cac nguon|"
    r"nguon))?(?: kinh phi)?"
    r"(?: hop phap)? khac|(?:cac )?nguon(?: kinh phi| luc| von| thu| tai chinh)? hop phap khac|"
    r"huy dong hop phap khac|chu dong (?:de xuat, )?(?:can doi, )?bo tri (?:nguon )?kinh phi|"
    r"cac nguon (?:kinh phi )?khac|long ghep (?:tu |trong |voi |"
    r"vao )?(?:cac )?"
    r"(?:chuong trinh|nguon)|tai tro|tu bo tri kinh phi|kinh phi tu chu|nguon thu su nghiep"
)
_WHICH = re.compile(r"^(?:nguồn|các)\s+(?=ngân sách)", re.IGNORECASE)
_MONEY = re.compile(r"\bkinh phi\b")
_GIVES = re.compile(r"\b(?:bo tri|ngan sach|du toan|nguon|dam bao|bao dam|can doi)\b")
_REPORT = re.compile(r"\bbao cao\b|\bgui ket qua\b|\btong hop ket qua\b")
_FREQUENCIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("tuần", re.compile(r"\bh[aă]ng tuan\b")),
    ("tháng", re.compile(r"\bhang thang\b|\bdinh ky thang\b|\bthang, quy\b|\bmoi thang\b")),
    ("quý", re.compile(r"\bquy\b(?! dinh| che| trinh| pham| hoach| mo| tac|en| uoc| dat)")),
    ("6 tháng", re.compile(r"\b(?:0?6|sau) thang\b|\bso ket\b.{0,20}\b6 thang")),
    ("năm", re.compile(r"\bhang nam\b|(?:,|va|thang,?)\s+(?:ca |bao cao )?nam\b(?! 20| thu)|"
    "\b01 nam\b|"
                       r"\bcuoi nam\b|\bbao cao nam\b|\btong ket nam\b")),
    ("đột xuất", re.compile(r"\bdot xuat\b")),
)  # fmt: skip
_TO = re.compile(
    r"\b(?:bao cao|gui|bao cao ket qua|ket qua)\b[^.;]{0,120}?\b(?:gui ve|ve|gui|cho|voi|den|toi|"
    r"len)\s+(?="
    r"(?:ubnd|uy ban nhan dan|so |phong |van phong|bo |ban |thuong truc|chu tich|cong chuc|"
    r"trung tam|"
    r"dang uy|huyen uy|tinh uy|thanh uy|lanh dao|hoi dong|ban thuong vu|to ))"
)
# "gửi UBND huyện (qua Phòng Nội vụ)": the office that takes the reports.
_THROUGH = re.compile(r"\((?:thong )?qua (?P<office>[^()]{4,80})\)")
# A single report, once the plan has been carried out.
_ONCE = re.compile(r"\btruoc (?:ngay )?\d|\bsau khi ket thuc\b|\bkhi ket thuc\b|\bcham nhat\b")
_TO_PLAIN = re.compile(
    r"\bbao cao\s+(?=(?:ubnd|uy ban nhan dan|so |phong |van phong|bo |thuong truc|chu tich|"
    r"ban thuong vu|dang uy|huyen uy|thanh uy|tinh uy|cap tren))"
)
_TO_END = re.compile(
    r"[,.;:]|\s(?:theo|de|truoc|khi|vao|tong hop|trong|dinh ky|qua he thong|ket qua|tinh hinh|"
    r"xem xet|"
    r"chi dao|hang (?:thang|quy|nam|tuan)|dung (?:thoi|han|quy)|day du|va to chuc|cong tac|ve)\b"
)
_ASKS = re.compile(r"\s+(?:ubnd|uy ban|chu tich|cap)[^.;]{0,40}\b(?:xem xet|quyet dinh|cho y kien)")
_SENTENCE = re.compile(rf"(?<=[.;!?…])\s+(?=[{UPPER}\"“])|\n")
_NAMES_AUDIENCE = re.compile(r"\b(?:doi tuong|thanh phan)\b")
_IN_CHARGE = re.compile(r"\s(?:la (?:co quan|don vi)|chu tri|co trach nhiem|chiu trach nhiem)\b")
_HEADINGS_OF_MANY = re.compile(
    r"^(?:cac|de nghi|doi voi|ubnd cac|truong (?:thon|khu|ap)|ubmttq|uy ban m)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the body with its place, path and section ids."""

    text: str
    place: Place
    path: str
    ids: tuple[str, ...]


def sentences(document: Document) -> Iterator[Sentence]:
    """The sentences of all paragraphs and points of the body."""
    for section in document.sections:
        if not {"header", "legal_basis", "recipients", "signature", "appendix"} & set(section.ids):
            yield from _sentences(section)


def _sentences(section: Section) -> Iterator[Sentence]:
    for part in (*section.paragraphs, *section.items):
        for text in _SENTENCE.split(part.text):
            if text.strip():
                yield Sentence(text.strip(), part.place, part.path, section.ids)
    for child in section.children:
        yield from _sentences(child)


def assignments_of(document: Document) -> list[Assignment]:
    """Each unit with its duties; one of them leads, where the duties say so."""
    found: list[tuple[str, list[str], str, Place]] = []
    names: dict[str, list[str]] = defaultdict(list)
    for entity in document.entities:
        if entity.kind == "organisation":
            names[entity.path].append(entity.text)
    for section in document.sections:
        if "implementation" in section.ids or "tasks" in section.ids:
            found += _under(section, names)
    lead = _lead_of(found)
    return [
        Assignment(
            unit=unit,
            lead=index == lead,
            duties=duties,
            path=path,
            where=where(document, place, own_words(unit, *duties)),
        )
        for index, (unit, duties, path, place) in enumerate(found)
    ]


def _under(
    section: Section, names: Mapping[str, Sequence[str]]
) -> list[tuple[str, list[str], str, Place]]:
    """The units under a section; in a list of offices a damaged name is taken for one too."""
    offices = [child for child in section.children if _is_office(child)]
    if len(offices) >= 2 or "implementation" in section.ids:
        found = []
        for child in section.children:
            if child in offices or ("implementation" in section.ids and _may_be_office(child)):
                found.append(_unit_of(child))
            else:
                found += _under(child, names)
        return found + _named_in(section, names)
    found = [unit for child in section.children for unit in _under(child, names)]
    return found + (_named_in(section, names) if "implementation" in section.ids else [])


def _may_be_office(section: Section) -> bool:
    """A short heading that is none of the known ones."""
    known = match_heading(section.heading)
    return 1 < len(section.heading.split()) < 16 and not (known.ids and known.covered > 0.5)


def walk(sections: Sequence[Section]) -> Iterator[Section]:
    """Every section, those under others included."""
    for section in sections:
        yield section
        yield from walk(section.children)


def _is_office(section: Section) -> bool:
    return bool(section.heading) and starts_with_office(section.heading)


def _unit_of(section: Section) -> tuple[str, list[str], str, Place]:
    duties = [part.text for part in (*section.paragraphs, *section.items)]
    duties += [text for child in section.children for text in _duties(child)]
    in_charge = _IN_CHARGE.search(fold(section.heading))
    heading = section.heading[: in_charge.start()] if in_charge else section.heading
    return _tidy(heading), duties, section.path, section.place


def _named_in(
    section: Section, names: Mapping[str, Sequence[str]]
) -> list[tuple[str, list[str], str, Place]]:
    """The offices that the paragraphs and points of a section begin with."""
    found: list[tuple[str, list[str], str, Place]] = []
    for part in (*section.paragraphs, *section.items):
        named = part_office(part.text)
        if named is None and part.marker:
            named = _part_name(part.text, names.get(part.path, ()))
        if named and named[0] and len(named[0]) < 120:
            found.append((_tidy(named[0]), [named[1]] if named[1] else [], part.path, part.place))
        elif found and part.marker and part.path.startswith(found[-1][2] + "."):
            found[-1][1].append(part.text)
    return found


def _part_name(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """An office that no table lists, known by its name at the start: "Hạt Kiểm lâm: tuần tra"."""
    for name in names:
        rest = text[len(name) :]
        if text.startswith(name) and (rest.startswith(":") or re.match(rf"\s[{LOWER}]", rest)):
            return name, rest.strip(" :")
    return None


def _duties(section: Section) -> list[str]:
    own = [section.heading] if section.heading else []
    return own + [part.text for part in (*section.paragraphs, *section.items)]


def _tidy(name: str) -> str:
    name = re.sub(r"^(?:Giao|Phân công|Yêu cầu)\s+(?:cho\s+)?", "", name.strip(" :.;,"))
    return name[:1].upper() + name[1:]


def _lead_of(found: Sequence[tuple[str, list[str], str, Place]]) -> int | None:
    """The unit that runs the plan: it follows it up, gathers and reports, or is in charge."""
    best, leader = 1.5, None
    for index, (unit, duties, _, _) in enumerate(found):
        text = fold(" ".join(duties))
        score = 1.0 if index == 0 else 0.0
        score += 2.0 * bool(
            re.search(r"\b(?:theo doi|don doc|kiem tra)\b.{0,120}\bke hoach\b", text)
        )
        score += 2.0 * bool(
            re.search(r"\btong hop\b.{0,80}\bbao cao\b|\bbao cao\b.{0,60}ket qua", text)
        )
        score += 1.5 * bool(re.search(r"\bchu tri\b|\bdau moi\b", text))
        score += 1.0 * bool(re.search(r"\btham muu\b.{0,80}\bke hoach\b|thuong truc", text))
        score -= 4.0 * bool(_HEADINGS_OF_MANY.match(fold(unit)))
        if score > best:
            best, leader = score, index
    return leader


def funding_of(document: Document) -> Funding | None:
    """The section on money; else the sentences of other sections that say where it comes from."""
    for section in walk(document.sections):
        if "funding" in section.ids:
            parts = [part.text for part in (*section.paragraphs, *section.items)]
            parts += [text for child in section.children for text in _duties(child)]
            text = "\n".join(parts)
            if text:
                return Funding(
                    text=text, sources=_sources(text), where=where(document, section.place, text)
                )
    for sentence in sentences(document):
        folded = fold(sentence.text)
        if _MONEY.search(folded) and _GIVES.search(folded):
            return Funding(
                text=sentence.text,
                sources=_sources(sentence.text),
                where=where(document, sentence.place, sentence.text),
            )
    return None


def _sources(text: str) -> list[str]:
    found: list[str] = []
    for match in _SOURCES.finditer(fold(text)):
        source = text[match.start() : match.end()]
        source = _WHICH.sub("", source)
        if fold(source) not in {fold(other) for other in found}:
            found.append(source)
    return found


def reporting_of(document: Document) -> Reporting | None:
    """How often the plan asks for reports, and to whom; None when it says neither."""
    best: tuple[int, Sentence] | None = None
    periods: set[str] = set()
    addressee: str | None = None
    for sentence in sentences(document):
        folded = fold(sentence.text)
        if not _REPORT.search(folded):
            continue
        frequency = _frequencies(folded)
        to = _addressee(sentence.text, folded)
        once = bool(to and _ONCE.search(folded) and "implementation" in sentence.ids)
        weight = 2 * bool(frequency) + bool(to) + 2 * ("reporting" in sentence.ids)
        if frequency or once or "reporting" in sentence.ids:
            periods |= set(frequency)
            if best is None or weight > best[0]:
                best = (weight, sentence)
                addressee = to or addressee
        addressee = addressee or to
    if best is None:
        return None
    text, place = best[1].text, best[1].place
    return Reporting(
        frequency=_ordered(periods), to=addressee, text=text, where=where(document, place, text)
    )


def _frequencies(folded: str) -> list[str]:
    """How often, from the words near "báo cáo"; brackets hold what is said of other reports."""
    plain = re.sub(r"\([^)]{0,200}\)", " ", folded)
    found: list[str] = []
    for match in _REPORT.finditer(plain):
        if _ASKS.match(
            plain, match.end()
        ):  # "báo cáo UBND xem xét, quyết định" asks for a decision
            continue
        clause = plain.rfind(";", 0, match.start()) + 1
        end = plain.find(";", match.end())
        near = plain[
            max(clause, match.start() - 100) : min(
                end if end >= 0 else len(plain), match.end() + 100
            )
        ]
        found += [name for name, pattern in _FREQUENCIES if pattern.search(near)]
        if re.search(r"\bdinh ky\s*(?:,|;|va\b|hoac\b|ve\b|bao cao|gui\b|tong hop)", near):
            found.insert(0, "định kỳ")
    return found


def _ordered(periods: set[str]) -> list[str]:
    """From the shortest period to the longest; "định kỳ" only where no period is named."""
    order = ["định kỳ", *(name for name, _ in _FREQUENCIES)]
    named = [name for name in order if name in periods]
    return [n for n in named if n != "định kỳ" or not set(named) - {"định kỳ", "đột xuất"}]


def _addressee(text: str, folded: str) -> str | None:
    match = _TO.search(folded) or _TO_PLAIN.search(folded)
    if not match:
        return None
    end = _TO_END.search(folded, match.end())
    stop = end.start() if end else len(text)
    through = _THROUGH.search(folded, match.end(), stop)
    start, stop = through.span("office") if through else (match.end(), stop)
    name = text[start:stop].strip(" ./")
    return name if 3 < len(name) < 90 else None


def audience_of(document: Document) -> list[tuple[str, Place]]:
    """Whom the plan addresses: the points, or the text, of its section on the audience."""
    found = [s for s in walk(document.sections) if s.ids == ("audience",)]
    # "Phạm vi" is kept with the audience, and says whom only where nothing else does
    found.sort(key=lambda section: not _NAMES_AUDIENCE.search(fold(section.heading)))
    for section in found[:1]:
        parts = [(part.text, part.place) for part in section.items or section.paragraphs]
        parts += [(t, child.place) for child in section.children for t in _duties(child)]
        return [(text.strip(" ;."), place) for text, place in parts if text.strip(" ;.")]
    return []
