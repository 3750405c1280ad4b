"""What two plans of one unit, of different years, have in common and in what they differ.

Names of the unit, numbers and marks do not make a difference between two sentences; that a number
in a sentence of both plans is another one ("90 %", "trước ngày 15/3") is told by itself. A year
that moved on with the plan ("năm 2024" in the plan of 2024, "năm 2025" in the next) is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Literal, get_args

from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from pipeline.audit.checklist import lag_days
from pipeline.audit.copies import Text, alone, masked_sentence, share_of
from pipeline.audit.matrix import Mark, Row, parent_plan
from pipeline.audit.passages import FRAME, squeezed, walk
from pipeline.normalize.record import PlanRecord, SectionId
from pipeline.segment.fold import fold

Kind = Literal[
    "text", "index", "section", "target", "deadline", "task", "duty", "lead", "funding",
    "reporting", "channel", "area", "parent_plan", "lag", "citation", "figure",
]  # fmt: skip
"""In the order in which they are told."""
_ORDER = {kind: at for at, kind in enumerate(get_args(Kind))}

_DEPTH = 2  # levels of headings that are compared
_MOST = 200  # tasks, duties and sections of one plan that are looked at
_SHOWN = 20  # differences of one kind between two plans; the last one counts what is left out
_SENTENCES = 8
_ALIKE = 0.8  # headings, tasks and duties this much alike are the same one, put differently
_SAME = 0.9  # sentences
_CODE = re.compile(r"\d[\d/]*(?:/[^\W\d_]|-[^\W\d_]+/)")
_NUMBER = re.compile(r"\d+(?:[.,/-]\d+)*\s?%?|\b[IVX]{1,5}\b")  # "quý III" too
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_TARGET = re.compile(r"%|\b(?:phan dau|ty le|it nhat|toi thieu|chi tieu|muc tieu|tro len)\b")
_DEADLINE = re.compile(r"\d/\d|\b(?:ngay|thang|quy|truoc|cham nhat|thoi han)\b")


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the appendix, each value "" where it is not given."""

    task: str
    lead: str
    partners: str
    schedule: str
    product: str

    def how(self) -> str:
        """Who does it, when, and what comes out."""
        return "; ".join(filter(None, (self.lead, self.partners, self.schedule, self.product)))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of one plan beside its text.

    ``sections`` are (ids, heading), ``duties`` are (whose, what), ``parent`` is (code, ISO date).
    """

    path: str
    unit: str | None
    district: str | None
    province: str | None
    year: int | None
    names: tuple[str, ...]
    marks: tuple[tuple[str, Mark], ...]
    sections: tuple[tuple[frozenset[SectionId], str], ...]
    tasks: tuple[Task, ...]
    duties: tuple[tuple[str, tuple[str, ...]], ...]
    leads: frozenset[str]
    funding: str
    reporting: tuple[tuple[str, ...], str]
    channels: frozenset[str]
    areas: frozenset[str]
    parent: tuple[str | None, str | None] | None
    lag: int | None
    citations: tuple[str, ...]

    @staticmethod
    def of(record: PlanRecord, row: Row, names: tuple[str, ...]) -> Facts:
        """The facts of ``record``, whose row in the matrix is ``row``."""
        unit, above, reporting = record.unit, parent_plan(record), record.reporting
        named = (s for s in walk(record.sections) if s.heading and s.path.count(".") < _DEPTH)
        headed = [(frozenset(s.ids), squeezed(s.heading)) for s in named if set(s.ids) - FRAME]
        tasks = [
            Task(*(squeezed(v or "") for v in (t.task, t.lead, t.partners, t.schedule, t.product)))
            for t in record.tasks[:_MOST]
        ]
        return Facts(
            record.source.path,
            unit.name,
            next((parent for parent in unit.parents if parent != unit.province), None),
            unit.province,
            record.year,
            names,
            tuple((cell.index, cell.mark) for cell in row.cells),
            tuple(headed[:_MOST]),
            tuple(tasks),
            tuple(
                (squeezed(a.unit), tuple(map(squeezed, a.duties)))
                for a in record.assignments[:_MOST]
            ),
            frozenset(squeezed(a.unit) for a in record.assignments if a.lead),
            squeezed(record.funding.text) if record.funding else "",
            (tuple(reporting.frequency), squeezed(reporting.to or "")) if reporting else ((), ""),
            frozenset(channel.id for channel in record.channels),
            frozenset(area.id for area in record.areas if area.status == "covered"),
            (above.code, above.date) if above else None,
            lag_days(record),
            tuple(sorted({c.code for c in record.citations if c.code})),
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same; ``before`` is None where it is new, ``after`` where it went.

    ``subject`` says what of the kind it is: the id of an index, whose duty, which task. ``more``
    counts differences of the kind that are not listed.
    """

    kind: Kind
    subject: str = ""
    before: str | None = None
    after: str | None = None
    more: int = 0


@dataclass(frozen=True, slots=True)
class Years:
    """A plan (``path``, of ``later``) beside one of its unit of an earlier ``year`` (``other``).

    ``share`` (0 to 1) of the later text stands in the earlier one too; ``new`` and ``gone`` count
    the sentences that only one of them has. ``scores`` are the numbers of indices covered.
    """

    unit: str
    path: str
    later: int
    other: str
    year: int
    share: float
    new: int
    gone: int
    scores: tuple[int, int]
    differences: tuple[Difference, ...]


def years_of(before: Facts, after: Facts, old: Text, new: Text) -> Years:
    """Compare two plans of one unit, the earlier one first; both have a year and a unit."""
    gone, added = alone(old, new), alone(new, old)
    text = Difference("text", before=_said(gone), after=_said(added))
    found: list[Difference] = [text] if gone or added else []
    for part in (_indices, _sections, _figures_of(old, new), _tasks, _duties, _facts):
        found += _bounded(part(before, after))
    found.sort(key=lambda one: _ORDER[one.kind])  # stable: the order of the document within a kind
    return Years(
        after.unit or "", after.path, after.year or 0, before.path, before.year or 0,
        round(share_of(new, old), 4), len(added), len(gone), (_score(before), _score(after)),
        tuple(found),
    )  # fmt: skip


def _said(lines: Sequence[str]) -> str | None:
    return "\n".join(lines[:_SENTENCES]) or None


def _score(facts: Facts) -> int:
    return sum(mark == "covered" for _, mark in facts.marks)


def _bounded(found: Iterable[Difference]) -> Iterator[Difference]:
    """At most so many of each kind, and how many more there are."""
    counts: dict[Kind, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if counts[one.kind] <= _SHOWN:
            yield one
    for kind, count in counts.items():
        if count > _SHOWN:
            yield Difference(kind, more=count - _SHOWN)


def _indices(before: Facts, after: Facts) -> Iterator[Difference]:
    was = dict(before.marks)
    for index, mark in after.marks:
        if index in was and was[index] != mark:
            yield Difference("index", index, was[index], mark)


def _sections(before: Facts, after: Facts) -> Iterator[Difference]:
    old = [(ids, masked_sentence(heading, before.names)) for ids, heading in before.sections]
    new = [(ids, masked_sentence(heading, after.names)) for ids, heading in after.sections]
    pairs = _matched([heading for _, heading in old], [heading for _, heading in new])
    there, taken = set(pairs), set(pairs.values())
    for at, (ids, _) in enumerate(old):  # another heading for a section of the same kind
        known = ids - {"other"}
        same = (n for n, (other, _) in enumerate(new) if n not in taken and known & other)
        if at not in there and (found := next(same, None)) is not None:
            there.add(at)
            taken.add(found)
    for at, (_, heading) in enumerate(before.sections):
        if at not in there:
            yield Difference("section", before=heading)
    for at, (_, heading) in enumerate(after.sections):
        if at not in taken:
            yield Difference("section", after=heading)


def _figures_of(old: Text, new: Text) -> Callable[[Facts, Facts], Iterator[Difference]]:
    """Sentences of both plans with other numbers in them."""

    def figures(before: Facts, after: Facts) -> Iterator[Difference]:
        first = [n for n, said in enumerate(old.sentences) if _counts(said, before)]
        second = [n for n, said in enumerate(new.sentences) if _counts(said, after)]
        pairs = _matched([old.masked[n] for n in first], [new.masked[n] for n in second], _SAME)
        for one, other in pairs.items():
            was, now = old.sentences[first[one]], new.sentences[second[other]]
            if _other_numbers(was, now, before.year or 0, after.year or 0):
                yield Difference(_figure(now), "", was, now)

    return figures


def _counts(sentence: str, facts: Facts) -> bool:
    """Whether its numbers are figures of the plan; those of documents and funds stand apart."""
    if not _NUMBER.search(sentence) or _CODE.search(sentence):
        return False
    return not facts.funding or squeezed(sentence) not in facts.funding


def _figure(sentence: str) -> Kind:
    folded = fold(sentence)
    if _TARGET.search(folded):
        return "target"
    return "deadline" if _DEADLINE.search(folded) else "figure"


def _other_numbers(was: str, now: str, year: int, later: int) -> bool:
    """Whether a number is another one, and not only a year that moved on with the plan."""
    old, new = _NUMBER.findall(was), _NUMBER.findall(now)
    if len(old) != len(new):
        return True
    return any(
        _plain(o) != _plain(n) and _moved(o, year) != _moved(n, later)
        for o, n in zip(old, new, strict=True)
    )


def _plain(number: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)|\s", "", number).rstrip(".,")


def _moved(number: str, year: int) -> str:
    return _YEAR.sub(lambda found: f"{int(found[0]) - year:+}", _plain(number))


def _tasks(before: Facts, after: Facts) -> Iterator[Difference]:
    old = [masked_sentence(task.task, before.names) for task in before.tasks]
    new = [masked_sentence(task.task, after.names) for task in after.tasks]
    pairs = _matched(old, new)
    for at, task in enumerate(before.tasks):
        if at not in pairs:
            yield Difference("task", task.task, before=task.how())
        else:
            now = after.tasks[pairs[at]]
            if _differ(task.how(), now.how(), before, after):
                yield Difference("task", now.task, task.how(), now.how())
    taken = set(pairs.values())
    for at, task in enumerate(after.tasks):
        if at not in taken:
            yield Difference("task", task.task, after=task.how())


def _duties(before: Facts, after: Facts) -> Iterator[Difference]:
    old, new = _given(before), _given(after)
    pairs = _matched(list(old), list(new), 0.85)
    before_of, after_of = list(old.values()), list(new.values())
    for at, (who, duties) in enumerate(before_of):
        if at not in pairs:
            yield Difference("duty", who, before="\n".join(duties))
            continue
        whose, others = after_of[pairs[at]]
        same = _matched(
            [masked_sentence(duty, before.names) for duty in duties],
            [masked_sentence(duty, after.names) for duty in others],
        )
        kept = set(same.values())
        gone = "\n".join(duty for n, duty in enumerate(duties) if n not in same)
        added = "\n".join(duty for n, duty in enumerate(others) if n not in kept)
        if gone or added:
            yield Difference("duty", whose, gone or None, added or None)
    taken = set(pairs.values())
    for at, (who, duties) in enumerate(after_of):
        if at not in taken:
            yield Difference("duty", who, after="\n".join(duties))


def _given(facts: Facts) -> dict[str, tuple[str, list[str]]]:
    """By the masked name of who has duties: the name as written, and all that they have."""
    found: dict[str, tuple[str, list[str]]] = {}
    for who, duties in facts.duties:
        found.setdefault(masked_sentence(who, facts.names), (who, []))[1].extend(duties)
    return found


def _facts(before: Facts, after: Facts) -> Iterator[Difference]:
    leads = [_sorted_out(facts.leads, facts.names) for facts in (before, after)]
    gone = [leads[0][who] for who in leads[0] if who not in leads[1]]
    came = [leads[1][who] for who in leads[1] if who not in leads[0]]
    if gone or came:
        yield Difference("lead", "", "; ".join(gone) or None, "; ".join(came) or None)
    if _differ(before.funding, after.funding, before, after):
        yield Difference("funding", "", before.funding or None, after.funding or None)
    if before.reporting[0] != after.reporting[0] or _differ(
        before.reporting[1], after.reporting[1], before, after
    ):
        was, now = (", ".join((*r[0], *filter(None, (r[1],)))) for r in
                    (before.reporting, after.reporting))  # fmt: skip
        yield Difference("reporting", "", was or None, now or None)
    yield from _came_and_went("channel", before.channels, after.channels)
    yield from _came_and_went("area", before.areas, after.areas)
    if before.parent != after.parent:
        yield Difference("parent_plan", "", _above(before.parent), _above(after.parent))
    if before.lag != after.lag:
        was_days, now_days = (None if n is None else str(n) for n in (before.lag, after.lag))
        yield Difference("lag", "", was_days, now_days)
    own = {code for facts in (before, after) if facts.parent for code in facts.parent[:1]}
    codes = (set(facts.citations) - own for facts in (before, after))
    yield from _came_and_went("citation", *codes)


def _came_and_went(kind: Kind, old: Set[str], new: Set[str]) -> Iterator[Difference]:
    yield from (Difference(kind, name, before=name) for name in sorted(old - new))
    yield from (Difference(kind, name, after=name) for name in sorted(new - old))


def _above(parent: tuple[str | None, str | None] | None) -> str | None:
    if parent is None:
        return None
    return " ".join(value for value in (parent[0] or "?", parent[1]) if value)


def _sorted_out(values: Iterable[str], names: tuple[str, ...]) -> dict[str, str]:
    return {masked_sentence(value, names): value for value in sorted(values)}


def _differ(was: str, now: str, before: Facts, after: Facts) -> bool:
    """Whether two texts say something else, or give another number."""
    if not was or not now:
        return bool(was) != bool(now)
    old, new = masked_sentence(was, before.names), masked_sentence(now, after.names)
    if Indel.normalized_similarity(old, new) < _SAME:
        return True
    return _other_numbers(was, now, before.year or 0, after.year or 0)


def _matched(old: Sequence[str], new: Sequence[str], least: float = _ALIKE) -> dict[int, int]:
    """Which of ``new`` each of ``old`` became: the same words first, then the most alike."""
    free: dict[str, list[int]] = {}
    for at in reversed(range(len(new))):
        free.setdefault(new[at], []).append(at)
    pairs = {at: free[said].pop() for at, said in enumerate(old) if free.get(said)}
    left = [at for at in range(len(old)) if at not in pairs]
    open_ = sorted(at for found in free.values() for at in found)
    if not left or not open_:
        return pairs
    scores = cdist(
        [old[at] for at in left], [new[at] for at in open_],
        scorer=Indel.normalized_similarity, score_cutoff=least,
    )  # fmt: skip
    ranked = sorted(zip(*scores.nonzero(), strict=True), key=lambda rc: (-scores[rc], *rc))
    taken: set[int] = set()
    for one, other in ranked:
        if left[one] not in pairs and open_[other] not in taken:
            pairs[left[one]] = open_[other]
            taken.add(open_[other])
    return dict(sorted(pairs.items()))
