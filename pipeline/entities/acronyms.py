"""Acronyms of indices as pages show them: look-alike letters, letters set apart, broken in two.

Letters that fonts and OCR confuse (I l 1 |, S 5 $, O 0) count as one another, but no letter is ever
another: PCT is a deputy chairman, not the PCI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pipeline.segment.fold import fold
from pipeline.segment.tables import table

_LOOKALIKE = {"I": "[IilÌÍỊ1|!]", "S": "[Ss5$§]", "O": "[Oo0]", "D": "[DdĐđ]", "A": "[AaÂÀ]"}
_CAPITAL = {"I": "[Il1|]", "S": "[S5$§]", "O": "[O0]", "D": "[DĐ]", "A": "[AÂÀ]"}
# No code and no other word: "12/PCI", "x-PCI", "v.PCI"; behind the slash of a list it stands alone.
_BEFORE = r"(?<![\w.-])(?<!\d/)(?<!\d\s/)"
_GAP = r"[\s\-–_.]{0,3}"  # between the letters of a broken one, at most
_CONTEXT = 60  # letters
_SHORT = 4  # letters; what is shorter and broken is told only behind "chỉ số"


def acronym(entry: dict[str, list[str]]) -> re.Pattern[str] | None:
    """The pattern of an index's acronyms; blanks between letters in brackets only, or by a rule."""
    patterns = []
    for form in entry.get("abbreviations", ()):
        words = form.split()
        tight = _GAP.join(_tight(word) for word in words)
        loose = r"\s?".join(_letter(c) for c in form.replace(" ", ""))
        patterns += [rf"{_BEFORE}{tight}(?!\w)(?!{_goes_on()})", rf"(?<=\()\s*{loose}\s*(?=\))"]
        patterns.append(_set_apart(words))
    bare = entry.get("bare", ())
    patterns += [rf"(?<=\()\s*{_tight(word)}\s*(?=[)\s,;])" for word in bare]
    return re.compile("|".join(patterns)) if patterns else None


def broken(entry: dict[str, list[str]]) -> re.Pattern[str] | None:
    """The pattern of acronyms that a line's end or a stray blank broke in two: "PA PI", "SIP- AS".

    A short one is told only behind "chỉ số": "PC I" may be anything.
    """
    patterns = []
    for form in entry.get("abbreviations", ()):
        letters = form.replace(" ", "")
        lead = "" if len(letters) >= _SHORT else r"(?<=[cC]h[iỉ] s[oố]\s)"
        ways = {
            f"{_capitals(letters[:at])}(?:-\\s|\\s){_capitals(letters[at:])}"
            for at in range(1, len(letters))
        }
        # between the words of "PAR INDEX" a blank is no break
        ways -= {r"(?:-\s|\s)".join(map(_capitals, form.split()))}
        capital = r"[A-ZĐ0-9]"
        patterns += [
            rf"{_BEFORE}(?<!\b{capital}\s){lead}{way}(?!\w)(?!\s{capital}\b)"
            for way in sorted(ways)
        ]
    return re.compile("|".join(patterns)) if patterns else None


@lru_cache(maxsize=1)
def gate() -> re.Pattern[str]:
    """What no acronym is without: the first three letters of one, however they are set.

    Quick to look for, as a pattern that looks behind is not.
    """
    forms = [
        form
        for entry in table("indices").values()
        for form in (*entry.get("abbreviations", ()), *entry.get("bare", ()))
    ]
    starts = {form.replace(" ", "")[:3] for form in forms}
    return re.compile("|".join(_GAP.join(map(_letter, start)) for start in sorted(starts)))


def has_acronym(index: str, text: str) -> bool:
    """Whether an acronym of ``index`` stands in ``text`` as it is written."""
    pattern = _acronyms().get(index)
    return pattern is not None and pattern.search(text) is not None


@lru_cache(maxsize=1)
def _acronyms() -> dict[str, re.Pattern[str] | None]:
    return {name: acronym(entry) for name, entry in table("indices").items()}


def speaks_of_an_index(text: str, at: int) -> bool:
    """Whether "chỉ số" stands closely before ``at``: a broken acronym there is no chance."""
    return "chi so" in fold(text[max(0, at - _CONTEXT) : at])


def set_apart(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Indices whose acronym stands in ``text`` with letters set apart or broken in two."""
    for name, patterns in _apart():
        for pattern in patterns:
            for match in pattern.finditer(text):
                if re.search(r"\s", match[0]):
                    yield name, match


@lru_cache(maxsize=1)
def _apart() -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    found = []
    for name, entry in table("indices").items():
        forms = [re.compile(_set_apart(form.split())) for form in entry.get("abbreviations", ())]
        split = broken(entry)
        found.append((name, (*forms, *([split] if split else []))))
    return tuple(found)


@lru_cache(maxsize=1)
def _goes_on() -> str:
    """A hyphen that makes another word of an acronym (PCI-DSS), but not a list (PAPI-SIPAS)."""
    known = {
        _tight(form.split()[0])
        for entry in table("indices").values()
        for form in entry.get("abbreviations", ())
    }
    return rf"-(?!(?:{'|'.join(sorted(known))})\b)[A-ZĐ]{{2}}"


def _set_apart(words: Sequence[str]) -> str:
    """The acronym with its letters set apart, "P A P I", with no other capital beside them."""
    apart = [r"\s".join(_letter(c) for c in word) for word in words]
    tight = [_tight(word) for word in words]
    either = r"\s".join(f"(?:{a}|{t})" for a, t in zip(apart, tight, strict=True))
    capital = r"[A-ZĐ0-9]"
    return rf"{_BEFORE}(?<!\b{capital}\s){either}(?!\w)(?!{_goes_on()})(?!\s{capital}\b)"


def _tight(word: str) -> str:
    return "".join(map(_letter, word))


def _letter(character: str) -> str:
    return _LOOKALIKE.get(character, f"[{character}{character.lower()}]")


def _capitals(word: str) -> str:
    return "".join(_CAPITAL.get(character, character) for character in word)
