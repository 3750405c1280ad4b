"""What a run tells machines while it goes: a log of one JSON line for each file, and its status.

``OUT/run.jsonl`` is added to by each run. ``OUT/status.json`` is written anew about once a second,
and whenever a run begins or ends; ``kehoach status`` reads it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from pipeline import output
from pipeline.errors import KehoachError, UsageError
from pipeline.export.beside import written_beside

EVENTS = "run.jsonl"
STATUS = "status.json"
_WRITE_SECONDS = 1.0
_WINDOW_SECONDS = 60.0  # over which the rate is measured

State = Literal["running", "done", "interrupted", "stopped"]


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A file came to an end. ``seconds`` are by stage, ``worker`` who did it, ``size`` bytes."""

    path: str
    what: Literal["done", "failed"]
    code: str = ""
    message: str = ""
    media_type: str = ""
    size: int = 0
    pages: int = 0
    words: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    worker: str = ""


class Observer(Protocol):
    """A machine that watches a run."""

    def begin(self, run: int, found: int, engine: str) -> None:
        """Run number ``run`` over ``found`` files begins, on ``engine``."""

    def file(self, event: FileEvent) -> None:
        """A file was read, or could not be."""

    def skip(self) -> None:
        """A file has not changed since it was done."""

    def end(self, state: State, message: str) -> None:
        """The run is over; ``message`` says why it ``stopped``."""


class Observers:
    """Several observers as one; what one of them cannot do costs the run nothing."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = list(observers)

    def begin(self, run: int, found: int, engine: str) -> None:
        """See :class:`Observer`."""
        for observer in self._observers:
            with contextlib.suppress(OSError, KehoachError):
                observer.begin(run, found, engine)

    def file(self, event: FileEvent) -> None:
        """See :class:`Observer`."""
        for observer in self._observers:
            with contextlib.suppress(OSError, KehoachError):
                observer.file(event)

    def skip(self) -> None:
        """See :class:`Observer`."""
        for observer in self._observers:
            with contextlib.suppress(OSError, KehoachError):
                observer.skip()

    def end(self, state: State, message: str) -> None:
        """See :class:`Observer`."""
        for observer in self._observers:
            with contextlib.suppress(OSError, KehoachError):
                observer.end(state, message)


class EventLog:
    """Appends to ``run.jsonl``: one line for the beginning, each file, and the end of a run."""

    def __init__(self, out: Path) -> None:
        self._path = out / EVENTS
        self._run = 0

    def begin(self, run: int, found: int, engine: str) -> None:
        """See :class:`Observer`."""
        self._run = run
        if _is_torn(self._path):  # the run before was killed within a line
            self._write("\n")
        self._line({"event": "begin", "found": found, "engine": engine})

    def file(self, event: FileEvent) -> None:
        """See :class:`Observer`."""
        told = {name: value for name, value in asdict(event).items() if value}
        if "seconds" in told:
            told["seconds"] = {name: round(took, 4) for name, took in event.seconds.items()}
        self._line({"event": "file", **told})

    def skip(self) -> None:
        """Not told file by file: a run that is resumed skips most of them."""

    def end(self, state: State, message: str) -> None:
        """See :class:`Observer`."""
        self._line({"event": "end", "state": state, **({"message": message} if message else {})})

    def _line(self, told: Mapping[str, Any]) -> None:
        line = {"time": _now(), "run": self._run, **told}
        self._write(json.dumps(line, ensure_ascii=False) + "\n")

    def _write(self, text: str) -> None:
        # Opened each time: one call to the system a line, and a file moved away is begun anew.
        with self._path.open("ab", buffering=0) as file:
            file.write(text.encode("utf-8", "backslashreplace"))


@dataclass
class Status:
    """How far a run is. Times are ISO 8601 in UTC; ``rate`` is files a second, of the last minute.

    ``seconds`` are by stage, over all files of this run; ``failures`` count by code.
    """

    run: int = 0
    state: State = "running"
    message: str = ""
    engine: str = ""
    pid: int = 0
    began: str = ""
    updated: str = ""
    found: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    pages: int = 0
    words: int = 0
    rate: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """As in ``status.json``, with how many are left."""
        told = {**asdict(self), "left": self.left}
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"

    @property
    def left(self) -> int:
        """Files that are to be read still."""
        return max(0, self.found - self.done - self.skipped - self.failed)


class StatusFile:
    """Keeps ``status.json`` up to date."""

    def __init__(self, out: Path) -> None:
        self._path = out / STATUS
        self._status = Status()
        self._written = 0.0
        self._recent: deque[tuple[float, int]] = deque()

    def begin(self, run: int, found: int, engine: str) -> None:
        """See :class:`Observer`."""
        self._status = Status(run=run, engine=engine, pid=os.getpid(), began=_now(), found=found)
        self._recent = deque([(time.monotonic(), 0)])
        self._write()

    def file(self, event: FileEvent) -> None:
        """See :class:`Observer`."""
        status = self._status
        if event.what == "done":
            status.done += 1
        else:
            status.failed += 1
            status.failures[event.code] = status.failures.get(event.code, 0) + 1
        status.pages += event.pages
        status.words += event.words
        for stage, took in event.seconds.items():
            status.seconds[stage] = round(status.seconds.get(stage, 0.0) + took, 4)
        self._maybe_write()

    def skip(self) -> None:
        """See :class:`Observer`."""
        self._status.skipped += 1
        self._maybe_write()

    def end(self, state: State, message: str) -> None:
        """See :class:`Observer`."""
        self._status.state = state
        self._status.message = message
        self._write()

    def _maybe_write(self) -> None:
        if time.monotonic() - self._written >= _WRITE_SECONDS:
            self._write()

    def _write(self) -> None:
        status = self._status
        now = self._written = time.monotonic()
        status.updated = _now()
        self._recent.append((now, status.done + status.failed))
        while now - self._recent[0][0] > _WINDOW_SECONDS and len(self._recent) > 2:
            self._recent.popleft()
        (then, before), (_, after) = self._recent[0], self._recent[-1]
        status.rate = round((after - before) / (now - then), 3) if now > then else 0.0
        text = status.to_json()
        with written_beside(self._path) as temporary:
            temporary.write_bytes(text.encode("utf-8", "backslashreplace"))


def read_status(out: Path) -> Status:
    """The status of the last run into OUT; a run that was killed shows as ``stopped``.

    Raises UsageError when there was none, KehoachError when its status cannot be read.
    """
    path = out / STATUS
    try:
        told = json.loads(path.read_bytes())
        status = Status(**{k: v for k, v in told.items() if k in Status.__dataclass_fields__})
    except FileNotFoundError:
        raise UsageError(
            f"there is no run to be seen in {out}; `kehoach run FOLDER --out {out}` begins one"
        ) from None
    except OSError as error:
        raise KehoachError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise KehoachError(f"{path} is damaged ({error}); the next run writes it anew") from None
    if status.state == "running" and not output.is_held(out):
        status.state = "stopped"
        status.message = "it was killed, or its machine stopped; the same command goes on from here"
    return status


def status_lines(status: Status) -> Iterator[str]:
    """A status as lines for a person."""
    head = f"run {status.run}: {status.state}"
    yield head + (f" ({status.message})" if status.message else "")
    yield f"engine  {status.engine}, begun {status.began}, seen {status.updated}"
    yield (
        f"files   {status.found} found: {status.done} done, {status.skipped} skipped, "
        f"{status.failed} failed, {status.left} left"
    )
    if status.state == "running" and status.rate:
        hours = status.left / status.rate / 3600
        yield f"rate    {status.rate:.2f} files a second, about {hours:.1f} hours left"
    yield f"read    {status.pages} pages, {status.words} words"
    files = max(1, status.done)
    for stage, took in sorted(status.seconds.items(), key=lambda item: -item[1]):
        yield f"        {stage:10} {took:10.1f} s  {1000 * took / files:8.1f} ms a file"
    for code, count in sorted(status.failures.items(), key=lambda item: (-item[1], item[0])):
        yield f"failed  {code:12} {count}"


def _is_torn(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # not there, or empty
        return False


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
