"""Headings to canonical section ids, tolerant of damage.

The synonyms are in ``pipeline/data/headings.toml``. A heading is compared as folded text; a phrase
that stands in it word for word wins over one that only resembles it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from pipeline.segment.fold import fold, fold_confusables, is_caps
from pipeline.segment.tables import table

# A phrase that stands in the heading only nearly must be this much alike (0 to 100). Under 80,
# "phan cong" takes "phan bon" for itself; over 85, "MUC PiCH" is lost.
_ALIKE = 82.0
# Small letters with their marks are hardly damaged: "Phòng Tư pháp" is not "phương pháp".
_ALIKE_CLEAN = 93.0
# A damaged phrase has at most so many words.
_LONGEST = 9
_NOT_WORD = re.compile(r"[^\w|!&€§]+")
# Words that may stand before the one that names the section.
_LEADS = frozenset({"cac", "mot", "so", "nhung", "ve", "cong", "tac"})
# Headings of the outline; the other ids are given by place, not by wording.
_OUTLINE = (
    "purpose", "objectives", "requirements", "audience", "content", "forms", "tasks", "schedule",
    "funding", "implementation", "reporting",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    """The ids of a heading in the order in which it names them, and how well it matched (0 to 1).

    ``start`` is the position of the first matched word, ``covered`` the share of the heading's
    letters that the matches take.
    """

    ids: tuple[str, ...]
    score: float
    start: int
    covered: float


@dataclass(frozen=True, slots=True)
class _Phrase:
    id: str
    words: tuple[str, ...]
    confused: str
    never: bool


@lru_cache(maxsize=1)
def _phrases() -> tuple[_Phrase, ...]:
    """All phrases, the longest first, so that "phân công nhiệm vụ" is not taken for tasks."""
    found: list[_Phrase] = []
    for name, entry in table("headings").items():
        for never, key in ((False, "phrases"), (True, "never")):
            found += [
                _Phrase(name, tuple(words.split()), fold_confusables(words), never)
                for words in entry.get(key, ())
            ]
    return tuple(sorted(found, key=lambda phrase: (-len(phrase.confused), phrase.never)))


@lru_cache(maxsize=4096)
def match_heading(heading: str) -> HeadingMatch:
    """The section ids that a heading names; no ids when it names none that is known.

    >>> match_heading("MỤC ĐÍCH, YÊU CẦU").ids
    ('purpose', 'requirements')
    >>> match_heading("POI TUQNG").ids
    ('audience',)
    """
    heading = heading[:200]
    words = _words(heading)
    free = [True] * len(words)
    hits = _exact([word.folded for word in words], free)
    clean = not is_caps(heading) and fold(heading) != heading.lower()
    hits += _alike(words, free, _ALIKE_CLEAN if clean else _ALIKE)
    hits.sort(key=lambda hit: hit.at)
    ids = _settle(list(dict.fromkeys(hit.id for hit in hits)), " ".join(w.folded for w in words))
    hits = [hit for hit in hits if hit.id in ids]
    if not hits:
        return HeadingMatch((), 0.0, 0, 0.0)
    letters = sum(len(word.folded) for word in words)
    covered = sum(
        len(word.folded) for word, is_free in zip(words, free, strict=True) if not is_free
    )
    return HeadingMatch(tuple(ids), min(hit.score for hit in hits), hits[0].at, covered / letters)


def match_among(heading: str, ids: tuple[str, ...]) -> HeadingMatch:
    """Match a heading under one that has ``ids``: at its start, one of those first.

    Where nothing matches well, a phrase of ``ids`` that resembles the heading's first words by two
    thirds is taken: under "NỘI DUNG, HÌNH THỨC", "2. Hinh thire" is the forms.
    """
    found = match_heading(heading)
    if found.ids and found.start <= 1 and found.covered >= 0.3:
        kept = tuple(name for name in found.ids if name in ids)
        if kept or (found.covered >= 0.6 and found.score == 1.0):
            return HeadingMatch(kept or found.ids, found.score, found.start, found.covered)
    if len(ids) < 2:
        return HeadingMatch((), 0.0, 0, 0.0)
    text = " ".join(word.confused for word in _words(heading[:80]))
    best = HeadingMatch((), 0.0, 0, 0.0)
    for phrase in _phrases():
        if phrase.id in ids and not phrase.never:
            score = fuzz.ratio(text, phrase.confused) / 100
            if score > max(0.66, best.score):
                best = HeadingMatch((phrase.id,), score, 0, 1.0)
    return best


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    confused: str
    opens: bool  # the first of a clause: only there a damaged phrase is looked for


@dataclass(frozen=True, slots=True)
class _Hit:
    id: str
    at: int
    score: float


def _words(heading: str) -> list[_Word]:
    result: list[_Word] = []
    for clause in re.split(r"[,;:()–]|\s&\s|\s-\s|\s[vV][àÀaA]\s", heading):
        words = [word for word in _NOT_WORD.sub(" ", fold(clause)).split() if word]
        opens = True
        for word in words:
            result.append(_Word(word, fold_confusables(word), opens))
            opens = opens and word in _LEADS
    return result


def _exact(words: list[str], free: list[bool]) -> list[_Hit]:
    """Phrases that stand in the heading word for word, the longest taking their words."""
    hits = []
    for phrase in _phrases():
        size = len(phrase.words)
        for at in range(len(words) - size + 1):
            if words[at] == phrase.words[0] and words[at : at + size] == list(phrase.words):
                if not all(free[at : at + size]):
                    continue
                free[at : at + size] = [False] * size
                if not phrase.never and phrase.id in _OUTLINE:
                    hits.append(_Hit(phrase.id, at, 1.0))
    return hits


def _settle(ids: list[str], text: str) -> list[str]:
    """Drop what a heading only mentions: "mục tiêu, nội dung thực hiện" is no implementation."""
    if "objectives" in ids and text.startswith(("noi dung", "nhiem vu")):
        ids.remove("objectives")
    if "implementation" in ids and text.startswith("to chuc"):
        ids = [name for name in ids if name in {"implementation", "reporting"}]
    if "schedule" in ids and "tasks" in ids and text.startswith(("nhiem vu", "hoat dong")):
        ids.remove("schedule")
    return ids


@lru_cache(maxsize=128)
def _phrases_of_about(length: int) -> tuple[_Phrase, ...]:
    """The phrases whose length allows them to be alike enough."""
    return tuple(
        phrase
        for phrase in _phrases()
        if not phrase.never
        and phrase.id in _OUTLINE
        and len(phrase.confused) >= 6
        and abs(len(phrase.confused) - length) <= 0.4 * length
    )


def _alike(words: list[_Word], free: list[bool], cutoff: float) -> list[_Hit]:
    """Phrases that resemble what opens a clause; letters that OCR confuses count as one."""
    found: list[tuple[float, _Hit, int]] = []
    for at, word in enumerate(words):
        if not (word.opens and free[at]):
            continue
        window = ""
        for size in range(1, _LONGEST + 1):
            if at + size > len(words) or not free[at + size - 1]:
                break
            window = f"{window} {words[at + size - 1].confused}".lstrip()
            for phrase in _phrases_of_about(len(window)):
                if abs(len(phrase.words) - size) > 3:  # OCR also splits and glues words
                    continue
                score = fuzz.ratio(window, phrase.confused, score_cutoff=cutoff) / 100
                if score:
                    length = len(phrase.confused)
                    worth = length - 3 * length * (1 - score)
                    found.append((worth, _Hit(phrase.id, at, score), size))
    hits = []
    for _, hit, size in sorted(found, key=lambda item: -item[0]):
        if all(free[hit.at : hit.at + size]):
            free[hit.at : hit.at + size] = [False] * size
            hits.append(hit)
    return hits
