"""Train the recogniser of names on text that rules label and that is damaged on purpose.

    python models/ner/train.py --text DIR [--out FOLDER] [--sentences N] [--epochs N]

DIR holds text files as for models/restoration/train.py. Sentences are drawn from each, labelled by
``pipeline.entities.recognise`` (rules and gazetteers); with sentences made of gazetteers
(``templates``), half of them are sent through the channels of the restoration engine, and a small
spaCy pipeline learns to find the same names without the rules' lists at hand. No sentence is kept:
what is written are weights. Deterministic, on one core (set OMP_NUM_THREADS=1, as make does).
"""

from __future__ import annotations

import argparse
import itertools
import lzma
import random
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import spacy
from damage import Span, damage, draw_kind
from spacy.tokens import Doc
from spacy.training import Example
from templates import made

from pipeline.entities.recognise import LABELS, recognise
from pipeline.entities.tagger import make_doc

HERE = Path(__file__).parent

SEED = 20250701
SENTENCES = 12_000
EPOCHS = 3
# Sentences of names from gazetteers in the phrases of plans, against those of the text.
_MADE = 0.5
_PART = re.compile(r"(?<=[.;!?])\s+(?=[A-ZĐÀ-Ỹ\"“])")
_LENGTHS = (20, 260)
# Sentences without a name teach what is none; more of them than this are left out.
_WITHOUT = 0.2
_CONFIG = {
    "nlp": {"lang": "xx", "pipeline": ["tok2vec", "ner"]},
    "components": {
        "tok2vec": {
            "factory": "tok2vec",
            "model": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "spacy.MultiHashEmbed.v2",
                    "width": 64,
                    "attrs": ["NORM", "LOWER", "PREFIX", "SUFFIX", "SHAPE"],
                    "rows": [3000, 3000, 800, 1200, 600],
                    "include_static_vectors": False,
                },
                "encode": {
                    "@architectures": "spacy.MaxoutWindowEncoder.v2",
                    "width": 64, "depth": 4, "window_size": 1, "maxout_pieces": 2,
                },
            },
        },
        "ner": {
            "factory": "ner",
            "model": {
                "@architectures": "spacy.TransitionBasedParser.v2",
                "state_type": "ner", "extra_state_tokens": False, "hidden_width": 48,
                "maxout_pieces": 2, "use_upper": True,
                "tok2vec": {
                    "@architectures": "spacy.Tok2VecListener.v1", "width": 64,
                    "upstream": "tok2vec",
                },
            },
        },
    },
}  # fmt: skip


def sentences(folder: Path) -> Iterator[str]:
    """Sentences of all files in turn, each file from its beginning."""
    files = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.xz")])
    if not files:
        sys.exit(f"no *.txt or *.txt.xz in {folder}: name a folder of Vietnamese text")
    streams = [
        _parts(path) for path in (HERE.parent / "restoration" / "administrative.txt", *files)
    ]
    while streams:
        for stream in list(streams):
            found = list(itertools.islice(stream, 8))
            yield from found
            if not found:
                streams.remove(stream)


def paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of a text file (plain or xz), NFC."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.strip():
                yield unicodedata.normalize("NFC", line.strip())


def _parts(path: Path) -> Iterator[str]:
    seen: set[int] = set()
    for number, paragraph in enumerate(paragraphs(path)):
        if number % 7:  # neighbours are alike
            continue
        for part in _PART.split(paragraph):
            text = " ".join(part.split())
            if _LENGTHS[0] <= len(text) <= _LENGTHS[1] and hash_of(text) not in seen:
                seen.add(hash_of(text))
                yield text


def hash_of(text: str) -> int:
    """The same for texts that differ in figures only."""
    return spacy.strings.hash_string(re.sub(r"\d+", "0", text))


def labelled(folder: Path, wanted: int) -> Iterator[tuple[str, list[Span]]]:
    """Sentences with the names that rules find in them."""
    without = taken = 0
    for text in sentences(folder):
        spans: list[Span] = [(n.start, n.end, n.label) for n in recognise(text)]
        if not spans:
            if without >= _WITHOUT * (taken + 1):
                continue
            without += 1
        yield text, spans
        taken += 1
        if taken >= wanted:
            return


def example(nlp: spacy.Language, text: str, spans: list[Span]) -> Example:
    """A training example; a name that does not fall on tokens is widened to them."""
    doc: Doc = make_doc(nlp, text)
    gold = make_doc(nlp, text)
    found = [gold.char_span(*span, alignment_mode="expand") for span in spans]
    gold.set_ents(spacy.util.filter_spans([span for span in found if span]))
    return Example(doc, gold)


def train(folder: Path, out: Path, wanted: int, epochs: int) -> None:
    """Label, damage, learn, write."""
    rng = random.Random(SEED)
    spacy.util.fix_random_seed(SEED)
    started = time.process_time()
    nlp = spacy.util.load_model_from_config(_CONFIG, auto_fill=True)
    for label in LABELS:
        nlp.get_pipe("ner").add_label(label)
    data = list(labelled(folder, wanted))
    data += itertools.islice(made(rng), int(_MADE * wanted))
    print(f"{len(data):,} sentences labelled, {time.process_time() - started:.0f} s", flush=True)
    probe = [example(nlp, *data[number]) for number in range(200)]
    optimizer = nlp.initialize(lambda: probe)
    steps = 0
    total = epochs * len(data) // 48 + 1
    for epoch in range(epochs):
        rng.shuffle(data)
        losses: dict[str, float] = {}
        for first in range(0, len(data), 48):
            batch = [
                example(nlp, *damage(text, spans, draw_kind(rng), rng))
                for text, spans in data[first : first + 48]
            ]
            optimizer.learn_rate = 0.002 * (1 - 0.95 * steps / total)
            nlp.update(batch, sgd=optimizer, losses=losses, drop=0.1)
            steps += 1
        seconds = time.process_time() - started
        print(f"epoch {epoch + 1}: loss {losses['ner']:.0f}, {seconds:.0f} s", flush=True)
    shutil.rmtree(out, ignore_errors=True)
    nlp.to_disk(out, exclude=["vocab"])


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--text", type=Path, required=True, help="folder of text")
    parser.add_argument("--out", type=Path, default=HERE / "model")
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    train(options.text, options.out, options.sentences, options.epochs)


if __name__ == "__main__":
    main()
