"""Which tables there are, their columns in order, and how wide and of what kind each is.

Titles and explanations of columns and sheets are texts for readers and stand in the message
catalogues (:mod:`pipeline.export.messages`), under the same keys.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "wrap", "integer", "share", "date", "source", "mark", "score"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``width`` in characters of the sheet's font, ``form`` a format for numbers.

    ``title`` is the key of its title in the catalogue where that is not "column.<key>.title".
    """

    key: str
    kind: Kind = "text"
    width: float = 12.0
    form: str = "0"
    title: str = ""


_NO = Column("no", "integer", 6)
_UNIT = Column("unit", "wrap", 23)
_PATH = Column("path", "text", 11)
_PAGE = Column("page", "integer", 7)
_LINE = Column("line", "integer", 7)
_QUOTE = Column("quote", "wrap", 56)
_SOURCE = Column("source", "source", 24)

TABLES: dict[str, tuple[Column, ...]] = {
    "summary": (
        _NO,
        _UNIT,
        Column("parents", "wrap", 24),
        Column("number", "text", 16),
        Column("issued", "date", 12),
        Column("parent_plan", "text", 17),
        # one column for each required index comes here
        Column("score", "score", 9),
        Column("signed", "wrap", 18),
        _SOURCE,
    ),
    "evidence": (
        _NO,
        _UNIT,
        Column("index", "text", 9),
        Column("mark", "mark", 16),
        _QUOTE,
        Column("raw", "wrap", 40),
        _PATH,
        Column("section", "wrap", 14),
        _PAGE,
        _LINE,
        Column("confidence", "share", 9),
        Column("reason", "wrap", 30),
        _SOURCE,
    ),
    "profiles": (
        _NO,
        _UNIT,
        Column("level", "text", 10),
        Column("parents", "wrap", 24),
        Column("successors", "wrap", 24),
        Column("form", "wrap", 18),
        Column("number", "text", 16),
        Column("place", "wrap", 14),
        Column("issued", "date", 12),
        Column("not_before", "date", 12),
        Column("not_after", "date", 12),
        Column("title", "wrap", 44),
        Column("year", "integer", 7),
        Column("other_indices", "wrap", 28),
        Column("parent_plan", "text", 17),
        Column("parent_date", "date", 13),
        Column("lag", "integer", 10),
        Column("audience", "wrap", 30),
        Column("funding", "wrap", 40),
        Column("funding_sources", "wrap", 24),
        Column("reporting", "wrap", 16),
        Column("report_to", "wrap", 20),
        Column("authority", "wrap", 24),
        Column("position", "wrap", 16),
        Column("signer", "wrap", 20),
        Column("recipients", "wrap", 34),
        _SOURCE,
    ),
    "sections": (
        _NO,
        _UNIT,
        _PATH,
        Column("section", "wrap", 18),
        Column("heading", "wrap", 34),
        Column("text", "wrap", 90),
        Column("items", "integer", 7),
        _PAGE,
        _LINE,
        _SOURCE,
    ),
    "channels": (
        _NO,
        _UNIT,
        Column("channel", "wrap", 26),
        Column("mode", "text", 14),
        _QUOTE,
        _PATH,
        _PAGE,
        _LINE,
        _SOURCE,
    ),
    "assignments": (
        _NO,
        _UNIT,
        Column("assignee", "wrap", 30),
        Column("lead", "text", 9),
        Column("duties", "wrap", 80),
        _PATH,
        _PAGE,
        _LINE,
        _SOURCE,
    ),
    "tasks": (
        _NO,
        _UNIT,
        Column("task_no", "text", 11),
        Column("task", "wrap", 56),
        Column("task_lead", "wrap", 24),
        Column("partners", "wrap", 24),
        Column("schedule", "wrap", 18),
        Column("product", "wrap", 26),
        _PAGE,
        _SOURCE,
    ),
    "citations": (
        _NO,
        _UNIT,
        Column("code", "text", 20),
        Column("type", "wrap", 14),
        Column("date", "date", 12),
        Column("issuer", "wrap", 24),
        Column("subject", "wrap", 50),
        Column("is_parent", "text", 12),
        _PATH,
        _PAGE,
        _LINE,
        _SOURCE,
    ),
    "quality": (
        _NO,
        _UNIT,
        Column("damage", "wrap", 22),
        Column("method", "wrap", 16),
        Column("pages", "integer", 8),
        Column("words", "integer", 9, "#,##0"),
        Column("edited", "integer", 10, "#,##0"),
        Column("edited_share", "share", 9),
        Column("uncertain", "integer", 9, "#,##0"),
        Column("worst_page", "share", 10),
        Column("missing", "wrap", 36),
        Column("issues", "wrap", 50),
        _SOURCE,
    ),
    "decisions": (
        _NO,
        _UNIT,
        Column("decision", "text", 12),
        Column("decided", "wrap", 22),
        Column("before", "wrap", 40),
        Column("after", "wrap", 40),
        Column("by", "wrap", 20),
        Column("at", "text", 18),
        _SOURCE,
    ),
}
COMPARED: dict[str, tuple[Column, ...]] = {
    "copies": (
        _NO,
        _UNIT,
        Column("similar_unit", "wrap", 24),
        Column("relation", "wrap", 16),
        Column("share", "share", 9),
        Column("own_count", "integer", 9),
        Column("own", "wrap", 54),
        Column("lacking_count", "integer", 9),
        Column("lacking", "wrap", 54),
        _SOURCE,
        Column("other_source", "source", 24),
    ),
    "leftovers": (
        _NO,
        _UNIT,
        Column("leftover", "wrap", 26),
        Column("found_words", "wrap", 24),
        Column("quote", "wrap", 70),
        _PATH,
        _PAGE,
        _LINE,
        _SOURCE,
    ),
    "unassigned": (
        _NO,
        _UNIT,
        Column("duty", "wrap", 28),
        Column("quote", "wrap", 80),
        _PATH,
        _PAGE,
        _LINE,
        _SOURCE,
    ),
    "parents": (
        _NO,
        Column("parent_plan", "text", 20),
        Column("parent_date", "date", 14),
        Column("units", "integer", 9),
        Column("dated", "integer", 9),
        Column("first_days", "integer", 11),
        Column("middle_days", "integer", 11),
        Column("last_days", "integer", 11),
        Column("last_unit", "wrap", 28),
    ),
    "cited": (
        _NO,
        Column("code", "text", 20),
        Column("type", "wrap", 14),
        Column("date", "date", 12),
        Column("issuer", "wrap", 26),
        Column("subject", "wrap", 50),
        Column("units", "integer", 9),
        Column("unit_names", "wrap", 70),
    ),
    "changes": (
        _NO,
        _UNIT,
        Column("earlier", "integer", 9),
        Column("later", "integer", 9),
        Column("compared", "wrap", 17),
        Column("change", "text", 11),
        Column("which", "wrap", 26),
        Column("earlier_text", "mark", 46),
        Column("later_text", "mark", 46),
        Column("source", "source", 20),
        Column("earlier_source", "source", 20),
    ),
}
"""The sheets that compare plans with one another, after those of the contract."""
FAILURES: tuple[Column, ...] = (
    _NO,
    Column("source", "wrap", 44),
    Column("failure", "wrap", 40),
    Column("remedy", "wrap", 50),
    Column("detail", "wrap", 60),
)
SHEETS: tuple[str, ...] = (
    "summary",
    "evidence",
    "profiles",
    "sections",
    "areas",
    "channels",
    "assignments",
    "tasks",
    "citations",
    "quality",
    "decisions",
)
"""The sheets of the contract, in their order, and what persons decided.

"areas" has a column for each area.
"""


def summary(required: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of the summary, with one for each required index before the score."""
    columns = TABLES["summary"]
    at = next(n for n, column in enumerate(columns) if column.key == "score")
    score = replace(columns[at], form=f'0"/{len(required)}"')
    indices = (Column(index, "mark", 16) for index in required)
    return (*columns[:at], *indices, score, *columns[at + 1 :])


def side_by_side(ids: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of the sheet of sections: one for each kind of section."""
    return (
        _NO,
        _UNIT,
        *(Column(name, "wrap", 34, title=f"section.{name}") for name in ids),
        _SOURCE,
    )


def areas(ids: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of the table of reform areas: one for each area."""
    return (_NO, _UNIT, *(Column(area, "mark", 22, title=f"area.{area}") for area in ids), _SOURCE)
