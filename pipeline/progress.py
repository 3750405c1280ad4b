"""How a run shows itself on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

LINE_SECONDS = 5.0


def watcher(stream: TextIO | None = None) -> Bar | Lines:
    """What suits ``stream`` (default: standard error)."""
    stream = stream or sys.stderr
    return Bar(stream) if stream.isatty() else Lines(stream)


class _Counts:
    def __init__(self) -> None:
        self.total = 0
        self.started = time.monotonic()
        self.by = {"done": 0, "skipped": 0, "failed": 0}

    def finished(self) -> int:
        return sum(self.by.values())

    def left(self) -> float | None:
        """Seconds until the end, from the files that took time; None while nothing is known."""
        worked = self.by["done"] + self.by["failed"]
        if not worked:
            return None
        return (time.monotonic() - self.started) / worked * (self.total - self.finished())


class Lines:
    """Plain lines: every failure, and the counts every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._counts = _Counts()
        self._said = time.monotonic()

    def begin(self, total: int) -> None:
        """There are ``total`` files."""
        self._counts.total = total
        self._print(f"{total} to read")

    def step(self, path: str, what: str, message: str) -> None:
        """One of them is done, skipped or failed."""
        self._counts.by[what] += 1
        if what == "failed":
            self._print(sentence(path, message))
        if time.monotonic() - self._said >= LINE_SECONDS:
            self._tell()

    def say(self, message: str) -> None:
        """Something about the run as a whole."""
        self._print(message)

    def end(self) -> None:
        """No more files."""
        self._tell()

    def _tell(self) -> None:
        counts = self._counts
        self._said = time.monotonic()
        left = counts.left()
        ending = "" if not left else f", about {_duration(left)} left"
        by = ", ".join(f"{count} {what}" for what, count in counts.by.items() if count)
        self._print(f"{counts.finished()} of {counts.total}{': ' if by else ''}{by}{ending}")

    def _print(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


class Bar:
    """A bar with counts and remaining time; failures stand above it."""

    def __init__(self, stream: TextIO) -> None:
        self._counts = _Counts()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(file=stream, highlight=False),
        )
        self._task = self._progress.add_task("reading", total=None, failed="")

    def begin(self, total: int) -> None:
        """There are ``total`` files."""
        self._progress.update(self._task, total=total)
        self._progress.start()

    def step(self, path: str, what: str, message: str) -> None:
        """One of them is done, skipped or failed."""
        self._counts.by[what] += 1
        failed = self._counts.by["failed"]
        if what == "failed":
            self._progress.console.print(escape(sentence(path, message)), soft_wrap=True)
        note = f"[red]{failed} failed[/red]" if failed else ""
        self._progress.update(self._task, advance=1, failed=note)

    def say(self, message: str) -> None:
        """Something about the run as a whole."""
        self._progress.console.print(escape(message), soft_wrap=True)

    def end(self) -> None:
        """No more files."""
        self._progress.stop()


def sentence(path: str, message: str) -> str:
    """What happened, with the file in front (many messages begin with it)."""
    return message if message.startswith(path) else f"{path}: {message}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
