"""The image of a page, drawn from the source file; and, where there is none, why."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

import pypdfium2 as pdfium
from PIL import Image

from pipeline.document import Page, Source
from pipeline.errors import KehoachError
from pipeline.extract.image import frame_of
from pipeline.extract.pdf import open_pdf
from pipeline.extract.pdf_page import load
from pipeline.extract.render import render
from pipeline.ingest.sniff import ZIP_ERRORS

_DPI = 110.0
_MOST_PIXELS = 6_000_000
_QUALITY = 78
_PDFIUM = threading.Lock()  # PDFium is not made for threads
_TURNS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180,
          270: Image.Transpose.ROTATE_270}  # fmt: skip


class NoPictureError(KehoachError):
    """There is no image of a page; ``why`` is the key of the reason in the catalogue."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check(root: Path | None, source: Source) -> None:
    """Raise NoPictureError when the source of a document cannot be drawn now."""
    if not (source.media_type == "application/pdf" or source.media_type.startswith("image/")):
        raise NoPictureError("no_pages")
    with _content(root, source):
        pass


def picture(root: Path | None, source: Source, page: Page) -> bytes:
    """The image (JPEG) of a page, as it lay when it was read. Raises NoPictureError."""
    with _content(root, source) as path:
        try:
            image = _drawn(replace(source, location=str(path)), page)
        except (KehoachError, pdfium.PdfiumError, OSError, ValueError, SyntaxError) as error:
            raise NoPictureError("damaged") from error
    if page.turned in _TURNS:
        image = image.transpose(_TURNS[page.turned])
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _drawn(source: Source, page: Page) -> Image.Image:
    if source.media_type == "application/pdf":
        with _PDFIUM, open_pdf(source) as pdf:
            loaded, _ = load(pdf, page.number - 1)
            try:
                return render(loaded, _DPI, _MOST_PIXELS)[0]
            finally:
                loaded.close()
    image = frame_of(source, page.number - 1)
    width = min(image.width, round((page.size or (595.0, 842.0))[0] * _DPI / 72))
    image.thumbnail((max(width, 1), 10 * max(width, 1)))
    return image


@contextmanager
def _content(root: Path | None, source: Source) -> Iterator[Path]:
    """A file with the content that was read. Raises NoPictureError when there is none now."""
    if root is None:
        raise NoPictureError("no_folder")
    path = root / PurePosixPath(source.path)
    archive = next((p for p in path.parents if p != root and p.is_file()), None)
    if archive is not None:
        with _unpacked(archive, path.relative_to(archive).as_posix(), source) as member:
            yield member
        return
    try:
        inside = path.resolve().is_relative_to(root.resolve())
        state = path.stat() if inside else None
    except (OSError, ValueError):
        state = None
    if state is None or not path.is_file():
        raise NoPictureError("missing")
    if _hash(str(path), state.st_mtime_ns, state.st_size) != source.sha256:
        raise NoPictureError("changed")
    yield path


@contextmanager
def _unpacked(archive: Path, name: str, source: Source) -> Iterator[Path]:
    """A member of a ZIP file, if it has the content that was read."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="kehoach-page-") as folder:
        place = Path(folder) / "member"
        try:
            with zipfile.ZipFile(archive) as packed:
                member = next(one for one in packed.infolist() if one.filename == name)
                if member.file_size > 2 * source.size:
                    raise NoPictureError("changed")
                place.write_bytes(packed.read(member))
        except StopIteration:
            raise NoPictureError("missing") from None
        except ZIP_ERRORS as error:
            raise NoPictureError("damaged") from error
        if _hash(str(place), 0, place.stat().st_size) != source.sha256:
            raise NoPictureError("changed")
        yield place


def _hash(path: str, changed: int, size: int) -> str | None:
    """The SHA-256 of a file; None when it cannot be read."""
    try:
        return _known_hash(path, changed, size) if changed else _sha256(path)
    except OSError:
        return None


@lru_cache(maxsize=1024)
def _known_hash(path: str, changed: int, size: int) -> str:
    """As :func:`_sha256`, once for a path of one age and size."""
    return _sha256(path)


def _sha256(path: str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
