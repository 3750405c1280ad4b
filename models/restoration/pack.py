"""Estimated orders to the arrays that :mod:`pipeline.restore.lm` maps into memory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from estimate import BITS, MASK, Order

from pipeline.compiled import compiled
from pipeline.restore.lm import (
    BACKOFF_BITS,
    BLOCK,
    ITEMS_PER_BUCKET,
    PROBABILITY_BITS,
    extend,
)


@compiled
def _hashes(keys, order):
    result = np.empty(len(keys), dtype=np.uint64)
    for i in range(len(keys)):
        key = keys[i]
        state = np.uint64(0)
        for _ in range(order):
            state = extend(state, key & MASK)
            key >>= BITS
        result[i] = state
    return result


def _book(values: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """A code book (Lloyd's algorithm on a histogram) and the code of every value."""
    low, high = float(values.min()), float(values.max()) + 1e-6
    bins = 1 << 14
    histogram, edges = np.histogram(values, bins=bins, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    total = np.cumsum(histogram)
    size = 1 << bits
    book = centres[np.searchsorted(total, (np.arange(size) + 0.5) / size * total[-1])]
    book = np.unique(book)
    for _ in range(40):
        bounds = (book[:-1] + book[1:]) / 2
        code = np.searchsorted(bounds, centres)
        weight = np.bincount(code, weights=histogram, minlength=len(book))
        mean = np.bincount(code, weights=histogram * centres, minlength=len(book))
        book = np.where(weight > 0, mean / np.maximum(weight, 1), book)
        book = np.sort(book)
    code = np.searchsorted((book[:-1] + book[1:]) / 2, values)
    padded = np.full(size, book[-1])
    padded[: len(book)] = book
    return padded.astype(np.float32), code.astype(np.uint32)


def pack(models: list[Order], vocabulary: list[str], capitals: np.ndarray, folder: Path) -> None:
    """Write the model files into ``folder``."""
    hashes, payloads, books, backoff_books = [], [], [], []
    for order, model in enumerate(models[1:], start=2):
        book, code = _book(np.log(model.probability), PROBABILITY_BITS)
        backoff_book, backoff_code = _book(np.log(model.backoff), BACKOFF_BITS)
        books.append(book)
        backoff_books.append(backoff_book)
        hashes.append(_hashes(model.keys, order))
        payloads.append(code | (backoff_code << PROBABILITY_BITS))
    state = np.concatenate(hashes)
    payload = np.concatenate(payloads)
    buckets = max(1, len(state) // ITEMS_PER_BUCKET)
    bucket = ((state >> np.uint64(32)) * np.uint64(buckets)) >> np.uint64(32)
    order = np.argsort(bucket, kind="stable")
    bucket, state, payload = bucket[order], state[order], payload[order]
    begins = np.searchsorted(bucket, np.arange(buckets + 1, dtype=np.uint64))
    blocks = begins[::BLOCK].astype(np.uint32)
    offsets = begins - np.repeat(blocks, BLOCK)[: buckets + 1]
    if offsets.max() > np.iinfo(np.uint8).max:
        raise ValueError("a block of buckets holds more than 255 records; lower BLOCK")
    offsets = offsets.astype(np.uint8)
    records = np.empty((len(state), 3), dtype=np.uint8)
    records[:, 0] = state & np.uint64(0xFF)
    high = (state >> np.uint64(8)) & np.uint64(0x0F)
    records[:, 1] = high | ((payload.astype(np.uint64) & np.uint64(0x0F)) << np.uint64(4))
    records[:, 2] = payload >> 4
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "records.npy", records.reshape(-1))
    np.save(folder / "blocks.npy", blocks)
    np.save(folder / "offsets.npy", offsets)
    np.save(folder / "unigram.npy", np.log(models[0].probability).astype(np.float32))
    np.save(folder / "unigram_backoff.npy", np.log(models[0].backoff).astype(np.float32))
    np.save(folder / "capitals.npy", capitals.astype(np.float32))
    np.save(folder / "books.npy", np.array(books, dtype=np.float32))
    np.save(folder / "backoff_books.npy", np.array(backoff_books, dtype=np.float32))
    (folder / "vocabulary.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    meta = {"order": len(models), "ngrams": [len(model.keys) for model in models]}
    (folder / "lm.json").write_text(json.dumps(meta) + "\n", encoding="utf-8")
