"""What one file is: its kind by content, its hash, its encoding when it is text."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

from pipeline.document import Source
from pipeline.errors import TooLargeError, UnreadableError
from pipeline.ingest.charset import detect
from pipeline.ingest.sniff import TEXT_TYPES, sniff
from pipeline.settings import Settings


def identify(
    path: Path, root: Path | None, settings: Settings, *, name: str | None = None
) -> Source:
    """Say what the file ``path`` is.

    Its name is the one given, or relative to the folder ``root``. The kind is read from the
    content, whatever the name says. Raises UnreadableError (missing, empty, damaged, or of a kind
    that is not read), EncryptedError, or TooLargeError.
    """
    name = name or _relative(path, root)
    size = _size(path, name)
    if size == 0:
        raise UnreadableError(f"{name} is empty; put the whole file in its place.")
    if size > settings.max_file_size:
        raise TooLargeError(
            f"{name} has {size / 2**20:,.0f} MB, more than max_file_size "
            f"({settings.max_file_size / 2**20:,.0f} MB); split it or raise the limit."
        )
    try:
        media_type = sniff(path, name)
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        encoding = detect(path.read_bytes()).name if media_type in TEXT_TYPES else None
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read ({error.strerror}).") from error
    return Source(
        path=name,
        location=str(path.absolute()),
        sha256=sha256,
        media_type=media_type,
        size=size,
        encoding=encoding,
    )


def _relative(path: Path, root: Path | None) -> str:
    """The name of ``path`` below ``root``: POSIX separators, NFC, always encodable."""
    if root is not None and path.absolute().is_relative_to(root.absolute()):
        text = path.absolute().relative_to(root.absolute()).as_posix()
    else:
        text = path.name
    readable = text.encode("utf-8", errors="surrogateescape").decode(
        "utf-8", errors="backslashreplace"
    )
    return unicodedata.normalize("NFC", readable)


def _size(path: Path, name: str) -> int:
    """The size of a regular file in bytes."""
    try:
        if path.is_dir():
            raise UnreadableError(f"{name} is a folder, not a document.")
        if not path.exists():
            raise UnreadableError(f"{name} does not exist; check the path.")
        if not path.is_file():
            raise UnreadableError(f"{name} is not a regular file (a pipe, socket or device).")
        return path.stat().st_size
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read ({error.strerror}).") from error
