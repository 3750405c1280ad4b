"""Which part of a document a block belongs to: letterhead, preamble, articles, body, foot, annex.

A file may hold several parts one after the other: a decision with its letterhead and signature,
then the attached plan with its own, then an annex. The zones follow one another as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.segment.blocks import Block
from pipeline.segment.fold import fold
from pipeline.segment.tree import is_bare_heading

ZoneName = Literal["header", "legal_basis", "decision", "body", "closing", "foot", "appendix"]

_BASIS = re.compile(
    r"^(?:can cu|thuc hien|trien khai thuc hien|theo de nghi|xet de nghi|xet|tiep tuc thuc hien|"
    r"thuc hien theo|can ca|can ci)\b"
)
_OPENING = re.compile(r"(?:nhu sau|sau day|nhu sau,|noi dung sau|cu the)\s*[:;.]?\s*$")
_CITES = re.compile(r"\d+\s?/|\bso\b|\bngay\b|\bluat\b|chi dao|nghi quyet|ke hoach|quyet dinh")
_CLOSING = re.compile(
    r"^(?:tren day la|trong qua trinh|yeu cau cac|de nghi cac|can cu ke hoach nay|nhan duoc|"
    r"ke hoach nay|uy ban nhan dan \w+ yeu cau|ubnd .{3,40} (?:yeu cau|de nghi))"
)
# The mark that ends a document; OCR reads its first stop as a comma now and then.
_END = re.compile(r"[.,]\s?/\s?[.,]\s*$")
# A letterhead has no more lines of its own than this, title included; more is running text.
_HEAD_LINES = 8
_HEAD_SPECIALS = frozenset(
    {"motto", "agency", "number", "subject", "date", "type", "note", "position"}
)
_SIGNED = frozenset({"authority", "position"})
_FOOT_SPECIALS = frozenset({"recipients", "authority"})


@dataclass(slots=True)
class Zone:
    """A run of blocks of one part of the document."""

    name: ZoneName
    blocks: list[Block] = field(default_factory=list)


def zones(blocks: Sequence[Block]) -> list[Zone]:
    """Sort blocks into zones, in order."""
    sorter = _Sorter(blocks)
    for index in range(len(blocks)):
        sorter.take(index)
    return [zone for zone in sorter.zones if zone.blocks]


class _Sorter:
    """Walks over the blocks; ``zones[-1]`` is the part that it is in."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.zones: list[Zone] = [Zone("header")]
        self.ended = False  # "./." has been read since the last letterhead
        self.titled = False  # a type line has been read in this letterhead

    def take(self, index: int) -> None:
        block = self.blocks[index]
        if block.special == "decide" and self.zones[-1].name == "header" and not self.titled:
            block.special = "type"  # "QUYẾT ĐỊNH." of an OCR: nothing is decided under no title
        name = self._zone_of(block, index)
        if name != self.zones[-1].name:
            self.zones.append(Zone(name))
            if name == "header":
                self.ended = self.titled = False
        self.zones[-1].blocks.append(block)
        self.titled = self.titled or block.special == "type"
        self.ended = self.ended or _END.search(block.text) is not None

    def _zone_of(self, block: Block, index: int) -> ZoneName:
        current = self.zones[-1].name
        if current == "appendix":
            return "appendix"
        if block.special == "appendix" and self._is_appendix(block, current):
            return "appendix"
        if block.special == "decide" and current in ("header", "legal_basis"):
            return "decision"
        if block.marker and block.marker.kind == "article" and current != "foot":
            return "decision"
        if current in ("header", "legal_basis"):
            return self._before_body(block, current)
        if current in ("foot", "closing"):
            return self._after_body(block, index, current)
        return self._in_body(block, index, current)

    def _is_appendix(self, block: Block, current: ZoneName) -> bool:
        if fold(block.text).startswith("danh sach"):  # in a body it may head a table
            return current == "foot"
        seen = {zone.name for zone in self.zones}
        return current == "foot" or bool(seen & {"body", "foot", "closing"})

    def _before_body(self, block: Block, current: ZoneName) -> ZoneName:
        if block.special in _HEAD_SPECIALS:
            return current if current == "legal_basis" and block.special != "type" else "header"
        if block.special in _FOOT_SPECIALS and len(self.zones) > 1:
            return "foot"
        if block.marker:
            if block.marker.kind in ("dash", "plus"):
                if current == "header" and not self.titled:
                    return "header"
                # "- Căn cứ Luật …": the bases of some preambles are points
                return "legal_basis" if _is_basis(block.body) else "body"
            return "body"
        if is_bare_heading(block) and (self.titled or current == "legal_basis"):
            return "body"
        if current == "header" and self._is_title(block):
            return "header"
        if current == "legal_basis" or _is_basis(block.text) or self._is_opening(block):
            return "legal_basis"
        plain = sum(not held.special for held in self.zones[-1].blocks[-_HEAD_LINES:])
        return "header" if plain < _HEAD_LINES else "body"

    def _is_title(self, block: Block) -> bool:
        """Whether it is what follows the type line: "Thực hiện Nghị quyết số …", no basis yet."""
        held = self.zones[-1].blocks
        if not held or held[-1].special != "type" or len(block.text) > 300:
            return False
        return not block.text.rstrip().endswith((";", ":", ".", ","))

    def _is_opening(self, block: Block) -> bool:
        """The sentence that opens a plan, or prose where a letterhead would be."""
        text = block.text
        if _OPENING.search(fold(text)) and len(text) > 60:
            return True
        return len(text) > 240 or (len(text) > 90 and text.endswith((".", ";", ":")))

    def _in_body(self, block: Block, index: int, current: ZoneName) -> ZoneName:
        if block.special in _FOOT_SPECIALS or (block.special == "position" and self.ended):
            return "foot"
        if block.special in _HEAD_SPECIALS - {"note", "position"} and self._opens_letterhead(index):
            return "header"
        if current == "decision":
            opens = block.marker is not None and block.marker.kind in ("roman", "upper", "part")
            opens = opens or is_bare_heading(block)
            return "body" if opens else "decision"
        if not block.marker and _CLOSING.match(fold(block.text)) and self._is_last_text(index):
            return "closing"
        return "body"

    def _after_body(self, block: Block, index: int, current: ZoneName) -> ZoneName:
        if block.special in _FOOT_SPECIALS or block.special == "position":
            return "foot"
        if current == "closing":
            if block.special == "date":
                return "foot"
            if not block.special and not (
                block.marker and block.marker.kind in ("roman", "arabic")
            ):
                return "closing"
            return "header" if block.special else "body"
        if block.special in ("motto", "type") or (
            block.special in ("agency", "number", "date", "note") and self._opens_letterhead(index)
        ):
            return "header"
        if current == "foot" and self._opens_annex(index):
            return "appendix"
        if block.marker and block.marker.kind in ("roman", "upper", "part", "chapter", "article"):
            return "body"
        return "foot"

    def _opens_annex(self, index: int) -> bool:
        """Whether an annex whose label was not read begins: a new page, and soon "(Kèm theo …)"."""
        signed = [block for block in self.zones[-1].blocks if block.special in _SIGNED]
        if not signed or signed[-1].place.page_end >= self.blocks[index].place.page:
            return False
        return any(block.special == "note" for block in self.blocks[index : index + 4])

    def _opens_letterhead(self, index: int) -> bool:
        """Whether a letterhead begins here: two different lines of it among the next few blocks."""
        seen = {block.special for block in self.blocks[index : index + 6]}
        seen &= _HEAD_SPECIALS | {"appendix"}
        return "motto" in seen or "appendix" in seen or ("type" in seen and len(seen) > 1)

    def _is_last_text(self, index: int) -> bool:
        """Whether no heading or point follows before the foot."""
        for block in self.blocks[index + 1 : index + 5]:
            if block.special:
                return True
            if block.marker:
                return False
        return True


def _is_basis(text: str) -> bool:
    folded = fold(text)
    if not _BASIS.match(folded):
        return False
    return len(text) > 150 or text.endswith((";", ":", ".", ",")) or bool(_CITES.search(folded[8:]))
