"""What a run did, and those who watch it."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field
from typing import Protocol

from pipeline.artefacts import models_fingerprint
from pipeline.version import program_version


@dataclass
class RunReport:
    """What a run did: the contract of ``run.json``.

    ``found`` counts what the folder holds, refused entries (a link that leads outside, say) with
    it: ``found = done + skipped + failed`` unless the run was interrupted. ``pages`` and ``words``
    count what this run processed; ``seconds`` is how long it took.
    """

    found: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    seconds: float = 0.0
    pages: int = 0
    words: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The text of ``run.json``."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


class Progress(Protocol):
    """Somebody who watches a run."""

    def begin(self, total: int) -> None:
        """There are ``total`` files."""

    def step(self, path: str, what: str, message: str) -> None:
        """One of them is ``done``, ``skipped`` or ``failed``; ``message`` says why it failed."""

    def say(self, message: str) -> None:
        """Something to know about the run as a whole."""

    def end(self) -> None:
        """No more files."""


class Silent:
    """Nobody watches."""

    def begin(self, total: int) -> None:
        """See :class:`Progress`."""

    def step(self, path: str, what: str, message: str) -> None:
        """See :class:`Progress`."""

    def say(self, message: str) -> None:
        """See :class:`Progress`."""

    def end(self) -> None:
        """See :class:`Progress`."""


def versions() -> dict[str, str]:
    """Of the program and of what the results depend on; without what is not installed."""
    from pipeline.doctor import tesseract_version
    from pipeline.normalize.record import SCHEMA_VERSION

    found = {
        "kehoach": program_version(),
        "models": models_fingerprint(),
        "schema": SCHEMA_VERSION,
        "python": platform.python_version(),
        "tesseract": tesseract_version(),
    }
    return {name: version for name, version in found.items() if version}
