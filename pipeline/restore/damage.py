"""How good a text is, and how it was damaged, stretch of lines by stretch of lines.

Detection is a hidden Markov model over lines. Each line emits the shapes of its words
(:mod:`pipeline.restore.shapes`), whose shares under each kind of damage are a table
(``data/damage.toml``); changing the kind from one line to the next costs. Legacy charsets and
mojibake are told by :mod:`pipeline.restore.charsets`.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pipeline.document import Damage, DamageKind
from pipeline.restore.charsets import charsets, find_charsets
from pipeline.restore.markup import without_markup
from pipeline.restore.mojibake import fix_mojibake
from pipeline.restore.shapes import SHAPES, Shape, line_shapes, shape_of
from pipeline.restore.surprise import count_surprises

# What the hidden states are called outside. Foreign text is not damaged.
_KIND_OF_STATE: dict[str, DamageKind] = {
    "clean": "clean",
    "clean_rich": "clean",  # stories, lists of names
    "foreign": "clean",
    "no_marks": "no_marks",
    "lost_marks": "no_marks",
    "lost_marks_light": "no_marks",
    "english_ocr": "english_ocr",
    "vietnamese_ocr_light": "vietnamese_ocr",
    "vietnamese_ocr_heavy": "vietnamese_ocr",
    "dropped_glyphs": "dropped_glyphs",
    "dropped_glyphs_light": "dropped_glyphs",
    "splits": "splits",
}
_EVERY = np.arange(len(_KIND_OF_STATE))
# Share of words that their context does not expect (pipeline/restore/surprise.py), measured on
# held-out pages; for clean text ten times what was seen, since authors mistype as well.
_SURPRISING = {
    "clean": 5e-4,
    "clean_rich": 1e-3,
    "foreign": 1e-3,
    "no_marks": 0.02,
    "lost_marks": 0.05,
    "lost_marks_light": 0.03,
    "english_ocr": 3e-3,
    "vietnamese_ocr_light": 0.01,
    "vietnamese_ocr_heavy": 0.025,
    "dropped_glyphs": 3e-3,
    "dropped_glyphs_light": 2e-3,
    "splits": 3e-3,
}
_FLOOR = 4e-4  # no shape is rarer than this anywhere: tables are estimates, documents are not
_PRIOR = 3.0  # nats that damage must bring in before it is believed; less for a line or two
_SWITCH = 4.0  # nats that a change between clean and damaged costs, from one line to the next
_RESWITCH = 8.0  # nats that a change between two kinds of damage costs: a page has one cause
_OTHER_CAUSE = 16.0  # the same between lost glyphs and an OCR: a page is typeset or scanned
_LEAVE_GLYPHS = 7.0  # nats that it costs to end a stretch with lost glyphs: a font runs on
_TEMPER = 0.8  # words of a line are not independent


@dataclass(frozen=True)
class _Model:
    states: tuple[str, ...]
    emission: dict[Shape, tuple[float, ...]]
    surprising: tuple[float, ...]
    prior: tuple[float, ...]
    change: tuple[tuple[float, ...], ...]


@cache
def _model() -> _Model:
    text = resources.files("pipeline.data").joinpath("damage.toml").read_text(encoding="utf-8")
    table: dict[str, dict[str, float]] = tomllib.loads(text)
    states = tuple(_KIND_OF_STATE)
    emission: dict[Shape, tuple[float, ...]] = {
        shape: tuple(_TEMPER * math.log(max(table[state][shape], _FLOOR)) for state in states)
        for shape in SHAPES
        if shape != "neutral"
    }
    prior = tuple(0.0 if state == "clean" else -_PRIOR for state in states)
    change = tuple(tuple(_cost_of_change(a, b) for b in states) for a in states)
    surprising = tuple(_TEMPER * math.log(_SURPRISING[state]) for state in states)
    return _Model(states, emission, surprising, prior, change)


def _cost_of_change(before: str, after: str) -> float:
    """Nats that it costs when the state changes from one line to the next."""
    one, other = _KIND_OF_STATE[before], _KIND_OF_STATE[after]
    if before == after:
        return 0.0
    if one == other:
        return 1.5
    if "clean" in (one, other):
        return _LEAVE_GLYPHS if one == "dropped_glyphs" else _SWITCH
    if "dropped_glyphs" in (one, other) and (one.endswith("_ocr") or other.endswith("_ocr")):
        return _OTHER_CAUSE
    return _RESWITCH


def _emit(line: str, surprises: int, model: _Model) -> list[float]:
    """Log probability of the words of ``line`` under each state."""
    totals = [surprises * value for value in model.surprising]
    for shape, count in Counter(line_shapes(line)).items():
        if shape != "neutral":
            for state, value in enumerate(model.emission[shape]):
                totals[state] += count * value
    return totals


def _prior(words: int, model: _Model) -> list[float]:
    """Log prior of each state: a text of some lines is damaged more rarely than one line may be."""
    scale = min(1.0, 0.6 + words / 150)
    return [scale * value for value in model.prior]


def _best_path(
    emitted: Sequence[Sequence[float]], prior: Sequence[float], model: _Model
) -> list[int]:
    """The most probable state of each line (Viterbi)."""
    cost = np.array(model.change)
    score = np.array(prior)
    back: list[NDArray[np.intp]] = []
    for row in emitted:
        arrivals = score[:, None] - cost
        moves = arrivals.argmax(axis=0)
        back.append(moves)
        score = arrivals[moves, _EVERY] + row
    state = int(score.argmax())
    path = []
    for pointers in reversed(back):
        path.append(state)
        state = int(pointers[state])
    return path[::-1]


def _certainty(rows: Iterable[Sequence[float]], kind: DamageKind, model: _Model) -> float:
    """How sure the kind of a stretch is, against the other kinds: 0 to 1."""
    totals = list(model.prior)
    for row in rows:
        totals = [total + value for total, value in zip(totals, row, strict=True)]
    best = max(totals)
    weights = [math.exp(total - best) for total in totals]
    mine = sum(
        weight
        for state, weight in zip(model.states, weights, strict=True)
        if _KIND_OF_STATE[state] == kind
    )
    return mine / sum(weights)


def detect(lines: Sequence[str], fonts: Sequence[str | None] | None = None) -> tuple[Damage, ...]:
    """How each stretch of ``lines`` (one page, or one text) was damaged.

    Stretches are in order and cover all lines; ``Damage.score`` is how sure the kind is, 0 to 1.
    ``no_marks`` holds for text that lost its marks wholly or in part. Text in a foreign language is
    ``clean``. ``fonts`` names the font of each line where it is known (it gives legacy charsets
    away).
    """
    model = _model()
    charset_of_line = find_charsets(lines, fonts)
    special: list[DamageKind | None] = [
        "legacy_charset"
        if charset and (line.isspace() or charsets()[charset].convert(line) != line)
        else "mojibake"
        if fix_mojibake(line) != line
        else None
        for line, charset in zip(lines, charset_of_line, strict=True)
    ]
    silent = [0.0] * len(model.states)
    prose = [without_markup(line) for line in lines]
    emitted = [
        silent if kind else _emit(line, surprises, model)
        for line, kind, surprises in zip(prose, special, count_surprises(prose), strict=True)
    ]
    prior = _prior(sum(len(line.split()) for line in lines[:20]), model)
    path = _best_path(emitted, prior, model)
    kinds = [
        known or _KIND_OF_STATE[model.states[state]]
        for known, state in zip(special, path, strict=True)
    ]
    _fill_blank(lines, kinds)
    result: list[Damage] = []
    start = 0
    for end in range(1, len(kinds) + 1):
        if end == len(kinds) or kinds[end] != kinds[start]:
            kind = kinds[start]
            told = kind in ("legacy_charset", "mojibake")
            score = 1.0 if told else _certainty(emitted[start:end], kind, model)
            result.append(Damage(kind, round(score, 4), start + 1, end))
            start = end
    return tuple(result)


def _fill_blank(lines: Sequence[str], kinds: list[DamageKind]) -> None:
    """Blank lines between two lines of one kind are of that kind too, in place."""
    last = -1
    for number, line in enumerate(lines):
        if line.strip():
            if last >= 0 and kinds[last] == kinds[number]:
                for between in range(last + 1, number):
                    kinds[between] = kinds[number]
            last = number


# --- quality -------------------------------------------------------------------------------------

# How much of a word of each shape can be read as it stands.
_READABLE: dict[Shape, float] = {
    "marked": 1.0, "acute": 1.0, "rare": 0.95, "unknown": 0.3, "plain": 1.0, "bare": 0.7,
    "stripped": 0.2, "misread": 0.0, "digit_inside": 0.1, "foreign": 1.0, "latin": 0.6,
    "garbage": 0.0, "mixed_case": 0.2, "fragment": 0.2, "splinter": 0.1, "glued": 0.2, "gap": 0.0,
    "acronym": 1.0, "broken": 0.0, "symbol": 0.0,
}  # fmt: skip
# Share of marked syllables in Vietnamese running text: 0.88 in law, 0.75 in lists of names. Below
# the floor a text has lost its marks, wholly or in part.
_MARKED_FLOOR = 0.6
_PRIOR_WORDS = 4.0  # so many words are taken as normally marked before the text has its say


def _shapes(text: str) -> Counter[Shape]:
    return Counter(shape_of(token if len(token) <= 64 else token[:64]) for token in text.split())


def _are_foreign(found: Counter[Shape]) -> bool:
    words = sum(found.values()) - found["neutral"]
    latin = found["foreign"] + found["latin"]
    return latin > 0.4 * words and found["foreign"] > 0.1 * words


def is_foreign(text: str) -> bool:
    """Whether ``text`` reads as running text of a foreign language in Latin letters."""
    return _are_foreign(_shapes(text))


def quality(text: str) -> float:
    """How readable ``text`` is, from 0 (nothing) to 1 (every word is a word).

    The share of words that are Vietnamese syllables, acronyms, or words of a foreign text, lowered
    where Vietnamese text lacks its marks. Text without words (empty, only numbers) gives 1.0. Takes
    time in proportion to the length; words are judged once each.
    """
    found = _shapes(text)
    words = sum(found.values()) - found["neutral"]
    if words == 0:
        return 1.0
    readable = sum(_READABLE[s] * n for s, n in found.items() if s != "neutral")
    if _are_foreign(found):
        return min(1.0, (readable + 0.4 * found["latin"]) / words)
    marked = found["marked"] + found["rare"] + found["unknown"] + 0.5 * found["acute"]
    plain = found["plain"] + found["bare"] + found["stripped"] + 0.5 * found["latin"]
    prior = _PRIOR_WORDS * _MARKED_FLOOR
    share = (marked + prior) / (marked + plain + _PRIOR_WORDS)
    return readable / words * min(1.0, share / _MARKED_FLOOR)
