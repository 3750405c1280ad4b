"""What a document says of its own number and date, in every place where it says it.

The letterhead says it first, often by hand; the notes of attached plan and annexes ("Kèm theo
Quyết định số 45/QĐ-UBND ngày 28 tháng 02 năm 2025 …") repeat it in print. Where they disagree, one
of them was misread or mistyped, and nobody can tell which from one place alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.document import Place
from pipeline.entities.citations import find_citations
from pipeline.entities.letterhead import Letterhead
from pipeline.entities.spans import Span

_NOTE = re.compile(
    r"\b(?:ban hanh\s+)?kem theo\s+(?:quyet dinh|ke hoach|van ban|nghi quyet|chuong trinh|cong van|"
    r"to trinh|thong bao|huong dan)?\s*(?:so\b|s6\b|\d)"
)
# A note is bracketed or opens its line; within a sentence the same words cite.
_OPENS = re.compile(r"[(\n]\s*$|^$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A number and a date of issue as one place gives them; ``note`` for those of notes."""

    number: str | None
    date: str | None
    place: Place | None
    note: bool

    @property
    def symbol(self) -> str | None:
        """The number without its figures: "/QĐ-UBND"."""
        return self.number.lstrip("0123456789") if self.number else None


def statements(heads: Sequence[Letterhead], spans: Sequence[Span]) -> list[Statement]:
    """Every place that gives the document's own number or date, letterheads first."""
    found = []
    for head in heads:
        number = None if head.note else head.number
        date = None if head.note_date else head.date
        if number or date:
            place = head.number_place if number else head.date_place
            found.append(Statement(number, date, place, note=False))
    return [*found, *_notes(spans)]


def _notes(spans: Sequence[Span]) -> Iterator[Statement]:
    for span in spans:
        if not {"header", "appendix"} & set(span.ids):
            continue
        for match in _NOTE.finditer(span.folded):
            if not _OPENS.search(span.folded[max(0, match.start() - 3) : match.start()]):
                continue
            end = span.folded.find(")", match.end())
            text = span.text[match.start() : end if end >= 0 else match.end() + 200]
            cited = [one for one in find_citations(text) if one.code]
            if cited:
                place = span.locate(match.start(), match.end())
                yield Statement(cited[0].code, cited[0].date, place, note=True)


def numbers(found: Sequence[Statement]) -> list[str]:
    """The different numbers that are given for one symbol; empty when none disagree.

    Statements of different symbols are of different documents: a decision, the plan with it.
    """
    return _differing(found, lambda statement: statement.number)


def dates(found: Sequence[Statement]) -> list[str]:
    """The different dates that go with one symbol; empty when none disagree."""
    return _differing(found, lambda statement: statement.date)


def _differing(found: Sequence[Statement], value: Callable[[Statement], str | None]) -> list[str]:
    """Values that differ among the statements of one symbol; a head without number joins them."""
    for symbol in dict.fromkeys(s.symbol for s in found if s.symbol):
        given = dict.fromkeys(
            v for s in found if s.symbol in (symbol, None) and (v := value(s)) is not None
        )
        if len(given) > 1:
            return list(given)
    return []
