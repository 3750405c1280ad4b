"""Two to four plans side by side, section by section, with what they share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from pipeline.audit.compare import COMPARED
from pipeline.audit.passages import sentences, squeezed, walk
from pipeline.normalize.record import PlanRecord, SectionId
from pipeline.segment.fold import fold

MOST = 4
_ALIKE = 0.9  # sentences this much alike are the same one, read or typed a little differently
_NUMBER = re.compile(r"\d[\d./-]*")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a section; ``shared`` when another of the plans has it, too."""

    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The sentences of one kind of section, plan by plan."""

    id: SectionId
    cells: tuple[tuple[Sentence, ...], ...]


def side_by_side(records: Sequence[PlanRecord]) -> tuple[list[Row], list[float]]:
    """The rows of sections that any of the plans has, and the share of each plan that others have.

    Names of the units and numbers do not count as differences.
    """
    said = [_said(record) for record in records]
    masks = [_mask(record) for record in records]
    masked = [
        {name: [_masked(text, mask) for text in texts] for name, texts in plan.items()}
        for plan, mask in zip(said, masks, strict=True)
    ]
    everything = [[text for texts in plan.values() for text in texts] for plan in masked]
    shared = [
        _shared(
            plan, [t for other in range(len(records)) if other != at for t in everything[other]]
        )
        for at, plan in enumerate(everything)
    ]
    rows = []
    taken = [0] * len(records)
    for name in COMPARED:
        cells = []
        for at, plan in enumerate(said):
            texts = plan.get(name, [])
            flags = shared[at][taken[at] : taken[at] + len(texts)]
            taken[at] += len(texts)
            cells.append(tuple(Sentence(t, f) for t, f in zip(texts, flags, strict=True)))
        if any(cells):
            rows.append(Row(name, tuple(cells)))
    shares = [sum(flags) / len(flags) if flags else 0.0 for flags in shared]
    return rows, shares


def _said(record: PlanRecord) -> dict[SectionId, list[str]]:
    """The sentences of the compared sections, in the order of COMPARED."""
    found: dict[SectionId, list[str]] = {name: [] for name in COMPARED}
    for section in walk(record.sections):
        text = squeezed(section.text)
        parts = [text, *(i for item in section.items if (i := squeezed(item.text)) not in text)]
        for name in section.ids:
            if name in found:
                found[name] += [one for part in parts for one in sentences(part)]
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items()}


def _mask(record: PlanRecord) -> re.Pattern[str] | None:
    names = {fold(name) for name in (record.unit.name, *record.unit.parents) if name}
    bare = {name.partition(" ")[2] for name in names}
    wanted = sorted((n for n in names | bare if len(n) > 2), key=len, reverse=True)
    return re.compile("|".join(rf"\b{re.escape(n)}\b" for n in wanted)) if wanted else None


def _masked(sentence: str, mask: re.Pattern[str] | None) -> str:
    text = fold(sentence)
    text = mask.sub("x", text) if mask else text
    return " ".join(_WORD.findall(_NUMBER.sub("0", text)))


def _shared(mine: Sequence[str], others: Sequence[str]) -> list[bool]:
    if not mine or not others:
        return [False] * len(mine)
    scores = cdist(mine, others, scorer=Indel.normalized_similarity, score_cutoff=_ALIKE)
    return [bool(best > 0) for best in scores.max(axis=1)]
