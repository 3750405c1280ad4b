"""The review page on a store of 5,000 plans: time on the server and weight of its pages.

    python tests/bench/review.py [--plans 5000]

Each plan has six pages of 40 lines, 120 repaired words and 12 in doubt. The server answers real
requests in this process; times are medians of its processor time and of the clock, in milliseconds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from plan_records import corpus

from pipeline.document import Box, Document, Doubt, Edit, Line, Page, Source
from pipeline.review import serve
from pipeline.settings import Settings
from pipeline.store import Done, Store, originals, record_text, rows_of

_SENTENCE = "Tuyên truyền cải cách hành chính tới cán bộ, công chức và nhân dân trên địa bàn xã."
_ROUNDS = 15
_BATCH = 200


def original(chance: random.Random) -> Document:
    """A document as restoration gives it."""
    pages, edits, doubts = [], [], []
    for number in range(1, 7):
        lines = []
        for at in range(1, 41):
            top = 60.0 + 18 * at
            lines.append(Line(_SENTENCE, _SENTENCE, Box(85, top, 520, top + 15)))
        edits += [
            Edit("restore", "decode", number, at, 13, "cải", "cải", 0.95)
            for at in sorted(chance.sample(range(1, 41), 20))
        ]
        doubts += [
            Doubt(number, at, 0, "Tuyên", "Tuyến", 0.5)
            for at in sorted(chance.sample(range(1, 41), 2))
        ]
        pages.append(Page(number, tuple(lines), (595.0, 842.0), quality=0.96))
    source = Source("x.pdf", "x.pdf", "0" * 64, "application/pdf", 1)
    return Document(source, pages=tuple(pages), edits=tuple(edits), doubts=tuple(doubts))


def fill(out: Path, plans: int) -> None:
    """A store of ``plans`` plans."""
    made = [original(random.Random(seed)) for seed in range(20)]
    packed = [originals.pack(document) for document in made]
    settings = Settings()
    with Store.open(out, create=True) as store:
        run = store.begin_run(out, "bench", settings.model_dump_json())
        records = enumerate(corpus(plans))
        while batch := list(islice(records, _BATCH)):
            results = []
            for number, record in batch:
                text = record_text(record)
                rows = rows_of(record, text, made[number % len(made)].edits)
                kept = {
                    "document": packed[number % len(made)],
                    "record": zlib.compress(text.encode()),
                }
                results.append(
                    Done(
                        path=record.source.path,
                        name=f"{number:05d}",
                        sha256=record.source.sha256,
                        media_type=record.source.media_type,
                        size=1,
                        pages=6,
                        words=record.quality.words,
                        seconds={},
                        text=text,
                        rows={**rows, "originals": [kept]},
                    )
                )
            store.put(results, run=run, version="bench", settings_digest="bench")


def measure(port: int, token: str, path: str) -> tuple[float, float, int]:
    """Median processor time and clock time (ms) of one page, and its weight (bytes)."""
    cpu, clock, size = [], [], 0
    for _ in range(_ROUNDS):
        connection = HTTPConnection("127.0.0.1", port)
        before, began = time.process_time(), time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"kehoach-{port}={token}"})
        response = connection.getresponse()
        size = len(response.read())
        clock.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - before))
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status}")
        connection.close()
    return statistics.median(cpu), statistics.median(clock), size


def pages(plans: int) -> Iterator[tuple[str, str]]:
    """Names and addresses of what is measured."""
    yield "overview", "/"
    yield "overview, filtered by mark", "/?index=PAPI&mark=absent"
    yield "overview, filtered by text", "/?text=hoa+phu"
    yield "a plan", f"/plan/{plans // 2}"
    yield "a plan, filtered", f"/plan/{plans // 2}?doubt=words&sheet=3"


def main() -> None:
    """Fill a store, serve it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=5_000)
    plans = parser.parse_args().plans
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        fill(out, plans)
        print(f"{plans} plans, store {(out / 'plans.sqlite').stat().st_size / 2**20:.0f} MiB")
        token = "bench"
        with serve.opened(str(out), serve.Options(token=token)) as page:
            thread = threading.Thread(target=page.run, daemon=True)
            thread.start()
            while not page.server.started:
                time.sleep(0.05)
            port = page.sockets[0].getsockname()[1]
            for name, path in pages(plans):
                cpu, clock, size = measure(port, token, path)
                print(f"{name:28}{cpu:7.0f} ms of processor{clock:7.0f} ms{size / 1000:8.0f} kB")
            page.stop()
            thread.join(10)


if __name__ == "__main__":
    main()
