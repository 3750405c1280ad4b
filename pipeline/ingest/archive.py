"""ZIP archives: their members are unpacked, within bounds, and listed like files of a folder."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from pipeline.errors import EncryptedError, FileError, TooLargeError, UnreadableError
from pipeline.ingest.entries import Found, Listing, Refused, is_leftover
from pipeline.ingest.sniff import ZIP, ZIP_ERRORS, sniff
from pipeline.settings import Settings

_MOST_MEMBERS = 5_000
_DEEPEST = 2  # archives inside archives
_CHUNK = 1 << 20
_UTF8_NAME = 0x800  # general purpose bit 11: the name is UTF-8


def unpack_archives(
    listing: Listing,
    into: Path,
    settings: Settings,
    fetch: Callable[[str, str, Path, Settings], None] | None = None,
) -> Listing:
    """``listing`` with its ZIP archives replaced by what they hold, unpacked below ``into``.

    Of the files that have a URL, those called ``.zip`` are taken for archives and got by ``fetch``.

    A member is named ``archive.zip/folder/plan.pdf``. Refused by name are members that are locked,
    links, or named so that they would land elsewhere, and archives that are damaged, nested more
    than twice, or hold more than the bounds (members, and max_file_size unpacked).
    """
    work = _Unpacking(into, settings, fetch)
    for found in listing.found:
        work.take(found, 0)
    return Listing(
        tuple(work.found),
        tuple(sorted((*listing.refused, *work.refused), key=lambda one: one.relative)),
        listing.ignored + work.ignored,
    )


@dataclass(slots=True)
class _Unpacking:
    into: Path
    settings: Settings
    fetch: Callable[[str, str, Path, Settings], None] | None = None
    found: list[Found] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: int = 0
    made: int = 0

    def refuse(self, name: str, error: type[FileError], message: str) -> None:
        self.refused.append(Refused(name, error.code, f"{name}: {message}"))

    def take(self, found: Found, depth: int) -> None:
        """List a file, or what it holds when it is an archive."""
        if found.is_far and self.fetch and found.relative.lower().endswith(".zip"):
            here = self._fetched(found, self.fetch)
            if here is None:
                return
            if _is_archive(here):
                found = here
        if found.is_far or not _is_archive(found):
            self.found.append(found)
        elif depth >= _DEEPEST:
            self.refuse(found.relative, TooLargeError, "is an archive nested too deep; unpack it.")
        else:
            self._open(found, depth)

    def _fetched(
        self, found: Found, fetch: Callable[[str, str, Path, Settings], None]
    ) -> Found | None:
        """An archive from elsewhere, copied here; None when it cannot be got, which is noted."""
        self.made += 1
        path = self.into / f"{self.made:05d}.zip"
        try:
            fetch(found.location, found.relative, path, self.settings)
        except FileError as error:
            self.refused.append(Refused(found.relative, error.code, str(error)))
            return None
        return Found(str(path), found.relative)

    def _open(self, found: Found, depth: int) -> None:
        try:
            with zipfile.ZipFile(found.path) as archive:
                # is_dir() fails on a member without a name
                members = [m for m in archive.infolist() if not m.filename.endswith("/")]
                size = sum(one.file_size for one in members)
                if len(members) > _MOST_MEMBERS or size > self.settings.max_file_size:
                    text = f"holds {len(members):,} files of {size / 2**20:,.0f} MB; unpack it."
                    self.refuse(found.relative, TooLargeError, text)
                    return
                for member in members:
                    self._member(archive, member, found, depth)
        except ZIP_ERRORS as error:
            self.refuse(found.relative, UnreadableError, f"is a damaged archive ({error}).")

    def _member(
        self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, found: Found, depth: int
    ) -> None:
        inner = _name(member)
        name = f"{found.relative}/{inner}"
        if _leads_elsewhere(member, inner):
            self.refuse(name, UnreadableError, "is a link or leads out of its archive.")
        elif any(is_leftover(part) for part in PurePosixPath(inner).parts):
            self.ignored += 1
        elif member.flag_bits & 1:
            self.refuse(name, EncryptedError, "is locked with a password; unpack the archive.")
        else:
            self.made += 1
            path = self.into / f"{self.made:05d}" / PurePosixPath(inner).name[-120:]
            try:
                self._copy(archive, member, path)
            except ZIP_ERRORS as error:
                self.refuse(name, UnreadableError, f"cannot be unpacked ({error}).")
                return
            self.take(Found(str(path), name), depth + 1)

    def _copy(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
        """Unpack one member; what it says of its size is not believed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with archive.open(member) as packed, path.open("wb") as unpacked:
            for chunk in _chunks(packed):
                size += len(chunk)
                if size > max(member.file_size, 0):
                    raise ValueError("it is larger than it says")
                unpacked.write(chunk)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _is_archive(found: Found) -> bool:
    try:
        with open(found.location, "rb") as stream:  # noqa: PTH123 of each file that is listed
            if stream.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                return False
        return sniff(found.path, found.relative) == ZIP
    except (FileError, OSError):
        return False  # whoever reads it says what is wrong


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; programs of old wrote UTF-8 without saying so."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _leads_elsewhere(member: zipfile.ZipInfo, name: str) -> bool:
    parts = PurePosixPath(name).parts
    link = stat.S_ISLNK(member.external_attr >> 16)
    return link or not parts or name.startswith("/") or ".." in parts or ":" in parts[0]
