"""Words, classes and punctuation: the tokens that the language model counts and the decoder reads.

A chunk is what stands between white space. It is cut into letter runs, numbers or codes, and
single punctuation marks. Letters are lower-cased for the model except in acronyms, tone marks of
``oa, oe, uy`` are put in the older place (``hòa``), so that both spellings share their counts.
"""

from __future__ import annotations

import re

BOUNDARY = "<s>"
# Behind these a sentence may begin: a capital there tells little of its word (behind a colon or a
# bracket it may be a name, as often as not).
OPENERS = frozenset((BOUNDARY, ".", "!", "?", "-", "+"))
UNKNOWN = "<unk>"
CLASSES = (
    BOUNDARY,
    UNKNOWN,
    "<Unk>",  # unknown and capitalised: mostly names and foreign words
    "<ACR>",  # unknown and in capitals
    "<mix>",  # letters and digits: A4, U23
    "<d1>",
    "<d2>",
    "<d3>",
    "<d4>",
    "<d5>",
    "<dec>",
    "<date>",
    "<code>",
    "<url>",
    "<sym>",
)

PIECE = re.compile(
    r"(?P<url>[\w.+-]+@[\w.-]+\w|(?:https?://|www\.)\S+|[A-Za-z][\w-]*(?:\.[\w-]+)*\.(?:vn|com|net|org|edu|gov|info)\b(?:/\S*)?)"
    r"|(?P<num>\d\w*(?:[.,/:\-–]\w+)*%?)"
    r"|(?P<word>[^\W\d_]+\d?\w*)"
    r"|(?P<mark>\S)"
)
_DATE = re.compile(r"\d{1,2}[/.\-]\d{1,2}(?:[/.\-]\d{2,4})?|\d{1,2}[/-](?:19|20)\d\d")
_MARKS = {
    "–": "-",
    "—": "-",
    "−": "-",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "`": "'",
    "•": "-",
    "…": ".",
}
_KEPT = frozenset(",.;:()\"'-/?!&%+[]=*")

_TONED = "òóỏõọèéẻẽẹỳýỷỹỵ"
_PLACES = {
    plain + new: old + last
    for plain, last, olds, news in (
        ("o", "a", "òóỏõọ", "àáảãạ"),
        ("o", "e", "òóỏõọ", "èéẻẽẹ"),
        ("u", "y", "ùúủũụ", "ỳýỷỹỵ"),
    )
    for old, new in zip(olds, news, strict=True)
}
_PLACE = re.compile("(?<!q)(" + "|".join(_PLACES) + r")$")


def older_tone_place(word: str) -> str:
    """``hoà`` → ``hòa``, ``thuý`` → ``thúy``: the form that the model counts (lower case)."""
    if word[-1:] in "àáảãạèéẻẽẹỳýỷỹỵ":
        return _PLACE.sub(lambda match: _PLACES[match[0]], word)
    return word


_NEWER = {old: new for new, old in _PLACES.items()}
_OLDER = re.compile("(?<!q)(" + "|".join(_NEWER) + r")$")


def newer_tone_place(word: str) -> str:
    """``hòa`` → ``hoà`` (lower case)."""
    return _OLDER.sub(lambda match: _NEWER[match[0]], word)


def number_class(text: str) -> str:
    """The class of a piece that starts with a digit."""
    if text.isdigit():
        return f"<d{min(len(text), 5)}>"
    if _DATE.fullmatch(text):
        return "<date>"
    if any(char.isalpha() for char in text):
        return "<code>"
    return "<dec>"


def mark_class(text: str) -> str:
    """The token of a punctuation mark."""
    text = _MARKS.get(text, text)
    return text if text in _KEPT else "<sym>"


def word_token(text: str, *, capitals: bool) -> str:
    """The token of a letter run; ``capitals``: it stands in a line of capitals."""
    if any(char.isdigit() for char in text):
        return "<mix>"
    if not capitals and len(text) > 1 and text.isupper():
        return text
    return older_tone_place(text.lower())


def unknown_class(token: str, written: str) -> str:
    """The class of a word that the vocabulary lacks."""
    if token == "<mix>" or token in CLASSES:  # noqa: S105  (a token of text)
        return token
    if len(written) > 1 and written.isupper():
        return "<ACR>"
    return "<Unk>" if written[:1].isupper() else UNKNOWN


def pieces(chunk: str, *, capitals: bool) -> list[tuple[str, str]]:
    """The pieces of a chunk as (token, as written)."""
    found = []
    for match in PIECE.finditer(chunk):
        text = match[0]
        kind = match.lastgroup
        if kind == "word":
            found.append((word_token(text, capitals=capitals), text))
        elif kind == "mark":
            found.append((mark_class(text), text))
        elif kind == "num":
            found.append((number_class(text), text))
        else:
            found.append(("<url>", text))
    return found
