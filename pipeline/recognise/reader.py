"""Images of lines to words with their places and confidences, by a model of Tesseract's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognise.alignment import align, costs_of, likelihood
from pipeline.recognise.dictionary import Words, grams, words_of
from pipeline.recognise.network import POOL, Grey, probabilities
from pipeline.recognise.search import STEP, UNKNOWN, search
from pipeline.recognise.traineddata import Floats, LineModel
from pipeline.restore.rescorer import one_thread
from pipeline.restore.syllables import strip_marks

_LANGUAGE = 0.65  # weight of the language beside what was seen
_FILLED = 0.78  # share of the image's height that capitals may fill
_INK = 128  # grey under which a pixel is ink
_PAD = 4  # pixels of paper around the ink
_SHARPER, _SHARP_WITHIN = 0.4, 1.4  # how much, and pixels of what the network sees
_STEPS = (2, 6000)  # shortest and longest line; memory grows with the longest
_PER_NAT, _STRANGE = 0.35, 0.25  # of confidence: what a nat takes, and no word; Tesseract's
_ONE = re.compile(r"\W*(\w+|\d[\d.,/:–-]*\d)\W*")  # one word or number, and marks around it
_SPECK, _APART = 7, 5  # pixels: ink of less is no sign, so far away no stop
_BETWEEN = 0.09  # heights of the image: narrower gaps are inside words
_STOPS, _BLANK = frozenset(",;:)"), 1.4  # so many such gaps is a blank behind a stop, at least


@dataclass(frozen=True, slots=True)
class LineWord:
    """A word of a line: its sides in pixels of the line's image, its confidence from 0 to 1."""

    text: str
    x0: float
    x1: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Scaled:
    """A line as the network sees it; ``scale`` and ``left`` lead back to its image.

    By column of that image: whether there is ``ink``, and any that is no speck (``signs``).
    """

    image: Grey
    scale: float
    left: int
    ink: NDArray[np.bool_]
    signs: NDArray[np.bool_]

    @property
    def between(self) -> float:
        """Columns of the line's image: narrower gaps are inside words."""
        return float(_BETWEEN * self.image.shape[0] / self.scale)

    def pixel(self, step: float) -> int:
        """The column of the line's image where a step of the network lies."""
        return round(self.left + POOL * step / self.scale)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network saw in a line: for each step the probabilities of all its characters."""

    line: Scaled
    shares: Floats


def read_lines(
    images: Sequence[Grey],
    model: LineModel,
    *,
    capitals: Sequence[float] = (),
    language: bool = True,
    signs: str = "",
) -> list[list[LineWord]]:
    """The words of each line, dark on light; none where there is no ink.

    ``capitals``: how high the capitals of each are, in pixels; ``language``: weigh words by the
    language model; ``signs``: the only ones that may be read (all, if empty). Raises ModelError.
    """
    seen = see_lines(images, model, capitals=capitals)
    return read_seen(seen, model, language=language, signs=signs)


def see_lines(
    images: Sequence[Grey], model: LineModel, *, capitals: Sequence[float] = ()
) -> list[Seen | None]:
    """What the network sees in each line, None where there is no ink; see :func:`read_lines`."""
    heights = capitals or [0.0] * len(images)
    scaled = [
        to_height(image, model.height, capital)
        for image, capital in zip(images, heights, strict=True)
    ]
    with one_thread():
        shares = iter(probabilities([one.image for one in scaled if one is not None], model))
    return [None if one is None else Seen(one, next(shares)) for one in scaled]


def read_seen(
    seen: Sequence[Seen | None], model: LineModel, *, language: bool = True, signs: str = ""
) -> list[list[LineWord]]:
    """The words of lines that were seen; see :func:`read_lines`."""
    barred = [
        code
        for code, one in enumerate(model.characters)
        if signs and code != model.blank and one not in signs
    ]
    known = words_of(model.characters, some=not signs)
    weight = _LANGUAGE if language else 0.0
    read: list[list[LineWord]] = []
    for one in seen:
        if one is None:
            read.append([])
            continue
        shares = one.shares
        if barred:
            shares = shares.copy()
            shares[:, barred] = 0
        read.append(_words(one.line, shares, model, known, weight))
    return read


def best_path(seen: Seen, model: LineModel) -> str:
    """The text of the likeliest single way through a line (Graves et al. 2006)."""
    way = seen.shares.argmax(axis=1)
    kept = np.append(True, way[1:] != way[:-1])
    return "".join(model.characters[code] for code in way[kept])


def columns_of(seen: Seen, model: LineModel, text: str) -> list[float]:
    """The column of the line's image where the middle of each character is; none if it has none."""
    if not text or not set(text) <= set(model.characters):
        return []
    codes = np.array([model.characters.index(one) for one in text], np.int32)
    places = align(seen.shares, model.blank, codes)
    if (places[:, 1] == 0).any():  # the line is too short for it
        return []
    return [float(seen.line.pixel((start + end) / 2)) for start, end in places]


def likelihoods(
    seen: Sequence[Seen], model: LineModel, texts: Sequence[str], *, marks: bool = True
) -> NDArray[np.float64]:
    """How likely each text is in each line, in nats beside the likeliest way [lines, texts].

    That way is a single one, and a text has many: the likeliest may be above 0. Minus infinity
    where the model has no such character, or the line is too short. Without ``marks`` a letter is
    as likely as all that differ from it in marks together ("Vo": "Võ", "Vỡ", "Vò"…).
    """
    kinds = [one if marks else strip_marks(one) for one in model.characters]
    kinds[model.blank] = ""
    groups = {kind: group for group, kind in enumerate(dict.fromkeys(kinds))}
    belongs = np.zeros((len(kinds), len(groups)), np.float32)
    belongs[np.arange(len(kinds)), [groups[kind] for kind in kinds]] = 1
    asked = [
        np.array([groups[one] for one in text], np.int32) if set(text) <= groups.keys() else None
        for text in texts
    ]
    found = np.full((len(seen), len(texts)), -np.inf)
    with one_thread():
        merged = [one.shares @ belongs for one in seen]
    for at, shares in enumerate(merged):
        shares /= shares.max(axis=1, keepdims=True)  # so the likeliest way has a probability of 1
        for k, text in enumerate(asked):
            if text is not None:
                found[at, k] = likelihood(shares, groups[""], text)
    return found


def to_height(image: Grey, height: int, capital: float = 0.0) -> Scaled | None:
    """The box of the ink, brought to the height of the network's input and sharpened."""
    ink = image < _INK
    inked, signs = _signs(ink, 1), _signs(ink, _SPECK)
    start, end = _extent(inked, signs)
    rows = np.flatnonzero(ink[:, start:end].any(axis=1))
    if not len(rows):
        return None
    top, left = max(0, rows[0] - _PAD), max(0, start - _PAD)
    part = image[top : rows[-1] + 1 + _PAD, left : end + _PAD]
    lacking = round(capital / _FILLED - part.shape[0])
    if lacking > 0:  # figures and capitals alone are no higher than in running text
        above = lacking // 2
        part = np.pad(part, ((above, lacking - above), (0, 0)), constant_values=255)
    scale = height / part.shape[0]
    width = round(part.shape[1] * scale)
    if not _STEPS[0] * POOL <= width <= _STEPS[1] * POOL:
        return None
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    made = cv2.resize(part, (width, height), interpolation=way)
    blurred = cv2.GaussianBlur(made, (0, 0), _SHARP_WITHIN)
    made = cv2.addWeighted(made, 1 + _SHARPER, blurred, -_SHARPER, 0)
    return Scaled(np.asarray(made, np.uint8), scale, int(left), inked, signs)


def _extent(ink: NDArray[np.bool_], signs: NDArray[np.bool_]) -> tuple[int, int]:
    """The first column of a line and the one behind its last: specks apart from it are left out."""
    runs = _runs(ink)
    held = [at for at, (start, end) in enumerate(runs) if signs[start:end].any()]
    if not held:
        return (int(runs[0, 0]), int(runs[-1, 1])) if len(runs) else (0, 0)
    first, last = held[0], held[-1]
    while first and runs[first, 0] - runs[first - 1, 1] <= _APART:
        first -= 1
    while last + 1 < len(runs) and runs[last + 1, 0] - runs[last, 1] <= _APART:
        last += 1
    return int(runs[first, 0]), int(runs[last, 1])


def _runs(filled: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first place of each run that is filled, and the place behind it [n, 2]."""
    framed = np.concatenate([[False], filled, [False]]).astype(np.int8)
    return np.flatnonzero(np.diff(framed)).reshape(-1, 2)


def _signs(ink: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Whether there is ink in each column, pieces of fewer than ``least`` pixels left out."""
    counts = ink.sum(axis=0)
    found = np.asarray(counts > 0, np.bool_)
    for start, end in _runs(found):
        if counts[start:end].sum() < least:
            found[start:end] = False
    return found


def _words(
    line: Scaled, shares: Floats, model: LineModel, words: Words, weight: float
) -> list[LineWord]:
    text, known = search(shares, model.blank, words, grams(), weight)
    once = _once([model.characters[code] for code in text])
    text, known = text[once], known[once]
    characters = [model.characters[code] for code in text]
    between = [-1, *(k for k, one in enumerate(characters) if one == " "), len(text)]
    spans = [(start + 1, end) for start, end in pairwise(between) if end > start + 1]
    if not spans:
        return []
    places = align(shares, model.blank, text)
    costs = costs_of(shares, model.blank, text, places, weight > 0)
    spans = [part for span in spans for part in _apart(line, characters, places, span)]
    sides = _sides(line, [(places[start, 0], places[end - 1, 1]) for start, end in spans])
    made = []
    for (start, end), (x0, x1) in zip(spans, sides, strict=True):
        word = "".join(characters[start:end])
        cost = float(costs[start:end].max()) + STEP
        sure = 1 - _PER_NAT * cost
        if not known[start] or not _ONE.fullmatch(word):
            sure = 1 - _PER_NAT * UNKNOWN * cost - _STRANGE
        made.append(LineWord(word, x0, x1, round(min(1.0, max(0.0, sure)), 4)))
    return made


def _once(characters: Sequence[str]) -> NDArray[np.bool_]:
    """Which characters to keep: of one letter, read in both sizes ("Xx"), the first."""
    kept = np.ones(len(characters), np.bool_)
    for k, (before, one) in enumerate(pairwise(characters), start=1):
        if before != one and before.lower() == one.lower():
            kept[k] = not kept[k - 1]
    return kept


def _apart(
    line: Scaled, characters: Sequence[str], places: NDArray[np.int32], span: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """A stretch parted behind its stops where the image shows a gap ("nhiệm,bãi")."""
    start, end = span
    for k in range(start + 1, end):
        if characters[k - 1] in _STOPS and characters[k].isalpha():
            left, right = line.pixel(places[k - 1, 0]), line.pixel(places[k, 1])
            gaps = _runs(~line.signs[max(0, left) : right])
            if len(gaps) and (gaps[:, 1] - gaps[:, 0]).max() >= _BLANK * line.between:
                yield start, k
                start = k
    yield start, end


def _sides(line: Scaled, spans: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """The sides of words that are given by their steps: those of their ink."""
    gaps = [
        _gap(line.signs, line.pixel(end - 0.5), line.pixel(start + 0.5), line.between)
        for (_, end), (start, _) in pairwise(spans)
    ]
    lefts = [0, *(right for _, right in gaps)]
    rights = [*(left for left, _ in gaps), len(line.ink)]
    found = []
    for left, right in zip(lefts, rights, strict=True):
        inside = np.flatnonzero(line.signs[left:right])
        if not len(inside):  # a stop, or a speck that was read
            inside = np.flatnonzero(line.ink[left:right])
        first, last = (inside[0], inside[-1] + 1) if len(inside) else (0, max(1, right - left))
        found.append((float(left + first), float(left + last)))
    return found


def _gap(signs: NDArray[np.bool_], left: int, right: int, least: float) -> tuple[int, int]:
    """Where one word ends and the next begins, between two columns: at gaps of ``least`` pixels.

    What stands between two of them is a sign that was not read, and of no word.
    """
    left, right = max(0, left), min(len(signs), right)
    gaps = _runs(~signs[left:right])
    if not len(gaps):
        middle = max(left, (left + right) // 2)
        return middle, middle
    widths = gaps[:, 1] - gaps[:, 0]
    wide = gaps[widths >= min(widths.max(), least)]
    return left + int(wide[0, 0]), left + int(wide[-1, 1])
