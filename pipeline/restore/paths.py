"""What a decoded stretch reads, span by span, and the changes that this asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.confidence import calibrated
from pipeline.restore.decoder import Decoder, Path
from pipeline.restore.lattice import Lattices
from pipeline.restore.sets import Sets
from pipeline.restore.spans import AS_WRITTEN, BEHIND_SPACE, NOWHERE


class Change(NamedTuple):
    """A word of line ``line`` (from 0) that should read otherwise; offsets into that line."""

    line: int
    start: int
    end: int
    after: str
    confidence: float
    rule: str


@dataclass(frozen=True)
class Distinct:
    """Distinct readings: their text, what its set was made for, whether the two differ.

    ``place``: the number of the distinct reading by step of the path.
    """

    text: list[str]
    written: list[str]
    differs: NDArray[np.bool_]
    place: NDArray[np.int64]


@dataclass(frozen=True)
class Beside:
    """What else step k may read: ``reading[begin[k] : begin[k + 1]]``, the chosen one too.

    ``score``: that of each reading in the search.
    """

    begin: NDArray[np.int64]
    reading: NDArray[np.int32]
    posterior: NDArray[np.float32]
    score: NDArray[np.float32]


@dataclass(frozen=True)
class Kept:
    """Readings that a search leaves open, by span (in order)."""

    span: NDArray[np.int64]
    reading: NDArray[np.int32]


@dataclass(frozen=True)
class Decoded:
    """The best path through the lattices of a stretch: by step the span, the reading, how sure."""

    lattices: Lattices
    sets: Sets
    span: NDArray[np.int64]
    reading: NDArray[np.int32]
    posterior: NDArray[np.float32]
    beside: Beside
    kept: Kept

    def doubt(self) -> float:
        """The mean of 1 − posterior over the path; 0 where there is none.

        Whether a paragraph begins is no doubt about what is written.
        """
        doubts = np.where(self.lattices.shape[self.span] == NOWHERE, 0.0, 1.0 - self.posterior)
        return float(np.mean(doubts)) if len(doubts) else 0.0

    def syllables(self, least: float) -> NDArray[np.int32]:
        """Those of the path whose posterior is over ``least``, as words of the language model."""
        read = self.reading[self.posterior > least]
        found: NDArray[np.int32] = self.sets.word.array[read[self.sets.case[read] >= 0]]
        return found

    def distinct(self) -> Distinct:
        """What the path reads, each reading once."""
        reading, first, place = np.unique(self.reading, return_index=True, return_inverse=True)
        offered = self.lattices.offered[self.span[first]].tolist()
        texts = self.sets.texts(reading, offered)
        written = self.sets.written(offered)
        differs = [text != other for text, other in zip(texts, written, strict=True)]
        return Distinct(texts, written, np.array(differs, dtype=np.bool_), place)


def decode(decoder: Decoder, lattices: Lattices, sets: Sets) -> Decoded:
    """Search all lattices."""
    scores = sets.score.array
    found = _searched(decoder, lattices, sets.begin.array, sets.word.array, scores)
    return _joined(lattices, sets, scores, *found)


def decode_again(decoder: Decoder, first: Decoded, scores: NDArray[np.float32]) -> Decoded:
    """Search what ``first`` kept, under other ``scores`` (by reading kept)."""
    wide, kept = first.lattices, first.kept
    opens = np.flatnonzero(np.diff(kept.span, prepend=-1))
    spans = kept.span[opens]
    narrow = Lattices(
        wide.nodes,
        wide.goes_on,
        np.searchsorted(spans, wide.begin).astype(np.int32),
        wide.source[spans],
        np.arange(len(spans), dtype=np.int32),
        wide.cost[spans],
        wide.line[spans],
        wide.start[spans],
        wide.end[spans],
        wide.shape[spans],
    )
    begin = np.append(opens, len(kept.span)).astype(np.int32)
    word = first.sets.word.array[kept.reading]
    found = _joined(narrow, first.sets, scores, *_searched(decoder, narrow, begin, word, scores))
    beside = replace(found.beside, reading=kept.reading[found.beside.reading])
    return replace(
        found,
        lattices=wide,
        span=spans[found.span],
        reading=kept.reading[found.reading],
        beside=beside,
    )


def _searched(
    decoder: Decoder,
    lattices: Lattices,
    begin: NDArray[np.int32],
    word: NDArray[np.int32],
    scores: NDArray[np.float32],
) -> tuple[list[Path], list[int]]:
    """The path of each lattice, and the span that it begins with; sets as in the decoder."""
    paths, firsts = [], []
    state = decoder.start()
    for number, goes_on in enumerate(lattices.goes_on.tolist()):
        node, stop = lattices.nodes[number], lattices.nodes[number + 1]
        first, last = int(lattices.begin[node]), int(lattices.begin[stop])
        if stop - node < 2:
            continue
        path = decoder.decode(
            lattices.begin[node : stop + 1] - first,
            lattices.source[first:last] - node,
            lattices.offered[first:last],
            lattices.cost[first:last],
            begin,
            word,
            scores,
            state if goes_on else decoder.start(),
        )
        state = path.state
        paths.append(path)
        firsts.append(first)
    return paths, firsts


def _joined(
    lattices: Lattices,
    sets: Sets,
    scores: NDArray[np.float32],
    paths: Sequence[Path],
    firsts: Sequence[int],
) -> Decoded:
    """One path of many; ``firsts``: the span that each lattice begins with."""
    steps = np.concatenate([[0], *(np.diff(path.alternatives_begin) for path in paths)])
    beside = _chained(np.int32, [path.alternatives for path in paths])
    return Decoded(
        lattices,
        sets,
        _chained(np.int64, [p.spans + np.int64(n) for p, n in zip(paths, firsts, strict=True)]),
        _chained(np.int32, [path.readings for path in paths]),
        _chained(np.float32, [path.posteriors for path in paths]),
        Beside(
            np.cumsum(steps),
            beside,
            _chained(np.float32, [path.alternatives_posteriors for path in paths]),
            scores[beside],
        ),
        Kept(
            _chained(
                np.int64, [p.kept_spans + np.int64(n) for p, n in zip(paths, firsts, strict=True)]
            ),
            _chained(np.int32, [path.kept_readings for path in paths]),
        ),
    )


def _chained(kind: type, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def tallied(
    decoded: Decoded, lines: Sequence[str], least: float
) -> Iterator[tuple[str, str, int, int]]:
    """(what stands there, what it reads, how often, how often with posterior over ``least``)."""
    lattices = decoded.lattices
    found = decoded.distinct()
    shape = lattices.shape[decoded.span]
    sure = decoded.posterior > least
    as_written = shape == AS_WRITTEN
    times = np.bincount(found.place[as_written], minlength=len(found.text))
    surely = np.bincount(found.place[as_written & sure], minlength=len(found.text))
    for row in zip(found.written, found.text, times.tolist(), surely.tolist(), strict=True):
        if row[2]:
            yield row
    for step in np.flatnonzero(~as_written & (shape != NOWHERE)).tolist():
        at = decoded.span[step]
        there = lines[lattices.line[at]][lattices.start[at] : lattices.end[at]]
        yield there, found.text[found.place[step]], 1, int(sure[step])


def changes(decoded: Decoded, lines: Sequence[str], kind: str) -> list[Change]:
    """What should read otherwise, in the order of the path."""
    lattices = decoded.lattices
    found = decoded.distinct()
    shape = lattices.shape[decoded.span]
    asked = (shape != NOWHERE) & ((shape != AS_WRITTEN) | found.differs[found.place])
    steps = np.flatnonzero(asked)
    span = decoded.span[steps]
    line, start, end = lattices.line[span], lattices.start[span], lattices.end[span]
    after = list(map(found.text.__getitem__, found.place[steps].tolist()))
    odd = np.flatnonzero(
        (shape[steps] != AS_WRITTEN) | np.array([not text for text in after], dtype=np.bool_)
    ).tolist()
    stays = np.zeros(len(steps), dtype=np.bool_)
    for at in odd:
        whole = lines[line[at]]
        if shape[steps[at]] == BEHIND_SPACE:
            after[at] = " " + after[at]
        begin, stop = int(start[at]), int(end[at])
        if not after[at]:
            after[at], start[at] = _removed(whole, begin, stop)
        stays[at] = after[at] == whole[start[at] : stop]
    made = map(
        Change,
        line.tolist(),
        start.tolist(),
        end.tolist(),
        after,
        calibrated(kind, decoded.posterior[steps], decoded.doubt()).tolist(),
        repeat(kind),
    )
    if stays.any():
        return [change for change, same in zip(made, stays.tolist(), strict=True) if not same]
    return list(made)


def _removed(line: str, start: int, end: int) -> tuple[str, int]:
    """What is left of a mark that is taken away, and where: the space before it goes with it."""
    behind = line[end : end + 1]
    if line[start - 1 : start] == " " and behind in (" ", ""):
        return "", start - 1
    if start > 0 and line[start - 1].isalnum() and behind.isalnum():
        return " ", start
    return "", start
