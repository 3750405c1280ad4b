"""The matrix as text: for the terminal, and as CSV, JSON or Markdown for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.audit.matrix import MARKS, Cell, Mark, Matrix, Row
from pipeline.audit.unmet import Unmet
from pipeline.errors import UsageError
from pipeline.export.formula import unspreadsheet
from pipeline.export.messages import load

_COLOURS: dict[Mark, str] = {
    "covered": "green",
    "to_review": "yellow",
    "citation_only": "blue",
    "thematic_only": "cyan",
    "unsure": "yellow",
    "absent": "red",
    "not_a_plan": "white",
}
_MAX_QUOTE = 160


def render(
    matrix: Matrix,
    *,
    format: str = "text",
    width: int = 100,
    colour: bool = False,
    unmet: Unmet | None = None,
) -> str:
    """The matrix in ``format``, with the checks that are ``unmet``, ending in a newline.

    ``width`` in characters and ``colour`` concern text only; what tells the marks apart is their
    symbol. Raises UsageError for an unknown format.
    """
    if format == "text":
        return _text(matrix, unmet, width, colour)
    if format not in _FORMATS:
        raise UsageError(f"format {format!r} is not known; choose text, {', '.join(_FORMATS)}")
    return _FORMATS[format](matrix, unmet)


def _unmet_of(row: Row, unmet: Unmet) -> str:
    return "; ".join(check.en for check in unmet.checks.get(row.path, ()))


def _symbol(mark: str) -> str:
    return load("en")[f"mark.{mark}.symbol"]


def _name(row: Row) -> str:
    return row.unit or f"(unit unknown) {row.path}"


def _score(row: Row) -> str:
    return f"{row.score}/{len(row.cells)}" if row.is_plan else "–"


def _text(matrix: Matrix, unmet: Unmet | None, width: int, colour: bool) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, no_color=not colour,
        legacy_windows=False, highlight=False,
    )  # fmt: skip
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Unit", overflow="fold")
    table.add_column("Number", overflow="fold")
    table.add_column("Issued")
    for index in matrix.required:
        table.add_column(index, justify="center")
    table.add_column("Score", justify="right")
    for row in matrix.rows:
        marks = [Text(_symbol(c.mark), style=_COLOURS[c.mark] if colour else "") for c in row.cells]
        score = _score(row)
        table.add_row(Text(_name(row)), Text(row.number or "–"), row.issued or "–", *marks, score)
    console.print(table)
    legend = "   ".join(f"{_symbol(m)} {load('en')[f'mark.{m}.label'].lower()}" for m in MARKS)
    console.print(f"\n{legend}")
    _print_findings(console, matrix)
    if unmet:
        _print_unmet(console, matrix, unmet)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def _line(console: Console, text: str) -> None:
    """A line as it is: there may be thousands, and nothing in them is to be styled or broken."""
    console.file.write(text + "\n")


def _print_findings(console: Console, matrix: Matrix) -> None:
    """The gaps and what to review, with where to look."""
    for title, found in (("Gaps", matrix.gaps()), ("To review", matrix.to_review())):
        if found:
            console.print(f"\n{title} ({len(found)})", style="bold")
        for row, cell in ((gap.row, gap.cell) for gap in found):
            _line(console, f"  {_name(row)}: {cell.index} {_where(row, cell)}")
    others = [row.path for row in matrix.rows if not row.is_plan]
    if others:
        console.print(f"\nNot plans ({len(others)}), not counted", style="bold")
    for path in others:
        _line(console, f"  {path}")
    console.print(
        f"\n{matrix.complete()} of {matrix.plans()} plans cover {', '.join(matrix.required)}"
        f" (rules {matrix.rules})."
    )


def _print_unmet(console: Console, matrix: Matrix, unmet: Unmet) -> None:
    title = f"{unmet.checklist.name} {unmet.checklist.version}"
    short = [row for row in matrix.rows if unmet.checks.get(row.path)]
    met = len(unmet.checks) - len(short)
    console.print(Text(f"\n{title}: {met} of {len(unmet.checks)} plans meet all"), style="bold")
    for row in short:
        _line(console, f"  {_name(row)}: {_unmet_of(row, unmet)}")


def _where(row: Row, cell: Cell) -> str:
    label = load("en")[f"mark.{cell.mark}.label"].lower()
    if not cell.evidence:
        return f"{label} ({row.path})"
    first = cell.evidence[0]
    quote = " ".join(first.quote.split())
    if len(quote) > _MAX_QUOTE:
        quote = quote[:_MAX_QUOTE].rsplit(" ", 1)[0] + " …"
    return f"{label} ({row.path}, page {first.page}, line {first.line}): “{quote}”"


def _csv(matrix: Matrix, unmet: Unmet | None) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    more = ["unmet"] if unmet else []
    head = ["path", "unit", "number", "issued", *matrix.required, "score", "to_review", *more]
    writer.writerow(head)
    for row in matrix.rows:
        marks = [cell.mark for cell in row.cells]
        values = [row.path, row.unit, row.number, row.issued, *marks, row.score, row.to_review]
        if unmet:
            values.append(_unmet_of(row, unmet))
        writer.writerow([unspreadsheet(value) for value in values])
    return out.getvalue()


def _json(matrix: Matrix, unmet: Unmet | None) -> str:
    plans = [
        {
            "path": row.path,
            "unit": row.unit,
            "is_plan": row.is_plan,
            "number": row.number,
            "issued": row.issued,
            "score": row.score,
            "to_review": row.to_review,
            "indices": {
                cell.index: {
                    "status": cell.status,
                    "needs_review": cell.needs_review,
                    "reason": cell.reason,
                    "evidence": [evidence.model_dump() for evidence in cell.evidence],
                }
                for cell in row.cells
            },
        }
        for row in matrix.rows
    ]
    result: dict[str, object] = {
        "rules": matrix.rules,
        "required": matrix.required,
        "totals": matrix.totals(),
        "plans": plans,
    }
    if unmet:
        result["checklist"] = {
            "name": unmet.checklist.name,
            "version": unmet.checklist.version,
            "unmet": {path: [c.id for c in checks] for path, checks in unmet.checks.items()},
        }
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def _markdown(matrix: Matrix, unmet: Unmet | None) -> str:
    def cells(values: list[str]) -> str:
        return "| " + " | ".join(v.replace("|", "\\|").replace("\n", " ") for v in values) + " |"

    more = ["Unmet"] if unmet else []
    head = ["Unit", "Number", "Issued", *matrix.required, "Score", *more]
    rule = ["---"] * 3 + [":-:"] * len(matrix.required) + ["--:", *("---" for _ in more)]
    lines = [cells(head), cells(rule)]
    for row in matrix.rows:
        marks = [_symbol(cell.mark) for cell in row.cells]
        score = _score(row)
        last = [_unmet_of(row, unmet)] if unmet else []
        values = [_name(row), row.number or "–", row.issued or "–", *marks, score, *last]
        lines.append(cells(values))
    return "\n".join(lines) + "\n"


_FORMATS: dict[str, Callable[[Matrix, Unmet | None], str]] = {
    "csv": _csv,
    "json": _json,
    "md": _markdown,
}
