"""A folder: find its files, skip what is done, send the others to workers, keep what comes back.

This process is the one writer. It holds no document longer than it takes to write it.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pipeline import output
from pipeline.audit.checklist import Checklist, chosen
from pipeline.engine import Engine, InProcess, LocalPool, Outcome
from pipeline.errors import KehoachError, UsageError
from pipeline.ingest import Found, Listing, find, unpack_archives
from pipeline.ingest.remote import fetch, find_remote, is_url, local_folder
from pipeline.interrupt import uninterrupted
from pipeline.job import Job, Unchanged, process_one
from pipeline.results import Results, write, write_apart
from pipeline.review.refresh import refresh
from pipeline.run_report import Progress, RunReport, Silent, versions
from pipeline.settings import Settings
from pipeline.store import Done, Failed, Store
from pipeline.store.history import note_outcomes
from pipeline.store.names import key, record_name
from pipeline.telemetry import EventLog, FileEvent, Observer, Observers, State, StatusFile
from pipeline.version import results_version
from pipeline.worker import Limits

T = TypeVar("T")
_AT_ONCE = 200  # files that the store is asked about, or told of, in one go
# Results are written together, as a transaction costs more than what it writes, but four times a
# second, and no more text at a time than this process holds without feeling it.
_GATHERED_SECONDS = 0.25
_GATHERED = 2**18  # characters of records
_STORE = "plans.sqlite"


def run_folder(
    folder: str | Path,
    out: str | Path,
    settings: Settings | None = None,
    *,
    fresh: bool = False,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Process every file below ``folder`` and write the results to the folder ``out``.

    ``folder`` is a path or a URL (``s3://BUCKET/FOLDER``). Files that were done with the same
    content, program, models and settings are skipped, unless ``fresh``. The records of files that
    are no longer there leave the results (they stay in the store, and are used again if the files
    come back).

    A script that calls this needs ``if __name__ == "__main__":`` around the call, since workers are
    processes of their own; ``engine=InProcess()`` does without.

    Raises:
        UsageError: ``folder`` is missing or holds nothing to read, ``out`` cannot be used, or the
            checklist of the settings is wrong.
        StoreError: the store cannot be opened or written.
        SourceError: ``folder`` is a URL that does not answer.
        KehoachError: ``out`` cannot be written, or workers cannot be started.
    """
    out, settings, progress = Path(out), settings or Settings(), progress or Silent()
    started = time.monotonic()
    checklist = chosen(settings.checklist)  # a list with a fault is told before the work begins
    engine = engine or engine_of(settings, out / output.LOG, progress)
    root, listing = _listed(folder, out, settings)
    with contextlib.ExitStack() as stack:
        stack.enter_context(output.opened(out, Path(root) if not is_url(root) else None))
        stack.enter_context(output.logging_to(out / output.LOG))
        store = stack.enter_context(_store(out, settings, progress, fresh=fresh))
        listing = _unpacked(listing, settings, stack)
        watching: list[Observer] = [EventLog(out), StatusFile(out)]
        if settings.metrics_port is not None:
            from pipeline.metrics import served  # an extra

            address = settings.metrics_host, settings.metrics_port
            watching.append(stack.enter_context(served(*address)))
        run = _Run(root, out, settings, store, progress, checklist, Observers(watching))
        state: State = "stopped"
        told = ""
        try:
            run.process(listing, engine)
            run.settle()
            run.export(engine)
            state = "done"
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        except BaseException as error:
            told = str(error) or type(error).__name__
            raise
        finally:  # interrupted, or stopped by an error: say what was done all the same
            if state != "done":
                store.wait(0, progress.say)
            with contextlib.suppress(*([] if state == "done" else [KehoachError])):
                run.finish(time.monotonic() - started)
            run.observers.end(state, told)
        return run.report


def add_files(
    files: Sequence[Found],
    folder: Path,
    out: Path,
    settings: Settings,
    *,
    noted: Path | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Process some files of ``folder``, and leave all others as the last run left them.

    Records come into the store and to ``out/plans``; workbook, page and ``run.json`` stay as they
    are. ``noted`` is the name by which the store knows the folder, where this machine has another
    for it. Raises BusyError when a run is writing to ``out``, and as :func:`run_folder` does.
    """
    progress = progress or Silent()
    with contextlib.ExitStack() as stack:
        stack.enter_context(output.held(out))
        stack.enter_context(output.logging_to(out / output.LOG))
        store = stack.enter_context(_store(out, settings, progress, fresh=False))
        listing = _unpacked(Listing(tuple(files), (), 0), settings, stack)
        run = _Run(str(folder.absolute()), out, settings, store, progress, noted=noted)
        local = settings.model_copy(update={"engine": "local", "scheduler": None})
        run.process(listing, engine or engine_of(local, out / output.LOG, progress))
        for name, text in refresh(store):
            output.write(output.record_path(out, name), text)
        store.finish_run(run.number, run.report.to_json())
        return run.report


def engine_of(settings: Settings, log: Path, progress: Progress) -> Engine:
    """The engine that the settings name; what its workers print goes into ``log``.

    Raises UsageError when it is not installed, or no scheduler answers.
    """
    limits = Limits(settings.timeout, settings.max_memory)
    if settings.engine == "local" and not settings.scheduler:
        return LocalPool(settings.workers, limits, log.absolute())
    from pipeline.dask_engine import DaskEngine  # an extra

    engine = DaskEngine(
        settings.scheduler,
        settings.workers,
        limits,
        log.absolute(),
        settings.patience,
        progress.say,
    )
    engine.check()
    return engine


class _Run:
    """One run, from the list of files to the report; ``root`` is a folder's path, or a URL."""

    def __init__(
        self,
        root: str,
        out: Path,
        settings: Settings,
        store: Store,
        progress: Progress,
        checklist: Checklist | None = None,
        observers: Observers | None = None,
        noted: Path | None = None,
    ) -> None:
        self.root = root
        self.out = out
        self.settings = settings
        self.store = store
        self.progress = progress
        self.checklist = checklist
        self.observers = observers or Observers([])
        self.version = results_version()
        self.digest = settings.digest()
        self.report = RunReport(versions=versions())
        chosen_so = settings.model_dump_json(exclude={"store"})  # its URL may hold a password
        self.number = store.begin_run(noted or root, self.version, chosen_so)
        self._names: dict[str, str] = {}  # of files that are with workers: key of name -> path
        self._seen: list[str] = []
        self._gathered: list[Outcome] = []
        self._written = 0.0  # when results were last written

    def process(self, listing: Listing, engine: Engine) -> None:
        """Every file once: done, skipped or failed."""
        self.report.found = len(listing.found) + len(listing.refused)
        self.progress.begin(self.report.found)
        self.observers.begin(self.number, self.report.found, str(engine))
        try:
            function = partial(process_one, settings=self.settings)
            jobs = self._jobs(listing, engine)
            with contextlib.closing(engine.map(function, jobs)) as batches:
                try:
                    for batch in batches:
                        self._gather(batch)
                finally:  # interrupted, or stopped by an error: what is done is kept
                    self._take_gathered()
            for some in _by(_AT_ONCE, listing.refused):
                failed = [self._failed(one.relative, one.code, one.message) for one in some]
                self._keep([(one, "") for one in failed])
        finally:
            self.progress.end()
        self._note_seen()

    def settle(self) -> None:
        """Set aside what left the folder, take in what people decided, make the files equal."""
        lost = self.store.forget_unseen(self.number)
        if lost:
            names = ", ".join(lost[:3]) + (", …" if len(lost) > 3 else "")
            self.progress.say(
                f"{len(lost)} no longer in the folder, left out of the results: {names}"
            )
        refresh(self.store)
        note_outcomes(self.store, self.number)
        output.mend(self.out, self.store.record_texts())
        output.sweep(self.out, self.store.with_records)

    def export(self, engine: Engine) -> None:
        """The workbook and the page, from the store."""
        self.report.failures.sort(key=lambda failure: failure["path"])
        options: dict[str, Any] = {
            "language": self.settings.language,
            "required": self.settings.required,
            "source_root": None if is_url(self.root) else self.root,
            "failures": self.report.failures,
            "checklist": self.checklist,
        }
        place = self.settings.store or self.out / _STORE
        results = Results(place, self.out, self.settings.patience, options)
        if isinstance(engine, InProcess):
            write(results)
        else:
            write_apart(results, self.settings.max_memory, self.out / output.LOG)

    def finish(self, seconds: float) -> None:
        """Write ``run.json``."""
        self.report.seconds = round(seconds, 3)
        self.report.failures.sort(key=lambda failure: failure["path"])
        text = self.report.to_json()
        self.store.finish_run(self.number, text)
        output.write(self.out / output.REPORT, text)

    def _jobs(self, listing: Listing, engine: Engine) -> Iterator[Job]:
        done_before = ""
        for some in _by(_AT_ONCE, listing.found):
            version = {"version": self.version, "settings_digest": self.digest}
            known = self.store.known_all([found.relative for found in some], **version)
            for found in some:
                path = found.relative
                if path == done_before:  # two names that differ only in their Unicode form
                    path = f"{path} (same name, other Unicode form)"
                    known |= self.store.known_all([path], **version)
                done_before = found.relative
                before = known.get(path)
                name = before.name if before else self._new_name(path)
                self._names[key(name)] = path
                where = found.location
                content = None
                if not engine.is_near and not is_url(where) and not where.startswith(self.root):
                    content = found.path.read_bytes()  # of an archive that was unpacked here
                sha256 = before.sha256 if before else None
                yield Job(path, where, self.root, name, sha256, content)

    def _new_name(self, path: str) -> str:
        return record_name(
            path, lambda wanted: wanted in self._names or self.store.is_taken(wanted)
        )

    def _gather(self, outcomes: Sequence[Outcome]) -> None:
        """Take results when it is time to, or when they are many."""
        self._gathered += outcomes
        held = sum(len(o.result.text) for o in self._gathered if isinstance(o.result, Done))
        if held > _GATHERED or time.monotonic() - self._written > _GATHERED_SECONDS:
            self._take_gathered()

    def _take_gathered(self) -> None:
        outcomes, self._gathered = self._gathered, []
        if outcomes:
            self._take(outcomes)
            self._written = time.monotonic()

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        results: list[tuple[Done | Failed, str]] = []
        for outcome in outcomes:
            job: Job = outcome.job
            if isinstance(outcome.result, Unchanged):
                self.report.skipped += 1
                self._seen.append(job.path)
                self.progress.step(job.path, "skipped", "")
                self.observers.skip()
            elif isinstance(outcome.result, Done):
                results.append((outcome.result, outcome.worker))
            else:
                code = outcome.code or "unexpected"
                failed = Failed(job.path, job.name, code, outcome.message)
                results.append((failed, outcome.worker))
        if len(self._seen) >= _AT_ONCE:
            self._note_seen()
        if results:
            self._keep(results)
        for outcome in outcomes:
            self._names.pop(key(outcome.job.name), None)

    @uninterrupted()
    def _keep(self, results: Sequence[tuple[Done | Failed, str]]) -> None:
        self.store.put(
            [result for result, _ in results],
            run=self.number,
            version=self.version,
            settings_digest=self.digest,
        )
        for result, worker in results:
            self._show(result, worker)

    def _show(self, result: Done | Failed, worker: str) -> None:
        """Write the record of a file that is in the store, and tell of it."""
        report = self.report
        if isinstance(result, Done):
            output.write(output.record_path(self.out, result.name), result.text)
            report.done += 1
            report.pages += result.pages
            report.words += result.words
            self.observers.file(
                FileEvent(
                    result.path, "done", "", "", result.media_type, result.size, result.pages,
                    result.words, result.seconds, worker,
                )
            )  # fmt: skip
            self.progress.step(result.path, "done", "")
            return
        output.remove_record(self.out, result.name)
        report.failed += 1
        failure = {"path": result.path, "code": result.code, "message": result.message}
        report.failures.append(failure)
        self.observers.file(
            FileEvent(result.path, "failed", result.code, result.message, worker=worker)
        )
        self.progress.step(result.path, "failed", result.message)

    def _failed(self, path: str, code: str, message: str) -> Failed:
        known = self.store.known(path, version=self.version, settings_digest=self.digest)
        return Failed(path, known.name if known else self._new_name(path), code, message)

    def _note_seen(self) -> None:
        if self._seen:
            self.store.saw(self._seen, run=self.number)
            self._seen.clear()


def _by(count: int, items: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), count):
        yield items[first : first + count]


def _listed(folder: str | Path, out: Path, settings: Settings) -> tuple[str, Listing]:
    """The root that is read, as a path or URL, and what it holds."""
    near = local_folder(str(folder)) if is_url(folder) else Path(folder)
    if near is None:
        root = str(folder)
        listing = find_remote(root, settings)
    else:
        root = str(near.absolute())
        listing = find(near, settings, exclude=[out])
    if not listing.found and not listing.refused:
        raise UsageError(f"there is nothing to read in {folder}: it holds no document")
    return root, listing


def _unpacked(listing: Listing, settings: Settings, stack: contextlib.ExitStack) -> Listing:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kehoach-zip-"))
    return unpack_archives(listing, Path(folder), settings, fetch)


@contextlib.contextmanager
def _store(out: Path, settings: Settings, progress: Progress, *, fresh: bool) -> Iterator[Store]:
    place = settings.store or out / _STORE
    if fresh:
        Store.discard(place)
    with Store.open(place, create=True) as store:
        store.wait(settings.patience, progress.say)
        with store.held():
            yield store
