"""What a worker does with one file: get it, read it, send it through the flow."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pipeline.errors import KehoachError
from pipeline.ingest import identify
from pipeline.settings import Settings
from pipeline.store import Done, record_text, rows_of
from pipeline.worker import off_the_clock


@dataclass(frozen=True, slots=True)
class Job:
    """A file to process. ``sha256`` is the content that is done already, None when none is.

    ``location`` is a path that workers can open, or a URL; ``content`` is the file itself, where
    it lies in an archive and workers are on other machines.
    """

    path: str
    location: str
    root: str
    name: str
    sha256: str | None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The file has the content that was done before."""

    path: str


def process_one(job: Job, settings: Settings) -> Done | Unchanged:
    """Get a file and process it.

    Raises a FileError when it cannot be processed, another KehoachError when no file can: the
    folder is not there, or what the files are read from does not answer.
    """
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    with _at_hand(job, settings) as path:
        source = identify(path, None, settings, name=job.path)
        seconds["ingest"] = time.perf_counter() - started
        if source.sha256 == job.sha256:
            return Unchanged(job.path)
        with off_the_clock():  # imports half of the libraries, once per worker
            from pipeline.document import Document
            from pipeline.flow import process
        document = process(Document(source=source), settings, seconds=seconds)
    if document.record is None:
        raise RuntimeError("the last stage made no record")
    record = document.record
    # A temporary copy is gone, and differs from worker to worker.
    document = replace(document, source=replace(source, location=job.location))
    text = record_text(record)
    return Done(
        path=job.path,
        name=job.name,
        sha256=source.sha256,
        media_type=source.media_type,
        size=source.size,
        pages=record.source.pages,
        words=record.quality.words,
        seconds=seconds,
        text=text,
        rows=rows_of(record, text, document.edits, document),
    )


@contextlib.contextmanager
def _at_hand(job: Job, settings: Settings) -> Iterator[Path]:
    """The file on this machine, for as long as it is read."""
    if job.content is None and "://" not in job.location:
        path = Path(job.location)
        if not path.exists() and not Path(job.root).is_dir():
            raise KehoachError(
                f"a worker does not see the folder {job.root}; put the files where all workers "
                "can read them (a shared file system, or a URL such as s3://BUCKET/FOLDER)"
            )
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="kehoach-file-") as folder:
        # The suffix stays, for libraries that look at it; the rest of the name leads nowhere.
        path = Path(folder) / f"file{_suffix(job.path)}"
        if job.content is not None:
            path.write_bytes(job.content)
        else:
            from pipeline.ingest.remote import fetch  # fsspec is an extra

            fetch(job.location, job.path, path, settings)
        yield path


def _suffix(path: str) -> str:
    suffix = PurePosixPath(path).suffix
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) < 9 else ""
