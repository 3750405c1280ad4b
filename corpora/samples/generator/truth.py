"""The truth of a plan as a record: what its source states, never what the program found.

The shape is that of ``pipeline.normalize.record.PlanRecord``, restricted to what is certain. A key
that is not there is not claimed; a section without ``ids`` may carry any.
"""

from __future__ import annotations

import re
from typing import Any

from generator.source import Paragraph, Plan, Sign, Table, segments

ROLES = (("Căn cứ", "căn_cứ"), ("Theo đề nghị", "theo_đề_nghị"), ("Thực hiện", "thực_hiện"))
NUMBER = re.compile(r"([IVX]+|\d+|[a-zđ])[.)] +")


def record_of(plan: Plan) -> dict[str, Any]:
    """The true record of a plan."""
    facts = dict(plan.facts)
    facts.pop("size", None)
    indices = facts.pop("indices")
    quotes = facts.pop("quotes", {})
    return {
        **facts,
        "legal_basis": _legal_basis(plan),
        "sections": _sections(plan),
        "indices": [
            {"id": name, "status": status, **({"quote": quotes[name]} if name in quotes else {})}
            for name, status in indices.items()
        ],
        "tasks": _tasks(plan),
        "recipients": _recipients(plan),
        "signature": _signature(plan),
    }


def _legal_basis(plan: Plan) -> list[dict[str, Any]]:
    result = []
    for block in plan.blocks:
        if isinstance(block, Paragraph) and block.style == "basis":
            role = next((role for lead, role in ROLES if block.plain.startswith(lead)), "other")
            cited = [code for code in plan.facts["citations"] if _cites(block.plain, code)]
            result.append({"role": role, "text": block.plain, "citations": cited})
    return result


def _cites(text: str, code: str) -> bool:
    return re.search(rf"(?<![\w/-]){re.escape(code)}(?![\w/-])", text) is not None


def _sections(plan: Plan) -> list[dict[str, Any]]:
    """The tree of headings, two levels deep: deeper ones may be read as headings or as items."""
    top: list[dict[str, Any]] = []
    open_at: dict[int, dict[str, Any]] = {}
    for block in plan.blocks:
        if not isinstance(block, Paragraph):
            continue
        if block.style == "appendix":
            break
        if block.style not in ("heading1", "heading2"):
            continue
        level = int(block.style[-1])
        match = NUMBER.match(block.plain)
        node: dict[str, Any] = {
            "number": match[1] if match else None,
            "heading": block.plain[match.end() if match else 0 :].rstrip(":. "),
            "children": [],
        }
        if block.ids is not None:
            node["ids"] = list(block.ids)
        (open_at[level - 1]["children"] if level > 1 else top).append(node)
        open_at[level] = node
    return top


def _tasks(plan: Plan) -> list[dict[str, str | None]]:
    """Rows of the appendix table, merged cells filled in; rows that are group titles left out."""
    tasks = []
    for block in plan.blocks:
        if not isinstance(block, Table):
            continue
        columns = plan.facts.get("columns", block.columns)
        above: dict[str, str] = {}
        for row in block.rows[block.headers :]:
            if "<" in row:
                continue
            cells = {}
            for column, cell in zip(columns, row, strict=True):
                plain = "".join(text for text, _ in segments(cell.replace(" // ", " ")))
                cells[column] = above.get(column) if cell == "^" else plain or None
            above = {column: cell for column, cell in cells.items() if cell}
            tasks.append(cells)
    return tasks


def _recipients(plan: Plan) -> list[str]:
    signs = [block for block in plan.blocks if isinstance(block, Sign)]
    return [line.lstrip("- ").rstrip(";.") for sign in signs for line in sign.recipients]


def _signature(plan: Plan) -> dict[str, Any] | None:
    signs = [block for block in plan.blocks if isinstance(block, Sign) and block.signature]
    if not signs:
        return None
    *lines, name = signs[0].signature
    authority = [line for line in lines if re.match(r"(TM|KT|TL|TUQ|Q)\. ?", line)]
    others = [line for line in lines if line not in authority]
    return {"authority": authority, "position": others[-1] if others else None, "name": name}
