"""Corrected lines as training pairs, in the form that the recipe of the channels reads.

Only lines of which every doubtful word was decided: what nobody looked at is no truth.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.review.sheets import Sheets
from pipeline.store import Store
from pipeline.store.reviews import Reviews, standing


def pair_lines(store: Store) -> Iterator[str]:
    """``read TAB true`` for each such line, an empty line after each page.

    (``models/restoration/channels/make_pairs.py`` writes and reads the same.)
    """
    reviews = Reviews(store)
    done: set[str] = set()
    for number, sha256 in reviews.contents():
        original = reviews.original(number) if sha256 not in done else None
        if original is None:
            continue
        done.add(sha256)
        words = [one for one in standing(reviews.log(sha256)) if one.kind == "word"]
        sheets = Sheets(original.document, words)
        for page in original.document.pages:
            pairs = []
            for at, line in enumerate(page.lines, start=1):
                marked = sheets.words(page.number, at)
                if any(w.decision for w in marked) and not any(w.open for w in marked):
                    true = sheets.text(page.number, at, line.text)
                    pairs.append(f"{_flat(line.raw)}\t{_flat(true)}\n")
            if pairs:
                yield "".join(pairs) + "\n"


def _flat(text: str) -> str:
    return " ".join(text.split())
