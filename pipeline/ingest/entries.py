"""What a listing of files is made of, and which names never count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_LEFTOVERS = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"))
_LEFTOVER_FOLDERS = frozenset(("__macosx", "$recycle.bin", "system volume information"))
_TEMPORARY_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".swp")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: where it lies (a path, or a URL), and its name relative to the folder.

    The name is POSIX, NFC. A place is kept as text, which needs a quarter of a Path's memory: a run
    lists all files before it reads the first.
    """

    location: str
    relative: str

    @property
    def path(self) -> Path:
        """The path of a file on this machine."""
        return Path(self.location)

    @property
    def is_far(self) -> bool:
        """Whether the file lies behind a URL."""
        return "://" in self.location


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
