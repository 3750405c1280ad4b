"""Lines of place names for the language model: communes, districts, provinces, before and after
the reorganisation of 1 July 2025 (the address table of underthesea holds both)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import underthesea.address


def _small(unit: str) -> str:
    """``Phường An Bình`` → ``phường An Bình``, as running text writes it."""
    for kind in (
        "Thành phố",
        "Thị trấn",
        "Thị xã",
        "Đặc khu",
        "Phường",
        "Huyện",
        "Quận",
        "Tỉnh",
        "Xã",
    ):
        if unit.startswith(kind + " "):
            return kind.lower() + unit[len(kind) :]
    return unit


def place_lines() -> Iterator[str]:
    """One or two lines for each commune."""
    table = Path(underthesea.address.__file__).parent / "data" / "mapping.json"
    mapping = json.loads(table.read_text(encoding="utf-8"))
    new: set[tuple[str, str]] = set()
    for row in mapping["ward_mapping"]:
        old = [_small(row[key] or "") for key in ("old_ward", "old_district", "old_province")]
        yield ", ".join(part for part in old if part)
        yield f"Ủy ban nhân dân {old[0]}, {old[1]}"
        new.add((row["new_ward"], row["new_province"]))
    for ward, province in sorted(new):
        yield f"{_small(ward)}, {_small(province)}"
        yield f"UBND {_small(ward)}, Đảng ủy {_small(ward)}"
