"""Text damaged on purpose, with the spans of its names carried along."""

from __future__ import annotations

import math
import random
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

Span = tuple[int, int, str]
CHANNELS = Path(__file__).resolve().parent.parent / "restoration" / "channels"
# How often each kind is drawn: most text that the recogniser sees is clean, or was restored.
SHARES = {
    "clean": 0.55, "no_marks": 0.12, "dropped_glyphs": 0.13, "vietnamese_ocr": 0.12,
    "english_ocr": 0.08,
}  # fmt: skip
_LOST = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđkbhgTPVB"
# Of the letters that an English OCR misreads, most are put right again by the restorer.
_LEFT_OVER = 0.3


@lru_cache(maxsize=4)
def _edits(kind: str) -> dict[str, tuple[list[str], list[float]]]:
    """What each letter is read as, with probabilities, from the restorer's channel file."""
    found: dict[str, tuple[list[str], list[float]]] = {}
    for line in (CHANNELS / f"{kind}.tsv").read_text(encoding="utf-8").splitlines():
        source, observed, weight = line.split("\t")
        if len(source) == 1 and source != "#":
            letters, weights = found.setdefault(source, ([], []))
            letters.append(observed.replace("␣", " "))
            weights.append(math.exp(float(weight)))
    return found


def draw_kind(rng: random.Random) -> str:
    """A kind of damage, or "clean"."""
    return rng.choices(list(SHARES), list(SHARES.values()))[0]


def damage(
    text: str, spans: Sequence[Span], kind: str, rng: random.Random
) -> tuple[str, list[Span]]:
    """The text read through a channel, and where its names are in what comes out."""
    if kind == "clean":
        return text, list(spans)
    lost = set(rng.sample(_LOST, rng.randint(3, 7))) if kind == "dropped_glyphs" else set()
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    for letter in text:
        starts.append(at)
        piece = _read(letter, kind, lost, rng)
        pieces.append(piece)
        at += len(piece)
    starts.append(at)
    result = "".join(pieces)
    moved = []
    for start, end, label in spans:
        first, last = starts[start], starts[end]
        while first < last and result[first].isspace():
            first += 1
        while last > first and result[last - 1].isspace():
            last -= 1
        if first < last:
            moved.append((first, last, label))
    return result, moved


def _read(letter: str, kind: str, lost: set[str], rng: random.Random) -> str:
    if kind == "no_marks":
        plain = unicodedata.normalize("NFD", letter.replace("đ", "d").replace("Đ", "D"))
        return "".join(c for c in plain if not unicodedata.combining(c))
    if kind == "dropped_glyphs":
        return (" " if rng.random() < 0.75 else "") if letter in lost else letter
    if kind == "english_ocr" and rng.random() > _LEFT_OVER:
        return letter
    edits = _edits(kind).get("␣" if letter == " " else letter)
    return rng.choices(*edits)[0] if edits else letter
