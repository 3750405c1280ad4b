"""Rows to blocks: a block is a heading, a point or a paragraph with its wrapped lines joined.

Wrapped lines imitate markers ("- xã hội", "2025. Tập trung …"), so a marker is believed only when
the line before it is finished, or when its number is the one that is due.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pipeline.document import Place
from pipeline.segment.fold import UPPER, fold, is_caps
from pipeline.segment.foot import apart
from pipeline.segment.headings import match_heading
from pipeline.segment.letterhead import special
from pipeline.segment.markers import Marker, read_marker
from pipeline.segment.rows import Row
from pipeline.segment.tables import table

_FINISHED = re.compile(r"[.;:!?…][\"”’)»]*$")
_OPENER = re.compile(rf"[{UPPER}\"“(\[]")
# Words that open a paragraph of the preamble or the closing.
_OPENS = re.compile(
    r"(?:can cu|theo de nghi|xet de nghi|tr[eé]n day la|thuc hien (?:cac |ke hoach|quyet dinh|"
    r"nghi quyet|cong van|chi thi|chuong trinh|van ban|huong dan|thong bao|ket luan))\b"
)
_DOCUMENT = re.compile(
    r"(?:luat|bo luat|phap lenh|nghi (?:dinh|quyet)|quyet dinh|thong tu|ke hoach|chi thi|"
    r"ket luan|cong van)\b"
)
# A title ends in its year; a line that cites a code opens the preamble, whatever its first letter.
_ENDS_TITLE = re.compile(r"\bnam 20\d\d$")
_CODE = re.compile(r"\b(?:ke hoach|quyet dinh|nghi quyet|cong van|chi thi) so \d+\s?[/-]")
_NUMBER = re.compile(rf"(\d{{1,2}})\s+(?=[{UPPER}][^\W\d_]*\s)")
# A stop that OCR read as another mark or twice ("5, Công tác", "2: Yêu cầu", "3..Công khai"), a
# speck before the number; a mark for a dash.
_COMMA = re.compile(
    rf"(?:[-–_.]{{1,2}}\s?)?(\d{{1,2}})(?:[.,:;]\s+|[.,:;]{{2}}\s*)(?=[{UPPER}][^\W\d_]*\s)"
)
_FOR_DASH = re.compile(rf"[:;.,=~_]\s+(?=[{UPPER}])")
_SHORT = 60
# A line of headings in capitals goes on in capitals, but not for longer than this.
_HEADING_ROWS = 4


@dataclass(slots=True, eq=False)
class Block:
    """Consecutive rows that belong together. ``special`` names what the letterhead recognises."""

    rows: list[Row]
    marker: Marker | None = None
    special: str | None = None
    caps: bool = False
    starts: list[int] = field(default_factory=list)
    text: str = ""

    @property
    def body(self) -> str:
        """The text without its marker."""
        return self.text[self.marker.end :].strip() if self.marker else self.text

    @property
    def bold(self) -> bool:
        """Whether all of it is set in bold."""
        return all(row.bold for row in self.rows)

    @property
    def place(self) -> Place:
        """From its first to its last line."""
        first, last = self.rows[0], self.rows[-1]
        return Place(first.page, first.line, last.page, last.line)

    @property
    def repaired(self) -> bool:
        """Whether a line of it was damaged: specks and false letters are to be expected."""
        return any(row.repaired for row in self.rows)

    def add(self, row: Row) -> None:
        """Go on with ``row``, after a space; a slash that ends the line joins without one."""
        glue = "" if self.text.endswith("/") or not self.text else " "
        self.starts.append(len(self.text) + len(glue))
        self.text = f"{self.text}{glue}{row.text}"
        self.rows.append(row)


def blocks(rows: Sequence[Row]) -> list[Block]:
    """Group rows into blocks, in order."""
    result: list[Block] = []
    counter = _Counter()
    rows = apart(rows)
    for index, row in enumerate(rows):
        previous = result[-1] if result else None
        following = rows[index + 1] if index + 1 < len(rows) else None
        kind = special(row)
        caps = is_caps(row.text)
        marker = None if row.table or kind else read_marker(row.text, caps=caps)
        if previous and not (kind or row.table) and (marker is None or marker.kind == "dash"):
            read = _misread(row, previous, counter) or marker
            marker = read or _without_stop(row, previous, counter)
        if marker and previous and _is_speck(marker, row, previous):
            row = replace(row, text=row.text[marker.end :].strip())
            marker = None
        if marker and not _believable(marker, row, previous, counter, following):
            marker = None
        signed = len(result) > 1 and _is_name_under(previous, result[-2])
        if marker is None and previous and not (kind or signed) and _continues(row, previous, caps):
            previous.add(row)
            continue
        counter.saw(marker)
        block = Block([], marker, kind, caps)
        block.add(row)
        result.append(block)
    return result


def _is_name_under(block: Block | None, above: Block) -> bool:
    """Whether a block is the signer's name, to which nothing is joined."""
    if block is None or above.special not in ("position", "authority") or len(block.text) > 40:
        return False
    words = block.text.split()
    return 2 <= len(words) <= 6 and all(word[0].isupper() for word in words)


class _Counter:
    """The last number seen of each kind of marker, to know which is due."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def saw(self, marker: Marker | None) -> None:
        if marker:
            self._last[marker.kind] = marker.value

    def follows(self, marker: Marker) -> bool:
        """Whether the number is the next of its kind, and not the first."""
        return marker.value == self._last.get(marker.kind, 0) + 1 > 1

    def due(self, marker: Marker) -> bool:
        """Whether the number follows the last one of its kind, repeats it, or begins anew."""
        last = self._last.get(marker.kind, 0)
        return marker.value == 1 or 0 <= marker.value - last <= 1


def _believable(
    marker: Marker, row: Row, previous: Block | None, counter: _Counter, following: Row | None
) -> bool:
    if marker.kind == "article" and row.text[:1] in '"“':
        return counter.follows(marker)  # a speck, or an article that an amendment quotes
    if previous is None or marker.kind in ("article", "chapter", "part"):
        return marker.kind not in ("chapter", "part") or _is_division(marker, row, previous)
    rest = row.text[marker.end :]
    open_line = _is_open(previous)
    if marker.kind in ("dash", "plus"):
        return not _hyphen_of_a_word(rest, previous, open_line)
    lower = rest[:1].islower()
    if marker.kind in ("roman", "upper"):
        return _is_heading(marker, row, previous, open_line, following)
    if marker.value > 200 and not counter.due(marker):
        return False
    if counter.due(marker):
        # "(điểm⏎c) khoản 2" is due now and then: an unfinished line before and a small letter after
        return not (open_line and (lower or marker.kind != "letter") and not _ends_list(previous))
    return not open_line and not lower


def _without_stop(row: Row, previous: Block, counter: _Counter) -> Marker | None:
    """The number that is due, whose stop was not read: "2 Phòng Nội vụ"."""
    match = _NUMBER.match(row.text)
    if not match or row.full or len(row.text) > _SHORT or _is_open(previous):
        return None
    marker = Marker("arabic", match.group(1), int(match.group(1)), match.end())
    return marker if counter.follows(marker) else None


def _misread(row: Row, previous: Block, counter: _Counter) -> Marker | None:
    """A marker with another mark for its own: "5, Công tác", and ": Phối hợp" among dashes."""
    if _is_open(previous):
        return None
    if match := _COMMA.match(row.text):
        marker = Marker("arabic", match.group(1), int(match.group(1)), match.end())
        opens = previous.marker is not None and (previous.caps or previous.text.endswith(":"))
        return marker if counter.follows(marker) or (marker.value == 1 and opens) else None
    if (match := _FOR_DASH.match(row.text)) and previous.marker:
        listed = previous.marker.kind in ("dash", "plus") and _FINISHED.search(previous.text)
        headed = previous.marker.kind in ("arabic", "letter") and len(previous.text) <= _SHORT
        return Marker("dash", "-", 0, match.end()) if listed or headed else None
    return None


def _is_speck(marker: Marker, row: Row, previous: Block) -> bool:
    """Whether a dash is a speck that OCR read: a basis has no points, and this one goes on.

    So does a numbered point that announces no list, when a small letter follows.
    """
    if marker.kind == "dash" and row.repaired and row.text[marker.end :][:1].islower():
        numbered = previous.marker is not None and previous.marker.kind in ("letter", "arabic")
        if numbered and row.gap == 0 and not previous.text.endswith((":", ".")):
            return True
    basis = previous.marker is None and _OPENS.match(previous.rows[0].folded)
    return marker.kind == "dash" and bool(basis) and _is_open(previous) and previous.repaired


def _is_division(marker: Marker, row: Row, previous: Block | None) -> bool:
    """Whether "Phần II", "Chương 3" or "Mục 1" stands alone or like a title."""
    if previous is not None and _is_open(previous):
        return False
    rest = row.text[marker.end :]
    return not rest or is_caps(row.text) or (row.bold and not _FINISHED.search(row.text))


def _is_heading(
    marker: Marker, row: Row, previous: Block, open_line: bool, following: Row | None
) -> bool:
    rest = row.text[marker.end :]
    if marker.kind == "upper":
        return not open_line and (is_caps(rest) or row.bold) and marker.value <= 12
    if is_caps(rest):
        return True
    if open_line and not row.bold:
        return False
    known = match_heading(rest.split(":")[0])
    return row.bold or (bool(known.ids) and known.score >= 0.85) or rest[:1].isupper()


def _is_open(block: Block) -> bool:
    """Whether the last line of a block is one that the next line must go on with."""
    last = block.rows[-1]
    if block.special or _FINISHED.search(last.text) or _is_bracketed(block):
        return False
    if block.caps or (last.bold and not last.full):
        return False
    return last.full or last.text.endswith((",", "-", "–", "(", "và", "của", "số"))


def _is_bracketed(block: Block) -> bool:
    """Whether a paragraph is a remark in brackets, and closed: "(Chi tiết tại Phụ lục 2)"."""
    return block.text.startswith("(") and block.text.endswith(")")


def _ends_list(block: Block) -> bool:
    """Whether a point may end so: OCR drops the full stop of a point now and then."""
    return not block.rows[-1].full


def _hyphen_of_a_word(rest: str, previous: Block, open_line: bool) -> bool:
    """Whether the hyphen at the start of a line joins two words, or two years."""
    before = previous.rows[-1].text
    if previous.special in ("recipients", "number") or _FINISHED.search(before):
        return False
    if rest[:1].isdigit() and before[-1:].isdigit():
        return True
    if _is_compound(before, rest):
        return True
    if previous.text.count("(") > previous.text.count(")") and rest[:1].islower():
        return True
    return open_line and not rest[:1].isupper()


def _is_compound(before: str, after: str) -> bool:
    left, right = fold(before).rstrip(), fold(after)
    return any(left.endswith(a) and right.startswith(b) for a, b in _compounds())


@lru_cache(maxsize=1)
def _compounds() -> tuple[tuple[str, str], ...]:
    pairs = [(str(a), str(b)) for a, b in table("compounds")["pairs"]]
    return (*pairs, *((b, a) for a, b in pairs))


def _continues(row: Row, previous: Block, caps: bool) -> bool:
    """Whether a row without marker goes on with the block before it."""
    last = previous.rows[-1]
    if row.table or last.table or previous.special in _CLOSED:
        return False
    if _is_bracketed(previous) and row.text[:1].isupper():
        return False
    if previous.special == "subject" and row.folded.startswith("kinh gui"):
        return False  # whom a letter is written to
    first = row.text[:1]
    if previous.caps:  # a heading: goes on in capitals, or in brackets
        marked = previous.marker is not None
        return marked and caps and len(previous.rows) < _HEADING_ROWS and row.gap == 0
    if caps and len(row.text) > 8 and not last.full:
        return False
    if (
        previous.marker is None
        and _ENDS_TITLE.search(last.folded)
        and _CODE.search(row.folded[:80])
    ):
        return False
    lists_bases = last.text.endswith((";", "."))  # the capital may be one that a font lost
    if previous.marker is None and _OPENS.match(row.folded) and (first.isupper() or lists_bases):
        return False
    # a title in bold, then the text; but a point may be bold for its first line only
    ends_title = last.bold and not row.bold and previous.bold and not previous.marker
    if row.heading or ends_title or (row.bold and not last.bold):
        return False
    tail = previous.text[-300:]
    if tail.count("(") > tail.count(")") and ")" in row.text[:80] and not tail.endswith(";"):
        return True  # an abbreviation in brackets, cut by the end of the line
    finished = _FINISHED.search(last.text) is not None
    if first.isdigit() and not last.full and _is_whole_heading(previous):
        return False  # "2. Yêu cầu", and under it "100% lớp học …"
    if not finished and (first.islower() or not _OPENER.match(row.text)):
        return True
    if first.islower():
        return not last.text.endswith((":", "./."))
    if not last.full:
        return last.text.endswith((",", "-", "–", "("))
    if finished and (_indented(row, last) or row.gap > 0 or _OPENS.match(row.folded)):
        return False
    if last.text.endswith(";") and (previous.marker or _lists_more(row, previous)):
        return True  # a point that lists several things; the next point would have its marker
    return not (finished and last.text.endswith((":", "./.", ";")))


def _is_whole_heading(block: Block) -> bool:
    """Whether a numbered line is a heading and no more: "1. Mục đích"."""
    if block.marker is None or len(block.rows) > 1 or len(block.body) > 60:
        return False
    known = match_heading(block.body)
    return bool(known.ids) and known.score == 1.0 and known.covered >= 0.8


def _lists_more(row: Row, previous: Block) -> bool:
    """Whether a basis goes on with another document: "Căn cứ Luật …;⏎Luật sửa đổi …"."""
    return bool(_OPENS.match(previous.rows[0].folded) and _DOCUMENT.match(row.folded))


def _indented(row: Row, last: Row) -> bool:
    """Whether layout shows a first line: moved in by 8 points or more against the line before."""
    if row.indent is None or last.indent is None:
        return False
    return row.indent > 8 and row.indent - last.indent > 8


# What the letterhead recognises line by line: nothing is joined to it.
_CLOSED = frozenset(
    {"motto", "agency", "number", "date", "type", "decide", "recipients", "authority", "position",
     "appendix"}
)  # fmt: skip
