"""The review page on a store of 5,000 plans: time on the server and weight of its pages.

    python tests/bench/review.py [--plans 5000] [--store URL] [--keep FOLDER]

The plans are those of corpora/samples (their true text, paged, with repaired and doubtful words put
in), each with the name of another unit, so that a plan weighs what a plan weighs. The server is a
process of its own and answers real requests; times are medians of its processor time and of the
clock, in milliseconds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

import psutil

from pipeline.document import Box, Document, Doubt, Edit, Line, Page, Source
from pipeline.entities.gazetteer import AdminUnit, gazetteer, short_province
from pipeline.flow import process
from pipeline.normalize.record import PlanRecord
from pipeline.review import serve
from pipeline.settings import Settings
from pipeline.store import Done, Failed, Store, originals, record_text, rows_of

SAMPLES = Path(__file__).resolve().parents[2] / "corpora" / "samples" / "truth"
_LINES = 40  # of a page
_DOUBTFUL, _REPAIRED = 0.02, 0.15  # shares of lines
_ROUNDS = 15
_BATCH = 100
_TOKEN = "bench"


def document(text: str, chance: random.Random) -> Document:
    """A text as extraction and restoration would give it."""
    lines = [line for line in text.splitlines() if line.strip()]
    pages: list[Page] = []
    edits, doubts = [], []
    for first in range(0, len(lines), _LINES):
        number, shown = len(pages) + 1, []
        for at, said in enumerate(lines[first : first + _LINES], start=1):
            top = 60.0 + 18 * at
            shown.append(Line(said, said, Box(85, top, 520, top + 15)))
            word = max(said.split(), key=len)
            start = said.index(word)
            if chance.random() < _REPAIRED:
                edits.append(Edit("restore", "decode", number, at, start, word, word, 0.95))
            elif chance.random() < _DOUBTFUL:
                doubts.append(Doubt(number, at, start, word, word.upper(), 0.5))
        pages.append(Page(number, tuple(shown), (595.0, 842.0), quality=chance.uniform(0.6, 1)))
    source = Source("x.pdf", "x.pdf", "0" * 64, "application/pdf", 1)
    return Document(source, pages=tuple(pages), edits=tuple(edits), doubts=tuple(doubts))


def units(count: int) -> list[AdminUnit]:
    """Communes, the same ones each time."""
    found = gazetteer().names(("xã", "phường", "thị trấn"))
    every = [unit for name in sorted(found) for unit in found[name]]
    return random.Random(7).sample(every, min(count, len(every)))


def renamed(record: PlanRecord, number: int, unit: AdminUnit) -> PlanRecord:
    """The record as that of another unit, under another path."""
    source = record.source.model_copy(
        update={"path": f"{short_province(unit.province)}/{number:05d} {unit.name}.pdf",
                "sha256": f"{number:064x}"}
    )  # fmt: skip
    named = record.unit.model_copy(
        update={"name": unit.full, "type": unit.kind, "province": short_province(unit.province)}
    )
    year = 2023 + number % 3
    return record.model_copy(update={"source": source, "unit": named, "year": year})


def results(plans: int) -> Iterator[Done | Failed]:
    """What workers would hand over: plans, and a file in a hundred that could not be read."""
    settings = Settings(names=False)
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))]
    made = [
        process(document(text, random.Random(seed)), settings, after="restore")
        for seed, text in enumerate(texts)
    ]
    packed = [originals.pack(one) for one in made]
    places = units(plans)
    for number in range(1, plans + 1):
        at = number % len(made)
        base = made[at].record
        if base is None:
            raise SystemExit("the last stage made no record")
        record = renamed(base, number, places[number % len(places)])
        text = record_text(record)
        rows = rows_of(record, text, made[at].edits)
        kept = {"document": packed[at], "record": zlib.compress(text.encode())}
        yield Done(
            path=record.source.path, name=f"{number:05d}", sha256=record.source.sha256,
            media_type=record.source.media_type, size=1, pages=len(made[at].pages),
            words=record.quality.words, seconds={}, text=text,
            rows={**rows, "originals": [kept]},
        )  # fmt: skip
        if number % 100 == 0:
            yield Failed(f"khoa/{number}.pdf", f"f{number}", "encrypted", "needs a password")


def fill(place: str | Path, plans: int) -> None:
    """A store of ``plans`` plans."""
    settings = Settings()
    with Store.open(place, create=True) as store:
        run = store.begin_run(Path("/plans"), "bench", settings.model_dump_json())
        found = results(plans)
        while batch := list(islice(found, _BATCH)):
            store.put(batch, run=run, version="bench", settings_digest="bench")
        store.finish_run(run, "{}")


def served(place: str, told: multiprocessing.Queue[int]) -> None:
    """The page in this process; its port is told."""
    with serve.opened(place, serve.Options(token=_TOKEN)) as page:
        told.put(page.sockets[0].getsockname()[1])
        page.run()


def ask(port: int, path: str) -> tuple[float, int, str]:
    """Clock time (ms), weight (bytes) and text of one page."""
    connection = HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"kehoach-{port}={_TOKEN}"})
    response = connection.getresponse()
    text = response.read()
    clock = 1000 * (time.perf_counter() - began)
    connection.close()
    if response.status != 200:
        raise SystemExit(f"{path}: {response.status}")
    return clock, len(text), text.decode()


def measure(server: psutil.Process, port: int, paths: Sequence[str]) -> tuple[float, float, float]:
    """Median processor time (ms), median clock time and weight (kB) over some pages of a kind."""
    ask(port, paths[0])
    cpu, clock, weight = [], [], 0
    for turn in range(_ROUNDS):
        before = sum(server.cpu_times()[:2])
        repeat = 5  # the system counts processor time in hundredths of a second
        for again in range(repeat):
            took, size, _ = ask(port, paths[(turn + again) % len(paths)])
            clock.append(took)
            weight = max(weight, size)
        cpu.append(1000 * (sum(server.cpu_times()[:2]) - before) / repeat)
    return statistics.median(cpu), statistics.median(clock), weight / 1000


def pages(plans: int) -> Iterator[tuple[str, list[str]]]:
    """Names of what is measured, and addresses."""
    some = [f"/plan/{1 + plans * at // 11}" for at in range(1, 11)]
    yield "overview", ["/"]
    yield "overview, page 40", ["/?at=40"]
    yield "overview, by index and mark", ["/?index=PAPI&mark=absent"]
    yield "overview, what is open", ["/?review=open"]
    yield "overview, by text", ["/?text=hoa+phu", "/?text=xa"]
    yield "overview, worst read first", ["/?order=worst"]
    yield "overview, newest first", ["/?order=issued"]
    yield "a plan", some
    yield "a plan, in a filtered list", [f"{path}?doubt=words&order=worst&sheet=3" for path in some]
    yield "compare two", [f"/compare?id={2 + plans // 2}&id={3 + plans // 2}"]
    yield "search, frequent words", ["/search?q=cai+cach+hanh+chinh"]
    yield "search, rare words", ["/search?q=du+lich+sinh+thai"]


def main() -> None:
    """Fill a store, serve it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=5_000)
    parser.add_argument("--store", default="", help="an empty PostgreSQL database, by URL")
    parser.add_argument("--keep", default="", help="a folder to keep the store in, and find it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(given.keep or folder)
        out.mkdir(exist_ok=True)
        place = given.store or str(out)
        if not (out / "plans.sqlite").exists():
            fill(place, given.plans)
        if not given.store:
            print(f"{given.plans} plans, {(out / 'plans.sqlite').stat().st_size / 2**20:.0f} MiB")
        context = multiprocessing.get_context("spawn")
        told: multiprocessing.Queue[int] = context.Queue()
        server = context.Process(target=served, args=(place, told), daemon=True)
        server.start()
        try:
            port = told.get(timeout=120)
            watched = psutil.Process(server.pid)
            while not any(one.status == "LISTEN" for one in watched.net_connections()):
                time.sleep(0.1)
            for name, paths in pages(given.plans):
                cpu, clock, size = measure(watched, port, paths)
                print(f"{name:29}{cpu:6.0f} ms of processor{clock:6.0f} ms{size:7.0f} kB")
        finally:
            server.terminate()
            server.join(10)


if __name__ == "__main__":
    main()
