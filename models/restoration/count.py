"""Training text to a stream of token numbers: vocabulary, held-out slices, one array of uint16."""

from __future__ import annotations

import hashlib
import lzma
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from pipeline.restore.tokens import CLASSES, pieces, unknown_class

VOCABULARY = 16_000
HELD_OUT = 64  # one line in so many, by its digest, is never trained on


def training_paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of a file that are not held out."""
    return (paragraph for paragraph in paragraphs(path) if not held_out(paragraph))


def paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of a text file (plain or xz), NFC."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            line = line.strip()
            if line:
                yield unicodedata.normalize("NFC", line)


def held_out(paragraph: str) -> bool:
    """Whether the line (NFC, white space folded) is kept for the figures.

    A line that occurs many times falls on the same side each time.
    """
    text = " ".join(paragraph.split())
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()[0] % HELD_OUT == 0


class Numberer:
    """Chunks to small integers, each distinct chunk cut once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.capital_numbers: dict[str, int] = {}
        self.pieces: list[list[tuple[str, str]]] = []

    def chunk(self, text: str, capitals: bool) -> int:
        """The number of a chunk."""
        table = self.capital_numbers if capitals else self.numbers
        number = table.get(text)
        if number is None:
            number = table[text] = len(self.pieces)
            self.pieces.append(pieces(text, capitals=capitals))
        return number


def stream(
    sources: Iterable[tuple[str, Iterable[str]]],
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Cut all paragraphs; gives (tokens uint16, which are capitalised, vocabulary).

    ``sources`` are pairs of a name and its paragraphs.
    """
    numberer = Numberer()
    boundary = 2**31 - 1
    parts: list[np.ndarray] = []
    for name, lines in sources:
        buffer: list[int] = []
        length = 0
        table, capital_table, add = numberer.numbers, numberer.capital_numbers, numberer.chunk
        for paragraph in lines:
            capitals = paragraph.isupper()
            known = capital_table if capitals else table
            buffer.append(boundary)
            for chunk in paragraph.split():
                number = known.get(chunk)
                buffer.append(add(chunk, capitals) if number is None else number)
            if len(buffer) > 4_000_000:
                parts.append(np.array(buffer, dtype=np.int32))
                length += len(buffer)
                buffer = []
        parts.append(np.array(buffer, dtype=np.int32))
        length += len(buffer)
        print(f"{name}: {length:,} chunks, {len(numberer.pieces):,} distinct", flush=True)
    chunks = np.concatenate(parts)
    del parts
    return _tokens(chunks, boundary, numberer)


def _tokens(
    chunks: np.ndarray, boundary: int, numberer: Numberer
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    is_boundary = chunks == boundary
    chunks[is_boundary] = len(numberer.pieces)
    frequency = np.bincount(chunks, minlength=len(numberer.pieces) + 1)
    counts: Counter[str] = Counter()
    for number, cut in enumerate(numberer.pieces):
        times = int(frequency[number])
        for token, _ in cut:
            counts[token] += times
    for token in CLASSES:
        counts.pop(token, None)
    vocabulary = list(CLASSES)
    vocabulary += [t for t, c in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])) if c >= 8]
    vocabulary = vocabulary[:VOCABULARY]
    index = {token: number for number, token in enumerate(vocabulary)}
    lengths = np.array([len(cut) for cut in numberer.pieces] + [1], dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.zeros(starts[-1], dtype=np.uint16)
    title = np.zeros(starts[-1], dtype=bool)
    position = 0
    for cut in numberer.pieces:
        for token, written in cut:
            number = index.get(token)
            if number is None:
                number = index[unknown_class(token, written)]
            flat[position] = number
            title[position] = written[:1].isupper() and not written[1:2].isupper()
            position += 1
    tokens: list[np.ndarray] = []
    capitals: list[np.ndarray] = []
    step = 8_000_000
    for at in range(0, len(chunks), step):
        block = chunks[at : at + step]
        n = lengths[block]
        offset = np.repeat(starts[block] - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        place = offset + np.arange(len(offset))
        tokens.append(flat[place])
        capitals.append(title[place])
    return np.concatenate(tokens), np.concatenate(capitals), vocabulary


def capital_shares(tokens: np.ndarray, capitals: np.ndarray, vocabulary: list[str]) -> np.ndarray:
    """Share of the occurrences of each word inside a sentence that begin with a capital."""
    index = {word: number for number, word in enumerate(vocabulary)}
    marks = ("<s>", ".", "!", "?", ":", '"', "-", "+", "<d1>", "(")
    openers = [index[mark] for mark in marks if mark in index]
    inside = ~np.isin(tokens[:-1], openers)
    total = np.bincount(tokens[1:][inside], minlength=len(vocabulary))
    titled = np.bincount(tokens[1:][inside & capitals[1:]], minlength=len(vocabulary))
    return ((titled + 0.3) / (total + 3.0)).astype(np.float32)
