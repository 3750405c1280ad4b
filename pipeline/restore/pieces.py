"""A chunk (what stands between white space) to tokens: words, marks, and what stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.restore.protect import PROTECTED, QUANTITY, figures_of
from pipeline.restore.tokens import PIECE, mark_class, number_class, pieces

WORD, MARK, KEPT, FIXED = range(4)

_LEADING = re.compile(r"[(\[{<\"'“‘«*•·–—+\-:;.,/!?…_#=]+")
_TRAILING = re.compile(r"[)\]}>\"'”’»*.,:;!?…\-–—/_=]+$")
_COUNTED = re.compile(
    r"(ng[aà]y|th[aá]ng|n[aă]m|[dđ]i[eề]u|kho[aả]n|s[oố])(\d{1,4})", re.IGNORECASE
)
_INNER = re.compile(r"((?<=\w)[-/–,;:().]+(?=\w)|(?<=[A-ZĐ]{2})&(?=[A-ZĐ]{2}))")
# What opens a line: a bullet, or an enumerator with its full stop. It stays as it is here; see
# enumerators.py.
_HEAD = re.compile(
    r"(?P<stop>[-+*•–])|(?P<number>[IVXl1|!iH\]\[T]{1,5}|\d{1,2}|[a-zđA-ZĐ])(?=[.)])"
)
# A line that is nothing else numbers a row of a table: "V", "B", "L1" ("1,1" to an OCR), "l".
_LONE = re.compile(r"[IVXHLl1|]{1,4}|[A-ZĐ]\d?|[l|]\d?")
_HEAD_TOKEN = {"number": "<d1>", "stop": "-"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a chunk; ``token``: the word of the language model if it is no word to repair."""

    start: int
    end: int
    text: str
    kind: int
    token: str


def _fixed(start: int, text: str) -> list[Piece]:
    """The pieces of protected text, as the language model knows them."""
    if text.startswith("/"):  # a code whose number is blank stands where codes stand
        return [Piece(start, start + len(text), text, FIXED, "<code>")]
    return [
        Piece(start + match.start(), start + match.end(), match[0], FIXED, token)
        for match, (token, _) in zip(
            PIECE.finditer(text), pieces(text, capitals=False), strict=True
        )
    ]


def _marks(text: str, start: int, end: int) -> list[Piece]:
    """Punctuation, mark by mark; three and more of one kind are one."""
    found = []
    while start < end:
        after = start + 1
        while after < end and text[after] == text[start]:
            after += 1
        if after - start < 3:
            after = start + 1
        found.append(Piece(start, after, text[start:after], MARK, mark_class(text[start])))
        start = after
    return found


def _is_protected(text: str, strict: bool) -> bool:
    return bool(PROTECTED.fullmatch(text)) and (strict or not text.isdigit())


def cut(text: str, *, strict: bool) -> list[Piece]:
    """The pieces of a chunk; ``strict``: letters and marks are what they seem (no OCR)."""
    if text.isalpha():  # most are
        return [Piece(0, len(text), text, WORD, "")]
    if _is_protected(text, strict):
        return _fixed(0, text)
    lead = _LEADING.match(text)
    begin = lead.end() if lead else 0
    trail = _TRAILING.search(text, begin)
    end = trail.start() if trail else len(text)
    return [
        *_marks(text, 0, begin),
        *_core(text, begin, end, strict),
        *_marks(text, end, len(text)),
    ]


def _core(text: str, begin: int, end: int, strict: bool) -> list[Piece]:
    """What stands between the marks at the edges of a chunk."""
    core = text[begin:end]
    if not core:
        return []
    if _is_protected(core, strict) or QUANTITY.fullmatch(core):
        return _fixed(begin, core)
    if (figures := figures_of(core)) != core:
        return [Piece(begin, end, core, FIXED, number_class(figures))]
    if strict:
        found = []
        for match in PIECE.finditer(core):
            word = match.lastgroup == "word"
            if word and (counted := _COUNTED.fullmatch(match[0])):
                found += _counted(begin + match.start(), *counted.groups())
                continue
            token = "" if word else pieces(match[0], capitals=False)[0][0]
            start, stop = begin + match.start(), begin + match.end()
            found.append(Piece(start, stop, match[0], WORD if word else FIXED, token))
        return found
    found = []
    at = begin
    for number, part in enumerate(_INNER.split(core)):
        if number % 2:
            found += _marks(text, at, at + len(part))
        elif part and PROTECTED.fullmatch(part) and not part.isdigit():
            found += _fixed(at, part)
        elif counted := _COUNTED.fullmatch(part):
            found += _counted(at, *counted.groups())
        elif part:
            found.append(Piece(at, at + len(part), part, WORD, ""))
        at += len(part)
    return found


def _counted(start: int, word: str, figures: str) -> list[Piece]:
    """The pieces of "ngày23": figures behind such a word are no letters."""
    end = start + len(word)
    return [Piece(start, end, word, WORD, ""), *_fixed(end, figures)]


def is_head(chunk: str) -> bool:
    """Whether the first chunk of a line is (or begins with) a bullet or an enumerator."""
    return len(chunk) <= 6 and _head(chunk) is not None


def is_lone(chunk: str) -> bool:
    """Whether a chunk that is the whole of a line numbers a row of a table."""
    return len(chunk) <= 4 and _LONE.fullmatch(chunk) is not None


def _head(chunk: str) -> re.Match[str] | None:
    match = _HEAD.match(chunk)
    if match is None or len(chunk) != match.end() + (match["number"] is not None):
        return None
    return match


def cut_head(chunk: str, *, strict: bool) -> list[Piece]:
    """The pieces of a chunk that opens a line with a bullet or an enumerator, or is all of it."""
    match = _head(chunk)
    if match is None or match.lastgroup is None:
        if is_lone(chunk):
            return [Piece(0, len(chunk), chunk, KEPT, _HEAD_TOKEN["number"])]
        return cut(chunk, strict=strict)
    end = match.end()
    head = Piece(0, end, chunk[:end], KEPT, _HEAD_TOKEN[match.lastgroup])
    rest = cut(chunk[end:], strict=strict) if end < len(chunk) else []
    return [head, *(Piece(p.start + end, p.end + end, p.text, p.kind, p.token) for p in rest)]
