"""Train the restoration models from a folder of Vietnamese text.

    python models/restoration/train.py --text DIR [--only lm|rescorer|channels]

DIR holds text files, plain or xz, UTF-8, one paragraph a line: every ``*.txt`` and ``*.txt.xz`` is
read in the order of their names. The text is counted, never copied: what is written are n-gram
probabilities under hashes, string-edit probabilities and the weights of a small network. One line
in 64 (by its SHA-1) is held out of everything, for the figures in MODEL_CARD.md. Deterministic;
needs about 10 GiB of memory, and torch for the network (`make train` installs it).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from count import capital_shares, paragraphs, stream, training_paragraphs
from estimate import count, estimate, prune
from names import place_lines
from pack import pack
from rivals import rival_mass, rival_sets
from unsure import Unsure, find_unsure

from pipeline.restore.lm import LanguageModel

HERE = Path(__file__).parent
ORDERS = 4
NGRAMS = 9_600_000  # free ones; with their contexts some 10.5 million, 3.3 bytes each
ENTROPY_SHARE = 0.03
_BLOCK = 2_000  # paragraphs: so many by turns belong to the two halves
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


def language_model(
    tokens: np.ndarray, capitals: np.ndarray, vocabulary: list[str], out: Path
) -> None:
    """Count, estimate, prune, pack."""
    shares = capital_shares(tokens, capitals, vocabulary)
    models = estimate(count(tokens, ORDERS, {}), len(vocabulary))
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


def _decoded(tokens: np.ndarray, capitals: np.ndarray, model: Path) -> Unsure:
    return find_unsure(tokens, capitals, LanguageModel.load(model))


def rescorer(tokens: np.ndarray, capitals: np.ndarray, vocabulary: list[str], out: Path) -> None:
    """Decode each half of the text with the n-grams of the other; learn from what is unsure."""
    import network  # torch is needed for training alone

    side = np.cumsum(tokens == 0) // _BLOCK % 2
    parts = [(tokens[side == half], capitals[side == half]) for half in (0, 1)]
    with tempfile.TemporaryDirectory() as temporary, ProcessPoolExecutor(2) as pool:
        folders = [Path(temporary) / str(half) for half in (0, 1)]
        for part, folder in zip(parts, folders, strict=True):
            language_model(*part, vocabulary, folder)
        found = pool.map(_decoded, *zip(*parts, strict=True), reversed(folders))
        halves = [network.Half(*part, unsure) for part, unsure in zip(parts, found, strict=True)]
    network.save(network.train(halves, len(vocabulary)), out)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=Path, required=True, help="folder of training text")
    parser.add_argument("--only", choices=("lm", "rescorer", "channels"))
    options = parser.parse_args()
    started = time.monotonic()
    wanted = (options.only,) if options.only else ("channels", "lm", "rescorer")
    with tempfile.TemporaryDirectory() as pairs:
        # most of what the channels take is Tesseract's: it runs beside the rest
        channels = _recipe("channels/train.py", "--text", options.text, "--pairs", pairs)
        reading = subprocess.Popen(channels) if "channels" in wanted else None
        text = None
        for name, make in (("lm", language_model), ("rescorer", rescorer)):
            if name in wanted:
                text = text or stream(sources(options.text))
                make(*text, HERE / name)
                print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
        if reading is not None and reading.wait():
            sys.exit("the channels could not be made; see above")
        read = ("--pairs", f"{pairs}/heldout") if reading else ()
        subprocess.run(_recipe("calibrate.py", "--text", options.text, *read), check=True)
    print(f"all: {time.monotonic() - started:.0f} s", flush=True)


def _recipe(script: str, *arguments: object) -> list[str]:
    return [sys.executable, str(HERE / script), *map(str, arguments)]


if __name__ == "__main__":
    main()
