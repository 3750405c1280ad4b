"""Training text to a stream of token numbers: vocabulary, held-out slices, one array of uint16."""

from __future__ import annotations

import hashlib
import lzma
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.restore.tokens import CLASSES, pieces, unknown_class

VOCABULARY = 16_000
HELD_OUT = 64  # one line in so many, by its digest, is never trained on


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


def stream(files: list[tuple[Path, int]]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read the files; gives (tokens uint16, weights per token uint8, vocabulary)."""
    numberer = Numberer()
    boundary = 2**31 - 1
    parts: list[np.ndarray] = []
    weights: list[tuple[int, int]] = []
    for path, weight in files:
        buffer: list[int] = []
        length = 0
        table, capital_table, add = numberer.numbers, numberer.capital_numbers, numberer.chunk
        for paragraph in paragraphs(path):
            if held_out(paragraph):
                continue
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
        weights.append((length, weight))
        print(f"{path.name}: {length:,} chunks, {len(numberer.pieces):,} distinct", flush=True)
    chunks = np.concatenate(parts)
    del parts
    return (*_tokens(chunks, boundary, numberer, weights),)


def _tokens(chunks, boundary, numberer, weights):
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
    flat = np.empty(starts[-1], dtype=np.uint16)
    position = 0
    for cut in numberer.pieces:
        for token, written in cut:
            number = index.get(token)
            if number is None:
                number = index[unknown_class(token, written)]
            flat[position] = number
            position += 1
    flat[position] = 0
    weight = np.repeat(np.array([w for _, w in weights], dtype=np.uint8), [n for n, _ in weights])
    pieces_ = []
    weights_ = []
    step = 8_000_000
    for at in range(0, len(chunks), step):
        block = chunks[at : at + step]
        n = lengths[block]
        offset = np.repeat(starts[block] - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        pieces_.append(flat[offset + np.arange(len(offset))])
        weights_.append(np.repeat(weight[at : at + step], n))
    return np.concatenate(pieces_), np.concatenate(weights_), vocabulary


if __name__ == "__main__":
    import sys
    import time

    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    started = time.time()
    tokens, weights, vocabulary = stream([(folder / f"{name}.txt.xz", 1) for name in sys.argv[3:]])
    np.save(out / "tokens.npy", tokens)
    np.save(out / "weights.npy", weights)
    (out / "vocabulary.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    print(len(tokens), len(vocabulary), time.time() - started)
