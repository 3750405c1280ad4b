"""Page images read: made ready, all their lines read together, what is doubtful read again."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from pipeline.extract import cells, digits, ocr, stamped, surnames
from pipeline.extract.grid import Grid
from pipeline.extract.lines import Cutting, TextLine
from pipeline.extract.perspective import Matrix
from pipeline.extract.seals import best_reading
from pipeline.extract.sheet import CAPITAL_AGAIN, Sheet, is_short, prepare, sheet_of
from pipeline.extract.tokens import Read, Token
from pipeline.restore.choice import log_probability
from pipeline.restore.damage import quality
from pipeline.restore.syllables import is_syllable
from pipeline.worker import cores

_POOR = 0.62  # mean confidence under which a page may lie on its side
_BULLETS = frozenset("-–—+*•~")
_SIGNS = frozenset((*"-–—+*/&=%:;,.()…", "..."))
_ENDS = frozenset(("./.", "/.", ".", ";"))
_SURE_SIGN = 0.6
_DASHES, _DASH = frozenset("-–—~"), 0.24  # heights of a letter: no dash is narrower
_STOPS = (".", ",", ";", ":")
_APART = 0.8  # heights of a letter: no stop stands so far behind its word
_ETH = re.compile("[ĐÐ]?Ð")  # a bold Đ, to an OCR: no Vietnamese letter
_STRAY = re.compile(r"^[._`´ˆ‘'|¬~]+(?=\w)|(?<=\w)[_`´ˆ|¬~]+$")
_GLUED = re.compile(r"^([IVXLHl1|]{1,5}\.)([^\W\da-z_]{2,}.*)$")
_COUNTED = re.compile(r"^(ngày|tháng|năm|Điều|khoản|số:?)[.,]?(\d{1,4}\W?)$", re.IGNORECASE)
_ABOUT = re.compile(r"[Vv]\s?[/⁄%][/⁄%vy]{1,2}")  # "V/v", "v/v", as it is read
_DOUBTFUL, _STROKES = 0.75, 3  # mean confidence under which a line of more letters is read again
_UNSURE, _NUMERAL = 0.5, re.compile(r"[IVX]{1,5}\.")
_SCRAWL = re.compile(r"[^\W\d_]{1,5}[!?.,'’]{0,3}")
_MARKS = "!?.,'’"
_NOISE = 0.5  # mean confidence under which a line without a word is a stroke of the pen


@dataclass(slots=True)
class Reading:
    """What OCR made of a page image: tokens and tables in points of the sheet as it was laid flat.

    ``size`` is the sheet's; ``back`` takes its points to those of the image, None where they are
    the same. ``turned`` is by how many degrees (anticlockwise, of 90) the image had to be turned;
    ``stamps`` and ``noise`` count what was left out. ``failed`` says why there is no
    reading.
    """

    size: tuple[float, float]
    tokens: list[Token] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    turned: int = 0
    stamps: int = 0
    noise: int = 0
    back: Matrix | None = None
    failed: str = ""

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, weighted by their length; 0 when there are none."""
        weights = [len(token.text) for token in self.tokens]
        total = sum((one.confidence or 0.0) * len(one.text) for one in self.tokens)
        return total / sum(weights) if weights else 0.0


def read_scan(image: Image.Image, dpi: float, seconds: float = 0.0) -> Reading:
    """Read one page image; see :func:`read_scans`."""
    return read_scans([(image, dpi)], seconds)[0]


def read_scans(images: Sequence[tuple[Image.Image, float]], seconds: float = 0.0) -> list[Reading]:
    """Read page images, each given with its dots per inch.

    They are read side by side, on all cores that this process may use. ``seconds`` bounds the OCR
    of each page (0: no bound). Raises MissingToolError when tesseract is not there.
    """
    if not images:
        return []
    ocr.require_tesseract()
    share = -(-len(images) // cores())
    parts = [images[start : start + share] for start in range(0, len(images), share)]
    if len(parts) < 2:
        return _read_together(images, seconds)
    with ThreadPoolExecutor(len(parts)) as threads:
        done = list(threads.map(lambda part: _read_together(part, seconds), parts))
    return [reading for part in done for reading in part]


def _read_together(images: Sequence[tuple[Image.Image, float]], seconds: float) -> list[Reading]:
    """Read images together, each by itself where that fails."""
    sheets = [sheet_of(image, dpi) for image, dpi in images]
    try:
        readings = _read_sheets(sheets, seconds * len(sheets))
    except ocr.OcrError:
        readings = [_read_alone(sheet, seconds) for sheet in sheets]
    return [
        _upright(sheet, reading, seconds) for sheet, reading in zip(sheets, readings, strict=True)
    ]


def _read_alone(sheet: Sheet, seconds: float) -> Reading:
    try:
        return _read_sheets([sheet], seconds)[0]
    except ocr.OcrError as error:
        return Reading(sheet.size, failed=str(error))


def _upright(sheet: Sheet, reading: Reading, seconds: float) -> Reading:
    """The reading of a page that may lie on its side: turned, where that reads better."""
    if reading.failed or (reading.tokens and reading.confidence > _POOR):
        return reading
    quarter = ocr.orientation(Image.fromarray(sheet.page), sheet.dpi)
    if not quarter:
        return reading
    turned = np.ascontiguousarray(np.rot90(sheet.page, quarter // 90))
    other = _read_alone(prepare(turned, sheet.dpi), seconds)
    if other.failed or other.confidence <= reading.confidence:
        return reading
    other.turned = quarter
    return other


def _read_sheets(sheets: Sequence[Sheet], seconds: float) -> list[Reading]:
    """Read all lines of ``sheets``. Raises OcrError."""
    marked = [_under_marks(sheet) for sheet in sheets]
    alone: list[Cutting] = []  # numerals and figures of tables: the language would make words of
    running: list[Cutting] = []  # them, as of what is left of letters under a seal
    for sheet, under in zip(sheets, marked, strict=True):
        for number, (line, cutting) in enumerate(zip(sheet.lines, sheet.cuttings, strict=True)):
            if number in under:
                alone += under[number]
            else:
                (alone if is_short(line) else running).append(cutting)
    words = iter(ocr.read_cuttings(running, seconds))
    parts = iter(ocr.read_cuttings(alone, seconds, language=False))
    lines: list[list[list[Read]]] = []
    for sheet, under in zip(sheets, marked, strict=True):
        lines.append([])
        for number, line in enumerate(sheet.lines):
            if number in under:
                lines[-1].append(_of_several([next(parts) for _ in under[number]]))
            else:
                lines[-1].append(next(parts) if is_short(line) else next(words))
    _read_again(sheets, lines, seconds)
    surnames.read_again(sheets, lines)
    placed = stamped.read_again(sheets, lines, seconds)
    digits.read_again(sheets, lines, placed, seconds)
    cells.read_again(sheets, lines, seconds)
    return [_reading(sheet, read, seconds) for sheet, read in zip(sheets, lines, strict=True)]


def _under_marks(sheet: Sheet) -> dict[int, list[Cutting]]:
    """For each line that begins under a seal or stamp all its cuttings, its own first."""
    found: dict[int, list[Cutting]] = {}
    for number, cutting in sheet.under_marks:
        found.setdefault(number, [sheet.cuttings[number]]).append(cutting)
    return found


def _of_several(readings: Sequence[list[Read]]) -> list[Read]:
    """The reading of a line that its cuttings give together, if there is one without the mark."""
    return best_reading(readings) if readings[0] else []


def _read_again(sheets: Sequence[Sheet], lines: Sequence[list[list[Read]]], seconds: float) -> None:
    """Read doubtful lines once more, in another size; what is likelier is put into ``lines``."""
    places = []
    cuttings = []
    for sheet, read in zip(sheets, lines, strict=True):
        under = {number for number, _ in sheet.under_marks}
        for number, words in enumerate(read):
            doubtful = _is_doubtful(words) or _hides_numeral(words)
            if sheet.again is not None and number not in under and doubtful:
                places.append((read, number))
                cuttings.append(sheet.again(sheet.lines[number], CAPITAL_AGAIN))
    if not cuttings:
        return
    for (read, number), words in zip(places, ocr.read_cuttings(cuttings, seconds), strict=True):
        old = read[number]
        if words and _hides_numeral(old) and _NUMERAL.fullmatch(words[0].text):
            read[number] = [words[0], *old[1:]]
        elif words and _is_doubtful(old) and _likelihood(words) > _likelihood(old):
            read[number] = words


def _is_doubtful(words: Sequence[Read]) -> bool:
    letters = sum(len(word.text) for word in words)
    sure = sum(len(word.text) * word.confidence for word in words)
    return letters > _STROKES and sure < _DOUBTFUL * letters


def _hides_numeral(words: Sequence[Read]) -> bool:
    """Whether a heading in capitals begins with what may be a numeral: "VỀ" for "V.", "11"."""
    if len(words) < 2 or not all(word.text.isupper() for word in words[1:]):
        return False
    first = words[0].text
    unsure = first.isupper() and words[0].confidence < _UNSURE and not _NUMERAL.fullmatch(first)
    return unsure or set(first) == {"1"}


def _likelihood(words: Sequence[Read]) -> float:
    """How likely a reading is, by the language and by how sure OCR was of its words (nats)."""
    sure = sum(math.log(max(0.02, word.confidence)) for word in words)
    return log_probability([word.text for word in words]) + sure


def _reading(sheet: Sheet, read: Sequence[Sequence[Read]], seconds: float) -> Reading:
    reading = Reading(sheet.size, [], sheet.grids, stamps=sheet.stamps, back=sheet.back)
    if sheet.whole is not None:
        reading.tokens = ocr.read_image(Image.fromarray(sheet.whole), sheet.dpi, seconds=seconds)
    for number, (line, words) in enumerate(zip(sheet.lines, read, strict=True)):
        tokens = _in_points(
            line, _without_specks(words, line.core_bottom - line.core_top), sheet.dpi, number
        )
        if _is_noise(tokens):
            reading.noise += 1
        else:
            reading.tokens.extend(tokens)
    scrawls = _scrawls(reading.tokens)
    reading.noise += len(scrawls)
    reading.tokens = [token for token in reading.tokens if token.line not in scrawls]
    return reading


def _scrawls(tokens: Sequence[Token]) -> set[int]:
    """Lines above all print that are a clerk's note by hand ("TTĐT"): letters that are no word.

    "TT" at the head of a table has the other heads beside it.
    """
    lines: dict[int, list[Token]] = {}
    for token in tokens:
        lines.setdefault(token.line, []).append(token)
    noted = {
        number
        for number, line in lines.items()
        if len(line) == 1
        and _SCRAWL.fullmatch(line[0].text)
        and not is_syllable(line[0].text.strip(_MARKS).lower())
    }
    top = min((line[0].top for n, line in lines.items() if n not in noted), default=0.0)
    return {number for number in noted if lines[number][0].bottom <= top}


def _in_points(line: TextLine, words: Sequence[Read], dpi: float, number: int) -> list[Token]:
    """The words of a line as tokens of its height, in points, in the order they were read."""
    scale = 72.0 / dpi
    core = line.core_bottom - line.core_top
    top, bottom = line.core_top - 0.25 * core, line.core_bottom + 0.25 * core
    tokens: list[Token] = []
    for word in words:
        start = max(word.x0, tokens[-1].x0 / scale + 1 if tokens else 0.0)  # boxes may overlap
        tokens.append(
            Token(
                text=word.text,
                x0=start * scale,
                top=top * scale,
                x1=max(word.x1, start + 1) * scale,
                bottom=bottom * scale,
                size=1.4 * core * scale,
                confidence=round(word.confidence, 4),
                line=number,
            )
        )
    return tokens


def _without_specks(words: Sequence[Read], core: float) -> list[Read]:
    """Words without what specks beside the line were read as: unsure signs, a stray mark ahead.

    ``core`` is the height of the line's letters, in the pixels of the words.
    """
    kept: list[Read] = []
    for place, read in enumerate(words):
        word = replace(read, text=_ETH.sub("Đ", read.text))
        if place == 0 and _ABOUT.fullmatch(word.text):
            word = replace(word, text=word.text[0] + "/v")
        text = word.text
        if not any(character.isalnum() for character in text):
            if text == "." and kept and kept[-1].text.endswith(".."):
                kept[-1] = replace(kept[-1], text=kept[-1].text + ".", x1=word.x1)  # an ellipsis
                continue
            if text in _DASHES and word.x1 - word.x0 < _DASH * core:
                continue
            if (
                text == "."
                and kept
                and (kept[-1].text.endswith(_STOPS) or word.x0 - kept[-1].x1 > _APART * core)
            ):
                continue
            bullet = place == 0 and len(words) > 1 and text in _BULLETS
            if bullet and text == "~":
                word = replace(word, text="-")  # what a dash is read as, never meant as such
            if bullet or text in _ENDS or (text in _SIGNS and word.confidence > _SURE_SIGN):
                kept.append(word)
            continue
        kept.extend(_parted(replace(word, text=_STRAY.sub("", text))))
    return kept


def _parted(word: Read) -> list[Read]:
    """A number that was glued to a word ("I.MỤC", "ngày23"), parted from it."""
    glued = _GLUED.match(word.text) or _COUNTED.match(word.text)
    if glued is None:
        return [word]
    number, rest = glued.groups()
    middle = word.x0 + (word.x1 - word.x0) * len(number) / len(word.text)
    return [replace(word, text=number, x1=middle), replace(word, text=rest, x0=middle)]


def _is_noise(tokens: Sequence[Token]) -> bool:
    """Whether a line is no print: little sure, and without a word or number."""
    if not tokens:
        return True
    confidence = statistics.mean(token.confidence or 0.0 for token in tokens)
    text = " ".join(token.text for token in tokens)
    letters = sum(character.isalnum() for character in text)
    if not letters:
        return confidence < 0.8 or len(text) > 2
    return confidence < _NOISE and quality(text) < 0.5
