"""What was found by searching, and what changed between runs, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from pipeline.export.messages import load
from pipeline.store.history import Change, Run
from pipeline.store.search import Found, Hit

_AROUND = 110  # characters shown before and after what was found
_WHY = {
    "new": "new in the folder",
    "gone": "no longer in the folder",
    "back": "back in the folder",
    "content": "the file is another one",
    "program": "read by another version of program or models",
    "settings": "read with other settings",
    "rules": "other rules of the audit",
}


def hits(found: Found, *, format: str, colour: bool) -> str:
    """Each passage with unit, place and file; what was looked for stands in brackets or colour."""
    if format == "json":
        return json.dumps(asdict(found), ensure_ascii=False, indent=2) + "\n"
    lines = []
    for hit in found.hits:
        unit = hit.unit or "(unit unknown)"
        place = load("vi").path(hit.path)
        lines.append(f"{unit} · {place} · page {hit.page}, line {hit.line} ({hit.file})")
        lines.append(f"    {_shown(hit, colour)}")
    more = f", the first {len(found.hits)} are shown" if found.total > len(found.hits) else ""
    lines.append(f"{found.total} passages in {found.plans} documents{more}")
    return "\n".join(lines) + "\n"


def _shown(hit: Hit, colour: bool) -> str:
    left, right = ("\x1b[1;33m", "\x1b[0m") if colour else ("[", "]")
    first = max(hit.found[0][0] - _AROUND, 0) if hit.found else 0
    last = min(hit.found[-1][1] + _AROUND, len(hit.text)) if hit.found else 2 * _AROUND
    if hit.found and last - first > 4 * _AROUND:
        last = hit.found[0][1] + 2 * _AROUND
    pieces, at = ["… " if first else ""], first
    for start, end in hit.found:
        if end <= last:
            pieces += [hit.text[at:start], left, hit.text[start:end], right]
            at = end
    pieces += [hit.text[at:last], " …" if last < len(hit.text) else ""]
    return "".join(pieces)


def history(
    runs: Sequence[Run], between: tuple[int, int] | None, changes: Sequence[Change], *, format: str
) -> str:
    """The runs, and what changed ``between`` two of them."""
    if format == "json":
        data = {
            "runs": [asdict(run) for run in runs],
            "between": between,
            "changes": [asdict(change) for change in changes],
        }
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    lines = [_run(run) for run in runs] or ["no run"]
    if between:
        lines.append(f"\nRun {between[0]} to run {between[1]}: {len(changes)} files differ")
        for change in changes:
            lines += _change(change)
    return "\n".join(lines) + "\n"


def _run(run: Run) -> str:
    counts = ", ".join(f"{n} {name}" for name, n in run.counts.items()) if run.counts else "cut off"
    return f"run {run.number}  {run.began}  {counts}  ({run.folder}; {run.version})"


def _change(change: Change) -> list[str]:
    why = "; ".join(_WHY[reason] for reason in change.why) or "reason not known"
    head = f"  {change.unit or '(unit unknown)'} ({change.path}): {why}"
    if set(change.why) & {"new", "gone", "back"}:
        return [head]
    shown = (
        f"      {name}: {_said(was)} -> {_said(now)}" for name, (was, now) in change.changed.items()
    )
    return [head, *shown]


def _said(value: object) -> str:
    return "–" if value is None else str(value).replace("_", " ")
