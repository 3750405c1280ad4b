"""Pages that are rare but sound, and pages that cost too much: an answer each, in bounded time."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import made_scan
import pytest
from made_pdf import draw_lines, register, text_pdf
from PIL import Image, ImageOps
from rapidfuzz.distance import Levenshtein
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document
from pipeline.extract import extract, ocr
from pipeline.ingest import identify
from pipeline.settings import Settings

LINES = ["Ủy ban nhân dân phường Tân Lập", "giao Văn phòng niêm yết kế hoạch này"]
needs_tesseract = pytest.mark.skipif(
    not ocr.has_tesseract(), reason="tesseract with Vietnamese data is not installed"
)


def read(path: Path, **options: object) -> Document:
    settings = Settings(**options)
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def pdf_of(path: Path, image: dict[str, str], data: bytes, content: bytes | None = None) -> Path:
    """A PDF of one page that ``data``, an image with the keys ``image``, covers."""
    keys = " ".join(f"/{key} {value}" for key, value in image.items())
    body = content or b"q 595 0 0 842 0 0 cm /I Do Q"
    packed = zlib.compress(body)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/XObject/Subtype/Image/BitsPerComponent 1 %s/Length %d>>stream\n%s\nendstream"
        % (keys.encode(), len(data), data),
    ]
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, 2)
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, one))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n")
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n%d\n%%%%EOF\n" % start)
    path.write_bytes(out.getvalue())
    return path


def group4(image: Image.Image) -> bytes:
    """``image`` as a fax sends it (ITU-T T.6), ink coded as black."""
    stream = io.BytesIO()
    ImageOps.invert(image).convert("1").save(stream, "TIFF", compression="group4", strip_size=2**30)
    with Image.open(stream) as tiff:
        (start,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    return stream.getvalue()[start : start + length]


def jbig2(image: Image.Image) -> bytes:
    """``image`` as JBIG2 (ITU-T T.88): a page and one generic region in the code of T.6."""
    width, height = image.size
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + group4(image)
    return b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data
        for number, kind, data in ((0, 48, page), (1, 38, region))
    )


def packed(kind: str, image: Image.Image) -> tuple[dict[str, str], bytes]:
    width, height = image.size
    keys = {"Width": str(width), "Height": str(height), "ColorSpace": "/DeviceGray"}
    if kind == "ccitt":
        parameters = f"<</K -1/Columns {width}/Rows {height}>>"
        return keys | {"Filter": "/CCITTFaxDecode", "DecodeParms": parameters}, group4(image)
    if kind == "jbig2":
        return keys | {"Filter": "/JBIG2Decode"}, jbig2(image)
    stream = io.BytesIO()
    image.save(stream, "JPEG2000")
    return keys | {"Filter": "/JPXDecode", "BitsPerComponent": "8"}, stream.getvalue()


@needs_tesseract
@pytest.mark.parametrize("kind", ["ccitt", "jbig2", "jpeg2000"])
def test_images_in_the_codes_of_scanners(tmp_path: Path, kind: str) -> None:
    document = read(pdf_of(tmp_path / f"{kind}.pdf", *packed(kind, made_scan.page(LINES))))
    found = " ".join(line.text for line in document.pages[0].lines).split()
    assert Levenshtein.distance(" ".join(LINES).split(), found) <= 2, found


@needs_tesseract
@pytest.mark.parametrize("kind", ["ccitt", "jbig2", "jpeg2000"])
def test_a_torn_image_leaves_an_empty_page_or_part_of_it(tmp_path: Path, kind: str) -> None:
    keys, data = packed(kind, made_scan.page(LINES))
    document = read(pdf_of(tmp_path / "torn.pdf", keys, data[: len(data) // 3]))
    assert len(document.pages) == 1


@needs_tesseract
def test_an_image_that_unpacks_to_far_too_much(tmp_path: Path) -> None:
    side = 30_000
    data = zlib.compress(bytes(side * side // 8), 9)
    keys = {"Width": str(side), "Height": str(side), "ColorSpace": "/DeviceGray"}
    path = pdf_of(tmp_path / "bomb.pdf", keys | {"Filter": "/FlateDecode"}, data)
    assert path.stat().st_size < 2**20
    assert read(path, max_pixels=2_000_000).text().strip() == ""


def test_a_page_description_that_unpacks_to_far_too_much(tmp_path: Path) -> None:
    keys = {"Width": "1", "Height": "1", "ColorSpace": "/DeviceGray"}
    path = pdf_of(tmp_path / "bomb.pdf", keys, b"\0", content=b" " * (64 * 2**20))
    assert path.stat().st_size < 2**20
    assert read(path, ocr="off").text().strip() == ""


def test_a_page_in_english_stays_as_it_is(tmp_path: Path) -> None:
    lines = [
        "The People's Committee of the province shall direct all departments",
        "to publish their annual reports before the end of the first quarter.",
        "Questions about this notice should be sent to the office in writing.",
    ]
    document = read(text_pdf(tmp_path / "english.pdf", [lines]))
    assert [line.text for line in document.pages[0].lines] == lines
    assert document.issues == ()


@needs_tesseract
def test_a_page_over_its_time_fails_alone(tmp_path: Path) -> None:
    register()
    scan = made_scan.save(made_scan.page(LINES * 6), tmp_path / "scan.png")
    canvas = Canvas(str(tmp_path / "mixed.pdf"), pagesize=A4)
    draw_lines(canvas, LINES)
    canvas.showPage()
    canvas.drawImage(str(scan), 0, 0, *A4)
    canvas.save()
    document = read(tmp_path / "mixed.pdf", page_timeout=0.01)
    assert [line.text for line in document.pages[0].lines] == LINES
    assert document.pages[1].lines == ()
    (issue,) = document.issues
    assert (issue.code, issue.page, issue.severity) == ("ocr_failed", 2, "error")
    assert "seconds" in issue.message


@needs_tesseract
def test_a_frame_over_the_pixel_limit_fails_alone(tmp_path: Path) -> None:
    small = made_scan.page(LINES)
    path = tmp_path / "two.tiff"
    Image.new("L", (4_000, 4_000), 255).save(
        path, save_all=True, append_images=[small], dpi=(200, 200)
    )
    document = read(path, max_pixels=5_000_000)
    assert document.pages[0].lines == ()
    assert len(document.pages[1].lines) == 2
    assert [(issue.code, issue.page) for issue in document.issues] == [("too_large", 1)]
