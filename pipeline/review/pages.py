"""What all pages share: templates, the reader's language and name, and what goes wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pipeline import output
from pipeline.errors import StoreError
from pipeline.export.messages import Messages, load
from pipeline.export.report_card import written_date
from pipeline.review.desk import Desk
from pipeline.review.uploads import Ingest
from pipeline.store import Store
from pipeline.store.overview import Filter, Overviews

LANGUAGES = ("vi", "en")
_FILTERS = tuple(field.name for field in fields(Filter))


@dataclass
class Room:
    """What the application works with.

    ``root`` is the folder that was read, as this machine has it, ``noted`` what the store calls it;
    ``out`` is that of records and workbook (None for a database without files).
    """

    store: Store
    required: tuple[str, ...]
    root: Path | None
    noted: Path | None
    out: Path | None
    language: str
    by: str
    ingest: Ingest | None
    upload_bytes: int

    @property
    def desk(self) -> Desk:
        """The plans, one by one."""
        return Desk(self.store, self.out)

    @property
    def overviews(self) -> Overviews:
        """The plans at a glance."""
        return Overviews(self.store, self.required)


def room_of(request: Request) -> Room:
    """The application's room."""
    room: Room = request.app.state.room
    return room


def texts_of(request: Request) -> Messages:
    """The catalogue in the reader's language."""
    language = request.cookies.get("kehoach-lang", "")
    return load(language if language in LANGUAGES else room_of(request).language)


def name_of(request: Request) -> str:
    """Who decides: the name that the reader gave, or that of the account."""
    given = parse_qsl("name=" + request.cookies.get("kehoach-name", ""))
    return (given[0][1] if given else "")[:80] or room_of(request).by


def wanted_of(query: str) -> Filter:
    """The filter in a query string; what is no part of one is passed over."""
    given = {k: v[:200] for k, v in parse_qsl(query[:4_000]) if k in _FILTERS}
    return Filter(**given)


def carried_of(wanted: Filter, **more: object) -> str:
    """A filter as a query string, without what asks for nothing."""
    pairs = {name: getattr(wanted, name) for name in _FILTERS}
    kept = {name: value for name, value in (pairs | more).items() if value not in ("", None)}
    return urlencode(kept)


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of the application."""
    room, texts = room_of(request), texts_of(request)
    shared = {
        "t": texts,
        "me": name_of(request),
        "asset": asset,
        "here": _here(request),
        "port": request.url.port,
        "busy": not _own_run(room) and _is_busy(room),
        "required": room.required,
        "number": lambda value: format_decimal(value, locale=texts.language),
        "percent": lambda value: format_percent(value, locale=texts.language),
        "dated": written_date,
        "moment": lambda at: _moment(at, texts.language),
    }
    html = _environment().get_template(template).render({**shared, **context})
    return HTMLResponse(html.encode("utf-8", "replace"), status)


def message(request: Request, status: int, heading: str, text: str = "") -> Response:
    """A page that says one thing; ``heading`` is a key of the catalogue, ``text`` is a text."""
    texts = texts_of(request)
    return page(request, "message.html.j2", status, heading=texts[heading], text=text)


def _is_busy(room: Room) -> bool:
    """Whether a run is writing to the store; a store that does not answer is said elsewhere."""
    if room.out is not None and output.is_held(room.out):
        return True
    try:
        return room.store.is_held()
    except StoreError:
        return False


def _own_run(room: Room) -> bool:
    return room.ingest is not None and room.ingest.progress.running


def _here(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _moment(at: str | None, language: str) -> str:
    """A moment (ISO 8601) as the reader's language writes it, in the time of this machine."""
    if not at:
        return ""
    local = datetime.fromisoformat(at).astimezone()
    return str(format_datetime(local, "short", locale=language, tzinfo=local.tzinfo))


def within(page_number: int, size: int, count: int) -> tuple[int, int]:
    """First and last place (from 0, last exclusive) of a page of a list of ``count``."""
    first = min(max(page_number - 1, 0) * size, max(count - 1, 0) // size * size)
    return first, min(first + size, count)


# ---- files of the package ----------------------------------------------------------------------

_TYPES = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain",
}  # fmt: skip


@cache
def _assets() -> dict[str, bytes]:
    folder = files("pipeline") / "review" / "static"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file()}


@cache
def asset(name: str) -> str:
    """The address of a file of ours; it changes with the content, so that it can be kept."""
    return f"/static/{hashlib.sha256(_assets()[name]).hexdigest()[:12]}/{name}"


def static(request: Request) -> Response:
    """A file of ours, from a list: no path is ever put together."""
    name = request.path_params["name"]
    if name not in _assets():
        return Response("not found", 404)
    suffix = Path(name).suffix
    keep = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(_assets()[name], media_type=_TYPES[suffix], headers=keep)


@cache
def _template(name: str) -> str:
    return (files("pipeline") / "review" / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
