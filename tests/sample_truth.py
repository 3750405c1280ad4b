"""The samples with their truth, and how far a text is from it."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from pipeline.document import Document

SAMPLES = Path(__file__).resolve().parent.parent / "corpora" / "samples"
if str(SAMPLES) not in sys.path:  # the generator is a folder of scripts, not an installed package
    sys.path.insert(0, str(SAMPLES))


@dataclass(frozen=True, eq=False)
class Truth:
    """A sample: its file, how it was damaged, its true text and (part of) its true record."""

    stem: str
    file: Path
    kind: str
    damage: tuple[str, ...]
    unreadable: tuple[str, ...]
    text: str
    record: dict[str, Any]


@cache
def truths() -> tuple[Truth, ...]:
    """All samples, by name."""
    found = []
    for path in sorted((SAMPLES / "truth").glob("*.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        found.append(
            Truth(
                stem=path.stem,
                file=SAMPLES / "plans" / about["file"],
                kind=about["kind"],
                damage=tuple(about["damage"]),
                unreadable=tuple(about["unreadable"]),
                text=path.with_suffix(".txt").read_text(encoding="utf-8"),
                record=about["record"],
            )
        )
    return tuple(found)


def folded(text: str) -> str:
    """NFC, white space collapsed, quotes and dashes made plain, Markdown marks gone."""
    text = unicodedata.normalize("NFC", text)
    text = unicodedata.normalize("NFC", text)
    for old, new in (("–", "-"), ("—", "-"), ("“", '"'), ("”", '"'), ("’", "'"), ("…", "...")):
        text = text.replace(old, new)
    text = re.sub(r"(?m)^[ *#|]*-(?=\w)", "- ", text)  # "-Text" is a bullet without its blank
    text = re.sub(r"[*#|]+|<br>", " ", text)
    text = re.sub(r"(?<!\S)-{3,}(?!\S)", " ", text)  # the rule under a header of Markdown
    return re.sub(r"\s+", " ", text).strip()


def body_text(document: Document, *, raw: bool = False) -> str:
    """The text without page numbers and running heads, which the truth does not have."""
    return "\n".join(
        line.raw if raw else line.text for _, _, line in document.lines() if line.role == "body"
    )


def word_error_rate(truth: str, text: str) -> float:
    """Edits of words for each true word (0 is right; over 1 is possible)."""
    gold = folded(truth).split()
    return Levenshtein.distance(gold, folded(text).split()) / len(gold)
