"""Files that come in through the page: kept in the folder of the run, then read like any other.

They go into a sub-folder of the folder that was read, so that the next run meets them again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import BusyError, KehoachError, UsageError
from pipeline.ingest import Found
from pipeline.ingest.entries import is_leftover
from pipeline.settings import Settings

FOLDER = "tai-len"
FILE_BYTES = 200 << 20
_WAIT = 2.0  # seconds between two looks at a run that holds the folder
_PART = 100  # characters of a name or folder that are kept
_DEEPEST = 6
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def safe_name(name: str) -> str:
    r"""A name of a file, with folders, that stays below the folder that it is joined to.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\plans\\kế hoạch.pdf"), safe_name("a/./con.txt")
    ('etc/passwd', 'C_/plans/kế hoạch.pdf', 'a/_con.txt')
    """  # noqa: E501
    parts = []
    for part in unicodedata.normalize("NFC", name).replace("\\", "/").split("/"):
        clean = _UNSAFE.sub("_", part).strip().rstrip(". ")
        clean = clean.encode("utf-8", "replace").decode()
        if not clean.strip("."):
            continue
        stem, dot, suffix = clean.rpartition(".")
        if len(clean) > _PART:
            clean = stem[: _PART - len(suffix) - 1] + dot + suffix if stem else clean[:_PART]
        parts.append(f"_{clean}" if _RESERVED.fullmatch(clean) else clean[:_PART])
    return "/".join(parts[-_DEEPEST:]) or "tep"


def is_passed_over(name: str) -> bool:
    """Whether a file is none to read: hidden, or left by a system or an editor, as in folders."""
    return any(map(is_leftover, safe_name(name).split("/")))


def keep(stream: BinaryIO, name: str, folder: Path) -> Found | None:
    """Write an uploaded file below ``folder``; gives it, or None when the same is there already.

    Raises UsageError when the folder cannot be written.
    """
    name = safe_name(name)
    target = folder / FOLDER / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while target.exists():
            if target.is_file() and _same(stream, target):
                return None
            number += 1
            stem = name.rpartition("/")[2]
            base, dot, suffix = stem.rpartition(".")
            target = target.with_name(f"{base or stem} ({number}){dot if base else ''}"
                                      f"{suffix if base else ''}")  # fmt: skip
        stream.seek(0)
        with target.open("xb") as file:
            shutil.copyfileobj(stream, file)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    return Found(str(target), target.relative_to(folder).as_posix())


def _same(stream: BinaryIO, path: Path) -> bool:
    stream.seek(0)
    mine = hashlib.file_digest(stream, "sha256").digest()  # type: ignore[arg-type]
    with path.open("rb") as file:
        return mine == hashlib.file_digest(file, "sha256").digest()


@dataclass
class Progress:
    """How far the reading of uploaded files has come, as a watcher of :mod:`pipeline.batch`."""

    total: int = 0
    done: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    waiting: bool = False
    running: bool = False
    trouble: str = ""

    def begin(self, total: int) -> None:
        """There are ``total`` files, of which the uploads are known already."""

    def step(self, path: str, what: str, message: str) -> None:
        """One file came to an end."""
        self.done += 1
        if what == "failed":
            self.failed.append((path, message))

    def say(self, message: str) -> None:
        """Nothing about single files."""

    def end(self) -> None:
        """All of this round."""


class Ingest:
    """Reads uploaded files, one round after the other, in a thread of its own.

    ``out`` is None for a server's database without a folder of results: then nothing but the store
    is written. ``noted`` is the name by which the store knows ``folder``.
    """

    def __init__(
        self, folder: Path, out: Path | None, settings: Settings, noted: Path | None = None
    ) -> None:
        self.folder = folder
        self.out = out
        self.settings = settings
        self.noted = noted
        self.progress = Progress()
        self._queue: deque[Found] = deque()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, found: Found) -> None:
        """Put a file in the queue."""
        with self._lock:
            if not self.progress.running:
                self.progress = Progress(running=True)
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self.progress.total += 1
            self._queue.append(found)

    def stop(self) -> None:
        """Begin nothing more; what was uploaded is read by the next run."""
        self._stop.set()

    def _work(self) -> None:
        while True:
            with self._lock:
                files = list(self._queue)
                self._queue.clear()
                if not files or self._stop.is_set():
                    self.progress.running = False
                    return
            self._read(files)

    def _read(self, files: list[Found]) -> None:
        while not self._stop.is_set():
            try:
                from pipeline.batch import add_files

                with self._results() as out:
                    add_files(
                        files, self.folder, out, self.settings, noted=self.noted,
                        progress=self.progress,
                    )  # fmt: skip
            except BusyError:
                self.progress.waiting = True
                time.sleep(_WAIT)
                continue
            except KehoachError as error:
                self.progress.trouble = str(error)
            except Exception as error:  # told on the page; the thread must live on
                self.progress.trouble = f"{type(error).__name__}: {error}"
            self.progress.waiting = False
            return

    @contextmanager
    def _results(self) -> Iterator[Path]:
        """Where records and log go: OUT, or a place that nobody keeps."""
        if self.out is not None:
            yield self.out
            return
        with tempfile.TemporaryDirectory(prefix="kehoach-review-") as folder:
            yield Path(folder)
