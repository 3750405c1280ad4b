"""The engine on Dask: a scheduler somewhere, or a cluster of processes on this machine.

At most a few jobs for each worker are with the scheduler at a time, and results are fetched as they
come, so that neither it nor this process holds more however many files there are. A worker that is
lost costs nothing: Dask gives its jobs to others, and gives up those that it lost with worker after
worker. Of these we do not know which one ended the worker and which only stood in line, so at the
end each is tried alone; what ends workers then, too, is set aside. A scheduler that comes back is
given anew what it has forgotten.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import socket
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline import errors
from pipeline.engine import POLL_SECONDS, TRIES, Outcome, shared
from pipeline.errors import CrashedError, KehoachError, UsageError
from pipeline.version import results_version
from pipeline.worker import Limits

if TYPE_CHECKING:
    from distributed import Client, Future

MISSING = "the Dask engine is not installed; pip install 'kehoach[dask]'"
AHEAD = 2  # jobs with the scheduler for each worker: one that is done, one that waits
BATCH = 100  # results fetched at a time, at most
CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 5.0  # between two looks at how many workers there are
# A key pressed in the terminal reaches all processes; workers end when the run ends them.
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
_RESENT = 5  # times that a job is given to a scheduler that forgot it
# Of a cluster of our own. By default logs hold the last 1,000 tasks with their jobs, event loops
# are timed 50 times and workers sampled 100 times a second: nobody reads any of it.
_QUIET = {
    "distributed.admin.low-level-log-length": 10,
    "distributed.admin.log-length": 10,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.log-length": 10,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "60s",
    "distributed.diagnostics.computations.max-history": 1,
    "distributed.worker.profile.enabled": False,
}


@dataclass(frozen=True, slots=True)
class DaskEngine:
    """Workers of the scheduler at ``scheduler``; None: ``workers`` processes on this machine.

    ``patience`` is how many seconds a run waits for a scheduler or for workers that are gone;
    ``say`` is told that it waits. ``log`` gets what workers on this machine print.
    """

    scheduler: str | None
    workers: int
    limits: Limits
    log: Path | None = None
    patience: float = 120.0
    say: Callable[[str], None] = lambda message: None

    def __str__(self) -> str:
        workers = self.workers or os.cpu_count() or 1
        return f"Dask, {self.scheduler or f'{workers} processes'}"

    @property
    def is_near(self) -> bool:
        """Whether workers see the temporary files of this machine."""
        return self.scheduler is None

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[list[Outcome]]:
        """See :class:`pipeline.engine.Engine`."""
        limits = self.limits
        if self.is_near:
            jobs, limits = shared(jobs, self.workers or os.cpu_count() or 1, limits)
        with self._client() as client:
            dealer = _Dealer(self, client, function, iter(jobs), limits)
            try:
                while dealer.deal():
                    outcomes = dealer.collect()
                    dealer.deal()  # before the caller takes its time with what came out
                    yield outcomes
            finally:
                dealer.end()

    def check(self) -> None:
        """Raise UsageError when Dask is not installed, or no scheduler answers."""
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise UsageError(MISSING) from None
        if self.scheduler:
            _reach(self.scheduler)

    @contextlib.contextmanager
    def _client(self) -> Iterator[Client]:
        self.check()
        import dask
        import distributed

        for name in ("distributed", "tornado", "bokeh"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # we say it in our own words
        with contextlib.ExitStack() as stack:
            stack.enter_context(
                dask.config.set({"distributed.scheduler.allowed-failures": TRIES - 1, **_QUIET})
            )
            address = self.scheduler or stack.enter_context(self._cluster())
            try:
                client = distributed.Client(address, timeout=self.patience, set_as_default=False)
            except (OSError, ValueError, TypeError) as error:
                raise UsageError(f"there is no Dask scheduler at {address} ({error})") from None
            try:
                yield client
            finally:
                with contextlib.suppress(Exception):  # it is of no use any more
                    client.close(timeout=5)

    @contextlib.contextmanager
    def _cluster(self) -> Iterator[str]:
        """The address of a scheduler on this machine, with workers; gone afterwards."""
        from distributed import LocalCluster
        from distributed.scheduler import DEFAULT_EXTENSIONS

        # "spans" remember every job that was ever submitted
        extensions = {n: kind for n, kind in DEFAULT_EXTENSIONS.items() if n != "spans"}
        with tempfile.TemporaryDirectory(
            prefix="kehoach-dask-", ignore_cleanup_errors=True
        ) as scratch:
            cluster = LocalCluster(
                n_workers=self.workers or os.cpu_count() or 1,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                scheduler_kwargs={
                    "dashboard_address": "127.0.0.1:0",  # else 8787, or a warning
                    "extensions": extensions,
                },
                extensions={},  # of workers, there are spans alone
                worker_dashboard_address=None,
                memory_limit=0,  # a worker holds little; its child is under our own limit
                local_directory=scratch,
                silence_logs=logging.CRITICAL,
                preload=[_DEAF],
            )
            try:
                yield cluster.scheduler_address
            finally:
                with contextlib.suppress(Exception):
                    cluster.close(timeout=10)


def _reach(address: str) -> None:
    """Raise UsageError when nobody listens at ``address``; Dask would ask for minutes."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise UsageError(f"{address!r} is no address of a Dask scheduler, such as tcp://HOST:8786")
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except OSError as error:
        raise UsageError(
            f"no Dask scheduler answers at {address} ({error.strerror or error}); start one with "
            "`dask scheduler`, or leave out --scheduler"
        ) from None


class _Dealer:
    """The state of one map: which jobs are out, which have to go out again."""

    def __init__(
        self,
        engine: DaskEngine,
        client: Client,
        function: Callable[[Any], Any],
        jobs: Iterator[Any],
        limits: Limits,
    ) -> None:
        from pipeline.dask_worker import Packed, Work

        self._engine = engine
        self._client = client
        self._jobs = jobs
        log = str(engine.log) if engine.log and engine.is_near else ""
        self._work = Work(uuid.uuid4().hex[:8], results_version(), Packed.of(function), limits, log)
        self._out: dict[Future, tuple[Any, int]] = {}  # jobs, and how often they were sent
        self._again: deque[tuple[Any, int]] = deque()
        self._suspects: deque[Any] = deque()  # jobs whose workers ended
        self._alone: Any = None  # the suspect that is tried by itself
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._sent = 0
        self._workers = 0
        self._looked = -_LOOK_SECONDS
        self._alone_since: float | None = None
        self._said = False

    def deal(self) -> bool:
        """Give out jobs, as many as workers can use; False when all is done."""
        if self._client.status == "running":
            self._count_workers()
            while len(self._out) < AHEAD * max(self._workers, 1):
                task = self._again.popleft() if self._again else self._next()
                if task is None:
                    break
                self._send(*task)
            if not self._out and self._suspects:
                self._alone = self._suspects.popleft()
                self._send(self._alone, 0)
        return bool(self._out or self._again or self._suspects)

    def _next(self) -> tuple[Any, int] | None:
        for job in self._jobs:
            return job, 0
        return None

    def _send(self, job: Any, sent: int) -> None:
        from pipeline.dask_worker import read

        self._sent += 1
        future = self._client.submit(
            read, self._work, pickle.dumps(job), key=f"kehoach-{self._work.run}-{self._sent}",
            pure=False,
        )  # fmt: skip
        self._out[future] = (job, sent + 1)
        future.add_done_callback(self._ended.put)

    def _count_workers(self) -> None:
        from dask.utils import key_split

        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            key_split.cache_clear()  # it remembers the last 100,000 keys, and ours never come again
            with contextlib.suppress(OSError, ValueError, TimeoutError):
                self._workers = sum(self._client.nthreads().values())

    def collect(self) -> list[Outcome]:
        """Wait for news, at most POLL_SECONDS; gives what has come to an end."""
        self._mind_scheduler()
        self._mind_workers()
        ended = self._wait()
        outcomes = []
        fetched: list[Future] = []
        for future in ended:
            if future.status == "finished":
                fetched.append(future)
            elif future.status == "error":
                outcomes += self._failed(future)
            else:
                self._forgotten(future)
        return outcomes + self._fetch(fetched)

    def _wait(self) -> list[Future]:
        """Futures that have ended. Those of a scheduler that is gone may never say so."""
        ended: dict[Future, None] = {}
        with contextlib.suppress(queue.Empty):
            ended[self._ended.get(timeout=POLL_SECONDS)] = None
            while len(ended) < BATCH:
                ended[self._ended.get_nowait()] = None
        if not ended:
            ended = {f: None for f in self._out if f.status not in ("pending", "finished")}
        return [future for future in ended if future in self._out]

    def _fetch(self, futures: list[Future]) -> list[Outcome]:
        if not futures:
            return []
        try:
            results = self._client.gather(futures)
        except (CancelledError, OSError, TimeoutError, KeyError, ValueError):
            for future in futures:  # lost on the way
                self._forgotten(future)
            return []
        return [self._opened(f, result) for f, result in zip(futures, results, strict=True)]

    def _opened(self, future: Future, result: Any) -> Outcome:
        job, _ = self._out.pop(future)
        if not isinstance(result, Outcome):
            raise getattr(errors, result.kind, KehoachError)(result.message)
        value = pickle.loads(result.result) if result.result is not None else None  # noqa: S301
        return replace(result, job=job, result=value)

    def _failed(self, future: Future) -> list[Outcome]:
        """A task that ended in an error of Dask's: ours give theirs as values."""
        from distributed import KilledWorker

        job, _ = self._out.pop(future)
        error = future.exception(timeout=CONNECT_SECONDS)
        if isinstance(error, KilledWorker):
            if job is not self._alone:
                self._suspects.append(job)
                return []
            last = error.last_worker.address
            text = f"it ended the Dask workers that had it, at last {last}; it is set aside"
            return [Outcome(job, None, CrashedError.code, text)]
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise KehoachError(
            f"a Dask worker cannot do the work ({what}); it needs the same kehoach with the same "
            "extras as this machine"
        )

    def _forgotten(self, future: Future) -> None:
        job, sent = self._out.pop(future)
        if sent > _RESENT:
            raise KehoachError(
                f"the Dask scheduler lost the same job {sent} times; look at its log, and run "
                "again: what is done is kept"
            )
        self._again.append((job, sent))

    def _mind_scheduler(self) -> None:
        status = self._client.status
        if status == "running":
            self._said = self._said and self._alone_since is not None
        elif status in ("closed", "closing"):
            raise KehoachError(
                f"the Dask scheduler at {self._engine.scheduler or 'this machine'} is gone and did "
                f"not come back within {self._engine.patience:g} seconds; start it and run again: "
                "what is done is kept"
            )
        else:
            self._say(
                f"the Dask scheduler does not answer; waiting {self._engine.patience:g} seconds"
            )

    def _mind_workers(self) -> None:
        if self._workers or self._client.status != "running":
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = self._alone_since or now
        if now - self._alone_since > self._engine.patience:
            raise KehoachError(
                f"the Dask scheduler has had no worker for {self._engine.patience:g} seconds; "
                "start some with `dask worker ADDRESS --nthreads 1`, and run again: what is done "
                "is kept"
            )
        if now - self._alone_since > _LOOK_SECONDS:
            self._say(
                f"the Dask scheduler has no worker; waiting {self._engine.patience:g} seconds"
            )

    def _say(self, message: str) -> None:
        if not self._said:
            self._said = True
            self._engine.say(message)

    def end(self) -> None:
        """Take back what is out, and end the children that worked for this run."""
        from pipeline.dask_worker import dismiss

        if self._client.status != "running":
            return
        with contextlib.suppress(Exception):  # the cluster may be going down
            self._client.cancel(list(self._out))
            self._client.run(dismiss, self._work.run, on_error="ignore")
