"""Lines read in this process beside what tesseract's program reads on the same images."""

from __future__ import annotations

import os
from pathlib import Path

import made_scan
import numpy as np
import pytest
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from pipeline.extract import ocr
from pipeline.extract.lines import Cutting
from pipeline.extract.tokens import Read
from pipeline.recognise.network import probabilities
from pipeline.recognise.reader import likelihoods, read_lines, see_lines
from pipeline.recognise.traineddata import LineModel, UnknownModelError, load_model

pytestmark = pytest.mark.skipif(
    not ocr.has_tesseract(), reason="tesseract with Vietnamese data is not installed"
)
LINES = (
    "Thực hiện Kế hoạch số 45/KH-UBND ngày 12 tháng 3 năm 2025 của Ủy ban nhân dân huyện,",
    "III. TỔ CHỨC THỰC HIỆN",
    "- Phối hợp với Văn phòng Hội đồng nhân dân đăng tải 16 tin, bài trên Facebook; (20%)",
    "Nơi nhận:",
)
Grey = NDArray[np.uint8]


@pytest.fixture(scope="module")
def model() -> LineModel:
    found = ocr.line_model(ocr.LANGUAGE)
    if found is None:
        pytest.skip("tesseract's data for Vietnamese has another shape of network")
    return found


def image_of(text: str, points: float = 9, margin: int = 20) -> Grey:
    page = np.asarray(made_scan.page([text], x=40, top=40, points=points))
    rows, columns = np.nonzero(page < 128)
    top, left = rows.min() - margin, columns.min() - margin
    return np.ascontiguousarray(
        page[top : rows.max() + margin, left : columns.max() + margin], np.uint8
    )


def text_of(words: list[Read]) -> list[str]:
    return [word.text for word in words]


def cutting(image: Grey) -> Cutting:
    return Cutting(image, 0.0, 0.0, 1.0)


def test_clean_print_is_read_as_by_the_program(
    model: LineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuttings = [cutting(image_of(text)) for text in LINES]
    here = ocr.read_cuttings(cuttings)
    monkeypatch.setattr(ocr, "line_model", lambda language: None)  # as for another shape of network
    there = ocr.read_cuttings(cuttings)
    for text, ours, theirs in zip(LINES, here, there, strict=True):
        assert Levenshtein.distance(text.split(), text_of(ours)) <= 1
        assert Levenshtein.distance(text.split(), text_of(theirs)) <= 2
        pairs = zip(ours, theirs, strict=False) if len(ours) == len(theirs) else ()
        for one, other in pairs:
            assert (one.x0, one.x1) == pytest.approx((other.x0, other.x1), abs=4)
        assert min(word.confidence for word in ours) > 0.5


def test_figures_are_all_that_is_read_when_asked(
    model: LineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuttings = [cutting(image_of(text, margin=6)) for text in ("2280", "1.250,5", "29")]
    read = ocr.read_figures(cuttings, signs=".,")
    assert [text_of(words) for words in read] == [["2280"], ["1.250,5"], ["29"]]
    monkeypatch.setattr(ocr, "line_model", lambda language: None)
    assert text_of(ocr.read_figures(cuttings)[0]) == ["2280"]


def test_a_line_reads_the_same_in_any_company(model: LineModel) -> None:
    images = [image_of(text) for text in LINES]
    together = read_lines(images, model)
    assert together == [read_lines([image], model)[0] for image in images]
    high = [np.ascontiguousarray(image[8 : 8 + model.height]) for image in images]
    for alone, among in zip(
        [probabilities([one], model)[0] for one in high], probabilities(high, model), strict=True
    ):
        assert np.array_equal(alone, among)
        assert among.sum(axis=1) == pytest.approx(1.0, abs=1e-4)
        assert among.shape[1] == len(model.characters)


def test_specks_apart_from_a_line_are_no_signs(model: LineModel) -> None:
    image = np.pad(image_of("Tổ chức thực hiện"), ((0, 0), (30, 30)), constant_values=255)
    clean = text_of(read_lines([image], model)[0])  # type: ignore[arg-type]
    image[30:32, 8:10] = image[30:32, -9:-7] = 0
    assert text_of(read_lines([image], model)[0]) == clean  # type: ignore[arg-type]


def test_images_without_a_line(model: LineModel) -> None:
    white, black = np.full((60, 300), 255, np.uint8), np.zeros((60, 300), np.uint8)
    dot, thin = white.copy(), np.full((1, 1), 0, np.uint8)
    dot[30, 30] = 0
    long = np.full((4, 60_000), 0, np.uint8)
    read = read_lines([white, black, dot, thin, long], model)
    assert read[0] == read[3] == read[4] == []
    assert all(0 <= word.confidence <= 1 for words in read for word in words)
    assert read_lines([], model) == []


@pytest.mark.skipif(os.name == "nt", reason="a program that is a script of the shell")
def test_the_data_is_found_where_an_older_program_does_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: LineModel
) -> None:
    folder = ocr.installed()[1]
    assert folder is not None
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho 'List of available languages (2):'\necho eng\necho vie\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("TESSDATA_PREFIX", str(folder))
    ocr.installed.cache_clear()
    try:
        assert ocr.installed() == (frozenset(("eng", "vie")), folder)
    finally:
        ocr.installed.cache_clear()


def test_time_is_bounded(model: LineModel) -> None:
    with pytest.raises(ocr.OcrError, match="more than"):
        ocr.read_cuttings([cutting(image_of(LINES[0]))], 1e-9)


def test_other_files_are_no_model(tmp_path: Path, model: LineModel) -> None:
    whole = (ocr.installed()[1] or tmp_path) / "vie.traineddata"
    data = whole.read_bytes()
    chance = np.random.default_rng(0)
    broken = {
        "empty": b"",
        "noise": chance.bytes(5000),
        "count": b"\xff" * 200,
        "torn": data[:1000],
        "half": data[: len(data) // 2],
        "text": b"vie " * 500,
    }
    for name, content in broken.items():
        path = tmp_path / f"{name}.traineddata"
        path.write_bytes(content)
        with pytest.raises(UnknownModelError, match=name):
            load_model(path)
    for at in chance.integers(0, 4000, 200):
        path = tmp_path / f"changed{at}.traineddata"
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            load_model(path)
        except UnknownModelError:
            continue


def test_a_gap_behind_a_comma_parts_words(model: LineModel) -> None:
    image = image_of("bãi nhiệm, bầu lại; xong", points=12)
    assert [word.text for word in read_lines([image], model)[0]] == [
        "bãi", "nhiệm,", "bầu", "lại;", "xong",
    ]  # fmt: skip
    close = image_of("nhiệm,bãi", points=12)
    assert [word.text for word in read_lines([close], model)[0]] == ["nhiệm,bãi"]


def test_how_likely_texts_are_in_a_line(model: LineModel) -> None:
    seen = [one for one in see_lines([image_of("Võ Tuấn Anh")], model) if one is not None]
    texts = ["Võ Tuấn Anh", "Vỗ Tuấn Anh", "Vũ Tuấn Anh", "Tuấn Anh", "Võ Tuấn Anh 漢"]
    likely = likelihoods(seen, model, texts)
    assert likely.shape == (1, 5)
    assert likely[0].argmax() == 0
    assert likely[0, 4] == -np.inf
    plain = likelihoods(seen, model, ["Vo Tuan Anh", "Vu Tuan Anh"], marks=False)
    assert plain[0, 0] >= likely[0, 0] - 1e-6  # all spellings of it together
    assert plain[0, 0] > plain[0, 1]
