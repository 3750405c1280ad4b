"""Number, place and date, form and title, from the letterhead or from what stands in for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.document import Place
from pipeline.entities.citations import canonical_code, find_citations
from pipeline.entities.dates import DATE, iso_of
from pipeline.entities.spans import Span
from pipeline.segment.fold import LOWER, UPPER, fold, is_caps
from pipeline.segment.letterhead import document_type, is_motto

_NUMBER = re.compile(
    r"(?:^|\s)[Ss][ốoôóòỏ6ỐOÔÓÒỎ]\s*(?:[:.;]\s*(?P<number>[^/\n:]{0,9}?)|(?P<bare>\d{1,5}[a-zđ]?))\s*"
    r"(?:/\s?(?P<year>20\d\d)\s?(?=/))?"
    r"(?P<tail>[/-]\s?[A-ZĐÐ][\w&]*(?:\s?[/-]\s?(?:U\sND\b|H\sND\b|[A-ZĐÐ][\w&]*))*)"
)
# A line of the head that is nothing but number and symbol: a stamp lies over "Số:" or the stroke.
_SYMBOL_ALONE = re.compile(
    r"\W*(?P<number>\d{1,5})(?:\s?/\s?|\s)(?P<tail>[A-ZĐÐ]{2,4}-[A-ZĐÐ]{2,}\b)\W*$"
)
_ARABIC = re.compile(r"\d{1,5}[a-zđ]?$")
_BLANK = re.compile(r"[\s._…-]*$")
_PLACE_DATE = re.compile(
    rf"(?P<place>[^\W\d_][^\d:;/()]{{1,60}}?)\s*[,.;]?\s+ngay\s*(?:{DATE}|(?P<day>[^\s,;]{{0,4}})[\s._…]*"
    r"thang[\s._…]*(?P<month>[^\s,;]{0,4})[\s._…]*nam\s*(?P<year>20\d\d)?)"
)
_NOTE = re.compile(r"kem theo|ban hanh theo|ban hanh kem")
_POSITION = re.compile(
    r"^(?:chu tich|giam doc|thu tuong|bo truong|uy ban nhan dan|ubnd|hoi dong)\b"
)
_TITLE_VERB = re.compile(r"^(?:v\s?/\s?v?|ve viec|ve)\s+", re.IGNORECASE)
_ADDRESSED = re.compile(r"^kinh gui\b")  # whom a letter is written to stands behind its subject
_ISSUES_PLAN = re.compile(
    r"\bban hanh\s+(?:kem theo quyet dinh nay\s+)?(?:ban\s+)?(?=ke hoach\b)|"
    r"\b(?:xay dung|trien khai|de ra|lap)\s+(?=ke hoach\b)"
)
_TITLE_END = re.compile(
    r"\s*(?:[,;]?\s*(?:nhu sau|cu the|gom|voi (?:nhung|cac|noi dung)|\(sau day|\(co|sau day)|"
    r"[.;:](?:\s|$)|"
    r",\s*(?:cu the|voi|nhu))"
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the head of a document says; what it does not say is None.

    ``number_status`` is present, blank or absent; ``date`` ISO; ``type`` the document's type.
    ``month`` ("2025-08") is what is known of a date whose day is blank or ``unreadable``.
    ``says_about`` tells that the title begins with "V/v" or "Về việc"; ``note`` and ``note_date``
    that number and date come from "(Kèm theo Quyết định số …)".
    """

    type: str | None = None
    type_place: Place | None = None
    number: str | None = None
    number_status: str = "absent"
    number_place: Place | None = None
    place: str | None = None
    date: str | None = None
    date_place: Place | None = None
    month: str | None = None
    unreadable: bool = False
    note_date: bool = False
    title: str | None = None
    title_place: Place | None = None
    says_about: bool = False
    note: bool = False


def read_letterheads(spans: Sequence[Span]) -> list[Letterhead]:
    """One letterhead for each header section, in order."""
    groups: dict[str, list[Span]] = {}
    for span in spans:
        if "header" in span.ids:
            groups.setdefault(span.path.rsplit(".", 1)[0], []).append(span)
    return [_read(group) for group in groups.values()]


def _read(group: Sequence[Span]) -> Letterhead:
    kind, kind_place = None, None
    number, number_status, number_place = None, "absent", None
    place, date, date_place = None, None, None
    month: str | None = None
    unreadable = note_date = note = False
    titles: list[Span] = []
    typed = any(document_type(span.text) for span in group)
    addressed = False
    for span in group:
        addressed = addressed or bool(_ADDRESSED.match(span.folded))
        in_note = _NOTE.search(span.folded[:60]) is not None and span.text.startswith("(")
        in_note = in_note or span.folded.startswith(("kem theo", "ban hanh kem theo"))
        seen = _number_of_note(span) if in_note else read_number(span.text)
        if number is None and seen and (not in_note or number_status == "absent"):
            number, number_status = seen
            number_place, note = span.place, in_note
        stated = span.folded[: span.folded.find(")")] if in_note else span.folded
        if date is None and (issued := _PLACE_DATE.search(stated)):
            date, date_place = _whole(issued), span.place
            month, note_date = month or _month(issued), in_note
            unreadable = unreadable or (date is None and bool(issued["day"]))
            if not in_note:
                place = _place_name(span.text[issued.start("place") : issued.end("place")])
        if in_note or addressed:
            continue
        if kind is None and (name := document_type(span.text)):
            kind, kind_place = name, span.place
        elif (kind is not None and _is_title(span)) or (not typed and _may_be_title(span)):
            titles.append(span)
    title = " ".join(span.text for span in titles).strip() or None
    return Letterhead(
        type=kind,
        type_place=kind_place,
        number=number,
        number_status=number_status,
        number_place=number_place,
        place=place,
        date=date,
        date_place=date_place,
        month=month,
        unreadable=unreadable,
        note_date=note_date,
        title=clean_title(title) if title else None,
        title_place=_around([span.place for span in titles]),
        says_about=bool(title and _TITLE_VERB.match(fold(title))),
        note=note,
    )


def _number_of_note(span: Span) -> tuple[str | None, str] | None:
    """The number of the decision that a plan is attached to."""
    cited = [citation.code for citation in find_citations(span.text, span.folded) if citation.code]
    return (cited[0], "present") if cited else None


def read_number(text: str) -> tuple[str | None, str] | None:
    """Number and symbol with its status; None when the text has no number line.

    A number that is there but cannot be read (handwriting, mostly) is present, without a value.

    >>> read_number("Số: 07/KH-UBND"), read_number("Số:      /KH-UBND")
    (('07/KH-UBND', 'present'), (None, 'blank'))
    >>> read_number("153 TB-VPCP")
    ('153/TB-VPCP', 'present')
    """
    match = _NUMBER.search(text)
    if not match:
        if not (alone := _SYMBOL_ALONE.match(text)):
            return None
        return canonical_code(alone["number"], None, f"/{alone['tail']}"), "present"
    number = (match["number"] or match["bare"] or "").strip()
    if _BLANK.match(number):
        return None, "blank"
    if not _ARABIC.match(number):
        return None, "present"
    return canonical_code(number, match["year"], match["tail"]), "present"


def _whole(issued: re.Match[str]) -> str | None:
    """The date, when day, month and year can be read."""
    return iso_of(issued) if issued["day"] is None else None


def _month(issued: re.Match[str]) -> str | None:
    """Month and year of a date without day."""
    if issued["day"] is None or not issued["year"] or not re.fullmatch(r"\d{1,2}", issued["month"]):
        return None
    month = int(issued["month"])
    return f"{issued['year']}-{month:02d}" if 1 <= month <= 12 else None


def _is_title(span: Span) -> bool:
    """A line of the title: no part of the letterhead, and not the head of the issuing body."""
    text = span.folded
    if is_motto(text) or _PLACE_DATE.search(text) or read_number(span.text):
        return False
    return not (is_caps(span.text, share=0.9) and _POSITION.match(text) and len(text) < 90)


def _may_be_title(span: Span) -> bool:
    """A title whose type line is lost: prose in a head that has no type at all."""
    if not _is_title(span) or is_caps(span.text, share=0.9):
        return False
    whole = not span.text[:1].islower()  # "…ăng lực cạnh tranh" is what a page break left
    return whole and len(span.text) > 25 and "cong hoa" not in span.folded


def _place_name(text: str) -> str | None:
    """The place before ", ngày": what stands in front of it on the line is the number."""
    part = re.split(rf"\s{{2,}}|\t|(?<=[A-ZĐ]{{2}})\s+(?=[{UPPER}][{LOWER}])", text.strip(" ,.*_"))[
        -1
    ]
    name = part.strip(" ,.*_")
    return name if 1 < len(name) <= 45 else None


def clean_title(title: str) -> str:
    """A title without "Về việc", bracketed remarks and closing marks."""
    title = re.sub(r"\s+", " ", title).strip(" .;:*_-")
    title = _strip_verb(title)
    return title[:1].upper() + title[1:] if title else title


def _strip_verb(title: str) -> str:
    match = _TITLE_VERB.match(fold(title))
    return title[match.end() :] if match else title


def in_small_letters(title: str, spans: Sequence[Span]) -> str:
    """A title in capitals as the text itself writes it, where it does; else as it is.

    >>> in_small_letters("BẢO VỆ RỪNG NĂM 2024", [])
    'BẢO VỆ RỪNG NĂM 2024'
    """
    if not is_caps(title, share=0.9):
        return title
    wanted = fold(title)
    for span in spans:
        start = (
            span.folded.find(wanted)
            if {"header", "decision", "legal_basis"} & set(span.ids)
            else -1
        )
        if start >= 0 and not is_caps(same := span.text[start : start + len(wanted)]):
            return same[:1].upper() + same[1:]
    return title


def title_from_text(spans: Sequence[Span]) -> tuple[str, Place] | None:
    """A title from "Điều 1. Ban hành … Kế hoạch …" or from "… ban hành Kế hoạch … như sau:"."""
    for role in ("decision", "legal_basis"):
        for span in spans:
            if role not in span.ids:
                continue
            matches = list(_ISSUES_PLAN.finditer(span.folded))
            if not matches:
                continue
            start = matches[0 if role == "decision" else -1].end()
            end = _TITLE_END.search(span.folded, start)
            title = span.text[start : end.start() if end else len(span.text)].strip(" ,.;:")
            if 12 <= len(title) <= 300:
                return title[:1].upper() + title[1:], span.locate(start, start + len(title))
    return None


def _around(places: Sequence[Place]) -> Place | None:
    if not places:
        return None
    first, last = places[0], places[-1]
    return Place(first.page, first.line_start, last.page_end, last.line_end)
