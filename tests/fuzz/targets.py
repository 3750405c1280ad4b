"""What is fuzzed: every parser, as a function of bytes that says what must always be true.

A target takes any bytes and returns, or raises AssertionError or what the parser should not raise.
``SEEDS`` are inputs to start from; ``TOKENS`` are pieces that a parser looks for.
"""

from __future__ import annotations

import io
import tempfile
import time
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

from broken_files import _docx, _pdf
from plan_folders import plan_text

from pipeline.document import Document
from pipeline.entities.citations import find_citations
from pipeline.entities.dates import find_dates
from pipeline.errors import FileError
from pipeline.extract import extract
from pipeline.extract.text import read_text
from pipeline.ingest import Found, Listing, identify, unpack_archives
from pipeline.ingest.charset import detect, is_binary
from pipeline.segment.fold import fold
from pipeline.segment.headings import match_heading
from pipeline.segment.markers import read_marker
from pipeline.segment.outline import segment
from pipeline.settings import Settings

LONGEST = 20_000  # bytes
SLOW = 20.0  # seconds that no input of LONGEST bytes may take
_SETTINGS = Settings(ocr="off", max_file_size=2**24, max_pixels=4_000_000, max_pages=50)

Target = Callable[[bytes], None]


def decoding(data: bytes) -> None:
    """A file of text: whatever its bytes, lines come out that can be written as UTF-8."""
    document = _read(data, ".txt", lambda d: read_text(d))
    for page in document.pages if document else ():
        for line in page.lines:
            line.text.encode()
            assert "\n" not in line.text
            assert line.text == line.raw


def charset(data: bytes) -> None:
    """An encoding is named that Python knows and that takes all of the bytes."""
    if is_binary(data):
        return
    found = detect(data)
    data.decode(found.name, errors="replace").encode("utf-8", "replace")


def headings(data: bytes) -> None:
    """A heading has ids and a score between 0 and 1; a marker leads only itself away."""
    for line in _text(data).splitlines()[:50]:
        found = match_heading(line)
        assert 0.0 <= found.score <= 1.0
        for caps in (False, True):
            read_marker(line, caps=caps)


def outline(data: bytes) -> None:
    """A text of any kind has an outline whose lines exist."""
    document = _read(_text(data).encode(), ".txt", lambda d: segment(read_text(d)))
    if document is None:
        return
    lines = {page.number: len(page.lines) for page in document.pages}
    waiting = list(document.sections)
    while waiting:
        section = waiting.pop()
        waiting += section.children
        assert section.place.page in lines
        assert 1 <= section.place.line_start <= max(1, lines[section.place.page])


def citations(data: bytes) -> None:
    """Citations stand where they say, in order."""
    text = _text(data)
    last = 0
    for found in find_citations(text):
        assert last <= found.start < found.end <= len(text)
        last = found.start


def dates(data: bytes) -> None:
    """Dates are days of the calendar, or months and years of it."""
    folded = fold(_text(data))
    for start, end, value in find_dates(folded):
        assert 0 <= start < end <= len(folded)
        time.strptime(value, "%Y-%m-%d")


def folding(data: bytes) -> None:
    """Folding keeps the length: places in the folded text are places in the text."""
    text = _text(data)
    assert len(fold(text)) == len(text)


def pdf(data: bytes) -> None:
    """A PDF is read or refused."""
    _read(data, ".pdf", lambda d: extract(d, settings=_SETTINGS))


def docx(data: bytes) -> None:
    """A Word file is read or refused; the bytes are its document when they are no container."""
    if not data.startswith(b"PK"):
        data = docx_with(data)
    _read(data, ".docx", lambda d: extract(d, settings=_SETTINGS))


def archive(data: bytes) -> None:
    """What is unpacked lies below the folder, under names that lead nowhere else."""
    with tempfile.TemporaryDirectory(prefix="kehoach-fuzz-") as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(data)
        into = Path(folder) / "into"
        into.mkdir()
        listing = unpack_archives(Listing((Found(str(path), "x.zip"),), (), 0), into, _SETTINGS)
        for found in listing.found:
            inside = found.path.resolve().is_relative_to(into.resolve())
            assert found.path == path or inside
            assert ".." not in found.relative.split("/")
        outside = {entry.name for entry in Path(folder).iterdir()}
        assert outside == {"x.zip", "into"}


def docx_with(body: bytes) -> bytes:
    """A Word file whose main part is ``body``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_docx())) as whole, zipfile.ZipFile(buffer, "w") as made:
        for member in whole.infolist():
            is_body = member.filename == "word/document.xml"
            made.writestr(member.filename, body if is_body else whole.read(member))
    return buffer.getvalue()


def _text(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode("utf-8", "replace"))


def _read(data: bytes, suffix: str, act: Callable[[Document], Document]) -> Document | None:
    """What becomes of a file with these bytes; None when it is refused in one sentence."""
    with tempfile.TemporaryDirectory(prefix="kehoach-fuzz-") as folder:
        path = Path(folder) / f"x{suffix}"
        path.write_bytes(data)
        try:
            return act(Document(source=identify(path, None, _SETTINGS)))
        except FileError as error:
            told = str(error)
    assert told
    assert "\n" not in told
    return None


def _archive_seed() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("xã/kế hoạch.txt", plan_text(1))
        made.writestr("../up.txt", b"x")
        made.writestr("inner.zip", b"PK\x05\x06" + bytes(18))
    return buffer.getvalue()


def _document_seed() -> bytes:
    with zipfile.ZipFile(io.BytesIO(_docx())) as whole:
        return whole.read("word/document.xml")


TARGETS: dict[str, Target] = {
    one.__name__: one
    for one in (
        decoding, charset, headings, outline, citations, dates, folding, pdf, docx, archive
    )
}  # fmt: skip

_PLAN = plan_text(1).encode()
SEEDS: dict[str, tuple[bytes, ...]] = {
    "decoding": (_PLAN, plan_text(2).encode("utf-16"), plan_text(3).encode("cp1258", "replace")),
    "charset": (_PLAN, plan_text(2).encode("utf-16-le"), b"K\xd5 ho\xb9ch", b"\xef\xbb\xbfa"),
    "headings": ("I. MỤC ĐÍCH, YÊU CẦU\n1. Mục đích\na) Yêu cầu\nPHẦN THỨ HAI".encode(),),
    "outline": (_PLAN,),
    "citations": (
        "Căn cứ Quyết định số 393/QĐ-UBND ngay 14/7/2025 của UBND tỉnh về việc ban hành".encode(),
        "Nghị quyết số 57-NQ/TW; Luật Đất đai; Thông tư 01/2021/TT-BNV".encode(),
    ),
    "dates": ("ngày 28 tháng 02 năm 2025; 31/12/2024, tháng 3/2025".encode(),),
    "folding": ("Độc lập - Tự do - Hạnh phúc ŉ ß ﬁ".encode(),),
    "pdf": (_pdf(),),
    "docx": (_docx(), _document_seed()),
    "archive": (_archive_seed(),),
}

TOKENS: tuple[bytes, ...] = tuple(
    word.encode()
    for word in (
        *("/", "-", ".", "\n", "số ", "ngày ", "QĐ", "UBND", "2025", "30", "02", "I.", "1.", "a)"),
        *("KẾ HOẠCH", "Căn cứ", "tháng ", "năm ", "\u0301", "\x00", "đ", "Ư", "<w:p>", "</w:p>"),
        *("<w:tbl>", "<w:tr>", "<w:tc>", "obj", "endobj", "stream", "endstream", "xref", "/Page"),
        *("PK\x03\x04", "../", "\\", "(", ")", "[", "]", "\ufeff", "ß", "\u2028"),
    )
)
