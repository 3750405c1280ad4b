"""How many official citations are read right, what fails, and how fast.

    python tests/bench/citations.py [--list N]

Needs the reference documents (KEHOACH_SHARED, or ../shared): every citation of
text/citations.jsonl.xz with a "số N/…" form. Right is one whose code, type, and (where the citation
ends in "ngày … của …") date and issuer are all as written. Speed is that of the whole reading, in
citations a second of processor time.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from pipeline.entities.citations import FoundCitation, find_citations
from pipeline.segment.tables import table

SHARED = Path(
    os.environ.get(
        "KEHOACH_SHARED", Path(__file__).resolve().parent.parent.parent.parent / "shared"
    )
)
_CODE = re.compile(r"số\s+(\d[^\s,)]*/[^\s,)]+)")
_TAIL = re.compile(r".*ngày (\d{1,2})/(\d{1,2})/(\d{4}) của (.+?)(?:, có hiệu lực|\)?$)", re.S)
_TYPES = sorted((str(entry["name"]) for entry in table("document_types")["type"]), key=len)


def texts() -> Iterator[str]:
    """The citations, in order."""
    with lzma.open(SHARED / "text" / "citations.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["citation"]


def faults(text: str, code: re.Match[str], found: list[FoundCitation]) -> list[str]:
    """Which parts of a citation are read wrong."""
    if not found:
        return ["nothing found"]
    first = found[0]
    wanted = code[1].strip(". ").replace("Ð", "Đ").rstrip("-").upper()[:40]
    wrong = [] if first.code and first.code.upper().startswith(wanted) else ["code"]
    before = text[: code.start()].rstrip().lower()
    kind = next((name for name in reversed(_TYPES) if before.endswith(name.lower())), None)
    if kind and first.type != kind:
        wrong.append("type")
    if tail := _TAIL.match(text):
        day, month, year, issuer = tail.groups()
        if first.date != f"{year}-{int(month):02}-{int(day):02}":
            wrong.append("date")
        if (first.issuer or "").strip(" .") != issuer.strip(" ."):
            wrong.append("issuer")
    return wrong


def main() -> None:
    """Print the share, the table of failures, and the speed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", type=int, default=2, help="examples of each failure")
    options = parser.parse_args()
    cited = [(text, code) for text in texts() if (code := _CODE.search(text))]
    started = time.process_time()
    read = [find_citations(text) for text, _ in cited]
    seconds = time.process_time() - started
    count: Counter[str] = Counter()
    examples: defaultdict[str, list[str]] = defaultdict(list)
    for (text, code), found in zip(cited, read, strict=True):
        if wrong := " and ".join(faults(text, code, found)):
            count[wrong] += 1
            first = found[0] if found else None
            examples[wrong].append(f"{text[:150]}\n        read as {first and first.code}, "
                                   f"{first and first.type}, {first and first.date}, "
                                   f"{first and first.issuer}")  # fmt: skip
    right = len(cited) - sum(count.values())
    print(f"{right:,} of {len(cited):,} right, {right / len(cited):.2%}")
    print(f"{len(cited) / seconds:,.0f} citations a second of processor time")
    for wrong, number in count.most_common():
        print(f"  {number:5}  {wrong}")
        for example in examples[wrong][: options.list]:
            print(f"      {example}")


if __name__ == "__main__":
    main()
