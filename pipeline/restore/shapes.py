"""The shape of a word: what kind of token it is, told from its letters alone.

Damage shows in the mixture of shapes. Clean Vietnamese is marked syllables, plain ones and a few
names; an English OCR leaves stripped syllables, ``é`` and digits inside words; lost glyphs leave
consonants that stand alone.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Literal

from pipeline.restore.syllables import has_marks, is_syllable, stripped_forms

Shape = Literal[
    "marked", "acute", "rare", "unknown", "plain", "bare", "stripped", "misread", "digit_inside",
    "foreign", "latin", "garbage", "mixed_case", "fragment", "splinter", "glued", "gap", "acronym",
    "broken", "symbol", "neutral",
]  # fmt: skip
SHAPES: tuple[Shape, ...] = Shape.__args__  # type: ignore[attr-defined]

_EDGES = re.compile(r"^[^\w\ufffd]+|[^\w\ufffd]+$")
_BROKEN = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f]|\(cid:\d+\)")
_FOREIGN_SCRIPT = re.compile(r"[\u0370-\u05ff\u0e00-\u0eff\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af]")
_ENUMERATOR = re.compile(
    r"[(]?(?:[A-ZĐa-zđ]|[IVXLC]+|\d{1,3})[.)/:]+|[IVXLC]+|(?:Tr|Th|Ph|Ng|Nh|Kh|Ch|Qu)\.\S?"
)
_ADDRESS = re.compile(r"\S+@\S+\.\S+|(?:https?:|www\.)\S+|[\w.-]+\.(?:vn|com|org|net|gov|edu)\S*")
_CODE = re.compile(
    r"\d[\d.,:/%°ha-]*|\d{1,5}[a-z]?[-/]\S*|[A-ZĐ]{1,6}[-.]?\d{1,4}[a-z]?|\d{1,4}[A-ZĐ]{1,2}"
    r"|\d+(?:m2|m3|km|kg|cm|mm|ha|h\d*|s|tr|tỷ|đ|USD|VNĐ)|[A-ZĐƯÔa-z]{1,5}(?:[-/&][A-ZĐƯÔa-z]{1,7})+"
)
_ACRONYM = re.compile(r"[A-ZĐƯÔƠ]{2,7}|[A-ZĐ]+[a-z]{0,2}[A-Z]{1,3}[a-z]?|[A-ZĐ](?:\.[A-ZĐ])+\.?")
_BRAND = re.compile(
    r"V[Nn]e[Ii][Dd]|TTg|CTr|QyĐ|ThU|i[A-Z]\w+|e[A-Z]\w+|[A-Z][a-z]+(?:[A-Z][a-z]+)+"
)
_MISREAD = re.compile(r"[A-Za-z0-9éÉ€¢§@£¥®&|!$\]\[{}<>ﬁﬂ#’'‘\"“”«»°*_~\\/=+-]+")
_UNITS = frozenset(
    ("m", "km", "cm", "mm", "kg", "g", "mg", "l", "ml", "ha", "h", "s", "t", "đ", "kw")
)
_GAP = re.compile(r"(?<! ) {2,3}(?! )")
_CONSONANTS = re.compile(r"[bcdđghklmnpqrstvxBCDĐGHKLMNPQRSTVX]{1,3}")

_FOREIGN_WORDS = """
of and for is that with are this from have has was were which will by or as it its not their been
shall should would other such these those your our they you may any all into under between about
than then there where when who what how if only also more most must each per used use one two three
new first public government administrative national state law article provinces province people
committee service services information system index report reform plan year development management
social economic health education international world bank data research his her him had but did we
les des une est pour dans sur avec aux cette ces ses sont etre par plus pas nous vous leur qui et ou
ont ete entre comme tout tous fait loi droit selon ainsi der die und das ist nicht mit von
"""
_FOREIGN = frozenset(_FOREIGN_WORDS.split())


@cache
def _lists() -> dict[str, frozenset[str]]:
    """The word lists of ``data/syllables.toml``."""
    text = resources.files("pipeline.data").joinpath("syllables.toml").read_text(encoding="utf-8")
    return {name: frozenset(e["syllables"].split()) for name, e in tomllib.loads(text).items()}


@lru_cache(maxsize=262_144)
def shape_of(token: str) -> Shape:
    """The shape of one white-space token (NFC or not), punctuation at its edges aside."""
    if _BROKEN.search(token):
        return "broken"
    if _ENUMERATOR.fullmatch(token) or _ADDRESS.fullmatch(token):
        return "neutral"
    core = _EDGES.sub("", unicodedata.normalize("NFC", token))
    if not core:
        return "symbol" if token.strip(".,;:-–—()[]\"'“”‘’…*+/•·?!#_=") else "neutral"
    if _CODE.fullmatch(core) or _FOREIGN_SCRIPT.search(core):
        return "neutral"
    if is_syllable(core) or core.lower() in _lists()["names"]:
        return _shape_of_syllable(core)
    if _ACRONYM.fullmatch(core) or _BRAND.fullmatch(core):
        return "acronym"
    return _shape_of_other(core)


def _is_mixed_case(core: str) -> bool:
    return any(a.islower() and b.isupper() for a, b in pairwise(core))


def _shape_of_syllable(core: str) -> Shape:
    lists = _lists()
    lower = core.lower()
    if _is_mixed_case(core):
        return "mixed_case"
    if not has_marks(core):
        if len(core) == 1:
            return "plain" if lower == "y" else "fragment"
        return "plain" if lower in lists["plain"] else "bare"
    if not has_marks(lower.replace("é", "e")):
        return "acute"
    if lower in lists["common"] or lower in lists["names"]:
        return "marked"
    return "rare" if lower in lists["rare"] else "unknown"


def _shape_of_other(core: str) -> Shape:
    lower = core.lower()
    if lower in _lists()["loan_words"]:
        return "marked"
    if lower in _FOREIGN:
        return "foreign"
    if _CONSONANTS.fullmatch(core):
        return "fragment"
    parts = [part for part in re.split(r"[\W_]+", core) if part]
    if len(parts) > 1 and not re.search(r"[€¢§@£¥|]", core):
        shapes = [shape_of(part) for part in parts]
        return max(shapes, key=lambda shape: _SEVERITY.get(shape, 0))
    if core.isascii() and core.isalpha():
        if lower in stripped_forms():
            return "stripped"
        if _is_mixed_case(core):
            return "mixed_case"
        return "latin" if _looks_latin(lower) else "garbage"
    if any(c.isdigit() for c in core) and any(c.isalpha() for c in core):
        return "digit_inside"
    if _MISREAD.fullmatch(core):
        return "misread"
    return "glued" if is_glued(core) else "garbage"


_SEVERITY = {"marked": 1, "plain": 1, "bare": 1, "acronym": 1, "latin": 2, "stripped": 3, "rare": 3,
             "unknown": 4, "garbage": 5, "misread": 5, "digit_inside": 5}  # fmt: skip

# Endings and beginnings that Vietnamese stripped of marks has, misread or not, and English has not.
_UNLATIN = re.compile(
    r"^(?:ng|nh|tr[^aeiouy]|kh|ph[^aeiloruy]|th[^aeioruyw]|[^aeiouy]{4})|[^aeiouy]{5}"
    r"|^[^aeiouy]+$|(?:uy|uo|ie|oa)nh?g?[iu]|[iu]{3}|nh$|[qv]$"
)


def _looks_latin(lower: str) -> bool:
    """Whether a word could be English or French, or a foreign name."""
    return len(lower) >= 3 and _UNLATIN.search(lower) is None


@lru_cache(maxsize=65_536)
def is_glued(core: str) -> bool:
    """Whether ``core`` is two or more common syllables written as one word, one of them marked."""
    lower = core.lower()
    if not 5 <= len(lower) <= 40 or not has_marks(lower) or is_syllable(lower):
        return False
    known = _lists()["common"]
    reach = {0}
    for end in range(2, len(lower) + 1):
        if any(end - k in reach and lower[end - k : end] in known for k in range(2, 8)):
            reach.add(end)
    return len(lower) in reach


_TORN: frozenset[str] = frozenset(
    ("fragment", "rare", "unknown")
)  # what a part of a split word looks like
_JOINABLE: frozenset[str] = frozenset(
    ("fragment", "garbage", "rare", "unknown", "marked", "acronym", "plain", "bare")
)


def line_shapes(line: str) -> list[Shape]:
    """The shapes of the words of a line; fragments that join to a syllable are splinters.

    Each run of two or three spaces between words adds a ``gap`` (wider ones are layout).
    """
    tokens = line.split()
    shapes = [shape_of(token if len(token) <= 64 else token[:64]) for token in tokens]
    if any(shape in _TORN for shape in shapes):
        _mark_splinters(tokens, shapes)
        _drop_list_letters(tokens, shapes)
    stripped = line.strip()
    gaps = len(_GAP.findall(stripped)) if "  " in stripped else 0
    return shapes + ["gap"] * min(gaps, 3 + len(tokens) // 2)


_LIST_WORDS = frozenset(
    ("điểm", "điểm,", "mục", "nhóm", "loại", "hạng", "bảng", "mẫu", "lớp", "khối", "vitamin", "phụ",
     "lục", "phần", "khu", "lô", "tiết", "và", "hoặc", "đến", "các", "ý")
)  # fmt: skip


def _drop_list_letters(tokens: list[str], shapes: list[Shape]) -> None:
    """Make the letters of "điểm a, b và c khoản 1" and units neutral, in place: no fragments."""
    begins = len(tokens) > 1 and all(len(_EDGES.sub("", token)) == 1 for token in tokens[:2])
    listed = begins and tokens[0].endswith(",")
    for number in range(1, len(tokens)):
        if shapes[number] == "fragment" and tokens[number - 1][-1].isdigit():
            unit = _EDGES.sub("", tokens[number]).lower() in _UNITS
            shapes[number] = "neutral" if unit else "fragment"
    for number, token in enumerate(tokens):
        lower = token.lower()
        single = len(_EDGES.sub("", token)) == 1
        if single and listed and shapes[number] == "fragment":
            shapes[number] = "neutral"
        listed = lower in _LIST_WORDS or (single and listed and token[-1] in ",;")


def _mark_splinters(tokens: list[str], shapes: list[Shape]) -> None:
    """Turn the parts of split words ("D Ị CH", "KHO ẢN") into splinters, in place."""
    cores = [_EDGES.sub("", token).lower() for token in tokens]
    common = _lists()["common"]
    for length in (4, 3, 2):
        for start in range(len(tokens) - length + 1):
            span = shapes[start : start + length]
            if _TORN.isdisjoint(span) or not _JOINABLE.issuperset(span):
                continue
            parts = cores[start : start + length]
            joined = "".join(parts)
            if joined in common and has_marks(joined) and all(parts):
                shapes[start : start + length] = ["splinter"] * length
