"""The true text of the rendered pages: sampled paragraphs, set as administrative documents are."""

from __future__ import annotations

import hashlib
import json
import lzma
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HELD_OUT_MODULUS = 64


def is_held_out(text: str) -> bool:
    """Whether a source line is kept out of all training (one in 64, by its content)."""
    return hashlib.sha1(text.encode()).digest()[0] % HELD_OUT_MODULUS == 0


def _read_lines(path: Path, limit: int) -> Iterator[str]:
    """The first ``limit`` usable lines of a text file (or ``.xz``), white space folded, NFC."""
    opener = lzma.open if path.suffix == ".xz" else open
    taken = 0
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = " ".join(unicodedata.normalize("NFC", line).replace("#", " ").split())
            if len(text) >= 3:
                yield text
                taken += 1
            if taken >= limit:
                return


def _read_citations(path: Path, limit: int) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number >= limit:
                return
            yield unicodedata.normalize("NFC", json.loads(line)["citation"]).strip("()")


class Sampler:
    """Draws lines from a folder of text, from every file as often; citations less.

    Every ``*.txt`` and ``*.txt.xz`` file of the folder is a kind of its own; a file
    ``citations.jsonl.xz`` is used when it is there.
    """

    def __init__(self, folder: Path, *, held_out: bool, limit: int = 400_000) -> None:
        files = sorted((*folder.glob("*.txt"), *folder.glob("*.txt.xz")))
        if not files:
            raise SystemExit(f"no *.txt or *.txt.xz in {folder}: name a folder of Vietnamese text")
        self.kinds = [
            [line for line in _read_lines(path, limit) if is_held_out(line) == held_out]
            for path in files
        ]
        citations = folder / "citations.jsonl.xz"
        if citations.exists():
            lines = _read_citations(citations, 60_000)
            self.kinds.append([line for line in lines if is_held_out(line) == held_out])
        self.kinds = [kind for kind in self.kinds if kind]
        weights = np.array([1.0] * len(files) + [0.25])[: len(self.kinds)]
        self.chances = weights / weights.sum()

    def line(self, rng: np.random.Generator) -> str:
        """One line of a random kind."""
        kind = self.kinds[int(rng.choice(len(self.kinds), p=self.chances))]
        return kind[int(rng.integers(len(kind)))]

    def words(self, rng: np.random.Generator, low: int, high: int) -> list[str]:
        """``low`` to ``high`` consecutive words."""
        while True:
            words = self.line(rng).split()
            if len(words) >= low:
                count = int(rng.integers(low, min(high, len(words)) + 1))
                start = int(rng.integers(len(words) - count + 1))
                return words[start : start + count]


_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_TYPES = ("QĐ", "KH", "NQ", "CT", "TB", "BC", "CTr", "ĐA", "HD", "TTr", "NĐ", "KL", "CV", "PA")
_ISSUERS = ("UBND", "HĐND", "CP", "TTg", "BNV", "SNV", "BTTTT", "TU", "TW", "HU", "VPCP", "BTC")
_ACRONYMS = (
    "UBND", "HĐND", "CCHC", "TTHC", "DVCTT", "CNTT", "MTTQ", "VH-XH", "PAR INDEX", "SIPAS", "PAPI",
    "PCI", "DTI", "VNeID", "Zalo", "Facebook", "VNPT", "Website", "email", "infographic",
)  # fmt: skip


def _code(rng: np.random.Generator) -> str:
    number = int(rng.integers(1, 3000))
    kind, issuer = _TYPES[rng.integers(len(_TYPES))], _ISSUERS[rng.integers(len(_ISSUERS))]
    form = rng.integers(4)
    if form == 0:
        return f"{number:02d}/{rng.integers(2008, 2027)}/{kind}-{issuer}"
    return f"{number:02d}-{kind}/{issuer}" if form == 1 else f"{number:02d}/{kind}-{issuer}"


def _date(rng: np.random.Generator) -> str:
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(2005, 2027)
    if rng.random() < 0.5:
        return f"ngày {day}/{month}/{year}"
    return f"ngày {day:02d} tháng {month:02d} năm {year}"


def _heading(sampler: Sampler, rng: np.random.Generator) -> str:
    text = " ".join(sampler.words(rng, 2, 9)).strip(" ,;.:-").upper()
    form = rng.integers(4)
    if form == 0:
        return text
    mark = _ROMANS[rng.integers(len(_ROMANS))] if form < 3 else str(rng.integers(1, 10))
    return f"{mark}. {text}"


def _with_facts(text: str, rng: np.random.Generator) -> str:
    """``text`` with a code, date or acronym put between two words."""
    words = text.split()
    place = int(rng.integers(len(words) + 1))
    form = rng.integers(3)
    if form == 0:
        fact = f"số {_code(rng)} {_date(rng)}"
    elif form == 1:
        fact = _date(rng)
    else:
        fact = _ACRONYMS[rng.integers(len(_ACRONYMS))]
        fact = f"({fact})" if rng.random() < 0.4 else fact
    return " ".join((*words[:place], fact, *words[place:]))


def paragraphs(sampler: Sampler, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Endless paragraphs as ``(style, text)``; style is heading, title, body, item or name."""
    while True:
        draw = rng.random()
        if draw < 0.14:
            yield "heading", _heading(sampler, rng)
        elif draw < 0.20:
            yield "title", " ".join(sampler.words(rng, 3, 8)).title()
        elif draw < 0.40:
            mark = ("-", "+", "*", "a)", "b)", "c)", "d)", "đ)", "e)", "g)", "1.", "2.", "3.1.")
            text = " ".join(sampler.words(rng, 6, 60))
            text = text[0].upper() + text[1:]
            yield "item", f"{mark[rng.integers(len(mark))]} {text}{';.,'[rng.integers(3)]}"
        else:
            text = " ".join(sampler.line(rng).split()[:120])
            if rng.random() < 0.35:
                text = _with_facts(text, rng)
            yield "body", text
