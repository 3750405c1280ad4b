"""Serving the review page on this machine."""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from pipeline.errors import UsageError
from pipeline.review import uploads
from pipeline.review.app import make_app
from pipeline.review.guard import Door
from pipeline.review.pages import Room
from pipeline.review.refresh import refresh
from pipeline.store import Store
from pipeline.store.database import FILE_NAME, url_of

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve: ``port`` 0 is one that is free, ``token`` and ``by`` "" are made up.

    ``folder`` is where this machine has the files that the store was made from; None: where the
    run found them. ``store`` is a database URL, where the records are not in the OUT folder.
    """

    port: int = 0
    token: str = ""
    by: str = ""
    language: str = "vi"
    upload_bytes: int = uploads.FILE_BYTES
    folder: Path | None = None
    store: str | None = None


@dataclass
class Page:
    """A page that is being served, with the address that lets a browser in."""

    url: str
    server: uvicorn.Server
    sockets: list[socket.socket]

    def run(self) -> None:
        """Serve until it is stopped (Ctrl-C)."""
        self.server.run(self.sockets)

    def stop(self) -> None:
        """Let ``run`` return."""
        self.server.should_exit = True


@contextlib.contextmanager
def opened(place: str, options: Options) -> Iterator[Page]:
    """The page of the store at ``place`` (an OUT folder or a database URL), ready to be run.

    Raises UsageError or StoreError when there is no store, or the port is taken.
    """
    if options.folder is not None and not options.folder.is_dir():
        raise UsageError(f"there is no folder {options.folder}; --folder is where the plans are")
    with Store.open(options.store or place) as store, _listening(options.port) as listener:
        port = listener.getsockname()[1]
        token = options.token or secrets.token_urlsafe(24)
        room = _room(store, place, options)
        door = Door.of(port, token, options.upload_bytes)
        refresh(store)
        config = uvicorn.Config(
            make_app(room, door), log_level="warning", access_log=False, server_header=False,
            date_header=False, lifespan="off", timeout_graceful_shutdown=3, ws="none",
        )  # fmt: skip
        try:
            yield Page(f"http://{HOST}:{port}/?token={token}", uvicorn.Server(config), [listener])
        finally:
            if room.ingest:
                room.ingest.stop()


def open_browser(url: str) -> None:
    """Show the page in the user's browser, once it answers."""
    threading.Timer(0.8, webbrowser.open, [url]).start()


def _room(store: Store, place: str, options: Options) -> Room:
    settings = store.settings()
    noted = store.source_root()
    root = options.folder or noted
    root = root.absolute() if root is not None and root.is_dir() else None
    out = _results(place, options.store)
    into = _setting(place, out, options.store)
    ingest = None
    if root is not None:
        told = settings.model_copy(update={"store": into})
        ingest = uploads.Ingest(root, out, told, noted or root)
    return Room(
        store=store,
        required=settings.required,
        root=root,
        noted=noted,
        out=out,
        language=options.language,
        by=options.by or _account(),
        ingest=ingest,
        upload_bytes=options.upload_bytes,
    )


def _results(place: str, store: str | None) -> Path | None:
    """The folder of records and workbook; None for a server's database without one."""
    url = url_of(place)
    if url.drivername == "sqlite" and "://" in place:
        return Path(url.database or "").parent
    if "://" in place:
        return None
    out = Path(place)
    out = out if out.is_dir() or store else out.parent
    return out if out.is_dir() else None


def _setting(place: str, out: Path | None, store: str | None) -> str | None:
    """The store as a setting of a run into ``out``: None is the file that lies there."""
    given = store or place
    url = url_of(given)
    if url.drivername != "sqlite":
        return given
    file = Path(url.database or "")
    usual = out is not None and file.resolve() == (out / FILE_NAME).resolve()
    return None if usual else url.render_as_string()


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return "?"


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket on this machine alone. Raises UsageError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # the port of a page that was just ended can be used again
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used ({error.strerror}); choose another with --port"
            ) from None
        yield listener
    finally:
        listener.close()
