"""How well and how fast text is restored, with pyvi beside it in the same run.

    python tests/bench/restoration.py [--quick]

Needs the reference documents (KEHOACH_SHARED, or ../shared beside the project). Every row goes
through ``pipeline.restore_text``. *raw* is the text as it came in, *pyvi* is pyvi 0.1.1 (a failure
counts as the text unchanged). Held-out lines are those that training leaves out
(models/restoration/count.py); lines that lost their own marks are no truth, and are passed over.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import lzma
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline import restore_text
from pipeline.artefacts import model_path
from pipeline.restore.syllables import has_marks, is_syllable, strip_marks
from pipeline.restore.tokens import older_tone_place, pieces

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("KEHOACH_SHARED", ROOT.parent / "shared"))
_FOLDED = str.maketrans(
    {"Ð": "Đ", "\u00a0": " ", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "*": "", "#": ""}
)


def pyvi(text: str) -> str:
    """What pyvi makes of it."""
    from pyvi import ViUtils

    lines = []
    for line in text.split("\n"):
        try:
            lines.append(ViUtils.add_accents(line) if line.strip() else line)
        except Exception:
            lines.append(line)
    return "\n".join(lines)


def words(text: str) -> list[str]:
    """Words for scoring: NFC, one dash, one quote, one placement of tone marks."""
    folded = unicodedata.normalize("NFC", text).translate(_FOLDED).replace("…", "...")
    result = []
    for word in folded.split():
        letters = "".join(c for c in word if c.isalpha())
        older = older_tone_place(letters.lower())
        if older != letters.lower():
            old = "".join(
                b.upper() if a.isupper() else b for a, b in zip(letters, older, strict=True)
            )
            word = word.replace(letters, old)
        result.append(word)
    return result


def word_errors(gold: str, text: str) -> float:
    """Word error rate, per cent."""
    truth = words(gold)
    return 100.0 * Levenshtein.distance(truth, words(text)) / max(1, len(truth))


def _tokens(text: str) -> list[str]:
    return [token for chunk in text.split() for token, _ in pieces(chunk, capitals=True)]


def syllables_right(gold: str, text: str) -> tuple[int, int]:
    """(syllables of ``gold`` that ``text`` has right, syllables of ``gold``), line by line."""
    right = total = 0
    for truth_line, line in zip(gold.split("\n"), text.split("\n"), strict=True):
        truth = _tokens(truth_line)
        total += sum(map(is_syllable, truth))
        for op in Levenshtein.opcodes(truth, _tokens(line)):
            if op.tag == "equal":
                right += sum(map(is_syllable, truth[op.src_start : op.src_end]))
    return right, total


def row(name: str, *cells: str) -> None:
    """One line of the table."""
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def show_documents() -> None:
    """Word error rates on the samples that have a truth."""
    raw = next((SHARED / "seeds").glob("000*")).read_text(encoding="utf-8")
    gold = (SHARED / "gold" / "000.txt").read_text(encoding="utf-8")
    ours = restore_text(raw)
    cells = [f"{word_errors(gold, t):.2f} %" for t in (raw, ours, pyvi(raw))]
    row("word errors, sample 000 (dropped glyphs)", *cells, "0.5 / 0.1 %")
    raw = next((SHARED / "seeds").glob("003*")).read_text(encoding="utf-8")
    gold = (SHARED / "gold" / "003-lines-1-80.txt").read_text(encoding="utf-8")
    head = ["\n".join(t.split("\n")[:80]) for t in (raw, restore_text(raw))]
    cells = [f"{word_errors(gold, t):.2f} %" for t in (*head, pyvi(head[0]))]
    row("word errors, sample 003, lines 1–80 (English OCR)", *cells, "1.5 / 0.8 %")


def show_clean(quick: bool) -> None:
    """Changed words on clean text."""
    paths = [next((SHARED / "seeds").glob(f"{n}*")) for n in ("002", "004")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    texts += [path.read_text(encoding="utf-8") for path in (SHARED / "gold").glob("*.txt")]
    row("changed words, samples 002, 004, gold", "–", _changed(texts), "–", "0.05 / 0.01 %")
    for name in ("phapdien", "news"):
        lines = held_out(name, 400 if quick else 2_000)
        pages = ["\n".join(lines[at : at + 40]) for at in range(0, len(lines), 40)]
        row(f"changed words, held-out {name}", "–", _changed(pages), "–", "0.05 / 0.01 %")


def _changed(texts: list[str]) -> str:
    changed = total = 0
    for text in texts:
        before = text.split()
        changed += Levenshtein.distance(before, restore_text(text).split())
        total += len(before)
    return f"{100.0 * changed / total:.3f} %"


@cache
def held_out(name: str, most: int) -> list[str]:
    """Lines that training never saw, with their marks."""
    return [line for line, _ in zip(_held_out(name), range(most), strict=False)]


def _held_out(name: str) -> Iterator[str]:
    with lzma.open(SHARED / "text" / f"{name}.txt.xz", "rt", encoding="utf-8") as file:
        for line in file:
            text = " ".join(unicodedata.normalize("NFC", line).split())
            digest = hashlib.sha1(text.encode(), usedforsecurity=False).digest()
            if not text or digest[0] % 64:
                continue
            syllables = [word for word in text.split() if is_syllable(word)]
            if len(syllables) > 3 and sum(map(has_marks, syllables)) > 0.5 * len(syllables):
                yield text


def show_stripped(quick: bool) -> None:
    """Syllables right where all marks were taken away."""
    path = SHARED / "eval" / "diacritics_business_55.txt"
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    sets = [("business-55", lines, "98.5 / 99.2 %")]
    for name, wanted in (("news", "98.7 / 99.2 %"), ("phapdien", "99.7 / 99.9 %")):
        sets.append((f"held-out {name}", held_out(name, 300 if quick else 2_000), wanted))
    for name, lines, wanted in sets:
        gold = unicodedata.normalize("NFC", "\n".join(lines))
        cells = []
        peer_lines = 200
        for how, count in ((None, None), (_restored, None), (pyvi, peer_lines)):
            part = "\n".join(gold.split("\n")[:count])
            text = strip_marks(part)
            right, total = syllables_right(part, how(text) if how else text)
            cells.append(f"{100.0 * right / total:.2f} %")
        row(f"syllables right from stripped text, {name}", *cells, wanted)


def _restored(text: str) -> str:
    return restore_text(text, damage="no_marks")


def show_noisy() -> None:
    """The noisy sets of nom-vn, each line by itself."""
    for name, wanted in (
        ("legal_25", "97 / 99 %"),
        ("news_25", "97 / 99 %"),
        ("formal_72_light", "97 / 99 %"),
    ):
        rows = [
            json.loads(line)
            for line in (SHARED / "eval" / f"noisy_{name}.jsonl").read_text("utf-8").splitlines()
        ]
        cells = []
        for how in (str, restore_text, pyvi):
            wrong = total = 0
            for pair in rows:
                truth = words(pair["target"])
                wrong += Levenshtein.distance(truth, words(how(pair["input"])))
                total += len(truth)
            cells.append(f"{100.0 - 100.0 * wrong / total:.2f} %")
        row(f"words right, noisy_{name}", *cells, wanted)


def show_scans(pages: int) -> None:
    """Word errors of `vie` OCR on pages made poor; the text layer is the truth."""
    import pypdfium2
    import pytesseract
    from PIL import Image, ImageFilter

    document = pypdfium2.PdfDocument(SHARED / "scans" / "hanoi_qd_2280.pdf")
    noise = np.random.default_rng(0)
    before, after = [], []
    for number in range(1, 1 + pages):
        page = document[number]
        truth = page.get_textpage().get_text_range().replace("\r\n", "\n")
        image = page.render(scale=100 / 72).to_pil().convert("L")
        image = image.filter(ImageFilter.GaussianBlur(0.6))
        worn = np.asarray(image, dtype=float) + noise.normal(0, 25, (image.height, image.width))
        buffer = io.BytesIO()
        Image.fromarray(np.clip(worn, 0, 255).astype("uint8")).save(buffer, "JPEG", quality=40)
        text = pytesseract.image_to_string(Image.open(buffer), lang="vie", config="--psm 6")
        before.append(word_errors(truth, text))
        after.append(word_errors(truth, restore_text(text, damage="vietnamese_ocr")))
    cells = (f"{np.mean(before):.2f} %", f"{np.mean(after):.2f} %", "–")
    row(f"word errors, vie OCR of {pages} poor pages", *cells, "−⅓ / −½")


def show_unseen(pages: int) -> None:
    """Held-out text that lost three letters; the same rendered and read by OCR (own seeds)."""
    sys.path.insert(0, str(ROOT / "models" / "restoration" / "channels"))
    from make_pairs import ENGLISH, VIETNAMESE, make_pairs
    from source_text import Sampler

    lost = str.maketrans({"ư": " ", "ậ": "", "Đ": " "})
    for name in ("news", "phapdien"):
        lines = held_out(name, 60 * pages)
        made = [
            [(line, line.translate(lost)) for line in lines[at : at + 60]]
            for at in range(0, len(lines), 60)
        ]
        _show_pairs(f"word errors, held-out {name} that lost ư, ậ, Đ", made)
    sampler = Sampler(SHARED / "text", held_out=True, limit=4_000_000)
    for scanner, seed in ((ENGLISH, 911), (VIETNAMESE, 912)):
        made = list(make_pairs(sampler, scanner, pages, seed, report=False))
        _show_pairs(f"word errors, {pages} rendered pages, {scanner.language} OCR", made)


def _show_pairs(name: str, made: list[list[tuple[str, str]]]) -> None:
    totals, took, size = np.zeros(3), np.zeros(3), 0
    for page in made:
        truth = words("\n".join(true for true, _ in page))
        read = "\n".join(seen for _, seen in page)
        for number, system in enumerate((str, restore_text, pyvi)):
            started = time.process_time()
            text = system(read)
            took[number] += time.process_time() - started
            totals[number] += Levenshtein.distance(truth, words(text))
        size += len(truth)
    row(name, *(f"{100.0 * total / size:.2f} %" for total in totals), "–")
    cells = (f"{size / seconds:,.0f}" for seconds in took[1:])
    row("– words a second, each page read once", "–", *cells, "–")


def show_speed(quick: bool) -> None:
    """Words a second, warm, and the cost of a word from 1 kB to 10 MB."""
    stripped = strip_marks("\n".join(held_out("phapdien", 2_000)))
    ocr = next((SHARED / "seeds").glob("003*")).read_text(encoding="utf-8")
    dropped = next((SHARED / "seeds").glob("000*")).read_text(encoding="utf-8")
    for name, text, damage in (
        ("no marks", stripped, "no_marks"),
        ("English OCR (003)", ocr, "english_ocr"),
        ("dropped glyphs (000)", dropped, "dropped_glyphs"),
    ):
        ours = _rate(lambda text=text, damage=damage: restore_text(text, damage=damage), text)
        short = "\n".join(text.split("\n")[:60])
        peer = _rate(lambda short=short: pyvi(short), short, times=1)
        cells = ("–", f"{ours:,.0f}", f"{peer:,.0f}", "50,000 / 100,000")
        row(f"words a second, {name}", *cells)
    sizes = (1_000, 100_000) if quick else (1_000, 100_000, 10_000_000)
    for size in sizes:
        text = (stripped * (size // len(stripped) + 1))[:size]
        for shape, made in (("lines", text), ("one line", text.replace("\n", " "))):
            cost = 1e6 / _rate(lambda made=made: restore_text(made), made, times=1)
            row(f"µs a word, {size:,} characters in {shape}", "–", f"{cost:.1f}", "–", "the same")


def _rate(run: Callable[[], str], text: str, times: int = 9) -> float:
    """Words a second of processor time: what one core does, whatever else the machine is at."""
    if times > 1:
        run()
    took = []
    for _ in range(times):
        started = time.process_time()
        run()
        took.append(time.process_time() - started)
    return len(text.split()) / median(took)


def show_size() -> None:
    """Size of the model files."""
    folder = model_path("restoration/lm").parent
    size = sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.suffix in (".npy", ".npz", ".tsv", ".txt", ".json")
    )
    row("model files", "–", f"{size / 1e6:.1f} MB", "–", "40 / 20 MB")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer held-out lines, no 10 MB")
    options = parser.parse_args()
    if not (SHARED / "seeds").is_dir():
        sys.exit(f"the reference documents are not at {SHARED}; set KEHOACH_SHARED")
    row("measure", "raw", "kehoach", "pyvi", "must / aim")
    row("---", "---", "---", "---", "---")
    show_documents()
    show_clean(options.quick)
    show_stripped(options.quick)
    show_noisy()
    show_scans(1 if options.quick else 4)
    show_unseen(2 if options.quick else 16)
    show_speed(options.quick)
    show_size()


if __name__ == "__main__":
    main()
