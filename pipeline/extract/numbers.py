"""Which number stands in a cut-out place: what a network of figures and tesseract see, weighed.

The place is shown to the network (:mod:`pipeline.recognise.figures`) in several sizes; how likely
each number that may stand there is, is the mean of what it sees in each. Where no number is likely
enough, what tesseract's networks read as figures counts too; and what OCR read first, by how sure
it was.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.extract import ocr
from pipeline.extract.lines import PAD, Cutting
from pipeline.recognise.figures import SIGNS, figures_model
from pipeline.recognise.reader import Seen, best_path, likelihoods, see_lines

AROUND = ".,;:()"  # marks that are no part of a number
CAPITALS = (26, 36, 48)  # pixels: heights of the letters of cuttings
_ROOMS = (0.0, 1.5)  # heights of letters that the network is shown, with paper around
_DOUBT = 0.9  # probability under which tesseract is asked, too
_UNHEARD = 2  # readings: what a number that none of tesseract's six shows counts as
_TRUST = (0.02, 0.88)  # that a first reading is right which OCR was not sure of at all, and was
_OTHERS = 10  # numbers that share what is left
_INK = 160  # grey under which a pixel is ink
_LOW = 0.5  # of the height of a figure: specks, and what reaches in of the words beside
_MOST = {"day": 31, "month": 12}
_LONGEST = 5  # figures of a document's number
_YEARS = range(1945, 2100)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, empty where there is none, and its probability."""

    text: str
    share: float


def is_number(text: str, part: str) -> bool:
    """Whether a text, but for marks around it, is a "day", "month", "year" or "number"."""
    text = text.strip(AROUND)
    if not text.isascii() or not text.isdigit():
        return False
    if part == "year":
        return int(text) in _YEARS
    if part == "number":
        return len(text) <= _LONGEST
    return len(text) <= 2 and 1 <= int(text) <= _MOST[part]


def likeliest(
    part: str,
    cuttings: Sequence[Cutting],
    first: str,
    confidence: float,
    seconds: float = 0.0,
) -> Number:
    """The likeliest number of a place that is cut in several sizes.

    ``first`` is what OCR read there, empty where that was no number, with its ``confidence``;
    ``seconds`` bounds what tesseract is asked (0: no bound). Raises ModelError.
    """
    bare = [_without_edges(one) for one in cuttings]
    seen = see_lines(
        [one.image for one in bare for _ in _ROOMS],
        figures_model(),
        capitals=[room * one.capital for one in bare for room in _ROOMS],
    )
    inked = [one for one in seen if one is not None]
    if not inked:
        return Number("", 1.0)
    texts = _possible(part, first, inked)
    shares = _shares(likelihoods(inked, figures_model(), texts))
    if shares.max() < _DOUBT:
        votes = _votes(bare, seconds)
        shares *= [votes[text] + _UNHEARD for text in texts]
        shares /= shares.sum()
    if first:
        trust = _TRUST[0] + _TRUST[1] * confidence
        shares *= (1 - trust) / _OTHERS
        shares[texts.index(first)] *= trust * _OTHERS / (1 - trust)
        shares /= shares.sum()
    best = texts[int(shares.argmax())]
    # "01" and "1" are one number: how it is written is told apart, how likely it is together.
    alike = [text.lstrip("0") == best.lstrip("0") for text in texts]
    return Number(best, min(1.0, float(shares[alike].sum())))


def _without_edges(cutting: Cutting) -> Cutting:
    """The cutting without what reaches in of the words beside: low pieces at its edges."""
    ink = (cutting.image < _INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    edge = PAD * cutting.capital + 4 * cutting.scale
    left, width, height = (
        stats[:, one] for one in (cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    outer = (left <= edge) | (left + width >= ink.shape[1] - edge)
    pieces = np.flatnonzero(outer & (height < _LOW * cutting.capital))
    near = cv2.dilate(np.isin(labels, pieces[pieces > 0]).astype(np.uint8), np.ones((5, 5)))
    image = np.where(near > 0, 255, cutting.image).astype(np.uint8)
    return replace(cutting, image=image)


def _shares(nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of each text, the mean of all cuttings [cuttings, texts]."""
    likely = np.exp(nats - nats.max(axis=1, keepdims=True))
    return np.asarray((likely / likely.sum(axis=1, keepdims=True)).mean(axis=0))


def _votes(cuttings: Sequence[Cutting], seconds: float) -> Counter[str]:
    """What tesseract's models read as figures in each cutting; none where they are not there."""
    votes: Counter[str] = Counter()
    for language in (ocr.FIGURES, ocr.LANGUAGE):
        if ocr.reads(language):
            with contextlib.suppress(ocr.OcrError):
                for words in ocr.read_figures(cuttings, seconds, language):
                    votes["".join(word.text for word in words)] += 1
    return votes


def _possible(part: str, first: str, seen: Sequence[Seen]) -> list[str]:
    """Numbers that may stand there, and none: all dates; what the network read, and its like."""
    found = {"", first}
    if part == "year":
        found.update(map(str, _YEARS))
    elif part in _MOST:
        numbers = range(1, _MOST[part] + 1)
        found.update(form.format(k) for k in numbers for form in ("{}", "{:02d}"))
    else:
        read = {best_path(one, figures_model()) for one in seen}
        found.update(one for text in read | {first} for one in _like(text) if is_number(one, part))
    return sorted(found)


def _like(text: str) -> Iterator[str]:
    """The text, and what differs from it in one sign."""
    yield text
    for k in range(len(text) + 1):
        yield text[:k] + text[k + 1 :]
        for one in SIGNS:
            yield text[:k] + one + text[k:]
            yield text[:k] + one + text[k + 1 :]
