"""The n-gram model: flat arrays that load by memory map, and compiled look-ups.

Every n-gram of order 2 and up is one 24-bit record in a table of buckets: a 12-bit fingerprint, a
7-bit code of the log probability, a 5-bit code of the log back-off weight (code books by order).
The bucket comes from other bits of the same hash, and holds four records on average, so that a
look-up reads two cache lines, and an n-gram that is not stored passes for one in about 1 of 1000
look-ups. The decoder asks from short to long and stops at the first miss.

The hash starts from the last word and walks back, so one walk serves all orders.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled import compiled
from pipeline.errors import ModelError

PROBABILITY_BITS = 7
BACKOFF_BITS = 5
ITEMS_PER_BUCKET = 4
BLOCK = 16  # buckets that share one absolute offset; `find` shifts by 4

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX2 = np.uint64(0xBF58476D1CE4E5B9)


@compiled
def extend(state: Any, word: Any) -> Any:
    """The hash of an n-gram with one more word on its left (uint64)."""
    mixed = (state ^ (np.uint64(word) + np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(32))


@compiled
def bucket(state: Any, blocks: Any, offsets: Any) -> Any:
    """(begin, end) of the records among which the n-gram with this hash is."""
    buckets = np.uint64(len(offsets) - 1)
    number = np.int64(((state >> np.uint64(32)) * buckets) >> np.uint64(32))
    begin = np.int64(blocks[number >> 4]) + np.int64(offsets[number])
    end = np.int64(blocks[(number + 1) >> 4]) + np.int64(offsets[number + 1])
    return begin, end


@compiled
def scan(state: Any, begin: Any, end: Any, records: Any) -> Any:
    """The 12-bit payload of the n-gram with this hash among these records, or -1."""
    low = np.uint8(state & np.uint64(0xFF))
    high = np.uint8((state >> np.uint64(8)) & np.uint64(0x0F))
    for at in range(3 * begin, 3 * end, 3):
        if records[at] == low and (records[at + 1] & np.uint8(0x0F)) == high:
            return (np.int64(records[at + 1]) >> 4) | (np.int64(records[at + 2]) << 4)
    return -1


@compiled
def find(state: Any, records: Any, blocks: Any, offsets: Any) -> Any:
    """The 12-bit payload of the n-gram with this hash, or -1."""
    begin, end = bucket(state, blocks, offsets)
    return scan(state, begin, end, records)


@compiled
def find_all(
    states: Any, count: Any, payloads: Any, begins: Any, ends: Any, records: Any, blocks: Any,
    offsets: Any,
) -> None:  # fmt: skip
    """The payloads of many n-grams, as :func:`find` gives them.

    Steps that do not wait for each other come together, so that the memory is asked for many lines
    at once. ``begins``, ``ends``: room for as many numbers.
    """
    for at in range(count):
        begin, end = bucket(states[at], blocks, offsets)
        begins[at] = begin
        ends[at] = end
    for at in range(count):
        payloads[at] = records[3 * begins[at]] if begins[at] < ends[at] else 0
    for at in range(count):
        payloads[at] = scan(states[at], begins[at], ends[at], records)


@dataclass(frozen=True)
class LanguageModel:
    """Arrays of the model; ``vocabulary`` maps tokens to numbers.

    ``unigram`` and ``unigram_backoff``: float32 by word; ``books`` and ``backoff_books``: float32
    [order - 2, code]; ``capitals``: share of the occurrences of a word inside
    a sentence that begin with a capital; the rest: see the module.
    """

    order: int
    vocabulary: dict[str, int]
    unigram: NDArray[np.float32]
    unigram_backoff: NDArray[np.float32]
    records: NDArray[np.uint8]
    blocks: NDArray[np.uint32]
    offsets: NDArray[np.uint8]
    books: NDArray[np.float32]
    backoff_books: NDArray[np.float32]
    capitals: NDArray[np.float32]

    @staticmethod
    def load(folder: Path) -> LanguageModel:
        """Map the model into memory. Raises ModelError when a file is missing or damaged."""
        try:
            meta = json.loads((folder / "lm.json").read_text(encoding="utf-8"))
            words = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
            arrays = {
                name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
                for name in (
                    "unigram",
                    "unigram_backoff",
                    "records",
                    "blocks",
                    "offsets",
                    "books",
                    "backoff_books",
                    "capitals",
                )
            }
        except (OSError, ValueError) as error:
            raise ModelError(
                f"the language model in {folder} cannot be read ({error}); "
                "install kehoach again, or run `make train`"
            ) from error
        vocabulary = {word: number for number, word in enumerate(words)}
        return LanguageModel(order=int(meta["order"]), vocabulary=vocabulary, **arrays)
