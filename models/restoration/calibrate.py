"""Calibrate posteriors: fit, for each kind of damage, how sure a repaired word really is.

    python models/restoration/calibrate.py [--pairs DIR] [--text DIR]

The folder of pairs holds ``<kind>.tsv`` of held-out pages (channels/make_pairs.py): garbled line
TAB true line, an empty line between pages. Text that lost marks or letters, or was split, is made
from held-out lines of ``--text``. Kinds without either keep what they have. The posterior p becomes
sigmoid(a · ln p − b · ln(1 − p) + c + d · ln(doubt + 0.01)), where ``doubt`` is the mean of 1 − p
over the page (beta calibration: Kull, Silva Filho and Flach 2017; d is ours); a to d go to
``calibration.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from count import held_out, paragraphs

from pipeline.restore.confidence import BARE, evidence
from pipeline.restore.engine import Stretch
from pipeline.restore.syllables import has_marks, is_syllable
from pipeline.restore.tokens import older_tone_place

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "channels"))

from wreck import wreck  # noqa: E402

READ = ("english_ocr", "vietnamese_ocr")
MADE = ("no_marks", "dropped_glyphs", "splits")
_EDGES = ".,;:()\"'“”!?-–…[]"
_PAGES = 240  # of each kind, at most


def pages(folder: Path, kind: str) -> Iterator[tuple[list[str], list[str]]]:
    """Held-out pages: (lines read, true lines)."""
    for page in (folder / f"{kind}.tsv").read_text(encoding="utf-8").strip().split("\n\n"):
        rows = [line.split("\t") for line in page.split("\n") if line.count("\t") == 1]
        yield [row[0] for row in rows], [row[1] for row in rows]


def wrecked(folder: Path, kind: str, most: int = 200) -> Iterator[tuple[list[str], list[str]]]:
    """Held-out lines under a damage made by rule, in pages of 40."""
    rng = np.random.default_rng(0)
    for path in sorted(folder.glob("*.txt*")):
        lines = []
        for line in paragraphs(path):
            syllables = [word for word in line.split() if is_syllable(word)]
            marked = sum(map(has_marks, syllables))
            if held_out(line) and len(syllables) > 3 and marked > 0.5 * len(syllables):
                lines.append(line)
            if len(lines) >= most * 8:
                break
        for at in range(0, len(lines), 40):
            yield wreck(lines[at : at + 40], kind, rng), lines[at : at + 40]


def _plain(word: str) -> str:
    return older_tone_place(word.lower().strip(_EDGES))


def outcomes(kind: str, made: Iterator[tuple[list[str], list[str]]]) -> np.ndarray:
    """[(posterior, 1 when the repaired word is right, doubt of the page)].

    A word is right that stands near its place in the truth.
    """
    found = []
    for lines, truth in made:
        stretch = Stretch(lines, kind)
        for change in stretch.run():
            word = _plain(change.after)
            if not word:
                continue
            line, true = lines[change.line], truth[change.line]
            place = len(true[: round(change.start * len(true) / len(line))].split())
            near = [_plain(w) for w in true.split()][max(0, place - 4) : place + 5]
            right = all(part in near for part in word.split())
            found.append((change.confidence, float(right), stretch.doubt))
    return np.array(found).reshape(-1, 3)


def fit(outcome: np.ndarray) -> np.ndarray:
    """The four numbers, by Newton's method in short steps, with a weak prior at those of none.

    The first two are not negative: what is likelier stays so.
    """
    x = evidence(outcome[:, 0], outcome[:, 2])
    weights = prior = np.array(BARE)
    for _ in range(100):
        guess = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (guess - outcome[:, 1]) + (weights - prior)
        hessian = (x * (guess * (1 - guess))[:, None]).T @ x + np.eye(4)
        weights = weights - np.clip(np.linalg.solve(hessian, gradient), -0.3, 0.3)
        weights[:2] = np.maximum(weights[:2], 0.0)
    return weights


def calibrated(outcome: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The outcomes with their posteriors scaled."""
    scaled = 1 / (1 + np.exp(-evidence(outcome[:, 0], outcome[:, 2]) @ weights))
    return np.stack([scaled, outcome[:, 1]], axis=1)


def expected_error(outcome: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over bins of equal width."""
    place = np.minimum((outcome[:, 0] * bins).astype(int), bins - 1)
    parts = (outcome[place == k] for k in range(bins))
    gaps = (abs(part[:, 0].mean() - part[:, 1].mean()) * len(part) for part in parts if len(part))
    return sum(gaps) / len(outcome)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--text", type=Path)
    options = parser.parse_args()
    path = HERE / "calibration.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    makers = {
        **(dict.fromkeys(READ, pages) if options.pairs else {}),
        **(dict.fromkeys(MADE, wrecked) if options.text else {}),
    }
    path.unlink(missing_ok=True)  # what is fitted are the bare posteriors
    for kind, make in makers.items():
        everything = list(
            islice(make(options.text if kind in MADE else options.pairs, kind), _PAGES)
        )
        halves = [outcomes(kind, iter(everything[side::2])) for side in (0, 1)]
        weights = fit(np.concatenate(halves)).round(4).tolist()
        table[kind] = weights
        # The error is that of each half under the fit of the other.
        held = [calibrated(halves[side], fit(halves[1 - side])) for side in (0, 1)]
        before, after = (expected_error(np.concatenate(part)) for part in (halves, held))
        count = sum(map(len, halves))
        print(f"{kind}: {count} repairs, {weights}; {before:.4f} → {after:.4f}")
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
