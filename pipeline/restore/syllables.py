"""The written syllables of Vietnamese: initial × rhyme × tone, by the rules of spelling.

The tables follow the standard description (L. C. Thompson, *A Vietnamese Reference Grammar*, 1965;
the spelling rules of the 1984 education ministry decision 240/QĐ). They are wider than what is
attested: some 18,000 spellings are well formed, some 7,000 occur. What they exclude (``nhirng``,
``chwc``, ``tr``) no Vietnamese text holds, and that is what damage detection asks for.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# Combining grave, acute, tilde, hook above, dot below; "" is the level tone (ngang).
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_TONE_MARKS = frozenset(TONES[1:])
_QUALITY_MARKS = frozenset("\u0302\u0306\u031b")  # circumflex, breve, horn
_CHECKED_TONES = ("\u0301", "\u0323")  # after p, t, c, ch only sắc and nặng

INITIALS = (
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh",
    "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
)  # fmt: skip

_RHYME_LIST = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om
    on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ
    uy uya uych uyên uyêt uynh uyt uyu uyn uyp
    ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu
"""
RHYMES = tuple(_RHYME_LIST.split())
_QU_RHYME_LIST = """
    a ac ach ai an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc ân âng âp ât âu ây
    e en eo et ê êch ên ênh êt êu i ich in inh it iu y yên yêt ynh yt yu ych ơ ôc ôt ơn
"""
_QU_RHYMES = tuple(_QU_RHYME_LIST.split())
_FRONT = frozenset("eêiy")
# Rhymes that begin with y follow these initials only (kỹ, hy, lý, mỹ, quý, sỹ, tỷ, vỹ).
_Y_INITIALS = frozenset(("", "h", "k", "l", "m", "s", "t", "v", "n"))
_PAIRS_WITH_TWO_PLACEMENTS = frozenset(("oa", "oe", "uy"))


def _fits(initial: str, rhyme: str) -> bool:
    """Whether spelling lets ``rhyme`` follow ``initial``."""
    front = rhyme[0] in _FRONT
    if rhyme[0] == "y":
        return initial == "" if len(rhyme) > 1 else initial in _Y_INITIALS
    if initial in ("k", "gh", "ngh"):
        return front
    if initial in ("c", "ng"):
        return not front
    if initial == "g":
        return not front or rhyme in ("i", "in", "iêc", "iêng", "iêt")
    if initial == "gi":
        return rhyme[0] not in "i"
    return not (initial == "" and rhyme.startswith("iê"))


def _tone_places(initial: str, rhyme: str) -> tuple[int, ...]:
    """The offsets in ``rhyme`` where a tone mark may stand (two where both styles are right)."""
    marked = [i for i, letter in enumerate(rhyme) if letter in "ăâêôơư"]
    if marked:
        return (marked[-1],)
    vowels = [i for i, letter in enumerate(rhyme) if letter in "aeiouy"]
    if len(vowels) == 1:
        return (vowels[0],)
    if len(vowels) == 3:
        return (vowels[1],)
    if len(rhyme) > 2:  # a consonant follows
        return (vowels[-1],)
    if initial == "qu":
        return (vowels[0],)
    return (0, 1) if rhyme in _PAIRS_WITH_TWO_PLACEMENTS else (vowels[0],)


def _spell(initial: str, rhyme: str) -> set[str]:
    checked = rhyme[-1] in "ptc" or rhyme.endswith("ch")
    tones = _CHECKED_TONES if checked else TONES
    return {
        unicodedata.normalize("NFC", initial + rhyme[: place + 1] + tone + rhyme[place + 1 :])
        for place in _tone_places(initial, rhyme)
        for tone in tones
    }


@cache
def well_formed() -> frozenset[str]:
    """All well-formed syllables: lower case, NFC, both tone placements (hòa, hoà)."""
    syllables: set[str] = set()
    for initial in INITIALS:
        for rhyme in _QU_RHYMES if initial == "qu" else RHYMES:
            if initial == "qu" or _fits(initial, rhyme):
                syllables |= _spell(initial, rhyme)
    return frozenset(syllables)


@cache
def stripped_forms() -> frozenset[str]:
    """What the well-formed syllables become when all marks are stripped (đ gives d)."""
    return frozenset(strip_marks(syllable) for syllable in well_formed())


def is_syllable(word: str) -> bool:
    """Whether ``word`` (NFC, any case) is a well-formed Vietnamese syllable."""
    return word.lower() in well_formed()


_MARKED = re.compile(
    "[đăâêôơưàáãảạằắẵẳặầấẫẩậèéẽẻẹềếễểệìíĩỉịòóõỏọồốỗổộờớỡởợùúũủụừứữửựỳýỹỷỵ]", re.IGNORECASE
)


def has_marks(word: str) -> bool:
    """Whether ``word`` (NFC) holds a letter that plain ASCII lacks but Vietnamese has."""
    return _MARKED.search(word) is not None


def strip_marks(text: str) -> str:
    """``text`` without Vietnamese marks: tones, circumflex, breve, horn; đ to d. Case is kept."""
    return text if text.isascii() else _stripped(text)


@lru_cache(maxsize=65_536)
def _stripped(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    kept = "".join(c for c in decomposed if c not in _TONE_MARKS and c not in _QUALITY_MARKS)
    return unicodedata.normalize("NFC", kept).replace("đ", "d").replace("Đ", "D")
