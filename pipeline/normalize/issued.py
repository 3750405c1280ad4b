"""Number, place and date of issue, and what speaks against them.

A number or a day is often written by hand and then misread, so every other place of the document
that gives it is compared, and so is what the document cites: nothing is issued before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from pipeline.document import Document, Issue, Place, Severity
from pipeline.entities.dates import days_of
from pipeline.entities.gazetteer import ABOLISHED_TYPES, REORGANISED, split_type
from pipeline.entities.letterhead import Letterhead
from pipeline.entities.own import Statement, dates, numbers
from pipeline.entities.units import IssuingUnit, spelt
from pipeline.normalize.record import Issued, Number
from pipeline.normalize.where import own_words, where
from pipeline.segment.fold import fold

# "Nghĩa ân" is Nghĩa Tân, "Hòa Phú" is not Hòa Bình.
_ALIKE = 80.0


def number_of(document: Document, heads: Sequence[Letterhead], own: Sequence[Statement]) -> Number:
    """The number of the first letterhead that has one; a printed note wins over handwriting."""
    for value in (True, False):
        for head in heads:
            if head.number_status == "absent" or bool(head.number) != value:
                continue
            if head.number_status == "blank":
                place = where(document, head.number_place)
                return Number(value=None, status="blank", where=place)
            number = head.number
            if number and _is_scan(document, head.number_place):
                number = _typed(own, number) or number
            return Number(
                value=number, status="present", where=where(document, head.number_place, number)
            )
    return Number(value=None, status="absent")


def _typed(own: Sequence[Statement], number: str) -> str | None:
    """The number that notes give to the document of that symbol, when they agree."""
    symbol = number.lstrip("0123456789")
    given = {s.number for s in own if s.note and s.symbol == symbol}
    return given.pop() if len(given) == 1 else None


def issued_of(document: Document, heads: Sequence[Letterhead], own: Sequence[Statement]) -> Issued:
    """Place and date of issue; without a date, month and citations bound it."""
    place = next((head.place for head in heads if head.place), None)
    dated = [head for head in heads if head.date]
    if dated:
        head = next((h for h in dated if h.place), dated[0])
        date = head.date
        if len(dates(own)) > 1 and _is_scan(document, head.date_place):
            # the day in a letterhead is often handwritten, the note is typed
            date = next((s.date for s in own if s.note and s.date), date)
        return Issued(
            place=place,
            date=date,
            status="present",
            where=where(document, head.date_place, own_words(place, date)),
        )
    return _undated(document, heads, place)


def _undated(document: Document, heads: Sequence[Letterhead], place: str | None) -> Issued:
    cited = [c.date for c in document.citations if c.date and c.date <= "2100"]
    month = next((head.month for head in heads if head.month), None)
    line = next((head.date_place for head in heads if head.date_place), None)
    first, last = days_of(month) if month else (None, None)
    earliest = max([*cited, *([first] if first else [])], default=None)
    if first and last and earliest and earliest > last:  # a citation misread: the month holds
        earliest = first
    if line is None and earliest:
        line = next((c.place for c in document.citations if c.date == earliest), None)
    return Issued(
        place=place,
        date=None,
        status="present" if any(head.unreadable for head in heads) else "absent",
        not_before=earliest,
        not_after=last,
        where=where(document, line, earliest),
    )


def _is_scan(document: Document, place: Place | None) -> bool:
    """Whether a place is on a page that was read by OCR."""
    return any(
        place is not None and page.number == place.page and page.method != "text"
        for page in document.pages
    )


def bounded(issued: Issued, unit: IssuingUnit) -> Issued:
    """With what the unit tells: the place in its spelling, the last day of units now abolished."""
    return _placed(_before_abolition(issued, unit), unit)


def _before_abolition(issued: Issued, unit: IssuingUnit) -> Issued:
    """Without a date: a unit that was abolished on 1 July 2025 issued nothing after that."""
    if issued.date or issued.not_after or unit.kind not in ABOLISHED_TYPES or not unit.name:
        return issued
    if issued.not_before and issued.not_before >= REORGANISED:
        return issued
    return issued.model_copy(update={"not_after": "2025-06-30"})


def _placed(issued: Issued, unit: IssuingUnit) -> Issued:
    """A place that is the unit's own name with letters lost or misread is given as that name."""
    own = split_type(unit.name)[1] if unit.name else ""
    if not issued.place or len(own) < 5 or spelt(issued.place) == spelt(own):
        return issued
    if fuzz.ratio(fold(issued.place), fold(own)) < _ALIKE:
        return issued
    return issued.model_copy(update={"place": own})


def doubts_of_issue(
    document: Document,
    heads: Sequence[Letterhead],
    own: Sequence[Statement],
    number: Number,
    issued: Issued,
) -> Iterator[Issue]:
    """What a person should check about number and date, one issue each."""
    if any(head.number_status == "present" and not head.number for head in heads):
        yield _issue("number_unreadable", "Số văn bản có ghi nhưng không đọc được.")
    if given := numbers(own):
        yield _issue("numbers_differ", f"Văn bản ghi nhiều số khác nhau: {_listed(given)}.")
    given = dates(own) or sorted({head.date for head in heads if head.date})
    if len(given) > 1:
        yield _issue("dates_differ", f"Văn bản ghi nhiều ngày ban hành: {_listed(given)}.")
    if any(head.unreadable for head in heads):
        yield _issue("date_unreadable", "Ngày ban hành có ghi nhưng không đọc được.")
    if issued.date and (late := _later_bases(document, issued.date)):
        yield _issue(
            "dated_before_basis",
            f"Ngày ban hành “{issued.date}” sớm hơn ngày của văn bản căn cứ: {_listed(late)}.",
        )
    yield from _unconfirmed(document, heads, own, number, issued)


def _later_bases(document: Document, date: str) -> list[str]:
    """Documents of the legal basis that are dated after the day of issue."""
    return [
        f"{citation.code or citation.about} ({citation.date})"
        for citation in document.citations
        if "legal_basis" in citation.section and citation.date and citation.date > date
    ]


def _unconfirmed(
    document: Document,
    heads: Sequence[Letterhead],
    own: Sequence[Statement],
    number: Number,
    issued: Issued,
) -> Iterator[Issue]:
    """A number or day of a scanned letterhead, likely by hand, that no other place repeats."""
    said = []
    if number.value and not any(s.note and s.number == number.value for s in own):
        place = next((head.number_place for head in heads if head.number == number.value), None)
        said += [f"số “{number.value}”"] if _is_scan(document, place) else []
    if issued.date and not any(s.note and s.date == issued.date for s in own):
        place = next((head.date_place for head in heads if head.date == issued.date), None)
        said += [f"ngày “{issued.date}”"] if _is_scan(document, place) else []
    if said:
        what = " và ".join(said)
        yield _issue("unconfirmed", f"Chỉ đọc được một lần trên bản quét: {what}.", "info")


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"“{value}”" for value in values)


def _issue(code: str, message: str, severity: Severity = "warning") -> Issue:
    return Issue("normalize", code, None, message, severity)
