"""The network of a line recogniser, run over many lines at once on one core.

Tesseract runs it line by line and step by step; here one product of matrices serves all lines of
a page, which takes a fifth of the time (docs/decisions.md). The numbers are Tesseract's: pixels
between the darkest and lightest quarter of the line's middle row, noise where the convolution looks
beyond the image, states rounded to 127 steps (as its weights are to whole numbers), so that both
give the same probabilities but for rounding and noise. Long short-term memory: Hochreiter and
Schmidhuber 1997, with the forget gate of Gers et al. 2000.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled import compiled
from pipeline.recognise.traineddata import ONE, Floats, Layer, LineModel

_TOGETHER, _ROOM = 64, 64_000  # lines, and their steps with those of the longest
_COLUMNS, _TIMES = 1024, 16  # columns, and steps along the lines, whose products are made at once
POOL = 3  # pixels each way that become one
_NOISE = 4096  # numbers
_DARK, _LIGHT = 0.25, 0.75  # quantiles of the middle row's dips and peaks

Grey = NDArray[np.uint8]


def probabilities(images: Sequence[Grey], model: LineModel) -> list[Floats]:
    """For each line the probability of each code at each step, [steps, codes]; a step is 3 pixels.

    ``images`` are as high as the model's input, dark on light.
    """
    found: list[Floats] = [np.zeros((0, 0), np.float32)] * len(images)
    order = sorted(range(len(images)), key=lambda number: -images[number].shape[1])
    start = 0
    while start < len(order):
        longest = max(1, images[order[start]].shape[1] // POOL)
        some = order[start : start + max(1, min(_TOGETHER, _ROOM // longest))]
        start += len(some)
        made = _together([images[number] for number in some], model)
        for number, one in zip(some, made, strict=True):
            found[number] = one
    return found


def _together(images: Sequence[Grey], model: LineModel) -> list[Floats]:
    """The same for lines that are sorted, the longest first."""
    lengths = np.array([image.shape[1] // POOL for image in images])
    rows = model.height // POOL
    columns = np.empty((rows, int(lengths.sum()), len(model.convolution.bias)), np.float32)
    start = 0
    for image, length in zip(images, lengths, strict=True):
        framed = _framed(stretched(image)[:, : POOL * length])
        layer, part = model.convolution, columns[:, start : start + length]
        _convolve(framed, layer.of_input, layer.scale, layer.bias, part)
        start += length
    seen = _down(columns, model.column)
    # [steps, lines, values]: lines that are over take no part in a step
    steps = int(lengths[0])
    along = np.zeros((steps, len(images), seen.shape[1]), np.float32)
    start = 0
    for number, length in enumerate(lengths):
        along[:length, number] = seen[start : start + length]
        start += length
    alive = (lengths[None, :] > np.arange(steps)[:, None]).sum(1)
    along = _along(along, model.forward, alive)
    along = _reversed(_along(_reversed(along, lengths), model.backward, alive), lengths)
    along = _along(along, model.last, alive)
    made = []
    for number, length in enumerate(lengths):
        scores = along[:length, number] @ model.output.of_input
        _softmax(scores, model.output.scale, model.output.bias)
        made.append(scores)
    return made


def stretched(image: Grey) -> Floats:
    """Pixels as numbers from -127 (ink) to 127 (paper), by the contrast of the line's middle."""
    row = image[image.shape[0] // 2].astype(np.int64)
    before, here, behind = row[:-2], row[1:-1], row[2:]
    dips = here[((here < before) & (here <= behind)) | ((here <= before) & (here < behind))]
    peaks = here[((here > before) & (here >= behind)) | ((here >= before) & (here > behind))]
    dark = _quantile(dips, _DARK) if len(dips) else 0.0
    light = _quantile(peaks, _LIGHT) if len(peaks) else 255.0
    half = (light - dark) / 2 if light > dark else 1.0
    levels = np.rint((ONE + 1) * ((np.arange(256) - dark) / half - 1))
    table = np.clip(levels, -ONE, ONE).astype(np.float32)
    return np.asarray(table[image], np.float32)


@cache
def _noise() -> Floats:
    chance = np.random.default_rng(0)
    return chance.integers(-ONE, ONE + 1, _NOISE).astype(np.float32)


def _framed(pixels: Floats) -> Floats:
    """The pixels with one of noise on each side, the same for images of one size."""
    height, width = pixels.shape
    noise = np.resize(_noise(), 2 * (height + width + 4))
    framed = np.empty((height + 2, width + 2), np.float32)
    framed[1:-1, 1:-1] = pixels
    framed[0], framed[-1] = noise[: width + 2], noise[width + 2 : 2 * width + 4]
    framed[:, 0], framed[:, -1] = noise[-height - 2 :], noise[-2 * height - 4 : -height - 2]
    return framed


def _quantile(values: NDArray[np.int64], share: float) -> float:
    """The value under which a share of all lies, between two whole ones by the counts in it."""
    counts = np.cumsum(np.bincount(values, minlength=256))
    wanted = min(max(share * len(values), 1.0), len(values))
    at = int(np.searchsorted(counts, wanted))
    own = counts[at] - (counts[at - 1] if at else 0)
    return float(at + 1 - (counts[at] - wanted) / own)


@compiled
def _tanh(x: Any) -> Any:
    """The hyperbolic tangent to a few parts in 10⁷, as a quotient of polynomials (Eigen's)."""
    x = min(max(x, np.float32(-7.9)), np.float32(7.9))
    square = x * x
    over = np.float32(-2.76076847742355e-16)
    over = over * square + np.float32(2.00018790482477e-13)
    over = over * square + np.float32(-8.60467152213735e-11)
    over = over * square + np.float32(5.12229709037114e-08)
    over = over * square + np.float32(1.48572235717979e-05)
    over = over * square + np.float32(6.37261928875436e-04)
    over = over * square + np.float32(4.89352455891786e-03)
    under = np.float32(1.19825839466702e-06)
    under = under * square + np.float32(1.18534705686654e-04)
    under = under * square + np.float32(2.26843463243900e-03)
    under = under * square + np.float32(4.89352518554385e-03)
    return x * over / under


@compiled
def _convolve(framed: Any, weights: Any, scale: Any, bias: Any, result: Any) -> None:
    """Convolution of 3 × 3 pixels, then the highest of 3 × 3, [rows, steps, values]."""
    rows, steps, values = result.shape
    highest = np.empty(values, np.float32)
    total = np.empty(values, np.float32)
    for row in range(rows):
        for step in range(steps):
            highest[:] = -1e30
            for y in range(3 * row, 3 * row + 3):
                for x in range(3 * step, 3 * step + 3):
                    total[:] = 0
                    for dx in range(3):
                        for dy in range(3):
                            pixel = framed[y + dy, x + dx]
                            for k in range(values):
                                total[k] += pixel * weights[3 * dx + dy, k]
                    for k in range(values):
                        highest[k] = max(highest[k], total[k])
            for k in range(values):
                value = _tanh(highest[k] * scale[k] + bias[k])
                result[row, step, k] = np.rint(np.float32(ONE) * value)


@compiled
def _gates(sums: Any, scale: Any, bias: Any, cell: Any, state: Any) -> None:
    """One step of an LSTM: ``sums`` [lines, 4 units] of inputs and states to the new ``state``."""
    lines, units = cell.shape
    half = np.float32(0.5)
    for line in range(lines):
        for k in range(units):
            i = units + k
            f = 2 * units + k
            o = 3 * units + k
            value = _tanh(sums[line, k] * scale[k] + bias[k])
            into = half + half * _tanh(half * (sums[line, i] * scale[i] + bias[i]))
            kept = half + half * _tanh(half * (sums[line, f] * scale[f] + bias[f]))
            shown = half + half * _tanh(half * (sums[line, o] * scale[o] + bias[o]))
            now = kept * cell[line, k] + value * into
            cell[line, k] = now
            state[line, k] = np.rint(np.float32(ONE) * _tanh(now) * shown)


@compiled
def _softmax(scores: Any, scale: Any, bias: Any) -> None:
    """Scores [steps, codes] to probabilities, in place."""
    steps, codes = scores.shape
    for step in range(steps):
        highest = np.float32(-1e30)
        for code in range(codes):
            scores[step, code] = scores[step, code] * scale[code] + bias[code]
            highest = max(highest, scores[step, code])
        total = np.float32(0)
        for code in range(codes):
            # What is less likely than one in 10⁹ need not be known better.
            over = max(scores[step, code] - highest, np.float32(-20))
            scores[step, code] = np.exp(over)
            total += scores[step, code]
        for code in range(codes):
            scores[step, code] /= total


def _down(columns: Floats, layer: Layer) -> Floats:
    """The state after each column [rows, columns, values] was read downwards, [columns, units]."""
    rows, count, _ = columns.shape
    units = layer.of_state.shape[0]
    result = np.zeros((count, units), np.float32)
    for start in range(0, count, _COLUMNS):
        state = result[start : start + _COLUMNS]
        cell = np.zeros_like(state)
        for row in range(rows):
            sums = columns[row, start : start + _COLUMNS] @ layer.of_input
            if row:
                sums += state @ layer.of_state
            _gates(sums, layer.scale, layer.bias, cell, state)
    return result


def _along(values: Floats, layer: Layer, alive: NDArray[np.int64]) -> Floats:
    """The states of an LSTM along the lines, [steps, lines, values] to [steps, lines, units]."""
    steps, lines, width = values.shape
    units = layer.of_state.shape[0]
    result = np.zeros((steps, lines, units), np.float32)
    cell = np.zeros((lines, units), np.float32)
    for start in range(0, steps, _TIMES):
        some = values[start : start + _TIMES]
        of_input = (some.reshape(-1, width) @ layer.of_input).reshape(len(some), lines, -1)
        for step in range(start, start + len(some)):
            count = alive[step]
            sums = of_input[step - start, :count]
            if step:
                sums += result[step - 1, :count] @ layer.of_state
            _gates(sums, layer.scale, layer.bias, cell[:count], result[step, :count])
    return result


def _reversed(values: Floats, lengths: NDArray[np.int64]) -> Floats:
    """Each line [steps, lines, values] from its end."""
    result = np.zeros_like(values)
    for number, length in enumerate(lengths):
        result[:length, number] = values[:length, number][::-1]
    return result
