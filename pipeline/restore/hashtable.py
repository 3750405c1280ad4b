"""Hash tables of whole numbers in flat arrays, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiled import compiled


@compiled
def _slot(key: Any, mask: Any) -> Any:
    return np.int64(((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) & mask)


@compiled
def table_of(keys: Any, size: Any) -> Any:
    """A hash table: slots that hold the offset of a key in ``keys``, -1 where empty."""
    slots = np.full(size, -1, dtype=np.int32)
    mask = np.uint64(size - 1)
    for number in range(len(keys)):
        slot = _slot(keys[number], mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & np.int64(mask)
        slots[slot] = number
    return slots


@compiled
def find_key(key: Any, keys: Any, slots: Any) -> Any:
    """The offset of ``key`` in ``keys``, or -1."""
    mask = np.uint64(len(slots) - 1)
    slot = _slot(key, mask)
    while slots[slot] >= 0:
        if keys[slots[slot]] == key:
            return slots[slot]
        slot = (slot + 1) & np.int64(mask)
    return -1
