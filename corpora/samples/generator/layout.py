"""Sets a plan on A4 pages as Decree 30/2020/NĐ-CP wants it: who stands where, line by line.

Coordinates are points from the top left corner. The order of ``Page.lines`` is the order in which
a reader reads: agency, motto, number, date; the columns of a table cell by cell; recipients before
the signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from generator.source import Break, Letterhead, Paragraph, Plan, Sign, Table, segments

WIDTH, HEIGHT = 595.28, 841.89
LEFT, RIGHT, TOP, BOTTOM = 85.0, 51.0, 60.0, 57.0
FONTS = {"R": "Regular", "B": "Bold", "I": "Italic", "BI": "BoldItalic"}
FOLDERS = ("/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/liberation")
HEADING = {"heading1": "B", "heading2": "B", "heading3": "BI", "basis": "I"}
CENTRE = {
    "title": (15, "B"),
    "subject": (14, "B"),
    "authority": (14, "B"),
    "decides": (14, "B"),
    "note": (13, "I"),
    "appendix": (14, "B"),
}
Runs = list[tuple[str, str]]


@cache
def font_file(style: str) -> Path:
    """Liberation Serif (metrics of Times New Roman) in one of the four styles."""
    for folder in FOLDERS:
        path = Path(folder) / f"LiberationSerif-{FONTS[style]}.ttf"
        if path.exists():
            return path
    raise FileNotFoundError("Liberation Serif is not installed (Debian: fonts-liberation2)")


@cache
def font(style: str) -> str:
    """The reportlab name of a style, registered on first use."""
    name = f"Serif-{style}"
    pdfmetrics.registerFont(TTFont(name, str(font_file(style))))
    return name


def measure(runs: Runs, size: float) -> float:
    """The width of runs in points."""
    return sum(pdfmetrics.stringWidth(text, font(style), size) for text, style in runs)


@dataclass(frozen=True)
class Placed:
    """A line on the page; ``top`` is the top of its body, ``space`` extra points per blank."""

    x: float
    top: float
    size: float
    runs: tuple[tuple[str, str], ...]
    space: float = 0.0

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


@dataclass
class Page:
    """A page: lines in reading order, rules (x0, y0, x1, y1), and places for stamp and pen."""

    lines: list[Placed] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)
    anchors: dict[str, tuple[float, float]] = field(default_factory=dict)


def wrap(runs: Runs, size: float, width: float, first: float = 0.0) -> list[Runs]:
    """Break runs into lines of ``width``; the first line is shorter by ``first``."""
    words: list[Runs] = [[]]
    for text, style in runs:
        for index, part in enumerate(text.split(" ")):
            if index:
                words.append([])
            if part:
                words[-1].append((part, style))
    lines: list[Runs] = []
    line: Runs = []
    for word in filter(None, words):
        longer = _join(line, word) if line else word
        if line and measure(longer, size) > width - (0 if lines else first):
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def _balanced(runs: Runs, size: float, width: float) -> list[Runs]:
    """Like :func:`wrap`, with lines of about the same length, as titles are broken by hand."""
    lines = wrap(runs, size, width)
    while len(lines) > 1 and len(wrap(runs, size, width - 20)) == len(lines):
        width -= 20
        lines = wrap(runs, size, width)
    return lines


def _join(line: Runs, word: Runs) -> Runs:
    text, style = line[-1]
    if word[0][1] == style:
        return [*line[:-1], (f"{text} {word[0][0]}", style), *word[1:]]
    return [*line[:-1], (f"{text} ", style), *word]


class Typesetter:
    """Puts blocks on pages from top to bottom."""

    def __init__(self, plan: Plan, *, size: float = 14.0, handwritten: bool = False) -> None:
        self.size = float(plan.facts.get("size", size))
        self.handwritten = handwritten
        self.pages = [Page()]
        self.top = TOP
        for block in plan.blocks:
            self._block(block)

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def _block(self, block: object) -> None:
        if isinstance(block, Letterhead):
            self._letterhead(block)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Sign):
            self._sign(block)
        elif isinstance(block, Break):
            self._new_page()
        elif isinstance(block, Paragraph):
            self._paragraph(block)

    def _new_page(self) -> None:
        self.pages.append(Page())
        self.top = TOP

    def _room(self, height: float) -> None:
        if self.top + height > HEIGHT - BOTTOM:
            self._new_page()

    def _put(self, x: float, runs: Runs, size: float, top: float, space: float = 0.0) -> None:
        self.page.lines.append(Placed(x, top, size, tuple(runs), space))

    def _centred(self, runs: Runs, size: float, top: float, x0: float, x1: float) -> float:
        width = measure(runs, size)
        x = (x0 + x1 - width) / 2
        self._put(x, runs, size, top)
        return width

    def _rule_under(self, x0: float, x1: float, top: float, length: float) -> None:
        middle = (x0 + x1) / 2
        self.page.rules.append((middle - length / 2, top, middle + length / 2, top))

    def _letterhead(self, head: Letterhead) -> None:
        if self.top > TOP:
            self._new_page()
        left, right, top = (LEFT - 30, LEFT + 170), (LEFT + 180, WIDTH - RIGHT + 12), self.top
        for index, text in enumerate(head.left):
            style = "B" if index == len(head.left) - 1 or len(head.left) == 2 else "R"
            if len(head.left) == 2 and head.left[0] != "ỦY BAN NHÂN DÂN" and not index:
                style = "R"
            self._centred([(text, style)], 12.5, top + 16 * index, *left)
        end = top + 16 * len(head.left)
        if head.left:
            self._rule_under(*left, end + 3, 62)
        for index, text in enumerate(head.right):
            width = self._centred([(text, "B")], (12.5, 13.5)[index], top + 16 * index, *right)
            if index:
                self._rule_under(*right, top + 35, width)
        below = max(end, top + 16 * len(head.right)) + 14
        self._dated(head, below, left, right)
        self.top = below + 36 if head.number or head.place else below + 10

    def _dated(
        self, head: Letterhead, top: float, left: tuple[float, float], right: tuple[float, float]
    ) -> None:
        for text, style, (x0, x1) in (
            (head.number, "R", left),
            (head.place, "I", right),
        ):
            if not text:
                continue
            size = 13.0
            if self.handwritten:
                blank = "Số: ", "ngày "
                for lead in blank:
                    start, found, rest = text.partition(lead)
                    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
                    if found and digits:
                        x = (x0 + x1 - measure([(text, style)], size)) / 2 - 4
                        pen = x + measure([(start + lead, style)], size)
                        self.page.anchors[f"pen:{digits}"] = (pen, top)
                        tail = rest[len(digits) :]
                        self._put(x, [(start + lead.rstrip(), style)], size, top)
                        gap = pen + 7.9 * len(digits) + 5
                        self._put(gap, [(tail.lstrip(), style)], size, top)
                        break
                else:
                    self._centred([(text, style)], size, top, x0, x1)
            else:
                self._centred([(text, style)], size, top, x0, x1)

    def _paragraph(self, paragraph: Paragraph) -> None:
        if paragraph.style in CENTRE:
            self._title(paragraph)
            return
        size = self.size
        indent = 34.0
        runs = segments(paragraph.text, HEADING.get(paragraph.style, "R"))
        lines = wrap(runs, size, WIDTH - LEFT - RIGHT, indent)
        heading = paragraph.style.startswith("heading")
        self._room(size * 1.27 * (3 if heading else 2 if len(lines) > 1 else 1))
        for index, line in enumerate(lines):
            self._room(size * 1.27)
            x = LEFT + (indent if not index else 0)
            room = WIDTH - RIGHT - x - measure(line, size)
            blanks = sum(text.count(" ") for text, _ in line)
            last = index == len(lines) - 1 or heading
            self._put(x, line, size, self.top, 0.0 if last or not blanks else room / blanks)
            self.top += size * 1.27
        self.top += 5

    def _title(self, paragraph: Paragraph) -> None:
        size, style = CENTRE[paragraph.style]
        if paragraph.style == "appendix" and self.top > HEIGHT / 3:
            self._new_page()
        lines = _balanced(segments(paragraph.text, style), size, WIDTH - LEFT - RIGHT - 20)
        self._room(size * 1.3 * len(lines) + 30)
        self.top += 6 if paragraph.style in ("authority", "decides") else 0
        for line in lines:
            self._centred(line, size, self.top, LEFT, WIDTH - RIGHT)
            self.top += size * 1.3
        if paragraph.style == "subject":
            self._rule_under(LEFT, WIDTH - RIGHT, self.top + 4, 90)
            self.top += 12
        if paragraph.style in ("note", "authority", "decides"):
            self.top += 8

    def _sign(self, sign: Sign) -> None:
        *lines, name = sign.signature
        small = 11.0
        recipients: list[Runs] = []
        for text in sign.recipients:
            recipients += wrap([(text, "R")], small, 215)
        height = max(len(recipients) * 14 + 22, len(lines) * 17 + 97)
        self.top += 8
        self._room(height)
        top = self.top
        if recipients:
            self._put(LEFT, [("Nơi nhận:", "BI")], 12.0, top + 2)
        for index, line in enumerate(recipients):
            self._put(LEFT, line, small, top + 18 + 14 * index)
        right = (LEFT + 225, WIDTH - RIGHT)
        for index, text in enumerate(lines):
            self._centred([(text, "B")], 13.5, top + 17 * index, *right)
        self.page.anchors["stamp"] = (sum(right) / 2, top + 17 * len(lines) + 38)
        self._centred([(name, "B")], 14.0, top + 17 * len(lines) + 78, *right)
        self.top += height

    def _table(self, table: Table) -> None:
        total = WIDTH - LEFT - RIGHT + 20
        edges = [LEFT - 10.0]
        for share in table.widths:
            edges.append(edges[-1] + total * share)
        header = [self._cells(row, edges, "B") for row in table.rows[: table.headers]]
        for cells in header:
            self._row(cells, edges, ())
        for number, row in enumerate(table.rows[table.headers :], start=table.headers):
            style = "B" if row.count("<") == len(row) - 2 else "R"
            cells = self._cells(row, edges, style)
            below = table.rows[number + 1] if number + 1 < len(table.rows) else ()
            open_columns = tuple(i for i, cell in enumerate(below) if cell == "^")
            while True:
                fits = int((HEIGHT - BOTTOM - self.top - 8) / 14.5)
                tallest = max(len(lines) for _, _, lines in cells)
                if tallest <= fits:
                    break
                if fits >= 2:
                    self._row([(a, b, lines[:fits]) for a, b, lines in cells], edges, open_columns)
                    cells = [(a, b, lines[fits:]) for a, b, lines in cells]
                self._new_page()
                for head in header:
                    self._row(head, edges, ())
            self._row(cells, edges, open_columns)
        self.top += 10

    def _cells(
        self, row: tuple[str, ...], edges: list[float], style: str
    ) -> list[tuple[int, int, list[Runs]]]:
        """``(first column, last column + 1, lines)`` of each cell of a row."""
        cells: list[tuple[int, int, list[Runs]]] = []
        for column, text in enumerate(row):
            if text == "<":
                first, _, lines = cells[-1]
                cells[-1] = (first, column + 1, lines)
                continue
            cells.append((column, column + 1, []))
        result = []
        for first, end, _ in cells:
            text = row[first]
            width = edges[end] - edges[first] - 8
            lines: list[Runs] = []
            for part in () if text == "^" else text.split("//"):
                lines += wrap(segments(part.strip(), style), 12.0, width)
            result.append((first, end, lines))
        return result

    def _row(
        self,
        cells: list[tuple[int, int, list[Runs]]],
        edges: list[float],
        open_columns: tuple[int, ...],
    ) -> None:
        height = max(1, *(len(lines) for _, _, lines in cells)) * 14.5 + 7
        top, bottom = self.top, self.top + height
        for first, end, lines in cells:
            bold = bool(lines) and all(style == "B" for line in lines for _, style in line)
            for index, line in enumerate(lines):
                y = top + 3 + 14.5 * index
                if first == 0 or (bold and end - first == 1):
                    self._centred(line, 12.0, y, edges[first], edges[end])
                else:
                    self._put(edges[first] + 4, line, 12.0, y)
            for x in (edges[first], edges[end]):
                self.page.rules.append((x, top, x, bottom))
            if lines or top == TOP:
                self.page.rules.append((edges[first], top, edges[end], top))
            if first not in open_columns:
                self.page.rules.append((edges[first], bottom, edges[end], bottom))
        self.top = bottom


def typeset(plan: Plan, *, handwritten: bool = False) -> list[Page]:
    """The pages of a plan; ``handwritten`` leaves room for a pen at number and day."""
    return Typesetter(plan, handwritten=handwritten).pages
