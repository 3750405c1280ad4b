"""What a listing of files is made of, and which names never count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_LEFTOVERS = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"))
_LEFTOVER_FOLDERS = frozenset(("__macosx", "$recycle.bin", "system volume information"))
_TEMPORARY_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".swp")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: where it lies, and its name relative to the folder (POSIX, NFC).

    A file on another machine has a ``url``, and no path.
    """

    path: Path
    relative: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be read, with a code of :mod:`pipeline.errors` and one sentence."""

    relative: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds, in the order of the names; ``ignored`` counts what was passed over.

    Passed over are hidden and temporary files, and links to what is read anyway.
    """

    found: tuple[Found, ...]
    refused: tuple[Refused, ...]
    ignored: int


def is_leftover(name: str) -> bool:
    """Whether a name is hidden, or was left by an editor, an office program or the system."""
    name = name.casefold()
    if name.startswith((".", "~$")) or name in _LEFTOVERS or name in _LEFTOVER_FOLDERS:
        return True
    return name.endswith(("~", *_TEMPORARY_SUFFIXES))
