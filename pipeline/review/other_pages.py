"""Overview, comparison, search, uploads, exports, and who the reader is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from pipeline import output
from pipeline.audit.matrix import MARKS, row_of
from pipeline.errors import KehoachError, UsageError
from pipeline.export.frames import unit_label
from pipeline.normalize.record import PlanRecord
from pipeline.review import uploads
from pipeline.review.compare import MOST, side_by_side
from pipeline.review.pages import (
    LANGUAGES,
    carried_of,
    message,
    page,
    room_of,
    texts_of,
    wanted_of,
    within,
)
from pipeline.review.pairs import pair_lines
from pipeline.store.overview import DOUBTS, ORDERS, REVIEW, Filter

_ROWS = 50
_SHADES = 5


def overview(request: Request) -> Response:
    """GET /: all plans."""
    room, texts = room_of(request), texts_of(request)
    wanted = wanted_of(request.url.query)
    found = room.overviews.find(wanted)
    asked = request.query_params.get("at", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1
    first, last = within(number, _ROWS, found.plans)
    at = first // _ROWS + 1
    groups = room.overviews.map(wanted)
    choices = room.overviews.choices()
    by_unit = len(choices["province"]) <= 1 or bool(wanted.province)

    def narrowed(name: str | None, doubt: str) -> str:
        values = {"doubt": doubt, "text" if by_unit else "province": name or ""}
        return carried_of(wanted, **values)

    return page(
        request,
        "overview.html.j2",
        wanted={name: getattr(wanted, name) for name in Filter.__dataclass_fields__},
        overview=found,
        lines=room.overviews.lines(wanted, first, _ROWS),
        first=first + 1 if found.plans else 0,
        last=last,
        previous=carried_of(wanted, at=at - 1) if first else None,
        following=carried_of(wanted, at=at + 1) if last < found.plans else None,
        carried=carried_of(wanted),
        choices=choices,
        marks=MARKS,
        reviews=REVIEW,
        doubts=DOUBTS,
        orders=ORDERS,
        map=groups,
        narrowed=narrowed,
        heat=_heat,
        unit=lambda line: unit_label(line.unit, line.path, texts),
        failures=room.store.failures(),
        can_upload=room.ingest is not None,
        noted=room.noted or "?",
        upload_bytes=room.upload_bytes,
        progress=room.ingest.progress if room.ingest else None,
    )


def _heat(count: int, plans: int) -> int:
    """A shade from 0 (none) to 5 (all of them)."""
    return 0 if not count else max(1, round(_SHADES * count / max(plans, 1)))


def compare(request: Request) -> Response:
    """GET /compare?id=…&id=…: two to four plans side by side."""
    room, texts = room_of(request), texts_of(request)
    ids = [int(i) for i in request.query_params.getlist("id") if i.isascii() and i.isdecimal()]
    ids = list(dict.fromkeys(i for i in ids if i < 2**31))
    found = [(number, room.store.record_text(number)) for number in ids[: MOST + 1]]
    records = [(n, PlanRecord.model_validate_json(text)) for n, text in found if text]
    if not 2 <= len(records) <= MOST:
        return message(request, 400, "review.compare", texts["review.compare.how"])
    rows, shares = side_by_side([record for _, record in records])
    plans = []
    for (number, record), share in zip(records, shares, strict=True):
        cells = row_of(record, room.required).cells
        plans.append(
            {
                "id": number,
                "record": record,
                "label": unit_label(record.unit.name, record.source.path, texts),
                "marks": {cell.index: cell.mark for cell in cells},
                "share": share,
            }
        )
    return page(request, "compare.html.j2", plans=plans, rows=rows)


async def upload(request: Request) -> Response:
    """POST /upload: files, to be read."""
    room, texts = room_of(request), texts_of(request)
    if room.ingest is None or room.root is None:
        said = texts.fill("review.upload.none", folder=room.noted or "?")
        return message(request, 409, "review.upload", said)
    async with request.form(max_files=1_000, max_fields=1_000) as form:
        names = [str(name) for name in form.getlist("name")]
        files = [one for one in form.getlist("file") if not isinstance(one, str) and one.filename]
        counts = {"kept": 0, "same": 0, "passed": 0}
        for at, one in enumerate(files):
            name = names[at] if at < len(names) and names[at] else str(one.filename)
            if uploads.is_passed_over(name):
                counts["passed"] += 1
                continue
            try:
                kept = await run_in_threadpool(uploads.keep, one.file, name, room.root)
            except UsageError as error:
                return message(request, 422, "review.upload", str(error))
            counts["same" if kept is None else "kept"] += 1
            if kept is not None:
                room.ingest.add(kept)
    if request.headers.get("x-requested-with") == "kehoach":
        return JSONResponse(counts)
    return RedirectResponse("/#add", 303)


def progress(request: Request) -> Response:
    """GET /uploads: how far the reading has come, a part of the overview."""
    ingest = room_of(request).ingest
    return page(request, "_ingest.html.j2", progress=ingest.progress if ingest else None)


def workbook(request: Request) -> Response:
    """GET /workbook: the workbook as reviewed; OUT's own is brought up to date, too."""
    from pipeline.export import workbook as books

    room = room_of(request)
    options = {
        "language": texts_of(request).language,
        "required": room.required,
        "source_root": room.root,
        "failures": room.store.failures(),
    }
    folder = tempfile.TemporaryDirectory(prefix="kehoach-book-")
    path = Path(folder.name) / output.WORKBOOK
    try:
        if room.out is not None and not output.is_held(room.out):
            path = room.out / output.WORKBOOK
        books.write(room.store.records(), path, **options)  # type: ignore[arg-type]
    except KehoachError as error:
        return message(request, 503, "review.export.failed", str(error))
    return FileResponse(path, filename=output.WORKBOOK, background=BackgroundTask(folder.cleanup))


def plans(request: Request) -> Response:
    """GET /plans.json: all records as reviewed."""

    def parts() -> Iterator[str]:
        between = "["
        for _, text in room_of(request).store.record_texts():
            yield between + text.rstrip("\n")
            between = ",\n"
        yield "[]\n" if between == "[" else "]\n"

    return _download(parts(), "application/json", "plans.json")


def pairs(request: Request) -> Response:
    """GET /pairs.tsv: corrected lines as training pairs."""
    found = pair_lines(room_of(request).store)
    return _download(found, "text/tab-separated-values; charset=utf-8", "pairs.tsv")


def _download(parts: Iterator[str], kind: str, name: str) -> Response:
    headers = {"content-disposition": f"attachment; filename={quote(name)}"}
    return StreamingResponse(parts, media_type=kind, headers=headers)


async def me(request: Request) -> Response:
    """POST /me: the reader's name or language."""
    form = await request.form(max_files=0, max_fields=10)
    target = str(form.get("next", "/"))
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    response = RedirectResponse(target if inside and target.isprintable() else "/", 303)
    year = 365 * 24 * 3600
    name, language = " ".join(str(form.get("name", "")).split())[:80], str(form.get("lang", ""))
    if name:
        response.set_cookie(
            "kehoach-name", quote(name), max_age=year, samesite="strict", httponly=True
        )
    if language in LANGUAGES:
        response.set_cookie(
            "kehoach-lang", language, max_age=year, samesite="strict", httponly=True
        )
    return response
