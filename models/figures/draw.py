"""Pictures of numbers as they stand in a head: by many hands, and in print, worn by scanners.

Hands are of three kinds: figures that 13 people wrote (scikit-learn's ``load_digits``), fonts made
of a hand, and strokes of a pen drawn here, each figure in the ways in which it is written; all are
bent at random. What reaches in from the words beside (a colon, a stroke, the dots of a form)
belongs to no figure.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.interpolate import splev, splprep
from sklearn.datasets import load_digits

from pipeline.extract.lines import scaled
from pipeline.recognise.reader import to_height

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "restoration" / "channels"))
from pages import font

HEIGHT = 36  # pixels of what the network sees
CAPITALS = (22, 26, 30, 36, 42, 48)  # heights of letters that lines are cut with
_INK = 160  # grey under which a pixel is ink
Grey = np.ndarray

_STROKES = Path(__file__).with_name("strokes.toml")
_PRINT = (
    "LiberationSerif-Regular.ttf", "LiberationSerif-Italic.ttf", "LiberationSerif-Bold.ttf",
    "LiberationSans-Regular.ttf", "DejaVuSerif.ttf",
)  # fmt: skip
# Fonts made of a hand, and the packages of Debian they come in; nothing of them is shipped.
_HANDS = (
    "AoyagiKouzanT.ttf", "BecauseWeBuild-Regular.otf", "BecauseWeConnect-Regular.otf",
    "BecauseWeCreate-Regular.otf", "BecauseWeLearn-Regular.otf", "BecauseWeMentor-Regular.otf",
    "BecauseWeOrganize-Regular.otf", "Breip.ttf", "ComicNeue-Regular.otf",
    "DancingScript-Regular.otf", "Havana-Regular.otf", "Humor-Sans.ttf", "KleeOne-Regular.ttf",
    "Kristi.ttf", "NanumBarunpenR.ttf", "NanumBrush.ttf", "NanumPen.ttf", "Purisa.ttf",
    "Rufscript010.ttf", "TomsonTalks.ttf", "dkg.ttf", "kiloji.ttf", "kiloji_b.ttf",
    "kiloji_p.ttf", "setofont.ttf",
)  # fmt: skip
_PACKAGES = (
    "fonts-aoyagi-kouzan-t fonts-breip fonts-bwht fonts-comic-neue fonts-dancingscript "
    "fonts-dkg-handwriting fonts-havana fonts-humor-sans fonts-kiloji fonts-klee fonts-kristi "
    "fonts-nanum-extra fonts-rufscript fonts-seto fonts-tlwg-purisa fonts-tomsontalks"
)
_TESTED = 5  # of the fonts: not learned from, every fifth
_SWAY = 0.16  # heights of a figure: how far apart bends are
_AROUND = 2.2  # heights of a figure: how high the picture is


@dataclass(frozen=True)
class Hand:
    """How one writes: ``ways`` of each figure, ``slant`` and ``width`` of the box, ``pen``.

    ``kind``: "pen", "people", "font" or "print"; ``face``: the font of the last two.
    """

    ways: dict[str, int]
    slant: float
    width: float
    pen: float
    kind: str
    face: str


@cache
def _ways() -> dict[str, list[list[list[list[float]]]]]:
    """Each figure in the ways it is written: strokes of points of a box of 1 by 1."""
    return tomllib.loads(_STROKES.read_text(encoding="utf-8"))


def hand(chance: np.random.Generator, kind: str, part: str) -> Hand:
    """A hand of a kind, drawn by chance."""
    tested = [name for k, name in enumerate(_HANDS) if k % _TESTED == 0]
    hands = tested if part == "test" else [name for name in _HANDS if name not in tested]
    faces = hands if kind == "font" else _PRINT
    return Hand(
        ways={one: int(chance.integers(len(ways))) for one, ways in _ways().items()},
        slant=float(chance.uniform(-0.12, 0.42)),
        width=float(chance.uniform(0.42, 0.8)),
        pen=float(chance.uniform(0.05, 0.15)),
        kind=kind,
        face=faces[chance.integers(len(faces))],
    )


@cache
def _written(part: str) -> dict[str, np.ndarray]:
    """Figures that people wrote, 8 × 8 of 0 to 16: four fifths to learn from, the last to test."""
    data = load_digits()
    test = np.arange(len(data.target)) >= 0.8 * len(data.target)
    chosen = test if part == "test" else ~test
    return {str(k): data.images[chosen & (data.target == k)] for k in range(10)}


def _stroked(figure: str, size: int, one: Hand, chance: np.random.Generator) -> Grey:
    width = max(3, round(size * one.width * (0.55 if figure == "1" else 1)))
    reach = round(0.5 * size)
    ink = np.zeros((size + 2 * reach, width + 2 * reach), np.uint8)
    pen = max(1, round(size * one.pen))
    for stroke in _ways()[figure][one.ways[figure]]:
        points = np.array(stroke) + chance.normal(0, 0.035, (len(stroke), 2))
        if len(points) > 2:
            knots, _ = splprep(points.T, k=min(3, len(points) - 1), s=0)
            points = np.array(splev(np.linspace(0, 1, 24), knots)).T
        x = reach + width * points[:, 0]
        y = reach + size * points[:, 1]
        line = np.stack([x, y], 1)
        cv2.polylines(ink, [np.round(line * 16).astype(np.int32)], False, 255, pen, cv2.LINE_AA, 4)
    return ink


def _by_people(figure: str, size: int, chance: np.random.Generator, part: str) -> Grey:
    some = _written(part)[figure]
    small = some[chance.integers(len(some))].astype(np.float32) * (255 / 16)
    grown = cv2.resize(np.pad(small, 1), None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    grown = cv2.GaussianBlur(grown, (0, 0), 2.5)
    ink = ((grown > chance.uniform(100, 150)) * 255).astype(np.uint8)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return np.zeros((size, size // 2), np.uint8)
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    wide = max(2, round(ink.shape[1] * size / ink.shape[0] * chance.uniform(0.75, 1.1)))
    ink = cv2.resize(ink, (wide, size), interpolation=cv2.INTER_AREA)
    reach = round(0.5 * size)
    ink = np.pad(ink, reach)
    if chance.integers(-1, 1):
        thinner = max(1, round(0.02 * size)) + 1
        ink = np.asarray(cv2.erode(ink, np.ones((thinner, thinner), np.uint8)))
    return ink


@cache
def _font_of_hand(name: str) -> ImageFont.FreeTypeFont:
    listed = subprocess.run(
        ["fc-list", "--format", "%{file}\n"], capture_output=True, text=True, check=True
    )
    path = next((one for one in listed.stdout.split("\n") if Path(one).name == name), None)
    if path is None:
        raise SystemExit(f"the font {name} is missing; Debian: apt install {_PACKAGES}")
    return ImageFont.truetype(path, 100, layout_engine=ImageFont.Layout.BASIC)


def _by_font(figure: str, size: int, one: Hand) -> Grey:
    face = _font_of_hand(one.face)
    _, top, _, bottom = face.getbbox("8")
    left, _, right, _ = face.getbbox(figure)
    reach = 50
    sides = (max(1, round(right - left)), round(bottom - top))
    image = Image.new("L", (sides[0] + 2 * reach, sides[1] + 2 * reach))
    ImageDraw.Draw(image).text((reach - left, reach - top), figure, fill=255, font=face)
    scale = size / max(1.0, bottom - top)
    wide = scale * one.width / 0.6 if one.width < 0.6 else scale
    return np.asarray(
        cv2.resize(np.asarray(image), None, fx=wide, fy=scale, interpolation=cv2.INTER_AREA)
    )


def _swayed(ink: Grey, size: int, chance: np.random.Generator) -> Grey:
    """The figure bent a little, smoothly, as no hand writes it twice alike (Simard et al. 2003)."""
    height, width = ink.shape
    rows, columns = (max(2, round(side / (2 * _SWAY * size))) for side in ink.shape)
    moves = [
        cv2.resize(
            chance.normal(0, 0.035 * size, (rows, columns)).astype(np.float32),
            (width, height),
            interpolation=cv2.INTER_CUBIC,
        )
        for _ in range(2)
    ]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(ink, x + moves[0], y + moves[1], cv2.INTER_LINEAR))


def _printed(text: str, size: int, face: str) -> Grey:
    face_font = font(face, round(size / 0.66))
    left, top, right, bottom = face_font.getbbox(text)
    image = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=face_font)
    return np.asarray(image)


def _bent(ink: Grey, slant: float, chance: np.random.Generator) -> Grey:
    """The figure with a slant, turned a little."""
    height, width = ink.shape
    turned = float(chance.normal(0, 0.05))
    matrix = np.array([[1, -slant, slant * height / 2], [turned, 1, -turned * width / 2]])
    return np.asarray(cv2.warpAffine(ink, matrix.astype(np.float32), (width, height)))


def _trimmed(ink: Grey) -> tuple[Grey, int]:
    """The columns that hold ink, and the row of the picture's middle."""
    columns = np.flatnonzero((ink > 60).any(0))
    if not len(columns):
        return ink, ink.shape[0] // 2
    return ink[:, columns[0] : columns[-1] + 1], ink.shape[0] // 2


def picture(
    text: str, size: int, one: Hand, chance: np.random.Generator, *, part: str, edges: bool
) -> tuple[Grey, np.ndarray]:
    """``text`` dark on light, its figures about ``size`` pixels high, and their middles."""
    height = round(_AROUND * size)
    canvas = np.zeros((height, round((len(text) + 3) * 1.1 * size)), np.uint8)
    x, y = round(chance.uniform(0.5, 1.1) * size), height / 2
    start = x
    apart = chance.uniform(-0.05, 0.22)
    slope = chance.normal(0, 0.03)
    middles = []
    if one.kind == "print":
        ink = _printed(text, size, one.face) if text else np.zeros((1, 1), np.uint8)
        _lay(canvas, ink, x, round(y - ink.shape[0] / 2))
        middles = [x + ink.shape[1] * (k + 0.5) / len(text) for k in range(len(text))]
        x += ink.shape[1]
    else:
        for figure in text:
            own = max(8, round(size * chance.uniform(0.86, 1.14)))
            if one.kind == "people":
                ink = _by_people(figure, own, chance, part)
            elif one.kind == "font":
                ink = _by_font(figure, own, one)
            else:
                ink = _stroked(figure, own, one, chance)
            slant = one.slant if one.kind == "pen" else 0.5 * one.slant
            ink = _bent(_swayed(ink, own, chance), slant, chance)
            ink, middle = _trimmed(ink)
            place = y + slope * (x - start) + size * chance.normal(0, 0.05)
            _lay(canvas, ink, x, round(place - middle))
            middles.append(x + ink.shape[1] / 2)
            x += ink.shape[1] + round(size * (apart + chance.normal(0, 0.05)))
    canvas = canvas[:, : x + round(0.5 * size)]
    if edges:
        _beside(canvas, start, size, chance)
    return 255 - canvas, np.array(middles)


def _lay(canvas: Grey, ink: Grey, x: int, y: int) -> None:
    top, bottom = max(0, y), min(canvas.shape[0], y + ink.shape[0])
    right = min(canvas.shape[1], x + ink.shape[1])
    if x < 0 or top >= bottom or x >= right:
        return
    part = canvas[top:bottom, x:right]
    np.maximum(part, ink[top - y : bottom - y, : right - x], out=part)


def _beside(canvas: Grey, start: int, size: int, chance: np.random.Generator) -> None:
    """What reaches in of the words beside, the dots of a form, a stroke, specks."""
    middle = canvas.shape[0] // 2
    base = middle + round(0.5 * size)
    face = _PRINT[chance.integers(2)]
    if chance.random() < 0.5:
        ink = _printed(":", max(6, round(0.5 * size)), face)
        before = round(size * chance.uniform(0.25, 0.5))
        _lay(canvas, ink, max(0, start - before), base - ink.shape[0])
    if chance.random() < 0.25:
        ink = _printed("y" if chance.random() < 0.5 else "ố", max(8, round(0.8 * size)), face)
        shown = ink[:, -max(1, round(ink.shape[1] * chance.uniform(0.05, 0.35))) :]
        _lay(canvas, shown, 0, base - round(0.7 * ink.shape[0]))
    if chance.random() < 0.4:
        ink = _printed("/" if chance.random() < 0.6 else "t", max(8, size), face)
        shown = ink[:, : max(1, round(ink.shape[1] * chance.uniform(0.1, 0.3)))]
        _lay(canvas, shown, canvas.shape[1] - shown.shape[1], base - ink.shape[0])
    if chance.random() < 0.15:
        step = max(3, round(size * chance.uniform(0.12, 0.25)))
        dot = np.full((max(1, step // 3),) * 2, 255, np.uint8)
        row = base + round(size * chance.uniform(-0.02, 0.15))
        for x in range(0, canvas.shape[1], step):
            _lay(canvas, dot, x, row)
    if chance.random() < 0.04:
        row = middle + round(size * chance.uniform(-0.7, 0.7))
        cv2.line(canvas, (0, row), (canvas.shape[1], row + int(chance.integers(-2, 3))), 255, 1)
    for _ in range(chance.poisson(0.6)):
        x, y = (int(chance.integers(limit)) for limit in (canvas.shape[1], canvas.shape[0]))
        cv2.circle(canvas, (x, y), int(chance.integers(1, max(2, size // 18 + 1))), 255, -1)


def worn(image: Grey, size: int, chance: np.random.Generator) -> tuple[Grey, float]:
    """The picture as a scanner, copier, fax or phone gives it, and how high figures are in it."""
    picture = image.astype(np.float32)
    dark = chance.uniform(0, 110)
    picture = dark + picture * (255 - dark) / 255
    picture = cv2.GaussianBlur(picture, (0, 0), size * chance.uniform(0.012, 0.05))
    high = chance.uniform(16, 40)
    factor = high / size
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    small += chance.normal(0, chance.uniform(0, 18), small.shape)
    way = chance.random()
    if way < 0.4:
        small = np.where(small > chance.uniform(130, 200), 255, 0).astype(np.float32)
        if chance.random() < 0.3:
            flipped = chance.random(small.shape) < 0.004
            small = np.where(flipped, 255 - small, small)
    elif way < 0.6:
        small = 128 + (small - 128) * chance.uniform(1, 1.8)
    small = np.clip(small, 0, 255).astype(np.uint8)
    if chance.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(35, 90))]
        small = cv2.imdecode(cv2.imencode(".jpg", small, quality)[1], cv2.IMREAD_GRAYSCALE)
    return np.asarray(small), high


def text_of(chance: np.random.Generator) -> str:
    """A number as heads have them: a day, a month, a year, a document's number, or none."""
    kind = chance.random()
    if kind < 0.03:
        return ""
    if kind < 0.3:
        day = int(chance.integers(1, 32))
        return f"{day:02d}" if chance.random() < 0.8 else str(day)
    if kind < 0.4:
        return str(int(chance.integers(1990, 2036)))
    length = int(chance.choice([1, 2, 3, 4, 5], p=[0.1, 0.3, 0.35, 0.2, 0.05]))
    return "".join(str(one) for one in chance.integers(0, 10, length))


@dataclass(frozen=True)
class Sample:
    """A number, its picture as the network sees it, and the columns of its figures' middles."""

    text: str
    image: Grey
    middles: np.ndarray


def sample(chance: np.random.Generator, kinds: Sequence[str], part: str = "train") -> Sample | None:
    """A number drawn by chance; None where nothing is left of it."""
    text = text_of(chance)
    size = int(chance.integers(28, 60))
    one = hand(chance, kinds[chance.integers(len(kinds))], part)
    edges = not text or chance.random() < 0.75
    clean, middles = picture(text, size, one, chance, part=part, edges=edges)
    drawn, high = worn(clean, size, chance)
    rows = np.flatnonzero((drawn < _INK).any(1))
    if len(rows):
        drawn = drawn[max(0, rows[0] - 2) : rows[-1] + 3]
    core = high / chance.uniform(0.9, 1.6)  # print is lower than what is written beside it
    capital = float(chance.choice(CAPITALS))
    cutting = scaled(drawn, 0, 0, core, capital)
    # Half of the pictures are filled by their ink, others have paper above and below.
    room = capital * chance.uniform(0.8, 1.6) if chance.random() < 0.5 else 0.0
    seen = to_height(cutting.image, HEIGHT, room)
    if seen is None:
        return None
    on_page = middles * high / size
    in_cutting = (on_page - cutting.x) * cutting.scale
    return Sample(text, seen.image, (in_cutting - seen.left) * seen.scale)
