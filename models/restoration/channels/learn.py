"""Expectation maximisation of a string-edit channel from aligned word pairs.

The model is a memoryless transducer with multi-character edits (Brill and Moore, "An improved error
model for noisy channel spelling correction", ACL 2000; Ristad and Yianilos, "Learning string-edit
distance", IEEE PAMI 20(5), 1998): one true letter gives 0 to 3 observed characters, a selected pair
of true letters gives 1 to 3 as a group, and a stray character may stand in any gap.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numba
import numpy as np
from alignment import align_words, bare

SPACE = "␣"
MAX_OBSERVED = 3
FLOOR, FLOOR_LOSS, FLOOR_STRAY = math.log(1e-5), math.log(2e-4), math.log(2e-6)
_ROUNDS_SINGLE, _ROUNDS_PAIRS = 8, 4
_LONGEST = 40  # letters; longer groups are alignment accidents or addresses

Edit = tuple[str, str]  # (source, observed)


@dataclass(frozen=True)
class Lattices:
    """All ways to edit each pair, as edges in topological order.

    Edge e leads from node ``tail[e]`` to ``head[e]`` under edit ``edit[e]``. Pair p owns the edges
    ``first[p]:first[p + 1]`` and the nodes 0 to ``last[p]``; ``weight[p]`` is how often it occurs.
    """

    tail: np.ndarray
    head: np.ndarray
    edit: np.ndarray
    first: np.ndarray
    last: np.ndarray
    weight: np.ndarray
    edits: list[Edit]


def build(pairs: Mapping[Edit, float], groups: frozenset[Edit] = frozenset()) -> Lattices:
    """The lattices of ``pairs`` (true, observed; spaces as ␣); ``groups``: two-letter edits."""
    numbers: dict[Edit, int] = {}
    tail: list[int] = []
    head: list[int] = []
    edit: list[int] = []
    first, last, weight = [0], [], []
    for (true, read), count in pairs.items():
        n, m = len(true), len(read)
        band = max(4, abs(n - m) + 3)
        for i in range(n + 1):
            for j in range(m + 1):
                if abs(i - j) > band:
                    continue
                here = i * (m + 1) + j
                steps: list[tuple[Edit, int]] = []
                if j < m:
                    steps.append((("", read[j]), here + 1))
                if i < n:
                    reach = min(MAX_OBSERVED, m - j)
                    steps += [
                        ((true[i], read[j : j + k]), here + m + 1 + k) for k in range(reach + 1)
                    ]
                if i + 1 < n and groups:
                    for k in range(1, min(MAX_OBSERVED, m - j) + 1):
                        group = (true[i : i + 2], read[j : j + k])
                        if group in groups:
                            steps.append((group, here + 2 * (m + 1) + k))
                for step, to in steps:
                    tail.append(here)
                    head.append(to)
                    edit.append(numbers.setdefault(step, len(numbers)))
        first.append(len(tail))
        last.append((n + 1) * (m + 1) - 1)
        weight.append(count)
    as_int = [np.array(x, dtype=np.int32) for x in (tail, head, edit)]
    return Lattices(
        *as_int, np.array(first, dtype=np.int64), np.array(last, dtype=np.int32),
        np.array(weight, dtype=np.float64), list(numbers),
    )  # fmt: skip


@numba.njit(cache=False)
def _expect(tail, head, edit, first, last, weight, probability, counts):  # type: ignore[no-untyped-def]
    """Add the expected number of uses of each edit to ``counts``; gives the log likelihood."""
    total = 0.0
    for p in range(len(weight)):
        a, b, end = first[p], first[p + 1], last[p]
        forward = np.zeros(end + 1)
        backward = np.zeros(end + 1)
        forward[0] = 1.0
        backward[end] = 1.0
        for e in range(a, b):
            forward[head[e]] += forward[tail[e]] * probability[edit[e]]
        for e in range(b - 1, a - 1, -1):
            backward[tail[e]] += backward[head[e]] * probability[edit[e]]
        whole = forward[end]
        if whole <= 0.0:
            total += weight[p] * -60.0
            continue
        total += weight[p] * np.log(whole)
        for e in range(a, b):
            use = forward[tail[e]] * probability[edit[e]] * backward[head[e]] / whole
            counts[edit[e]] += weight[p] * use
    return total


def _first_guess(source: str, observed: str) -> float:
    """A probability to start from: letters mostly stay, or keep their shape but lose marks."""
    if source == "":
        return 1e-4
    if source == observed:
        return 0.6
    if SPACE in (source, observed):
        return 1e-3 if observed in ("", SPACE) else 1e-8
    if len(observed) == 0:
        return 0.01
    alike = bare(source) == bare(observed)
    if len(observed) == 1:
        return 0.2 if alike else 1e-3
    inside = bare(source) in bare(observed)
    if len(observed) == 2:
        return 1e-3 if inside else 3e-5
    return 1e-5 if inside else 3e-7


def _occurrences(pairs: Mapping[Edit, float]) -> Counter[str]:
    """How often each letter, letter pair and gap ("") stands in the true words."""
    seen: Counter[str] = Counter()
    for (true, _), count in pairs.items():
        seen[""] += count * (len(true) + 1)
        for i, letter in enumerate(true):
            seen[letter] += count
            seen[true[i : i + 2]] += count if i + 1 < len(true) else 0.0
    return seen


def _maximise(pairs: Mapping[Edit, float], lattices: Lattices, start: np.ndarray, rounds: int,
              told: str) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """``rounds`` of EM; gives probabilities and expected counts of the edits."""
    seen = _occurrences(pairs)
    totals = np.array([seen[source] for source, _ in lattices.edits])
    probability = start
    letters = sum(count * len(true) for (true, _), count in pairs.items())
    for number in range(rounds):
        counts = np.zeros(len(lattices.edits))
        likelihood = _expect(
            lattices.tail, lattices.head, lattices.edit, lattices.first, lattices.last,
            lattices.weight, probability, counts,
        )  # fmt: skip
        print(f"{told} round {number + 1}: {-likelihood / letters:.4f} nats a letter", flush=True)
        probability = np.maximum(counts, 1e-12) / np.maximum(totals, 1.0)
    return probability, counts


def _find_groups(pairs: Mapping[Edit, float], edits: Mapping[Edit, float]) -> frozenset[Edit]:
    """Letter pairs read as a group clearly more often than their letters apart explain."""
    together: defaultdict[Edit, float] = defaultdict(float)
    for (true, read), count in pairs.items():
        cuts = best_cut(true, read, edits)
        for (a, x), (b, y) in pairwise(cuts):
            if a and b and 1 <= len(x + y) <= MAX_OBSERVED and SPACE not in (a, b):
                together[a + b, x + y] += count
    seen = _occurrences(pairs)
    chosen = set()
    for (source, observed), count in together.items():
        apart = sum(
            edits.get((source[0], observed[:k]), 0.0) * edits.get((source[1], observed[k:]), 0.0)
            for k in range(len(observed) + 1)
        )
        share = count / seen[source]
        if count >= 6 and share > 2.0 * apart and count * math.log(share / max(apart, 1e-9)) > 12:
            chosen.add((source, observed))
    return frozenset(chosen)


def best_cut(true: str, read: str, edits: Mapping[Edit, float]) -> list[Edit]:
    """The most probable sequence of edits that reads ``true`` as ``read``."""
    n, m = len(true), len(read)
    best: list[list[tuple[float, Edit | None, int, int]]] = [
        [(-1e9, None, 0, 0)] * (m + 1) for _ in range(n + 1)
    ]
    best[0][0] = (0.0, None, 0, 0)
    for i in range(n + 1):
        for j in range(m + 1):
            here = best[i][j][0]
            if here <= -1e9:
                continue
            for di in (0, 1, 2):
                for k in range(1 if di != 1 else 0, (1 if di == 0 else MAX_OBSERVED) + 1):
                    if i + di > n or j + k > m:
                        break
                    edit = (true[i : i + di], read[j : j + k])
                    p = edits.get(edit, 0.0)
                    cost = math.log(p) if p > 0 else floor_of(edit)
                    if cost is not None and here + cost > best[i + di][j + k][0]:
                        best[i + di][j + k] = (here + cost, edit, i, j)
    cuts: list[Edit] = []
    i, j = n, m
    while i or j:
        _, edit_used, i, j = best[i][j]
        if edit_used is None:
            return []
        cuts.append(edit_used)
    return cuts[::-1]


def floor_of(edit: Edit) -> float | None:
    """Log probability of an edit that no file lists; None when it cannot happen."""
    source, observed = edit
    if len(source) == 0 and len(observed) == 1:
        return FLOOR_STRAY
    if len(source) == 1 and len(observed) <= 1:
        return FLOOR if observed else FLOOR_LOSS
    return None


def _family(letter: str) -> tuple[str, ...]:
    """Letters that share their confusions: same base letter, same case; digits; punctuation."""
    if letter == "" or letter == SPACE:
        return (letter,)
    if letter.isdigit():
        return ("digit",)
    if not letter.isalpha():
        return ("sign",)
    marks = unicodedata.normalize("NFD", letter)
    plain = letter.isascii()
    tone = any(c in "\u0300\u0301\u0303\u0309\u0323" for c in marks)
    return (bare(letter), str(letter.isupper()), "plain" if plain else "tone" if tone else "shape")


_SAME = "\0same"  # stands for "the letter itself" while families are pooled

# What letters look like to a reader that does not know them; taken as seen rarely, so that readings
# that the rendered pages happen not to show keep some probability.
_LOOK_ALIKES = {
    "aăâ": "a4@d2s&", "eê": "eé€c§¢&6£", "oô": "oé06d9@", "ơ": "oéd09@ơ", "u": "uiwvt",
    "ư": "uwvtr", "i": "i1l!j", "y": "yvg¥", "đ": "dđ4a", "l": "l1I|!i", "t": "tf1", "s": "s5$",
    "g": "g9q", "b": "bh6",
    "h": "hbn", "n": "nmr", "m": "mn", "c": "ce€(", "q": "qg9", "k": "kh", "v": "vy", "d": "da",
    "AĂÂ": "A4ÁÀ", "EÊ": "EÉFB€&", "OÔƠ": "O0QDG", "UƯ": "UVO", "I": "I1l|!Ti", "Y": "YV¥",
    "Đ": "ĐDPBb",
    "L": "LI1", "S": "S5$", "B": "B8P", "G": "GC6", "Q": "QO", "K": "KH", "H": "HI", "T": "T1I",
    "0": "0Oo", "1": "1lI|", "5": "5S", "6": "6G", "8": "8B", "9": "9g", "2": "2Z", "4": "4A",
}  # fmt: skip
# Readings that real plans show often (signs for letters: K& = Kế, d€ = để, nhi¢m = nhiệm, X2 = Xã,
# m01 = mới, n6i b9 = nội bộ, PiCH = ĐÍCH) and rendered pages seldom: the least share of each.
_LEAST_SHARES: dict[str, dict[str, dict[str, float]]] = {
    "english_ocr": {
        "êềếểễệ": {"€": 6e-3, "¢": 4e-3, "é€": 2e-3, "é¢": 2e-3, "&": 1.5e-3, "§": 1e-3},
        "ộ": {"9": 3e-3, "y": 3e-3, "g": 3e-3, "0": 3e-3, "b": 2e-3, "¢": 1e-3},
        "ốồổỗ": {"b": 2e-3, "0": 3e-3, "9": 5e-4},
        "ơớờởỡợ": {"&": 2e-3, "0": 3e-3},
        "ưứừửữự": {"&": 1e-3, "ure": 1e-3, "y": 2e-3},
        "ã": {"2": 3e-3, "3": 3e-3},
        "ăắằẳẵặ": {"i": 5e-3, "4": 2e-3},
        "i": {"1": 2e-3},
        "Đ": {"P": 1e-2, "B": 1e-2, "b": 1e-3},
    },
}
_LOOK_ALIKE_SIGHTINGS = 0.6  # per family and reading


@cache
def _look_alikes(letter: str) -> str:
    for letters, readings in _LOOK_ALIKES.items():
        if letter in letters:
            return readings
    base = _base(letter)
    if base != letter:
        return _look_alikes(base)
    return ""


def _base(letter: str) -> str:
    """``letter`` without its tone, then without its shape mark: ấ gives â, â gives a."""
    parts = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", parts[:-1]) if len(parts) > 1 else letter


def smooth(
    counts: Mapping[Edit, float], seen: Mapping[str, float], strength: float = 25.0
) -> dict[Edit, float]:
    """Probabilities of the edits; those of single letters shrunk towards what their family does.

    ``strength`` is how many sightings the family counts for. Two-letter edits, strays and spaces
    keep their share.
    """
    pooled: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    mass: Counter[tuple[str, ...]] = Counter()
    for (source, observed), count in counts.items():
        if len(source) == 1:
            pooled[_family(source)][_SAME if observed == source else observed] += count
    letters = [(letter, total) for letter, total in seen.items() if len(letter) == 1]
    for letter, total in letters:
        mass[_family(letter)] += total
    result: dict[Edit, float] = {}
    for letter, total in letters:
        if letter == SPACE:
            continue
        family = _family(letter)
        shared = {letter if o == _SAME else o: n for o, n in pooled[family].items()}
        alike = _look_alikes(letter)
        for observed in {*shared, *alike}:
            sightings = shared.get(observed, 0.0) + _LOOK_ALIKE_SIGHTINGS * (observed in alike)
            share = sightings / max(mass[family], 1.0)
            own = counts.get((letter, observed), 0.0)
            result[letter, observed] = (own + strength * share) / (total + strength)
            if observed in alike:
                result[letter, observed] = max(result[letter, observed], 2e-4)
    for (source, observed), count in counts.items():
        if len(source) != 1 or source == SPACE:
            result[source, observed] = count / max(seen[source], 1.0)
    return result


@dataclass(frozen=True)
class Channel:
    """What a channel file holds; see FORMAT.md."""

    kind: str
    edits: dict[Edit, float]  # probabilities
    pairs: int
    loss: float | None = None


def learn(kind: str, pairs: Mapping[Edit, float]) -> Channel:
    """A channel from counted (true, read) groups of words, spaces written as ␣."""
    usable = {
        (true, read): count for (true, read), count in pairs.items()
        if 0 < len(true) <= _LONGEST and 0 < len(read) <= _LONGEST
    }  # fmt: skip
    lattices = build(usable)
    start = np.array([_first_guess(*edit) for edit in lattices.edits])
    probability, _ = _maximise(usable, lattices, start, _ROUNDS_SINGLE, f"{kind} letters")
    table = dict(zip(lattices.edits, probability.tolist(), strict=True))
    groups = _find_groups(usable, {e: p for e, p in table.items() if p > 1e-9})
    lattices = build(usable, groups)
    seen = _occurrences(usable)
    start = np.array([table.get(edit, 0.3 / seen[edit[0]]) for edit in lattices.edits])
    _, counts = _maximise(usable, lattices, start, _ROUNDS_PAIRS, f"{kind} groups")
    kept = {
        edit: count for edit, count in zip(lattices.edits, counts.tolist(), strict=True)
        if count >= (0.4 if len(edit[0]) < 2 else 3.0)
    }  # fmt: skip
    edits = {
        edit: p for edit, p in smooth(kept, seen).items()
        if p >= (1e-6 if len(edit[1]) < 2 else 1e-5)
    }  # fmt: skip
    for letters, least in _LEAST_SHARES.get(kind, {}).items():
        for letter in letters:
            for observed, share in least.items():
                edits[letter, observed] = max(edits.get((letter, observed), 0.0), share)
    return Channel(kind, edits, round(sum(usable.values())))


def loss(edits: Mapping[Edit, float], pairs: Mapping[Edit, float]) -> float:
    """Nats per true letter on ``pairs`` under the channel, floors included."""
    groups = frozenset(edit for edit in edits if len(edit[0]) == 2)
    usable = {p: c for p, c in pairs.items() if 0 < len(p[0]) <= _LONGEST and len(p[1]) <= _LONGEST}
    lattices = build(usable, groups)
    probability = np.zeros(len(lattices.edits))
    for number, edit in enumerate(lattices.edits):
        floor = floor_of(edit)
        probability[number] = edits.get(edit, 0.0 if floor is None else math.exp(floor))
    counts = np.zeros(len(lattices.edits))
    likelihood = _expect(
        lattices.tail, lattices.head, lattices.edit, lattices.first, lattices.last,
        lattices.weight, probability, counts,
    )  # fmt: skip
    return float(-likelihood / sum(count * len(true) for (true, _), count in usable.items()))


def write(channel: Channel, path: Path) -> None:
    """Write the channel file (FORMAT.md)."""
    header: list[tuple[str, object]] = [
        ("version", 1), ("kind", channel.kind), ("floor", f"{FLOOR:.3f}"),
        ("floor_loss", f"{FLOOR_LOSS:.3f}"), ("floor_stray", f"{FLOOR_STRAY:.3f}"),
        ("pairs", channel.pairs),
    ]  # fmt: skip
    if channel.loss is not None:
        header.append(("loss", f"{channel.loss:.4f}"))
    rows = sorted(channel.edits.items(), key=lambda row: (row[0][0], -row[1], row[0][1]))
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"#\t{key}\t{value}\n" for key, value in header)
        out.writelines(f"{s}\t{o}\t{math.log(p):.3f}\n" for (s, o), p in rows)


def count_groups(lines: Iterable[tuple[str, str]]) -> Counter[Edit]:
    """Counted (true, read) word groups of line pairs, spaces as ␣, with the spaces that stayed."""
    counted: Counter[Edit] = Counter()
    for true, read in lines:
        groups = list(align_words(true, read))
        for group in groups:
            if all(group):
                counted[group[0].replace(" ", SPACE), group[1].replace(" ", SPACE)] += 1
        counted[SPACE, SPACE] += max(0, len(groups) - 1)
    return counted
