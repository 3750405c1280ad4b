"""Lines as the outline reads them: cleaned of markup, with what layout tells about each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import unescape

from pipeline.document import Document, Page, Table
from pipeline.segment.fold import fold, nfc
from pipeline.segment.widths import SPACE, width

_MARKDOWN_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+")
_LOOSE_STAR = re.compile(r"^\s*\*(?=\S)")  # of "**IV. KINH PHÍ**" with a star lost
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,5});")  # of Markdown: "Số: &nbsp;/KH-UBND"
# A speck behind the end of a sentence: "… đại chúng. -".
_SPECK = re.compile(r"(?<=[.;:!?])\s+[-–—~ˆ'‘’`|]$")
_RULE = re.compile(r"^[\s_=*·.\-–—~]{3,}$")
_PAGE_NUMBER = re.compile(
    r"^[-–—\s]*(?:trang\s+)?\d{1,3}(?:\s*/\s*\d{1,3})?[-–—\s]*$", re.IGNORECASE
)
# What opens a paragraph, so that its line is moved in.
_STARTS = re.compile(r"[-+•–]|\w{1,4}[.)]\s|(?:Căn cứ|Thực hiện|Theo|Trên đây|Điều)\b")
_GAP = re.compile(r"\s{3,}|\t+")
# A line is full when the first word of the next one would not have fitted behind it, on a line of
# this share of the usual width (justified lines differ by the stretch of their spaces).
_FULL = 0.95
# 16 cm of text in 14 points; lines are seldom set narrower.
_A4_LINE = 28.0
# A paragraph's first line is moved in by 1 to 1.27 cm of 16 (Decree 30/2020/NĐ-CP, appendix I).
_FIRST_LINE = 0.065
_INSET = 45.0  # points: more than a first line is moved in; paper on both sides of a centred line
# A block that is set in two columns has no more lines than this, both columns together.
_COLUMN_ROWS = 80
# The first line of a block that is set in two columns.
_OPENS_COLUMNS = re.compile(r"cong hoa xa hoi|dang cong san|^noi nhan|^ubnd\b|^uy ban nhan dan")
_BOLD_FONT = re.compile(r"bold|black|heavy|,b\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A line that holds text.

    ``wide`` keeps runs of spaces (columns), ``text`` has them collapsed. ``heading`` is the
    Markdown heading level (0: none), ``indent`` the distance from the page's left margin in points
    (None without boxes), ``gap`` the number of blank lines before over what is usual in the
    document, ``full`` whether the line reaches the right margin, ``table`` whether it belongs to a
    table of data, ``repaired`` whether the line was changed by restoration.
    """

    page: int
    line: int
    text: str
    wide: str
    folded: str
    bold: bool
    heading: int
    indent: float | None
    gap: int
    full: bool
    table: bool
    repaired: bool = False

    def columns(self) -> list[str]:
        """The parts of the line that wide gaps separate."""
        return [part for part in _GAP.split(self.wide.strip()) if part]


def rows(document: Document) -> tuple[Row, ...]:
    """The lines of a document that hold text, page numbers and rules left out."""
    return _last.rows(document.pages)


class _LastPages:
    """The rows of the pages last asked for: three stages ask for the same ones in turn."""

    def __init__(self) -> None:
        self._held: tuple[tuple[Page, ...], tuple[Row, ...]] = ((), ())

    def rows(self, pages: tuple[Page, ...]) -> tuple[Row, ...]:
        held, found = self._held
        if held is not pages or not pages:
            read = _in_columns([row for page in pages for row in _rows_of_page(page)])
            found = tuple(_with_full(_with_gap(read)))
            self._held = (pages, found)
        return found


_last = _LastPages()


def _in_columns(found: list[Row]) -> list[Row]:
    """Read the letterhead and the signature block column by column, where a wide gap shows two.

    The left column comes first: agency and number, then motto and date; recipients, then signature.
    """
    result: list[Row] = []
    index = 0
    while index < len(found):
        if not (_OPENS_COLUMNS.search(found[index].folded) and len(found[index].columns()) == 2):
            result.append(found[index])
            index += 1
            continue
        left: list[Row] = []
        right: list[Row] = []
        while index < len(found) and len(left) + len(right) < _COLUMN_ROWS:
            row = found[index]
            parts = row.columns()
            if len(parts) == 2:
                left.append(_part(row, parts[0]))
                right.append(_part(row, parts[1]))
            elif row.wide.startswith(" " * 20) and right:
                right.append(row)
            elif left and (row.text[:1] in "-–+" or row.text.isupper()) and len(row.text) < 60:
                left.append(row)
            else:
                break
            index += 1
        result += [*left, *right]
    return result


def _part(row: Row, text: str) -> Row:
    text = " ".join(text.split())
    return replace(row, text=text, wide=text, folded=fold(text), full=False)


def _with_gap(found: list[Row]) -> list[Row]:
    """The rows with ``gap`` counted from the usual one: some files have a blank line after each."""
    usual = sorted(row.gap for row in found)[len(found) // 2] if found else 0
    return [replace(row, gap=max(0, row.gap - usual)) for row in found] if usual else found


def _with_full(found: list[Row]) -> list[Row]:
    """The rows with ``full`` worked out from the widths of letters where there are no boxes."""
    widths = [0.0 if row.indent is not None else width(row.text) for row in found]
    usual = _usual(widths, least=_A4_LINE)
    result = []
    for index, row in enumerate(found):
        if row.indent is None and index + 1 < len(found):
            need = widths[index] + SPACE + width(found[index + 1].text.split(" ", 1)[0])
            if _STARTS.match(row.text):
                need += _FIRST_LINE * usual
            if need >= _FULL * usual:
                row = replace(row, full=True)
        result.append(row)
    return result


def _rows_of_page(page: Page) -> Iterable[Row]:
    boxes = [line.box for line in page.lines if line.box and line.text.strip()]
    left = -_left_edge([box.x0 for box in boxes])
    right = _usual([box.x1 for box in boxes], share=0.9)
    tabled = {n for table in page.tables if is_data(page, table) for n in _lines_of(table)}
    last = max((n for n, line in enumerate(page.lines, 1) if line.text.strip()), default=0)
    gap, first = 0, True
    for number, line in enumerate(page.lines, start=1):
        wide, bold, heading = _unmark(nfc(line.text))
        text = _SPECK.sub("", " ".join(wide.split()))
        if not text or _RULE.match(text) or line.role != "body":
            gap += 1
            continue
        in_table = number in tabled or len(cells_of(wide)) >= 3
        # A number alone is a page number at the head or foot of a page that has a size, and
        # anywhere in running text; tables tell their row numbers apart themselves.
        if page.size and (first or number == last) and _PAGE_NUMBER.match(text) and not in_table:
            continue
        first = False
        box = line.box
        full = box is not None and box.x1 >= right - 0.14 * (right + left)
        if box is not None and _is_centred(box.x0 + left, right - box.x1):
            full = False  # the last line of a title
        yield Row(
            page=page.number,
            line=number,
            text=text,
            wide=wide,
            folded=fold(text),
            bold=bold or bool(line.font and _BOLD_FONT.search(line.font)),
            heading=heading,
            indent=box.x0 + left if box else None,
            gap=gap,
            full=full,
            table=in_table,
            repaired=line.raw.strip() != line.text.strip(),
        )
        gap = 0


def _left_edge(edges: list[float]) -> float:
    """The edge that nine tenths of the lines do not pass to the left; 0 without lines."""
    return sorted(edges, reverse=True)[int(0.9 * (len(edges) - 1))] if edges else 0.0


def _is_centred(before: float, behind: float) -> bool:
    """Whether so much paper (points) before and behind a line shows that it is centred."""
    return before > _INSET and abs(before - behind) < _INSET / 4


def _unmark(text: str) -> tuple[str, bool, int]:
    """Text without Markdown marks, whether it is bold as a whole, its heading level."""
    heading = 0
    if "&" in text:
        text = _ENTITY.sub(lambda match: unescape(match.group()), text)
    if match := _MARKDOWN_HEADING.match(text):
        heading = len(match.group(1))
        text = text[match.end() :]
    text = _LOOSE_STAR.sub("", text) if text.lstrip()[:1] == "*" and text.count("*") % 2 else text
    if "**" not in text and "__" not in text:
        if heading or (text.startswith("*") and text.rstrip().endswith("*") and len(text) > 2):
            text = text.strip().strip("*")
        return text, heading > 0, heading
    plain = text.strip()
    bold = plain.startswith(("**", "__")) or plain.endswith(("**", "__"))
    inner = plain.strip("*_ ")
    bold = bold and "**" not in inner and "__" not in inner
    return re.sub(r"\*{2,3}|(?<!_)__(?!_)", "", text), bold or heading > 0, heading


def cells_of(text: str) -> list[str]:
    """The cells of a line that tabs or bars cut: "1 | Tập huấn | Quý II"; one for other lines."""
    if "|" in text and text.count("|") >= 2:
        return [cell.strip().strip("*") for cell in text.strip().strip("|").split("|")]
    if "\t" in text:
        cells = [cell.strip() for cell in text.strip().split("\t")]
        return cells if sum(map(bool, cells)) >= 3 else [text]
    return [text]


def is_data(page: Page, table: Table) -> bool:
    """Whether a table holds data, and not the letterhead or the signature block."""
    text = fold(page.text_of(table.first_line, table.last_line))
    layout = ("cong hoa xa hoi", "noi nhan", "doc lap", "tm. uy ban", "dang cong san")
    if any(words in text for words in layout) and table.columns <= 2:
        return False
    return table.rows >= 2 and table.columns >= 2


def _lines_of(table: Table) -> range:
    return range(table.first_line, table.last_line + 1)


def _usual(values: list[int] | list[float], *, share: float = 0.9, least: float = 0.0) -> float:
    """The value that ``share`` of ``values`` do not exceed; ``least`` when that is smaller."""
    kept = sorted(value for value in values if value)
    return max(least, float(kept[int(share * (len(kept) - 1))])) if kept else least
