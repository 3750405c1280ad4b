"""A folder with plans and the store of a run over it, made without reading the files.

The stages behind restoration are the real ones; what extraction and restoration would give (lines,
boxes, repairs, doubts) is put together here, so that it is known what is uncertain, and where.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from made_pdf import text_pdf
from sqlalchemy import select, update

from pipeline.document import Box, Document, Doubt, Edit, Line, Page, Source, Word
from pipeline.flow import process
from pipeline.settings import Settings
from pipeline.store import Done, Failed, Store, record_text, rows_of
from pipeline.store.tables import documents, runs

FIRST = [
    "ỦY BAN NHÂN DÂN",
    "XÃ HÒA PHÚ",
    "Số: 12/KH-UBND",
    "Hòa Phú, ngày 12 tháng 3 năm 2025",
    "KẾ HOẠCH",
    "Tuyên truyền cải cách hành chính năm 2025",
    "I. MỤC ĐÍCH, YÊU CẦU",
    "Nâng cao nhận thức của cán bộ và nhân dân về cải cách hành chính.",
    "II. NỘI DUNG TUYÊN TRUYỀN",
    "1. Tuyên truyền Chỉ số cải cách hành chính (PAR INDEX) của tỉnh.",
    "2. Tuyên truyền việc đo lường sự phục vụ qua SXPAS hằng năm.",
    "3. Niêm yết <script>alert(1)</script> tại bộ phận một cửa.",
]
SECOND = [
    "III. TỔ CHỨC THỰC HIỆN",
    "1. Văn phòng chủ trì, phối hợp với các ban ngành; báo cáo hằng quý.",
    "2. Đài truyền thanh phát tin, bài về cài cách hành chính.",
    "TM. ỦY BAN NHÂN DÂN",
    "CHỦ TỊCH",
    "Nguyễn Văn Bình",
]
CLEAN = [
    "ỦY BAN NHÂN DÂN",
    "PHƯỜNG CAO LÃNH",
    "Số: 30/KH-UBND",
    "Cao Lãnh, ngày 02 tháng 4 năm 2025",
    "KẾ HOẠCH",
    "Tuyên truyền cải cách hành chính năm 2025",
    "I. MỤC ĐÍCH, YÊU CẦU",
    "Nâng cao nhận thức của cán bộ và nhân dân về cải cách hành chính.",
    "II. NỘI DUNG TUYÊN TRUYỀN",
    "1. Tuyên truyền các chỉ số PAR INDEX, SIPAS, PAPI và PCI của tỉnh.",
    "III. TỔ CHỨC THỰC HIỆN",
    "1. Ban Văn hóa treo khẩu hiệu trên các trục đường chính.",
]


@dataclass(frozen=True)
class Repair:
    """A word of a page's line that was read as ``raw``."""

    page: int
    line: int
    word: str
    raw: str
    confidence: float


REPAIRS = (
    Repair(1, 8, "nhận", "nhan", 0.99),
    Repair(1, 8, "thức", "thúc", 0.95),
    Repair(2, 2, "phối", "phôi", 0.6),
)
DOUBTS = ((1, 11, "SXPAS", "SIPAS", 0.5), (2, 3, "cài", "cải", 0.4))


def document(
    path: Path,
    root: Path,
    pages: Sequence[Sequence[str]],
    *,
    repairs: Sequence[Repair] = (),
    doubts: Sequence[tuple[int, int, str, str, float]] = (),
    media_type: str = "application/pdf",
) -> Document:
    """A file as restoration gives it, with a box for each line and word."""
    made, edits = [], []
    for number, lines in enumerate(pages, start=1):
        shown = []
        for at, text in enumerate(lines, start=1):
            raw = text
            for one in repairs:
                if (one.page, one.line) == (number, at):
                    start = raw.index(one.word)
                    raw = raw.replace(one.word, one.raw, 1)
                    edits.append(
                        Edit("restore", "decode", number, at, start, one.raw, one.word,
                             one.confidence)
                    )  # fmt: skip
            shown.append(_line(text, raw, at))
        made.append(Page(number, tuple(shown), (595.28, 841.89), quality=0.97))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    name = path.relative_to(root).as_posix()
    return Document(
        Source(name, str(path), sha256, media_type, path.stat().st_size),
        pages=tuple(made),
        edits=tuple(edits),
        doubts=tuple(
            Doubt(page, line, pages[page - 1][line - 1].index(word), word, best, sure)
            for page, line, word, best, sure in doubts
        ),
    )


def _line(text: str, raw: str, at: int) -> Line:
    top = 60.0 + 20 * (at - 1)
    words, start = [], 0
    for word in raw.split():
        start = raw.index(word, start)
        box = Box(85 + 6.5 * start, top, 85 + 6.5 * (start + len(word)), top + 16)
        words.append(Word(word, start, box))
        start += len(word)
    return Line(text, raw, Box(85, top, 85 + 6.5 * len(raw), top + 16), words=tuple(words))


def done(found: Document, settings: Settings) -> Done:
    """What a worker would hand over."""
    made = process(found, settings, after="restore")
    assert made.record is not None
    text = record_text(made.record)
    return Done(
        path=found.source.path,
        name=found.source.path.rpartition("/")[2].rpartition(".")[0],
        sha256=found.source.sha256,
        media_type=found.source.media_type,
        size=found.source.size,
        pages=len(found.pages),
        words=made.record.quality.words,
        seconds={},
        text=text,
        rows=rows_of(made.record, text, made.edits, made),
    )


def make(folder: Path, place: str | Path | None = None) -> Path:
    """``folder/plans`` with three files and ``folder/out`` with the store (or ``place``)."""
    root, out = folder / "plans", folder / "out"
    root.mkdir(parents=True)
    (out / "plans").mkdir(parents=True)
    text_pdf(root / "hoa-phu.pdf", [FIRST, SECOND], invariant=1)
    (root / "cao-lanh.txt").write_text("\n".join(CLEAN), encoding="utf-8")
    hostile = root / "<img src=x onerror=alert(1)>.txt"
    hostile.write_text("\n".join(CLEAN[:5] + CLEAN[7:]), encoding="utf-8")
    settings = Settings()
    with Store.open(place or out, create=True) as store:
        run = store.begin_run(root, "1", settings.model_dump_json())
        read = [
            document(root / "hoa-phu.pdf", root, [FIRST, SECOND], repairs=REPAIRS, doubts=DOUBTS),
            document(root / "cao-lanh.txt", root, [CLEAN], media_type="text/plain"),
            document(hostile, root, [CLEAN[:5] + CLEAN[7:]], media_type="text/plain"),
        ]
        results: list[Done | Failed] = [done(one, settings) for one in read]
        results.append(Failed("khoa.pdf", "khoa", "encrypted", "khoa.pdf needs a password."))
        store.put(results, run=run, version="1", settings_digest=settings.digest())
        store.finish_run(run, "{}")
    return out


def copied(made: Path, folder: Path) -> Path:
    """A store that was made, with its plans, copied to ``folder``; gives the new ``out``."""
    for name in ("plans", "out"):
        shutil.copytree(made.parent / name, folder / name)
    with Store.open(folder / "out") as store, store._writing() as connection:
        connection.execute(update(runs).values(folder=str(folder / "plans")))
    return folder / "out"


def number_of(store: Store, path: str) -> int:
    """The number of a document in the store."""
    with store._reading() as connection:
        query = select(documents.c.id).where(documents.c.path == path)
        return int(connection.execute(query).scalar_one())


def add_text(out: Path, name: str, word: str, best: str) -> int:
    """Put another plan into a store that was made, a text with ``word`` in doubt; its number."""
    root = out.parent / "plans"
    lines = [*CLEAN[:-1], f"1. Ban Văn hóa treo khẩu hiệu trên các {word} đường chính."]
    (root / name).write_text("\n".join(lines), encoding="utf-8")
    doubts = ((1, len(lines), word, best, 0.5),)
    found = document(root / name, root, [lines], doubts=doubts, media_type="text/plain")
    settings = Settings()
    with Store.open(out) as store:
        run = store.begin_run(root, "1", settings.model_dump_json())
        result = done(found, settings)
        store.put([result], run=run, version="1", settings_digest=settings.digest())
        return number_of(store, name)
