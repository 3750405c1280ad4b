"""Reading lines and pages with Tesseract's models.

Lines go through its network in this process, all at once (pipeline.recognise); whole pages, the way
a page lies, and lines whose model has another shape than that network go to its program.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors import MissingToolError
from pipeline.extract.lines import Cutting
from pipeline.extract.tokens import Read, Token
from pipeline.recognise.reader import (
    LineWord,
    Seen,
    columns_of,
    likelihoods,
    read_lines,
    read_seen,
    see_lines,
)
from pipeline.recognise.traineddata import LineModel, UnknownModelError, load_model

LANGUAGE = "vie"
FIGURES = "eng"  # whose figures are better than those of the Vietnamese model
ONE_LINE = 7  # tesseract's page segmentation mode for an image of one line
_POINTS = 72.0
_LINE_DPI = 300
_INK_ON_PAPER = "-c tessedit_do_invert=0"  # else each line that reads badly is read twice
_SIDES = (8, 20_000)  # pixels: sides of an image that tesseract reads
_TOGETHER = 96  # lines read between two looks at the clock; probabilities take memory
_ASKED = 30  # seconds that the program may take to list its languages
_DIGITS = "0123456789"
_SHARES = ("/usr/share", "/usr/local/share", "/opt/homebrew/share", "/opt/local/share")


class OcrError(Exception):
    """Tesseract gave no answer: it took too long, or stopped by itself. Names no file."""


def _program() -> str:
    """The program, also where a caller told pytesseract of another."""
    told = sys.modules.get("pytesseract.pytesseract")
    return str(getattr(told, "tesseract_cmd", "tesseract"))


@cache
def installed() -> tuple[frozenset[str], Path | None]:
    """The languages that tesseract has data for, and the folder that holds them.

    Raises MissingToolError where there is no tesseract.
    """
    # One thread for each tesseract: pages are what is worked on side by side.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    cv2.setNumThreads(1)
    try:
        listed = subprocess.run(  # what it says is sent here or there, by its version
            [_program(), "--list-langs"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_ASKED,
            check=True,
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingToolError(
            "tesseract is not installed, and a page needs OCR; install it with its Vietnamese data "
            "(Debian, Ubuntu: apt install tesseract-ocr tesseract-ocr-vie; macOS: brew install "
            "tesseract tesseract-lang; Windows: the UB Mannheim installer, language Vietnamese)."
        ) from error
    named = re.search(r'"(.+)"', listed)
    languages = frozenset(line.strip() for line in listed.splitlines()[1:])
    return languages, Path(named[1]) if named else _usual_folder()


def _usual_folder() -> Path | None:
    """Where the data lies when the program (4.x) does not tell."""
    told = os.environ.get("TESSDATA_PREFIX")
    folders = [Path(told), Path(told) / "tessdata"] if told else []
    folders += sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"))
    folders += [Path(one) / "tessdata" for one in _SHARES]
    return next((one for one in folders if (one / f"{LANGUAGE}.traineddata").is_file()), None)


@cache
def require_tesseract() -> None:
    """Raise MissingToolError unless tesseract and its Vietnamese data are installed."""
    if LANGUAGE not in installed()[0]:
        raise MissingToolError(
            "tesseract lacks its Vietnamese data; install it (Debian, Ubuntu: apt install "
            "tesseract-ocr-vie) or put vie.traineddata into its tessdata folder."
        )


def has_tesseract() -> bool:
    """Whether pages can be read by OCR on this machine."""
    try:
        require_tesseract()
    except MissingToolError:
        return False
    return True


def reads(language: str) -> bool:
    """Whether tesseract's data for a language is installed."""
    return language in installed()[0]


@cache
def line_model(language: str) -> LineModel | None:
    """Tesseract's network for lines of a language; None where its program has to read them."""
    folder = installed()[1]
    try:
        return load_model(folder / f"{language}.traineddata") if folder else None
    except (UnknownModelError, OSError):
        return None


def read_cuttings(
    cuttings: Sequence[Cutting], seconds: float = 0.0, *, language: bool = True
) -> list[list[Read]]:
    """The words of each cut-out line.

    ``language``: words are weighed by the language model, which knows what is likely and not what
    is left of a name under a seal. Raises MissingToolError, or OcrError, also when it takes more
    than ``seconds`` (0: no bound).
    """
    require_tesseract()
    model = line_model(LANGUAGE)
    if model is None:
        return _read_cut(cuttings, f"--psm {ONE_LINE}", LANGUAGE, seconds)
    return _read_here(cuttings, model, seconds, language=language)


def read_figures(
    cuttings: Sequence[Cutting],
    seconds: float = 0.0,
    language: str = FIGURES,
    signs: str = "",
) -> list[list[Read]]:
    """The figures of each cutting, and ``signs``, nothing else.

    Raises MissingToolError or OcrError like :func:`read_cuttings`.
    """
    model = line_model(language)
    if model is None:
        config = f"--psm {ONE_LINE} -c tessedit_char_whitelist={_DIGITS}{signs}"
        return _read_cut(cuttings, config, language, seconds)
    return _read_here(cuttings, model, seconds, language=False, signs=_DIGITS + signs)


def _read_here(
    cuttings: Sequence[Cutting],
    model: LineModel,
    seconds: float,
    *,
    language: bool,
    signs: str = "",
) -> list[list[Read]]:
    """The words of each cutting, by tesseract's network in this process. Raises OcrError."""
    started = time.monotonic()
    read: list[list[Read]] = []
    for start in range(0, len(cuttings), _TOGETHER):
        some = cuttings[start : start + _TOGETHER]
        images = [one.image for one in some]
        capitals = () if signs else [one.capital for one in some]
        lines = read_lines(images, model, capitals=capitals, language=language, signs=signs)
        read += [_on_page(cutting, words) for cutting, words in zip(some, lines, strict=True)]
        if 0 < seconds < time.monotonic() - started:
            raise OcrError(f"reading took more than {seconds:.0f} seconds")
    return read


def _on_page(cutting: Cutting, words: Sequence[LineWord]) -> list[Read]:
    x, scale = cutting.x, cutting.scale
    return [Read(one.text, x + one.x0 / scale, x + one.x1 / scale, one.confidence) for one in words]


@dataclass(frozen=True, slots=True)
class Sight:
    """Some cuttings of one line as they are read, and what the network saw in each."""

    readings: list[list[Read]]
    _cuttings: list[Cutting]
    _seen: list[Seen]
    _model: LineModel

    def likelihoods(self, texts: Sequence[str], *, marks: bool = True) -> NDArray[np.float64]:
        """How likely each text is in each cutting, in nats beside the likeliest way [n, texts].

        Without ``marks`` letters are told by their shape alone.
        """
        return likelihoods(self._seen, self._model, texts, marks=marks)

    def columns(self, text: str) -> list[float]:
        """The column of the page where each character of ``text`` is in the first cutting.

        Empty where there is no cutting, or the text could not be read in it.
        """
        for cutting, seen in zip(self._cuttings[:1], self._seen, strict=False):
            found = columns_of(seen, self._model, text)
            return [cutting.x + column / cutting.scale for column in found]
        return []


def see(cuttings: Sequence[Cutting]) -> Sight | None:
    """Cuttings read without the language; none that holds no ink.

    None where the network does not run in this process.
    """
    model = line_model(LANGUAGE)
    if model is None:
        return None
    seen = see_lines(
        [one.image for one in cuttings], model, capitals=[one.capital for one in cuttings]
    )
    kept = [(cutting, one) for cutting, one in zip(cuttings, seen, strict=True) if one is not None]
    lines = read_seen([one for _, one in kept], model, language=False)
    readings = [_on_page(cutting, words) for (cutting, _), words in zip(kept, lines, strict=True)]
    return Sight(readings, [cutting for cutting, _ in kept], [one for _, one in kept], model)


def _read_cut(
    cuttings: Sequence[Cutting], config: str, language: str, seconds: float
) -> list[list[Read]]:
    words: list[list[Read]] = [[] for _ in cuttings]
    with tempfile.TemporaryDirectory(prefix="kehoach-") as folder:
        names, numbers = [], []
        for number, cutting in enumerate(cuttings):
            height, width = cutting.image.shape
            if not (_SIDES[0] <= height <= _SIDES[1] and _SIDES[0] <= width <= _SIDES[1]):
                continue  # tesseract refuses such images, and they hold no line of text
            name = str(Path(folder) / f"{number}.pgm")  # nothing to pack and unpack
            cv2.imwrite(name, cutting.image)
            names.append(name)
            numbers.append(number)
        if not names:
            return words
        listed = Path(folder) / "lines.txt"
        listed.write_text("\n".join(names), encoding="utf-8")
        data = _run(str(listed), f"{config} --dpi {_LINE_DPI} {_INK_ON_PAPER}", seconds, language)
    for i, word in enumerate(data["text"]):
        text, confidence = str(word).strip(), float(data["conf"][i])
        if not text or confidence < 0:
            continue
        number = numbers[int(data["page_num"][i]) - 1]
        cutting = cuttings[number]
        x0 = cutting.x + float(data["left"][i]) / cutting.scale
        width = float(data["width"][i]) / cutting.scale
        words[number].append(Read(text, x0, x0 + width, confidence / 100))
    return words


def _run(
    image: Image.Image | str, config: str, seconds: float, language: str = LANGUAGE
) -> dict[str, list[Any]]:
    """Tesseract's table of words. Raises MissingToolError or OcrError."""
    require_tesseract()
    import pytesseract  # it takes a second to import (pandas), which not every file needs

    try:
        table: dict[str, list[Any]] = pytesseract.image_to_data(
            image,
            lang=language,
            config=config,
            output_type=pytesseract.Output.DICT,
            timeout=seconds,
        )
    except pytesseract.TesseractError as error:
        raise OcrError("tesseract stopped before it was done") from error
    except RuntimeError as error:  # what pytesseract raises when the time is over
        raise OcrError(f"reading took more than {seconds:.0f} seconds") from error
    return table


def orientation(image: Image.Image, dpi: float) -> int:
    """By how many degrees anticlockwise a page must be turned to stand upright: 0, 90, 180, 270.

    0 also where tesseract cannot tell, or its data for it (``osd``) is missing.
    """
    import pytesseract

    try:
        found = pytesseract.image_to_osd(
            image, config=f"--dpi {round(dpi)}", output_type=pytesseract.Output.DICT
        )
    except (pytesseract.TesseractError, OSError, KeyError, ValueError):
        return 0
    return (360 - int(found.get("rotate", 0))) % 360


def read_image(
    image: Image.Image, dpi: float, *, mode: int = 3, seconds: float = 0.0
) -> list[Token]:
    """The words of a page image, in points; ``mode`` is tesseract's page segmentation mode.

    ``image`` is grey or black and white. Raises MissingToolError, or OcrError, also when it
    takes more than ``seconds`` (0: no bound).
    """
    return _tokens(_run(image, f"--psm {mode} --dpi {round(dpi)}", seconds), _POINTS / dpi)


def _tokens(data: dict[str, list[Any]], scale: float) -> list[Token]:
    """Tokens of tesseract's table; those of one line get the line's height.

    A word's own box hugs its ink ("-" is low, "Thành" high), which would tear lines apart.
    """
    lines: dict[tuple[int, int, int], list[Token]] = {}
    for i, word in enumerate(data["text"]):
        text = str(word).strip()
        confidence = float(data["conf"][i])
        if not text or confidence < 0:
            continue
        left, top = scale * float(data["left"][i]), scale * float(data["top"][i])
        width, height = scale * float(data["width"][i]), scale * float(data["height"][i])
        key = (int(data["block_num"][i]), int(data["par_num"][i]), int(data["line_num"][i]))
        lines.setdefault(key, []).append(
            Token(text, left, top, left + width, top + height, confidence=confidence / 100)
        )
    return [token for line in lines.values() for token in _levelled(line)]


def _levelled(line: list[Token]) -> list[Token]:
    """The tokens of one line, given its height where they lie within it."""
    tall = [token for token in line if len(token.text) > 1] or line
    top = statistics.median(token.top for token in tall)
    bottom = statistics.median(token.bottom for token in tall)
    for token in line:
        token.size = max(1.0, bottom - top)
        if token.top > top - 0.7 * token.size and token.bottom < bottom + 0.7 * token.size:
            token.top, token.bottom = top, bottom
    return line
