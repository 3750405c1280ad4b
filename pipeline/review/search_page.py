"""Search in the text of all plans, with or without diacritics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from pipeline.errors import UsageError
from pipeline.export.frames import unit_label
from pipeline.review.pages import page, room_of, texts_of
from pipeline.store import Store
from pipeline.store.search import Found, Hit, search
from pipeline.store.tables import documents

_MOST = 100
_AROUND = 220  # characters shown on each side of what was found


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit: where it leads, and its text in pieces of which some were looked for."""

    href: str
    label: str
    where: str
    pieces: tuple[tuple[str, bool], ...]


def find(request: Request) -> Response:
    """GET /search?q=…: the passages that hold the words, in this order."""
    room, texts = room_of(request), texts_of(request)
    query = " ".join(request.query_params.get("q", "").split())[:200]
    found = Found((), 0, 0)
    if query:
        try:
            found = search(room.store, [query], limit=_MOST)
        except UsageError:  # no word in it
            found = Found((), 0, 0)
    numbers = _numbers(room.store, {hit.file for hit in found.hits})
    hits = [
        Shown(
            href=f"/plan/{numbers[hit.file]}?page={hit.page}&line={hit.line}#l{hit.line}",
            label=unit_label(hit.unit, hit.file, texts),
            where=texts.fill("report.at", path=texts.path(hit.path), page=hit.page, line=hit.line),
            pieces=tuple(_pieces(hit)),
        )
        for hit in found.hits
        if hit.file in numbers
    ]
    return page(request, "search.html.j2", query=query, hits=hits, total=found.total)


def _numbers(store: Store, files: set[str]) -> dict[str, int]:
    query = select(documents.c.path, documents.c.id).where(documents.c.path.in_(files))
    with store._reading() as connection:
        return {row.path: row.id for row in connection.execute(query)}


def _pieces(hit: Hit) -> Iterator[tuple[str, bool]]:
    """The passage around what was found, cut where that begins and ends."""
    if not hit.found:
        yield hit.text[: 2 * _AROUND], False
        return
    first = max(hit.found[0][0] - _AROUND, 0)
    last = min(hit.found[-1][1] + _AROUND, len(hit.text))
    at = first
    for start, end in hit.found:
        yield ("… " if at == first and first else "") + hit.text[at:start], False
        yield hit.text[start:end], True
        at = end
    yield hit.text[at:last] + (" …" if last < len(hit.text) else ""), False
