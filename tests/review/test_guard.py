"""Who gets in: foreign hosts, origins and paths are refused, and document text stays data."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from served import TOKEN, Served, serving

from pipeline import output

DECISION = {"kind": "index", "target": "PAR", "new": "absent", "seen": "0"}


def test_the_token_opens_once_and_the_cookie_after_that(shared_page: Served) -> None:
    response, _ = shared_page.ask(f"/?token={TOKEN}&lang=vi", cookie=False)
    assert response.status == 303
    assert response.headers["location"] == "/?lang=vi"
    cookie = response.headers["set-cookie"].lower()
    assert f"{TOKEN}; " in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert shared_page.ask("/")[0].status == 200


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/plan/1", "/workbook"])
def test_without_the_token_nothing_is_shown(shared_page: Served, path: str) -> None:
    response, text = shared_page.ask(path, cookie=False)
    assert response.status == 403
    assert "Hòa Phú" not in text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "[::1]:{port}", "127.0.0.1:{port}.x", ""],
)
def test_a_name_that_points_here_is_refused(shared_page: Served, host: str) -> None:
    """DNS rebinding: the browser sends the attacker's name as Host."""
    headers = {"Host": host.format(port=shared_page.port)}
    response, text = shared_page.ask("/", headers=headers)
    assert response.status in (400, 421)  # h11 itself refuses a request without a Host
    assert "Hòa Phú" not in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": ""},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_page_cannot_decide(shared_page: Served, headers: dict[str, str]) -> None:
    number = shared_page.number()
    before = shared_page.ask(f"/plan/{number}/record.json")[1]
    response, _ = shared_page.ask(
        f"/plan/{number}/decide", method="POST", form=DECISION, headers=headers
    )
    assert response.status == 403
    assert shared_page.ask(f"/plan/{number}/record.json")[1] == before


def test_a_foreign_page_cannot_read(shared_page: Served) -> None:
    response, _ = shared_page.ask("/plans.json", headers={"Origin": "https://evil.example"})
    assert response.status == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../../app.py",
        "/static/x/..%2f..%2fapp.py",
        "/static/x/%2e%2e/pages.py",
        "/../../../../etc/passwd",
        "/plan/..%2f..%2fetc/page/1.jpg",
        "/plan/1/page/..%2f1.jpg",
        "/plan/1/page/-1.jpg",
        "/static/x/..\\app.py",
        "//evil.example/",
        "/plan/99999999999999999999",
    ],
)
def test_tricks_with_paths_lead_nowhere(shared_page: Served, path: str) -> None:
    response, text = shared_page.ask(path)
    assert response.status in (400, 404)
    assert "root:" not in text
    assert "import " not in text
    assert "Traceback" not in text


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example"])
def test_the_entrance_leads_to_this_page_only(shared_page: Served, path: str) -> None:
    response, _ = shared_page.ask(f"{path}?token={TOKEN}", cookie=False)
    location = response.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y"]
)
def test_setting_a_name_leads_to_this_page_only(shared_page: Served, target: str) -> None:
    response, _ = shared_page.ask("/me", method="POST", form={"name": "Lê An", "next": target})
    assert response.status == 303
    assert response.headers["location"] == "/"


def test_an_upload_that_is_too_large_is_refused(shared_page: Served) -> None:
    size = 200_000
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body += b"a" * size + b"\r\n--x--\r\n"
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Origin": f"http://127.0.0.1:{shared_page.port}",
    }
    assert shared_page.ask("/upload", method="POST", headers=headers, body=body)[0].status == 413
    # the same in chunks, without a word on its length
    headers |= {"Transfer-Encoding": "chunked", "Content-Length": ""}
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    response, _ = shared_page.ask("/upload", method="POST", headers=headers, body=chunked)
    assert response.status == 413
    assert not (shared_page.out.parent / "plans" / "tai-len").exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../evil.txt", "evil.txt"),
        ("/etc/cron.d/evil.txt", "etc/cron.d/evil.txt"),
        ("..\\..\\evil.txt", "evil.txt"),
        ("<script>alert(1)</script>.txt", "_script_alert(1)_/script_.txt"),
    ],
)
def test_the_name_of_an_upload_leads_nowhere(out: Path, name: str, expected: str) -> None:
    folder = out.parent
    before = {path for path in folder.rglob("*") if path.is_file()}
    body = (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + name.encode() + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        b"said\r\n--x--\r\n"
    )
    with output.held(out), serving(out) as page:  # so that it is kept, but not read
        headers = {
            "Content-Type": "multipart/form-data; boundary=x",
            "Origin": f"http://127.0.0.1:{page.port}",
        }
        assert page.ask("/upload", method="POST", headers=headers, body=body)[0].status == 303
    after = {path for path in folder.rglob("*") if path.is_file()}
    new = {path for path in after - before if path.parent != out}  # there: locks, SQLite's own
    assert new == {folder / "plans" / "tai-len" / expected}


def test_a_form_that_is_too_large_is_refused(shared_page: Served) -> None:
    form = {**DECISION, "new": "a" * 400_000}
    response, _ = shared_page.ask(f"/plan/{shared_page.number()}/decide", method="POST", form=form)
    assert response.status == 413


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        inline = tag in ("script", "style") and not names.get("src")
        if inline or "style" in names or any(name.startswith("on") for name in names):
            self.found.append(tag)
        if tag == "img":
            self.found.append(tag)


HOSTILE = "<img src=x onerror=alert(1)>.txt"


@pytest.mark.parametrize(
    "path",
    [
        "/", "/?text=<script>alert(1)</script>", "/?province=\"><script>", "/plan/{number}",
        "/plan/{hostile}?text=<script>", "/compare?id={number}&id={hostile}",
        "/search?q=<script>alert(1)</script>", "/search?q=niem+yet+script", "/uploads",
    ],
)  # fmt: skip
def test_text_of_documents_and_names_of_files_are_data(shared_page: Served, path: str) -> None:
    numbers = {"number": shared_page.number(), "hostile": shared_page.number(HOSTILE)}
    response, text = shared_page.ask(path.format(**numbers).replace(" ", "%20"))
    assert response.status == 200
    scripts = _Scripts()
    scripts.feed(text)
    assert scripts.found == []
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


def test_the_hostile_name_is_shown_as_it_is(shared_page: Served) -> None:
    _, text = shared_page.ask(f"/plan/{shared_page.number(HOSTILE)}")
    assert "&lt;img src=x onerror=alert(1)&gt;.txt" in text


def test_it_listens_on_this_machine_alone(shared_page: Served) -> None:
    assert shared_page.url.startswith("http://127.0.0.1:")
