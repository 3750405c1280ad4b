"""Sentences of corpora/gold with the names that people see in them: "[Sở Nội vụ|ORG] tổng hợp"."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "corpora" / "gold" / "names.txt"
# From this line on, no rule was changed after the sentences had been seen.
HELD_OUT = 240
_MARKED = re.compile(r"\[([^\[\]|]+)\|([A-Z]+)\]")
Span = tuple[int, int, str]


def sentences() -> list[tuple[str, list[Span]]]:
    """Every sentence with its names, in order."""
    return [parse(line) for line in GOLD.read_text(encoding="utf-8").splitlines() if line]


def parse(line: str) -> tuple[str, list[Span]]:
    """A marked line as its text and its names.

    >>> parse("Gửi [Sở Nội vụ|ORG].")
    ('Gửi Sở Nội vụ.', [(4, 13, 'ORG')])
    """
    text, spans, at = "", [], 0
    for match in _MARKED.finditer(line):
        text += line[at : match.start()]
        spans.append((len(text), len(text) + len(match[1]), match[2]))
        text += match[1]
        at = match.end()
    return text + line[at:], spans


def damaged(kind: str, seed: int = 1) -> list[tuple[str, list[Span]]]:
    """The same sentences through a channel; their names go along."""
    folder = str(ROOT / "models" / "ner")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    from damage import damage

    rng = random.Random(seed)
    return [damage(text, spans, kind, rng) for text, spans in sentences()]
