"""The kind of a file, by its first bytes and by what its container holds; never by its name."""

from __future__ import annotations

import lzma
import mmap
import re
import struct
import zipfile
import zlib
from pathlib import Path

import puremagic

from pipeline.errors import EncryptedError, UnreadableError
from pipeline.ingest.charset import detect, is_binary

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOC = "application/msword"
RTF = "application/rtf"
ODT = "application/vnd.oasis.opendocument.text"
HTML = "text/html"
PLAIN = "text/plain"
MARKDOWN = "text/markdown"
ZIP = "application/zip"
HEIC = "image/heic"
TEXT_TYPES = frozenset((PLAIN, MARKDOWN, HTML))
IMAGE_TYPES = frozenset(
    ("image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif", "image/webp", HEIC)
)

#: What reading a ZIP container raises when it is damaged, locked, or packed in an unknown way.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError,
    ValueError,
)  # fmt: skip

_HEAD = 4096
_SAMPLE = 1 << 20
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"{\\rtf", RTF),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(r"^#{1,6} +\S", re.MULTILINE)
_STRONG = re.compile(r"(?<![*\w])\*\*[^*\n]+\*\*(?![*\w])")
_READ = "PDF, DOCX, DOC, RTF, HTML, text, Markdown, PNG, JPEG, TIFF or ZIP"


def sniff(path: Path, name: str) -> str:
    """The media type of the file ``path``; ``name`` is used in messages only.

    Raises UnreadableError when it is of no kind that is read, EncryptedError for an office file
    that is locked with a password, OSError when it cannot be opened.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if b"%PDF-" in head[:1024]:
        return PDF
    for magic, media_type in _MAGIC:
        if head.startswith(magic) and (magic != b"BM" or _is_bitmap(head)):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    if head.startswith(_OLE):
        return _office97(path, name)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path, name)
    return _text(path, name)


def _is_bitmap(head: bytes) -> bool:
    """A BMP says the size of its own header; text that starts with "BM" does not."""
    return len(head) > 18 and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 108, 124)


def _office97(path: Path, name: str) -> str:
    """A compound file: Word 97, or a locked newer document (MS-OFFCRYPTO)."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise EncryptedError(
                f"{name} is locked with a password; open it in Word and save a copy without one."
            )
        if data.find("WordDocument".encode("utf-16-le")) >= 0:
            return DOC
    raise UnreadableError(f"{name} is an old Office file but not a Word document; give {_READ}.")


def _zip(path: Path, name: str) -> str:
    """A ZIP container: Word, OpenDocument, or an archive of files."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = ""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 256:
                kind = archive.read("mimetype").decode("ascii", errors="replace").strip()
    except ZIP_ERRORS as error:
        raise UnreadableError(
            f"{name} is a damaged ZIP or Office file ({error}); get a whole copy of it."
        ) from error
    if kind == ODT:
        return ODT
    if "word/document.xml" in names or any(n.startswith("word/document") for n in names):
        return DOCX
    if "[Content_Types].xml" in names:
        raise UnreadableError(f"{name} is an Office file but not a Word document; give {_READ}.")
    if kind:
        raise UnreadableError(f"{name} is of the kind {kind}, which is not read; give {_READ}.")
    return ZIP


def _text(path: Path, name: str) -> str:
    """Text of some kind, or nothing that is read."""
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    if is_binary(sample):
        raise UnreadableError(f"{name} cannot be read: it is {_guess(path)}; give {_READ}.")
    text = sample.decode(detect(sample).name, errors="replace")
    if _HTML.match(text[:_HEAD].lstrip("\ufeff").encode()):
        return HTML
    if len(_HEADING.findall(text)) >= 2 or len(_STRONG.findall(text)) >= 3:
        return MARKDOWN
    return PLAIN


def _guess(path: Path) -> str:
    """What puremagic takes a file for, as words for a message."""
    try:
        best = puremagic.magic_file(str(path))
    except (puremagic.PureError, ValueError, OSError):
        best = []
    named = [match.name for match in best if match.name and match.confidence >= 0.6]
    return (
        f"a file of the kind '{named[0]}'"
        if named
        else "of no known kind of document, whatever its name says"
    )
