"""Files that are broken, locked or oversized: an answer or a clear error each."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import docx
import pytest
from made_pdf import BOLD, draw_lines, register, text_pdf
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document
from pipeline.errors import (
    EncryptedError,
    FileError,
    MissingToolError,
    TooLargeError,
    UnreadableError,
)
from pipeline.extract import extract, ocr
from pipeline.ingest import identify
from pipeline.settings import Settings

LINES = ["Kế hoạch tuyên truyền cải cách hành chính năm 2025", "Ủy ban nhân dân phường Tân Lập"]


def read(path: Path, **options: object) -> Document:
    settings = Settings(**{"ocr": "off", **options})
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def refused(path: Path, kind: type[FileError], **options: object) -> str:
    with pytest.raises(kind) as caught:
        read(path, **options)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".png", ".txt"])
def test_nothing_in_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.touch()
    assert "empty" in refused(path, UnreadableError)


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".png"])
@pytest.mark.parametrize("seed", range(3))
def test_random_bytes(tmp_path: Path, suffix: str, seed: int) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(random.Random(seed).randbytes(5000))
    refused(path, UnreadableError)


@pytest.mark.parametrize(
    "head",
    [
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"II*\x00",
        b"PK\x03\x04",
        b"GIF89a",
    ],
)
def test_random_bytes_behind_a_good_beginning(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(head + random.Random(7).randbytes(5000))
    refused(path, UnreadableError, ocr="auto")


def test_a_pdf_cut_off_is_refused(tmp_path: Path) -> None:
    whole = text_pdf(tmp_path / "whole.pdf", [LINES] * 4).read_bytes()
    for share in (0.2, 0.5, 0.9, 0.99):
        path = tmp_path / f"cut{share}.pdf"
        path.write_bytes(whole[: int(share * len(whole))])
        refused(path, UnreadableError)


def test_a_pdf_cut_off_in_its_second_revision_is_refused(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "signed.pdf", [LINES])
    path.write_bytes(path.read_bytes() + b"\n9 0 obj\n<< /Type /Sig /Contents <00")
    refused(path, UnreadableError)


def test_a_pdf_with_something_behind_its_end_is_read(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "whole.pdf", [LINES])
    path.write_bytes(path.read_bytes() + b"\n<!-- served by a portal -->\n" * 200)
    assert read(path).pages


@pytest.mark.parametrize("password", ["", "secret"])
def test_encrypted_pdf(tmp_path: Path, password: str) -> None:
    path = tmp_path / "locked.pdf"
    lock = pdfencrypt.StandardEncryption(password, ownerPassword="owner", strength=128)
    text_pdf(path, [LINES], encrypt=lock)
    if password:
        assert "password" in refused(path, EncryptedError)
    else:
        assert "cải cách hành chính" in read(path).text()


def test_a_pdf_without_pages(tmp_path: Path) -> None:
    path = tmp_path / "none.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF\n"
    )
    refused(path, UnreadableError)


def test_page_tree_that_goes_in_circles(tmp_path: Path) -> None:
    path = tmp_path / "circle.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 5>>endobj\n"
        b"3 0 obj<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 5>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
    )
    try:
        document = read(path)
    except UnreadableError:
        return
    assert document.text().strip() == ""


def test_ten_thousand_pages_are_bounded_and_the_record_says_so(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "many.pdf"), pagesize=(300, 300))
    for number in range(10_000):
        canvas.drawString(20, 20, f"page {number}")
        canvas.showPage()
    canvas.save()
    document = read(tmp_path / "many.pdf", max_pages=50)
    assert len(document.pages) == 50
    (issue,) = [issue for issue in document.issues if issue.code == "pages_left_out"]
    assert "10000" in issue.message


@pytest.mark.parametrize("size", [(1, 1), (14_400, 14_400), (3, 14_400)])
def test_pages_of_strange_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    canvas = Canvas(str(tmp_path / "size.pdf"), pagesize=size)
    canvas.rect(0, 0, *size, fill=1)
    canvas.showPage()
    canvas.save()
    mode = "force" if ocr.has_tesseract() else "off"
    document = read(tmp_path / "size.pdf", ocr=mode, max_pixels=1_000_000)
    assert len(document.pages) == 1


def test_blank_pages_are_pages(tmp_path: Path) -> None:
    document = read(text_pdf(tmp_path / "blank.pdf", [LINES, [], LINES]), ocr="auto")
    assert [len(page.lines) for page in document.pages] == [2, 0, 2]
    assert document.issues == ()


def test_an_image_over_the_pixel_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (30_000, 30_000), 1).save(path)
    assert "max_pixels" in refused(path, TooLargeError, ocr="auto")


def test_an_image_of_one_pixel(tmp_path: Path) -> None:
    if not ocr.has_tesseract():
        pytest.skip("tesseract with Vietnamese data is not installed")
    path = tmp_path / "dot.png"
    Image.new("RGB", (1, 1)).save(path)
    assert read(path, ocr="auto").text().strip() == ""


def test_a_torn_image(tmp_path: Path) -> None:
    path = tmp_path / "torn.png"
    stream = io.BytesIO()
    Image.effect_noise((400, 400), 80).save(stream, "PNG")
    path.write_bytes(stream.getvalue()[:20_000])
    refused(path, UnreadableError, ocr="auto")


def test_a_word_file_that_unpacks_to_far_too_much(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    docx.Document().save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zero.bin", bytes(200 * 2**20))
    assert path.stat().st_size < 2**20
    refused(path, TooLargeError)


def test_a_word_file_whose_body_is_missing_or_broken(tmp_path: Path) -> None:
    whole = tmp_path / "whole.docx"
    docx.Document().save(whole)
    for name, body in (("broken", b"<w:document"), ("other", b"<x/>"), ("empty", b"")):
        path = tmp_path / f"{name}.docx"
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
            for member in old.namelist():
                new.writestr(member, body if member == "word/document.xml" else old.read(member))
        refused(path, UnreadableError)


def test_a_scan_without_tesseract_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scan.png"
    Image.new("L", (300, 200), 255).save(path)
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "no-such-program")
    for known in (ocr.installed, ocr.require_tesseract):
        known.cache_clear()
    try:
        assert "install" in refused(path, MissingToolError, ocr="auto")
    finally:
        for known in (ocr.installed, ocr.require_tesseract):
            known.cache_clear()


def test_a_page_that_is_turned_reads_upright(tmp_path: Path) -> None:
    register()
    for angle in (90, 180, 270):
        path = tmp_path / f"turned{angle}.pdf"
        # reportlab swaps the sides of a page that is turned by 90 or 270 degrees
        canvas = Canvas(str(path), pagesize=A4 if angle == 180 else A4[::-1])
        canvas.setPageRotation(angle)
        draw_lines(canvas, LINES, font=BOLD)
        canvas.showPage()
        canvas.save()
        assert [line.text for line in read(path).pages[0].lines] == LINES
