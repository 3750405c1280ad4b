"""Reading page images with Tesseract, and laying what was read beside what is true."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pages import TrueLine
from PIL import Image

_NICE = ("nice", "-n", "10") if shutil.which("nice") else ()


@dataclass(frozen=True)
class ReadLine:
    """A line as it was read; ``middle`` is a share of the page height."""

    text: str
    middle: float
    left: int


def recognise(images: list[tuple[Image.Image, int]], language: str) -> list[list[ReadLine]]:
    """The lines of each ``(image, dpi)``, read in one run of Tesseract on one thread.

    Exits with advice when Tesseract or the language is not installed.
    """
    if shutil.which("tesseract") is None:
        raise SystemExit("tesseract is not installed (Debian: apt install tesseract-ocr-vie)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (image, dpi) in enumerate(images):
            image.save(folder / f"{number:04d}.png", dpi=(dpi, dpi), compress_level=1)
        listing = folder / "list.txt"
        listing.write_text("".join(f"{path}\n" for path in sorted(folder.glob("*.png"))))
        command = (*_NICE, "tesseract", str(listing), str(folder / "out"), "-l", language, "tsv")
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode != 0:
            raise SystemExit(f"tesseract -l {language} failed: {done.stderr.strip()}")
        rows = (folder / "out.tsv").read_text(encoding="utf-8").split("\n")[1:]
    return _lines_by_page(rows, [image.height for image, _ in images])


def _lines_by_page(rows: list[str], heights: list[int]) -> list[list[ReadLine]]:
    pages: list[list[ReadLine]] = [[] for _ in heights]
    words: dict[tuple[int, ...], list[str]] = {}
    boxes: dict[tuple[int, ...], tuple[int, int, int]] = {}
    for row in rows:
        fields = row.split("\t")
        if len(fields) < 12:
            continue
        key = tuple(int(field) for field in fields[1:5])
        if fields[0] == "4":
            boxes[key] = (int(fields[6]), int(fields[7]), int(fields[9]))
        elif fields[0] == "5" and fields[11].strip():
            words.setdefault(key, []).append(unicodedata.normalize("NFC", fields[11]))
    for key, line in words.items():
        left, top, height = boxes[key]
        page = key[0] - 1
        middle = (top + height / 2) / heights[page]
        pages[page].append(ReadLine(" ".join(line), middle, left))
    return pages


def match_lines(true: list[TrueLine], read: list[ReadLine]) -> list[tuple[str, str, int]]:
    """``(true, read, paragraph)`` for each true line that something was read near.

    Pieces of one line are joined from left to right. A line is left out when nothing stands within
    half a line of it.
    """
    if len(true) < 2:
        return []
    pieces: list[list[ReadLine]] = [[] for _ in true]
    pitch = min(b.middle - a.middle for a, b in pairwise(true))
    for line in read:
        nearest = min(range(len(true)), key=lambda n: abs(true[n].middle - line.middle))
        if abs(true[nearest].middle - line.middle) < 0.5 * pitch:
            pieces[nearest].append(line)
    return [
        (line.text, " ".join(p.text for p in sorted(found, key=lambda p: p.left)), line.paragraph)
        for line, found in zip(true, pieces, strict=True)
        if found
    ]
