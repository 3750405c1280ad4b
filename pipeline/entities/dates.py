"""Dates as official documents write them, to ISO form."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

# On folded text: "25/02/2025", "25-2-2025", "25.02.2025", "25 tháng 02 năm 2025"; with the blanks
# that OCR and broken fonts leave between the parts.
DATE = (
    r"(?:(?P<d1>\d{1,2})\s?[/.-]\s?(?P<m1>\d{1,2})\s?[/.-]\s?(?P<y1>\d{4})"
    r"|(?P<d2>\d{1,2})\s*th?ang\s*(?P<m2>\d{1,2})\s*n[ai]m\s*(?P<y2>\d{4}))"
)
_DATE = re.compile(rf"(?<!\d){DATE}(?!\d)")


def iso(day: str, month: str, year: str) -> str | None:
    """A date in ISO form, or None when the calendar has no such day (years 1900 to 2100).

    >>> iso("3", "02", "2025")
    '2025-02-03'
    """
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found.isoformat() if 1900 <= found.year <= 2100 else None


def iso_of(match: re.Match[str]) -> str | None:
    """The date of a match of a pattern that holds ``DATE`` once."""
    groups = match.groupdict()
    if groups["d1"]:
        return iso(groups["d1"], groups["m1"], groups["y1"])
    return iso(groups["d2"], groups["m2"], groups["y2"])


def find_dates(folded: str) -> list[tuple[int, int, str]]:
    """Every date of a folded text as ``(start, end, ISO date)``."""
    found = []
    for match in _DATE.finditer(folded):
        value = iso_of(match)
        if value:
            found.append((match.start(), match.end(), value))
    return found


def days_of(month: str) -> tuple[str, str]:
    """The first and the last day of a month.

    >>> days_of("2025-02")
    ('2025-02-01', '2025-02-28')
    """
    year, number = map(int, month.split("-"))
    return f"{month}-01", f"{month}-{monthrange(year, number)[1]:02d}"
