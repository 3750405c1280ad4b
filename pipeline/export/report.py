"""The report: one HTML file that needs nothing else, on a screen, on a phone, in print.

The matrix stands in the page as a table; each plan's card is made in the browser, when it is
opened, from data in the same file, so that 5,000 plans stay usable. What came out of a document is
data: the template escapes it, the script only ever sets text, and a Content-Security-Policy lets
nothing run but the script that is named there by its hash, and nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from pipeline.audit import matrix
from pipeline.audit.checklist import Checklist
from pipeline.audit.copies import Body
from pipeline.audit.order import record_key
from pipeline.audit.own_indices import applied
from pipeline.audit.passages import passages
from pipeline.audit.yearly import Facts
from pipeline.audit.years import years
from pipeline.export import messages, report_years
from pipeline.export.beside import written_beside
from pipeline.export.frames import named, unit_label
from pipeline.export.picture import bars
from pipeline.export.report_card import card, written_date
from pipeline.export.spill import Spill, Spilled
from pipeline.normalize.record import PlanRecord

_MAX_FAILURES = 500  # listed in the page; run.json has all of them


def write(
    records: Iterable[PlanRecord],
    path: str | Path,
    *,
    language: str = "vi",
    required: Sequence[str],
    source_root: str | Path | None = None,
    failures: Iterable[Mapping[str, str]] = (),
    checklist: Checklist | None = None,
) -> None:
    """Write the report of ``records`` to ``path``, beside and then renamed.

    Arguments and errors are those of :func:`pipeline.export.workbook.write`.
    """
    texts = named(messages.load(language), checklist)
    records, required = applied(records, required, checklist)
    wanted = tuple(dict.fromkeys(required))
    href = _linker(Path(path), Path(source_root)) if source_root is not None else None
    failed = sorted(failures, key=lambda failure: failure["path"])
    with Spill() as spill, written_beside(path) as temporary:
        plans = []
        for record in records:
            row, said = matrix.row_of(record, wanted), list(passages(record))
            data = card(record, row, said, texts, checklist)
            data["href"] = href(row.path) if href else None
            body = Body.of(record, said)
            number = spill.put(row.without_evidence())
            for part in (_embedded(data), Facts.of(record, row, body.names), body):
                spill.put(part)
            plans.append((record_key(record), number))
        plans.sort()
        parts = _Parts(spill, [number for _, number in plans])
        table = matrix.Matrix(wanted, parts(0))
        compared, steps = _compared(parts, table, texts)
        told = ((row, spill.get(number)) for row, number in compared.items())
        with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(_page(table, parts(1), told, steps, failed, texts))


class _Parts:
    """What was put aside of each document, in the order of the matrix: row, card, facts, body."""

    def __init__(self, spill: Spill, numbers: Sequence[int]) -> None:
        self.spill, self._numbers = spill, numbers

    def __call__(self, part: int, among: Sequence[int] | None = None) -> Spilled[Any]:
        """One part of all documents, or of those ``among`` them."""
        wanted = self._numbers if among is None else [self._numbers[at] for at in among]
        return Spilled(self.spill, [number + part for number in wanted])


def _compared(
    parts: _Parts, table: matrix.Matrix, texts: messages.Messages
) -> tuple[dict[int, int], list[report_years.Step]]:
    """By row of the matrix where its plan's years are put aside, and the steps over all units."""
    plans = [at for at, row in enumerate(table.rows) if row.is_plan]
    facts, bodies = parts(2, plans), parts(3, plans)
    found, steps = {}, report_years.Steps()
    for later, earlier, pair in years(facts, report_years.Comparable(bodies)):
        steps.add(pair)
        told = report_years.entry(pair, plans[earlier], texts)
        found[plans[later]] = parts.spill.put(_embedded(told))
    return found, steps.in_order()


def _page(
    table: matrix.Matrix,
    cards: Sequence[str],
    compared: Iterable[tuple[int, str]],
    steps: Sequence[report_years.Step],
    failed: list[Mapping[str, str]],
    texts: messages.Messages,
) -> Iterable[str]:
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .generate(
            t=texts,
            table=table,
            marks=matrix.MARKS,
            totals=table.totals(),
            plans=table.plans(),
            others=len(table.rows) - table.plans(),
            tiles=_tiles(table, len(failed)),
            bars=bars(table),
            failed=failed[:_MAX_FAILURES],
            failed_more=max(len(failed) - _MAX_FAILURES, 0),
            unit=lambda row: unit_label(row.unit, row.path, texts),
            written=written_date,
            style=Markup(style),  # noqa: S704 our own file
            script=Markup(script),  # noqa: S704 our own file
            style_hash=_hash(style),
            script_hash=_hash(script),
            steps=steps,
            data=_data(
                cards, compared, {"texts": _script_texts(texts), "required": table.required}
            ),
            version=_version(),
        )
    )


def _data(
    cards: Sequence[str], years: Iterable[tuple[int, str]], rest: dict[str, object]
) -> Iterator[Markup]:
    """What the script reads, as JSON in pieces; ``cards`` and ``years`` are embedded already."""
    yield Markup('{"cards":[')
    for number, text in enumerate(cards):
        yield Markup("," + text if number else text)  # noqa: S704 escaped by _embedded
    yield Markup('],"years":{')
    for number, (row, text) in enumerate(years):
        yield Markup(f'{"," if number else ""}"{row}":{text}')  # noqa: S704 escaped by _embedded
    yield Markup("}," + _embedded(rest)[1:])  # noqa: S704 escaped by _embedded


def _embedded(data: object) -> str:
    r"""JSON that can stand inside a script element: no text of a document can close it.

    >>> _embedded({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace").decode()


def _tiles(table: matrix.Matrix, failed: int) -> list[tuple[str, int, str]]:
    """The numbers at the head of the page: (key of the text, number, tone)."""
    gap = len({gap.row.path for gap in table.gaps()})
    review = sum(row.to_review > 0 for row in table.rows)
    return [
        ("tile_plans", table.plans(), "plain"),
        ("tile_complete", table.complete(), "covered"),
        ("tile_gap", gap, "absent" if gap else "plain"),
        ("tile_review", review, "to_review" if review else "plain"),
        ("tile_failed", failed, "absent" if failed else "plain"),
    ]


def _script_texts(texts: messages.Messages) -> dict[str, str]:
    """The texts that the script needs, with the ``{placeholders}`` left for it to fill."""
    wanted = ("report.", "mark.", "index.", "workbook.page", "years.more")
    return {key: text for key, text in texts.items() if key.startswith(wanted)}


def _linker(report: Path, root: Path) -> Any:
    """Gives a relative link from the report to a source file, or None where none can be made."""
    folder, base = report.resolve().parent, root.resolve()

    def href(path: str) -> str | None:
        if "\\udc" in path:  # bytes that are no text: no link can name the file
            return None
        target = base / path
        try:
            return quote(Path(os.path.relpath(target, folder)).as_posix())
        except ValueError:  # another drive, on Windows
            return target.as_uri()

    return href


@cache
def _asset(name: str) -> str:
    return (files("pipeline") / "export" / "templates" / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _version() -> str:
    try:
        return version("kehoach")
    except PackageNotFoundError:  # run from a copy that is not installed
        return "0"
