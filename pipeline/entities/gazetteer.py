"""Units of local government before and after 1 July 2025.

The table comes with underthesea (Apache-2.0; from vietnamadminunits, decisions of the National
Assembly's Standing Committee of June 2025): each old commune-level unit with its district, province
and the new unit that took it over. It is read once, on first use (5 MB of JSON, some 0.2 s).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from pipeline.segment.fold import fold

_NOT_KEY = re.compile(r"[\W_]+")
_ENDS_IN_PROVINCE = re.compile(r"\b(?P<kind>tỉnh|thành phố)\s+(?P<name>[^\W\d_][\w\s-]{1,24})$")
REORGANISED = "2025-07-01"
COMMUNE_TYPES = ("phường", "xã", "thị trấn", "đặc khu")
DISTRICT_TYPES = ("huyện", "quận", "thị xã", "thành phố")
# National Assembly resolution 202/2025/QH15; these two types have no successor of the same kind.
ABOLISHED_TYPES = frozenset({"huyện", "quận", "thị xã", "thị trấn"})


@dataclass(frozen=True, slots=True)
class AdminUnit:
    """A unit: ``kind`` "xã", ``name`` "Thanh Đa"; parents as written in full; era old or new."""

    kind: str
    name: str
    district: str | None
    province: str
    era: str
    successors: tuple[str, ...] = ()

    @property
    def full(self) -> str:
        """Type and name: "xã Thanh Đa"."""
        return f"{self.kind} {self.name}"


def key(text: str) -> str:
    """What two spellings of one unit share: letters and digits of the folded text.

    >>> key("Thị trấn Diêu Trì"), key("xã Hoà Phú") == key("Xã Hòa Phú")
    ('thitrandieutri', True)
    """
    return _NOT_KEY.sub("", fold(text))


class Gazetteer:
    """Look-up of units by type and name; a name may stand for several places."""

    def __init__(self, mapping: dict[str, list[dict[str, str]]]) -> None:
        self.provinces: dict[str, str] = {}
        self.new_province: dict[str, str] = {}
        self._units: dict[str, list[AdminUnit]] = defaultdict(list)
        self._read_provinces(mapping)
        self._read_communes(mapping["ward_mapping"])

    def find(self, kind: str, name: str) -> list[AdminUnit]:
        """Units of that type and name, old and new."""
        return self._units.get(key(f"{kind} {name}"), [])

    def names(self, kinds: tuple[str, ...]) -> dict[str, list[AdminUnit]]:
        """All units of some types by their key, for matching damaged names."""
        starts = tuple(key(kind) for kind in kinds)
        return {name: units for name, units in self._units.items() if name.startswith(starts)}

    def province(self, name: str) -> str | None:
        """The full name of a province ("tỉnh Bình Định"), old or new, from a short or full one."""
        return self.provinces.get(key(name))

    def spelt_province(self, text: str) -> str:
        """A text that ends in the name of a province, with that name as the gazetteer spells it.

        "UBND tỉnh Hà Tỉnh" is "UBND tỉnh Hà Tĩnh"; any other text stays as it is.
        """
        match = _ENDS_IN_PROVINCE.search(text)
        full = self.province(f"{match['kind']} {match['name']}") if match else None
        if match is None or full is None:
            return text
        return f"{text[: match.start('name')]}{full.split(' ', 1)[1].removeprefix('phố ')}"

    def successor_of_province(self, full: str) -> str:
        """The province of today that an old one went to (itself when it stayed)."""
        return self.new_province.get(key(full), full)

    def _read_provinces(self, mapping: dict[str, list[dict[str, str]]]) -> None:
        new: dict[str, dict[str, str]] = mapping["province_names"]  # type: ignore[assignment]
        old: dict[str, dict[str, str]] = mapping["old_province_names"]  # type: ignore[assignment]
        moved: dict[str, str] = mapping["province_mapping"]  # type: ignore[assignment]
        for info in (*new.values(), *old.values()):
            full = _lower_type(info["name"])
            self.provinces.setdefault(key(info["short"]), full)
            self.provinces.setdefault(key(full), full)
        self.provinces.setdefault("tphcm", "thành phố Hồ Chí Minh")
        self.provinces.setdefault("thuathienhue", "tỉnh Thừa Thiên Huế")
        for code, target in moved.items():
            self.new_province[key(old[code]["name"])] = _lower_type(new[target]["name"])

    def _read_communes(self, records: list[dict[str, str]]) -> None:
        targets: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        districts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        created: set[tuple[str, str]] = set()
        for record in records:
            province, district = _lower_type(record["old_province"]), record["old_district"]
            to = f"{_lower_type(record['new_ward'])}, {_lower_type(record['new_province'])}"
            targets[province, district, record["old_ward"]].append(to)
            default = record["mapping_type"] != "divided" or bool(record.get("is_default"))
            districts[province, district][to] += 1 if default else 0
            created.add((record["new_ward"], record["new_province"]))
        for (province, district, ward), to_units in targets.items():
            self._add(ward, _lower_type(district), province, "old", tuple(dict.fromkeys(to_units)))
        for (province, district), counts in districts.items():
            to_units = [name for name, count in counts.most_common() if count]
            self._add(district, None, province, "old", tuple(to_units))
        for ward, new_province in sorted(created):
            self._add(ward, None, _lower_type(new_province), "new", ())

    def _add(
        self, full: str, district: str | None, province: str, era: str, to: tuple[str, ...]
    ) -> None:
        kind, name = split_type(full)
        if kind:
            unit = AdminUnit(kind, name, district or None, province, era, to)
            self._units[key(full)].append(unit)


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The gazetteer, read on first use; empty when the table is not installed."""
    spec = find_spec("underthesea")  # the package itself is not imported: that takes seconds
    for folder in spec.submodule_search_locations or () if spec else ():
        path = Path(folder) / "address" / "data" / "mapping.json"
        if path.is_file():
            return Gazetteer(json.loads(path.read_text(encoding="utf-8")))
    empty: dict[str, list[dict[str, str]]] = {"ward_mapping": []}
    names: dict[str, dict[str, dict[str, str]]] = {
        "province_names": {}, "old_province_names": {}, "province_mapping": {}
    }  # fmt: skip
    return Gazetteer({**empty, **names})  # type: ignore[dict-item]


@cache
def split_type(full: str) -> tuple[str, str]:
    """Type and name of a unit's full name; an empty type when it has none that is known.

    >>> split_type("Thị trấn Diêu Trì"), split_type("Diêu Trì")
    (('thị trấn', 'Diêu Trì'), ('', 'Diêu Trì'))
    """
    lower = full.lower()
    for kind in ("thị trấn", "thị xã", "thành phố", "đặc khu", "phường", "huyện", "quận", "xã",
                 "tỉnh"):  # fmt: skip
        if lower.startswith(kind + " "):
            return kind, full[len(kind) + 1 :].strip()
    return "", full


@cache
def _lower_type(full: str) -> str:
    kind, name = split_type(full)
    return f"{kind} {name}" if kind else full


def short_province(full: str) -> str:
    """A province's name without its type: "Bình Định"."""
    return split_type(full)[1]
