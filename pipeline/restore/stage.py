"""The stage: a document's lines restored, with a log of edits that replays exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, cast, get_args, overload

from pipeline.document import Damage, DamageKind, Document, Doubt, Edit, Line, Page
from pipeline.restore.charsets import repair
from pipeline.restore.codegaps import codes_of_types
from pipeline.restore.confidence import confidence_needed
from pipeline.restore.damage import detect, is_foreign, quality
from pipeline.restore.engine import Heard, Stretch
from pipeline.restore.enumerators import letters, numerals
from pipeline.restore.markup import is_markup
from pipeline.restore.paths import Change
from pipeline.restore.stops import semicolons, set_forms
from pipeline.restore.syllables import has_marks
from pipeline.restore.tokens import older_tone_place

_TERMINATOR = re.compile("(\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029])")
_DECODED = ("no_marks", "english_ocr", "vietnamese_ocr", "dropped_glyphs", "splits")
_OCR = ("english_ocr", "vietnamese_ocr")
_NEAR = 2  # lines before and behind a line, by which its language is told
_WITHOUT_D = ("english_ocr", "no_marks")
_MOSTLY = 0.25  # of the lines of a page: where so many lost glyphs, all are looked at
_BRIDGED = 24  # lines: shorter clean stretches between two that lost glyphs belong to them
# So many lines must look like the work of an OCR, unless they are half of the page.
_BELIEVED = {"english_ocr": 3, "vietnamese_ocr": 6, "splits": 2}
_BY_RULE = 0.95  # confidence of what a sequence or a fixed form decides
_TO_DELETE = 0.7  # confidence that a mark is noise, for it to go
_BLOCK = 4_000  # lines of plain text that are looked at together
_LONG = 20_000  # characters: longer lines are decoded in parts


@dataclass
class _Work:
    """One page under repair: its lines as they stand, and what was done."""

    number: int
    lines: list[str]
    fonts: Sequence[str | None] | None
    scanned: bool = False  # our own OCR read it: rarely wrong, but never known to be right
    logged: bool = True  # somebody asks for the edits
    heard: Sequence[Heard] = ()  # by line, words of our own OCR
    edits: list[Edit] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    came: tuple[Damage, ...] = ()  # the damage that it came with, if it was looked for
    damage: tuple[Damage, ...] = ()
    kinds: list[str] = field(default_factory=list)

    def heard_from(self, number: int, offset: int) -> Heard:
        """Where the words of a line (from 0) begin behind ``offset``, and how sure the OCR was."""
        if not self.heard:
            return ()
        return [(start - offset, sure) for start, sure in self.heard[number] if start >= offset]

    def log(self, line: int, start: int, before: str, change: Change) -> None:
        """Note a change of a line (from 1) as an edit."""
        confidence = round(change.confidence, 4)
        self.edits.append(
            Edit("restore", change.rule, self.number, line, start, before, change.after, confidence)
        )

    def repair_charsets(self) -> None:
        """Undo what byte-level damage did; one edit for each line and rule."""
        for rule, after in repair(self.lines, self.fonts):
            for number, (old, new) in enumerate(zip(self.lines, after, strict=True)):
                if old != new:
                    start, before, put = _difference(old, new)
                    self.edits.append(
                        Edit("restore", rule, self.number, number + 1, start, before, put, 1.0)
                    )
            self.lines = list(after)

    def find_damage(self, known: str | None) -> None:
        """Detect the kinds of damage, or take ``known`` for all lines."""
        if known is not None and self.lines:
            found: tuple[Damage, ...] = (
                Damage(cast("DamageKind", known), 1.0, 1, len(self.lines)),
            )
        elif self.came and not self.edits:  # no letter has changed since
            found = self.came
        else:
            found = detect(self.lines, self.fonts) if self.lines else ()
        self.damage = found
        self.kinds = ["clean"] * len(self.lines)
        written = [bool(line.strip()) for line in self.lines]
        for stretch in found:
            lines = sum(written[stretch.first_line - 1 : stretch.last_line])
            needed = _BELIEVED.get(stretch.kind, 0)
            if lines < needed and 2 * lines < sum(written) and known is None:
                continue  # too little to tell an OCR's misreading from a word that is just rare
            for number in range(stretch.first_line - 1, stretch.last_line):
                self.kinds[number] = stretch.kind
        self._spread()
        lost = sum(w for w, k in zip(written, self.kinds, strict=True) if k == "dropped_glyphs")
        if lost >= _MOSTLY * sum(written) and lost > 2:
            self.kinds = ["dropped_glyphs" if k == "clean" else k for k in self.kinds]
        for before, middle, after in zip(found, found[1:], found[2:], strict=False):
            if (
                before.kind == after.kind == "dropped_glyphs"
                and middle.kind == "clean"
                and middle.last_line - middle.first_line < _BRIDGED
            ):
                for number in range(middle.first_line - 1, middle.last_line):
                    self.kinds[number] = "dropped_glyphs"

    def believe_ocr(self) -> None:
        """Take clean lines of a scan for what an OCR read, but those in a foreign language."""
        for number, kind in enumerate(self.kinds):
            near = self.lines[max(0, number - _NEAR) : number + _NEAR + 1]
            if kind == "clean" and not is_foreign(" ".join(near)):
                self.kinds[number] = "vietnamese_ocr"

    def _spread(self) -> None:
        """Lines without any mark beside lines that lost their marks lost theirs as well."""
        for kind in ("no_marks", "english_ocr"):
            if self.kinds.count(kind) < 2:
                continue
            for order in (range(len(self.lines)), range(len(self.lines) - 1, -1, -1)):
                near = False
                for number in order:
                    line = self.lines[number]
                    if not line.strip():
                        continue
                    if near and self.kinds[number] == "clean" and not has_marks(line):
                        self.kinds[number] = kind
                    near = self.kinds[number] == kind

    def mend_lists(self) -> None:
        """Repair what a sequence or form decides: codes, enumerators, stops, set forms."""
        self._put("code", codes_of_types(self._lines_of(_WITHOUT_D)))
        self._put("enumerator", numerals(self._lines_of(_OCR)))
        self._put("enumerator", letters(self._lines_of(_WITHOUT_D)))
        self._put("semicolon", semicolons(self._lines_of(_OCR)))
        self._put("form", set_forms(self._lines_of(_OCR)))

    def _lines_of(self, kinds: Sequence[str]) -> list[str]:
        """The lines as they stand now; empty where their damage is of no such kind."""
        pairs = zip(self.lines, self.kinds, strict=True)
        return [line if kind in kinds else "" for line, kind in pairs]

    def _put(self, rule: str, found: Sequence[tuple[int, int, int, str]]) -> None:
        """Make repairs by rule: (line from 0, start, end, what should stand there)."""
        for number, start, end, mark in found:
            line = self.lines[number]
            before = line[start:end]
            self.edits.append(
                Edit("restore", rule, self.number, number + 1, start, before, mark, _BY_RULE)
            )
            self.lines[number] = line[:start] + mark + line[end:]


def _difference(old: str, new: str) -> tuple[int, str, str]:
    """(start, before, after) of the smallest stretch that differs."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, old[start : len(old) - end], new[start : len(new) - end]


def _parts(line: str) -> list[tuple[int, str]]:
    """A long line in parts with their offsets, cut at white space."""
    if len(line) <= _LONG:
        return [(0, line)]
    parts = []
    start = 0
    while start < len(line):
        end = min(len(line), start + _LONG)
        if end < len(line):
            space = line.rfind(" ", start + 1, end)
            end = space if space > 0 else end
        parts.append((start, line[start:end]))
        start = end
    return parts


def _decode(works: Sequence[_Work]) -> None:
    """Decode the damaged lines of all pages, all lines of one kind together."""
    for kind in _DECODED:
        places: list[tuple[_Work, int, int]] = []
        lines: list[str] = []
        heard: list[Heard] = []
        for work in works:
            last = None
            for number, line in enumerate(work.lines):
                if work.kinds[number] != kind:
                    continue
                if last is not None and number > last + 1:
                    places.append((work, -1, 0))
                    lines.append("")
                    heard.append(())
                last = number
                for offset, part in _parts(line):
                    places.append((work, number, offset))
                    lines.append(part)
                    heard.append(work.heard_from(number, offset))
        if lines:
            said = heard if kind == "vietnamese_ocr" and any(heard) else None
            _apply(Stretch(lines, kind, said).run(), places)


def _apply(changes: list[Change], places: Sequence[tuple[_Work, int, int]]) -> None:
    """Write changes into the lines, from the end of each line to its start."""
    changes.sort()
    end = len(changes)
    while end:
        work, number, _ = places[changes[end - 1].line]
        found = []
        while end:
            change = changes[end - 1]
            other, line, offset = places[change[0]]
            if line != number or other is not work:
                break
            found.append((offset, change))
            end -= 1
        _apply_to_line(work, number, found)


def _apply_to_line(work: _Work, number: int, found: Sequence[tuple[int, Change]]) -> None:
    """Write changes, given with what to add to their offsets, last first, into one line."""
    text = work.lines[number]
    markup = "|#" if is_markup(text) else ""
    parts: list[str] = []  # what stands behind the changes so far, from the end of the line
    edge = len(text)  # the part of the line before it has not been touched
    grown = 0  # by how many characters the changes so far have made the line longer
    doubts: list[tuple[int, int, str, Change]] = []
    for offset, change in found:
        _, start, end, after, confidence, rule = change
        if offset:
            start, end = start + offset, end + offset
        before = text[start:end]
        needed = _needed(before, after, rule)
        if markup and any(mark in before for mark in markup):
            continue
        if confidence < needed:
            if needed <= 1.0:
                doubts.append((start, grown, before, change))
            continue
        if end > edge:  # overlaps the change behind it: what that one wrote is cut as well
            rest = "".join(reversed(parts))
            parts, before = [rest[end - edge :]], text[start:edge] + rest[: end - edge]
        else:
            parts.append(text[end:edge])
        parts.append(after)
        edge = start
        grown += len(after) - (end - start)
        if work.logged:
            work.log(number + 1, start, before, change)
    parts.append(text[:edge])
    parts.reverse()
    work.lines[number] = "".join(parts)
    for start, behind, before, change in reversed(doubts):
        # later edits of this line stand to the left, and move the doubtful word
        work.doubts.append(
            Doubt(
                work.number,
                number + 1,
                start + grown - behind,
                before.strip(),
                change.after,
                round(change.confidence, 4),
            )
        )


@lru_cache(maxsize=65_536)
def _needed(before: str, after: str, kind: str) -> float:
    """The confidence from which on a change is made; over 1: never, as both are right."""
    if _other_style(before, after):
        return math.inf
    return confidence_needed(before, kind) if after.strip() else _TO_DELETE


def _other_style(before: str, after: str) -> bool:
    """Whether only the tone mark stands in the other place (``hoà``, ``hòa``): both are right."""
    a, b = before.lower(), after.lower()
    return a != b and older_tone_place(a) == older_tone_place(b)


def _restore(works: Sequence[_Work], damage: str | None) -> None:
    for work in works:
        work.repair_charsets()
        work.find_damage(damage)
        if work.scanned and damage is None:
            work.believe_ocr()
    _decode(works)
    for work in works:
        work.mend_lists()


def restore(document: Document) -> Document:
    """Set ``text`` of every line to the best reading; ``raw`` stays as it was extracted.

    Appends edits that replay from the text that came in, doubts for words that were kept for want
    of a sure reading, and sets ``damage`` and ``quality`` of every page.
    """
    works = [
        _Work(
            page.number,
            [line.text for line in page.lines],
            [line.font for line in page.lines] if any(line.font for line in page.lines) else None,
            scanned=page.method != "text",
            heard=[_heard(line) for line in page.lines] if page.method != "text" else (),
        )
        for page in document.pages
    ]
    for work in works:
        work.came = detect(work.lines, work.fonts) if work.lines else ()
    _restore(works, None)
    pages = tuple(
        _page(page, work, _special(work.came) or work.damage)
        for page, work in zip(document.pages, works, strict=True)
    )
    edits = [edit for work in works for edit in work.edits]
    doubts = [doubt for work in works for doubt in work.doubts]
    return replace(
        document,
        pages=pages,
        edits=(*document.edits, *edits),
        doubts=(*document.doubts, *doubts),
    )


def _heard(line: Line) -> Heard:
    """The words that our OCR read, if the line still stands as it read it."""
    if line.text != line.raw:
        return ()
    return [(word.start, word.confidence) for word in line.words if word.confidence is not None]


def _special(damage: tuple[Damage, ...]) -> tuple[Damage, ...]:
    """The damage found before the charsets were repaired, if there was any of that kind."""
    kinds = {stretch.kind for stretch in damage}
    return damage if kinds & {"legacy_charset", "mojibake"} else ()


def _page(page: Page, work: _Work, damage: tuple[Damage, ...]) -> Page:
    lines: list[Line] = [
        line if line.text == text else replace(line, text=text)
        for line, text in zip(page.lines, work.lines, strict=True)
    ]
    return replace(
        page, lines=tuple(lines), damage=damage, quality=round(quality("\n".join(work.lines)), 4)
    )


@overload
def restore_text(
    text: str, *, explain: Literal[False] = False, damage: str | None = None
) -> str: ...


@overload
def restore_text(
    text: str, *, explain: Literal[True], damage: str | None = None
) -> tuple[str, tuple[Edit, ...]]: ...


def restore_text(
    text: str, *, explain: bool = False, damage: str | None = None
) -> str | tuple[str, tuple[Edit, ...]]:
    """Restore plain text; lines and their terminators stay.

    Args:
        text: The text as it was extracted.
        explain: Also return the edits (page 1, lines from 1).
        damage: A kind of :data:`pipeline.document.DamageKind` instead of detection.

    Raises:
        ValueError: ``damage`` names no kind.
    """
    if damage is not None and damage not in get_args(DamageKind):
        raise ValueError(f"no such damage: {damage!r}; one of {', '.join(get_args(DamageKind))}")
    parts = _TERMINATOR.split(text)
    lines = parts[::2]
    edits: list[Edit] = []
    for first in range(0, len(lines), _BLOCK):
        work = _Work(1, lines[first : first + _BLOCK], None, logged=explain)
        _restore([work], damage)
        lines[first : first + _BLOCK] = work.lines
        if explain:
            edits += [replace(edit, line=edit.line + first) for edit in work.edits]
    parts[::2] = lines
    restored = "".join(parts)
    return (restored, tuple(edits)) if explain else restored
