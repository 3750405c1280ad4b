"""Names of the record files: distinct, stable from run to run, and safe on every file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from pathlib import PurePosixPath

LONGEST = 150  # bytes of UTF-8; leaves room for a mark, ".json" and the name of a temporary file
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# Names that Windows keeps for devices, with or without an extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.I)


def record_name(path: str, taken: Callable[[str], bool]) -> str:
    """The name, without ``.json``, of the record of the file ``path`` (relative, POSIX).

    It is the file's stem where that is free and fit to be a file name; else the stem made fit, and
    ``~`` with eight digits of the path's hash. ``taken`` is asked about :func:`key` of a name, so
    that names stay apart where case does not count.
    """
    stem = unicodedata.normalize("NFC", PurePosixPath(path).stem)
    name = _fit(stem)
    if name == stem and not taken(key(name)):
        return name
    digest = sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
    for length in (8, 16, 64):
        marked = f"{name}~{digest[:length]}"
        if not taken(key(marked)):
            return marked
    raise AssertionError("two files with one path")


def key(name: str) -> str:
    """The name as a file system that ignores case and normal form sees it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _fit(stem: str) -> str:
    safe = _UNSAFE.sub("_", stem.encode("utf-8", "replace").decode())
    safe = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "_" for c in safe)
    while len(safe.encode()) > LONGEST:
        safe = safe[:-1]
    safe = safe.rstrip(". ").lstrip()
    if safe.startswith(".") or _DEVICES.match(safe):
        safe = "_" + safe.lstrip(".")
    return safe or "plan"
