"""The document's own number under the frame of a stamp, read by tesseract's real network."""

from __future__ import annotations

import made_scan
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.extract import ocr
from pipeline.extract.scan import read_scan
from pipeline.extract.seals import without_rules

needs_tesseract = pytest.mark.skipif(
    not ocr.has_tesseract() or ocr.line_model(ocr.LANGUAGE) is None,
    reason="tesseract's network for Vietnamese lines is not here",
)
LEFT, TOP = 420, 400  # of the number


def stamped(text: str) -> Image.Image:
    """A page whose line ``text`` has the upper frame of a stamp across its left half."""
    image = made_scan.page(["VĂN PHÒNG CHÍNH PHỦ"], top=250)
    pen = ImageDraw.Draw(image)
    pen.text((LEFT, TOP), text, fill=0, font=made_scan.font(13))
    for row in range(12):
        line = "Thực hiện kế hoạch của Ủy ban nhân dân huyện, các phòng, ban"
        pen.text((200, 800 + 60 * row), line, fill=0, font=made_scan.font(12))
    return made_scan.framed_stamp(image, LEFT - 220, TOP + 24)


def words(image: Image.Image) -> list[str]:
    return [token.text for token in read_scan(image, made_scan.DPI).tokens]


@needs_tesseract
@pytest.mark.parametrize("number", ["153/TB-VPCP", "715/TB-UBND"])
def test_a_number_under_a_frame_is_read(number: str) -> None:
    read = words(stamped(f"Số: {number}"))
    assert "Số:" in read
    assert number in read


@needs_tesseract
def test_a_line_without_a_number_gets_none() -> None:
    read = words(stamped("Lưu VT, TB-VPCP"))
    assert not any(one[0].isdigit() and "/" in one for one in read)


def test_strokes_across_a_rule_stay_and_the_rule_goes() -> None:
    grey = np.full((60, 100), 255, np.uint8)
    grey[10:50, 30:34] = 0  # a stroke of a letter
    grey[28:32] = 0
    ruled = np.zeros_like(grey)
    ruled[28:32] = 1
    bare = without_rules(grey, ruled, 200)
    assert (bare[10:50, 30:34] == 0).all()
    assert (bare[28:32, :28] == 255).all()
    assert (bare[28:32, 36:] == 255).all()
