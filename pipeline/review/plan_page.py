"""The page of one plan: image and text, what is decided on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.audit.passages import walk
from pipeline.errors import ConflictError, KehoachError, UsageError
from pipeline.export.frames import issues, unit_label
from pipeline.export.messages import Messages
from pipeline.normalize.record import Coverage, IndexFinding, SectionId, Where
from pipeline.review import pictures
from pipeline.review.desk import GoneError, Plan, seal
from pipeline.review.fields import FIELDS, value_of
from pipeline.review.pages import (
    carried_of,
    message,
    name_of,
    page,
    room_of,
    texts_of,
    wanted_of,
)
from pipeline.review.sheets import Sheet
from pipeline.store.overview import Filter
from pipeline.store.reviews import Decided, Wish

_A4 = (595.0, 842.0)
_CONTENT = 16  # letters of the SHA-256 by which forms name the content that they speak of


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of the record as the panel shows it."""

    key: str
    value: str
    shown: str
    where: Where | None
    choices: tuple[str, ...]
    decision: Decided | None


def show(request: Request) -> Response:
    """GET: the plan."""
    try:
        plan = room_of(request).desk.plan(request.path_params["id"])
    except GoneError as error:
        return message(request, 404, "review.gone", str(error))
    number = _whole(request.query_params.get("sheet", ""))
    at = _whole(request.query_params.get("page", ""))
    if at:
        number = plan.sheets.of(at, _whole(request.query_params.get("line", "")) or 1)
    return _page(request, "plan.html.j2", plan, number, wanted_of(request.url.query))


async def decide(request: Request) -> Response:
    """POST: one decision."""
    form = await request.form(max_files=0, max_fields=60)
    kind = str(form.get("kind", ""))
    wish = Wish(
        kind=kind,  # type: ignore[arg-type]
        target=str(form.get("target", ""))[:400],
        old=str(form.get("old", "")),
        new=" ".join(str(v) for v in form.getlist("new")),
        seen=_whole(str(form.get("seen", ""))),
    )
    if kind not in ("word", "field", "section", "index", "sign"):
        return message(request, 400, "review.bad")

    def work(plan: Plan) -> None:
        room_of(request).desk.decide(plan, wish, name_of(request))

    return await run_in_threadpool(_answer, request, form, work)


async def accept(request: Request) -> Response:
    """POST: all uncertain words of a sheet, or of the plan, are right as shown."""
    form = await request.form(max_files=0, max_fields=20)

    def work(plan: Plan) -> None:
        number = _whole(str(form.get("of", "")))
        room_of(request).desk.accept(plan, number, str(form.get("seen", "")), name_of(request))

    return await run_in_threadpool(_answer, request, form, work)


async def edit_line(request: Request) -> Response:
    """POST: a whole line as the person wants it."""
    form = await request.form(max_files=0, max_fields=20)

    def work(plan: Plan) -> None:
        room_of(request).desk.edit_line(
            plan,
            _whole(str(form.get("page", ""))),
            _whole(str(form.get("line", ""))),
            str(form.get("seen", "")),
            str(form.get("new", "")),
            name_of(request),
        )

    return await run_in_threadpool(_answer, request, form, work)


async def undo(request: Request) -> Response:
    """POST: take a decision back."""
    form = await request.form(max_files=0, max_fields=20)

    def work(plan: Plan) -> None:
        number = _whole(str(form.get("id", "")))
        room_of(request).desk.undo(plan, number, name_of(request))

    return await run_in_threadpool(_answer, request, form, work)


def image(request: Request) -> Response:
    """GET: the image of a page."""
    room = room_of(request)
    original = room.desk.reviews.original(request.path_params["id"])
    number = request.path_params["page"]
    pages = original.document.pages if original else ()
    found = next((one for one in pages if one.number == number), None)
    if original is None or found is None:
        return Response("not found", 404)
    try:
        data = pictures.picture(room.root, original.document.source, found)
    except pictures.NoPictureError:
        return Response("no image", 404)
    return Response(
        data, media_type="image/jpeg", headers={"cache-control": "private, max-age=600"}
    )


def record(request: Request) -> Response:
    """GET: the record as reviewed, as JSON."""
    text = room_of(request).store.record_text(request.path_params["id"])
    if text is None:
        return Response("not found", 404)
    return Response(text, media_type="application/json")


def _answer(request: Request, form: FormData, work: Callable[[Plan], None]) -> Response:
    """Do what was asked, then show the plan: a part of the page, or all of it without a script."""
    room, texts = room_of(request), texts_of(request)
    number = request.path_params["id"]
    sheet = _whole(str(form.get("sheet", "")))
    wanted = wanted_of(str(form.get("carried", "")))
    status, notice = 200, ""
    try:
        plan = room.desk.plan(number)
        _check_content(form, plan)
        work(plan)
    except GoneError as error:
        return message(request, 404, "review.gone", str(error))
    except ConflictError as error:
        status, notice = 409, _conflict(error, texts)
    except UsageError:
        status, notice = 422, texts["review.bad"]
    except KehoachError as error:
        return message(request, 503, "review.unsaved", str(error))
    inline = request.headers.get("hx-request") == "true"
    if status == 200 and not inline:
        query = carried_of(wanted, sheet=sheet or None)
        return RedirectResponse(f"/plan/{number}" + (f"?{query}" if query else ""), 303)
    template = "_work.html.j2" if inline else "plan.html.j2"
    plan = room.desk.plan(number)
    return _page(request, template, plan, sheet, wanted, status=status, notice=notice)


def _check_content(form: FormData, plan: Plan) -> None:
    """Raise ConflictError when the form is of another content: after --fresh, numbers change."""
    if str(form.get("content", "")) not in ("", plan.original.sha256[:_CONTENT]):
        raise ConflictError


def _conflict(error: ConflictError, texts: Messages) -> str:
    if isinstance(error.other, Decided):
        other = error.other
        taken = other.undoes is not None
        said = texts["review.conflict.undone"] if taken else f"“{other.new}”"
        return texts.fill("review.conflict", name=other.by, value=said)
    return texts["review.conflict.changed"]


def _page(
    request: Request,
    template: str,
    plan: Plan,
    number: int,
    wanted: Filter,
    *,
    status: int = 200,
    notice: str = "",
) -> Response:
    room, texts = room_of(request), texts_of(request)
    sheets = plan.sheets.all
    sheet = sheets[min(max(number, 1), len(sheets)) - 1]
    identity = plan.original.document_id
    beside = room.overviews.beside(wanted, identity)
    carried = carried_of(wanted)
    record = plan.record

    def link(other: int) -> str:
        return f"/plan/{identity}?{carried_of(wanted, sheet=other)}"

    def place(page_number: int, line: int) -> str:
        other = plan.sheets.of(page_number, line)
        start = "" if other == sheet.number else link(other)
        return f"{start}#l{line}"

    context = {
        "id": identity,
        "content": plan.original.sha256[:_CONTENT],
        "title": unit_label(record.unit.name, record.source.path, texts),
        "record": record,
        "sheet": sheet,
        "sheets": sheets,
        "lines": plan.sheets.lines(sheet, record),
        "open_words": sum(one.open for one in sheets),
        "next_open": _next_open(sheets, sheet, link),
        "plan_before": f"/plan/{beside.before}?{carried}" if beside.before else None,
        "plan_after": f"/plan/{beside.after}?{carried}" if beside.after else None,
        "plan_open": f"/plan/{beside.open}?{carried}" if beside.open else None,
        "beside": beside,
        "seals": (seal(plan.sheets.open_words(sheet)), seal(plan.sheets.open_words())),
        "link": link,
        "place": place,
        "carried": carried,
        "seen": lambda target: plan.revision("word", target),
        "revision": plan.revision,
        "decided": plan.decision,
        "decisions": [list(group) for _, group in groupby(reversed(plan.standing), _batch)],
        "undone_with": sum(_batch(one) == _batch(plan.last) for one in plan.standing),
        "last": plan.last,
        "mark": _mark,
        "statuses": get_args(Coverage),
        "section_ids": get_args(SectionId),
        "fields": _fields(plan, texts),
        "outline": [(s.path.count("."), s) for s in walk(record.sections)],
        "issues": issues(record, texts),
        "others": [
            {"id": other, "year": year, "path": path}
            for other, year, path in room.overviews.of_unit(record.unit.name, record.unit.province)
            if other != identity
        ][:8],
        "notice": notice,
        "conflict": status >= 400,
        **_picture(request, plan, sheet),
    }
    return page(request, template, status, **context)


def _batch(one: Decided | None) -> int:
    """What was decided in one go has one number."""
    return (one.batch or one.id) if one else 0


def _next_open(sheets: list[Sheet], sheet: Sheet, link: Callable[[int], str]) -> str | None:
    """The next sheet with words to decide on, from the beginning again after the last."""
    behind = [one for one in sheets if one.open and one.number > sheet.number]
    ahead = [one for one in sheets if one.open and one.number < sheet.number]
    return next((link(one.number) for one in (*behind, *ahead)), None)


def _picture(request: Request, plan: Plan, sheet: Sheet) -> dict[str, Any]:
    source = plan.original.document.source
    address = f"/plan/{plan.original.document_id}/page/{sheet.page.number}.jpg"
    try:
        pictures.check(room_of(request).root, source)
    except pictures.NoPictureError as error:
        return {"picture": None, "why": error.why, "size": _A4}
    return {
        "picture": f"{address}?v={source.sha256[:12]}",
        "why": "",
        "size": sheet.page.size or _A4,
    }


def _fields(plan: Plan, texts: Messages) -> list[ShownField]:
    shown = []
    for field in FIELDS:
        value = value_of(plan.record, field.key)
        said = texts.name("form", value) if field.choices else value
        shown.append(
            ShownField(
                field.key, value, said, field.where(plan.record), field.choices,
                plan.decision("field", field.key),
            )
        )  # fmt: skip
    return shown


def _mark(finding: IndexFinding) -> str:
    if finding.needs_review and finding.status in ("covered", "absent"):
        return "to_review" if finding.status == "covered" else "unsure"
    return finding.status


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
