"""What runs inside a Dask worker: each of its threads keeps one child process that reads files.

Dask stops neither a task that hangs nor one that eats memory, and a crash takes a worker with all
that it holds. So a task of ours gives its file to a child, under the limits of the local pool.
Functions, jobs and results pass through here as bytes: the Dask worker loads no library of ours.
"""

from __future__ import annotations

import multiprocessing
import pickle
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from distributed import get_worker

from pipeline.engine import Outcome, Pool
from pipeline.errors import KehoachError
from pipeline.version import results_version
from pipeline.worker import Limits, off_the_clock

IDLE_SECONDS = 60.0  # after which a child that has nothing to do is ended: its run may be dead


@dataclass(frozen=True, slots=True)
class Packed:
    """A function of pickled values, itself pickled until it is called."""

    function: bytes

    @classmethod
    def of(cls, function: Callable[[Any], Any]) -> Packed:
        """Pack ``function``, which must be one that a worker can import."""
        return cls(pickle.dumps(function))

    def __call__(self, job: bytes) -> bytes:
        """The pickled result for a pickled job."""
        function = _unpacked(self.function)
        return pickle.dumps(function(pickle.loads(job)))  # noqa: S301 from the run we work for


@cache
def _unpacked(function: bytes) -> Callable[[Any], Any]:
    with off_the_clock():  # imports what the function needs
        loaded: Callable[[Any], Any] = pickle.loads(function)  # noqa: S301 from the run we work for
    return loaded


@dataclass(frozen=True, slots=True)
class Work:
    """What all tasks of a run share.

    ``run`` is a name of its own for each run, ``version`` what every worker must have, ``log`` a
    file for what children print ("": where the Dask worker prints).
    """

    run: str
    version: str
    function: Packed
    limits: Limits
    log: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """No job can be done here: the class of the error, and its words."""

    kind: str
    message: str


@dataclass
class _Post:
    """The child of one thread, and since when it has had nothing to do (None: it is at work)."""

    run: str
    pool: Pool
    idle: float | None = None


_posts: dict[int, _Post] = {}  # by thread
_lock = threading.Lock()
_watch: threading.Thread | None = None


def read(work: Work, job: bytes) -> Outcome | Refusal:
    """The task: what came of a job. The outcome's ``result`` is pickled, its ``job`` left out."""
    try:
        _check(work)
        post = _post(work)
        try:
            outcome = post.pool.do(job)
        finally:
            post.idle = time.monotonic()
    except KehoachError as error:
        return Refusal(type(error).__name__, str(error))
    return replace(outcome, job=None, worker=f"{get_worker().address}#{outcome.worker}")


def dismiss(run: str) -> None:
    """End the children of a run that have nothing to do."""
    _end(lambda post, _: post.run == run)


def _check(work: Work) -> None:
    found = results_version()
    if found != work.version:
        raise KehoachError(
            f"the Dask worker {get_worker().address} on {platform.node()} has kehoach {found}, "
            f"this run {work.version}: records would differ; install the same version everywhere"
        )


def _post(work: Work) -> _Post:
    """The child of this thread, marked as at work."""
    global _watch
    # Dask's nanny marks its worker as daemonic, and Python lets such a process have no children,
    # since they might outlive it. Ours end with their parent, however that ends.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    with _lock:
        post = _posts.get(threading.get_ident())
        if post is None or post.run != work.run:
            if post is not None:
                post.pool.end()
            pool = Pool(1, work.function, work.limits, work.log)
            post = _posts[threading.get_ident()] = _Post(work.run, pool)
        post.idle = None
        if _watch is None:
            _watch = threading.Thread(target=_end_idle, daemon=True)
            _watch.start()
        return post


def _end_idle() -> None:
    while True:
        time.sleep(IDLE_SECONDS / 4)
        _end(lambda _, idle: time.monotonic() - idle > IDLE_SECONDS)


def _end(which: Callable[[_Post, float], bool]) -> None:
    with _lock:
        for thread, post in list(_posts.items()):
            if post.idle is not None and which(post, post.idle):
                _posts.pop(thread).pool.end()
