"""Recipients and signature (Decree 30/2020/NĐ-CP, boxes 7 and 9)."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rapidfuzz.distance import Levenshtein

from pipeline.document import Place, Section
from pipeline.entities.names import as_name, surnames
from pipeline.segment.fold import LOWER, UPPER, fold, is_caps
from pipeline.segment.formal import formal_authority, formal_position

_AUTHORITY = re.compile(
    r"^(?:t\s?a?m|k\s?t|t\s?l|tuq|q)\s?[.,]\s?\w|^(?:t\s?/\s?[ml]|k\s?/\s?t)\s?\.?\s\w|"
    r"^(?:tm|kt|tl|tuq)\s(?=(?:chu tich|uy ban|ubnd|giam doc|truong|"
    r"bo truong|thu tuong|chu nhiem|ban thuong|hoi dong|bi thu))"
)
# The commonest surnames and those of the larger minorities; a name in capitals must begin with one.
_SURNAMES = frozenset(
    {
        "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui",
        "do", "ho", "ngo", "duong", "ly", "dao", "doan", "vuong", "trinh", "truong", "dinh",
        "lam", "phung", "mai", "to", "ha", "cao", "luong", "luu", "thai", "ta", "chau", "tong",
        "quach", "la", "lo", "vi", "nong", "ma", "be", "lu", "giang", "ksor", "siu", "y", "h",
        "thach", "danh", "son", "kim", "thi", "kieu", "cu", "ung", "nghiem", "bach", "lai",
        "chu", "tu", "dam", "dau", "lang", "ninh", "van", "khong", "mac", "luc", "quan",
        "trieu", "hua", "phi", "khuat", "tieu", "mong", "hau", "lau", "thao", "sung", "vang",
    }
)  # fmt: skip
# The name stands at most so many lines under the position: a seal's text may come between.
_CLOSE = 6
_POSITION = re.compile(
    r"^(?:q\.\s*|quyen\s+|\w{2,3}\s+)?(?:pho\s+|uy vien\s+)?(?:chu tich|chu nhiem|giam doc|"
    r"bi thu|cuc truong|"
    r"truong (?:phong|ban|tram|cong an|thon|doan)|chanh (?:van phong|thanh tra)|hieu truong|"
    r"bo truong|"
    r"tong (?:bi thu|giam doc|cuc truong)|thu tuong|thu truong|vu truong|thuong truc|pho truong)\b"
)
_NAME_WORD = re.compile(rf"[{UPPER}][{LOWER}'’]*|[{UPPER}]+")
_GIVEN = re.compile(rf"[{UPPER}][{LOWER}]+")
_NAMES = re.compile(rf"[{UPPER}][{LOWER}]+(?: [{UPPER}][{LOWER}]+){{1,4}}")
_LONGEST_NAME = 5  # words
_ALIKE, _ALIKE_REST = 0.7, 0.78  # share of letters that a misread name has right; without surname
_STROKE = 3  # letters: what a stroke of the pen is read as
_NOISE = re.compile(r"[*_]|\((?:đã ký|da ky|ký tên)[^)]*\)|\[[^\]]*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """Authority lines ("TM. …", "KT. …"), the signer's position and name, as far as given.

    ``partly``: an OCR read the name in part, or it is told by what stands elsewhere.
    """

    authority: tuple[str, ...]
    position: str | None
    name: str | None
    place: Place
    partly: bool = False


def read_recipients(section: Section) -> list[tuple[str, Place]]:
    """The recipients in order, without the marks that end them, and where each stands."""
    found = []
    for item in section.items:
        for text in re.split(r";\s+-\s*|;\s*(?=-\s)", item.text):
            name = text.strip(" ;.-–")
            if name:
                found.append((name, item.place))
    return found


def read_signature(
    sections: Sequence[Section],
    repaired: Mapping[tuple[int, int], str] = MappingProxyType({}),
    lines: Sequence[str] | None = None,
    guessed: Container[tuple[int, int]] = frozenset(),
) -> FoundSignature | None:
    """The signature of the last section that holds one; None when nobody signs.

    ``repaired`` are the lines (page, line) on which words were replaced, as they were read: names
    there are guesses.
    ``lines``: of a document that an OCR read, all its lines. A seal or a stroke of the pen may have
    cost the name its surname, or a few letters, and it may stand elsewhere as well.
    ``guessed``: lines (page, line) with words that the OCR guessed.
    """
    for section in reversed(sections):
        found = _read(section, repaired, lines, guessed)
        if found.authority or found.position or found.name:
            return found
    return None


def _read(
    section: Section,
    repaired: Mapping[tuple[int, int], str],
    lines: Sequence[str] | None,
    guessed: Container[tuple[int, int]],
) -> FoundSignature:
    authority: list[str] = []
    position: str | None = None
    name: str | None = None
    partly = False
    since = 0  # lines since the last of authority and position: the name stands close below
    for item in section.items:
        text = _clean(item.text)
        at = (item.place.page, item.place.line_start)
        folded = fold(text)
        if not text:
            continue
        if _AUTHORITY.match(folded):
            authority.append(formal_authority(text) or text)
            since = 0
        elif position is None and name is None and _names_position(text, folded):
            position = formal_position(text) or text
            since = 0
        elif name is None and since < _CLOSE and (signer := _signer(text)):
            name = as_name(signer) if at in repaired else signer
            partly = lines is not None and (_lacks_surname(name) or at in guessed)
        elif name is None and position and since < _CLOSE and lines is not None:
            told = _told_elsewhere(text, lines) or _told_elsewhere(
                _clean(repaired.get(at, "")), lines
            )
            name = told or _behind_strokes(text)
            partly = name is not None
        since += 1
    return FoundSignature(tuple(authority), position, name, section.place, partly)


def _clean(text: str) -> str:
    return " ".join(_NOISE.sub(" ", text).split()).strip(" .;,-")


def _names_position(text: str, folded: str) -> bool:
    return is_caps(text) and bool(_POSITION.match(folded) or formal_position(text))


def _signer(text: str) -> str | None:
    """The name that a line is, or that it holds among strokes of the pen.

    >>> _signer("Lê Thị Mỹ Hạnh"), _signer("3N” Lê Văn Hòa có TM"), _signer("Lê Văn Hòa ký thay")
    ('Lê Thị Mỹ Hạnh', 'Lê Văn Hòa', None)
    """
    if is_person(text):
        return text
    words = text.split()
    for first, word in enumerate(words):
        if fold(word) not in _SURNAMES or len(word) < 2:
            continue
        end = first + 1
        while end < len(words) and _GIVEN.fullmatch(words[end]):
            end += 1
        name = " ".join(words[first:end])
        rest = [*words[:first], *words[end:]]
        if is_person(name) and all(len(one) <= _STROKE for one in rest):
            return name
    return None


def _told_elsewhere(text: str, lines: Sequence[str]) -> str | None:
    """The one name of the document that a misread line looks like: the same given name, at least.

    >>> _told_elsewhere("Phaz đạnh Cường", ["- BTCN, PCN Phạm Mạnh Cường,", "Lê Văn Cường"])
    'Phạm Mạnh Cường'
    >>> _told_elsewhere("“ đạnh Cường", ["- BTCN, PCN Phạm Mạnh Cường,", "Lê Văn Cường"])
    'Phạm Mạnh Cường'
    """
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    if not 2 <= len(words) <= _LONGEST_NAME:
        return None
    alike = {
        name: score
        for line in lines
        if words[-1] in line and line != text
        for name in _NAMES.findall(line)
        if name.split()[-1] == words[-1]
        and fold(name.split()[0]) in _SURNAMES
        and (score := _likeness(name, " ".join(words)))
    }
    best = [name for name, score in alike.items() if score == max(alike.values())]
    return best[0] if len(best) == 1 else None


def _likeness(name: str, text: str) -> float:
    """How much a misread line looks like a name, or the rest of one whose surname is hidden.

    A share of the letters, 0 where it is too small.
    """
    read, whole = fold(text), fold(name)
    _, _, rest = whole.partition(" ")
    score = Levenshtein.normalized_similarity(whole, read, score_cutoff=_ALIKE)
    if " " in rest:
        alone = Levenshtein.normalized_similarity(rest, read, score_cutoff=_ALIKE_REST)
        score = max(score, alone)
    return score


def _behind_strokes(text: str) -> str | None:
    """What is left of a name whose beginning is hidden: two words of it, behind strokes.

    >>> _behind_strokes("* 1”, ý Tuấn Anh"), _behind_strokes("Về việc Tuấn Anh")
    ('Tuấn Anh', None)
    """
    words = text.split()
    while words and _is_stroke(words[0]):
        words = words[1:]
    name = " ".join(words)
    return name if len(words) <= _LONGEST_NAME and is_person(name) and not is_caps(name) else None


def _is_stroke(word: str) -> bool:
    """Whether a word is what a stroke of the pen or a piece of a seal is read as."""
    return len(word) == 1 if word.islower() else len(word) <= _STROKE and not word.isalpha()


def _lacks_surname(name: str) -> bool:
    """Whether a name does not begin with a surname that we know.

    >>> _lacks_surname("Tuấn Anh"), _lacks_surname("Võ Tuấn Anh")
    (True, False)
    """
    return fold(name.split()[0]) not in _SURNAMES | surnames()


def is_person(text: str) -> bool:
    """Whether a line is a person's name: two to six words, each with a capital, no other marks.

    >>> is_person("Lê Thị Mỹ Hạnh"), is_person("Nơi nhận"), is_person("PHÓ CHỦ TỊCH")
    (True, False, False)
    """
    words = text.split()
    words = [word for word in words if not re.fullmatch(r"(?:ThS|TS|BS|Ths|PGS|GS|KS)\.?", word)]
    if not 2 <= len(words) <= 6 or any(c.isdigit() for c in text):
        return False
    if _names_position(text, fold(text)) or _AUTHORITY.match(fold(text)):
        return False
    if is_caps(text, share=0.9) and (len(words) < 3 or fold(words[0]) not in _SURNAMES):
        return False
    return all(_NAME_WORD.fullmatch(word.strip(".,")) for word in words)
