"""What a file is: by its content, never by its name."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import docx
import pytest
from made_pdf import text_pdf
from PIL import Image

from pipeline.errors import EncryptedError, TooLargeError, UnreadableError
from pipeline.ingest import identify
from pipeline.ingest import sniff as kinds
from pipeline.settings import Settings

SETTINGS = Settings()
SENTENCE = "Ủy ban nhân dân xã Mường Than ban hành kế hoạch tuyên truyền năm 2025.\n"


def image(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (40, 30), 255).save(stream, kind)
    return stream.getvalue()


def archive(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


def word() -> bytes:
    stream = io.BytesIO()
    docx.Document().save(stream)
    return stream.getvalue()


CASES = [
    ("x.pdf", SENTENCE.encode(), kinds.PLAIN),
    ("x.txt", b"%PDF-1.4\n", kinds.PDF),
    ("x.bin", b"junk before\n%PDF-1.4\n", kinds.PDF),
    ("x.pdf", image("PNG"), "image/png"),
    ("x.txt", image("JPEG"), "image/jpeg"),
    ("x", image("TIFF"), "image/tiff"),
    ("x.txt", image("BMP"), "image/bmp"),
    ("x.txt", image("WEBP"), "image/webp"),
    ("x.txt", "BMT là viết tắt của Buôn Ma Thuột.\n".encode(), kinds.PLAIN),
    ("x.zip", word(), kinds.DOCX),
    ("x.docx", archive(**{"plan.txt": SENTENCE}), kinds.ZIP),
    ("x.odt", archive(mimetype=kinds.ODT, **{"content.xml": "<x/>"}), kinds.ODT),
    ("x.doc", rb"{\rtf1\ansi plan}", kinds.RTF),
    ("x.doc", b"<!DOCTYPE html><html><body>plan</body></html>", kinds.HTML),
    ("x.htm", b"\xef\xbb\xbf  <html lang='vi'>", kinds.HTML),
    ("x.txt", "# Kế hoạch\n\n## I. Mục đích\n".encode(), kinds.MARKDOWN),
    ("x.md", SENTENCE.encode(), kinds.PLAIN),
    ("x.txt", SENTENCE.encode("utf-16"), kinds.PLAIN),
    ("x.txt", SENTENCE.encode("utf-16-le"), kinds.PLAIN),
]


@pytest.mark.parametrize(("name", "content", "expected"), CASES)
def test_kind_by_content(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    source = identify(tmp_path / name, None, SETTINGS)
    assert source.media_type == expected
    assert source.sha256 == hashlib.sha256(content).hexdigest()
    assert source.size == len(content)
    assert source.path == name


def test_path_is_relative_to_the_root(tmp_path: Path) -> None:
    path = tmp_path / "Kế hoạch" / "xã.txt"
    path.parent.mkdir()
    path.write_text(SENTENCE, encoding="utf-8")
    source = identify(path, tmp_path, SETTINGS)
    assert source.path == "Kế hoạch/xã.txt"
    assert Path(source.location) == path
    assert source.encoding == "utf-8"


REFUSED = [
    ("empty.pdf", b"", UnreadableError, "empty"),
    ("random.pdf", bytes(range(256)) * 8, UnreadableError, "cannot be read"),
    ("song.mp3", b"ID3\x03\x00\x00\x00" + bytes(200), UnreadableError, "cannot be read"),
    ("torn.docx", word()[:300], UnreadableError, "damaged"),
    ("sheet.docx", archive(**{"[Content_Types].xml": "<x/>", "xl__workbook.xml": "<x/>"}),
     UnreadableError, "not a Word document"),
    ("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
     + "EncryptedPackage".encode("utf-16-le"), EncryptedError, "password"),
    ("sheet.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), UnreadableError, "Word"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "error", "word"), REFUSED)
def test_refused_with_the_name_and_the_reason(
    tmp_path: Path, name: str, content: bytes, error: type[Exception], word: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=word) as caught:
        identify(tmp_path / name, tmp_path, SETTINGS)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").mkdir()
    for name in ("x.pdf", "gone.pdf"):
        with pytest.raises(UnreadableError, match=name):
            identify(tmp_path / name, tmp_path, SETTINGS)


def test_size_limit(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "x.pdf", [["Kế hoạch"]])
    with pytest.raises(TooLargeError, match="max_file_size"):
        identify(path, None, Settings(max_file_size=100))
