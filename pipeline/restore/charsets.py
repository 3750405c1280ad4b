"""Text in a wrong charset back to Unicode: legacy charsets, look-alikes, what mojibake.py undoes.

Every repair is a pure function ``str -> str``; :func:`repair` runs them over the lines of a page
and says after each rule what the lines have become. What is right already stays as it is: a legacy
charset is assumed only where it turns non-words into Vietnamese syllables, line by line.
"""

from __future__ import annotations

import re
import string
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import numpy as np

from pipeline.restore.mojibake import as_windows_1252, fix_mojibake, is_mojibake
from pipeline.restore.syllables import has_marks, is_syllable

_EDGE = string.punctuation + string.whitespace + "“”‘’…–—"
_DIGIT = re.compile(r"\d")
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True)
class Charset:
    """A legacy charset: what its bytes look like when read as Windows-1252, and what they mean."""

    name: str
    letters: dict[str, str]
    codes: re.Pattern[str]
    fonts: tuple[re.Pattern[str], ...]
    capitals: re.Pattern[str] | None

    def convert(self, text: str, *, opens: bool = False) -> str:
        """``text`` (a line) with every code replaced by its letter, NFC; capitals mended.

        ``opens`` says that the line begins a sentence.
        """
        words = re.split(r"(\s+)", text)
        capital_line = _is_capital(text)
        converted = [self._convert_word(word, capital_line) for word in words]
        if self.name == "tcvn3":
            _capitalise(words, converted, opens)
        return "".join(converted)

    def _convert_word(self, word: str, capital_line: bool) -> str:
        if word.isascii() and (self.name != "tcvn3" or "-" not in word):
            return word
        converted = self._replace(word)
        core = word.strip(_EDGE)
        if core != word and not (core and is_syllable(converted.strip(_EDGE))):
            inner = self._replace(core)  # quotes and dashes share their codes with capitals
            if inner == core or is_syllable(inner):
                converted = word.replace(core, inner) if core else word
        if self.name == "tcvn3" and "-" in word:
            converted = self._mend_hyphen(word, converted)
        plain = [c for c in word if c.isascii() and c.isalpha()]
        shouted = plain and all(c.isupper() for c in plain) and (capital_line or len(plain) > 1)
        return converted.upper() if shouted and not _DIGIT.search(word) else converted

    def _replace(self, word: str) -> str:
        letters = self.letters
        return unicodedata.normalize("NFC", self.codes.sub(lambda m: letters[m.group()], word))

    def _mend_hyphen(self, word: str, converted: str) -> str:
        """TCVN3 writes ư as a soft hyphen, which extraction may turn into a hyphen."""
        if all(is_syllable(part) for part in converted.strip(_EDGE).split("-")):
            return converted
        mended = self._replace(re.sub(r"(?<=\S)-(?=\S)", _SOFT_HYPHEN, word))
        return mended if is_syllable(mended.strip(_EDGE)) else converted


def _is_capital(text: str) -> bool:
    """Whether a line is set in capitals; codes such as 15/KH-UBND do not count."""
    words = (word for word in text.split() if not _DIGIT.search(word) and "/" not in word)
    plain = [c for word in words for c in word if c.isascii() and c.isalpha()]
    return len(plain) >= 4 and sum(c.isupper() for c in plain) >= 0.85 * len(plain)


_BULLET = re.compile(r"[-+*•–]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđA-ZĐ][.)]|[IVX]+\.")
_NAMES_BEGIN = frozenset(("ý", "á", "ấn", "ả", "ứng", "ái"))  # Ý Yên, Ấn Độ, Ả Rập, Ứng Hòa


def _capitalise(codes: list[str], words: list[str], opens: bool) -> None:
    """Give words their capital, in place, where TCVN3 had no code for it (Ủ, Ý, Ấ).

    It is due where a sentence begins, in ``Ủy ban``, and before another capital (``Ý Yên``).
    """
    places = [n for n, word in enumerate(words) if word.strip()]
    begins = opens
    for number, n in enumerate(places):
        word, after = words[n], words[places[number + 1]] if number + 1 < len(places) else ""
        first = codes[n][:1]
        if number == 0 and _BULLET.fullmatch(word):
            begins = True
            continue
        if not first.isascii() and word[0].islower() and word[0] not in "đăâêôơư":
            named = after[:1].isupper() and not after.isupper()
            if begins or (word in ("ủy", "uỷ") and after == "ban") or (
                named and word in _NAMES_BEGIN
            ):  # fmt: skip
                words[n] = word[0].upper() + word[1:]
        begins = word[-1] in ".?!"


@cache
def charsets() -> dict[str, Charset]:
    """The charsets of ``data/charsets.toml`` by name."""
    text = resources.files("pipeline.data").joinpath("charsets.toml").read_text(encoding="utf-8")
    return {name: _load(name, entry) for name, entry in tomllib.loads(text).items()}


def _load(name: str, entry: dict[str, str]) -> Charset:
    fields = re.split(r"[ \n]+", entry["pairs"].strip("\n "))
    letters: dict[str, str] = {}
    for code, letter in zip(fields[::2], fields[1::2], strict=True):
        letters.setdefault(code, letter)  # a code that both cases share gives the small letter
    if name == "vni":  # typed with a capital letter and a small mark as well: Aûnh
        for code, letter in tuple(letters.items()):
            if len(code) == 2 and code[0].islower():
                letters.setdefault(code[0].upper() + code[1], letter.upper())
    for code, letter in tuple(letters.items()):
        shown = "".join(as_windows_1252(c) for c in code)
        letters.setdefault(shown, letter)
    ordered = sorted(letters, key=len, reverse=True)
    capitals = entry.get("capitals")
    return Charset(
        name,
        letters,
        re.compile("|".join(map(re.escape, ordered))),
        tuple(re.compile(font) for font in entry["fonts"]),
        re.compile(capitals) if capitals else None,
    )


@lru_cache(maxsize=4_096)
def charset_of_font(font: str | None) -> str | None:
    """The charset that a font name gives away (``.VnTimeH``: tcvn3), or None."""
    if not font:
        return None
    for charset in charsets().values():
        if any(pattern.search(font) for pattern in charset.fonts):
            return charset.name
    return None


# --- which lines are in which charset ----------------------------------------------------------

_SWITCH = 1.9  # evidence (words) that it takes to believe in a change of charset
_FONT_SAYS = 3.0
_WORD = 40  # characters of a word that are looked at
_LEGACY_SIGN = re.compile(
    r"[\x02\x05\x06\x14\x19\x1e\x80-\xff\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]"
)
_BEYOND = re.compile(r"[\u0100-\u0151\u0180-\u0191\u0193-\u024f\u0300-\u036f\u1e00-\u1eff]")


_UNICODE = (-1.0,)  # stands for -1 under every charset, of which there are several


@lru_cache(maxsize=131_072)
def _word_evidence(word: str) -> tuple[float, ...]:
    """For each charset: 1 when it makes ``word`` a syllable, negative when it does not."""
    if _BEYOND.search(word):  # Vietnamese in Unicode: no legacy charset yields such letters
        return _UNICODE if is_syllable(word.strip(_EDGE)) else ()
    core = word.strip(_EDGE)
    if not _LEGACY_SIGN.search(core) or not any("A" <= c <= "z" for c in core):
        return ()
    before = is_syllable(core)
    weight = 0.2 if core.replace("é", "e").isascii() else 1.0  # é is also what an OCR makes of ê
    found = []
    for charset in charsets().values():
        converted = charset.convert(word).strip(_EDGE)
        after = is_syllable(converted) and has_marks(converted)
        value = 0.0 if after and before else 1.0 if after else -1.0 if before else -0.5
        found.append(weight * value)
    return tuple(found)


@lru_cache(maxsize=131_072)
def _speaks(word: str) -> bool:
    """Whether ``word`` speaks for any charset."""
    return any(value > 0 for value in _word_evidence(word))


def _line_evidence(line: str) -> list[float]:
    totals = [0.0] * len(charsets())
    if not line.isascii() or _LEGACY_SIGN.search(line):
        found = list(map(_word_evidence, [word[:_WORD] for word in line.split()]))
        plain = found.count(_UNICODE)
        totals = [total - plain for total in totals]
        for evidence in found:
            if len(evidence) > 1:
                for number, value in enumerate(evidence):
                    totals[number] += value
    return totals


def find_charsets(
    lines: Sequence[str], fonts: Sequence[str | None] | None = None
) -> tuple[str | None, ...]:
    """The legacy charset of each line, or None where the line is Unicode.

    The most probable sequence of charsets (Viterbi): a line speaks for a charset by the words that
    become syllables, its font name adds to that, and each change costs.
    """
    names: list[str | None] = [None, *charsets()]
    count = len(names)
    if not any(map(_speaks, {word[:_WORD] for line in lines for word in line.split()})):
        return (None,) * len(lines)
    said = list(map(_line_evidence, lines))
    if not fonts:  # nor do any lines in a row gain what a change costs
        sums = np.zeros((len(lines) + 1, count - 1))
        np.cumsum(said, axis=0, out=sums[1:])
        if np.max(sums - np.minimum.accumulate(sums)) < _SWITCH:
            return (None,) * len(lines)
    score = [0.0] + [-_SWITCH] * (count - 1)
    back: list[list[int]] = []
    for number in range(len(lines)):
        evidence = [0.0, *said[number]]
        named = charset_of_font(fonts[number]) if fonts else None
        if named and any(value > 0 for value in evidence):
            evidence[names.index(named)] += _FONT_SAYS
        best = max(range(count), key=lambda state: score[state])
        stay = [score[state] >= score[best] - _SWITCH for state in range(count)]
        back.append([state if stay[state] else best for state in range(count)])
        score = [
            (score[state] if stay[state] else score[best] - _SWITCH) + evidence[state]
            for state in range(count)
        ]
    state = max(range(count), key=lambda state: score[state])
    path: list[str | None] = []
    for pointers in reversed(back):
        path.append(names[state])
        state = pointers[state]
    return tuple(reversed(path))


# --- single repairs ------------------------------------------------------------------------------


def compose(line: str) -> str:
    """NFC, so that each letter is one character."""
    return unicodedata.normalize("NFC", line)


_INVISIBLE = re.compile("(?<=\\w)[\u200b\u200c\u200d\u2060\ufeff\u00ad]+(?=\\w)")


def drop_invisible(line: str) -> str:
    """Zero-width characters and soft hyphens inside words taken out."""
    return _INVISIBLE.sub("", line)


_LOOK_ALIKES = str.maketrans(
    "ÐƉðɖаАеЕоОсСрРхХуУіІкКмМнНТВ",
    "ĐĐđđaAeEoOcCpPxXyYiIkKmMnHTB",
)
_HAS_LOOK_ALIKE = re.compile("[ÐƉðɖа-яА-ЯіІ]")
_ICELANDIC = re.compile("[þÞæÆöÖ]")


def fix_look_alikes(line: str) -> str:
    """Letters of other alphabets in Vietnamese words: ÐIỀU, НĐND with a Cyrillic Н."""
    if not _HAS_LOOK_ALIKE.search(line):
        return line
    return re.sub(r"[^\W\d_]+", _fix_look_alike, line)


def _fix_look_alike(match: re.Match[str]) -> str:
    word = match.group()
    if not _HAS_LOOK_ALIKE.search(word):
        return word
    fixed = word.translate(_LOOK_ALIKES)
    if is_syllable(fixed):
        return fixed if _is_latin(word) or len(fixed) > 1 else word
    capitals = fixed.isupper() and len(fixed) <= 6 and _is_latin(fixed)
    mixed = any(_is_latin(c) for c in word)
    return fixed if capitals and mixed and not _ICELANDIC.search(word) else word


def _is_latin(word: str) -> bool:
    return all(c < "\u0250" or "\u1e00" <= c <= "\u1eff" for c in word)


# --- a page ---------------------------------------------------------------------------------------


def repair(
    lines: Sequence[str], fonts: Sequence[str | None] | None = None
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Run every repair over ``lines``; yields ``(rule, lines afterwards)`` for those that changed.

    ``fonts`` names the font of each line where it is known. The number of lines stays.
    """
    current = tuple(lines)
    text = "\n".join(lines)
    for rule, concerns, step in _STEPS:
        if concerns(text):
            changed = step(current, fonts)
            if changed != current:
                current, text = changed, "\n".join(changed)
                yield rule, current


def _convert_lines(lines: tuple[str, ...], fonts: Sequence[str | None] | None) -> tuple[str, ...]:
    result: list[str] = []
    opens = True
    for number, name in enumerate(find_charsets(lines, fonts)):
        line, font = lines[number], fonts[number] if fonts else None
        result.append(line if name is None else _convert_line(line, name, font, opens))
        if line.strip():
            opens = line.rstrip()[-1] in ".;:?!"
    return tuple(result)


def _convert_line(line: str, name: str, font: str | None, opens: bool) -> str:
    charset = charsets()[name]
    converted = charset.convert(line, opens=opens)
    if font and charset.capitals and charset.capitals.search(font):
        return converted.upper()
    return converted


_Fonts = Sequence[str | None] | None
_Page = tuple[str, ...]


def _each(step: Callable[[str], str]) -> Callable[[_Page, _Fonts], _Page]:
    return lambda page, _: tuple(map(step, page))


# By rule: whether a page (its lines joined) may need it, and what it does to the lines.
_STEPS: tuple[tuple[str, Callable[[str], object], Callable[[_Page, _Fonts], _Page]], ...] = (
    ("compose", lambda text: not unicodedata.is_normalized("NFC", text), _each(compose)),
    ("mojibake", is_mojibake, _each(fix_mojibake)),
    ("legacy_charset", bool, _convert_lines),
    ("invisible", _INVISIBLE.search, _each(drop_invisible)),
    ("look_alike", _HAS_LOOK_ALIKE.search, _each(fix_look_alikes)),
)
