"""Decisions: kept, laid over the record, taken back, safe from others and from new runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from made_store import CLEAN, DOUBTS, FIRST, REPAIRS, SECOND, document, done, make, number_of
from served import Served
from sqlalchemy import update

from pipeline import Document
from pipeline.document import Line as TextLine
from pipeline.errors import ConflictError, UsageError
from pipeline.normalize.record import PlanRecord
from pipeline.review.desk import Desk, GoneError, Plan, seal
from pipeline.review.pairs import pair_lines
from pipeline.review.refresh import refresh
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.overview import Filter, Line, Overviews
from pipeline.store.reviews import Wish
from pipeline.store.tables import originals

LINE = FIRST[10]
SXPAS = f"1:11:{LINE.index('SXPAS')}"


@pytest.fixture
def desk(out: Path):  # type: ignore[no-untyped-def]
    with Store.open(out) as store:
        yield Desk(store, out)


def plan_of(desk: Desk, path: str = "hoa-phu.pdf") -> Plan:
    return desk.plan(number_of(desk.store, path))


def status(record: PlanRecord, index: str) -> tuple[str, bool]:
    found = next(one for one in record.indices if one.id == index)
    return found.status, found.needs_review


def correct(desk: Desk, new: str = "SIPAS", by: str = "An", seen: int = 0) -> Plan:
    desk.decide(plan_of(desk), Wish("word", SXPAS, "SXPAS", new, seen=seen), by)
    return plan_of(desk)


def test_a_corrected_word_changes_all_that_rests_on_it(desk: Desk) -> None:
    before = plan_of(desk)
    assert status(before.record, "SIPAS")[0] != "covered"
    after = correct(desk)
    assert status(after.record, "SIPAS") == ("covered", False)
    assert after.record.quality.uncertain_words == before.record.quality.uncertain_words - 1
    assert after.record.review is not None
    decided = after.record.review.decisions[0]
    assert (decided.kind, decided.old, decided.new, decided.by) == ("word", "SXPAS", "SIPAS", "An")
    assert decided.at.startswith("20")
    # the store, its tables, the edit log and the record's file say the same
    edit = desk.store.edits("hoa-phu.pdf")[-1]
    assert (edit.stage, edit.before, edit.after, edit.confidence) == ("review", "SXPAS", "SIPAS", 1)
    assert desk.out is not None
    text = (desk.out / "plans" / "hoa-phu.json").read_text(encoding="utf-8")
    assert json.loads(text)["review"]["decisions"][0]["new"] == "SIPAS"


def test_taking_it_back_gives_the_machines_record(desk: Desk) -> None:
    before = plan_of(desk)
    after = correct(desk)
    assert after.last is not None
    desk.undo(after, after.last.id, "Bình")
    again = plan_of(desk)
    assert again.record == before.record
    assert [one.by for one in again.log] == ["An", "Bình"]  # nothing is ever lost
    with pytest.raises(ConflictError):
        desk.undo(again, after.last.id, "An")
    correct(desk, seen=2)  # and decided once more


def test_the_later_one_is_told(desk: Desk) -> None:
    correct(desk, by="An")
    with pytest.raises(ConflictError) as caught:
        desk.decide(plan_of(desk), Wish("word", SXPAS, "SXPAS", "SỐ PAS", seen=0), "Bình")
    assert (caught.value.other.by, caught.value.other.new) == ("An", "SIPAS")  # type: ignore[attr-defined]
    assert status(plan_of(desk).record, "SIPAS")[0] == "covered"
    plan = correct(desk, new="SIPAS năm", by="Bình", seen=1)  # having seen it, they may
    assert plan.standing[-1].new == "SIPAS năm"
    assert len(plan.standing) == 1


def test_two_people_on_one_postgresql_store(postgresql: str, tmp_path: Path) -> None:
    url = postgresql.rsplit("/", 1)[0] + "/postgres"
    Store.discard(url)
    make(tmp_path, url)
    with Store.open(url) as mine, Store.open(url) as theirs:
        me, they = Desk(mine, None), Desk(theirs, None)
        seen_by_me, seen_by_them = plan_of(me), plan_of(they)
        me.decide(seen_by_me, Wish("word", SXPAS, "SXPAS", "SIPAS"), "An")
        with pytest.raises(ConflictError):
            they.decide(seen_by_them, Wish("word", SXPAS, "SXPAS", "PAPI"), "Bình")
        they.decide(seen_by_them, Wish("field", "signature.name", "", "Lê Văn Tám"), "Bình")
        record = plan_of(me).record
        assert record.signature is not None
        assert record.signature.name == "Lê Văn Tám"
        assert status(record, "SIPAS")[0] == "covered"
    Store.discard(url)
    make(tmp_path / "again", url)
    with Store.open(url) as store:  # a fresh start forgets what machines made, not what people did
        refresh(store)
        assert status(plan_of(Desk(store, None)).record, "SIPAS")[0] == "covered"


def read_again(desk: Desk, change) -> None:  # type: ignore[no-untyped-def]
    """A new run on the same file, whose restoration gives something else."""
    root = desk.store.source_root()
    assert root is not None
    found = document(root / "hoa-phu.pdf", root, [FIRST, SECOND], repairs=REPAIRS, doubts=DOUBTS)
    settings = Settings()
    run = desk.store.begin_run(root, "2", settings.model_dump_json())
    result = done(change(found), settings)
    desk.store.put([result], run=run, version="2", settings_digest=settings.digest())
    refresh(desk.store)


def moved_down(found: Document) -> Document:
    page = found.pages[0]
    lines = (TextLine.of("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), *page.lines)
    lines = tuple(
        replace(line, text=line.text.replace("việc đo lường", "việc   đo, lường")) for line in lines
    )
    return replace(found, pages=(replace(page, lines=lines), *found.pages[1:]), edits=(), doubts=())


def test_decisions_survive_a_new_run_that_reads_otherwise(desk: Desk) -> None:
    correct(desk)
    desk.decide(plan_of(desk), Wish("field", "number.value", "", "21/KH-UBND"), "An")
    desk.decide(plan_of(desk), Wish("index", "PCI", "", "covered"), "An")
    read_again(desk, moved_down)
    record = plan_of(desk).record
    assert status(record, "SIPAS")[0] == "covered"
    assert status(record, "PCI") == ("covered", False)
    assert record.number.value == "21/KH-UBND"
    assert [i.code for i in record.issues if i.stage == "review"] == []
    shown = plan_of(desk).sheets
    lines = shown.lines(shown.all[0], record)
    assert "SIPAS" in lines[11].text  # it was line 11 before


def test_a_decision_whose_line_is_gone_is_said(desk: Desk) -> None:
    correct(desk)

    def without(found: Document) -> Document:
        page = found.pages[0]
        lines = tuple(line for line in page.lines if "SXPAS" not in line.text)
        return replace(found, pages=(replace(page, lines=lines),), edits=(), doubts=())

    read_again(desk, without)
    plan = plan_of(desk)
    assert [i.code for i in plan.record.issues if i.stage == "review"] == ["decision_unplaced"]
    assert plan.standing[0].new == "SIPAS"  # and it is kept


def test_a_fresh_start_keeps_what_people_decided(out: Path) -> None:
    with Store.open(out) as store:
        correct(Desk(store, out))
    Store.discard(out)
    with Store.open(out, create=True) as store:
        assert store.summary().done == 0
        assert len(Desk(store, out).reviews.log(_sha(out))) == 1


def test_a_fresh_start_while_the_page_is_open(out: Path, served: Served) -> None:
    """The page goes on with the same store, and a number that is now another file's is refused."""
    number = served.number("hoa-phu.pdf")
    _, shown = served.ask(f"/plan/{number}")
    content = shown.partition('name="content" value="')[2][:16]
    form = {"kind": "index", "target": "PCI", "new": "covered", "seen": "0", "content": content}
    path = f"/plan/{number}/decide"
    assert served.ask(path, method="POST", form=form)[0].status == 303
    Store.discard(out)
    assert "Chưa có kế hoạch nào" in served.ask("/")[1]
    response, _ = served.ask(path, method="POST", form={**form, "seen": "1", "new": "absent"})
    assert response.status == 404
    root = out.parent / "plans"
    with Store.open(out) as store:
        run = store.begin_run(root, "2", "{}")
        for name in ("cao-lanh.txt", "hoa-phu.pdf"):  # in another order than before
            pages = [FIRST, SECOND] if name == "hoa-phu.pdf" else [CLEAN]
            result = done(document(root / name, root, pages), Settings())
            store.put([result], run=run, version="2", settings_digest="d")
        refresh(store)
    assert served.number("cao-lanh.txt") == number
    response, told = served.ask(path, method="POST", form={**form, "target": "PAPI"})
    assert response.status == 409
    assert "đã thay đổi từ khi bạn mở trang" in told
    _, record = served.ask(f"/plan/{served.number('hoa-phu.pdf')}/record.json")
    assert json.loads(record)["review"]["decisions"][0]["new"] == "covered"
    assert json.loads(served.ask(f"/plan/{number}/record.json")[1])["review"] is None
    assert served.ask("/search?q=mot+cua")[1].count("card") == 1  # the index of words is new, too


def _sha(out: Path) -> str:
    import hashlib

    return hashlib.sha256((out.parent / "plans" / "hoa-phu.pdf").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("key", "value", "path", "expected"),
    [
        ("unit.name", "xã Hòa Phước", ("unit", "type"), "xã"),
        ("unit.province", "Đà Nẵng", ("unit", "province"), "Đà Nẵng"),
        ("number.value", "", ("number", "status"), "absent"),
        ("issued.date", "2025-03-21", ("issued", "date"), "2025-03-21"),
        ("title", "Truyền thông", ("title",), "Truyền thông"),
        ("year", "2026", ("year",), 2026),
        ("form", "other", ("form",), "other"),
        ("signature.name", "Lê An", ("signature", "name"), "Lê An"),
        ("reporting.to", "Sở Nội vụ", ("reporting", "to"), "Sở Nội vụ"),
    ],
)
def test_fields(desk: Desk, key: str, value: str, path: tuple[str, ...], expected: object) -> None:
    desk.decide(plan_of(desk), Wish("field", key, "", value), "An")
    found: object = plan_of(desk).record
    for part in path:
        found = getattr(found, part)
    assert found == expected


@pytest.mark.parametrize(
    "wish",
    [
        Wish("field", "issued.date", "", "21/3/2025"),
        Wish("field", "source.sha256", "", "0"),
        Wish("field", "year", "", "năm nay"),
        Wish("form", "x", "", "y"),  # type: ignore[arg-type]
        Wish("index", "PAR", "", "perhaps"),
        Wish("index", "NONE", "", "covered"),
        Wish("section", "I", "", "nonsense"),
        Wish("section", "XX", "", "purpose"),
        Wish("word", "1:99:0", "x", "y"),
        Wish("word", "x", "x", "y"),
        Wish("word", "1:1:0", "ỦY", "y" * 5_000),
        Wish("sign", "plan", "", "   "),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, wish: Wish) -> None:
    before = plan_of(desk)
    with pytest.raises(UsageError):
        desk.decide(before, wish, "An")
    assert plan_of(desk).log == []


def test_a_section_gets_the_kinds_that_a_person_gave_it(desk: Desk) -> None:
    desk.decide(plan_of(desk), Wish("section", "II", "", "forms content forms"), "An")
    section = next(s for s in plan_of(desk).record.sections if s.path == "II")
    assert section.ids == ["forms", "content"]


def test_a_line_is_kept_as_decisions_on_its_words(desk: Desk) -> None:
    correct(desk)
    shown = LINE.replace("SXPAS", "SIPAS")
    wanted = shown.replace("hằng năm", "hàng năm").replace("việc ", "")
    desk.edit_line(plan_of(desk), 1, 11, shown, wanted, "An")
    plan = plan_of(desk)
    assert plan.sheets.text(1, 11, LINE).split() == wanted.split()
    with pytest.raises(ConflictError):  # the other tab still shows the old line
        desk.edit_line(plan, 1, 11, shown, LINE, "Bình")
    assert plan.last is not None
    desk.undo(plan, plan.last.id, "An")  # the line is taken back as it was put in: in one step
    assert plan_of(desk).sheets.text(1, 11, LINE) == shown
    desk.edit_line(plan_of(desk), 1, 11, shown, wanted, "An")
    now = plan_of(desk).sheets.text(1, 11, LINE)
    desk.edit_line(plan_of(desk), 1, 11, now, LINE, "An")
    assert plan_of(desk).standing == []


def test_accepting_all_that_is_left_and_taking_that_back(desk: Desk) -> None:
    before = plan_of(desk)
    words = before.sheets.open_words()
    assert [word.shown for _, word in words] == ["SXPAS", "phối", "cài"]
    first = before.sheets.open_words(before.sheets.all[0])
    assert [word.shown for _, word in first] == ["SXPAS"]
    with pytest.raises(ConflictError):  # what is on the page is not what was seen
        desk.accept(before, 0, seal(first), "An")
    assert desk.accept(before, 1, seal(first), "An") == 1
    assert desk.accept(plan_of(desk), 0, seal(words[1:]), "An") == 2
    plan = plan_of(desk)
    assert plan.sheets.open_words() == []
    assert all(one.accepted for one in plan.standing)
    assert {one.batch for one in plan.standing} == {None, plan.standing[1].id}
    assert [line.uncertain for line in listed(desk)] == [0]
    assert plan.last is not None
    desk.undo(plan, plan.last.id, "An")  # one step takes back what was one step
    assert [one.new for one in plan_of(desk).standing] == ["SXPAS"]
    assert [line.uncertain for line in listed(desk)] == [2]


def listed(desk: Desk) -> list[Line]:
    """The plan as the overview lists it."""
    overviews = Overviews(desk.store, ("PAR", "SIPAS", "PAPI", "PCI"))
    return overviews.lines(Filter(text="hoa-phu.pdf"), 0, 10)


def test_the_list_follows_every_decision(desk: Desk) -> None:
    (line,) = listed(desk)
    assert (line.uncertain, line.decided, line.signed_by) == (3, 0, None)
    assert line.marks[1] != "covered"
    correct(desk)
    desk.decide(plan_of(desk), Wish("field", "unit.name", "", "xã Hòa Phước"), "An")
    desk.decide(plan_of(desk), Wish("sign", "plan", "", "An"), "An")
    (line,) = listed(desk)
    assert (line.uncertain, line.decided, line.signed_by, line.current) == (2, 2, "An", True)
    assert (line.marks[1], line.unit) == ("covered", "xã Hòa Phước")
    overviews = Overviews(desk.store, ("PAR", "SIPAS", "PAPI", "PCI"))
    assert overviews.find(Filter(text="hoa phuoc")).signed == 1
    for _ in range(3):
        plan = plan_of(desk)
        assert plan.last is not None
        desk.undo(plan, plan.last.id, "An")
    (line,) = listed(desk)
    assert (line.uncertain, line.decided, line.unit) == (3, 0, "xã Hòa Phú")


def test_a_signature_holds_until_the_record_changes(desk: Desk) -> None:
    correct(desk)
    desk.decide(plan_of(desk), Wish("sign", "plan", "", " Trần  Thị Hoa "), "An")
    review = plan_of(desk).record.review
    assert review is not None
    assert (review.signed_by, review.current) == ("Trần Thị Hoa", True)
    desk.decide(plan_of(desk), Wish("field", "year", "", "2024"), "An")
    review = plan_of(desk).record.review
    assert review is not None
    assert (review.signed_by, review.current) == ("Trần Thị Hoa", False)


def test_the_workbook_shows_what_people_decided_and_signed(desk: Desk, tmp_path: Path) -> None:
    from pipeline.export import workbook

    correct(desk)
    desk.decide(plan_of(desk), Wish("sign", "plan", "", "Trần Thị Hoa"), "An")
    path = tmp_path / "book.xlsx"
    workbook.write(desk.store.records(), path, required=("PAR", "SIPAS", "PAPI", "PCI"))
    book = openpyxl.load_workbook(path)
    summary = [[str(cell.value) for cell in row] for row in book["Tổng hợp"].iter_rows()]
    mine = next(row for row in summary if any("Hòa Phú" in cell for cell in row))
    assert any("Trần Thị Hoa" in cell for cell in mine)
    log = [[str(cell.value) for cell in row] for row in book["Đính chính"].iter_rows()]
    assert any({"SXPAS", "SIPAS", "An"} <= set(row) for row in log)


def test_training_pairs_hold_only_lines_without_open_words(desk: Desk) -> None:
    assert list(pair_lines(desk.store)) == []
    correct(desk)
    assert list(pair_lines(desk.store)) == [f"{LINE}\t{LINE.replace('SXPAS', 'SIPAS')}\n\n"]
    line = FIRST[7]
    desk.decide(plan_of(desk), Wish("word", f"1:8:{line.index('thức')}", "thức", "thức"), "An")
    raw = line.replace("nhận", "nhan").replace("thức", "thúc")
    assert f"{raw}\t{line}\n" in "".join(pair_lines(desk.store))


def test_a_plan_of_an_older_version_is_told_and_read_again(out: Path, served: Served) -> None:
    with Store.open(out) as store:
        number = number_of(store, "hoa-phu.pdf")
        with store._writing() as connection:
            connection.execute(originals.delete().where(originals.c.document_id == number))
        with pytest.raises(GoneError):
            Desk(store, out).plan(number)
        known = store.known("hoa-phu.pdf", version="1", settings_digest=Settings().digest())
        assert known is not None
        assert known.sha256 is None  # so that the next run reads it
    response, text = served.ask(f"/plan/{number}")
    assert response.status == 404
    assert "kehoach run" in text
    assert served.ask("/")[0].status == 200


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda path: path.unlink(), "đã bị chuyển"),
        (lambda path: path.write_bytes(b"%PDF-1.4 other"), "đã thay đổi"),
    ],
)
def test_a_source_that_moved_or_changed_leaves_the_text(served: Served, change, word: str) -> None:  # type: ignore[no-untyped-def]
    number = served.number()
    assert served.ask(f"/plan/{number}/page/1.jpg")[0].headers["content-type"] == "image/jpeg"
    change(served.out.parent / "plans" / "hoa-phu.pdf")
    response, text = served.ask(f"/plan/{number}")
    assert response.status == 200
    assert word in text
    assert "SXPAS" in text
    assert served.ask(f"/plan/{number}/page/1.jpg")[0].status == 404


def test_a_store_that_a_run_writes_to_is_shown_and_takes_decisions(served: Served) -> None:
    from pipeline import output

    with output.held(served.out):
        _, text = served.ask("/")
        assert "đang ghi vào kho" in text
        form = {"kind": "index", "target": "PCI", "new": "covered", "seen": "0"}
        response, _ = served.ask(f"/plan/{served.number()}/decide", method="POST", form=form)
        assert response.status == 303
    assert "đang ghi vào kho" not in served.ask("/")[1]


def test_two_tabs(served: Served) -> None:
    path = f"/plan/{served.number()}/decide"
    first = {"kind": "index", "target": "PCI", "new": "covered", "seen": "0"}
    assert served.ask(path, method="POST", form=first)[0].status == 303
    response, text = served.ask(path, method="POST", form={**first, "new": "absent"})
    assert response.status == 409
    assert "Trần Thị Hoa đã quyết định chỗ này trước" in text


def test_update_is_not_lost_when_a_run_reads_the_file_meanwhile(desk: Desk) -> None:
    """Made of an original that is gone: the newer one is not overwritten."""
    original = plan_of(desk).original
    read_again(desk, moved_down)
    with desk.store._writing() as connection:
        from pipeline.store.tables import states

        connection.execute(update(states).values(applied=0))
    rows = done(original.document, Settings()).rows
    assert desk.reviews.rewrite(original, rows, 5) is False
