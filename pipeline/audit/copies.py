"""Near-copies: which plan shares most of its text with which other, and what is its own.

Plans are compared by shingles of five words, without diacritics, with their own names and all
numbers masked, so that a plan in which only the name of the commune was replaced is found whole.
Candidates come from MinHash signatures (Broder 1997), by the estimated share of one plan's
shingles that stand in the other; the share that is reported is counted, not estimated.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from pipeline.audit.passages import Passage, passages, sentences
from pipeline.normalize.record import PlanRecord
from pipeline.segment.fold import fold

Shingles = npt.NDArray[np.uint64]

_WIDTH = 5
_PERMUTATIONS = 128
_COMPARED_AT_ONCE = 500_000  # hashes of one block of plans against all others: bytes
_CANDIDATES = 3
_ALIKE = 0.9  # sentences this much alike are the same one, read or typed a little differently
_MAX_OWN = 8
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d[\d./-]*")


@dataclass(frozen=True, slots=True)
class Text:
    """What is compared of one plan. ``masked`` holds its sentences as they are compared."""

    path: str
    unit: str | None
    number: str | None
    parents: tuple[str, ...]
    parent_codes: frozenset[str]
    sentences: tuple[str, ...]
    masked: tuple[str, ...]
    shingles: Shingles


@dataclass(frozen=True, slots=True)
class Copy:
    """``share`` (0 to 1) of the text of ``path`` stands in ``other`` too.

    ``relation`` is "parent" where the other is the plan that this one carries out. ``own`` are the
    first sentences that stand here alone, ``own_count`` is how many there are; ``lacking`` and
    ``lacking_count`` are those of the other that this one has not.
    """

    path: str
    unit: str | None
    other: str
    other_unit: str | None
    relation: Literal["parent", "peer"]
    share: float
    own: tuple[str, ...]
    own_count: int
    lacking: tuple[str, ...]
    lacking_count: int


@dataclass(frozen=True, slots=True)
class Body:
    """What a plan says, before it is made comparable: most plans of a folder never need to be.

    ``names`` are those of the unit and of the units above it, which are masked.
    """

    path: str
    unit: str | None
    number: str | None
    parents: tuple[str, ...]
    parent_codes: frozenset[str]
    sentences: tuple[str, ...]
    names: tuple[str, ...]

    @staticmethod
    def of(record: PlanRecord, found: Sequence[Passage] | None = None) -> Body:
        """The body of a record; ``found`` are its passages, where they are known."""
        body = passages(record) if found is None else found
        said = tuple(sentence for passage in body for sentence in sentences(passage.text))
        parents = frozenset(c for b in record.legal_basis if b.parent_plan for c in b.citations)
        return Body(
            record.source.path, record.unit.name, record.number.value, tuple(record.unit.parents),
            parents, said, _names(record),
        )  # fmt: skip

    def text(self) -> Text:
        """The body in a form that can be compared."""
        masked = tuple(masked_sentence(sentence, self.names) for sentence in self.sentences)
        return Text(
            self.path, self.unit, self.number, self.parents, self.parent_codes, self.sentences,
            masked, _shingles(" ".join(masked)),
        )  # fmt: skip


def text_of(record: PlanRecord, found: Sequence[Passage] | None = None) -> Text:
    """The comparable text of a record: its body, sentence by sentence.

    ``found`` are the record's passages, where they are known.
    """
    return Body.of(record, found).text()


def _names(record: PlanRecord) -> tuple[str, ...]:
    """The folded names of the unit and of those above it, with and without types, longest first."""
    names = {fold(name) for name in (record.unit.name, *record.unit.parents) if name}
    places = {name.partition(" ")[2] or name for name in names}
    if record.unit.type and record.unit.name:
        places.add(fold(record.unit.name)[len(record.unit.type) :].strip())
    return tuple(sorted({p for p in names | places if len(p) > 2}, key=lambda p: (-len(p), p)))


def masked_sentence(sentence: str, names: tuple[str, ...]) -> str:
    """The sentence folded, every number as 0, and every one of the folded ``names`` as x."""
    text = fold(sentence)
    text = _mask(names).sub("x", text) if names else text
    return " ".join(_WORD.findall(_NUMBER.sub("0", text)))


@lru_cache(maxsize=64)
def _mask(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names))


def _shingles(text: str) -> Shingles:
    """The distinct runs of five words, as hashes."""
    words = np.array([zlib.crc32(w.encode()) for w in text.split()], dtype=np.uint64)
    if len(words) < _WIDTH:
        return np.empty(0, dtype=np.uint64)
    count = len(words) - _WIDTH + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(_WIDTH):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + words[offset : offset + count]
    return np.unique(hashes ^ (hashes >> np.uint64(31)))


def copies(texts: Sequence[Text], *, least: float = 0.5) -> Iterator[Copy]:
    """For each plan, the other that holds most of its text, and its parent plan if that is there.

    Only those that hold at least the share ``least``. The order follows ``texts``; a plan of less
    than five words has nothing to compare. Texts are asked for one by one and not kept.
    """
    if len(texts) < 2:
        return
    by_number: dict[str, list[tuple[int, str | None]]] = {}
    signatures = np.empty((len(texts), _PERMUTATIONS), dtype=np.uint32)
    sizes = np.empty(len(texts))
    for at, text in enumerate(texts):
        if text.number:
            by_number.setdefault(text.number, []).append((at, text.unit))
        signatures[at] = _signature(text.shingles)
        sizes[at] = max(len(text.shingles), 1)
    for at, near in enumerate(_nearest(signatures, sizes)):
        yield from _copies_of(at, near, texts, by_number, least)


def _copies_of(
    at: int,
    near: Sequence[int],
    texts: Sequence[Text],
    by_number: dict[str, list[tuple[int, str | None]]],
    least: float,
) -> Iterator[Copy]:
    text = texts[at]
    parents = [  # the plans of the folder that this one carries out: right number, a unit above
        other
        for code in sorted(text.parent_codes)
        for other, unit in by_number.get(code, ())
        if other != at and unit in text.parents
    ]
    others = {other: texts[other] for other in (*near, *parents)}
    shares = {other: share_of(text, found) for other, found in others.items()}
    peers = (other for other in near if other not in parents)
    best = max(peers, key=lambda other: (shares[other], -other), default=None)
    for other in dict.fromkeys([*parents, *([] if best is None else [best])]):
        if shares[other] >= least:
            yield _copy(text, others[other], shares[other], other in parents)


def _nearest(
    signatures: npt.NDArray[np.uint32], sizes: npt.NDArray[np.float64]
) -> Iterator[list[int]]:
    """For each plan, up to three others that seem to hold most of its text."""
    kept = min(_CANDIDATES, len(sizes) - 1)
    block = max(1, _COMPARED_AT_ONCE // signatures.size)
    for first in range(0, len(sizes), block):
        mine = signatures[first : first + block]
        alike = (mine[:, None, :] == signatures[None, :, :]).mean(axis=2)
        # |A ∩ B| = J (|A| + |B|) / (1 + J), hence the share of A that stands in B
        own = sizes[first : first + len(mine), None]
        share = np.minimum(alike * (own + sizes[None, :]) / (1 + alike) / own, 1.0)
        for row in range(len(mine)):
            share[row, first + row] = -1.0
            order = np.argsort(-share[row], kind="stable")[:kept]
            yield [int(other) for other in order if share[row, other] > 0]


def _signature(shingles: Shingles) -> npt.NDArray[np.uint32]:
    """MinHash by multiply-shift hashing; a plan without shingles is like no other."""
    if not len(shingles):
        return np.random.default_rng(0).integers(0, 2**32, _PERMUTATIONS, dtype=np.uint32)
    hashed = np.array([(shingles * factor).min() for factor in _factors()])
    return (hashed >> np.uint64(32)).astype(np.uint32)


@cache
def _factors() -> npt.NDArray[np.uint64]:
    rng = np.random.default_rng(20250701)
    return rng.integers(1, 2**63, _PERMUTATIONS, dtype=np.uint64) | np.uint64(1)


def share_of(text: Text, other: Text) -> float:
    """How much of ``text`` stands in ``other`` too, 0 to 1."""
    if not len(text.shingles):
        return 0.0
    common = np.intersect1d(text.shingles, other.shingles, assume_unique=True)
    return len(common) / len(text.shingles)


def _copy(text: Text, other: Text, share: float, parent: bool) -> Copy:
    own, lacking = alone(text, other), alone(other, text)
    return Copy(
        text.path, text.unit, other.path, other.unit, "parent" if parent else "peer",
        round(share, 4), tuple(own[:_MAX_OWN]), len(own), tuple(lacking[:_MAX_OWN]), len(lacking),
    )  # fmt: skip


def alone(text: Text, other: Text) -> list[str]:
    """The sentences of ``text`` that ``other`` has not, nor one much like it."""
    there = set(other.masked)
    alone = [n for n, masked in enumerate(text.masked) if masked and masked not in there]
    if not alone or not there:
        return [text.sentences[n] for n in alone]
    scores = cdist(
        [text.masked[n] for n in alone],
        other.masked,
        scorer=Indel.normalized_similarity,
        score_cutoff=_ALIKE,
    )
    return [
        text.sentences[n] for n, best in zip(alone, scores.max(axis=1), strict=True) if best == 0
    ]
