"""How good a text is, and how it was damaged."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.restore.syllables import has_marks, is_syllable

# Share of marked syllables in Vietnamese running text: 0.88 in law, 0.75 in lists of names. Below
# the floor a stretch of text has lost its marks, wholly or in part.
_MARKED_FLOOR = 0.6
_PRIOR_WORDS = 4.0  # so many words are taken as normally marked before the text has its say

_EDGES = re.compile(r"^[^\w\ufffd]+|[^\w\ufffd]+$")
_ROMAN = re.compile(r"[IVXLC]{1,6}[a-z]?")
_ACRONYM = re.compile(r"[A-ZĐƯÔ]{2,6}")
_NEUTRAL = re.compile(r"[\d.,:/%+-]*|\w{1,3}|.*@.*|(?:https?:|www\.).*|[\w.-]+\.(?:vn|com|org|net)")
_CODE = re.compile(r"\d+[a-z]?[-/].*|[A-ZĐ]{1,6}\d{1,4}|\d{1,4}[A-ZĐ]{0,2}")
_BROKEN = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f]|\(cid:\d+\)")
_FOREIGN_SCRIPT = re.compile(r"[\u0370-\u05ff\u0e00-\u0eff\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af]")

# Frequent words of English and French that are no Vietnamese syllables, marked or stripped.
_FOREIGN_WORDS = """
    of and for is that with are this from have has was were which will by or as it its not their
    been shall should would other such these those your our they you may any all into under between
    about than then there where when who what how if only also more most must each per used use
    one two three new first public government administrative national state law article provinces
    province people committee service services information system index report reform plan year
    development management social economic health education international world bank data research
    les des une est pour dans sur avec aux cette ces ses sont etre par plus pas nous vous leur qui
    et ou ont ete entre comme tout tous fait loi droit article selon ainsi
"""
_FOREIGN = frozenset(_FOREIGN_WORDS.split())


@lru_cache(maxsize=262_144)
def _judge(token: str) -> tuple[float, float, float, float]:
    """(words, right, marked syllables, syllables) of one white-space token, parts weighted."""
    if _BROKEN.search(token):
        return 1.0, 0.0, 0.0, 0.0
    core = _EDGES.sub("", unicodedata.normalize("NFC", token))
    if not core or core.isdigit():
        return 0.0, 0.0, 0.0, 0.0
    if is_syllable(core):
        single = len(core) == 1 and not has_marks(core)  # an enumerator, or what is left of a word
        return (0.3, 0.3, 0.0, 0.0) if single else (1.0, 1.0, float(has_marks(core)), 1.0)
    if _FOREIGN_SCRIPT.search(core):
        return 1.0, 1.0, 0.0, 0.0
    if core.lower() in _FOREIGN:
        return 1.0, 1.0, 0.5, 0.5
    if _ROMAN.fullmatch(core) or _ACRONYM.fullmatch(core) or _CODE.fullmatch(core):
        return 0.3, 0.3, 0.0, 0.0
    if len(core) == 1:
        return (0.3, 0.2, 0.0, 0.0) if token != core else (1.0, 0.1, 0.0, 0.0)
    if any(c.isdigit() for c in core) and _NEUTRAL.fullmatch(core):
        return 0.3, 0.1, 0.0, 0.0
    parts = [part for part in re.split(r"[^\w]+", core) if part]
    if len(parts) > 1:
        judged = [_judge(part) for part in parts]
        return tuple(sum(column) / len(parts) for column in zip(*judged, strict=True))
    if core.isascii() and core.isalpha():  # foreign word, name, or garbage: the text decides
        return 1.0, 0.25, 0.0, 0.25
    return 1.0, 0.0, 0.0, 0.0


def quality(text: str) -> float:
    """How readable ``text`` is, 0 (nothing) to 1 (every word is a word).

    The share of white-space tokens that are Vietnamese syllables, acronyms, codes, or frequent
    foreign words, lowered where Vietnamese text lacks its marks. Text without any word gives 1.0
    when it is empty or only numbers. Linear in the length; judgements are cached per token.
    """
    words = right = marked = syllables = 0.0
    for token in text.split():
        one = _judge(token if len(token) <= 64 else token[:64])
        words += one[0]
        right += one[1]
        marked += one[2]
        syllables += one[3]
    if words == 0.0:
        return 1.0
    prior = _PRIOR_WORDS * _MARKED_FLOOR
    share = (marked + prior) / (syllables + _PRIOR_WORDS)
    return (right / words) * min(1.0, share / _MARKED_FLOOR)
