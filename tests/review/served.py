"""The review page, served on this machine for a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

from made_store import number_of

from pipeline.review import serve
from pipeline.store import Store

TOKEN = "a-token-for-tests"


@dataclass
class Served:
    """The page, its folder, and a plain client that says exactly what it is told to."""

    url: str
    port: int
    out: Path

    def number(self, path: str = "hoa-phu.pdf") -> int:
        with Store.open(self.out) as store:
            return number_of(store, path)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        form: dict[str, object] | None = None,
        cookie: bool = True,
    ) -> tuple[HTTPResponse, str]:
        host = f"127.0.0.1:{self.port}"
        sent = {"Host": host}
        if cookie:
            sent["Cookie"] = f"kehoach-{self.port}={TOKEN}"
        if form is not None:
            body = urlencode(form, doseq=True).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            sent["Origin"] = f"http://{host}"
        sent |= headers or {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value:
                connection.putheader(name, value)
        if body is not None and "Content-Length" not in sent:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        return response, text

    def raw(self, path: str) -> bytes:
        """What is downloaded from there."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Cookie": f"kehoach-{self.port}={TOKEN}"})
        content = connection.getresponse().read()
        connection.close()
        return content


@contextmanager
def serving(out: Path | str, **options: object) -> Iterator[Served]:
    """``out`` may be the URL of a database."""
    chosen = serve.Options(**{"token": TOKEN, "by": "Trần Thị Hoa", **options})  # type: ignore[arg-type]
    with serve.opened(str(out), chosen) as page:
        thread = threading.Thread(target=page.run, daemon=True)
        thread.start()
        while not page.server.started:
            time.sleep(0.02)
        yield Served(page.url, page.sockets[0].getsockname()[1], Path(out))
        page.stop()
        thread.join(10)
