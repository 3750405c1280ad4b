"""The folder OUT of a run: its lock, its record files, its ``run.json``.

The store is what is true; a file in ``plans/`` repeats a record of it. A file is written after the
store has its record, and before a run ends every file is checked against the store, so that what a
kill tears apart the next run makes whole.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import BusyError, KehoachError, UsageError
from pipeline.export.beside import written_beside

PLANS = "plans"
REPORT = "run.json"
LOG = "run.log"
WORKBOOK = "comparison.xlsx"
PAGE = "report.html"
_LOCK = ".lock"
_LOGGER = logging.getLogger("pipeline")
_AT_ONCE = 200
_FULL = "free some space and run again, what is done is kept"
# What written_beside() leaves when the process is killed: .NAME-, eight signs, .SUFFIX
_LEFTOVER = re.compile(r"\..+-[a-z0-9_]{8}\.(json|xlsx|html)")
_RECORD_START = b'{\n  "schema_version":'


@contextlib.contextmanager
def opened(out: Path, folder: Path | None) -> Iterator[None]:
    """Make OUT and hold it for one run over ``folder``; leftovers of a killed run are removed.

    ``folder`` is None where files are read from a URL.

    Raises UsageError when OUT is the folder that is read, cannot be written, or is held by another
    run. The lock ends with the process that holds it, however that ends.
    """
    if folder is not None and out.resolve() == folder.resolve():
        raise UsageError(
            f"--out is the folder that is read ({out}); choose another, such as {out / 'out'}"
        )
    with held(out):
        try:
            clear(out)
            # it tells of a run that has ended; this one has not
            (out / REPORT).unlink(missing_ok=True)
            (out / LOG).write_bytes(b"")
            yield
        except OSError as error:
            raise failed(out, error) from error


def failed(out: Path, error: OSError) -> KehoachError:
    """What to say of ``error`` while OUT was written."""
    return KehoachError(f"{error.filename or out}: {error.strerror or error}")


def clear(out: Path) -> None:
    """Remove what a process that was killed had begun to write."""
    for place in (out, out / PLANS):
        for path in place.iterdir():
            if _LEFTOVER.fullmatch(path.name):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """Be the one that writes to OUT. Raises UsageError when another run is, or when none can."""
    try:
        (out / PLANS).mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / _LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"another run is writing to {out}; wait until it has ended, or choose another --out"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written ({error.strerror}); check its rights or choose another --out"
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_held(out: Path) -> bool:
    """Whether a run is writing to OUT at the moment."""
    lock = FileLock(out / _LOCK, timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False


def write(path: Path, text: str) -> None:
    """Write a text file so that it is there whole, or as it was. Raises KehoachError."""
    try:
        with written_beside(path) as temporary:
            temporary.write_bytes(text.encode())
    except OSError as error:
        raise KehoachError(f"{path} cannot be written ({error.strerror}); {_FULL}") from error


def record_path(out: Path, name: str) -> Path:
    """Where the record called ``name`` stands."""
    return out / PLANS / f"{name}.json"


def remove_record(out: Path, name: str) -> None:
    """Take away the record of a file that could not be processed this time."""
    record_path(out, name).unlink(missing_ok=True)


def mend(out: Path, texts: Iterator[tuple[str, str]]) -> None:
    """Make ``plans/`` equal to the store: ``texts`` are name and text of every record.

    Files that are no records of ours are left alone.
    """
    for name, text in texts:
        path = record_path(out, name)
        try:
            same = path.read_bytes() == text.encode()
        except OSError:
            same = False
        if not same:
            write(path, text)


def sweep(out: Path, present: Callable[[Sequence[str]], set[str]]) -> None:
    """Remove records that the store does not show: of files that left the folder, or failed.

    ``present`` gives those of some names that the store shows.
    """
    with os.scandir(out / PLANS) as entries:
        names = (
            entry.name.removesuffix(".json")
            for entry in entries
            if entry.name.endswith(".json") and entry.is_file(follow_symlinks=False)
        )
        while some := list(islice(names, _AT_ONCE)):
            for name in set(some) - present(some):
                path = record_path(out, name)
                with path.open("rb") as file:
                    is_ours = file.read(len(_RECORD_START)) == _RECORD_START
                if is_ours:
                    path.unlink()


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """What the program notes, from here on, goes into the file ``path``."""
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = _LOGGER.level
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(level)
        handler.close()
