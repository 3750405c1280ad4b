"""One map over workers: the same function over many files, in this process or in a pool.

Results come back in any order, one for each job, whatever the job did to the process that ran it.
Jobs are taken from their iterator only when a worker is free for them, so that memory does not grow
with their number.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NoReturn, Protocol

import psutil

from pipeline import errors
from pipeline.errors import CrashedError, KehoachError, TimedOutError
from pipeline.worker import LOAD_SECONDS, OUT_OF_MEMORY, Limits, Message, call, work

POLL_SECONDS = 0.25
RECYCLE_AFTER = 1_000  # files; what a library leaks, it leaks this often
TRIES = 2  # a file that takes its worker down gets one more worker: the cause may have been outside
_STARTS = 3  # workers that die before they are ready, one after the other, before we give up


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job: ``result``, or ``code`` and ``message`` that say why there is none."""

    job: Any
    result: Any = None
    code: str | None = None
    message: str = ""


class Engine(Protocol):
    """Something that maps a function over jobs."""

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[Outcome]:
        """An Outcome for each job, in any order. Raises a KehoachError when no job can run."""
        ...


class InProcess:
    """Here and now, one after the other; without time limit, for tests and debugging."""

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[Outcome]:
        """See :class:`Engine`."""
        for job in jobs:
            yield _outcome(job, call(function, job))


@dataclass(frozen=True, slots=True)
class LocalPool:
    """Long-lived processes on this machine, each with one file at a time.

    A file that takes longer than ``limits.timeout`` seconds, holds more than ``limits.max_memory``
    bytes, or ends its process, costs that file alone: the worker is killed with all that it
    started, and replaced. ``function``, jobs and results are pickled; ``log`` gets what workers
    print. Use as ``with contextlib.closing(pool.map(...))``, so that no worker outlives the loop.
    """

    workers: int
    limits: Limits
    log: Path | None = None

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[Outcome]:
        """See :class:`Engine`."""
        pool = _Pool(self, function, iter(jobs))
        try:
            while pool.feed():
                outcomes = pool.collect()
                pool.feed()  # before the caller takes its time with what came out
                yield from outcomes
        finally:
            pool.end()


class _Worker:
    """The parent's view of one worker process."""

    def __init__(self, pool: LocalPool, function: Callable[[Any], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        log = str(pool.log) if pool.log else None
        self.process = context.Process(
            target=work, args=(function, theirs, pool.limits, log), daemon=True
        )
        self.process.start()
        theirs.close()  # so that the end of the worker shows as the end of the pipe
        self.is_ready = False
        self.task: tuple[Any, int] | None = None
        self.files = 0
        self.deadline = time.monotonic() + LOAD_SECONDS
        self.left = 0.0  # seconds that the file still has, while its clock stands still

    def give(self, task: tuple[Any, int], timeout: float) -> None:
        self.task = task
        self.deadline = time.monotonic() + timeout
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
        now = time.monotonic()
        self.left = self.deadline - now
        self.deadline = now + LOAD_SECONDS

    def resume(self) -> None:
        self.deadline = time.monotonic() + self.left

    def memory(self) -> int:
        """Bytes that this worker and its children hold for themselves, shared pages left out."""
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(self.process.pid)
            return sum(_private(p) for p in (family, *family.children(recursive=True)))
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


class _Pool:
    """The state of one map over a LocalPool."""

    def __init__(
        self, pool: LocalPool, function: Callable[[Any], Any], jobs: Iterator[Any]
    ) -> None:
        self._pool = pool
        self._function = function
        self._jobs = jobs
        self._waiting: deque[tuple[Any, int]] = deque()
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._looked = 0.0
        self._size = pool.workers or os.cpu_count() or 1

    def feed(self) -> bool:
        """Give work to whoever is free; False when all is done."""
        idle = [w for w in self._workers if w.is_ready and w.task is None]
        starting = sum(not w.is_ready for w in self._workers)
        self._look_ahead(len(idle) + starting + self._size - len(self._workers))
        for worker in idle:
            if self._waiting:
                worker.give(self._waiting.popleft(), self._pool.limits.timeout)
        while len(self._workers) < self._size and len(self._waiting) > starting:
            self._workers.append(_Worker(self._pool, self._function))
            starting += 1
        return bool(self._waiting) or any(w.task is not None for w in self._workers)

    def _look_ahead(self, count: int) -> None:
        """Take jobs from their iterator until ``count`` wait for a worker."""
        while len(self._waiting) < count:
            for job in self._jobs:
                self._waiting.append((job, 1))
                break
            else:
                return

    def collect(self) -> list[Outcome]:
        """Wait for news, at most POLL_SECONDS; gives what has come to an end."""
        watched: list[Any] = [w.connection for w in self._workers]
        watched += [w.process.sentinel for w in self._workers]
        wait(watched, timeout=POLL_SECONDS)
        outcomes = [o for worker in list(self._workers) for o in self._hear(worker)]
        now = time.monotonic()
        look = now - self._looked >= POLL_SECONDS
        for worker in list(self._workers):
            if (worker.task is not None or not worker.is_ready) and now > worker.deadline:
                outcomes += self._overdue(worker)
            elif look and worker.task and worker.memory() > self._pool.limits.max_memory:
                outcomes += self._lose(worker, CrashedError.code, OUT_OF_MEMORY)
        if look:
            self._looked = now
        return outcomes

    def _hear(self, worker: _Worker) -> Iterator[Outcome]:
        while True:
            try:
                message = worker.receive()
            except EOFError:
                yield from self._died(worker)
                return
            if message is None:
                return
            if message.kind == "ready":
                worker.is_ready, self._failed_starts = True, 0
            elif message.kind == "pause":
                worker.pause()
            elif message.kind == "resume":
                worker.resume()
            elif worker.task is not None:
                yield _outcome(worker.task[0], message)
                worker.task = None
                worker.files += 1
                if self._is_worn(worker, message):
                    self._remove(worker)
                    return

    def _is_worn(self, worker: _Worker, message: Message) -> bool:
        if worker.files >= RECYCLE_AFTER or message.code == CrashedError.code:
            return True
        return worker.files % 50 == 0 and worker.memory() > self._pool.limits.max_memory // 2

    def _overdue(self, worker: _Worker) -> list[Outcome]:
        if not worker.is_ready:
            return list(self._died(worker))
        text = (
            f"it took longer than the time limit of {self._pool.limits.timeout:g} seconds and was "
            "stopped; --timeout gives it more"
        )
        return self._lose(worker, TimedOutError.code, text)

    def _died(self, worker: _Worker) -> Iterator[Outcome]:
        task = worker.task
        wait([worker.process.sentinel], timeout=0.5)  # the pipe ends a moment before the process
        ending = self._remove(worker)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise KehoachError(
                    f"the worker processes cannot be started ({ending}); `kehoach doctor` looks "
                    "for the reason, and a script that calls run_folder needs `if __name__ == "
                    '"__main__":` around the call'
                )
        elif task is not None and task[1] < TRIES:
            self._waiting.append((task[0], task[1] + 1))
        elif task is not None:
            text = f"it ended the process that read it ({ending}), {task[1]} times; it is set aside"
            yield Outcome(task[0], code=CrashedError.code, message=text)

    def _lose(self, worker: _Worker, code: str, text: str) -> list[Outcome]:
        task = worker.task
        self._remove(worker)
        return [Outcome(task[0], code=code, message=text)] if task else []

    def _remove(self, worker: _Worker) -> str:
        self._workers.remove(worker)
        return worker.kill()

    def end(self) -> None:
        """Let no worker live on."""
        for worker in list(self._workers):
            self._remove(worker)


def _outcome(job: Any, message: Message) -> Outcome:
    if message.kind == "fatal":
        _raise(message)
    if message.kind == "done":
        return Outcome(job, message.value)
    return Outcome(job, code=message.code, message=message.text)


def _raise(message: Message) -> NoReturn:
    kind = getattr(errors, message.code, KehoachError)
    raise kind(message.text)


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
