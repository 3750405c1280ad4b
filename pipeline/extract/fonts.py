"""Which letters the fonts of a PDF give their glyphs, by the fonts' ToUnicode maps.

Where a map lacks a glyph, PDFium falls back on the font's base encoding and gives some Latin letter
("chèc" for "chức"). A letter that the map of its font nowhere gives is therefore no letter but a
lost glyph.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from pdfminer.cmapdb import CMapParser, FileUnicodeMap
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFObjRef, dict_value, resolve1, stream_value
from pdfminer.psparser import literal_name

_DEEP = 3  # forms inside forms
_MOST_PAGES = 500
Letters = Mapping[str, frozenset[str]]


def mapped_letters(path: Path) -> Letters:
    """For each font with a ToUnicode map, by its plain name, the letters that the map gives.

    PDFium does not tell the subsets of a font apart, so theirs are taken together.
    Empty where the file is too broken for pdfminer, or locked: then nothing is known.
    """
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it warns of what we can live with
    found: dict[str, set[str]] = {}
    unknown: set[str] = set()
    try:
        with path.open("rb") as stream:
            document = PDFDocument(PDFParser(stream), fallback=False)
            for font in _fonts(document):
                name = plain_name(literal_name(font.get("BaseFont", "")))
                letters = _letters(font)
                if letters is None:
                    unknown.add(name)
                else:
                    found.setdefault(name, set()).update(letters)
    except Exception:
        return {}
    return {name: frozenset(found[name]) for name in found if name not in unknown}


def plain_name(font: str) -> str:
    """A font's name without the tag of its subset ("ABCDEF+")."""
    head, plus, tail = font.partition("+")
    return tail if plus and len(head) == 6 and head.isupper() else font


def _fonts(document: PDFDocument) -> Iterator[dict[str, Any]]:
    """Each font of the document once."""
    seen: set[int] = set()
    for number, page in enumerate(PDFPage.create_pages(document)):
        if number >= _MOST_PAGES:
            return
        yield from _of_resources(page.resources, seen, 0)
        for note in resolve1(page.annots) or ():
            looks = dict_value(dict_value(note).get("AP", {})).get("N")
            if isinstance(looks, PDFObjRef):
                yield from _of_form(looks, seen, 0)


def _of_resources(resources: Any, seen: set[int], depth: int) -> Iterator[dict[str, Any]]:
    known = dict_value(resources) if resources else {}
    for reference in dict_value(known.get("Font", {})).values():
        if isinstance(reference, PDFObjRef):
            if reference.objid in seen:
                continue
            seen.add(reference.objid)
        yield dict_value(reference)
    if depth < _DEEP:
        for form in dict_value(known.get("XObject", {})).values():
            if isinstance(form, PDFObjRef):
                yield from _of_form(form, seen, depth + 1)


def _of_form(form: PDFObjRef, seen: set[int], depth: int) -> Iterator[dict[str, Any]]:
    if form.objid in seen:
        return
    seen.add(form.objid)
    target = resolve1(form)
    resources = getattr(target, "attrs", {}).get("Resources")
    if resources:
        yield from _of_resources(resources, seen, depth)


def _letters(font: Mapping[str, Any]) -> set[str] | None:
    """The letters of a font's map; None when it has none that can be read."""
    reference = font.get("ToUnicode")
    if reference is None:
        return None
    stream = resolve1(reference)
    if not hasattr(stream, "get_data"):
        return None  # a predefined map, which is whole
    parsed = FileUnicodeMap()
    CMapParser(parsed, BytesIO(stream_value(stream).get_data())).run()
    letters: set[str] = set()
    for text in parsed.cid2unichr.values():
        letters.update(text, unicodedata.normalize("NFKC", text))
    return letters
