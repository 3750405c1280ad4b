"""HTML files: what a browser shows, block by block."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.document import Document, Page
from pipeline.extract import extract
from pipeline.ingest import identify
from pipeline.settings import Settings


def read(text: str | bytes, tmp_path: Path) -> Page:
    path = tmp_path / "plan.html"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    settings = Settings()
    (page,) = extract(Document(source=identify(path, None, settings)), settings=settings).pages
    return page


CASES = [
    ("<html><body>một</body></html>", ["một"]),
    ("<html><p>một<p>hai</html>", ["một", "hai"]),
    ("<html><p>một  \n hai<br>ba</p></html>", ["một hai", "ba"]),
    ("<html><p>kế <b>hoạch</b>, <i>năm</i> 2025</p></html>", ["kế hoạch, năm 2025"]),
    (
        "<html><head><title>t</title><style>p{}</style></head><script>x()</script>một</html>",
        ["một"],
    ),
    ("<html><ol><li>một<li>hai</ol><ul><li>ba</ul></html>", ["1. một", "2. hai", "- ba"]),
    ("<html><ol start=3><li>một</ol></html>", ["3. một"]),
    ("<html><div>một<div>hai</div>ba</div></html>", ["một", "hai", "ba"]),
    ("<html>&#7911;y &agrave;&nbsp;b</html>", ["ủy à b"]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_lines(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [line.text for line in read(text, tmp_path).lines] == expected


def test_table_with_spans(tmp_path: Path) -> None:
    page = read(
        "<html><table><tr><th colspan=2>đầu</th><th>cuối</th></tr>"
        "<tr><td rowspan=2>a</td><td>b</td><td>c<br>d</td></tr><tr><td>e</td><td></td></tr>"
        "</table></html>",
        tmp_path,
    )
    (table,) = page.tables
    cells = [
        (c.row, c.column, c.row_span, c.column_span, page.text_of(c.first_line, c.last_line))
        for c in table.cells
    ]
    assert cells == [
        (0, 0, 1, 2, "đầu"),
        (0, 2, 1, 1, "cuối"),
        (1, 0, 2, 1, "a"),
        (1, 1, 1, 1, "b"),
        (1, 2, 1, 1, "c\nd"),
        (2, 1, 1, 1, "e"),
        (2, 2, 1, 1, ""),
    ]


def test_the_encoding_that_the_bytes_show_wins(tmp_path: Path) -> None:
    text = '<html><meta charset="iso-8859-1"><p>Kế hoạch</p></html>'
    assert read(text, tmp_path).lines[0].text == "Kế hoạch"


def test_the_letterhead_is_no_table(tmp_path: Path) -> None:
    page = read(
        "<html><table><tr><td>XÃ ĐẮK NHAU</td><td>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</td></tr>"
        "</table><p>Thân</p></html>",
        tmp_path,
    )
    assert page.tables == ()
    assert [line.text for line in page.lines][-1] == "Thân"
