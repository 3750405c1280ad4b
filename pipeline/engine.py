"""One map over workers: the same function over many files, here, in a pool, or on a cluster.

Results come back in any order, one for each job, whatever the job did to the process that ran it.
Jobs are taken from their iterator only when a worker is free for them, and results are handed over
as they come, so that memory does not grow with the number of files.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NoReturn, Protocol

from pipeline import errors
from pipeline.child import Child
from pipeline.errors import CrashedError, KehoachError, TimedOutError
from pipeline.worker import OUT_OF_MEMORY, Limits, Message, call

POLL_SECONDS = 0.25
RECYCLE_AFTER = 1_000  # files; what a library leaks, it leaks this often
TRIES = 2  # a file that takes its worker down gets one more worker: the cause may have been outside
_STARTS = 3  # workers that die before they are ready, one after the other, before we give up


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job: ``result``, or ``code`` and ``message`` that say why there is none.

    ``worker`` tells who did it: the number of a process, or the address of a Dask worker.
    """

    job: Any
    result: Any = None
    code: str | None = None
    message: str = ""
    worker: str = ""


class Engine(Protocol):
    """Something that maps a function over jobs.

    ``is_near``: workers see the temporary files of this machine.
    """

    @property
    def is_near(self) -> bool:
        """See the class."""
        ...

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[list[Outcome]]:
        """An Outcome for each job, in any order, as many at a time as have come in the meantime.

        A list is empty when nothing has come for a moment. Raises a KehoachError when no job can
        run.
        """
        ...


class InProcess:
    """Here and now, one after the other; without time limit, for tests and debugging."""

    is_near = True

    def __str__(self) -> str:
        return "in one process"

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[list[Outcome]]:
        """See :class:`Engine`."""
        for job in jobs:
            yield [outcome_of(job, call(function, job), str(os.getpid()))]


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
    is_near = True

    def __str__(self) -> str:
        return f"{self.workers or os.cpu_count() or 1} processes"

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[list[Outcome]]:
        """See :class:`Engine`."""
        size = self.workers or os.cpu_count() or 1
        jobs, limits = shared(jobs, size, self.limits)
        pool = Pool(size, function, limits, str(self.log) if self.log else None)
        pool.take(jobs)
        try:
            while pool.feed():
                outcomes = pool.collect()
                pool.feed()  # before the caller takes its time with what came out
                yield outcomes
        finally:
            pool.end()


def shared(jobs: Iterable[Any], size: int, limits: Limits) -> tuple[Iterator[Any], Limits]:
    """The jobs, and limits that give the cores of idle workers to the others.

    Where there are fewer files than workers, the pages of one file are read side by side.
    """
    jobs = iter(jobs)
    first = list(islice(jobs, size))
    return chain(first, jobs), replace(limits, cores=max(1, size // max(1, len(first))))


class Pool:
    """Child processes and the jobs that they have.

    Use: ``take`` jobs, then ``collect`` for as long as ``feed`` says that something is left;
    ``end`` it at last. ``log``: see :class:`pipeline.child.Child`.
    """

    def __init__(
        self, size: int, function: Callable[[Any], Any], limits: Limits, log: str | None
    ) -> None:
        self._size = size
        self._function = function
        self._limits = limits
        self._log = log
        self._jobs: Iterator[Any] = iter(())
        self._waiting: deque[tuple[Any, int]] = deque()
        self._workers: list[Child] = []
        self._failed_starts = 0
        self._looked = 0.0

    def take(self, jobs: Iterator[Any]) -> None:
        """The jobs to do next, when all before are done."""
        self._jobs = jobs

    def do(self, job: Any) -> Outcome:
        """Do one job now. Raises KehoachError when no job can run."""
        self.take(iter([job]))
        while self.feed():
            for outcome in self.collect():
                return outcome
        raise KehoachError("a job came to no end")

    def feed(self) -> bool:
        """Give work to whoever is free; False when all is done."""
        idle = [w for w in self._workers if w.is_ready and w.task is None]
        starting = sum(not w.is_ready for w in self._workers)
        self._look_ahead(len(idle) + starting + self._size - len(self._workers))
        for worker in idle:
            if self._waiting:
                worker.give(self._waiting.popleft(), self._limits.timeout)
        while len(self._workers) < self._size and len(self._waiting) > starting:
            self._workers.append(Child(self._function, self._limits, self._log))
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
            elif look and worker.task and worker.memory() > self._limits.max_memory:
                outcomes += self._lose(worker, CrashedError.code, OUT_OF_MEMORY)
        if look:
            self._looked = now
        return outcomes

    def _hear(self, worker: Child) -> Iterator[Outcome]:
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
                yield outcome_of(worker.task[0], message, worker.name)
                worker.task = None
                worker.files += 1
                if self._is_worn(worker, message):
                    self._remove(worker)
                    return

    def _is_worn(self, worker: Child, message: Message) -> bool:
        if worker.files >= RECYCLE_AFTER or message.code == CrashedError.code:
            return True
        return worker.files % 50 == 0 and worker.memory() > self._limits.max_memory // 2

    def _overdue(self, worker: Child) -> list[Outcome]:
        if not worker.is_ready:
            return list(self._died(worker))
        text = (
            f"it took longer than the time limit of {self._limits.timeout:g} seconds and was "
            "stopped; --timeout gives it more"
        )
        return self._lose(worker, TimedOutError.code, text)

    def _died(self, worker: Child) -> Iterator[Outcome]:
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
            yield Outcome(task[0], None, CrashedError.code, text, worker.name)

    def _lose(self, worker: Child, code: str, text: str) -> list[Outcome]:
        task = worker.task
        self._remove(worker)
        return [Outcome(task[0], None, code, text, worker.name)] if task else []

    def _remove(self, worker: Child) -> str:
        self._workers.remove(worker)
        return worker.kill()

    def end(self) -> None:
        """Let no worker live on."""
        for worker in list(self._workers):
            self._remove(worker)


def outcome_of(job: Any, message: Message, worker: str) -> Outcome:
    """The outcome that a message tells of. Raises a KehoachError where the run cannot go on."""
    if message.kind == "fatal":
        _raise(message)
    if message.kind == "done":
        return Outcome(job, message.value, worker=worker)
    return Outcome(job, code=message.code, message=message.text, worker=worker)


def _raise(message: Message) -> NoReturn:
    kind = getattr(errors, message.code, KehoachError)
    raise kind(message.text)
