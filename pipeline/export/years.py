"""What changed from one year's plan of a unit to the next, in words for the workbook and report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.audit.yearly import Difference, Years
from pipeline.export.messages import Messages

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One difference. ``before`` and ``after`` are marks where ``compared`` is an index."""

    kind: str
    compared: str
    change: str
    subject: str
    before: str | None
    after: str | None


def lines(pair: Years, texts: Messages) -> Iterator[Line]:
    """First how much text the two plans share, then every difference."""
    same = texts.fill(
        "years.share", percent=round(pair.share * 100), new=pair.new, gone=pair.gone,
        year=pair.year,
    )  # fmt: skip
    sentences = next((d for d in pair.differences if d.kind == "text"), Difference("text"))
    yield _line(sentences, same, texts)
    for one in pair.differences:
        if one.more:
            yield Line(
                one.kind, texts[f"years.kind.{one.kind}"], "",
                texts.fill("years.more", count=one.more), None, None,
            )  # fmt: skip
        elif one.kind != "text":
            yield _line(one, _subject(one, texts), texts)


def _line(one: Difference, subject: str, texts: Messages) -> Line:
    state = "changed"
    if (one.before is None) != (one.after is None):
        state = "added" if one.before is None else "dropped"
    if one.kind == "text":
        state = "changed" if one.before or one.after else "same"
    before, after = one.before, one.after
    if one.kind in ("channel", "area", "citation"):  # the subject says it all
        before, after = (None if value is None else subject for value in (before, after))
    if one.kind == "parent_plan":
        before, after = (value and _ISO.sub(r"\3/\2/\1", value) for value in (before, after))
    return Line(
        one.kind, texts[f"years.kind.{one.kind}"], texts[f"years.change.{state}"], subject,
        before, after,
    )  # fmt: skip


def _subject(one: Difference, texts: Messages) -> str:
    if one.kind in ("channel", "area"):
        return texts.name(one.kind, one.subject)
    return one.subject
