"""A table of tasks that was read as lines, cell after cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from pipeline.document import Place
from pipeline.entities.offices import starts_with_office
from pipeline.segment.fold import LOWER, UPPER, fold
from pipeline.segment.rows import Row
from pipeline.segment.tables import table

_NUMBER = re.compile(rf"^(\d{{1,2}}(?:\.\d{{1,2}})?)\.?(?:\s+(?=[{UPPER}\"“])|$)")
# A number with what OCR made of a rule beside it: "3 xe", "=5".
_NOISY = re.compile(r"^\W?\s?(\d{1,2}(?:\.\d{1,2})?)\s?\W?\s?\w{0,2}$")
_RULES = re.compile(r"^[.,·~:|]\s+|\s+[-–|.~:]$")
_OPEN = (",", "-", "–", "&")  # a cell that ends so goes on in the next line
_DIGIT = re.compile(r"\d$")
# What OCR makes of a row number that it cannot read.
_JUNK = re.compile(r"[^a-zà-ỹ]{1,3}$")
_SCHEDULE = re.compile(
    r"(?:^|\s)(?P<time>thuong xuyen|dinh ky|hang (?:thang|quy|nam|tuan|ngay)|quy (?:[ivx]+|\d)\b|"
    r"ca nam|"
    r"thang \d{1,2}|tu thang|tu quy|trong nam|trong quy|trong thang|truoc (?:ngay|thang)|"
    r"nam 20\d\d|"
    r"theo ky|theo (?:ke hoach|tien do)|khi co|ngay \d{1,2}|den (?:ngay|thang)|\d{1,2}/20\d\d|"
    r"6 thang|dot xuat)"
)
_HEAD = re.compile(r"^(?:stt|tt|so tt|so thu tu)$")
# A line that ends in one of these words goes on in the next.
_UNFINISHED = frozenset(
    ["va", "cac", "cua", "tai", "giua", "voi", "cho", "ve", "den", "tu", "do", "la",
     "trong",     "nhung", "moi", "hoac", "theo", "de", "o"]
)  # fmt: skip
# First words of offices that name none by themselves.
_BARE_OFFICES = frozenset(
    ["cong chuc", "so", "phong", "ban", "van phong", "trung tam", "hoi", "can bo", "cac", "bo phan",
     "uy ban", "cong an", "truong", "doan"]
)  # fmt: skip
_WHOLE_TIMES = frozenset(
    {"thuong xuyen", "ca nam", "hang thang", "hang quy", "hang nam", "dinh ky"}
)
_COUNT = re.compile(r"\d|[IVX]{1,4}\b")
_GROUP = re.compile(r"^(?:[IVX]{1,5}|[A-H])\.?$")
_COLUMNS = ("task", "lead", "partners", "schedule", "product")


@dataclass(slots=True)
class Cells:
    """One row of a table of tasks; ``no`` as written ("4.1")."""

    no: str | None
    place: Place
    task: str = ""
    lead: str = ""
    partners: str = ""
    schedule: str = ""
    product: str = ""


@dataclass(slots=True)
class _Row:
    """A row on its way: the lines of each column."""

    no: str
    first: Row
    last: Row
    columns: dict[str, list[str]] = field(default_factory=lambda: {c: [] for c in _COLUMNS})
    current: str = "task"


def read_lines(lines: Sequence[Row]) -> list[Cells]:
    """The rows of the first table of tasks among ``lines``; none when no table begins there."""
    start = next((n for n, line in enumerate(lines) if _HEAD.match(line.folded)), None)
    if start is None:
        return []
    head, at = _read_head(lines, start)
    if "task" not in head:
        return []
    reader = _Reader(head, {line.folded for line in lines[start:at]})
    for line in lines[at:]:
        reader.take(line)
    return reader.finish()


def _read_head(lines: Sequence[Row], start: int) -> tuple[list[str], int]:
    """The columns in order, and the index of the first line of the first row."""
    at = start + 1
    words: list[str] = []
    while at < len(lines) and at - start < 24 and not _NUMBER.match(lines[at].text):
        words.append(lines[at].folded)
        at += 1
    text = " ".join(words)
    places = {}
    for column, names in _heads().items():
        found = [text.find(name) for name in names if name in text]
        if found and column != "no":
            places[column] = min(found)
    return sorted(places, key=lambda column: places[column]), at


@lru_cache(maxsize=1)
def _heads() -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table("offices")["columns"].items()}


class _Reader:
    def __init__(self, head: Sequence[str], repeated: set[str]) -> None:
        self.head = head
        self.repeated = repeated
        self.rows: list[_Row] = []
        self.after_break = False
        self.in_group = False

    def take(self, line: Row) -> None:
        """Give a line to the row and the column that it belongs to."""
        if line.folded in self.repeated:
            self.after_break = self.after_break or _opens_head(line.folded)
            return
        number = _NUMBER.match(line.text) or _NOISY.match(line.text)
        read = self._with_its_stop(number.group(1)) if number else ""
        if number and self._is_next(read, alone=number.end() == len(line.text)):
            self.rows.append(_Row(read, line, line))
            self.after_break = self.in_group = False
            rest = line.text[number.end() :].strip()
            if rest:
                self._put(rest, line)
            return
        if self.rows and _DIGIT.match(line.text) and self.rows[-1].current in ("lead", "partners"):
            # no office is a number: that of the next row, misread
            whole = int(self.rows[-1].no.partition(".")[0])
            self.rows.append(_Row(str(whole + 1), line, line))
            self.after_break = self.in_group = False
            return
        if _GROUP.match(line.text):  # a heading within the table: "II", then its title
            self.in_group = True
        elif self.rows and not self.in_group:
            self._put(line.text, line)

    def _with_its_stop(self, number: str) -> str:
        """The number; one that is due but for a full stop that was not read ("43") gets it."""
        whole, _, part = self.rows[-1].no.partition(".") if self.rows else ("", "", "")
        due = str(int(part) + 1) if part else ""
        return f"{whole}.{due}" if due and number == whole + due else number

    def _is_next(self, number: str, *, alone: bool) -> bool:
        """Whether a number is due; one that stands alone may follow one that was not read."""
        if not self.rows:
            return number in ("1", "01", "1.1")
        whole, _, part = self.rows[-1].no.partition(".")
        if "." in number:
            head, _, tail = number.partition(".")
            opens = int(head) == int(whole) + 1 and tail == "1"  # "4" was lost, and 4.1 was not
            return (head == whole and int(tail) == int(part or 0) + 1) or opens
        ahead = int(number) - int(whole)
        return ahead == 1 or (alone and ahead == 2)

    def _put(self, text: str, line: Row) -> None:
        row = self.rows[-1]
        if begun := self._lost_row(row, text):
            row = begun
        row.last = line
        text = _RULES.sub("", text) or text  # rules of the table were read as dashes and bars
        if self.after_break:
            row.current = _broken_column(row)
            self.after_break = False
            row.columns[row.current].append(text)
            return
        for piece in _pieces(text, row.current):
            column = self._column(piece, row, line)
            row.current = column
            row.columns[column].append(piece)

    def _lost_row(self, row: _Row, text: str) -> _Row | None:
        """The row whose number was not read: an office among the products leads another task."""
        held = row.columns["product"]
        if row.current != "product" or not (starts_with_office(text) and row.no.isdigit()):
            return None
        starts = (
            at
            for at in range(1, len(held))
            if held[at][:1].isupper()
            and not _JUNK.match(held[at])
            and not held[at - 1].endswith(_OPEN)
        )
        at = next(starts, None)
        if at is None or not row.columns["lead"]:
            return None
        begun = _Row(str(int(row.no) + 1), row.last, row.last)
        begun.columns["task"] = held[at:]
        row.columns["product"] = [line for line in held[:at] if not _JUNK.match(line)]
        self.rows.append(begun)
        return begun

    def _column(self, text: str, row: _Row, line: Row) -> str:
        """The column of a piece of text: onwards from the current one, never back."""
        current = row.current
        at = _COLUMNS.index(current)
        if (
            current != "schedule"
            and _SCHEDULE.match(fold(text))
            and at < 3
            and "schedule" in self.head
        ):
            return "schedule"
        if current == "schedule":
            if fold(" ".join(row.columns["schedule"])) in _WHOLE_TIMES:
                return "product" if "product" in self.head else "schedule"
            done = " ".join(row.columns["schedule"])
            counted = done.endswith(("tháng", "quý", "ngày", "năm")) and _COUNT.match(text)
            goes_on = text[:1].islower() or done.endswith(("-", "/", "đến", "01", "02", ","))
            if counted or goes_on or _SCHEDULE.match(fold(text)):
                return "schedule"
            return "product" if "product" in self.head else "schedule"
        if at < 2 and starts_with_office(text) and not _goes_on(row, current):
            if current == "task" and row.columns["task"]:
                return "lead"
            if current == "lead" and "partners" in self.head:
                return "partners"
        return current

    def finish(self) -> list[Cells]:
        """The rows; sub-rows without cells of their own share those that were merged."""
        result = []
        merged: _Row | None = None
        for row in self.rows:
            if "." in row.no:
                if merged is None or merged.no.partition(".")[0] != row.no.partition(".")[0]:
                    merged = row
                if not any(row.columns[c] for c in ("partners", "schedule", "product")):
                    for column in ("partners", "schedule", "product"):
                        row.columns[column] = merged.columns[column]
            result.append(_cells(row))
        return result


def _opens_head(folded: str) -> bool:
    """Whether a repeated line of the head is its first: "TT", or the column of tasks."""
    return bool(_HEAD.match(folded)) or folded in _heads()["task"]


def _goes_on(row: _Row, column: str) -> bool:
    """Whether the cell's last line is unfinished, so that a capital is that of a name."""
    lines = row.columns[column]
    if not lines:
        return False
    last = lines[-1]
    if last.endswith(_OPEN) or fold(last).split()[-1] in _UNFINISHED:
        return True
    return column != "task" and fold(" ".join(lines)) in _BARE_OFFICES


def _broken_column(row: _Row) -> str:
    """The column that a page break cut: the cell with the most lines, the last of those."""
    return max(_COLUMNS, key=lambda c: (len(row.columns[c]), _COLUMNS.index(c)))


def _pieces(text: str, current: str) -> list[str]:
    """A line in parts where cells were glued: before a word of time, before an office."""
    folded = fold(text)
    cuts = []
    if current in ("task", "lead", "partners"):
        for match in _SCHEDULE.finditer(folded):
            at, end = match.span("time")
            if text[at].isupper() and match["time"] in _WHOLE_TIMES:
                cuts += [at] if at else []
                cuts += [end + 1] if text[end : end + 1] == " " and text[end + 1].isupper() else []
                break
            if at and text[at].isupper():
                cuts.append(at)
                break
    if current == "task" and not cuts:
        for found in re.finditer(rf"(?<=[{LOWER}])\s(?=[{UPPER}])", text):
            if starts_with_office(text[found.end() :]) and " " in text[found.end() :]:
                cuts.append(found.end())
                break
    edges = [0, *cuts, len(text)]
    parts = [text[a:b].strip() for a, b in pairwise(edges)]
    return [part for part in parts if part]


def _cells(row: _Row) -> Cells:
    first, last = row.first, row.last
    place = Place(first.page, first.line, last.page, last.line)
    texts = {column: " ".join(lines).strip(" ;") for column, lines in row.columns.items()}
    return Cells(no=row.no, place=place, **texts)
