"""A worker process as its parent sees it: given jobs, heard, measured, ended with its children."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

import psutil

from pipeline.worker import LOAD_SECONDS, Limits, Message, work

_YOUNG = 1.0  # seconds in which a job's programs are not looked for: each look takes milliseconds


class Child:
    """The parent's view of one worker process: it has one job at a time, or none.

    ``log`` is the file that gets what the process prints, "" where the parent's streams are kept.
    """

    def __init__(self, function: Callable[[Any], Any], limits: Limits, log: str | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process = context.Process(
            target=work, args=(function, theirs, limits, log), daemon=True
        )
        self.process.start()
        theirs.close()  # so that the end of the worker shows as the end of the pipe
        self.is_ready = False
        self.task: tuple[Any, int] | None = None
        self.files = 0
        self.given = 0.0  # when it got its job
        self.deadline = time.monotonic() + LOAD_SECONDS
        self.left = 0.0  # seconds that the file still has, while its clock stands still

    @property
    def name(self) -> str:
        """Its number."""
        return str(self.process.pid)

    def give(self, task: tuple[Any, int], timeout: float) -> None:
        """Send a job, with the number of the try; it has ``timeout`` seconds."""
        self.task = task
        self.given = time.monotonic()
        self.deadline = self.given + timeout
        with contextlib.suppress(OSError):  # it is dead; collect() will see that
            self.connection.send(task[0])

    def receive(self) -> Message | None:
        """The next message, None when there is none yet. Raises EOFError when the worker is dead.

        Half a message (the worker was killed while it sent) counts as the end too.
        """
        # Whether it lives is asked first: what it sent before it died is still in the pipe then.
        dead = bool(wait([self.process.sentinel], timeout=0))
        try:
            message = self.connection.recv() if self.connection.poll() else None
        except Exception as error:  # unpickling runs code of the result's classes
            raise EOFError from error
        if dead and message is None:
            raise EOFError
        return message

    def pause(self) -> None:
        """Stop the clock of the job, while the process loads something."""
        now = time.monotonic()
        self.left = self.deadline - now
        self.deadline = now + LOAD_SECONDS

    def resume(self) -> None:
        """Let the clock go on."""
        self.deadline = time.monotonic() + self.left

    def memory(self) -> int:
        """Bytes that this worker and its programs hold for themselves, shared pages left out."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.process.pid)
            is_young = time.monotonic() - self.given < _YOUNG
            programs = [] if is_young else process.children(recursive=True)
            return sum(map(_private, (process, *programs)))
        return 0

    def kill(self) -> str:
        """End it with everything that it started; gives how it had ended, if it had."""
        pid = self.process.pid or 0
        family: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(pid).children(recursive=True)
        if hasattr(os, "killpg"):
            # Before join(): until then the number cannot pass to another process.
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        self.process.join(timeout=0)
        ended = self.process.exitcode
        self.process.kill()
        for child in family:
            with contextlib.suppress(psutil.Error):
                child.kill()
        self.process.join(timeout=10)
        self.connection.close()
        return _ending(self.process.exitcode if ended is None else ended)


def _private(process: psutil.Process) -> int:
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))


def _ending(exitcode: int | None) -> str:
    if exitcode is None:
        return "still running"
    if exitcode >= 0:
        return f"exit code {exitcode}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-exitcode).name}"
    return f"signal {-exitcode}"
