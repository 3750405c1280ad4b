"""DOC and RTF files, through LibreOffice."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.document import Document
from pipeline.errors import MissingToolError
from pipeline.extract import extract, office
from pipeline.ingest import identify
from pipeline.settings import Settings

RTF = (
    r"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Times New Roman;}}\f0 "
    r"K\u7871? ho\u7841?ch n\u259?m 2025\par "
    r"\trowd\cellx3000\cellx6000\intbl a\cell b\cell\row\pard Sau\par}"
)


def write(tmp_path: Path) -> Path:
    path = tmp_path / "plan.rtf"
    path.write_text(RTF, encoding="ascii")
    return path


@pytest.mark.skipif(office.libreoffice() is None, reason="LibreOffice is not installed")
def test_rtf(tmp_path: Path) -> None:
    settings = Settings()
    source = identify(write(tmp_path), None, settings)
    document = extract(Document(source=source), settings=settings)
    assert document.source == source
    (page,) = document.pages
    assert [line.text for line in page.lines if line.text] == ["Kế hoạch năm 2025", "a", "b", "Sau"]
    assert len(page.tables) == 1


def test_without_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "libreoffice", lambda: None)
    settings = Settings()
    source = identify(write(tmp_path), None, settings)
    with pytest.raises(MissingToolError, match="is an old Word, RTF"):
        extract(Document(source=source), settings=settings)
