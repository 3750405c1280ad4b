"""The network of figures: it reads print and pen, and says nothing where there is nothing."""

from __future__ import annotations

from pathlib import Path

import made_scan
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline import artefacts
from pipeline.errors import ModelError
from pipeline.recognise.figures import figures_model
from pipeline.recognise.reader import best_path, see_lines


def printed(text: str, font: str = "DejaVuSerif.ttf") -> np.ndarray:
    image = Image.new("L", (60 + 30 * len(text), 70), 255)
    ImageDraw.Draw(image).text((20, 12), text, fill=0, font=made_scan.font(14, font))
    return np.asarray(image)


def read(image: np.ndarray) -> str:
    (seen,) = see_lines([image], figures_model())
    return "" if seen is None else best_path(seen, figures_model())


@pytest.mark.parametrize("text", ["7", "26", "153", "0215", "2026", "11", "88400"])
@pytest.mark.parametrize("font", ["DejaVuSerif.ttf", "DejaVuSans.ttf", "DejaVuSerif-Italic.ttf"])
def test_print(text: str, font: str) -> None:
    assert read(printed(text, font)) == text


def test_nothing() -> None:
    assert read(np.full((60, 90), 255, np.uint8)) == ""
    specks = np.full((60, 90), 255, np.uint8)
    specks[40:43, 20:23] = specks[41:44, 60:63] = 0
    assert read(specks) == ""


def test_a_torn_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "network.npz").write_bytes(b"PK\x03\x04 torn")
    monkeypatch.setattr(artefacts, "_PLACES", (tmp_path,))
    figures_model.cache_clear()
    with pytest.raises(ModelError, match=r"figures/network\.npz"):
        figures_model()
    figures_model.cache_clear()
