"""The page in a real browser: what a person does, by mouse, by keyboard, without scripts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import made_scan
import openpyxl
import pytest
from made_store import CLEAN, add_text
from served import Served, serving

from pipeline import output

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from axe_playwright_python.sync_playwright import Axe  # noqa: E402

expect = playwright.expect

FOUND = ("/usr/bin/chromium", shutil.which("chromium-browser"), shutil.which("google-chrome"))
CHROMIUM = next((path for path in FOUND if path and Path(path).exists()), None)
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
        "--disable-sync"]  # fmt: skip
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: playwright.Browser, served: Served) -> Iterator[playwright.Page]:
    context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 900})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("dialog", lambda dialog: troubles.append("dialog"))
    opened.on(
        "console",
        lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None,
    )
    opened.goto(served.url)
    yield opened
    context.close()
    assert troubles == []


def open_plan(page: playwright.Page) -> None:
    page.get_by_role("link", name="Xã Hòa Phú").click()
    page.wait_for_selector("#work")


def test_filter_open_correct_undo_and_the_results_follow(
    page: playwright.Page, served: Served, tmp_path: Path
) -> None:
    page.locator("select[name=index]").select_option("SIPAS")
    with page.expect_response(lambda response: "mark=covered" in response.url):
        page.locator("select[name=mark]").select_option("covered")
    expect(page.locator("#found")).not_to_contain_text("Xã Hòa Phú")
    assert "mark=covered" in page.url
    page.get_by_role("link", name="Bỏ lọc").click()

    open_plan(page)
    assert page.locator(".w.low").count() == 1
    page.keyboard.press("n")
    assert page.locator(".w.now").inner_text() == "SXPAS"
    assert "Gợi ý: SIPAS" in (page.locator(".w.now").get_attribute("aria-description") or "")
    assert float(page.locator("#spot").get_attribute("width") or 0) > 10  # shown on the image
    page.keyboard.press("c")
    box = page.locator("#editor input[name=new]")
    assert box.input_value() == "SIPAS"
    box.press("Enter")
    page.wait_for_selector(".w.decided")
    assert page.locator(".w.decided").inner_text() == "SIPAS"
    assert page.locator("#editor").is_hidden()
    assert "✓ SIPAS Có" in re.sub(r"\s+", " ", page.locator("#d-indices").inner_text())

    page.goto(served.url)
    row = page.get_by_role("row").filter(has_text="Xã Hòa Phú")
    assert row.locator("td.m").nth(1).inner_text().startswith("✓")
    with page.expect_download() as download:
        page.get_by_role("link", name="Sổ tính Excel").click()
    download.value.save_as(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    cells = [str(cell.value) for row in book["Đính chính"].iter_rows() for cell in row]
    assert {"SXPAS", "SIPAS", "Trần Thị Hoa"} <= set(cells)

    open_plan(page)
    page.keyboard.press("u")
    page.wait_for_selector(".w.low")
    assert page.locator(".w.low").inner_text() == "SXPAS"
    record = json.loads(served.ask(f"/plan/{served.number()}/record.json")[1])
    assert record["review"] is None


def test_by_keyboard_alone(page: playwright.Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_role("link", name="Xã Hòa Phú").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#work")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()
    page.keyboard.press("n")
    page.wait_for_selector(".w.now")
    page.keyboard.press("s")  # takes the suggestion
    page.wait_for_selector(".w.decided")
    expect(page.locator(".w.decided")).to_have_text("SIPAS")
    page.keyboard.press("n")  # the next uncertain word is on the next page
    page.wait_for_url("**sheet=2**")
    page.wait_for_selector(".w.now")
    assert page.locator(".w.now").inner_text() == "phối"
    page.keyboard.press("a")
    expect(page.locator(".w.now")).to_have_text("cài")
    page.keyboard.press("e")
    line = page.locator("#line-editor input[name=new]")
    line.fill(line.input_value().replace("cài cách", "cải cách"))
    line.press("Enter")
    expect(page.locator(".w.decided")).to_have_count(2)
    assert page.locator(".tools .open b").inner_text() == "0"
    page.keyboard.press("]")
    expect(page).not_to_have_title(re.compile("Hòa Phú"))


def test_a_key_straight_after_a_dialog_is_not_lost(page: playwright.Page) -> None:
    open_plan(page)
    page.evaluate(
        """() => {
          const help = document.querySelector("#help");
          help.showModal();
          help.close(); // the focus leaves it with the next frame
          const key = new KeyboardEvent("keydown", { key: "n", bubbles: true });
          document.activeElement.dispatchEvent(key);
        }"""
    )
    assert page.locator(".w.now").count() == 1


def test_image_and_text_are_linked(page: playwright.Page) -> None:
    open_plan(page)
    expect(page.locator(".image image")).to_be_visible()
    page.locator("#l3").hover()
    expect(page.locator(".box[data-line='3']")).to_have_class("box on")
    page.locator(".box[data-line='5']").hover()
    expect(page.locator("#l5")).to_have_class("line body on")
    assert page.locator("mark").first.get_attribute("title") == "PAR"


def test_a_signature_a_field_and_a_section(page: playwright.Page) -> None:
    open_plan(page)
    page.locator("#f-signature-name > summary").click()
    page.locator("#f-signature-name input[name=new]").fill("Nguyễn Văn Bính")
    page.locator("#f-signature-name button").click()
    page.wait_for_selector("#f-signature-name .by")
    assert "Nguyễn Văn Bính" in page.locator("#f-signature-name .value").inner_text()
    page.locator(".sign button").click()
    page.wait_for_selector(".sign .ok")
    assert "Trần Thị Hoa đã ký kiểm tra" in page.locator(".sign .ok").inner_text()


def test_a_lost_connection_loses_nothing(page: playwright.Page) -> None:
    open_plan(page)
    page.keyboard.press("n")
    page.keyboard.press("c")
    page.locator("#editor input[name=new]").fill("SIPAS năm 2025")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_selector("#toast:visible")
    assert "Mất kết nối" in page.locator("#toast").inner_text()
    assert page.locator("#editor input[name=new]").input_value() == "SIPAS năm 2025"
    page.context.set_offline(False)
    page.reload()  # even so
    assert page.locator("#editor input[name=new]").input_value() == "SIPAS năm 2025"
    page.keyboard.press("Enter")
    page.wait_for_selector(".w.decided")
    assert page.locator(".w.decided").inner_text() == "SIPAS năm 2025"


def test_a_program_that_was_ended_and_started_again_loses_nothing(
    browser: playwright.Browser, out: Path
) -> None:
    context = browser.new_context(locale="vi-VN")
    with serving(out) as first:
        page = context.new_page()
        page.goto(first.url)
        open_plan(page)
        page.keyboard.press("n")
        page.keyboard.press("c")
        page.locator("#editor input[name=new]").fill("SIPAS năm 2025")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text(f"--port {first.port}")
    with serving(out, port=first.port, token="another") as again:
        page.keyboard.press("Enter")
        expect(page.locator("#toast")).to_contain_text("Hãy mở địa chỉ mới")
        context.new_page().goto(again.url)
        assert page.locator("#editor input[name=new]").input_value() == "SIPAS năm 2025"
        page.locator("#editor input[name=new]").press("Enter")
        expect(page.locator(".w.decided")).to_have_text("SIPAS năm 2025")
    context.close()


def test_the_later_of_two_tabs_is_told(page: playwright.Page) -> None:
    open_plan(page)
    other = page.context.new_page()
    other.goto(page.url)
    for tab, text in ((page, "SIPAS"), (other, "PAPI")):
        tab.keyboard.press("n")
        tab.keyboard.press("c")
        tab.locator("#editor input[name=new]").fill(text)
        tab.keyboard.press("Enter")
        tab.wait_for_selector(".w.decided")
    assert "đã quyết định chỗ này trước: “SIPAS”" in other.locator("#notice").inner_text()
    assert other.locator("#editor input[name=new]").input_value() == "PAPI"  # still there


def test_compare(page: playwright.Page, served: Served) -> None:
    for path in ("hoa-phu.pdf", "cao-lanh.txt"):
        page.locator(f"input[name=id][value='{served.number(path)}']").check()
    page.get_by_role("button", name="So sánh").click()
    page.wait_for_selector(".side-by-side")
    shared = page.locator("td mark.shared").all_inner_texts()
    assert "Nâng cao nhận thức của cán bộ và nhân dân về cải cách hành chính." in shared
    own = page.locator("td .own").all_inner_texts()
    assert any("khẩu hiệu" in text for text in own)


def test_search_without_diacritics_leads_to_the_line(page: playwright.Page) -> None:
    page.get_by_role("searchbox", name="Tìm trong nội dung các kế hoạch").fill("bo phan mot cua")
    page.keyboard.press("Enter")
    assert page.locator(".hits mark").inner_text() == "bộ phận một cửa"
    page.locator(".hits a").click()
    expect(page.locator(".line:target .no")).to_have_text("12")


def test_reading_needs_no_script(browser: playwright.Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    page.goto(served.url)
    open_plan(page)
    assert "SXPAS" in page.locator(".text").inner_text()
    page.get_by_role("link", name="tr. 2").click()
    assert "III. TỔ CHỨC THỰC HIỆN" in page.locator(".text").inner_text()
    page.locator(".finding").nth(3).get_by_role("button").click()  # decisions work as forms, too
    page.wait_for_url("**/plan/**")
    assert page.locator(".log li").count() == 1
    context.close()


def test_english_by_a_switch(page: playwright.Page) -> None:
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == "Overview of the plans"
    assert page.locator("html").get_attribute("lang") == "en"


def test_through_a_list_by_keyboard_alone(page: playwright.Page, served: Served) -> None:
    """Next word across pages and plans, accept all, take all back, sign."""
    other = add_text(served.out, "tan-an.txt", "truc", "trục")
    page.goto(served.url.partition("?")[0] + "?doubt=words")
    page.get_by_role("link", name="Xã Hòa Phú").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#work")
    expect(page.locator(".crumb")).to_contain_text(re.compile("Kế hoạch [12] trên 2"))
    page.keyboard.press("n")
    page.keyboard.press("s")
    expect(page.locator(".w.decided")).to_have_text("SIPAS")
    page.keyboard.press("Shift+A")
    expect(page.locator("#accept")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+A")
    expect(page.locator("#accept button:focus")).to_have_text("Cả kế hoạch (2 từ)")
    page.keyboard.press("Enter")
    expect(page.locator(".tools .open b")).to_have_text("0")
    expect(page.locator("#undo button")).to_contain_text("(2)")
    page.keyboard.press("u")
    expect(page.locator(".tools .open b")).to_have_text("2")
    page.keyboard.press("Shift+A")
    page.keyboard.press("Enter")
    expect(page.locator(".tools .open b")).to_have_text("0")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator(".sign .ok")).to_contain_text("Trần Thị Hoa đã ký kiểm tra")
    page.locator("#main").click(position={"x": 2, "y": 2})
    page.keyboard.press("n")  # told first, then taken there
    expect(page.locator("#toast")).to_contain_text("Bấm n lần nữa")
    page.keyboard.press("n")
    page.wait_for_url(f"**/plan/{other}?doubt=words#next")
    expect(page.locator(".w.now")).to_have_text("truc")
    page.keyboard.press("s")
    expect(page.locator(".w.decided")).to_have_text("trục")
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#toast")).to_contain_text("không còn kế hoạch nào")


def test_accepting_what_another_tab_has_changed_is_refused(page: playwright.Page) -> None:
    open_plan(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.keyboard.press("n")
    other.keyboard.press("s")
    expect(other.locator(".w.decided")).to_have_text("SIPAS")
    page.keyboard.press("Shift+A")
    page.get_by_role("button", name="Cả kế hoạch (3 từ)").click()
    expect(page.locator("#notice")).to_contain_text("đã thay đổi từ khi bạn mở trang")
    expect(page.locator(".tools .open b")).to_have_text("2")  # nothing was accepted unseen
    expect(page.locator(".w.decided")).to_have_text("SIPAS")


def test_a_list_is_sorted(page: playwright.Page) -> None:
    with page.expect_response(lambda response: "order=issued" in response.url):
        page.locator("select[name=order]").select_option("issued")
    expect(page.locator("#found .matrix tbody th").last).to_contain_text("Hòa Phú")  # March


AXE_VIEWS = [("light", 1366, "vi"), ("dark", 1366, "en"), ("light", 390, "en"), ("dark", 390, "vi")]
AXE_PAGES = (
    ("/", ""), ("/?text=xyzzy", ""), ("/plan/{one}", ""), ("/plan/{one}", "n"),
    ("/plan/{one}", "nc"), ("/plan/{one}", "ne"), ("/plan/{one}", "?"), ("/plan/{one}", "A"),
    ("/plan/{two}", ""), ("/compare?id={one}&id={two}", ""), ("/search?q=cai+cach", ""),
    ("/search?q=xyzzy", ""), ("/search", ""), ("/plan/99999", ""),
)  # fmt: skip


@pytest.mark.parametrize(("scheme", "width", "language"), AXE_VIEWS)
def test_no_serious_finding_of_axe_on_any_page(
    browser: playwright.Browser, served: Served, scheme: str, width: int, language: str
) -> None:
    """Every page, and what opens on it: editors, shortcuts, the dialog, failures, a signature."""
    sign = {"kind": "sign", "target": "plan", "new": "Lê An", "seen": "0"}
    two = served.number("cao-lanh.txt")
    served.ask(f"/plan/{two}/decide", method="POST", form=sign)
    context = browser.new_context(
        locale="vi-VN", color_scheme=scheme, viewport={"width": width, "height": 844}
    )
    page = context.new_page()
    page.goto(served.url)
    if language == "en":
        page.get_by_role("button", name="English").click()
    base = served.url.partition("/?")[0]
    axe, found = Axe(), []
    for path, keys in AXE_PAGES:
        page.goto(base + path.format(one=served.number(), two=two))
        page.wait_for_load_state()
        for key in keys:
            page.keyboard.press(key)
        opened = {"c": "#editor", "e": "#line-editor", "?": "#help", "A": "#accept"}.get(keys[-1:])
        if opened:
            expect(page.locator(opened)).to_be_visible()
        assert page.locator("html").get_attribute("lang") == language
        found += [
            (path, keys, one["id"], node["html"][:160])
            for one in axe.run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
        # and nothing is wider than the screen
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, keys)
    context.close()
    assert found == []


DROPPED = """() => {
    const file = (name, text) => (
        { isFile: true, name, file: (done) => done(new File([text], name)) });
    const folder = (name, entries) => ({ isDirectory: true, name, createReader: () => {
        const some = [entries, []];
        return { readEntries: (done) => done(some.shift()) };
    } });
    const dropped = folder("xã An Hòa", [file("kh.txt", "KẾ HOẠCH"), file(".DS_Store", "x"),
        folder("phụ lục", [file("lớn.txt", "x".repeat(200000)), file("pl.txt", "Phụ lục")])]);
    const event = new Event("drop", { bubbles: true, cancelable: true });
    event.dataTransfer = { items: [{ webkitGetAsEntry: () => dropped }] };
    document.dispatchEvent(event);
}"""


def test_a_folder_is_dropped_and_what_was_not_taken_is_said(
    browser: playwright.Browser, out: Path
) -> None:
    """Chromium makes no folder entries for a test: the entries are, all behind them is real."""
    with output.held(out), serving(out, upload_bytes=100_000) as served:  # nothing is read
        context = browser.new_context(locale="vi-VN")
        page = context.new_page()
        page.goto(served.url)
        page.evaluate(DROPPED)
        status = page.locator("#sending")
        expect(status).to_have_text("Đã gửi: 2 · bỏ qua (tệp ẩn, tệp tạm): 1")
        unsent = page.locator("#unsent li")
        expect(unsent).to_have_text([re.compile(r"^xã An Hòa/phụ lục/lớn\.txt: .*giới hạn")])
        expect(page.locator("#ingest")).to_contain_text("Đang chờ một lượt chạy khác")
        kept = out.parent / "plans" / "tai-len" / "xã An Hòa"
        assert (kept / "phụ lục" / "pl.txt").read_text(encoding="utf-8") == "Phụ lục"
        page.evaluate(DROPPED)
        expect(status).to_contain_text("đã có sẵn: 2")
        context.close()


@pytest.mark.slow
def test_a_scan_that_is_dropped_is_read_and_arrives(
    browser: playwright.Browser, out: Path, tmp_path: Path
) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    scan = tmp_path / "<b>phường.png"
    made_scan.save(made_scan.page(CLEAN), scan)
    with serving(out) as served:
        context = browser.new_context(locale="vi-VN")
        page = context.new_page()
        page.goto(served.url)
        page.locator("#drop input[name=file]").set_input_files(scan)
        page.get_by_role("button", name="Tải lên").click()
        page.wait_for_selector("#ingest progress", timeout=20_000)
        page.wait_for_selector("#ingest[data-finished]", timeout=240_000)
        rows = page.locator("#found .matrix tbody th").filter(has_text="Cao Lãnh")
        expect(rows).to_have_count(3)
        context.close()
    assert [path.name for path in (out.parent / "plans" / "tai-len").iterdir()] == ["_b_phường.png"]
