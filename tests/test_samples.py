"""The whole flow on the samples of corpora/samples, against their truth."""

from __future__ import annotations

import shutil
import tomllib
from functools import cache
from pathlib import Path

import pytest
from sample_checks import CHECKS
from sample_truth import Truth, body_text, truths, word_error_rate

from pipeline import process_file
from pipeline.document import Document

# Word error rate of the restored text that a sample of each kind may have. What is not damaged
# must come through whole; the rest are the figures that were measured, and a little room.
BOUNDS = {
    "pdf": 0.0,
    "pdf_dropped": 0.02,
    "pdf_scan": 0.07,
    "pdf_mixed": 0.015,
    "png": 0.05,
    "jpeg": 0.07,
    "docx": 0.0,
    "txt": 0.0,
    "txt_nfd": 0.0,
    "txt_cp1258": 0.0,
    "txt_tcvn3": 0.015,
    "md": 0.0,
    "txt_no_marks": 0.025,
    "txt_dropped": 0.015,
    "txt_english_ocr": 0.1,
}
# What is wrong today: stem, check, reason. Strict, so that a repair is noticed and its line goes;
# not strict where the reading hangs on the version of tesseract.
KNOWN = tomllib.loads(
    (Path(__file__).parent / "cases" / "samples_known.toml").read_text(encoding="utf-8")
)
NEEDS_OCR = {"pdf_scan", "pdf_mixed", "png", "jpeg"}
TRUTHS = {truth.stem: truth for truth in truths()}


@cache
def processed(truth: Truth) -> Document:
    if truth.kind in NEEDS_OCR and shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    return process_file(truth.file)


@pytest.mark.parametrize("stem", TRUTHS)
def test_text(stem: str) -> None:
    truth = TRUTHS[stem]
    rate = word_error_rate(truth.text, body_text(processed(truth)))
    assert rate <= BOUNDS[truth.kind], f"word error rate {rate:.2%}"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("stem", TRUTHS)
def test_record(stem: str, check: str, request: pytest.FixtureRequest) -> None:
    truth = TRUTHS[stem]
    if reason := KNOWN.get(stem, {}).get(check):
        strict = truth.kind not in NEEDS_OCR | {"pdf_dropped"}  # its glyphs are read by look
        request.applymarker(pytest.mark.xfail(reason=reason, strict=strict))
    document = processed(truth)
    assert document.record is not None
    wrong = list(CHECKS[check](truth, document, document.record))
    assert not wrong, "\n".join(wrong)


def test_known_failures_are_of_samples_and_checks_that_exist() -> None:
    assert set(KNOWN) <= set(TRUTHS)
    assert {check for checks in KNOWN.values() for check in checks} <= set(CHECKS)
