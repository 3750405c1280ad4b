"""Lines that belong to the page and not to the text: running heads and footnotes.

Page numbers are told when a page is laid out (:mod:`pipeline.extract.layout`); what is told here
takes the whole document, or the sizes of a page's print.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.document import Line, Page
from pipeline.extract.layout import fold, is_letterhead

_MARGIN = 0.09  # of the page height: where running heads stand
_LEAST_PAGES, _LEAST_SHARE = 3, 0.5  # on so many pages a running head stands
_SMALLER = 0.88  # of the size of the text: footnotes are set no larger
_LOWEST = 0.45  # of the page height: footnotes stand below it
_MARK = re.compile(r"^\s*(?:\(?\d{1,3}[).]?|[*†]+)\s*\S")


def mark_roles(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The same pages, their running heads and footnotes marked as such."""
    heads = _running_heads(pages)
    return tuple(_with_footnotes(_with_heads(page, heads)) for page in pages)


def _key(line: Line) -> str:
    """What the repetitions of a running head have in common: its words without numbers."""
    return re.sub(r"\d+", "", fold(line.text)).strip()


def _in_margin(line: Line, page: Page) -> bool:
    if line.box is None or page.size is None or line.role != "body":
        return False
    height = page.size[1]
    return line.box.bottom < _MARGIN * height or line.box.top > (1 - _MARGIN) * height


def _running_heads(pages: Sequence[Page]) -> frozenset[str]:
    if len(pages) < _LEAST_PAGES:
        return frozenset()
    counts = Counter(
        key
        for page in pages
        for key in {_key(line) for line in page.lines if _in_margin(line, page)}
    )
    least = max(_LEAST_PAGES, _LEAST_SHARE * len(pages))
    return frozenset(
        key for key, count in counts.items() if key and count >= least and not is_letterhead(key)
    )


def _with_heads(page: Page, heads: frozenset[str]) -> Page:
    if not heads:
        return page
    lines = tuple(
        replace(line, role="running_head")
        if _in_margin(line, page) and _key(line) in heads
        else line
        for line in page.lines
    )
    return replace(page, lines=lines)


def _with_footnotes(page: Page) -> Page:
    """Mark the block of small print at the foot of a text page that begins with a note's mark."""
    if page.size is None or page.method != "text":
        return page
    tables = [(table.first_line, table.last_line) for table in page.tables]
    sizes = [_size(line) for line in page.lines if line.role == "body" and line.box]
    if len(sizes) < 5:
        return page
    limit = _SMALLER * statistics.median(sizes)
    first = len(page.lines)
    for number in range(len(page.lines), 0, -1):
        line = page.lines[number - 1]
        if line.role != "body":
            continue
        low = line.box is not None and line.box.top > _LOWEST * page.size[1]
        in_table = any(start <= number <= end for start, end in tables)
        if not low or in_table or _size(line) > limit:
            break
        first = number - 1
    while first < len(page.lines) and not _MARK.match(page.lines[first].text):
        first += 1
    text = " ".join(line.text for line in page.lines[first:])
    if first == len(page.lines) or is_letterhead(text):
        return page
    notes = tuple(
        replace(line, role="footnote") if line.role == "body" else line
        for line in page.lines[first:]
    )
    return replace(page, lines=page.lines[:first] + notes)


def _size(line: Line) -> float:
    """The height of most of a line's words, in points."""
    heights = [word.box.bottom - word.box.top for word in line.words if word.box]
    return statistics.median(heights) if heights else 0.0
