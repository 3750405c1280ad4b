"""Image files: PNG, JPEG, TIFF (also of many pages), and what else Pillow reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.document import Document, Issue, Page, Source
from pipeline.errors import MissingToolError, TooLargeError, UnreadableError
from pipeline.extract.page import page_of_scan
from pipeline.extract.roles import mark_roles
from pipeline.extract.scan import read_scan
from pipeline.ingest.sniff import HEIC
from pipeline.settings import Settings

_A4_WIDTH = 8.27  # inches: what a page is taken to be when the file does not say
_SANE_WIDTHS = (4.0, 18.0)  # inches; a resolution that gives another width is not believed
_PAGED = ("TIFF", "GIF", "WEBP")


def read_image_file(document: Document, settings: Settings) -> Document:
    """The pages of an image file, by OCR.

    Raises UnreadableError, TooLargeError (every page is over max_pixels) or MissingToolError.
    With ``ocr`` off the pages are empty and an issue says so.
    """
    source = document.source
    if settings.ocr == "off":
        note = "Tệp là ảnh và chưa được đọc, vì chức năng nhận dạng đang tắt."
        page = Page(1, (), method="ocr")
        return replace(document, pages=(page,)).with_issues(_issue("not_read", None, note))
    pages: list[Page] = []
    issues: list[Issue] = []
    with _opened(source) as image:
        count = getattr(image, "n_frames", 1) if image.format in _PAGED else 1
        for index in range(min(count, settings.max_pages)):
            page, noticed = _read_frame(image, index, settings, source)
            pages.append(page)
            issues.extend(noticed)
    failed = [
        issue for issue in issues if issue.code in ("too_large", "page_unreadable", "ocr_failed")
    ]
    if len(failed) == len(pages):
        if failed[0].code == "too_large":
            limit = f"max_pixels ({settings.max_pixels:,}); scan it at a lower resolution."
            raise TooLargeError(f"{source.path} has no page within {limit}")
        raise UnreadableError(f"{source.path}: none of its pages can be read.")
    if count > settings.max_pages:
        note = f"Tệp có {count} trang; chỉ đọc {settings.max_pages} trang đầu (max_pages)."
        issues.append(_issue("pages_left_out", None, note))
    return replace(document, pages=mark_roles(pages)).with_issues(*issues)


def frame_of(source: Source, index: int) -> Image.Image:
    """Page ``index`` (from 0) of an image file, upright by its tag, as OCR is given it.

    Raises UnreadableError or MissingToolError when the file cannot be opened.
    """
    with _opened(source) as image:
        image.seek(index)
        return _upright(image)


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    if source.media_type == HEIC:
        _register_heic(source)
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own limit, per page
    try:
        with Image.open(source.location) as image:
            yield image
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableError(
            f"{source.path} is a damaged image that cannot be opened; get a whole copy of it."
        ) from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _register_heic(source: Source) -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise MissingToolError(
            f"{source.path} is a HEIC photo, and its decoder is not installed; run "
            "'pip install pillow-heif', or save the photo as JPEG."
        ) from error
    register_heif_opener()


def _read_frame(
    image: Image.Image, index: int, settings: Settings, source: Source
) -> tuple[Page, tuple[Issue, ...]]:
    number = index + 1
    try:
        image.seek(index)
        width, height = image.size
        if width * height > settings.max_pixels:
            note = (
                f"Ảnh có {width} × {height} điểm, quá max_pixels ({settings.max_pixels}); "
                "hãy quét lại ở độ phân giải thấp hơn."
            )
            return Page(number, ()), (_issue("too_large", number, note),)
        frame = _upright(image)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        note = f"Trang hỏng, không đọc được ({error})."
        return Page(number, ()), (_issue("page_unreadable", number, note),)
    dpi = resolution(image)
    return page_of_scan(number, read_scan(frame, dpi, settings.page_timeout), frame.size, dpi)


def _upright(image: Image.Image) -> Image.Image:
    """The frame in grey or colour, upright by its EXIF tag, on white where it is transparent."""
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        return _scaled(upright)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layers = upright.convert("RGBA")
        paper = Image.new("RGBA", layers.size, "white")
        return Image.alpha_composite(paper, layers).convert("RGB")
    return upright.convert("L" if upright.mode in ("1", "L") else "RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """Images of more than eight bits, their range brought to eight."""
    wide = image.convert("F")
    low, high = cast("tuple[float, float]", wide.getextrema())
    span = max(1.0, high - low)
    return wide.point(lambda value: (value - low) * (255.0 / span)).convert("L")


def resolution(image: Image.Image) -> float:
    """Dots per inch: what the file says if that gives a page's width, else that of an A4 page."""
    told = cast("tuple[float, float] | None", image.info.get("dpi"))
    width = min(image.size)
    if told and told[0] > 0:
        dpi = float(told[0])
        if _SANE_WIDTHS[0] <= width / dpi <= _SANE_WIDTHS[1]:
            return dpi
    return max(36.0, width / _A4_WIDTH)


def _issue(code: str, page: int | None, message: str) -> Issue:
    return Issue("extract", code, page, message, "warning" if code == "not_read" else "error")
