"""The application: which address shows what, behind the guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.errors import KehoachError
from pipeline.review import other_pages, pages, plan_page, search_page
from pipeline.review.guard import Door, Guard
from pipeline.review.pages import Room


class _Number(Convertor[int]):
    """A number as addresses hold it: no more digits than the databases take."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


def make_app(room: Room, door: Door) -> Starlette:
    """The ASGI application on a room, for whom the door lets in."""
    routes = [
        Route("/", other_pages.overview),
        Route("/plan/{id:number}", plan_page.show),
        Route("/plan/{id:number}/decide", plan_page.decide, methods=["POST"]),
        Route("/plan/{id:number}/accept", plan_page.accept, methods=["POST"]),
        Route("/plan/{id:number}/line", plan_page.edit_line, methods=["POST"]),
        Route("/plan/{id:number}/undo", plan_page.undo, methods=["POST"]),
        Route("/plan/{id:number}/page/{page:number}.jpg", plan_page.image),
        Route("/plan/{id:number}/record.json", plan_page.record),
        Route("/compare", other_pages.compare),
        Route("/search", search_page.find),
        Route("/upload", other_pages.upload, methods=["POST"]),
        Route("/uploads", other_pages.progress),
        Route("/workbook", other_pages.workbook),
        Route("/plans.json", other_pages.plans),
        Route("/pairs.tsv", other_pages.pairs),
        Route("/me", other_pages.me, methods=["POST"]),
        Route("/static/{digest}/{name}", pages.static),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, door=door)],
        exception_handlers={
            HTTPException: _refused,  # type: ignore[dict-item]
            KehoachError: _failed,  # type: ignore[dict-item]
            Exception: _unexpected,
        },
    )
    app.state.room = room
    return app


def _refused(request: Request, error: HTTPException) -> Response:
    key = "review.not_found" if error.status_code == 404 else "review.bad"
    return pages.message(request, error.status_code, key)


def _unexpected(request: Request, error: Exception) -> Response:
    return pages.message(request, 500, "review.failed", type(error).__name__)


def _failed(request: Request, error: KehoachError) -> Response:
    return pages.message(request, 503, "review.failed", str(error))
