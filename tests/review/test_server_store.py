"""The page on a PostgreSQL store, opened by URL: two people, uploads, a run at the same time."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from made_store import CLEAN, FIRST, make, number_of
from served import Served, serving
from sqlalchemy import create_engine, make_url, select, text, update

from pipeline.errors import BusyError, UsageError
from pipeline.review import serve
from pipeline.store import Store
from pipeline.store.tables import runs

SXPAS = f"1:11:{FIRST[10].index('SXPAS')}"
PLAN = "\n".join(CLEAN).replace("CAO LÃNH", "MỸ TRÀ").replace("Cao Lãnh", "Mỹ Trà")


@pytest.fixture
def url(postgresql: str, tmp_path: Path) -> str:
    """A database of its own, with the plans of ``made_store``."""
    server = make_url(postgresql)
    engine = create_engine(server.set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS review WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE review"))
    engine.dispose()
    place = server.set(database="review").render_as_string(hide_password=False)
    make(tmp_path, place)
    return place


@pytest.fixture
def page(url: str) -> Iterator[Served]:
    with serving(url) as served:
        yield served


def number(url: str, path: str = "hoa-phu.pdf") -> int:
    with Store.open(url) as store:
        return number_of(store, path)


def send(page: Served, name: str, content: str) -> tuple[int, str]:
    body = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        f"{content}\r\n--x--\r\n"
    ).encode()
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Origin": f"http://127.0.0.1:{page.port}",
    }
    response, told = page.ask("/upload", method="POST", headers=headers, body=body)
    return response.status, told


def until(page: Served, words: str, seconds: float = 240) -> str:
    """Wait until the progress of uploads says so."""
    end = time.monotonic() + seconds
    while words not in (said := page.ask("/uploads")[1]):
        assert time.monotonic() < end, said
        time.sleep(0.3)
    return said


def test_two_people_each_with_a_page_of_their_own(url: str, page: Served) -> None:
    with serving(url, by="Lê Văn Tám") as theirs:
        path = f"/plan/{number(url)}"
        assert "SXPAS" in page.ask(path)[1]
        form = {"kind": "word", "target": SXPAS, "old": "SXPAS", "new": "SIPAS", "seen": "0"}
        assert page.ask(f"{path}/decide", method="POST", form=form)[0].status == 303
        form["new"] = "PAPI"
        response, told = theirs.ask(f"{path}/decide", method="POST", form=form)
        assert response.status == 409
        assert "Trần Thị Hoa đã quyết định chỗ này trước: “SIPAS”" in told
        other = {"kind": "index", "target": "PCI", "new": "covered", "seen": "0"}
        assert theirs.ask(f"{path}/decide", method="POST", form=other)[0].status == 303
        said = json.loads(page.ask(f"{path}/record.json")[1])["review"]["decisions"]
        assert {(one["new"], one["by"]) for one in said} == {
            ("SIPAS", "Trần Thị Hoa"), ("covered", "Lê Văn Tám"),
        }  # fmt: skip
        for line in ("/?text=hoa-phu.pdf", "/search?q=phuc+vu+qua+sipas"):
            assert "Xã Hòa Phú" in theirs.ask(line)[1]


@pytest.mark.slow
def test_a_file_that_is_added_comes_into_the_server_store(url: str, page: Served) -> None:
    with Store.open(url) as store:
        folder = store.source_root()
    assert folder is not None
    assert send(page, "my-tra.txt", PLAN)[0] == 303
    until(page, "data-finished")
    assert "Phường Mỹ Trà" in page.ask("/")[1]
    assert (folder / "tai-len" / "my-tra.txt").is_file()
    with Store.open(url) as store:
        assert store.source_root() == folder
        with store._reading() as connection:
            assert "postgresql" not in str(connection.execute(select(runs.c.settings)).all())
    response, _ = page.ask("/workbook")
    assert response.status == 200


@pytest.mark.slow
def test_a_file_waits_for_the_run_that_is_writing(url: str, page: Served) -> None:
    with Store.open(url) as store:
        with store.held():
            with pytest.raises(BusyError), Store.open(url) as other, other.held():
                pass
            assert "đang ghi vào kho" in page.ask("/")[1]
            assert send(page, "my-tra.txt", PLAN)[0] == 303
            until(page, "Đang chờ một lượt chạy khác")
        until(page, "data-finished")
    assert "đang ghi vào kho" not in page.ask("/")[1]
    assert "Phường Mỹ Trà" in page.ask("/")[1]


def test_a_database_that_is_gone_is_said_and_nothing_is_taken(url: str, page: Served) -> None:
    path = f"/plan/{number(url)}"
    assert page.ask(path)[0].status == 200
    engine = create_engine(
        make_url(url).set(drivername="postgresql+pg8000", database="postgres"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE review WITH (FORCE)"))
    engine.dispose()
    form = {"kind": "index", "target": "PCI", "new": "covered", "seen": "0"}
    for answer in (
        page.ask("/"), page.ask(path), page.ask("/search?q=cai+cach"),
        page.ask(f"{path}/decide", method="POST", form=form),
    ):  # fmt: skip
        assert answer[0].status == 503
        assert "Chương trình gặp lỗi" in answer[1] or "Chưa lưu được" in answer[1]
        assert "Traceback" not in answer[1]


def moved(url: str, folder: str) -> None:
    """The run read the files on another machine, under a name that is not here."""
    with Store.open(url) as store, store._writing() as connection:
        connection.execute(update(runs).values(folder=folder))


def test_without_the_folder_files_are_refused_with_what_to_do(url: str) -> None:
    moved(url, "/srv/elsewhere/plans")
    with serving(url) as page:
        for status, told in (send(page, "a.txt", PLAN), (409, page.ask("/")[1])):
            assert status == 409
            assert "/srv/elsewhere/plans" in told
            assert "--folder" in told
        assert "Thư mục nguồn không có trên máy này" in page.ask(f"/plan/{number(url)}")[1]


def test_the_folder_as_this_machine_has_it(url: str, tmp_path: Path) -> None:
    moved(url, "/srv/elsewhere/plans")
    with serving(url, folder=tmp_path / "plans") as page:
        response, _ = page.ask(f"/plan/{number(url)}/page/1.jpg")
        assert response.headers["content-type"] == "image/jpeg"
        assert 'id="drop"' in page.ask("/")[1]
    options = serve.Options(folder=tmp_path / "none")
    with pytest.raises(UsageError, match="--folder"), serve.opened(url, options):
        pass


def test_an_out_folder_with_its_store_on_a_server(url: str, tmp_path: Path) -> None:
    """``kehoach review OUT`` with KEHOACH_STORE: records are written to OUT, too."""
    out = tmp_path / "out"
    with serving(out, store=url) as page:
        form = {"kind": "index", "target": "PCI", "new": "covered", "seen": "0"}
        path = f"/plan/{number(url)}/decide"
        assert page.ask(path, method="POST", form=form)[0].status == 303
        book = openpyxl.load_workbook(io.BytesIO(page.raw("/workbook")))
    record = json.loads((out / "plans" / "hoa-phu.json").read_text(encoding="utf-8"))
    assert record["review"]["decisions"][0]["new"] == "covered"
    cells = [str(cell.value) for row in book["Đính chính"].iter_rows() for cell in row]
    assert "PCI" in " ".join(cells)
    assert (out / "comparison.xlsx").is_file()
