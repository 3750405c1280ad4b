"""Both languages say the same things, and everything that code names has a text."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from plan_records import plan

from pipeline.audit.matrix import MARKS
from pipeline.document import DamageKind, Method
from pipeline.errors import FileError, UsageError
from pipeline.export.columns import FAILURES, SHEETS, TABLES
from pipeline.export.frames import issues
from pipeline.export.messages import load
from pipeline.normalize.record import Form, Level, RecordIssue, SectionId


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def catalogue(language: str) -> Catalog:
    file = files("pipeline") / "data" / "messages" / f"{language}.po"
    with file.open("rb") as stream:
        return read_po(stream, abort_invalid=True)


def test_the_catalogues_are_in_step() -> None:
    """The same ids in the same order, each once, so that a translator sees what is new."""
    ids = {}
    for language in ("vi", "en"):
        text = (files("pipeline") / "data" / "messages" / f"{language}.po").read_text("utf-8")
        ids[language] = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
        assert len(set(ids[language])) == len(ids[language])
        assert set(ids[language]) == set(load(language))
    assert ids["vi"] == ids["en"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_catalogue_is_complete(language: str) -> None:
    """Nothing waits for a translation; a text that is empty on purpose says so beside its id."""
    entries = [entry for entry in catalogue(language) if entry.id]
    assert [e.id for e in entries if e.fuzzy] == []
    silent = [e.id for e in entries if not e.string and not e.auto_comments]
    assert silent == []
    assert str(catalogue(language).locale) == language


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    vi, en = load("vi"), load("en")
    assert set(vi) == set(en)
    both = [key for key in vi if vi[key] and en[key]]  # an empty one gives the program's own note
    differ = [key for key in both if placeholders(vi[key]) != placeholders(en[key])]
    assert differ == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_value_of_the_record_has_a_name(language: str) -> None:
    texts = load(language)
    groups = {"section": SectionId, "form": Form, "level": Level, "damage": DamageKind,
              "method": Method}  # fmt: skip
    lacking = [
        f"{group}.{value}"
        for group, values in groups.items()
        for value in get_args(values)
        if f"{group}.{value}" not in texts
    ]
    lacking += [f"mark.{m}.{k}" for m in MARKS for k in ("symbol", "label", "explain")
                if f"mark.{m}.{k}" not in texts]  # fmt: skip
    assert lacking == []


def issue_codes() -> set[str]:
    """The codes that the source gives to issues: second argument, first of a helper, or by name."""
    codes = set()
    for path in Path(str(files("pipeline"))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            at = {"Issue": 1, "_issue": 0}.get(node.func.id)
            given = [word.value for word in node.keywords if word.arg == "code"]
            if at is not None or node.func.id == "RecordIssue":
                given += node.args[at : at + 1] if at is not None else []
                codes |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return codes


def test_every_issue_has_a_text_in_english() -> None:
    """Records hold the notes in Vietnamese; who reads English must not find them in between."""
    codes = issue_codes()
    assert {"unsure_number", "uncertain_field", "cut_off", "not_read"} <= codes
    assert [code for code in sorted(codes) if not load("en").get(f"issue.{code}")] == []


def test_a_text_keeps_what_the_note_quotes() -> None:
    note = "Số đọc chưa chắc chắn: “22”, “1/2018”; hãy so với trang."
    issue = RecordIssue(stage="extract", code="unsure_number", page=3, message=note)
    record = plan().model_copy(update={"issues": [issue]})
    assert issues(record, load("vi")) == [f"{note} (tr. 3)"]
    (english,) = issues(record, load("en"))
    assert english.startswith("The numbers “22”, “1/2018” were read with little confidence")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sheet_and_column_has_its_texts(language: str) -> None:
    texts = load(language)
    columns = {c.key for table in TABLES.values() for c in table} | {c.key for c in FAILURES}
    lacking = [f"column.{c}.{k}" for c in columns for k in ("title", "explain")
               if f"column.{c}.{k}" not in texts]  # fmt: skip
    lacking += [f"sheet.{s}.title" for s in SHEETS if f"sheet.{s}.title" not in texts]
    assert lacking == []
    titles = [texts[f"sheet.{s}.title"] for s in SHEETS]
    assert all(len(title) <= 31 for title in titles)  # Excel's limit for the name of a sheet


def _codes(error: type[FileError]) -> set[str]:
    return {error.code} | {code for sub in error.__subclasses__() for code in _codes(sub)}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_failure_has_a_name_and_a_remedy(language: str) -> None:
    texts = load(language)
    for code in _codes(FileError):
        assert f"failure.{code}" in texts
        assert f"remedy.{code}" in texts


@pytest.mark.parametrize("language", ["", "xx", "../vi", "vi\x00"])
def test_an_unknown_language(language: str) -> None:
    with pytest.raises(UsageError, match="choose vi or en"):
        load(language)


def test_texts_are_nfc() -> None:
    import unicodedata

    assert all(unicodedata.is_normalized("NFC", text) for text in load("vi").values())


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("group", ["index", "area", "channel"])
def test_everything_that_is_looked_for_has_a_name(language: str, group: str) -> None:
    table = {"index": "indices", "area": "areas", "channel": "channels"}[group]
    ids = tomllib.loads((files("pipeline") / "data" / f"{table}.toml").read_text("utf-8"))
    assert [i for i in ids if f"{group}.{i}" not in load(language)] == []
