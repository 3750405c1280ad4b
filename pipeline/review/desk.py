"""What a person does with one plan: look at it, decide, take back, sign."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

from pipeline import output
from pipeline.audit.passages import walk
from pipeline.errors import ConflictError, UsageError
from pipeline.normalize.record import Coverage, PlanRecord, SectionId
from pipeline.review.apply import digest
from pipeline.review.fields import value_of, with_field
from pipeline.review.refresh import refresh
from pipeline.review.sheets import Sheets, Word
from pipeline.review.words import Placed, parse_target, target_of
from pipeline.store import Store
from pipeline.store.reviews import Decided, Original, Reviews, Wish, standing

MOST = 4_000  # characters of a correction
_TOKEN = re.compile(r"\S+")
SIGNED = "plan"  # what is signed: the target of the decision


def seal(words: Iterable[tuple[str, Word]]) -> str:
    """A digest of words to decide on: what somebody saw when they accepted them together."""
    said = "\n".join(f"{word.target} {word.shown}" for _, word in words)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class GoneError(UsageError):
    """There is no such plan (any more), or an older version read it."""


@dataclass
class Plan:
    """A plan on the desk: what the machine made of it, the log, the record as reviewed."""

    original: Original
    log: list[Decided]
    record: PlanRecord

    @cached_property
    def standing(self) -> list[Decided]:
        """The decisions that stand."""
        return standing(self.log)

    @cached_property
    def sheets(self) -> Sheets:
        """Its lines."""
        words = [one for one in self.standing if one.kind == "word"]
        return Sheets(self.original.document, words)

    def decision(self, kind: str, target: str) -> Decided | None:
        """The decision that stands on a target."""
        return self._decided.get((kind, target))

    @cached_property
    def _decided(self) -> dict[tuple[str, str], Decided]:
        return {(d.kind, d.target): d for d in self.standing}

    def revision(self, kind: str, target: str) -> int:
        """The newest revision of a target: what whoever looks at the plan now has seen."""
        return self._revisions.get((kind, target), 0)

    @cached_property
    def _revisions(self) -> dict[tuple[str, str], int]:
        return {(d.kind, d.target): d.revision for d in self.log}

    @property
    def last(self) -> Decided | None:
        """The decision that "undo" takes back."""
        return self.standing[-1] if self.standing else None


class Desk:
    """The plans of a store, and where their record files are (None: a database without files)."""

    def __init__(self, store: Store, out: Path | None) -> None:
        self.store = store
        self.reviews = Reviews(store)
        self.out = out

    def plan(self, number: int) -> Plan:
        """A plan with all that was decided on it. Raises GoneError."""
        original = self.reviews.original(number)
        if original is None:
            raise GoneError(f"there is no plan {number}, or an older version read it")
        self._settle(original.sha256)
        text = self.store.record_text(number)
        if text is None:
            raise GoneError(f"plan {number} is no longer in the folder")
        record = PlanRecord.model_validate_json(text)
        return Plan(original, self.reviews.log(original.sha256), record)

    def decide(self, plan: Plan, wish: Wish, by: str) -> None:
        """Keep one decision, and bring the record up to it.

        Raises UsageError when it makes no sense, ConflictError when somebody was faster.
        """
        self.reviews.decide(plan.original.sha256, [self._checked(plan, wish)], by)
        self._settle(plan.original.sha256)

    def accept(self, plan: Plan, sheet: int, seen: str, by: str) -> int:
        """Keep that every uncertain word of a sheet (0: of the plan) is right as it is shown.

        Gives how many. Raises ConflictError when they are no longer the ones that were seen.
        """
        found = plan.sheets.all[sheet - 1] if 0 < sheet <= len(plan.sheets.all) else None
        open_words = plan.sheets.open_words(found)
        if seal(open_words) != seen:
            raise ConflictError
        wishes = [
            Wish("word", word.target, word.machine, word.shown, line,
                 plan.revision("word", word.target))
            for line, word in open_words
        ]  # fmt: skip
        if wishes:
            self.reviews.decide(plan.original.sha256, wishes, by)
            self._settle(plan.original.sha256)
        return len(wishes)

    def edit_line(self, plan: Plan, page: int, line: int, seen: str, wanted: str, by: str) -> None:
        """Keep what a person made of a whole line, as decisions on its words.

        Raises ConflictError when the line is no longer what they saw.
        """
        machine = _machine_line(plan, page, line)
        if plan.sheets.text(page, line, machine) != seen:
            raise ConflictError
        if len(wanted) > MOST:
            raise UsageError("a line is too long")
        before = [one for one in plan.sheets.placed if (one.page, one.line) == (page, line)]
        wishes = list(_word_wishes(machine, wanted, page, line))
        kept = {(w.target, w.old, w.new) for w in wishes}
        taken = [one for one in before if _as_now(one) not in kept]
        known = {_as_now(one) for one in before}
        fresh = [w for w in wishes if (w.target, w.old, w.new) not in known]
        if taken or fresh:
            decisions = [one.decision for one in taken]
            self.reviews.replace(plan.original.sha256, decisions, fresh, by)
            self._settle(plan.original.sha256)

    def undo(self, plan: Plan, number: int, by: str) -> None:
        """Take a decision back, and what was decided with it. Raises UsageError, ConflictError."""
        self.reviews.undo(plan.original.sha256, number, by)
        self._settle(plan.original.sha256)

    def _settle(self, sha256: str) -> None:
        for name, text in refresh(self.store, sha256):
            if self.out is not None:
                output.write(output.record_path(self.out, name), text)

    def _checked(self, plan: Plan, wish: Wish) -> Wish:
        """The wish with what the machine had, as the store knows it."""
        if len(wish.new) > MOST:
            raise UsageError("a correction is too long")
        match wish.kind:
            case "word":
                return _checked_word(plan, wish)
            case "field":
                with_field(plan.record, wish.target, wish.new)  # raises UsageError
                old = value_of(plan.original.record, wish.target)
                return Wish("field", wish.target, old, wish.new.strip(), "", wish.seen)
            case "section":
                return _checked_section(plan, wish)
            case "index":
                found = next((f for f in plan.record.indices if f.id == wish.target), None)
                if found is None or wish.new not in get_args(Coverage):
                    raise UsageError("there is no such index or status")
                old = next(
                    (f.status for f in plan.original.record.indices if f.id == wish.target), ""
                )
                return Wish("index", wish.target, old, wish.new, "", wish.seen)
            case "sign":
                name = " ".join(wish.new.split())
                if not name:
                    raise UsageError("a signature needs a name")
                return Wish("sign", SIGNED, "", name, digest(plan.record), wish.seen)
            case _:
                raise UsageError(f"there is nothing called {wish.kind!r} to decide on")


def _checked_word(plan: Plan, wish: Wish) -> Wish:
    """A word as the page shows it, or a stretch of a line that the machine has so."""
    at = parse_target(wish.target)
    if at is None:
        raise UsageError("there is no such word")
    page, line, start = at
    new = wish.new if wish.new == wish.old else " ".join(wish.new.split())  # a blank may be right
    decided = plan.decision("word", wish.target)
    if decided is not None:
        return Wish("word", wish.target, decided.old, new, decided.context, wish.seen)
    machine = _machine_line(plan, page, line)
    if machine[start : start + len(wish.old)] != wish.old or not wish.old:
        raise ConflictError
    return Wish("word", wish.target, wish.old, new, machine, wish.seen)


def _checked_section(plan: Plan, wish: Wish) -> Wish:
    known = get_args(SectionId)
    ids = list(dict.fromkeys(name for name in wish.new.split() if name in known))
    section = next((s for s in walk(plan.record.sections) if s.path == wish.target), None)
    if section is None or not ids:
        raise UsageError("there is no such section, or it was given no kind")
    machine = next((s for s in walk(plan.original.record.sections) if s.path == wish.target), None)
    old = " ".join((machine or section).ids)
    return Wish("section", wish.target, old, " ".join(ids), section.heading, wish.seen)


def _machine_line(plan: Plan, page: int, line: int) -> str:
    found = next((p for p in plan.original.document.pages if p.number == page), None)
    if found is None or not 1 <= line <= len(found.lines):
        raise UsageError("there is no such line")
    return found.lines[line - 1].text


def _as_now(one: Placed) -> tuple[str, str, str]:
    """A placed decision as a wish on the machine's text of today would be."""
    target = target_of(one.page, one.line, one.start)
    return target, one.decision.old, one.decision.new


def _word_wishes(machine: str, wanted: str, page: int, line: int) -> list[Wish]:
    """The words in which ``wanted`` differs from the machine's line.

    >>> [(w.target, w.old, w.new) for w in _word_wishes("cơ quan nha nước", "cơ quan nhà nước", 1, 2)]
    [('1:2:8', 'nha', 'nhà')]
    """  # noqa: E501
    old = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(machine)]
    new = wanted.split()
    found = []
    for first, last, new_first, new_last in _hunks([token for token, *_ in old], new):
        start, end = (old[first][1], old[last - 1][2]) if last > first else (0, 0)
        text = " ".join(new[new_first:new_last])
        found.append(Wish("word", target_of(page, line, start), machine[start:end], text, machine))
    return found


def _hunks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Stretches in which two lists of words differ; what was put in takes a word beside it along.

    Words that were replaced one for one are stretches of their own.
    """
    found: list[tuple[int, int, int, int]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag == "equal":
            continue
        if tag == "replace" and last - first == new_last - new_first:
            shift = new_first - first
            found += [(n, n + 1, n + shift, n + shift + 1) for n in range(first, last)]
        elif tag == "insert" and first > 0:
            if found and found[-1][1] == first:  # that word carries something already
                before = found.pop()
                found.append((before[0], first, before[2], new_last))
            else:
                found.append((first - 1, first, new_first - 1, new_last))
        elif tag == "insert" and old:
            found.append((0, 1, new_first, new_last + 1))
        else:
            found.append((first, last, new_first, new_last))
    return found
