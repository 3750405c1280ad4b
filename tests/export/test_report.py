"""The report: complete in itself, safe with any text, alive in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from plan_records import corpus, evidence, finding, plan

from pipeline.errors import UsageError
from pipeline.export import report
from pipeline.normalize.record import PlanRecord

REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
HOSTILE = "</script><img src=x onerror=alert(1)><b>&\u2028\"' {{ 1 }}"


def written(tmp_path: Path, records: list[PlanRecord], **options: object) -> Path:
    path = tmp_path / "report.html"
    report.write(records, path, **({"required": REQUIRED} | options))  # type: ignore[arg-type]
    return path


class Page(HTMLParser):
    """Elements, texts of scripts, and addresses of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.scripts.append(data)

    def data(self) -> dict[str, Any]:
        return next(json.loads(s) for s in self.scripts if s.startswith('{"cards"'))


def hostile_record() -> PlanRecord:
    par = finding("PAR", "c").model_copy(
        update={"evidence": [evidence(HOSTILE, raw="x")], "reason": HOSTILE}
    )
    record = plan(HOSTILE, title=HOSTILE, number=HOSTILE, path=f"{HOSTILE}.pdf", district=HOSTILE)
    return record.model_copy(update={"indices": [par, *record.indices[1:]]})


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    page = Page(written(tmp_path, list(corpus(5)), source_root=tmp_path))
    loading = [
        (tag, attrs) for tag, attrs in page.elements
        if attrs.get("src") or (tag in ("link", "iframe", "object", "base", "form"))
    ]  # fmt: skip
    assert loading == []
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org)", text)


def test_the_policy_allows_our_script_and_style_by_hash_only(tmp_path: Path) -> None:
    page = Page(written(tmp_path, [plan()]))
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    style, script = page.scripts[0], page.scripts[-1]
    for part in (style, script):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    inline = [a for _, a in page.elements if any(k.startswith("on") or k == "style" for k in a)]
    assert inline == []


def test_text_of_a_document_stays_text(tmp_path: Path) -> None:
    failures = [{"path": HOSTILE, "code": HOSTILE, "message": HOSTILE}]
    page = Page(written(tmp_path, [hostile_record()], failures=failures))
    assert not [tag for tag, _ in page.elements if tag == "img"]
    card = page.data()["cards"][0]
    assert card["title"] == " ".join(HOSTILE.split())
    assert card["indices"][0]["evidence"][0]["quote"][0][0].startswith("</script>")


def test_cards_stand_in_the_order_of_the_matrix(tmp_path: Path) -> None:
    records = list(corpus(15))
    random.Random(1).shuffle(records)
    page = Page(written(tmp_path, records))
    cards = page.data()["cards"]
    assert len([a for _, a in page.elements if a.get("class") == "plan"]) == len(cards) == 15
    names = [c["unit"] for c in cards]
    shown = re.findall(r'class="unit" aria-expanded="false">([^<]+)<',
                       (tmp_path / "report.html").read_text(encoding="utf-8"))  # fmt: skip
    assert names == shown


def test_any_order_gives_the_same_bytes(tmp_path: Path) -> None:
    records = list(corpus(20))
    first = written(tmp_path, records).read_bytes()
    assert written(tmp_path, records[::-1]).read_bytes() == first


def test_a_quotation_stands_in_its_context_with_repairs(tmp_path: Path) -> None:
    quote = "Tuyên truyền về Chỉ số cải cách hành chính (PAR INDEX) và kết quả của địa phương."
    proof = evidence(quote, raw=quote.replace("cải cách", "c i cách"), page=3, line=7)
    record = plan()
    par = record.indices[0].model_copy(update={"evidence": [proof]})
    record = record.model_copy(update={"indices": [par, *record.indices[1:]]})
    found = Page(written(tmp_path, [record])).data()["cards"][0]["indices"][0]["evidence"][0]
    assert found["where"] == "Mục II.1.c, trang 3, dòng 7"
    assert ["cải", "c i"] in found["quote"]
    assert " ".join(piece[0] for piece in found["quote"]) == quote
    assert found["after"].startswith(" Tuyên truyền về Chỉ số hài lòng")


def test_a_card_is_bounded(tmp_path: Path) -> None:
    proofs = [evidence("chỉ số " * 5_000) for _ in range(50)]
    par = finding("PAR", "c").model_copy(update={"evidence": proofs})
    record = plan(extra="rất dài " * 20_000)
    record = record.model_copy(update={"indices": [par, *record.indices[1:]]})
    path = written(tmp_path, [record])
    card = Page(path).data()["cards"][0]
    assert len(json.dumps(card, ensure_ascii=False)) < 12_000
    assert card["indices"][0]["more"] == 47


def test_files_that_failed_are_listed_with_what_to_do(tmp_path: Path) -> None:
    failures = [
        {"path": "kho/x.pdf", "code": "encrypted", "message": "kho/x.pdf: needs a password"}
    ]
    text = written(tmp_path, [plan()], failures=failures).read_text(encoding="utf-8")
    assert "kho/x.pdf" in text
    assert "Bỏ mật khẩu" in text


def test_links_to_files_cannot_become_scripts(tmp_path: Path) -> None:
    record = plan(path="javascript:alert(1)//#?%41.pdf")
    (card,) = Page(written(tmp_path, [record], source_root=tmp_path)).data()["cards"]
    assert card["href"] == "javascript%3Aalert%281%29/%23%3F%2541.pdf"


def test_no_records_and_english(tmp_path: Path) -> None:
    assert "Chưa có kế hoạch" in written(tmp_path, []).read_text(encoding="utf-8")
    english = written(tmp_path, [plan(marks="- c c c")], language="en").read_text(encoding="utf-8")
    assert '<html lang="en">' in english
    assert "Absent" in english


def test_a_wrong_demand_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        written(tmp_path, [plan()], required=["DTI"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_in_a_browser_a_card_opens_and_no_text_runs(tmp_path: Path) -> None:
    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser is None:
        pytest.skip("no Chromium is installed")
    path = written(tmp_path, [*corpus(3), hostile_record()])
    number = next(
        n for n, c in enumerate(Page(path).data()["cards"], 1) if c["unit"].startswith("</")
    )
    result = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr",
         "--virtual-time-budget=2000", "--dump-dom", f"{path.as_uri()}#p{number}"],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in result.stderr  # neither an error nor a breach of the policy
    assert result.stdout.count('class="card"') == 1
    assert "<img" not in result.stdout
    assert "&lt;/script&gt;&lt;img src=x" in result.stdout
    assert "4 trên 4 kế hoạch" in result.stdout
