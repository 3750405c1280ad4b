"""The source of a plan: TOML between ``+++`` lines, then one paragraph a line.

::

    @letterhead          "< " left lines, "> " right lines, "number …", "place …", then @end
    @title KẾ HOẠCH      @subject, @authority, @decides, @note: centred lines
    ~ Căn cứ …           italic line of the legal basis
    # I. MỤC ĐÍCH {purpose}   heading with its section ids; ## and ### for deeper ones
    - …  + …  a) …       items
    …                    any other line is a paragraph; **bold** and _italic_ within it
    @appendix PHỤ LỤC    starts an appendix on a new page
    @table 0.1 0.9       widths; first row is the header; then "| cell | cell |" rows, then @end
    @sign                "< " recipients, "> " signature lines, then @end
    @page                page break

In a table ``^`` continues the cell above, ``<`` the cell to the left, ``//`` breaks a line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEGMENT = re.compile(r"\*\*(.+?)\*\*|_(.+?)_")
IDS = re.compile(r"\s*\{([a-z_ ]*)\}$")
CENTRED = ("title", "subject", "authority", "decides", "note", "appendix")
COLUMNS = ("no", "task", "lead", "partners", "schedule", "product")


@dataclass(frozen=True)
class Letterhead:
    """The two-column box at the top: agency and number left, motto and date right."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    number: str | None
    place: str | None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``style`` is body, item, basis, heading1 to heading3 or one of CENTRED."""

    style: str
    text: str
    ids: tuple[str, ...] | None = None

    @property
    def plain(self) -> str:
        return SEGMENT.sub(lambda match: match[1] or match[2], self.text)


@dataclass(frozen=True)
class Table:
    """Rows of cells; ``^`` and ``<`` are spans. The first ``headers`` rows repeat on each page."""

    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = COLUMNS
    headers: int = 1


@dataclass(frozen=True)
class Sign:
    """Recipients left, signature right."""

    recipients: tuple[str, ...]
    signature: tuple[str, ...]


@dataclass(frozen=True)
class Break:
    """A page break."""


Block = Letterhead | Paragraph | Table | Sign | Break


@dataclass(frozen=True)
class Plan:
    """A plan with what is known about it (``facts``) and how the samples show it (``samples``)."""

    facts: dict[str, Any]
    blocks: tuple[Block, ...]
    samples: tuple[dict[str, Any], ...] = field(default=())


def load(path: Path) -> Plan:
    """The plan of a source file."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Plan:
    """The plan of a source text; raises ValueError when a block is not closed."""
    _, matter, body = text.split("+++\n", 2)
    facts = tomllib.loads(matter)
    samples = tuple(facts.pop("sample", []))
    return Plan(facts=facts, blocks=tuple(_blocks(body)), samples=samples)


def _blocks(body: str) -> Iterator[Block]:
    lines = iter(line for line in body.splitlines() if line.strip())
    for line in lines:
        if line.startswith("@letterhead"):
            yield _letterhead(_until_end(lines))
        elif line.startswith("@sign"):
            inner = list(_until_end(lines))
            yield Sign(_marked(inner, "<"), _marked(inner, ">"))
        elif line.startswith("@table"):
            widths = tuple(float(part) for part in line.split()[1:])
            yield Table(widths, tuple(_row(inner) for inner in _until_end(lines)))
        elif line.startswith("@page"):
            yield Break()
        else:
            yield _paragraph(line)


def _until_end(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.strip() == "@end":
            return
        yield line
    raise ValueError("a block has no @end")


def _marked(lines: list[str], marker: str) -> tuple[str, ...]:
    return tuple(line[1:].strip() for line in lines if line.startswith(marker))


def _letterhead(inner: Iterator[str]) -> Letterhead:
    lines = list(inner)
    values = dict(line.split(" ", 1) for line in lines if line[0] not in "<>")
    return Letterhead(
        _marked(lines, "<"), _marked(lines, ">"), values.get("number"), values.get("place")
    )


def _row(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def _paragraph(line: str) -> Paragraph:
    if line.startswith("@"):
        style, text = line[1:].split(" ", 1)
        if style not in CENTRED:
            raise ValueError(f"unknown block: {line}")
        return Paragraph(style, text.strip())
    if line.startswith("~ "):
        return Paragraph("basis", line[2:].strip())
    if line.startswith("#"):
        marks, text = line.split(" ", 1)
        match = IDS.search(text)
        ids = tuple(match[1].split()) if match else None
        return Paragraph(f"heading{len(marks)}", IDS.sub("", text).strip(), ids)
    if re.match(r"(-|\+|[a-zđ]\)) ", line):
        return Paragraph("item", line.strip())
    return Paragraph("body", line.strip())


def segments(text: str, style: str = "R") -> list[tuple[str, str]]:
    """Split a text with marks into ``(text, font style)``: R, B, I or BI, around a basic style."""
    result: list[tuple[str, str]] = []
    position = 0
    for match in SEGMENT.finditer(text):
        result.append((text[position : match.start()], style))
        inner = match[1] or match[2]
        extra = "B" if match[1] else "I"
        result.append((inner, "".join(c for c in "BI" if c in style + extra)))
        position = match.end()
    result.append((text[position:], style))
    return [part for part in result if part[0]]
