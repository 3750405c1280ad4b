"""Who may talk to the page: this machine's browser, opened with the token; nobody else.

The page listens on 127.0.0.1, but any web page that the user visits can send requests there, and a
name that points at 127.0.0.1 (DNS rebinding) can even read answers. So each request must name our
host, come from our own pages where the browser says where it comes from, and carry the token.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD"})
_FORM_BYTES = 1 << 18  # a correction is a line of text
# Document text is data. Nothing runs or styles but our own files; images come from us alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Door:
    """What lets a request in: our hosts and the token. ``upload_bytes`` bounds a file."""

    hosts: frozenset[str]
    token: str
    cookie: str
    upload_bytes: int

    @staticmethod
    def of(port: int, token: str, upload_bytes: int, names: Iterable[str] = ()) -> Door:
        """The door of the page on ``port`` of this machine."""
        hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", *names))
        return Door(hosts, token, f"kehoach-{port}", upload_bytes)


class TooMuchError(Exception):
    """The body of a request is larger than it may be."""


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        guarded = _with_headers(send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, guarded)
            return
        limit = self.door.upload_bytes if scope["path"] == "/upload" else _FORM_BYTES
        try:
            await self.app(scope, _bounded(receive, limit), guarded)
        except TooMuchError:
            await PlainTextResponse("too large", 413)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self.door.hosts:
            return PlainTextResponse("wrong host", 421)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin != f"http://{host}":
            return PlainTextResponse("foreign origin", 403)
        if scope["method"] not in _SAFE and origin is None and site != "same-origin":
            return PlainTextResponse("no origin", 403)
        given = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if scope["method"] == "GET" and "token" in given:
            return self._entrance(scope, given)
        carried = cookie_parser(headers.get("cookie", "")).get(self.door.cookie, "")
        if not _same(carried, self.door.token):
            return PlainTextResponse(_CLOSED, 403)
        length = headers.get("content-length", "0")
        limit = self.door.upload_bytes if scope["path"] == "/upload" else _FORM_BYTES
        if not length.isdecimal() or int(length) > limit:
            return PlainTextResponse("too large", 413)
        return None

    def _entrance(self, scope: Scope, given: dict[str, str]) -> Response:
        """The first request carries the token in its address; later ones in a cookie."""
        if not _same(given.pop("token"), self.door.token):
            return PlainTextResponse(_CLOSED, 403)
        path = "/" + quote(scope["path"].lstrip("/\\"))  # never //elsewhere
        response = RedirectResponse(path + (f"?{urlencode(given)}" if given else ""), 303)
        response.set_cookie(self.door.cookie, self.door.token, httponly=True, samesite="strict")
        return response


_CLOSED = (
    "Hãy mở địa chỉ mà lệnh `kehoach review` đã in ra (có token).\n"
    "Open the address that `kehoach review` has printed (with its token).\n"
)


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return guarded


def _bounded(receive: Receive, limit: int) -> Receive:
    """A receive that counts: what a request says of its length is not believed."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise TooMuchError
        return message

    return counted
