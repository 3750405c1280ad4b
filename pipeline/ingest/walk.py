"""Walks a folder: which files are to be read, which are refused and why, which do not count.

Nothing is opened here: what a file is, is decided by :mod:`pipeline.ingest.identify`, in the
worker that reads it.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pipeline.errors import UnreadableError, UsageError
from pipeline.ingest.entries import Found, Listing, Refused, is_leftover
from pipeline.settings import Settings

T = TypeVar("T", Found, Refused)
# A folder that carries such a suffix was meant to be a document.
_DOCUMENT_SUFFIXES = frozenset(
    (
        *(".pdf", ".doc", ".docx", ".rtf", ".odt", ".txt", ".md", ".html", ".htm", ".zip"),
        *(".png", ".jpg", ".jpeg", ".tif", ".tiff"),
    )
)


@dataclass(slots=True)
class _Walk:
    root: Path
    excluded: frozenset[Path]
    found: list[Found] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)
    ignored: int = 0

    def name(self, path: str | Path) -> str:
        text = str(path)[len(os.path.join(self.root, "")) :].replace(os.sep, "/")  # noqa: PTH118
        readable = os.fsencode(text).decode("utf-8", errors="backslashreplace")
        return unicodedata.normalize("NFC", readable)

    def refuse(self, path: Path, message: str, code: str = UnreadableError.code) -> None:
        name = self.name(path)
        self.refused.append(Refused(name, code, f"{name} {message}"))


def find(folder: Path, settings: Settings, *, exclude: Iterable[Path] = ()) -> Listing:
    """List the files below ``folder``, sub-folders too; the same folder gives the same order.

    ``exclude`` names folders that are left out (the output of a run, say). Symbolic links are
    followed to files inside ``folder`` only; one that leads outside, or nowhere, is refused.

    Raises UsageError when ``folder`` is missing, is no folder, or cannot be listed.
    """
    root = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a link here
    if not root.exists():
        raise UsageError(f"The folder '{folder}' does not exist; check the path.")
    if not root.is_dir():
        raise UsageError(f"'{folder}' is a file; give the folder that holds it.")
    if not os.access(root, os.R_OK | os.X_OK):
        raise UsageError(f"The folder '{folder}' may not be read; check its permissions.")
    walk = _Walk(root, frozenset(Path(path).resolve() for path in exclude))
    _enter(root, walk)
    _follow_links(walk)
    return Listing(in_order(walk.found), in_order(walk.refused), walk.ignored)


def in_order(entries: list[T]) -> tuple[T, ...]:
    """Entries by name, folder by folder; they are sorted in place, with little memory."""
    entries.sort(key=lambda one: one.relative)
    entries.sort(key=lambda one: one.relative.casefold().replace("/", "\0"))
    return tuple(entries)


def _enter(root: Path, walk: _Walk) -> None:
    """List ``root`` and all below it, without recursion, so that depth costs no stack."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        before = len(walk.found) + len(walk.refused) + len(walk.links)
        subfolders = list(_list(folder, walk))
        waiting.extend(subfolders)
        seen = len(walk.found) + len(walk.refused) + len(walk.links)
        nothing = seen == before and not subfolders
        if nothing and folder != root and folder.suffix.lower() in _DOCUMENT_SUFFIXES:
            walk.refuse(
                folder,
                "is an empty folder although its name is a document's; put the document back.",
                "not_a_file",
            )


def _list(folder: Path, walk: _Walk) -> Iterator[Path]:
    """Sort the entries of ``folder`` into ``walk``; gives the sub-folders to enter."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        walk.refuse(folder, f"is a folder that cannot be listed ({error.strerror}).")
        return
    for entry in listed:
        if is_leftover(entry.name):
            walk.ignored += 1
        elif entry.is_symlink():
            walk.links.append(Path(entry.path))
        elif entry.is_dir(follow_symlinks=False):
            path = Path(entry.path)
            if path.resolve() not in walk.excluded:
                yield path
        elif entry.is_file(follow_symlinks=False):
            walk.found.append(Found(entry.path, walk.name(entry.path)))
        else:
            what = "is not a regular file (a pipe, socket or device)."
            walk.refuse(Path(entry.path), what, "not_a_file")


def _follow_links(walk: _Walk) -> None:
    """Take links to files inside the folder that are not read anyway; refuse the others."""
    if not walk.links:
        return
    root = walk.root.resolve()
    read = {found.location for found in walk.found}
    for link in walk.links:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: a link that leads to itself (3.11, 3.12)
            walk.refuse(
                link, "is a link that leads nowhere; remove it or put the file in place.",
                "broken_link",
            )  # fmt: skip
            continue
        if not target.is_relative_to(root):
            walk.refuse(
                link, "is a link to a place outside the folder; copy what it leads to instead.",
                "link_outside",
            )  # fmt: skip
            continue
        location = str(walk.root / target.relative_to(root))  # as the walk found it: without links
        if target.is_dir() or location in read:
            walk.ignored += 1
        else:
            read.add(location)
            walk.found.append(Found(str(link), walk.name(link)))
