"""What must always be true of the repository: licences, sizes, the README's promises."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES = 450
MODELS_BYTES = 60 * 2**20


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", *patterns], capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def _runtime_distributions() -> set[str]:
    """kehoach's own requirements and theirs, extras left out, as far as they are installed here."""
    found: set[str] = set()
    waiting = ["kehoach"]
    while waiting:
        name = waiting.pop()
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        found.add(name)
        for requirement in requires:
            if "extra ==" in requirement:
                continue
            match = re.match(r"[A-Za-z0-9._-]+", requirement)
            if match and match[0].lower() not in found:
                waiting.append(match[0].lower())
    return found - {"kehoach"}


def test_no_copyleft_in_what_is_imported() -> None:
    names = _runtime_distributions()
    assert {"sqlalchemy", "pdfminer-six", "underthesea"} <= names
    for name in names:
        metadata = importlib.metadata.metadata(name)
        licence = " ".join(
            [
                metadata.get("License-Expression") or metadata.get("License") or "",
                *(c for c in metadata.get_all("Classifier") or [] if c.startswith("License")),
            ]
        )
        assert not re.search(r"\b[AL]?GPL|Affero|Lesser General", licence), (name, licence)


def test_modules_hold_one_idea() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in _tracked("pipeline/*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    assert not long


def test_models_stay_small_and_have_cards() -> None:
    tracked = _tracked("models/*")
    assert sum(path.stat().st_size for path in tracked) < MODELS_BYTES
    for folder in {path.relative_to(ROOT / "models").parts[0] for path in tracked}:
        assert (ROOT / "models" / folder / "MODEL_CARD.md").is_file(), folder


def test_lock_file_pins_every_requirement_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {line.split("==")[0].lower() for line in lock.splitlines() if "==" in line}
    required = importlib.metadata.requires("kehoach") or []
    for requirement in required:
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert match
        assert match[0].lower() in pinned
    assert "://" not in lock


def test_readme_promises_targets_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z][a-z-]+)", readme)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for link in re.findall(r"\]\(((?!https?:)[^)#]+)", readme):
        assert (ROOT / link).exists(), link
