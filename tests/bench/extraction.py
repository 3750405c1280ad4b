"""Figures of extraction: word errors of OCR beside plain tesseract, the text layer, speed.

    python tests/bench/extraction.py [--pages 3]

Needs the reference documents (``KEHOACH_SHARED``, or ../shared beside the project).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pdfplumber
import pypdfium2
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import Levenshtein

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample_truth import body_text, truths, word_error_rate

from pipeline.document import Document
from pipeline.extract import extract, ocr
from pipeline.extract.pdf_page import load
from pipeline.flow import process_file
from pipeline.ingest import identify
from pipeline.restore import restore
from pipeline.settings import Settings

SHARED = Path(os.environ.get("KEHOACH_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SAMPLES = Path(__file__).resolve().parents[2] / "corpora" / "samples"
SCANS = SHARED / "scans"
REAL = ("cv_3722", "qd_729", "tb_153", "phutho_28_qd")
DPI = 200
Grey = NDArray[np.uint8]


def words(text: str) -> list[str]:
    """Words as the reference scorer compares them: NFC, dashes and quotes folded."""
    folded = unicodedata.normalize("NFC", text)
    for one, other in (("–", "-"), ("—", "-"), ("“", '"'), ("”", '"'), ("’", "'"), ("…", "...")):
        folded = folded.replace(one, other)
    return folded.split()


def rate(gold: list[str], found: list[str]) -> float:
    """Word error rate in percent."""
    return 100 * Levenshtein.distance(gold, found) / max(1, len(gold))


def read(path: Path, **options: object) -> Document:
    settings = Settings(**options)
    return extract(Document(source=identify(path, None, settings)), settings=settings)


def body(document: Document) -> list[str]:
    """The words of the lines that are no page numbers."""
    kept = [line.text for _, _, line in document.lines() if line.role != "page_number"]
    return words("\n".join(kept))


def plain_tesseract(image: Image.Image) -> list[str]:
    import pytesseract

    ocr.require_tesseract()
    return words(pytesseract.image_to_string(image, lang="vie", config=f"--dpi {DPI}"))


def fax(page: Grey, chance: np.random.Generator) -> Grey:
    """Half the resolution down the page, two levels, specks."""
    low = cv2.resize(page, None, fx=1.0, fy=0.5, interpolation=cv2.INTER_AREA)
    low = np.where(low < 150, 0, 255).astype(np.uint8)
    low[chance.random(low.shape) < 0.0005] = 0
    return np.asarray(cv2.resize(low, page.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def photocopy(page: Grey, chance: np.random.Generator) -> Grey:
    """A third copy: letters grown, uneven toner, skew, the lid's shadow."""
    grown = cv2.GaussianBlur(cv2.erode(page, np.ones((2, 2), np.uint8)), (0, 0), 0.8)
    noise = cv2.GaussianBlur(chance.normal(0, 60, page.shape).astype(np.float32), (0, 0), 1.2)
    copied = np.clip(grown.astype(np.float32) * 1.05 + noise, 0, 255)
    copied = np.where(copied < 140, 20, 250).astype(np.uint8)
    copied[:, :18] = 0
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), 0.8, 1)
    return np.asarray(cv2.warpAffine(copied, turn, page.shape[::-1], borderValue=250), np.uint8)


def photo(page: Grey, chance: np.random.Generator) -> Grey:
    """A page photographed by hand: perspective, light from one side, blur, grain."""
    height, width = page.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners + np.array([(25, 12), (-10, 30), (-32, -8), (14, -22)], np.float32)
    warped = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(corners, seen), (width, height), borderValue=90
    )
    light = np.linspace(0.95, 0.6, width)[None, :] * np.linspace(0.85, 1.0, height)[:, None]
    lit = cv2.GaussianBlur(warped, (0, 0), 0.9).astype(np.float32) * light
    return np.clip(lit + chance.normal(0, 5, page.shape), 0, 255).astype(np.uint8)


def rendered(pdf: pypdfium2.PdfDocument, index: int) -> Grey:
    """A page as it is printed, with what its form fields hold."""
    page, _ = load(pdf, index)
    image = page.render(scale=DPI / 72, grayscale=True).to_numpy()
    return np.asarray(image.reshape(image.shape[:2]), np.uint8)


WAYS: dict[str, Callable[[Grey, np.random.Generator], Grey]] = {
    "fax": fax,
    "photocopy": photocopy,
    "phone photo": photo,
}


def real_scans() -> None:
    print("word error rate on real scans (%)          tesseract  extracted  restored")
    for name in ("cv_3722", "qd_729"):
        gold = words((SHARED / "gold" / "scans" / f"{name}.txt").read_text(encoding="utf-8"))
        with Image.open(SCANS / f"{name}.png") as image:
            alone = rate(gold, plain_tesseract(image))
        document = read(SCANS / f"{name}.pdf")
        print(
            f"  {name:40} {alone:9.2f} {rate(gold, body(document)):10.2f} "
            f"{rate(gold, body(restore(document))):9.2f}"
        )


def degraded(count: int) -> None:
    print("word error rate on degraded pages (%)      tesseract  extracted  restored")
    path = SCANS / "hanoi_qd_2280.pdf"
    truth = read(path, ocr="off")
    chosen = np.linspace(1, len(truth.pages) - 2, count).astype(int)
    pdf = pypdfium2.PdfDocument(str(path))
    with tempfile.TemporaryDirectory() as folder:
        for way, wear in WAYS.items():
            totals = np.zeros(3)
            size = 0
            for index in chosen:
                gold = words("\n".join(line.text for line in truth.pages[index].lines))
                worn = wear(rendered(pdf, int(index)), np.random.default_rng(int(index)))
                file = Path(folder) / "page.png"
                Image.fromarray(worn).save(file, dpi=(DPI, DPI))
                document = read(file)
                lines = (plain_tesseract(Image.fromarray(worn)),
                         words(document.text()), words(restore(document).text()))  # fmt: skip
                totals += [Levenshtein.distance(gold, one) for one in lines]
                size += len(gold)
            alone, extracted, restored = 100 * totals / size
            print(f"  {way:40} {alone:9.2f} {extracted:10.2f} {restored:9.2f}")


def text_layer() -> None:
    path = SCANS / "hanoi_qd_2280.pdf"
    read(path)  # imports are no part of the figure
    started = time.process_time()
    document = read(path)
    seconds = time.process_time() - started
    found = Counter(words(document.text()))
    with pdfplumber.open(path) as pdf:
        own = Counter(
            word for page in pdf.pages for word in words(page.extract_text(x_tolerance=1.5) or "")
        )
    missing = sum((own - found).values())
    share = 100 * (1 - missing / sum(own.values()))
    speed = len(document.pages) / seconds
    print(f"text layer: {speed:.1f} pages a second and core; {share:.2f} % of pdfplumber's words")


def samples() -> None:
    """Word errors in reading order, of the samples that are PDF, Word or images."""
    print("word errors in reading order, samples of corpora/samples (%)     extracted  restored")
    for truth in truths():
        if truth.file.suffix in (".txt", ".md"):
            continue
        document = read(truth.file)
        errors = [
            word_error_rate(truth.text, body_text(one)) for one in (document, restore(document))
        ]
        shown = "".join(f"{100 * one:10.2f}" for one in errors)
        print(f"  {truth.file.name:60}{shown}", flush=True)


def heads() -> None:
    """Share of documents whose record has all of the head right, against their own text."""
    print("heads: number, date, agency, title, signer against the record of the true text")
    right = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, image, text in _headed(Path(folder)):
            (found, wanted) = (_head(process_file(path)) for path in (image, text))
            wrong = [key for key, value in wanted.items() if value and found[key] != value]
            right += not wrong
            total += 1
            print(f"  {name:40} {'right' if not wrong else 'wrong: ' + ', '.join(wrong)}")
    print(f"heads wholly right: {right} of {total}")


def signed_heads() -> None:
    """The same on our own plans, numbered and dated by pen, signed and sealed, worn in each way.

    The first page of each and the one that is signed; the truth is the same pages in print.
    """
    sys.path.insert(0, str(SAMPLES))
    from generator import load as load_plan
    from generator.channels import seal_of
    from generator.layout import typeset
    from generator.pdf import write_pdf
    from generator.scan import render, sign

    right, total = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((SAMPLES / "source").glob("*.plan")):
            plan = load_plan(path)
            printed, penned = (
                [p for n, p in enumerate(typeset(plan, handwritten=pen)) if not n or p.anchors]
                for pen in (False, True)
            )
            text = Path(folder) / f"{path.stem}.pdf"
            text.write_bytes(write_pdf(printed))
            wanted = {key: value for key, value in _head(process_file(text)).items() if value}
            for seed, (way, wear) in enumerate(WAYS.items()):
                chance = random.Random(f"{path.stem} {way}")
                signed = [
                    sign(image, page, DPI, chance, seal_of(plan)).convert("L")
                    for image, page in zip(render(penned, DPI), penned, strict=True)
                ]
                worn = [
                    Image.fromarray(wear(np.asarray(image), np.random.default_rng(seed)))
                    for image in signed
                ]
                file = Path(folder) / f"{path.stem}.tiff"
                worn[0].save(file, save_all=True, append_images=worn[1:], dpi=(DPI, DPI))
                found = _head(process_file(file))
                wrong = [key for key, value in wanted.items() if found[key] != value]
                total.update([way, *wanted])
                right.update(wanted.keys() - set(wrong))
                right[way] += not wrong
                for key in wrong:
                    print(f"  {path.stem}, {way}: {key} {found[key]!r} for {wanted[key]!r}")
    shown = ", ".join(f"{name} {right[name]} of {total[name]}" for name in total)
    print(f"heads of our own plans, by field, and wholly right by way: {shown}")


def _headed(folder: Path) -> Iterator[tuple[str, Path, Path]]:
    """Name, file and true text of documents of one page."""
    for name in ("cv_3722", "qd_729"):
        yield name, SCANS / f"{name}.pdf", SHARED / "gold" / "scans" / f"{name}.txt"
    for name in ("hanoi_qd_2280", "hanoi_tb_453"):
        truth = read(SCANS / f"{name}.pdf", ocr="off").pages[0]
        text = folder / f"{name}.txt"
        text.write_text(truth.text_of(1, len(truth.lines)), encoding="utf-8")
        pdf = pypdfium2.PdfDocument(str(SCANS / f"{name}.pdf"))
        page = rendered(pdf, 0)
        for way, wear in WAYS.items():
            file = folder / f"{name}-{way}.png"
            Image.fromarray(wear(page, np.random.default_rng(0))).save(file, dpi=(DPI, DPI))
            yield f"{name}, {way}", file, text


def _head(document: Document) -> dict[str, str | None]:
    record = document.record
    assert record is not None
    folded = {
        "number": record.number.value,
        "date": record.issued.date,
        "agency": record.unit.name if record.unit else None,
        "title": record.title,
        "signer": record.signature.name if record.signature else None,
    }
    return {key: " ".join(words(str(value))) if value else None for key, value in folded.items()}


def speed_against_ocrmypdf() -> None:
    """Pages a minute and processor time for the real scans: a command each, and all in one.

    In a folder the start is paid once; ocrmypdf takes one file at a time.
    """
    peer = shutil.which("ocrmypdf") or shutil.which("ocrmypdf", path=Path(sys.executable).parent)
    if peer is None:
        print("OCR speed: ocrmypdf is not installed (pip install ocrmypdf); not compared")
        return
    ours = [sys.executable, "-m", "pipeline", "extract", "--raw"]
    # the signature of a scan would be broken; nobody keeps what is written here
    theirs = [peer, "-l", "vie", "--jobs", "2", "--quiet", "--invalidate-digital-signatures"]
    print("OCR, wall and processor seconds a scan     kehoach          ocrmypdf --jobs 2")
    total, pages = np.zeros((2, 2)), 0
    with tempfile.TemporaryDirectory() as folder:
        for name in REAL:
            scan = str(SCANS / f"{name}.pdf")
            each = np.array(
                [_timed([*ours, scan]), _timed([*theirs, scan, str(Path(folder) / "out.pdf")])]
            )
            total += each
            pages += len(pypdfium2.PdfDocument(scan))
            shown = "     ".join(f"{wall:6.1f} {cpu:6.1f}" for wall, cpu in each)
            print(f"  {name:38} {shown}")
    folder_wall, folder_cpu = _timed(
        [sys.executable, "-c", _ALL, *(str(SCANS / f"{name}.pdf") for name in REAL)]
    )
    (wall, cpu), (peer_wall, peer_cpu) = total
    print(
        f"pages a minute: {60 * pages / wall:.1f} and {60 * pages / peer_wall:.1f}; "
        f"{peer_wall / wall:.2f} times as many, {peer_cpu / cpu:.2f} times by processor"
    )
    print(
        f"all scans in one run of ours: {60 * pages / folder_wall:.1f} pages a minute, "
        f"{peer_wall / folder_wall:.2f} times as many, {peer_cpu / folder_cpu:.2f} by processor"
    )


_ALL = """import sys
from pathlib import Path
from pipeline.document import Document
from pipeline.extract import extract
from pipeline.ingest import identify
from pipeline.settings import Settings
for path in map(Path, sys.argv[1:]):
    extract(Document(source=identify(path, None, Settings())), settings=Settings()).text()
"""


def _timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of ``command`` and what it starts."""
    before = os.times()
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system
    return wall, cpu - before.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description="Figures of extraction.")
    parser.add_argument("--pages", type=int, default=3, help="pages degraded in each way")
    chosen = parser.parse_args()
    if not SCANS.is_dir():
        print(f"extraction: the reference documents are not here ({SHARED}); nothing measured")
        return 0
    if not ocr.has_tesseract():
        print("extraction: tesseract with Vietnamese data is not installed; nothing measured")
        return 0
    text_layer()
    samples()
    real_scans()
    degraded(chosen.pages)
    heads()
    signed_heads()
    speed_against_ocrmypdf()
    return 0


if __name__ == "__main__":
    sys.exit(main())
