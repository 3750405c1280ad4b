"""Exceptions and exit codes.

::

    KehoachError              exit 1   every error that the program raises on purpose
    ├── UsageError            exit 2   wrong option, missing folder, nothing to read
    │   └── BusyError                  another run is writing
    ├── StoreError            exit 1   the store cannot be opened, or is of another version
    ├── ModelError            exit 1   a model file is missing or damaged
    ├── SourceError           exit 1   what the files are read from does not answer
    ├── ConflictError         exit 1   somebody else has decided in the meantime
    └── FileError             exit 4   one input file cannot be processed; the others go on
        ├── UnreadableError            empty, truncated, not of a kind that we read
        ├── EncryptedError             needs a password
        ├── TooLargeError              over a limit of settings.py
        ├── MissingToolError           needs a program that is not installed
        ├── TimedOutError              over the time limit
        └── CrashedError               took the interpreter down, or ran out of memory

Every message says what happened, to which file where there is one, and what to do.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_OK = 0
EXIT_UNEXPECTED = 1
EXIT_USAGE = 2
EXIT_GAP = 3
EXIT_SOME_FAILED = 4
EXIT_INTERRUPTED = 130


class KehoachError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is fit to be shown to a user."""

    exit_code: ClassVar[int] = EXIT_UNEXPECTED


class UsageError(KehoachError):
    """The command cannot be carried out as it was given."""

    exit_code = EXIT_USAGE


class BusyError(UsageError):
    """Another run is writing to the same results."""


class StoreError(KehoachError):
    """The store cannot be opened, is damaged, or is of another version."""


class ModelError(KehoachError):
    """A model file is missing or damaged."""


class SourceError(KehoachError):
    """The place that files are read from (an object store, say) does not answer."""


class ConflictError(KehoachError):
    """Somebody has decided on the same place since it was seen; ``other`` is what they decided."""

    def __init__(self, other: object = None) -> None:
        super().__init__(
            "somebody else has decided on this place in the meantime; look at it again"
        )
        self.other = other


class FileError(KehoachError):
    """One input file cannot be processed. ``code`` names the reason in ``run.json``."""

    exit_code = EXIT_SOME_FAILED
    code: ClassVar[str] = "failed"


class UnreadableError(FileError):
    """The file is empty, truncated, damaged, or of a kind that is not read."""

    code = "unreadable"


class EncryptedError(FileError):
    """The file needs a password."""

    code = "encrypted"


class TooLargeError(FileError):
    """The file, or what it unpacks to, is over a limit."""

    code = "too_large"


class MissingToolError(FileError):
    """The file needs a program that is not installed."""

    code = "missing_tool"


class TimedOutError(FileError):
    """Processing took longer than the time limit."""

    code = "timeout"


class CrashedError(FileError):
    """The worker process died (crash or out of memory)."""

    code = "crashed"
