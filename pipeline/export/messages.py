"""Texts that people see on the page, in the workbook and in the report: Vietnamese and English.

They stand in gettext catalogues, ``pipeline/data/messages/<language>.po``, which any editor of
translations opens, and which Babel reads as they are: nothing is compiled. An id is the key that
code uses, in place of a text in one of the languages. Both files hold the same ids (tested).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from babel.messages.pofile import read_po

from pipeline.errors import UsageError

_ZONE = re.compile(r"([a-z_]+)(.*)", re.DOTALL)
Language = Literal["vi", "en"]


class Messages(Mapping[str, str]):
    """The texts of one language by dotted key: ``messages["sheet.summary.title"]``."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = dict(texts)

    def __getitem__(self, key: str) -> str:
        return self._texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def fill(self, key: str, **values: object) -> str:
        """The text of ``key`` with its ``{placeholders}`` filled in."""
        return self._texts[key].format(**values)

    def name(self, group: str, value: str | None) -> str:
        """What readers call ``value`` of ``group``; the value itself where no text is known."""
        if value is None:
            return ""
        return self._texts.get(f"{group}.{value}", value)

    def with_texts(self, texts: Mapping[str, str]) -> Messages:
        """The same catalogue with texts added or replaced."""
        return Messages(self.language, {**self._texts, **texts})

    def path(self, path: str) -> str:
        """A path of the outline as readers see it: "appendix" becomes "Phụ lục"; II.1.c stays.

        >>> load("vi").path("legal_basis.2"), load("vi").path("header(2)"), load("vi").path("II.1")
        ('Căn cứ.2', 'Thể thức đầu trang (2)', 'II.1')
        """
        found = _ZONE.fullmatch(path)
        if found is None or f"section.{found[1]}" not in self._texts:
            return path
        return self._texts[f"section.{found[1]}"] + found[2].replace("(", " (", 1)


@cache
def load(language: str) -> Messages:
    """The catalogue of ``language``. Raises UsageError for a language that has none."""
    file = files("pipeline") / "data" / "messages" / f"{language}.po"
    if not language.isalpha() or not file.is_file():
        raise UsageError(f"no texts in language {language!r}; choose vi or en")
    with file.open("rb") as stream:
        catalogue = read_po(stream, abort_invalid=True)
    # a text may be empty on purpose, so that an empty one is no reason to leave an id out
    return Messages(language, {str(entry.id): str(entry.string) for entry in catalogue if entry.id})
