"""The whole flow of one file, in order. This is the only module that knows the order.

::

    read ─▶ [ extract ─▶ restore ─▶ segment ─▶ entities ─▶ normalize ] ─▶ Document with a record

A stage takes a Document and returns one that knows more; nothing is changed in place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, MutableMapping
from functools import partial
from pathlib import Path

from pipeline.document import Document, Stage
from pipeline.ingest import identify
from pipeline.settings import Settings


def stages(settings: Settings) -> Iterator[tuple[str, Stage]]:
    """The stages with their names, in order; each is imported when its turn comes."""
    from pipeline.extract import extract

    yield "extract", partial(extract, settings=settings)
    from pipeline.restore.stage import restore

    yield "restore", restore
    from pipeline.segment.outline import segment

    yield "segment", segment
    from pipeline.entities.find import find_entities

    yield "entities", partial(find_entities, settings=settings)
    from pipeline.normalize.build import normalize

    yield "normalize", partial(normalize, settings=settings)


def process(
    document: Document,
    settings: Settings,
    *,
    after: str | None = None,
    until: str | None = None,
    seconds: MutableMapping[str, float] | None = None,
) -> Document:
    """Send a document through the stages, up to and including ``until`` when it is given.

    With ``after``, only through those that follow the stage of that name. ``seconds`` receives the
    time that each stage took. Raises a FileError when the file cannot be processed.
    """
    for name, stage in _following(after, stages(settings)):
        started = time.perf_counter()
        document = stage(document)
        if seconds is not None:
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - started
        if name == until:
            break
    return document


def _following(
    after: str | None, steps: Iterator[tuple[str, Stage]]
) -> Iterator[tuple[str, Stage]]:
    """The steps behind that of a name; all without one. Raises ValueError for an unknown one."""
    if after and after not in (name for name, _ in steps):
        raise ValueError(f"no stage is called {after!r}")
    return steps


def process_file(
    path: str | Path, *, root: str | Path | None = None, settings: Settings | None = None
) -> Document:
    """Read one file and give its Document, with its record.

    ``root`` is the folder that ``source.path`` is relative to (default: the file's own folder).
    Raises a FileError (:mod:`pipeline.errors`) when the file cannot be processed.
    """
    settings = settings or Settings()
    source = identify(Path(path), Path(root) if root else None, settings)
    return process(Document(source=source), settings)
