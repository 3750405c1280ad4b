"""Train the rescorer (:mod:`pipeline.restore.rescorer`) on what n-grams were unsure of.

Loss: cross-entropy of the true word among its rivals, where the score of each is the log posterior
of the n-grams, scaled, plus the network's own: it learns what the n-grams lack, not what they know.
Adam, warm-up, linear decay; the same data and version of torch give the same network.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from unsure import NEVER, Unsure

NEAR, FAR = 8, 32  # words to each side: one by one, and as a mean
WIDTH, HIDDEN, OUT = 48, 512, 96
EPOCHS = 3
_BATCH = 2048
_RATE = 2e-3
_WARM_UP = 300  # steps
_DROPPED = 0.2  # of the hidden units
_UNHEARD = 0.1  # of the near words
_SHARE = 0.9  # of its own score: the n-grams that are shipped have seen twice the text
_EVERY = 500


@dataclass(frozen=True)
class Half:
    """A half of the training text, decoded with the n-grams of the other half.

    ``tokens`` uint16, ``capitals`` bool (written with a capital) by place.
    """

    tokens: np.ndarray
    capitals: np.ndarray
    found: Unsure


@dataclass(frozen=True)
class Batch:
    """Examples as tensors.

    ``words`` [n, 2 FAR]: decoded words around (-1: outside the paragraph); ``flags``; ``beside``
    [2, k]: example and step of each near word that is unsure, ``readings`` [k, OFFERED] and
    ``shares``: what it may be, with posteriors; ``offered`` [n, OFFERED], ``posteriors`` (log) and
    ``true``: the readings of the word itself, and which is right.
    """

    words: torch.Tensor
    flags: torch.Tensor
    beside: torch.Tensor
    readings: torch.Tensor
    shares: torch.Tensor
    offered: torch.Tensor
    posteriors: torch.Tensor
    true: torch.Tensor


class Examples:
    """The unsure places of one half, as tensors on demand."""

    def __init__(self, half: Half) -> None:
        self.half = half
        self.paragraph = np.cumsum(half.tokens == 0).astype(np.int32)
        self.steps = np.concatenate([np.arange(-FAR, 0), np.arange(1, FAR + 1)])
        right = half.found.offered == half.tokens[half.found.places].astype(np.int16)[:, None]
        self.numbers = np.flatnonzero(right.any(axis=1))  # the true word is among those offered
        self.true = right.argmax(axis=1)
        self.row = np.full(len(half.tokens), -1, dtype=np.int32)  # of the example at a place
        self.row[half.found.places] = np.arange(len(half.found.places), dtype=np.int32)

    def __len__(self) -> int:
        return len(self.numbers)

    def batch(self, numbers: np.ndarray) -> Batch:
        """The examples with these numbers."""
        rows, found = self.numbers[numbers], self.half.found
        place = found.places[rows].astype(np.int64)
        around = place[:, None] + self.steps
        inside = (around >= 0) & (around < len(self.paragraph))
        around = np.clip(around, 0, len(self.paragraph) - 1)
        inside &= self.paragraph[around] == self.paragraph[place][:, None]
        near = slice(FAR - NEAR, FAR + NEAR)
        flags = [
            (found.unsure[around] & inside)[:, near],
            (self.half.capitals[around] & inside)[:, near],
            self.half.capitals[place][:, None],
        ]
        open_ = np.where(inside[:, near], self.row[around[:, near]], -1)
        example, step = np.nonzero(open_ >= 0)
        beside = open_[example, step]
        return Batch(
            torch.from_numpy(np.where(inside, found.decoded[around].astype(np.int64), -1)),
            torch.from_numpy(np.concatenate(flags, axis=1).astype(np.float32)),
            torch.from_numpy(np.stack([example, step])),
            torch.from_numpy(np.maximum(found.offered[beside], 0).astype(np.int64)),
            torch.from_numpy(np.exp(found.log_posteriors[beside].astype(np.float32))),
            torch.from_numpy(np.maximum(found.offered[rows], 0).astype(np.int64)),
            torch.from_numpy(found.log_posteriors[rows].astype(np.float32)),
            torch.from_numpy(self.true[rows]),
        )


class Network(nn.Module):
    """The rescorer while it learns."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.inputs = nn.Embedding(words + 1, WIDTH, padding_idx=words)
        nn.init.normal_(self.inputs.weight, 0, 0.3)
        self.inputs.weight.data[words] = 0
        self.hidden = nn.Linear((2 * NEAR + 1) * WIDTH + 4 * NEAR + 1, HIDDEN)
        self.dropped = nn.Dropout(_DROPPED)
        self.unheard = nn.Dropout1d(_UNHEARD)
        self.context = nn.Linear(HIDDEN, OUT)
        self.outputs = nn.Embedding(words, OUT)
        nn.init.normal_(self.outputs.weight, 0, 0.02)
        self.bias = nn.Embedding(words, 1)
        nn.init.zeros_(self.bias.weight)
        self.trust = nn.Parameter(torch.tensor(1.0))

    def forward(self, batch: Batch) -> torch.Tensor:
        """Scores of the words offered; a near word that is unsure is the mean of its readings."""
        padding = self.inputs.padding_idx
        words = torch.where(batch.words < 0, padding, batch.words)
        near = self.inputs(words[:, FAR - NEAR : FAR + NEAR])
        mean = (batch.shares.unsqueeze(-1) * self.inputs(batch.readings)).sum(1)
        near = near.index_put((batch.beside[0], batch.beside[1]), mean)
        near = self.unheard(near).flatten(1)
        rest = torch.cat([words[:, : FAR - NEAR], words[:, FAR + NEAR :]], 1)
        far = functional.embedding_bag(rest, self.inputs.weight, mode="mean", padding_idx=padding)
        both = torch.cat([near, far, batch.flags], 1)
        vector = self.context(self.dropped(functional.relu(self.hidden(both))))
        own = (self.outputs(batch.offered) * vector.unsqueeze(1)).sum(-1)
        own = own + self.bias(batch.offered).squeeze(-1)
        never = batch.posteriors <= NEVER / 2
        return self.trust * batch.posteriors + own.masked_fill(never, NEVER)


def train(halves: list[Half], words: int) -> Network:
    """Learn from the unsure places of all halves."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # sums in one order: the same network on every machine
    torch.use_deterministic_algorithms(True)
    examples = [Examples(half) for half in halves]
    owner = np.repeat(np.arange(len(examples)), [len(part) for part in examples])
    number = np.concatenate([np.arange(len(part)) for part in examples])
    network = Network(words)
    optimiser = torch.optim.Adam(network.parameters(), lr=_RATE, betas=(0.9, 0.98))
    steps = EPOCHS * (len(owner) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / _WARM_UP) * (1.01 - step / steps)
    )
    started, recent = time.monotonic(), 0.0
    generator = np.random.default_rng(0)
    order = np.empty(0, dtype=np.int64)
    for step in range(steps):
        if len(order) < _BATCH:
            order = generator.permutation(len(owner))
        chosen, order = np.sort(order[:_BATCH]), order[_BATCH:]
        scores, true = [], []
        for place, part in enumerate(examples):
            batch = part.batch(number[chosen[owner[chosen] == place]])
            scores.append(network(batch))
            true.append(batch.true)
        loss = functional.cross_entropy(torch.cat(scores), torch.cat(true))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        recent = loss.item() if step == 0 else 0.99 * recent + 0.01 * loss.item()
        if step % _EVERY == 0:
            spent = time.monotonic() - started
            print(f"rescorer: step {step} of {steps}, {spent:.0f} s, loss {recent:.4f}", flush=True)
    return network.eval()


def save(network: Network, folder: Path) -> None:
    """Write the network: embeddings in 8 bits with a scale by row, the rest in 16."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    for name, factor in (("inputs", 1.0), ("outputs", _SHARE)):
        weight = getattr(network, name).weight.detach().numpy() * factor
        scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-8) / 127
        arrays[name] = np.round(weight / scale).astype(np.int8)
        arrays[f"{name}_scale"] = scale.astype(np.float16)
    for name in ("hidden", "context"):
        layer = getattr(network, name)
        arrays[name] = layer.weight.detach().numpy().T.astype(np.float16)
        arrays[f"{name}_bias"] = layer.bias.detach().numpy().astype(np.float16)
    arrays["bias"] = (_SHARE * network.bias.weight.detach().numpy()[:, 0]).astype(np.float16)
    np.savez(folder / "rescorer.npz", **arrays)
    # the search that takes its scores has its own trust in the n-grams: 1, and 0.97 was learned
    meta = {"near": NEAR, "far": FAR}
    (folder / "rescorer.json").write_text(json.dumps(meta) + "\n", encoding="utf-8")
