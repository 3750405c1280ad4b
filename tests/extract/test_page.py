"""Pages made of what OCR read."""

from __future__ import annotations

from pipeline.extract.page import page_of_scan
from pipeline.extract.scan import Reading
from pipeline.extract.tokens import Token


def token(text: str, x: float, confidence: float) -> Token:
    return Token(text, x, 100, x + 20, 112, size=12, confidence=confidence)


def test_numbers_that_ocr_was_not_sure_of_are_named() -> None:
    tokens = [token("ngày", 100, 0.9), token("22", 130, 0.7), token("năm", 160, 0.5)]
    tokens.append(token("2026", 190, 0.96))
    page, issues = page_of_scan(3, Reading((595.0, 842.0), tokens), (1653, 2339), 200)
    assert [line.text for line in page.lines] == ["ngày 22 năm 2026"]
    (issue,) = issues
    assert (issue.code, issue.page, issue.severity) == ("unsure_number", 3, "warning")
    assert issue.message.startswith("Số đọc chưa chắc chắn: “22”;")
    assert "2026" not in issue.message
