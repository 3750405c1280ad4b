"""The line recogniser in a data file of Tesseract (``vie.traineddata``): its network and signs.

The file is a table of components; three of them make the recogniser: the network, its characters
and the codes that the network gives for them. Networks of one shape are read, that of the models
of tessdata_fast for alphabets, which Debian, Ubuntu, Homebrew and the Windows installer bring:

    [1,36,0,1Ct3,3,16Mp3,3Lfys..Lfx..Lrx..Lfx..O1c..]

a convolution of 3 × 3 pixels, the highest of 3 × 3, an LSTM down each column, three along the
line (forward, backward, forward), the probabilities. Its weights are whole numbers of 8 bits with
a scale for each row. After the format that Tesseract's sources (src/lstm, src/ccutil) read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NETWORK, _CHARACTERS, _CODES = 17, 21, 22  # places of the components in the table
_IN_BYTES, _IN_DOUBLES = 1, 128  # flags of a matrix: weights of 8 bits, scales of 64
_RATES = 64  # flag of a network: a learning rate for each layer follows
_GATES = 4  # input of the cell, then the gates of input, forgetting and output
_SHAPE = (
    "Input", "Convolve", "Tanh", "Maxpool", "SummLSTM", "LSTM", "RTLReversed", "LSTM", "LSTM",
    "Softmax",
)  # fmt: skip
_GROUPS = frozenset(("Series", "XYTranspose", "RTLReversed"))
ONE = 127  # the whole number that stands for 1 between layers
_MOST = 64 * 2**20  # bytes of a data file

Floats = NDArray[np.float32]


class UnknownModelError(Exception):
    """A data file holds no network that is read here."""


@dataclass(frozen=True)
class Layer:
    """Weights of a layer: ``of_input`` [in, out], ``of_state`` [units, out], whole numbers.

    Inputs and states are whole numbers too, 127 for 1, so that sums of products are the same in
    whatever order they are made. A sum times ``scale`` [out], and ``bias`` [out], is the value.
    ``out`` is four times ``units`` for an LSTM (cell, input, forget, output); a layer without a
    state has none in ``of_state``.
    """

    of_input: Floats
    of_state: Floats
    scale: Floats
    bias: Floats


@dataclass(frozen=True)
class LineModel:
    """What reads lines ``height`` pixels high: the layers, and the character of each code.

    ``characters[blank]`` is empty: the code between two signs.
    """

    height: int
    convolution: Layer
    column: Layer
    forward: Layer
    backward: Layer
    last: Layer
    output: Layer
    characters: tuple[str, ...]
    blank: int


@cache
def load_model(path: Path) -> LineModel:
    """The line recogniser of a data file. Raises UnknownModelError, or OSError."""
    if path.stat().st_size > _MOST:
        raise UnknownModelError(f"{path} is larger than any model that is read")
    try:
        return _model(_components(path.read_bytes()))
    except (struct.error, ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise UnknownModelError(f"{path} holds no network that is read here: {error}") from error


def _components(data: bytes) -> dict[int, bytes]:
    (count,) = struct.unpack_from("<i", data)
    if not 0 < count < 100:
        raise ValueError("no table of components")
    offsets = struct.unpack_from(f"<{count}q", data, 4)
    ends = [*sorted(one for one in offsets if one >= 0), len(data)]
    return {
        number: data[offset : ends[ends.index(offset) + 1]]
        for number, offset in enumerate(offsets)
        if offset >= 0
    }


class _Reader:
    """A position in the bytes of a component; little-endian."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.place)
        self.place += struct.calcsize("<" + form)
        return values

    def text(self) -> str:
        (length,) = self.numbers("I")
        self.place += length
        return self.data[self.place - length : self.place].decode()

    def array(self, kind: type, count: int) -> NDArray[Any]:
        found: NDArray[Any] = np.frombuffer(self.data, kind, count, self.place)
        self.place += found.nbytes
        return found


def _model(components: dict[int, bytes]) -> LineModel:
    reader = _Reader(components[_NETWORK])
    layers: list[tuple[str, Any]] = []
    _collect(reader, layers)
    if tuple(kind for kind, _ in layers) != _SHAPE:
        raise ValueError("another shape of network")
    made = [one for _, one in layers]
    (_, height, width, depth, _), half, pool = made[0], made[1], made[3]
    if height % 3 or width or depth != 1 or half != (1, 1) or pool != (3, 3):
        raise ValueError("another shape of input")
    reader.text()  # the network's specification, as text
    *_, blank = reader.numbers("iiii")
    characters = _characters(components[_CHARACTERS], components[_CODES], blank)
    output = made[9]
    if len(characters) != len(output.bias):
        raise ValueError("codes and outputs differ")
    return LineModel(
        height=height,
        convolution=made[2],
        column=made[4],
        forward=made[5],
        backward=made[7],
        last=made[8],
        output=output,
        characters=characters,
        blank=blank,
    )


def _collect(reader: _Reader, layers: list[tuple[str, Any]]) -> None:
    """Append the kinds and weights of a network's layers, depth first."""
    (named,) = reader.numbers("b")
    if named:
        raise ValueError("a network without a name")
    kind = reader.text()
    _, _, flags, *_ = reader.numbers("bbiiii")
    reader.text()  # its own name
    if kind in _GROUPS:
        if kind == "RTLReversed":
            layers.append((kind, None))
        (count,) = reader.numbers("I")
        for _ in range(count):
            _collect(reader, layers)
        if flags & _RATES:
            reader.array(np.float32, *reader.numbers("I"))
    elif kind == "Input":
        layers.append((kind, reader.numbers("iiiii")))
    elif kind in ("Convolve", "Maxpool"):
        layers.append((kind, reader.numbers("ii")))
    elif kind in ("LSTM", "SummLSTM"):
        reader.numbers("i")
        layers.append((kind, _layer([_matrix(reader) for _ in range(_GATES)])))
    elif kind in ("Tanh", "Softmax"):
        layers.append((kind, _layer([_matrix(reader)])))
    else:
        raise ValueError(f"a layer of another kind, {kind}")


def _matrix(reader: _Reader) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Weights [out, in + 1], the last of each row its bias, and what a 1 in each row stands for."""
    (flags,) = reader.numbers("B")
    if not flags & _IN_BYTES or not flags & _IN_DOUBLES:
        raise ValueError("weights that are not of 8 bits")
    rows, columns, _ = reader.numbers("IIb")
    weights = reader.array(np.int8, rows * columns).reshape(rows, columns)
    return weights, reader.array(np.float64, *reader.numbers("I"))[:rows]


def _layer(gates: list[tuple[NDArray[np.int8], NDArray[np.float64]]]) -> Layer:
    weights = np.concatenate([one for one, _ in gates])
    scale = np.concatenate([one for _, one in gates])
    units = len(gates[0][0]) if len(gates) > 1 else 0
    inputs = weights.shape[1] - 1 - units
    return Layer(
        of_input=np.ascontiguousarray(weights[:, :inputs].T, np.float32),
        of_state=np.ascontiguousarray(weights[:, inputs:-1].T, np.float32),
        scale=(scale / ONE).astype(np.float32),
        bias=(weights[:, -1] * scale).astype(np.float32),
    )


def _characters(listed: bytes, coded: bytes, blank: int) -> tuple[str, ...]:
    """The character of each code; those of a charset that needs more than one code are refused."""
    count, *lines = listed.decode("utf-8").split("\n")
    names = [line.split(" ", 1)[0] for line in lines[: int(count)]]
    reader = _Reader(coded)
    codes: dict[int, str] = {blank: ""}
    for number in range(*reader.numbers("I")):
        _, length = reader.numbers("bi")
        if length != 1:
            raise ValueError("characters of more than one code")
        (code,) = reader.numbers("i")
        if code != blank:
            codes[code] = " " if number == 0 else names[number]
    return tuple(codes[code] for code in range(len(codes)))
