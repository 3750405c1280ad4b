"""The report in headless Chromium: on a phone, in print, searched, hovered, year against year."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from plan_records import evidence, of_two_years, plan

from pipeline.export import report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

FOUND = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
CHROMIUM = next(filter(None, FOUND), None)
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
LONG = "Tên-rất-dài-không-có-chỗ-ngắt-" * 12


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quote = "Tuyên truyền về Chỉ số cải cách hành chính (PAR INDEX) và kết quả của địa phương."
    proof = evidence(quote, raw=quote.replace("cải cách", "c i cách"), page=3, line=7)
    repaired = plan("xã Đức Lâm", path="đức lâm.pdf", title=LONG)
    par = repaired.indices[0].model_copy(update={"evidence": [proof]})
    repaired = repaired.model_copy(update={"indices": [par, *repaired.indices[1:]]})
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write([repaired, *of_two_years(20)], path, required=REQUIRED)
    return path


@pytest.fixture
def page(browser: playwright.Browser, written: Path) -> Iterator[playwright.Page]:
    context = browser.new_context(locale="vi-VN", offline=True)  # nothing of it needs a network
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda said: troubles.append(said.text))
    opened.goto(written.as_uri())
    opened.wait_for_selector(".tools:not([hidden])")
    yield opened
    context.close()
    assert troubles == []


def too_wide(page: playwright.Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide


@pytest.mark.parametrize("width", [320, 390, 768, 910, 1050, 1280])
def test_nothing_is_wider_than_the_screen(page: playwright.Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    assert too_wide(page) <= 0
    page.locator("#open").click()
    expect(page.locator("tr.card")).to_have_count(21)
    assert too_wide(page) <= 0


def test_what_a_repaired_word_was_is_shown_when_it_is_pointed_at(page: playwright.Page) -> None:
    page.get_by_role("button", name="Xã Đức Lâm").click()
    word = page.locator("blockquote ins").first
    expect(word).to_have_text("cải")
    shown = "getComputedStyle(node, '::after').content"
    assert word.evaluate(f"node => {shown}") == "none"
    word.hover()
    assert "c i" in word.evaluate(f"node => {shown}")


def test_search_and_filter_need_neither_marks_nor_a_network(page: playwright.Page) -> None:
    page.locator("#search").fill("duc lam")
    expect(page.locator("tr.plan:visible")).to_have_count(1)
    page.locator("#search").fill("")
    page.locator("#filter").select_option("complete")
    page.wait_for_timeout(200)
    cells = page.locator("tr.plan:visible td.m").evaluate_all("all => all.map(c => c.className)")
    assert cells
    assert set(cells) == {"m covered"}


def test_print_has_the_picture_the_matrix_and_the_cards_that_are_open(
    page: playwright.Page,
) -> None:
    page.get_by_role("button", name="Xã Đức Lâm").click()
    printed = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    width, height = printed[0].get_size()
    assert (round(width), round(height)) == (842, 595)  # A4, landscape
    text = "".join(sheet.get_textpage().get_text_bounded() for sheet in printed)
    for words in ("PAR INDEX", "Xã Đức Lâm", "trang 3", "dòng 7"):
        assert words in text, words
    assert "Mở hồ sơ" not in text  # no buttons on paper


def test_a_card_tells_what_changed_since_the_year_before(page: playwright.Page) -> None:
    expect(page.locator(".steps tbody tr")).to_have_count(1)
    expect(page.locator(".steps tbody th")).to_have_text("2025 → 2026")
    row = page.evaluate(
        "Number(Object.keys(JSON.parse(document.getElementById('data').textContent).years)[0]) + 1"
    )
    page.locator(f"#p{row} .unit").click()
    since = page.locator(".card .since li")
    expect(since.first).to_contain_text("Lời văn")
    assert since.count() <= 16
    page.locator(".card h4 a").click()  # to the plan of the year before
    expect(page.locator("tr.card")).to_have_count(2)
