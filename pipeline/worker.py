"""The inside of a worker process (:class:`pipeline.child.Child` is its parent's view of it).

A worker takes one job at a time from its parent and answers each with one message. It lives in a
session of its own, so that a key pressed in the terminal does not reach it and so that it can be
killed together with the programs that it started; it ends when its parent ends, however that came.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

from pipeline.errors import CrashedError, FileError, KehoachError

LOAD_SECONDS = 120.0  # to start, and to load models; a laptop that swaps needs its time
OUT_OF_MEMORY = (
    "it needs more memory than the limit allows and was stopped; raise max_memory in kehoach.toml "
    "(or KEHOACH_MAX_MEMORY), or split the file"
)
_LOG = logging.getLogger("pipeline")

# One file a worker is the unit of parallelism. Libraries that start threads of their own on top
# make everything slower; tesseract (OpenMP) by half.
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds, and bytes of memory with the programs that it starts.

    ``cores``: on how many its pages may be read at a time.
    """

    timeout: float
    max_memory: int
    cores: int = 1


@dataclass(frozen=True, slots=True)
class Message:
    """From worker to parent.

    ``ready``: give me work; ``pause`` and ``resume``: the clock of this file; ``done``: ``value``
    is the result; ``failed``: ``code`` and ``text`` say why; ``fatal``: the run cannot go on.
    """

    kind: Literal["ready", "pause", "resume", "done", "failed", "fatal"]
    value: Any = None
    code: str = ""
    text: str = ""


_parent: Connection | None = None
_cores = 0


def cores() -> int:
    """How many cores this process may use: all, but a worker leaves those of its fellows alone."""
    return _cores or (1 if multiprocessing.parent_process() else os.cpu_count() or 1)


@contextlib.contextmanager
def off_the_clock() -> Iterator[None]:
    """Time spent in here (loading models) is not held against the file that is being processed."""
    if _parent is not None:
        _parent.send(Message("pause"))
    try:
        yield
    finally:
        if _parent is not None:
            _parent.send(Message("resume"))


def call(function: Callable[[Any], Any], job: Any) -> Message:
    """Call ``function`` and put into a message what came of it; raises nothing but exits."""
    try:
        return Message("done", function(job))
    except FileError as error:
        return Message("failed", code=error.code, text=str(error))
    except KehoachError as error:
        return Message("fatal", code=type(error).__name__, text=str(error))
    except MemoryError:
        return Message("failed", code=CrashedError.code, text=OUT_OF_MEMORY)
    except Exception as error:
        _LOG.exception("unexpected error in %r", job)
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return Message(
            "failed",
            code="unexpected",
            text=f"an error of the program itself stopped it ({what}); the log has the details, "
            "please report it",
        )


def work(
    function: Callable[[Any], Any], connection: Connection, limits: Limits, log: str | None
) -> None:
    """The main function of a worker process."""
    global _parent, _cores  # one worker, one parent: found from inside the function
    _parent, _cores = connection, limits.cores
    _settle(log, limits)
    with contextlib.suppress(EOFError, OSError):  # the parent is gone, or wants no more
        connection.send(Message("ready"))
        while True:
            job = connection.recv()
            # Ends this process even when it hangs outside Python and the parent is gone.
            faulthandler.dump_traceback_later(limits.timeout + LOAD_SECONDS + 30, exit=True)
            message = call(function, job)
            faulthandler.cancel_dump_traceback_later()
            _answer(connection, message)


def _answer(connection: Connection, message: Message) -> None:
    try:
        connection.send(message)
    except (EOFError, OSError):
        raise
    except Exception as error:  # pickling runs code of the result's classes
        _LOG.exception("a result cannot be sent")
        connection.send(Message("failed", code="unexpected", text=f"no result: {error}"))


def _settle(log: str | None, limits: Limits) -> None:
    """Make this process a quiet, killable worker."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()
    if log != "":
        _print_into(log)
    faulthandler.enable()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    _limit_memory(limits.max_memory)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _print_into(log: str | None) -> None:
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | (os.O_CREAT if log else 0))
    for descriptor in (1, 2):
        os.dup2(target, descriptor)
    os.close(target)
    sys.stdout = sys.stderr = open(  # noqa: SIM115 for as long as the process lives
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )


def _limit_memory(limit: int) -> None:
    """A bound in the system itself, well above the one that the parent watches.

    It stops what would fill the memory faster than the parent can look.
    """
    if sys.platform.startswith("linux"):
        resource = importlib.import_module("resource")
        bound = 2 * limit + 2**30
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)  # with the programs that this worker started
    os._exit(1)
