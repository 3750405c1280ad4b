"""Is everything here that kehoach needs? Checks, and what to do where something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import KehoachError

ENOUGH_DISK = 2**30
ENOUGH_MEMORY = 2**30
_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``advice`` says what to do when it is not ``ok``."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def examine(folder: Path | None = None) -> Iterator[Check]:
    """All checks, in the order in which a person would put things right."""
    version = sys.version_info
    yield Check(
        "python",
        version >= _PYTHON,
        ".".join(map(str, version[:3])),
        f"install Python {_PYTHON[0]}.{_PYTHON[1]} or newer",
    )
    yield from _tesseract()
    yield _models()
    yield _memory()
    yield from _disk(folder or Path.cwd())


def tesseract_version() -> str:
    """The version of tesseract, or "" when there is none."""
    first = _run("tesseract", "--version").splitlines()[:1]
    return first[0].removeprefix("tesseract").strip() if first else ""


def _tesseract() -> Iterator[Check]:
    version = tesseract_version()
    advice = (
        "scans and images need it: apt install tesseract-ocr, brew install tesseract, or on "
        "Windows winget install UB-Mannheim.TesseractOCR; it must be on the PATH"
    )
    yield Check("tesseract", bool(version), version or "not found", advice)
    if not version:
        return
    languages = _run("tesseract", "--list-langs").split()
    advice = (
        "Vietnamese scans need it: apt install tesseract-ocr-vie, brew install tesseract-lang, or "
        "put vie.traineddata into the tessdata folder (TESSDATA_PREFIX)"
    )
    has = "vie" in languages
    yield Check("tesseract vie", has, "found" if has else "not found", advice)


def _models() -> Check:
    from pipeline.artefacts import model_path

    try:
        folders = [model_path(name) for name in ("restoration", "ner/model", "figures")]
        paths = [path for folder in folders for path in folder.rglob("*")]
        sizes = [path.stat().st_size for path in paths if path.is_file()]
    except (KehoachError, OSError) as error:
        return Check("models", ok=False, found="not found", advice=str(error))
    return Check("models", ok=True, found=f"{sum(sizes) / 2**20:.0f} MB in {folders[0].parent}")


def _memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available
    return Check(
        "memory",
        free >= ENOUGH_MEMORY,
        f"{free / 2**30:.1f} GB free",
        "close other programs, or use fewer workers (--workers 1)",
    )


def _disk(folder: Path) -> Iterator[Check]:
    place = next(p for p in (folder, *folder.absolute().parents) if p.is_dir())
    free = shutil.disk_usage(place).free
    yield Check(
        "disk",
        free >= ENOUGH_DISK,
        f"{free / 2**30:.1f} GB free in {place}",
        "free some space, or put --out on another disk",
    )
    for name, where in (("write here", place), ("temporary files", Path(tempfile.gettempdir()))):
        yield Check(
            name,
            os.access(where, os.W_OK),
            str(where),
            "choose another folder for --out" if name == "write here" else "set TMPDIR",
        )


def _run(*command: str) -> str:
    """What a program prints, "" when it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout or done.stderr).decode("utf-8", "replace") if done.returncode == 0 else ""
