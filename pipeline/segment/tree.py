"""The blocks of the body as a tree: each marker takes its place under the one that governs it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pipeline.document import Issue
from pipeline.segment.blocks import Block
from pipeline.segment.fold import LOWER, UPPER, is_caps
from pipeline.segment.headings import match_heading
from pipeline.segment.markers import LETTERS, RANK, Marker, roman
from pipeline.segment.numbering import roman_numbers

_INLINE = re.compile(r"^([^:;.]{3,90}?)\s*:\s+(?=\S)")
_LEAD_WORDS = 25
# How many blocks a section may have, for the next one's number to be looked for.
_LOOK_AHEAD = 400
# A capital, then a small word: a sentence begins, and not the second half of a name.
_SENTENCE = re.compile(rf"[{UPPER}][^\W\d_]*\s[{LOWER}]")


@dataclass(slots=True, eq=False)
class Node:
    """A heading, a point or a paragraph (``kind`` "text") with what stands under it.

    ``number`` is the repaired number ("III"), ``raw`` the marker as written. ``heading`` and
    ``rest`` part a heading from text that goes on behind it on the same line.
    """

    kind: str
    block: Block | None
    number: str | None = None
    value: int = 0
    raw: str = ""
    heading: str = ""
    rest: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the node without its marker."""
        return self.block.body if self.block else ""

    @property
    def ends_with_colon(self) -> bool:
        """Whether it announces a list."""
        return self.text.endswith(":")


def build(blocks: Sequence[Block]) -> tuple[Node, list[Issue]]:
    """The tree of ``blocks`` under a root node, and what is odd about its numbering."""
    builder = _Builder(blocks, roman_numbers(blocks))
    for index, block in enumerate(blocks):
        builder.add(index, block)
    _part_headings(builder.root)
    _drop_specks(builder.root)
    return builder.root, builder.issues


def _part_headings(node: Node) -> None:
    """Part a heading from the paragraph that was joined to it, where its siblings are headings."""
    for child in node.children:
        _part_headings(child)
    numbered = [child for child in node.children if child.kind in ("arabic", "letter")]
    headings = [child for child in numbered if child.children and looks_like_heading(child)]
    if 2 * len(headings) <= len(numbered):
        return
    for child in numbered:
        block = child.block
        if child in headings or block is None or len(block.rows) < 2 or child.rest:
            continue
        first, second = block.rows[0].text, block.rows[1].text
        if not first.endswith((".", ";", ",", ":")) and _SENTENCE.match(second):
            head, rest = _cut(block)
            child.block, child.heading = head, head.body.rstrip(": ")
            child.children.insert(0, Node("text", rest))


def _drop_specks(node: Node) -> None:
    """A list of one "~" is none: OCR read a speck before a paragraph."""
    points = [child for child in node.children if child.kind in ("dash", "plus")]
    if len(points) == 1 and points[0].raw == "~":
        points[0].kind = "text"
    for child in node.children:
        _drop_specks(child)


def _cut(block: Block) -> tuple[Block, Block]:
    """A block's first row and its other rows, as blocks."""
    head = Block([], block.marker, block.special, block.caps)
    head.add(block.rows[0])
    rest = Block([])
    for row in block.rows[1:]:
        rest.add(row)
    return head, rest


class _Builder:
    def __init__(self, blocks: Sequence[Block], romans: Mapping[int, int]) -> None:
        self.blocks = blocks
        self.romans = romans
        self.root = Node("root", None)
        self.stack = [self.root]
        self.issues: list[Issue] = []

    def add(self, index: int, block: Block) -> None:
        marker = block.marker
        if marker is None:
            self._add_text(index, block)
            return
        kind = self._kind(marker, block, index)
        rank = RANK[kind]
        top = self.stack[-1]
        open_kinds = [node.kind for node in self.stack]
        if kind in open_kinds:
            while self.stack[-1].kind != kind:
                self.stack.pop()
            if not self._restarts_below(marker, kind, top):
                self.stack.pop()
            else:
                self.stack = self.stack + self._path_to(top)
        elif not (top.ends_with_colon and rank > RANK["roman"] and top.kind != "root"):
            while len(self.stack) > 1 and RANK.get(self.stack[-1].kind, -1) > rank:
                self.stack.pop()
        if kind == "roman" and self.stack[-1].kind == "bare" and self._open_series():
            self.stack = [self.root]  # a heading whose number was lost, between numbered ones
        node = self._node(kind, marker, block, index)
        if kind == "roman":
            self._number_lost_one(node)
        self.stack[-1].children.append(node)
        self.stack.append(node)

    def _open_series(self) -> bool:
        return any(child.kind == "roman" for child in self.root.children)

    def _number_lost_one(self, node: Node) -> None:
        """Between IV and VI a heading without number is V."""
        before = self.stack[-1].children[-2:]
        if len(before) < 2 or [child.kind for child in before] != ["roman", "bare"]:
            return
        lost = before[1]
        if lost.block and node.value == before[0].value + 2:
            lost.kind, lost.value, lost.number = "roman", node.value - 1, roman(node.value - 1)
            self._report("number_repaired", lost.block, f"Mục mất số được đọc là “{lost.number}.”")

    def _misread_number(self, index: int, block: Block) -> str | None:
        """The heading behind a number that was read as a word: "VỀ KINH PHÍ" between IV and VI."""
        if not block.caps or block.special or self._open("roman") is None:
            return None
        found = match_heading(block.text)
        if not found.ids or found.start != 1 or found.score < 0.85 or found.covered < 0.6:
            return None
        return (
            block.text.split(" ", 1)[1]
            if self._roman_follows(index, self._due("roman") + 1)
            else None
        )

    def _path_to(self, target: Node) -> list[Node]:
        """The nodes from under the top of the stack down to ``target``, following last children."""
        path, node = [], self.stack[-1]
        while node is not target:
            node = next(c for c in reversed(node.children) if c.kind != "text")
            path.append(node)
        return path

    def _restarts_below(self, marker: Marker, kind: str, top: Node) -> bool:
        """Whether "1." or "a)" opens a list of its own under a deeper node that ends in a colon."""
        if marker.value != 1 or kind in ("roman", "dash", "plus", "part", "chapter", "article"):
            return False
        return top.kind != kind and top.ends_with_colon and self.stack[-1].value >= 1

    def _kind(self, marker: Marker, block: Block, index: int) -> str:
        """The kind that the numbering asks for: "1. YÊU CẦU" after I. may be a damaged II."""
        kind = marker.kind
        if kind == "upper" and marker.raw[:1] in "IVX":
            return "roman"
        if kind == "dotted" and len(marker.parents) > 1:
            return "subdotted"  # "1.1.1" stands under "1.1"
        if kind == "roman" and marker.raw.isdigit():
            return "roman" if self._is_damaged_roman(marker, block, index) else "arabic"
        return kind

    def _is_damaged_roman(self, marker: Marker, block: Block, index: int) -> bool:
        due = self._due("roman")
        if len(marker.raw) > 1 and due in marker.readings and due != int(marker.raw):
            return True
        if not is_caps(block.body) or not match_heading(block.body).ids:
            return False
        above = self._open("roman")
        if above is None:
            return due in marker.readings and self._roman_follows(index, due + 1)
        # a child "1." stands directly under its heading; here text or points came in between
        return bool(above.children) and self._roman_follows(index, due + 1)

    def _roman_follows(self, index: int, value: int) -> bool:
        for block in islice(self.blocks, index + 1, index + _LOOK_AHEAD):
            marker = block.marker
            if marker and marker.kind == "roman" and value in marker.readings:
                return True
            if marker and marker.kind in ("arabic", "roman") and marker.raw.rstrip(".)-–") == "2":
                return False
        return False

    def _open(self, kind: str) -> Node | None:
        return next((node for node in reversed(self.stack) if node.kind == kind), None)

    def _due(self, kind: str) -> int:
        last = self._open(kind)
        return last.value + 1 if last else 1

    def _node(self, kind: str, marker: Marker, block: Block, index: int) -> Node:
        siblings = reversed(self.stack[-1].children)
        last = next((node.value for node in siblings if node.kind == kind), 0)
        value, number = marker.value, marker.raw.strip(" .)/-–")
        if kind == "roman":
            value = self.romans.get(index) or self._roman_number(marker, last)
            number = roman(value)
        elif kind in ("arabic", "dotted", "subdotted", "letter", "upper", "article"):
            value = self._check(marker, last, block, index)
            if kind == "letter":
                number = LETTERS[value - 1] if value else marker.raw[0]
        elif kind in ("dash", "plus"):
            value = last + 1
        if kind == "roman" and number != marker.raw:
            self._report(
                "number_repaired", block, f"Số mục “{marker.raw}.” được đọc là “{number}.”"
            )
        if kind == "roman" and last and value != last + 1:
            self._report_order(block, marker.raw, value, last)
        node = Node(kind, block, number, value, marker.raw)
        node.heading, node.rest = _split_heading(kind, block)
        return node

    def _roman_number(self, marker: Marker, last: int) -> int:
        due = last + 1
        if due in marker.readings or marker.raw.isdigit():
            return due
        return marker.value

    def _check(self, marker: Marker, last: int, block: Block, index: int) -> int:
        value = marker.value
        if marker.kind == "letter" and last and self._is_misread(marker, last, index):
            letter = LETTERS[last]
            message = f"Điểm “{marker.raw}” được đọc là “{letter})”"
            self._report("number_repaired", block, message)
            return last + 1
        if marker.kind == "letter" and last and value == last and marker.raw[0] == "d":
            return value + 1  # "d)" for "đ)", the commonest slip of OCR and typists alike
        if marker.kind == "letter" and marker.raw[0] == "đ":
            after = self._next_letter(index)
            if last == value - 2 or (after is not None and after.value == value):
                return value - 1  # "đ)" for "d)"
        if last and value != last + 1:
            self._report_order(block, marker.raw, value, last)
        return value

    def _is_misread(self, marker: Marker, last: int, index: int) -> bool:
        """Whether a letter out of order stands between its neighbours: d) r) e) is d) đ) e)."""
        if marker.value - last in (0, 1) or marker.value == 1 or last + 1 > len(LETTERS):
            return False
        after = self._next_letter(index)
        return after is not None and after.value == last + 2

    def _next_letter(self, index: int) -> Marker | None:
        following = (block.marker for block in islice(self.blocks, index + 1, index + 40))
        return next((m for m in following if m and m.kind == "letter"), None)

    def _report_order(self, block: Block, raw: str, value: int, last: int) -> None:
        if value == last:
            self._report("number_repeated", block, f"Số thứ tự “{raw}” bị lặp lại.")
        elif value == 1:
            self._report("numbering_restarts", block, f"Số thứ tự bắt đầu lại từ “{raw}”.")
        else:
            self._report("number_out_of_order", block, f"Số thứ tự “{raw}” không theo trình tự.")

    def _report(self, code: str, block: Block, message: str) -> None:
        row = block.rows[0]
        message = f"Dòng {row.line}: {message}"
        self.issues.append(Issue("segment", code, row.page, message, "info"))

    def _add_text(self, index: int, block: Block) -> None:
        """A paragraph goes under the nearest heading; points do not take paragraphs."""
        top = self.stack[-1]
        if top.kind in ("part", "chapter") and top.block and not (top.text or top.children):
            for row in block.rows:  # "Phần thứ hai", and its title on the next line
                top.block.add(row)
            top.heading = top.text.rstrip(": ")
            return
        bare = block.text.rstrip(": ") if is_bare_heading(block) else None
        if heading := bare or self._misread_number(index, block):
            node = Node("bare", block, None, 0, "", heading)
            self.stack = [self.root]
            self.root.children.append(node)
            self.stack.append(node)
            return
        for node in reversed(self.stack):
            if node.kind == "root" or _takes_text(node):
                node.children.append(Node("text", block))
                return


def is_bare_heading(block: Block) -> bool:
    """A heading without number: capitals or bold, naming a section as a whole."""
    if block.marker or block.special or block.rows[0].table or not (block.caps or block.bold):
        return False
    if len(block.text) > 120 or block.text.endswith((".", ";", ",")):
        return False
    found = match_heading(block.text.rstrip(":"))
    return bool(found.ids) and found.start == 0 and found.score >= 0.85 and found.covered >= 0.3


def _takes_text(node: Node) -> bool:
    if node.kind in ("part", "chapter", "upper", "roman", "article", "bare"):
        return True
    return node.kind in ("arabic", "dotted", "subdotted", "letter") and looks_like_heading(node)


def looks_like_heading(node: Node) -> bool:
    """Whether a numbered node is a heading by its own looks: short, unfinished, or well known."""
    text = node.text.removesuffix(" .")  # a speck
    block = node.block
    if block is None or not text:
        return False
    words = text.count(" ") + 1
    if node.rest or (block.bold and words <= _LEAD_WORDS):
        return True
    if text.endswith((";", ",", "…")) or words > _LEAD_WORDS:
        return False
    if text.endswith("."):
        return words <= 6
    return True


def _split_heading(kind: str, block: Block) -> tuple[str, str]:
    """A heading and the text that follows it on the same line: "2. Yêu cầu: Kế hoạch phải …"."""
    text = block.body
    if kind in ("dash", "plus", "article"):
        return "", ""
    match = _INLINE.match(text)
    if match:
        lead, rest = match.group(1), text[match.end() :]
        if kind == "roman" and is_caps(lead) and not is_caps(rest):
            return lead, rest
        found = match_heading(lead)
        known = found.ids and found.start == 0 and found.score == 1.0
        if known and found.covered >= 0.6 and lead.count(" ") < 8:
            return lead, rest
    return text.removesuffix(" .").rstrip(": "), ""
