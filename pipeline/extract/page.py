"""Builds a Page from tokens: rows in reading order become lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.document import Method, Page
from pipeline.extract.layout import arrange
from pipeline.extract.tokens import Row, Token, line_of, rows_of
from pipeline.restore.damage import quality


def build_page(
    number: int,
    tokens: Iterable[Token],
    size: tuple[float, float],
    method: Method,
    *,
    turned: Mapping[int, Iterable[Token]] | None = None,
) -> Page:
    """Page ``number`` of ``size`` (width, height in points) from its tokens.

    ``turned`` are tokens of text at other angles; they follow the upright text, unless all text
    is turned, as on a page whose landscape table was drawn without saying so.
    """
    upright = list(tokens)
    groups = [(angle, list(group)) for angle, group in (turned or {}).items()]
    groups = [(angle, group) for angle, group in groups if group]
    rows: list[Row] = arrange(upright, *size) if upright else []
    for angle, group in sorted(groups, key=lambda one: -len(one[1])):
        sideways = angle in (90, 270)
        width, height = (size[1], size[0]) if sideways else size
        rows.extend(arrange(group, width, height) if not rows else rows_of(group))
    lines = tuple(line_of(row) for row in rows)
    text = "\n".join(line.text for line in lines if line.role == "body")
    return Page(
        number=number,
        lines=lines,
        size=(round(size[0], 2), round(size[1], 2)),
        method=method,
        quality=round(quality(text), 4) if text.strip() else None,
    )
