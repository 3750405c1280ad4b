"""Bringing the records of a store up to what was decided on them."""

from __future__ import annotations

from pipeline.store import Store, record_text, rows_of
from pipeline.store.reviews import Reviews


def refresh(store: Store, sha256: str | None = None) -> list[tuple[str, str]]:
    """Make every record (of a content) that lags behind the decisions on it anew.

    Gives name and text of each record that was written. It may be called at any time, by several
    processes: a record only ever takes more decisions in.
    """
    reviews = Reviews(store)
    written = []
    for number in reviews.stale(sha256):
        made = _made_anew(reviews, number)
        if made is not None:
            written.append(made)
    return written


def _made_anew(reviews: Reviews, number: int) -> tuple[str, str] | None:
    from pipeline.review.apply import reviewed  # the stages take long to import, and are rare here

    original = reviews.original(number)
    if original is None:
        return None
    log = reviews.log(original.sha256)
    record, edits = reviewed(original, log)
    text = record_text(record)
    done = reviews.rewrite(original, rows_of(record, text, edits), len(log))
    return (original.name, text) if done else None
