"""Train the restoration models from a folder of Vietnamese text.

    python models/restoration/train.py --text DIR [--only lm|channels]

DIR holds text files, plain or xz, UTF-8, one paragraph a line: every ``*.txt`` and ``*.txt.xz`` is
read in the order of their names. The text is counted, never copied: what is written are n-gram
probabilities under hashes and string-edit probabilities. One line in 64 (by its SHA-1) is held out
of everything, for the figures in MODEL_CARD.md. Deterministic; needs about 8 GiB of memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from count import capital_shares, paragraphs, stream, training_paragraphs
from estimate import count, estimate, prune
from names import place_lines
from pack import pack
from rivals import rival_mass, rival_sets

from pipeline.restore.lm import LanguageModel

HERE = Path(__file__).parent
ORDERS = 4
NGRAMS = 10_000_000  # free ones; with their contexts some 11 million, 3.3 bytes each
ENTROPY_SHARE = 0.03
_PLACES = 3  # how often the place names are counted
_FORMS = 30  # how often the standing phrases of plans are counted


def sources(folder: Path) -> Iterable[tuple[str, Iterable[str]]]:
    """All training text: the folder's files, standing phrases, place names."""
    forms = list(paragraphs(HERE / "administrative.txt"))
    yield "administrative.txt", (line for _ in range(_FORMS) for line in forms)
    places = list(place_lines())
    yield "place names", (line for _ in range(_PLACES) for line in places)
    files = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.xz")])
    if not files:
        sys.exit(f"no *.txt or *.txt.xz in {folder}")
    for path in files:
        yield path.name, training_paragraphs(path)


def train_language_model(folder: Path, out: Path) -> None:
    """Count, estimate, prune, pack."""
    tokens, capitals, vocabulary = stream(sources(folder))
    shares = capital_shares(tokens, capitals, vocabulary)
    del capitals
    print(f"{len(tokens):,} tokens, {len(vocabulary):,} words", flush=True)
    adjusted = count(tokens, ORDERS, {})
    del tokens
    models = estimate(adjusted, len(vocabulary))
    del adjusted
    rivals = rival_sets(vocabulary)
    with tempfile.TemporaryDirectory() as temporary:
        pack(models, vocabulary, shares, Path(temporary))
        full = LanguageModel.load(Path(temporary))
        models = prune(
            models,
            NGRAMS,
            lambda keys, order: rival_mass(keys, order, rivals, full),
            entropy_share=ENTROPY_SHARE,
        )
    pack(models, vocabulary, shares, out)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=Path, required=True, help="folder of training text")
    parser.add_argument("--only", choices=("lm", "channels"))
    options = parser.parse_args()
    started = time.monotonic()
    if options.only != "channels":
        train_language_model(options.text, HERE / "lm")
        print(f"language model: {time.monotonic() - started:.0f} s", flush=True)
    if options.only != "lm":
        recipe = HERE / "channels" / "train.py"
        subprocess.run([sys.executable, recipe, "--text", options.text], check=True)
    print(f"all: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
