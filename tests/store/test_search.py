"""Search without diacritics: by the index of SQLite, and without it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_records import corpus, plan
from sqlalchemy import text
from test_store import Writer, done

from pipeline.errors import UsageError
from pipeline.normalize.record import Item, PlanRecord
from pipeline.store import Store, database
from pipeline.store.search import search

SAID = [
    "Nâng cao sự hài lòng của người dân, doanh nghiệp.",
    "Đẩy mạnh cải cách hành chính; theo Quyết định số 45/QĐ-UBND.",
    "Hài hòa lòng dân, ý Đảng.",
    "HÀI LÒNG, hài lòng và hài lòng!",
    "Khảo sát SIPAS, PAPI tại thôn Đoài.",
]
# what is looked for, which of the passages have it
CASES = [
    (["hài lòng"], [0, 3]),
    (["hai long"], [0, 3]),
    (["HÀI  LÒNG"], [0, 3]),
    (["hài", "lòng"], [0, 2, 3]),
    (["đẩy mạnh"], [1]),
    (["day manh"], [1]),
    (["45/qđ-ubnd"], [1]),
    (["sipas papi"], [4]),
    (["papi", "sipas"], [4]),
    (["thon doai"], [4]),
    (["lòng hòa"], []),
    (["ài lòng"], []),
    (["hài lòng", "SIPAS"], []),
]


def saying(*sentences: str) -> PlanRecord:
    record = plan("xã Đông Hà", path="a/b.pdf")
    items = [
        Item(marker="-", text=said, path=f"II.-{n}",
             where={"page": 3, "line_start": n + 1, "line_end": n + 1, "raw": said})
        for n, said in enumerate(sentences)
    ]  # fmt: skip
    (content,) = [s for s in record.sections if s.path == "II"]
    section = content.model_copy(update={"items": items, "children": [], "text": ""})
    return record.model_copy(update={"sections": [section]})


@pytest.fixture(params=["as it is", "without an index"])
def filled(place: str, request: pytest.FixtureRequest) -> Iterator[Writer]:
    with Store.open(place, create=True) as store, store.held():
        writer = Writer(store)
        if request.param != "as it is":
            with store._writing() as connection:
                for name in ("TRIGGER passages_put", "TRIGGER passages_gone",
                             "TABLE passages_search"):  # fmt: skip
                    if connection.dialect.name == "sqlite":
                        connection.execute(text(f"DROP {name}"))
        writer.put(done(saying(*SAID)))
        yield writer


@pytest.mark.parametrize(("phrases", "places"), CASES, ids=[" + ".join(p) for p, _ in CASES])
def test_found(filled: Writer, phrases: list[str], places: list[int]) -> None:
    found = search(filled.store, phrases)
    assert [hit.text for hit in found.hits] == [SAID[n] for n in places]
    assert (found.total, found.plans) == (len(places), bool(places))
    for hit in found.hits:
        assert (hit.file, hit.unit, hit.page) == ("a/b.pdf", "xã Đông Hà", 3)
        assert (hit.path, hit.section) == (f"II.-{SAID.index(hit.text)}", ("content", "forms"))


def test_what_matches_is_marked(filled: Writer) -> None:
    (hit,) = search(filled.store, ["hài lòng", "và"]).hits
    assert [hit.text[a:b] for a, b in hit.found] == ["HÀI LÒNG", "hài lòng", "và", "hài lòng"]


def test_some_are_shown_and_all_are_counted(filled: Writer) -> None:
    filled.put(*(done(saying(*SAID), path=f"{n}.pdf") for n in range(3)))
    found = search(filled.store, ["hài lòng"], limit=2)
    assert (len(found.hits), found.total, found.plans) == (2, 8, 4)
    assert [hit.file for hit in found.hits] == ["0.pdf", "0.pdf"]


def test_a_document_done_again_or_gone_is_found_as_it_is_now(filled: Writer) -> None:
    filled.put(done(saying("Chỉ còn câu này.")))
    assert search(filled.store, ["hài lòng"]).total == 0
    assert search(filled.store, ["chỉ còn"]).total == 1
    filled.again()
    filled.store.forget_unseen(filled.run)
    assert search(filled.store, ["chỉ còn"]).total == 0


@pytest.mark.parametrize("phrases", [[], [""], ["…", "“”"]])
def test_nothing_to_look_for(filled: Writer, phrases: list[str]) -> None:
    with pytest.raises(UsageError, match="say what to look for"):
        search(filled.store, phrases)


@pytest.mark.parametrize("phrase", ['"', "a* OR b", "NEAR(a b)", "text:x", "-", "'; DROP TABLE x"])
def test_the_language_of_the_index_is_not_spoken(filled: Writer, phrase: str) -> None:
    if any(c.isalnum() for c in phrase):
        assert search(filled.store, [phrase]).total == 0


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_words_of_a_passage_find_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    said = data.draw(st.sampled_from(SAID))
    words = said.split()
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    with Store.open(tmp_path_factory.mktemp("store") / "s.sqlite", create=True) as store:
        writer = Writer(store)
        writer.put(*(replace(done(r), name=r.source.path) for r in [*corpus(2), saying(*SAID)]))
        phrase = " ".join(words[first:last])
        if any(c.isalnum() for c in phrase):
            assert said in [hit.text for hit in search(store, [phrase]).hits]


def test_a_store_of_the_first_schema_is_searched_too(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as store:
        Writer(store).put(done(saying(*SAID)))
        config = Config()
        config.set_main_option("script_location", str(database._MIGRATIONS))
        with store._access._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0001")
    with sqlite3.connect(tmp_path / "plans.sqlite") as plain:
        names = {name for (name,) in plain.execute("SELECT name FROM sqlite_master")}
    plain.close()
    assert not {"passages", "passages_search", "outcomes"} & names
    with Store.open(tmp_path) as store:
        assert [hit.text for hit in search(store, ["hài lòng"]).hits] == [SAID[0], SAID[3]]
        assert search(store, ["hài lòng"]).hits[0].section == ("content", "forms")
