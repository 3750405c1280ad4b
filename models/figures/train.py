"""Train the reader of numbers by hand (:mod:`pipeline.recognise.figures`) on drawn pictures.

    python models/figures/train.py [--pictures 90000] [--epochs 9] [--measure]

The shape of network that reads lines (:mod:`pipeline.recognise.network`), smaller; loss: the
probability of the number over all its ways (connectionist temporal classification, Graves et al.
2006). Adam, one cycle of rates. Figures of the hands that it did not see are printed at the end.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]

import torch  # noqa: E402
from draw import HEIGHT, Sample, sample  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from pipeline.recognise.figures import SIGNS, figures_model  # noqa: E402
from pipeline.recognise.network import probabilities, stretched  # noqa: E402
from pipeline.recognise.traineddata import ONE  # noqa: E402

KINDS = ("pen", "people", "people", "font", "font", "print")
POOL, STEP = 3, 4  # pixels of a step of the network; widths are brought to so many steps
VALUES, DOWN, ALONG = 16, 40, 64
BATCH, RATE = 96, 3e-3
TESTED = 3000
_WIDEST = 360  # pixels
_SHOWN = 0.25  # of the steps: at first the network is shown where the figures are


class Net(nn.Module):
    """The network as it is trained; inputs [n, HEIGHT + 2, width + 2] from -1 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, VALUES, 3)
        self.column = nn.LSTM(VALUES, DOWN, batch_first=True)
        self.forward_ = nn.LSTM(DOWN, ALONG, batch_first=True)
        self.backward_ = nn.LSTM(ALONG, ALONG, batch_first=True)
        self.last = nn.LSTM(ALONG, ALONG, batch_first=True)
        self.output = nn.Linear(ALONG, len(SIGNS) + 1)

    def forward(self, framed: torch.Tensor) -> torch.Tensor:
        """Log probabilities [n, steps, codes]."""
        seen = torch.tanh(functional.max_pool2d(self.convolution(framed[:, None]), POOL))
        count, values, rows, steps = seen.shape
        columns = seen.permute(0, 3, 2, 1).reshape(count * steps, rows, values)
        along = self.column(columns)[1][0][0].reshape(count, steps, DOWN)
        along = self.forward_(along)[0]
        along = self.backward_(along.flip(1))[0].flip(1)
        return functional.log_softmax(self.output(self.last(along)[0]), -1)


def _drawn(seed: int, count: int, part: str, kinds: Sequence[str]) -> list[Sample]:
    """``count`` numbers and their pictures, their widths whole steps."""
    cv2.setNumThreads(1)
    chance = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        one = sample(chance, kinds, part)
        if one is None or one.image.shape[1] > _WIDEST:
            continue
        lacking = -one.image.shape[1] % (POOL * STEP)
        paper = int(np.percentile(one.image, 90))
        image = np.pad(one.image, ((0, 0), (0, lacking)), constant_values=paper)
        found.append(replace(one, image=image))
    return found


def drawn(count: int, part: str, kinds: Sequence[str]) -> list[Sample]:
    """The same on all cores."""
    each = 1000
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(
            _drawn,
            range(count // each),
            [each] * (count // each),
            [part] * (count // each),
            [kinds] * (count // each),
        )
        return [one for some in parts for one in some]


def batches(widths: np.ndarray, chance: np.random.Generator) -> list[np.ndarray]:
    """Numbers of pictures that are learned together, of one width."""
    made = []
    for width in np.unique(widths):
        some = chance.permutation(np.flatnonzero(widths == width))
        made += [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
    return [made[k] for k in chance.permutation(len(made))]


def shown(some: Sequence[Sample]) -> torch.Tensor:
    """The code of each step [n, steps]: of a figure in its middle, of none elsewhere."""
    steps = some[0].image.shape[1] // POOL
    codes = torch.full((len(some), steps), len(SIGNS))
    for row, one in zip(codes, some, strict=True):
        for figure, middle in zip(one.text, one.middles, strict=True):
            row[min(steps - 1, max(0, int(middle / POOL)))] = SIGNS.index(figure)
    return codes


def loss_of(scores: torch.Tensor, some: Sequence[Sample], *, places: bool) -> torch.Tensor:
    """Nats a number: over all its ways, or at the ``places`` where its figures are."""
    if places:
        steps = scores.reshape(-1, scores.shape[-1])
        return functional.nll_loss(steps, shown(some).reshape(-1), reduction="sum") / len(some)
    wanted = [[SIGNS.index(figure) for figure in one.text] for one in some]
    return functional.ctc_loss(
        scores.transpose(0, 1),
        torch.tensor([code for codes in wanted for code in codes], dtype=torch.long),
        torch.full((len(some),), scores.shape[1]),
        torch.tensor([len(codes) for codes in wanted]),
        blank=len(SIGNS),
        reduction="sum",
        zero_infinity=True,
    ) / len(some)


def train(pictures: list[Sample], epochs: int) -> Net:
    """The network, trained."""
    torch.manual_seed(0)
    chance = np.random.default_rng(0)
    net = Net()
    inner = [np.rint(stretched(one.image)).astype(np.int8) for one in pictures]
    widths = np.array([image.shape[1] for image in inner])
    steps = epochs * len(batches(widths, chance))
    optimiser = torch.optim.Adam(net.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps + 1, pct_start=0.15)
    started, step = time.monotonic(), 0
    for _ in range(epochs):
        losses = []
        for some in batches(widths, chance):
            pixels = np.stack([inner[k] for k in some]).astype(np.float32) / ONE
            framed = chance.uniform(-1, 1, (len(some), HEIGHT + 2, pixels.shape[2] + 2))
            framed[:, 1:-1, 1:-1] = pixels
            scores = net(torch.tensor(framed, dtype=torch.float32))
            loss = loss_of(scores, [pictures[k] for k in some], places=step < _SHOWN * steps)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
            step += 1
            if step % 200 == 0:
                passed = (time.monotonic() - started) / 60
                print(f"{step}/{steps}: {np.mean(losses[-200:]):.3f}, {passed:.1f} min", flush=True)
    return net


def save(net: Net, file: Path) -> None:
    """Weights as whole numbers of 8 bits with a scale for each row, as Tesseract's are."""
    with torch.no_grad():
        state = {name: value.numpy() for name, value in net.state_dict().items()}
    arrays: dict[str, np.ndarray] = {}

    def put(name: str, of_input: np.ndarray, of_state: np.ndarray, bias: np.ndarray) -> None:
        whole = np.concatenate([of_input, of_state], 1)
        scale = np.abs(whole).max(1) / ONE
        whole = np.rint(whole / scale[:, None]).astype(np.int8)
        arrays[f"{name}.of_input"] = whole[:, : of_input.shape[1]].T
        arrays[f"{name}.of_state"] = whole[:, of_input.shape[1] :].T
        arrays[f"{name}.scale"] = (scale / ONE).astype(np.float32)
        arrays[f"{name}.bias"] = bias.astype(np.float32)

    kernel = state["convolution.weight"][:, 0].transpose(0, 2, 1).reshape(VALUES, 9)  # by column
    put("convolution", kernel, np.zeros((VALUES, 0)), state["convolution.bias"])
    named = {"column": "column", "forward": "forward_", "backward": "backward_", "last": "last"}
    for name, own in named.items():
        of_input, of_state = state[f"{own}.weight_ih_l0"], state[f"{own}.weight_hh_l0"]
        units = of_state.shape[1]
        # torch: input, forget, cell, output; here: cell, input, forget, output
        order = np.concatenate([np.arange(units) + units * gate for gate in (2, 0, 1, 3)])
        bias = state[f"{own}.bias_ih_l0"] + state[f"{own}.bias_hh_l0"]
        put(name, of_input[order], of_state[order], bias[order])
    codes = len(SIGNS) + 1
    put("output", state["output.weight"], np.zeros((codes, 0)), state["output.bias"])
    np.savez_compressed(file, **arrays)


def measure() -> None:
    """Numbers wholly right, by kind of hand; people and fonts are such as were not learned from."""
    model = figures_model()
    for kind in ("pen", "people", "font", "print"):
        some = _drawn(1_000_000, TESTED, "test", (kind,))
        right = 0
        made = probabilities([one.image for one in some], model)
        for one, shares in zip(some, made, strict=True):
            way = shares.argmax(1)
            kept = way[np.append(True, way[1:] != way[:-1])]
            right += "".join(model.characters[code] for code in kept) == one.text
        print(f"{kind}: {100 * right / len(some):.1f} % of {len(some)} numbers wholly right")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=90_000)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--measure", action="store_true", help="only measure what is there")
    asked = parser.parse_args()
    if asked.measure:
        measure()
        return 0
    pictures = drawn(asked.pictures, "train", KINDS)
    print(f"{len(pictures)} pictures", flush=True)
    save(train(pictures, asked.epochs), HERE / "network.npz")
    figures_model.cache_clear()
    measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
