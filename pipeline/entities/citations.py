"""Citations of documents: state, party and legislative codes, letters, laws cited by name.

The grammar follows Decree 30/2020/NĐ-CP (number "/" type "-" body; number "/" year "/" type "-" "
    "body
for legal documents) and Hướng dẫn 36-HD/VPTW of the Party (number "-" type "/" body). Codes may be
broken over lines, lack the word "số", or have lost marks ("QD-UBND"); numbers are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipeline.entities.dates import DATE, iso_of
from pipeline.segment.fold import UPPER, fold
from pipeline.segment.tables import table

_WORD = r"(?:U\sND\b|H\sND\b|[A-ZĐÐ][\w&.]*)"
_CODE = re.compile(
    r"(?:(?<![\w/⁄∕.,-])|(?<=[Ss]ố[-.,]))(?P<number>\d{1,5}[a-zđA-Z]{0,3}(?:\(\w{1,3}\))?)"
    r"(?:\s?/\s?(?P<year>(?:1[89]|20)\s?\d\s?\d))?"
    rf"(?P<tail>(?:\s?[/–-]\s?(?:{_WORD}|\d{{1,4}}(?=[/-][A-ZĐ]))){{1,10}})"
)
# Lower-case codes are rare slips; they are believed only behind "số".
_LOWER = re.compile(
    r"(?<=\s)(?P<number>\d{1,5})(?:/(?P<year>(?:1[89]|20)\d\d))?(?P<tail>/[a-zđ]{2,6}-[a-zđ]{2,10})\b"
)
_BROKEN = re.compile(r"\d\s?[/⁄∕]\s?\d{0,3}\s$")
# "số 1 1/2018/TT-BTC": digits of the number that OCR set apart.
_APART = re.compile(r"\bs[o60]\s*[:.]?\s*(?P<head>\d{1,3})\s$")
_AFTER_SO = re.compile(r"\bs[o60]\s*[:.,-]?\s*$")
_TYPED = re.compile(r"([a-z]+(?:\s[a-z]+){0,3})\s*$")
_DIRECT_DATE = re.compile(rf"[\s,(]{{0,3}}(?:ky |ra |)(?:ng[a-z]y|ng[a-z]v)\s*{DATE}\)?")
_ISSUER = re.compile(r"[\s,]{0,3}cu?[ai]a?[.,]?\s+(?P<issuer>\S)")
_ISSUER_END = re.compile(
    r"[,;:.()\[\]“”\"]|\s(?:ve|ban hanh|phe duyet|quy dinh|sua doi|bo sung|huong dan|co hieu luc|"
    r"thong qua|"
    r"v/v|bai bo|cong bo|theo|tai(?! chinh| nguyen| san)|dieu chinh|tren|duoc|nham|den|khoa|"
    r"trong do|la|de|va cac|va cua|"
    r"va thuc hien|"
    r"va (?:quyet dinh|nghi quyet|ke hoach|ket luan|chi thi|cong van|nghi dinh|thong tu|"
    r"chuong trinh))\b"
)
_ABOUT = re.compile(
    r"[\s,]{0,3}(?P<verb>(?:ve viec|ve|v/v)\s+)?(?=(?:ban hanh|phe duyet|quy dinh|sua doi|"
    r"huong dan|"
    r"thong qua|cong bo|giao|dieu chinh|thuc hien|trien khai)\b|)"
)
_STOP = re.compile(rf"[;\n]|(?<!\bcủa)[.…](?=\s+[{UPPER}]|\s*$)|\./\.|\sco hieu luc\b")
# Words behind a comma that begin a thought of the plan's own.
_OWN_THOUGHT = re.compile(r",\s(?:dong thoi|tu do|qua do|tren co so do|theo do)\s")
_BRACKET = re.compile(r"[()]")
_TAIL_DATE = re.compile(rf"\s(?:ky )?ngay\s*{DATE}(?P<by>\s*(?:,\s*)?cua\s+)?")
_AGENCY = re.compile(
    r"^(?:uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd|bo\s|bo truong|chinh phu|thu tuong|tinh uy|"
    r"huyen uy|thanh uy|dang uy|ban |so |quoc hoi|chu tich|bo chinh tri|trung uong|uy ban)"
)
# What goes on with the title of a law behind a comma: "Luật Phòng, chống thiên tai".
_IN_TITLE = (
    "bổ sung|thay thế|bãi bỏ|bo sung|chống|chong|công chức|viên chức|chữa cháy|cứu hộ|sử dụng|"
    "tố cáo|bảo vệ|nhập cảnh|quá cảnh|cư trú|khen thưởng|quyền hạn|kiểm sát|cấp phép"
)
_LAW = re.compile(
    r"\b(?P<kind>Luật|Bộ luật|Pháp lệnh|Luat|Bo luat|Phap lenh)\s+(?!số\b|so\b|này\b|này\b|sư\b|"
    r"su\b)"
    rf"(?P<title>[{UPPER}][^;:\n()“”\"]{{2,220}}?)"
    rf"(?=\s*(?:,?\s*(?:số|so)\s\d|[;:()“”\"\n]|$|\.(?:\s|$)|,\s(?!(?:{_IN_TITLE})\b)"
    r"|,?\s+ng[aà]y\s+\d|,?\s+n[ăa]m\s+\d{4}|\s+(?:hiện hành|và các|được|có hiệu lực)))"
)
_LAW_DATE = re.compile(rf"\s*,?\s*ngay\s*{DATE}")
_MAX_SUBJECT = 700


@dataclass(frozen=True, slots=True)
class FoundCitation:
    """A citation in a text: ``start`` to ``end`` with its subject, ``code_end`` without it.

    ``joined``: the number stands in two parts, between which a digit may be lost.
    """

    start: int
    code_end: int
    end: int
    code: str | None
    type: str | None
    date: str | None
    issuer: str | None
    about: str | None
    joined: bool = False


def find_citations(text: str, folded: str | None = None) -> list[FoundCitation]:
    """The documents that a text cites, in order.

    >>> [(c.code, c.date, c.issuer) for c in find_citations(
    ...     "Quyết định số 12/QĐ-UBND ngày 03/02/2025 của UBND xã Minh Tân về việc phân công")]
    [('12/QĐ-UBND', '2025-02-03', 'UBND xã Minh Tân')]
    """
    folded = fold(text) if folded is None else folded
    codes = list(_codes(text, folded))
    found = []
    for number, (match, lead, kind) in enumerate(codes):
        limit = codes[number + 1][1] if number + 1 < len(codes) else len(text)
        found.append(_with_subject(text, folded, match, lead, kind, limit))
    if "u" in folded and ("luat" in folded or "phap lenh" in folded):
        taken = [(citation.start, citation.end) for citation in found]
        found += [law for law in _laws(text, folded) if not _within(law.start, taken)]
        found.sort(key=lambda citation: citation.start)
    return found


def _codes(text: str, folded: str) -> Iterator[tuple[re.Match[str], int, str | None]]:
    """Matches that are codes, with the start of the words that announce each, and its type."""
    for match in _CODE.finditer(text):
        if _BROKEN.search(folded, max(0, match.start() - 9), match.start()):
            continue  # the second half of a code that OCR broke: its number is not known
        if match["number"] == "0":
            continue
        before = folded[max(0, match.start() - 40) : match.start()]
        if apart := _APART.search(before):
            before = before[: apart.start("head")]
        announced = _AFTER_SO.search(before)
        kind = _type_in_code(match["tail"])
        if not (kind or announced):
            continue
        start = match.start() - (apart.end() - apart.start("head") if apart else 0)
        lead, word = _lead(before, start, announced)
        if kind is None and word is None and not re.search(r"[A-ZĐ]{2}", match["tail"]):
            continue
        yield match, lead, word if kind in (None, "Văn bản", "Lệnh") or _joint(kind, word) else kind
    for match in _LOWER.finditer(text):
        before = folded[max(0, match.start() - 40) : match.start()]
        announced = _AFTER_SO.search(before)
        if announced and (kind := _type_in_code(match["tail"].upper())):
            yield match, _lead(before, match.start(), announced)[0], kind


def _joint(kind: str, word: str | None) -> bool:
    """Whether the words say more than the code: "Thông tư liên tịch số …/TT-…"."""
    return word is not None and word != kind and word.split()[:2] == kind.split()[:2]


def _lead(before: str, start: int, announced: re.Match[str] | None) -> tuple[int, str | None]:
    """Where the words before a code begin ("Quyết định số"), and the type that they name."""
    words_end = announced.start() if announced else len(before)
    plain = start - len(before) + words_end
    match = _TYPED.search(before, 0, words_end)
    if not match:
        return plain, None
    words = match.group(1).split()
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[-count:])
        if name := _by_name().get(phrase):
            return start - len(before) + match.end(1) - len(phrase), name
    return plain, None


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in table("document_types")["type"]:
        for words in (entry["folded"], *entry.get("words", ())):
            names.setdefault(str(words), str(entry["name"]))
    return names


@lru_cache(maxsize=1)
def _by_code() -> dict[str, tuple[str, str]]:
    """Folded abbreviation -> (abbreviation, name); Đ may have come as D or P."""
    codes: dict[str, tuple[str, str]] = {}
    for entry in table("document_types")["type"]:
        code, name = str(entry["code"]), str(entry["name"])
        codes.setdefault(fold(code), (code, name))
    # Đ read as P by an English OCR; other letters would collide ("CP" is the government)
    return codes | {"qp": codes["qd"], "np": codes["nd"]}


@lru_cache(maxsize=4096)
def _type_in_code(tail: str) -> str | None:
    """The type that the letters of a code name; QH and UBTVQH codes leave it to the words."""
    for part in re.split(r"\s*[/–-]\s*", tail.strip(" /–-")):
        known = _by_code().get(fold(part))
        if known and (part[:1].isupper()):
            return known[1]
    return None


@lru_cache(maxsize=8192)
def canonical_code(number: str, year: str | None, tail: str) -> str:
    """A code without blanks, its letters with their marks: "QD-UBND" is "QĐ-UBND"."""
    year = year.replace(" ", "") if year else None
    parts = re.split(r"\s*([/–-])\s*", tail.strip())
    if tail.islower():
        parts = [part.upper() for part in parts]
    typed = False
    for index in range(2, len(parts), 2):
        # fonts lose letters: of these two symbols no other is left
        parts[index] = {"U ND": "UBND", "H ND": "HĐND"}.get(parts[index], parts[index])
        known = _by_code().get(fold(parts[index]))
        if known and not typed and "Đ" in known[0]:
            parts[index] = known[0]
        elif fold(parts[index]) == "hdnd":
            parts[index] = "HĐND"
        typed = typed or known is not None
    joined = "".join(parts).replace("–", "-").rstrip(".")
    return f"{number}/{year}{joined}" if year else f"{number}{joined}"


def _with_subject(
    text: str, folded: str, match: re.Match[str], lead: int, kind: str | None, limit: int
) -> FoundCitation:
    """Read on behind a code: date, issuer and subject, in the order in which they come."""
    at = match.end()
    stop = _stop(text, folded, at)
    date, at = _date_at(folded, at)
    issuer, at = _issuer_at(text, folded, at, stop)
    if date is None:
        date, at = _date_at(folded, at)
    elif issuer is None:
        issuer, at = _issuer_at(text, folded, at, stop)
    about, end = _about_at(text, folded, at, stop, limit)
    if date is None and about:
        date, issuer, about = _date_behind(text, folded, at, end, issuer, about)
    if date is None and issuer is None and stop == end < len(text) and text[stop] in ";.":
        # a title that holds a semicolon, with the date behind it (codified law writes so)
        far = min(len(text), at + _MAX_SUBJECT, limit if limit > at else len(text))
        effect = folded.find(", co hieu luc", at, far)
        far = effect if effect >= 0 else far
        longer = text[at:far].strip(" ,;.")
        date, issuer, longer = _date_behind(text, folded, at, far, issuer, longer)
        about, end = (longer, far) if date else (about, end)
    if issuer is None and about:
        issuer, about = _issuer_behind(about)
    apart = _APART.search(folded, max(0, match.start() - 12), match.start())
    number = f"{apart['head']}{match['number']}" if apart else match["number"]
    return FoundCitation(
        start=lead,
        code_end=match.end(),
        end=end,
        code=canonical_code(number, match["year"], whole_tail(match["tail"], issuer)),
        type=kind,
        date=date,
        issuer=issuer or _issuer_of_symbol(match["tail"]),
        about=about or None,
        joined=apart is not None,
    )


def _stop(text: str, folded: str, at: int) -> int:
    """Where what belongs to a citation ends: a semicolon, the end of the sentence, a bracket."""
    window = folded[at : at + _MAX_SUBJECT]
    original = text[at : at + _MAX_SUBJECT]
    end = len(window)
    if match := _STOP.search(original):
        end = match.start()
    if (effect := window.find(" co hieu luc")) >= 0:
        end = min(end, effect)
    if own := _OWN_THOUGHT.search(window, 0, end):
        end = own.start()
    depth = 0
    for match in _BRACKET.finditer(original, 0, end):
        depth += 1 if match.group() == "(" else -1
        if depth < 0:
            return at + match.start()
    return at + end


def _date_at(folded: str, at: int) -> tuple[str | None, int]:
    match = _DIRECT_DATE.match(folded, at)
    if match and (value := iso_of(match)):
        return value, match.end()
    return None, at


def _issuer_at(text: str, folded: str, at: int, stop: int) -> tuple[str | None, int]:
    match = _ISSUER.match(folded, at, stop)
    if not match:
        return None, at
    start = match.start("issuer")
    end = _ISSUER_END.search(folded, start, stop)
    last = end.start() if end else stop
    issuer = text[start:last].strip(" ,-–")
    if not issuer or len(issuer) > 120:
        return None, at
    return issuer, last


def _about_at(text: str, folded: str, at: int, stop: int, limit: int) -> tuple[str | None, int]:
    """The subject from ``at``; the next citation ends it unless it is part of it."""
    end = stop
    if limit < stop:
        gap = folded[at:limit].rstrip()
        # "…; số 12/…", "… và Quyết định số …": the list goes on; "thực hiện Chương trình số …" is
        # part of the subject
        if not gap.strip(" ,") or gap.endswith((",", " va", ";", " so")):
            end = limit
    match = _ABOUT.match(folded, at, end)
    start = match.end() if match else at
    about = text[start:end].strip(" ,;.–-")
    if end == limit < len(text):
        about = re.sub(r"\s+(?:và|va|số|so)$", "", about).strip(" ,")
    if len(about) < 4 or not ((match and match["verb"]) or _is_subject(text, start)):
        return None, max(at, min(end, at))
    return about, end


def _is_subject(text: str, start: int) -> bool:
    """Whether text behind a code without "về" is its title: it begins with a capital or a verb."""
    rest = text[start : start + 12]
    return bool(
        re.match(
            rf"[{UPPER}“\"]|(?:ban hành|phê duyệt|quy định|sửa đổi|hướng dẫn|công bố|giao)", rest
        )
    )


def _date_behind(
    text: str, folded: str, at: int, end: int, issuer: str | None, about: str
) -> tuple[str | None, str | None, str]:
    """Date and issuer behind the title: "Nghị định số … Về … ngày 01/03/2011 của Chính phủ"."""
    found = None
    for match in _TAIL_DATE.finditer(folded, at, end):
        if match["by"] or match.end() >= end - 1:
            found = match
    value = iso_of(found) if found else None
    if not found or not value:
        return None, issuer, about
    by = text[found.end() : end].strip(" ,;.") if found["by"] else None
    cut = about.rfind(text[found.start() : found.end()].strip())
    return value, issuer or by or None, about[:cut].strip(" ,;") if cut >= 0 else about


def _issuer_behind(about: str) -> tuple[str | None, str]:
    """An issuer at the end of the subject: "… năm 2025 của Bộ trưởng Bộ Nội vụ"."""
    folded = fold(about)
    at = folded.rfind(" cua ")
    if at < 0:
        return None, about
    name = about[at + 5 :].strip(" ,;.")
    if not _AGENCY.match(folded[at + 5 :]) or len(name) > 80 or ", " in name:
        return None, about
    return name, about[:at].strip(" ,;")


def whole_tail(tail: str, issuer: str | None) -> str:
    """The letters of a code with those restored that a font lost, where the issuer says which.

    Only a symbol that none is known by is completed, and only by letters: "NQ-C" of the government
    is NQ-CP.
    """
    if not issuer:
        return tail
    data = table("issuers")
    cut = max(tail.rfind("-"), tail.rfind("/"), tail.rfind("–")) + 1
    letters = tail[cut:].strip()
    if not letters or letters in data["symbols"] or letters in data["bodies"].values():
        return tail
    folded = fold(issuer)
    named = [body for body in data["bodies"] if folded.startswith(body)]
    if not named:
        return tail
    symbol = str(data["bodies"][max(named, key=len)])
    rest = iter(symbol)
    if len(letters) < len(symbol) and all(letter in rest for letter in letters):
        return f"{tail[:cut].rstrip()}{symbol}"
    return tail


@lru_cache(maxsize=4096)
def _issuer_of_symbol(tail: str) -> str | None:
    """The body that the last letters of a code name, where they name one only."""
    symbols = table("issuers")["symbols"]
    parts = re.split(r"\s*[/–-]\s*", tail.strip(" /–-"))
    if len(parts) > 2:  # issued jointly, or by a part of the body
        return None
    last = parts[-1]
    name = symbols.get(last) or symbols.get(last.rstrip("0123456789"))
    return str(name) if name else None


def _laws(text: str, folded: str) -> Iterator[FoundCitation]:
    """Laws and ordinances cited by name, without number."""
    for match in _LAW.finditer(text):
        date = _LAW_DATE.match(folded, match.end())
        value = iso_of(date) if date else None
        end = date.end() if date and value else match.end()
        kind = _by_name().get(fold(match["kind"]), match["kind"])
        title = match["title"].strip(" ,.")
        issuer = "Ủy ban Thường vụ Quốc hội" if kind == "Pháp lệnh" else "Quốc hội"
        yield FoundCitation(match.start(), match.end(), end, None, kind, value, issuer, title)


def _within(at: int, stretches: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in stretches)
