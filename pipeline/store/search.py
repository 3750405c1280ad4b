"""Search in the text of all plans, without regard to diacritics and case.

SQLite finds passages by its full-text index (FTS5); on another database, or where SQLite was built
without it, the passages are gone through one by one, with the same result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Row, Select, func, inspect, select, text

from pipeline.errors import UsageError
from pipeline.segment.fold import fold
from pipeline.store.store import Store
from pipeline.store.tables import documents, passages, records

_INDEX = "passages_search"
_FILES = 500  # asked for at a time: databases take only so many values in one question


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with all that was looked for. ``found`` are the stretches of ``text`` that match.

    ``file`` is the path of the document, ``path`` the place in its outline.
    """

    file: str
    unit: str | None
    path: str
    section: tuple[str, ...]
    page: int
    line: int
    text: str
    found: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """``total`` passages in ``plans`` plans have it; ``hits`` are the first of them."""

    hits: tuple[Hit, ...]
    total: int
    plans: int


def search(store: Store, phrases: Sequence[str], *, limit: int = 50) -> Found:
    """Passages with every one of ``phrases``, by file and place; at most ``limit`` are given.

    The words of a phrase must follow one another. Raises UsageError when no phrase has a word.
    """
    words = [found for phrase in phrases if (found := re.findall(r"[^\W_]+", fold(phrase)))]
    if not words:
        raise UsageError('say what to look for, for example: kehoach search OUT "hài lòng"')
    patterns = [re.compile(rf"\b{'[^a-z0-9]+'.join(map(re.escape, w))}\b") for w in words]
    with store._reading() as connection:
        if inspect(connection).has_table(_INDEX):
            return _indexed(connection, words, patterns, limit)
        return _one_by_one(connection, patterns, limit)


def _indexed(
    connection: Connection,
    words: Sequence[Sequence[str]],
    patterns: Sequence[re.Pattern[str]],
    limit: int,
) -> Found:
    wanted = {"q": " ".join(f'"{" ".join(phrase)}"' for phrase in words)}
    matching = select(text("rowid")).select_from(text(_INDEX)).where(text(f"{_INDEX} MATCH :q"))
    where = passages.c.id.in_(matching.scalar_subquery())
    counted = (
        select(passages.c.document_id, func.count().label("hits"))
        .where(where)
        .group_by(passages.c.document_id)
        .subquery()
    )
    files = (
        select(counted.c.document_id, counted.c.hits)
        .join(documents, documents.c.id == counted.c.document_id)
        .join(records, records.c.document_id == documents.c.id)
        .where(documents.c.gone.is_(False))
        .order_by(documents.c.path)
    )
    found = connection.execute(files, wanted).all()
    # only the files that are shown are read: a common word stands in every passage of the store
    before = accumulate((row.hits for row in found), initial=0)
    first = [row.document_id for row, hits in zip(found, before, strict=False) if hits < limit]
    rows: list[Row[Any]] = []
    for at in range(0, len(first), _FILES):
        shown = _passages().where(where, passages.c.document_id.in_(first[at : at + _FILES]))
        rows += connection.execute(shown.limit(limit - len(rows)), wanted).all()
    total = sum(row.hits for row in found)
    return Found(tuple(_hit(row, patterns) for row in rows), total, len(found))


def _one_by_one(connection: Connection, patterns: Sequence[re.Pattern[str]], limit: int) -> Found:
    hits: list[Hit] = []
    total, files = 0, set()
    for row in connection.execution_options(yield_per=500).execute(_passages()):
        folded = fold(row.text)
        if all(pattern.search(folded) for pattern in patterns):
            total += 1
            files.add(row.file)
            if len(hits) < limit:
                hits.append(_hit(row, patterns))
    return Found(tuple(hits), total, len(files))


def _passages() -> Select[Any]:
    columns = (
        documents.c.path.label("file"), records.c.unit, passages.c.path, passages.c.section,
        passages.c.page, passages.c.line, passages.c.text,
    )  # fmt: skip
    return _joined(select(*columns)).order_by(documents.c.path, passages.c.ordinal)


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(passages)
        .join(documents, documents.c.id == passages.c.document_id)
        .join(records, records.c.document_id == documents.c.id)
        .where(documents.c.gone.is_(False))
    )


def _hit(row: Any, patterns: Sequence[re.Pattern[str]]) -> Hit:
    return Hit(
        row.file, row.unit, row.path, tuple(row.section.split()), row.page, row.line, row.text,
        tuple(_stretches(fold(row.text), patterns)),
    )  # fmt: skip


def _stretches(folded: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """Where a pattern matches, in order; stretches that touch are one."""
    spans = sorted(match.span() for pattern in patterns for match in pattern.finditer(folded))

    def joined(done: list[tuple[int, int]], span: tuple[int, int]) -> list[tuple[int, int]]:
        if done and span[0] <= done[-1][1]:
            return [*done[:-1], (done[-1][0], max(done[-1][1], span[1]))]
        return [*done, span]

    empty: list[tuple[int, int]] = []
    yield from reduce(joined, spans, empty)
