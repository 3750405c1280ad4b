"""Files behind a URL (``s3://``, ``https://`` …), by fsspec: listed here, read by the workers.

Names of objects are labels: a copy is written under a name of our own, and an object whose name
would lead elsewhere as a path is refused. What does not answer is asked again for a while; then the
run ends with one sentence, for the next one to go on.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from pipeline.errors import (
    KehoachError,
    SourceError,
    TooLargeError,
    UnreadableError,
    UsageError,
)
from pipeline.ingest.entries import Found, Listing, Refused, is_leftover
from pipeline.ingest.walk import in_order
from pipeline.settings import Settings

T = TypeVar("T")
_CHUNK = 1 << 20
_PAUSES = (1.0, 4.0, 15.0)  # seconds between tries
_LONGEST = 1_024  # bytes of a name, as S3 has it
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MISSING = "to read from {scheme}://, pip install {package}"
_PACKAGES = {"s3": "'kehoach[s3]'", "s3a": "'kehoach[s3]'", "gs": "gcsfs", "gcs": "gcsfs",
             "abfs": "adlfs", "az": "adlfs", "http": "aiohttp", "https": "aiohttp"}  # fmt: skip
# What an error says when the other side is at fault, or the line; another try may help.
_PASSING = re.compile(
    r"connect|timed? ?out|timeout|temporar|unreachable|reset by peer|slow ?down|too many requests"
    r"|internal ?(server )?error|service ?unavailable|bad gateway|\b50[0234]\b|name or service",
    re.IGNORECASE,
)
_NO_CREDENTIALS = re.compile(r"credential|token has expired|profile .* could not", re.IGNORECASE)
_NO_BUCKET = re.compile(r"NoSuchBucket|bucket does not exist", re.IGNORECASE)


def is_url(folder: str | Path) -> bool:
    """Whether a folder is given by URL."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", str(folder)) is not None


def local_folder(url: str) -> Path | None:
    """The folder of a ``file://`` URL, None for another one."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    if parts.netloc not in ("", "localhost"):
        raise UsageError(f"{url} names another machine; mount its folder here and give its path")
    return Path(url2pathname(unquote(parts.path)))


def find_remote(url: str, settings: Settings) -> Listing:
    """List what lies below ``url``; the same objects give the same order.

    Raises UsageError when there is nothing, the extra is missing, or access is refused; SourceError
    when nobody answers.
    """
    url = url.rstrip("/")
    system, root = _system(url)
    found: list[Found] = []
    refused: list[Refused] = []
    ignored = 0
    for key, size in _patiently(url, lambda: list(_objects(system, root))):
        name = _name(key, root)
        if not name or key.endswith("/"):
            continue  # the mark of a folder
        if why := _wrong(name):
            shown = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", name)[:200]
            refused.append(Refused(shown, UnreadableError.code, f"{shown} {why}"))
        elif any(is_leftover(part) for part in PurePosixPath(name).parts):
            ignored += 1
        elif size is not None and size > settings.max_file_size:
            refused.append(Refused(name, TooLargeError.code, _too_large(name, size, settings)))
        else:
            found.append(Found(_url_of(url, key), name))
    if not found and not refused and not _patiently(url, lambda: system.exists(root)):
        raise UsageError(f"there is nothing at {url}; check the name of the bucket and the folder")
    return Listing(in_order(found), in_order(refused), ignored)


def fetch(url: str, name: str, path: Path, settings: Settings) -> None:
    """Copy the object at ``url`` to ``path``, at most ``max_file_size`` bytes of it.

    ``name`` is used in messages. Raises a FileError about this object, SourceError when nobody
    answers.
    """
    system, key = _system(url)

    def copy() -> None:
        size = 0
        with system.open(key, "rb", cache_type="none") as there, path.open("wb") as here:
            while chunk := there.read(_CHUNK):
                size += len(chunk)
                if size > settings.max_file_size:
                    raise TooLargeError(_too_large(name, size, settings))
                here.write(chunk)

    try:
        _patiently(url, copy)
    except UsageError as error:  # of one object
        raise UnreadableError(f"{name} cannot be read ({error}).") from error


def _objects(system: Any, root: str) -> Iterator[tuple[str, int | None]]:
    """Key and size of every object below ``root``, folder by folder."""
    # Of some systems, walk() passes over errors unless it is told to raise them.
    for _, _, files in system.walk(root, detail=True, on_error="raise"):
        for entry in files.values():
            yield str(entry["name"]), entry.get("size")


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path on it."""
    scheme = urlsplit(url).scheme
    try:
        import fsspec
    except ImportError:
        package = _PACKAGES.get(scheme, "fsspec")
        raise UsageError(_MISSING.format(scheme=scheme, package=package)) from None
    try:
        system = _opened(fsspec, scheme)
        return system, str(system._strip_protocol(url))
    except ImportError as error:
        package = _PACKAGES.get(scheme, f"what fsspec needs for it ({error})")
        raise UsageError(_MISSING.format(scheme=scheme, package=package)) from None
    except ValueError as error:
        raise UsageError(f"{url} cannot be read ({error})") from None


@cache
def _opened(fsspec: Any, scheme: str) -> Any:
    # Listings are not kept: they would grow with the number of objects.
    return fsspec.filesystem(scheme, use_listings_cache=False, skip_instance_cache=True)


def _patiently(url: str, act: Callable[[], T]) -> T:
    """``act()``, again after a pause when the other side does not answer."""
    for pause in (*_PAUSES, None):
        try:
            return act()
        except KehoachError:
            raise
        except Exception as error:  # each system has errors of its own
            if _is_passing(error) and pause is not None:
                time.sleep(pause)
                continue
            raise _explained(url, error) from error
    raise AssertionError("the last try gives or raises")


def _is_passing(error: Exception) -> bool:
    if isinstance(error, (PermissionError, FileNotFoundError, ImportError)):
        return False
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    return _PASSING.search(_words(error)) is not None


def _explained(url: str, error: Exception) -> KehoachError:
    words = _words(error)
    if _is_passing(error):
        return SourceError(
            f"{url} does not answer ({words}); check the network and run again: what is done is "
            "kept"
        )
    if _NO_CREDENTIALS.search(words):
        return UsageError(
            f"there are no credentials for {url} ({words}); set them as its tools expect, such as "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, here and on the workers"
        )
    if _NO_BUCKET.search(words):
        return UsageError(f"there is no such bucket: {url}; check its name")
    if isinstance(error, PermissionError):
        return UsageError(f"access to {url} is refused ({words}); check the rights of the account")
    if isinstance(error, FileNotFoundError):
        return UsageError(f"there is nothing at {url}; check the name")
    return UsageError(f"{url} cannot be read ({words})")


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300] or type(error).__name__
    cause = error.__cause__
    if cause is not None and str(cause) and str(cause) not in text:
        text += f"; {' '.join(str(cause).split())[:200]}"
    return text


def _name(key: str, root: str) -> str:
    """The name of an object below the root, NFC."""
    name = key[len(root) :] if key.startswith(root) else key
    return unicodedata.normalize("NFC", name.removeprefix("/"))


def _wrong(name: str) -> str:
    """Why a name is refused, "" when it is not."""
    parts = name.split("/")
    if ".." in parts or "." in parts or "" in parts or "\\" in name:
        return "has a name that leads elsewhere as a path; rename the object."
    if _CONTROL.search(name):
        return "has control characters in its name; rename the object."
    if len(name.encode("utf-8", "replace")) > _LONGEST:
        return f"has a name of more than {_LONGEST} bytes; rename the object."
    return ""


def _url_of(url: str, key: str) -> str:
    scheme = urlsplit(url).scheme
    return key if is_url(key) else f"{scheme}://{key}"


def _too_large(name: str, size: int, settings: Settings) -> str:
    return (
        f"{name} has {size / 2**20:,.0f} MB or more, more than max_file_size "
        f"({settings.max_file_size / 2**20:,.0f} MB); split it or raise the limit."
    )
