"""The one type that flows through the pipeline, and its parts.

Every class here is frozen: a stage takes a :class:`Document` and returns another one that knows
more. This module imports nothing else of the project.

Text lives in one place, ``Page.lines``; tables, sections and findings point into it. Pages and
lines are counted from 1, as people count them. ``Line.raw`` keeps the text as it was extracted, so
that from any value one can get back to page, line and raw text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the record is what the last stage makes; nothing here needs it at run time
    from pipeline.normalize.record import PlanRecord

DamageKind = Literal[
    "clean",
    "no_marks",
    "english_ocr",
    "vietnamese_ocr",
    "dropped_glyphs",
    "legacy_charset",
    "mojibake",
    "splits",
]
Method = Literal["text", "ocr", "mixed"]
Severity = Literal["info", "warning", "error"]
Role = Literal["body", "page_number", "running_head", "footnote"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from.

    ``path`` is relative to the folder of the run (POSIX separators); ``location`` is what can be
    opened now (absolute path). ``encoding`` is set for text files only.
    """

    path: str
    location: str
    sha256: str
    media_type: str
    size: int
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points (1/72 inch), origin at the top left corner of the page."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the text layer or the OCR gave it; ``start`` is its offset in ``Line.raw``."""

    text: str
    start: int
    box: Box | None = None
    confidence: float | None = None
    font: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One visual line.

    ``text`` is the best text known; ``raw`` the text as extracted (equal to ``text`` until a stage
    repairs it). ``confidence`` is 0 to 1, or None where the method gives none. ``role`` tells the
    lines that belong to the page rather than to the text that runs across pages.
    """

    text: str
    raw: str
    box: Box | None = None
    confidence: float | None = None
    font: str | None = None
    words: tuple[Word, ...] = ()
    role: Role = "body"

    @staticmethod
    def of(text: str) -> Line:
        """A line with nothing known but its text."""
        return Line(text=text, raw=text)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text is ``Page.lines[first_line - 1 : last_line]``; may be empty."""

    row: int
    column: int
    first_line: int
    last_line: int
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one page. Rows and columns are counted from 0; spanned cells stand once."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    first_line: int
    last_line: int
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """How a page (or a stretch of its lines) was damaged, with a score from 0 to 1."""

    kind: DamageKind
    score: float
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page: size in points where the format has pages, else None.

    ``turned`` is by how many degrees (anticlockwise, of 90) its image was turned before it was
    read; boxes and size are those of the turned page.
    """

    number: int
    lines: tuple[Line, ...]
    size: tuple[float, float] | None = None
    method: Method = "text"
    quality: float | None = None
    tables: tuple[Table, ...] = ()
    damage: tuple[Damage, ...] = ()
    turned: int = 0

    def text_of(self, first_line: int, last_line: int) -> str:
        """Lines ``first_line`` to ``last_line`` (from 1, inclusive), joined by newlines."""
        return "\n".join(line.text for line in self.lines[first_line - 1 : last_line])


@dataclass(frozen=True, slots=True)
class Edit:
    """One repair. ``start`` is an offset into the line as it stands when the edit is applied."""

    stage: str
    rule: str
    page: int
    line: int
    start: int
    before: str
    after: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that was kept although it looks wrong, since no reading was sure enough.

    ``start`` is an offset into the final text of the line.
    """

    page: int
    line: int
    start: int
    text: str
    best: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should know about this document."""

    stage: str
    code: str
    page: int | None
    message: str
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of text: from ``line_start`` of ``page`` to ``line_end`` of ``page_end``."""

    page: int
    line_start: int
    page_end: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Item:
    """A bullet, dash or lettered point of a section, its wrapped lines joined."""

    marker: str
    text: str
    path: str
    place: Place


@dataclass(frozen=True, slots=True)
class Section:
    """A node of the outline; ``ids`` are the canonical section ids, ``score`` the heading's match.

    ``text`` is what stands under the heading before the first item or child, paragraphs joined by
    newlines; ``paragraphs`` are the same with their places, ``heading_place`` is where the heading
    itself stands.
    """

    ids: tuple[str, ...]
    number: str | None
    heading: str
    text: str
    path: str
    place: Place
    items: tuple[Item, ...] = ()
    children: tuple[Section, ...] = ()
    score: float = 1.0
    paragraphs: tuple[Item, ...] = ()
    heading_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """Something found in the text: ``value`` is the canonical form, ``text`` as written.

    ``path`` and ``section`` are those of the section or item that holds it.
    """

    kind: str
    value: str
    text: str
    place: Place
    confidence: float = 1.0
    path: str = ""
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A document that the text cites.

    ``code`` is canonical ("963/QĐ-UBND", None for laws cited by name), ``date`` ISO; what the text
    does not give is None. ``text`` is the whole citation with its subject.
    """

    code: str | None
    type: str | None
    date: str | None
    issuer: str | None
    about: str | None
    text: str
    place: Place
    path: str = ""
    section: tuple[str, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where the text names an index, or only touches its theme.

    ``form``: ``full`` (name and abbreviation), ``abbr``, ``name``, ``elided`` (the name in a list
    that "chỉ số" governs) or ``theme``. ``cited`` is true inside the title of a cited document.
    ``quote`` is the sentence around it, ``quote_place`` its lines, ``raw`` these as extracted.
    """

    index: str
    form: Literal["full", "abbr", "name", "elided", "theme"]
    text: str
    quote: str
    place: Place
    quote_place: Place
    path: str
    section: tuple[str, ...]
    cited: bool
    confidence: float
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document on its way through the stages of :mod:`pipeline.flow`."""

    source: Source
    pages: tuple[Page, ...] = ()
    edits: tuple[Edit, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    sections: tuple[Section, ...] = ()
    entities: tuple[Entity, ...] = ()
    citations: tuple[Citation, ...] = ()
    mentions: tuple[Mention, ...] = ()
    record: PlanRecord | None = None
    issues: tuple[Issue, ...] = field(default=())

    @property
    def is_scanned(self) -> bool:
        """Whether an OCR of ours read any of the pages."""
        return any(page.method != "text" for page in self.pages)

    def lines(self) -> Iterator[tuple[int, int, Line]]:
        """Every line as ``(page, line, Line)``, both counted from 1."""
        for page in self.pages:
            for number, line in enumerate(page.lines, start=1):
                yield page.number, number, line

    def text(self, *, raw: bool = False) -> str:
        """The whole text, a newline after each line and a form feed between pages."""
        pages = (
            "".join((line.raw if raw else line.text) + "\n" for line in page.lines)
            for page in self.pages
        )
        return "\f".join(pages)

    def with_issues(self, *issues: Issue) -> Document:
        """The same document with ``issues`` added."""
        return replace(self, issues=(*self.issues, *issues))


Stage = Callable[[Document], Document]


def replay(lines: Iterable[str], edits: Iterable[Edit], *, page: int = 1) -> list[str]:
    """Apply the edits of one page to its raw lines, in order; gives the restored lines.

    Raises ValueError when an edit does not fit the text that it is applied to.
    """
    result = list(lines)
    for edit in edits:
        if edit.page != page:
            continue
        text = result[edit.line - 1]
        end = edit.start + len(edit.before)
        if text[edit.start : end] != edit.before:
            raise ValueError(
                f"edit does not fit: page {page}, line {edit.line}, column {edit.start}: "
                f"expected {edit.before!r}, found {text[edit.start : end]!r}"
            )
        result[edit.line - 1] = text[: edit.start] + edit.after + text[end:]
    return result
