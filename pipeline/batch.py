"""A folder: find its files, skip what is done, send the others to workers, keep what comes back.

This process is the one writer. It holds no document longer than it takes to write it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import platform
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pipeline import output
from pipeline.artefacts import models_fingerprint
from pipeline.audit.checklist import Checklist, chosen
from pipeline.engine import Engine, LocalPool, Outcome
from pipeline.errors import KehoachError, UsageError
from pipeline.ingest import Found, Listing, find, identify, unpack_archives
from pipeline.interrupt import uninterrupted
from pipeline.review.refresh import refresh
from pipeline.settings import Settings
from pipeline.store import Done, Failed, Store, record_text, rows_of
from pipeline.store.history import note_outcomes
from pipeline.store.names import key, record_name
from pipeline.version import program_version, results_version
from pipeline.worker import Limits, off_the_clock

T = TypeVar("T")
_LOG = logging.getLogger("pipeline")
_SEEN_AT_ONCE = 500  # unchanged files noted in one transaction
_REFUSED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Job:
    """A file to process. ``sha256`` is the content that is done already, None when none is."""

    path: str
    location: str
    root: str
    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The file has the content that was done before."""

    path: str


@dataclass
class RunReport:
    """What a run did: the contract of ``run.json``.

    ``found`` counts what the folder holds, refused entries (a link that leads outside, say) with
    it: ``found = done + skipped + failed`` unless the run was interrupted. ``pages`` and ``words``
    count what this run processed; ``seconds`` is how long it took.
    """

    found: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    seconds: float = 0.0
    pages: int = 0
    words: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The text of ``run.json``."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


class Progress(Protocol):
    """Somebody who watches a run."""

    def begin(self, total: int) -> None:
        """There are ``total`` files."""

    def step(self, path: str, what: str, message: str) -> None:
        """One of them is ``done``, ``skipped`` or ``failed``; ``message`` says why it failed."""

    def say(self, message: str) -> None:
        """Something to know about the run as a whole."""

    def end(self) -> None:
        """No more files."""


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

    Files that were done with the same content, program, models and settings are skipped, unless
    ``fresh``. The records of files that are no longer there leave the results (they stay in the
    store, and are used again if the files come back).

    A script that calls this needs ``if __name__ == "__main__":`` around the call, since workers are
    processes of their own; ``engine=InProcess()`` does without.

    Raises:
        UsageError: ``folder`` is missing or holds nothing to read, ``out`` cannot be used, or the
            checklist of the settings is wrong.
        StoreError: the store cannot be opened or written.
        KehoachError: ``out`` cannot be written, or workers cannot be started.
    """
    folder, out, settings = Path(folder), Path(out), settings or Settings()
    started = time.monotonic()
    checklist = chosen(settings.checklist)  # a list with a fault is told before the work begins
    listing = find(folder, settings, exclude=[out])
    if not listing.found and not listing.refused:
        raise UsageError(f"there is nothing to read in {folder}: it holds no document")
    with contextlib.ExitStack() as stack:
        stack.enter_context(output.opened(out, folder))
        stack.enter_context(_logging_to(out / output.LOG))
        store = stack.enter_context(_store(settings.store or out / "plans.sqlite", fresh=fresh))
        unpacked = stack.enter_context(tempfile.TemporaryDirectory(prefix="kehoach-zip-"))
        listing = unpack_archives(listing, Path(unpacked), settings)
        engine = engine or LocalPool(
            settings.workers,
            Limits(settings.timeout, settings.max_memory),
            (out / output.LOG).absolute(),
        )
        run = _Run(folder.absolute(), out, settings, store, progress or _Silent(), checklist)
        try:
            run.process(listing, engine)
            run.settle()
            run.export()
        except BaseException:  # interrupted, or stopped by an error: say what was done all the same
            with contextlib.suppress(KehoachError):
                run.finish(time.monotonic() - started)
            raise
        run.finish(time.monotonic() - started)
        return run.report


def add_files(
    files: Sequence[Found],
    folder: Path,
    out: Path,
    settings: Settings,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Process some files of ``folder``, and leave all others as the last run left them.

    Records come into the store and to ``out/plans``; workbook, page and ``run.json`` stay as they
    are. Raises BusyError when a run is writing to ``out``, and as :func:`run_folder` does.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(output.held(out))
        stack.enter_context(_logging_to(out / output.LOG))
        store = stack.enter_context(_store(settings.store or out / "plans.sqlite", fresh=False))
        unpacked = stack.enter_context(tempfile.TemporaryDirectory(prefix="kehoach-zip-"))
        listing = unpack_archives(Listing(tuple(files), (), 0), Path(unpacked), settings)
        limits = Limits(settings.timeout, settings.max_memory)
        engine = engine or LocalPool(settings.workers, limits, (out / output.LOG).absolute())
        run = _Run(folder.absolute(), out, settings, store, progress or _Silent())
        run.process(listing, engine)
        for name, text in refresh(store):
            output.write(output.record_path(out, name), text)
        store.finish_run(run.number, run.report.to_json())
        return run.report


def process_one(job: Job, settings: Settings) -> Done | Unchanged:
    """What a worker does with a file. Raises a FileError when it cannot be processed."""
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    source = identify(Path(job.location), Path(job.root), settings)
    seconds["ingest"] = time.perf_counter() - started
    if source.sha256 == job.sha256:
        return Unchanged(job.path)
    with off_the_clock():  # imports half of the libraries, once per worker
        from pipeline.document import Document
        from pipeline.flow import process
    document = process(Document(source=replace(source, path=job.path)), settings, seconds=seconds)
    if document.record is None:
        raise RuntimeError("the last stage made no record")
    text = record_text(document.record)
    return Done(
        path=job.path,
        name=job.name,
        sha256=source.sha256,
        media_type=source.media_type,
        size=source.size,
        pages=document.record.source.pages,
        words=document.record.quality.words,
        seconds=seconds,
        text=text,
        rows=rows_of(document.record, text, document.edits, document),
    )


class _Run:
    """One run, from the list of files to the report."""

    def __init__(
        self,
        folder: Path,
        out: Path,
        settings: Settings,
        store: Store,
        progress: Progress,
        checklist: Checklist | None = None,
    ) -> None:
        self.folder = folder
        self.out = out
        self.settings = settings
        self.store = store
        self.progress = progress
        self.checklist = checklist
        self.version = results_version()
        self.digest = settings.digest()
        self.report = RunReport(versions=_versions())
        self.number = store.begin_run(folder, self.version, settings.model_dump_json())
        self._names: dict[str, str] = {}  # of files that are with workers: key of name -> path
        self._seen: list[str] = []

    def process(self, listing: Listing, engine: Engine) -> None:
        """Every file once: done, skipped or failed."""
        self.report.found = len(listing.found) + len(listing.refused)
        self.progress.begin(self.report.found)
        try:
            function = partial(process_one, settings=self.settings)
            with contextlib.closing(engine.map(function, self._jobs(listing))) as outcomes:
                for batch in outcomes:
                    self._take(batch)
            for some in _by(_REFUSED_AT_ONCE, listing.refused):
                self._keep([self._failed(one.relative, one.code, one.message) for one in some])
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
        output.sweep(self.out, self.store.has_record)

    def export(self) -> None:
        """The workbook and the page, from the store."""
        from pipeline.export import report, workbook  # numpy and friends; not for --help

        options: dict[str, Any] = {
            "language": self.settings.language,
            "required": self.settings.required,
            "source_root": self.folder,
            "failures": self.report.failures,
            "checklist": self.checklist,
        }
        self.report.failures.sort(key=lambda failure: failure["path"])
        workbook.write(self.store.records(), self.out / output.WORKBOOK, **options)
        report.write(self.store.records(), self.out / output.PAGE, **options)

    def finish(self, seconds: float) -> None:
        """Write ``run.json``."""
        self.report.seconds = round(seconds, 3)
        self.report.failures.sort(key=lambda failure: failure["path"])
        text = self.report.to_json()
        self.store.finish_run(self.number, text)
        output.write(self.out / output.REPORT, text)

    def _jobs(self, listing: Listing) -> Iterator[Job]:
        done_before = ""
        for found in listing.found:
            path = found.relative
            if path == done_before:  # two names that differ only in their Unicode form
                path = f"{path} (same name, other Unicode form)"
            done_before = found.relative
            known = self.store.known(path, version=self.version, settings_digest=self.digest)
            name = known.name if known else self._new_name(path)
            self._names[key(name)] = path
            yield Job(
                path, str(found.path), str(self.folder), name, known.sha256 if known else None
            )

    def _new_name(self, path: str) -> str:
        return record_name(
            path, lambda wanted: wanted in self._names or self.store.is_taken(wanted)
        )

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        results: list[Done | Failed] = []
        for outcome in outcomes:
            job: Job = outcome.job
            if isinstance(outcome.result, Unchanged):
                self.report.skipped += 1
                self._seen.append(job.path)
                self.progress.step(job.path, "skipped", "")
            elif isinstance(outcome.result, Done):
                results.append(outcome.result)
            else:
                code = outcome.code or "unexpected"
                results.append(Failed(job.path, job.name, code, outcome.message))
        if len(self._seen) >= _SEEN_AT_ONCE:
            self._note_seen()
        self._keep(results)
        for outcome in outcomes:
            self._names.pop(key(outcome.job.name), None)

    @uninterrupted()
    def _keep(self, results: Sequence[Done | Failed]) -> None:
        if not results:
            return
        self.store.put(results, run=self.number, version=self.version, settings_digest=self.digest)
        for result in results:
            self._show(result)

    def _show(self, result: Done | Failed) -> None:
        """Write the record of a file that is in the store, and tell of it."""
        report = self.report
        if isinstance(result, Done):
            output.write(output.record_path(self.out, result.name), result.text)
            report.done += 1
            report.pages += result.pages
            report.words += result.words
            _LOG.info("done %s %s", result.path, _times(result.seconds))
            self.progress.step(result.path, "done", "")
            return
        output.remove_record(self.out, result.name)
        report.failed += 1
        failure = {"path": result.path, "code": result.code, "message": result.message}
        report.failures.append(failure)
        _LOG.info("failed %s %s %s", result.path, result.code, result.message)
        self.progress.step(result.path, "failed", result.message)

    def _failed(self, path: str, code: str, message: str) -> Failed:
        known = self.store.known(path, version=self.version, settings_digest=self.digest)
        return Failed(path, known.name if known else self._new_name(path), code, message)

    def _note_seen(self) -> None:
        if self._seen:
            self.store.saw(self._seen, run=self.number)
            self._seen.clear()


class _Silent:
    def begin(self, total: int) -> None: ...
    def step(self, path: str, what: str, message: str) -> None: ...
    def say(self, message: str) -> None: ...
    def end(self) -> None: ...


def _by(count: int, items: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), count):
        yield items[first : first + count]


@contextlib.contextmanager
def _store(place: str | Path, *, fresh: bool) -> Iterator[Store]:
    if fresh:
        Store.discard(place)
    with Store.open(place, create=True) as store, store.held():
        yield store


@contextlib.contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = _LOG.level
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
        _LOG.setLevel(level)
        handler.close()


def _versions() -> dict[str, str]:
    from pipeline.doctor import tesseract_version
    from pipeline.normalize.record import SCHEMA_VERSION

    versions = {
        "kehoach": program_version(),
        "models": models_fingerprint(),
        "schema": SCHEMA_VERSION,
        "python": platform.python_version(),
        "tesseract": tesseract_version(),
    }
    return {name: version for name, version in versions.items() if version}


def _times(seconds: Mapping[str, float]) -> str:
    return " ".join(f"{stage}={took:.3f}" for stage, took in seconds.items())
