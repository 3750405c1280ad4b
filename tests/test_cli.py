"""The command ``kehoach`` as a user meets it: a process, its two streams, its exit code."""

from __future__ import annotations

import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
from plan_folders import plan_text, write_plans
from typer.main import get_command

from pipeline import cli, console
from pipeline.batch import run_folder
from pipeline.document import Edit, replay
from pipeline.engine import InProcess
from pipeline.settings import Settings

ROOT = Path(__file__).parent.parent


Kehoach = Callable[..., "Answer"]


@dataclass(frozen=True)
class Answer:
    """What a command gave back; whatever it is, it holds no traceback."""

    returncode: int
    stdout: bytes
    stderr: bytes

    def __post_init__(self) -> None:
        assert b"Traceback" not in self.stdout + self.stderr


def process(*arguments: str | Path, **environment: str) -> Answer:
    """Run the command as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        capture_output=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", **environment},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def kehoach(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Kehoach:
    """The command in this process, which saves seconds of start; ``stdin`` are bytes."""

    def _kehoach(*arguments: str | Path, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfdbinary.readouterr()
        code = console.guarded(cli.app, [str(argument) for argument in arguments])
        return Answer(code, *capfdbinary.readouterr())

    return _kehoach


def one_sentence(done: Answer) -> str:
    """The message of a command that could not be carried out: one line on standard error."""
    assert done.stdout == b""
    text = done.stderr.decode()
    assert text.startswith("kehoach: ")
    assert text.count("\n") == 1
    return text


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run over three plans."""
    plans = write_plans(tmp_path_factory.mktemp("plans"), 3)
    out = tmp_path_factory.mktemp("out")
    run_folder(plans, out, engine=InProcess())
    return out


def pdf(text: str, **options: object) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, **options)
    for number, line in enumerate(text.splitlines()[:45]):
        canvas.drawString(40, 800 - 16 * number, line.encode("ascii", "ignore").decode())
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_a_folder_of_bad_input(tmp_path: Path) -> None:
    """Everything that can be wrong with a file, and one good plan."""
    from reportlab.lib.pdfencrypt import StandardEncryption

    folder = tmp_path / "folder"
    folder.mkdir()
    chance = random.Random(7)
    whole = pdf("A plan\n" * 40)
    locked = pdf("A plan", encrypt=StandardEncryption("secret", canPrint=0))
    files = {
        "good.txt": plan_text(1).encode(),
        "empty.pdf": b"",
        "noise.pdf": chance.randbytes(20_000),
        "noise.docx": chance.randbytes(20_000),
        "noise.png": chance.randbytes(20_000),
        "truncated.pdf": whole[: len(whole) // 3],
        "encrypted.pdf": locked,
        "header only.pdf": b"%PDF-1.7\n",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "x.pdf").mkdir()
    (tmp_path / "outside.txt").write_text(plan_text(2), encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    done = process("run", folder, "--out", tmp_path / "out", "--timeout", "60")
    assert done.returncode == 4, done.stderr
    report = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert (report["found"], report["done"]) == (10, 1)
    failures = {failure["path"]: failure for failure in report["failures"]}
    assert set(failures) == {*files, "link.txt", "x.pdf"} - {"good.txt"}
    assert failures["encrypted.pdf"]["code"] == "encrypted"
    assert {f["code"] for f in failures.values()} == {
        "encrypted", "unreadable", "link_outside", "not_a_file"
    }  # fmt: skip
    for path, failure in failures.items():
        assert path in done.stderr.decode()
        assert len(failure["message"]) > 15
        assert "\n" not in failure["message"]
    assert [path.name for path in (tmp_path / "out" / "plans").iterdir()] == ["good.json"]
    again = process("run", folder, "--out", tmp_path / "out")
    assert again.returncode == 4
    assert again.stdout.startswith(b"10 found: 0 done, 1 skipped, 9 failed")


def test_results_go_to_stdout_and_progress_to_stderr(tmp_path: Path) -> None:
    done = process("run", write_plans(tmp_path / "in", 2), "--out", tmp_path / "out")
    assert done.returncode == 0
    assert re.match(rb"2 found: 2 done, 0 skipped, 0 failed, in [\d.]+ s; see ", done.stdout)
    assert done.stderr.decode().splitlines()[0] == "2 to read"
    assert b"\x1b" not in done.stderr  # no colours and no bar where there is no terminal


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "{tmp}", "--out", "{tmp}/o", "--foo"], 2, "No such option: --foo"),
        (["run", "{tmp}"], 2, "Missing option '--out'"),
        (["run", "{tmp}/none", "--out", "{tmp}/o"], 2, "does not exist"),
        (["run", "{tmp}/plan.txt", "--out", "{tmp}/o"], 2, "is a file"),
        (["run", "{tmp}/empty", "--out", "{tmp}/o"], 2, "nothing to read"),
        (["run", "{tmp}", "--out", "{tmp}"], 2, "--out is the folder that is read"),
        (["run", "{tmp}", "--out", "{tmp}/plan.txt"], 2, "cannot be written"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--workers", "x"], 2, "--workers"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--timeout", "0"], 2, "timeout"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--ocr", "maybe"], 2, "--ocr"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--engine", "spark"], 2, "--engine"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--scheduler", "tcp://x"], 2, "no address of a Dask"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--scheduler", "tcp://127.0.0.1:1"], 2, "answers at"),
        (["run", "{tmp}", "--out", "{tmp}/o", "--metrics-port", "99999"], 2, "--metrics-port"),
        (["run", "nonsense://x/y", "--out", "{tmp}/o"], 2, "nonsense://"),
        (["run", "file://elsewhere/x", "--out", "{tmp}/o"], 2, "names another machine"),
        (["status", "{tmp}/none"], 2, "no run to be seen"),
        (["nonsense"], 2, "No such command 'nonsense'"),
        (["review", "{tmp}"], 2, "there is no store"),
        (["restore", "{tmp}/none.txt"], 2, "cannot be read"),
        (["restore", "{tmp}/empty"], 2, "cannot be read"),
        (["restore", "{tmp}/noise"], 2, "is no text"),
        (["restore", "{tmp}/plan.txt", "--damage", "rain"], 2, "--damage"),
        (["restore", "{tmp}/plan.txt", "--edits", "{tmp}/no/e"], 2, "cannot be written"),
        (["extract", "{tmp}/none.pdf"], 4, "does not exist"),
        (["extract", "{tmp}/noise"], 4, "noise"),
        (["audit", "{tmp}/none"], 2, "there is no store"),
        (["audit", "{tmp}/empty"], 2, "there is no store"),
        (["audit", "{tmp}/noise"], 1, "damaged"),
        (["export", "{tmp}/empty", "--to", "{tmp}/x.csv"], 2, "there is no store"),
        (["export", "{tmp}/noise", "--to", "{tmp}/x.csv"], 1, "damaged"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    kehoach: Kehoach, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "plan.txt").write_text(plan_text(0), encoding="utf-8")
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(5_000))
    done = kehoach(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert words in one_sentence(done)
    assert done.returncode == code


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("workers = 'many'", "workers"),
        ("wokers = 2", "no setting 'wokers'"),
        ("workers = = 2", "cannot be read"),
    ],
)
def test_a_wrong_settings_file_is_told_in_one_sentence(
    kehoach: Kehoach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, words: str
) -> None:
    (tmp_path / "kehoach.toml").write_text(content)
    (tmp_path / "plan.txt").write_text(plan_text(0), encoding="utf-8")
    monkeypatch.setenv("KEHOACH_CONFIG", str(tmp_path / "kehoach.toml"))
    done = kehoach("run", tmp_path, "--out", tmp_path / "out")
    assert words in one_sentence(done)
    assert done.returncode == 2


def test_an_unexpected_error_is_one_sentence_and_a_file_with_details(
    kehoach: Kehoach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("pipeline.doctor.examine", lambda: 1 / 0)
    done = kehoach("doctor")
    text = one_sentence(done)
    assert done.returncode == 1
    assert "ZeroDivisionError" in text
    (log,) = tmp_path.glob("kehoach-*.log")
    assert str(log) in text
    assert "Traceback" in log.read_text()


CHECKLIST = """
name = "Của tỉnh"
version = "3"
[[check]]
id = "online"
kind = "channels"
value = "online"
vi = "Kênh trực tuyến"
en = "An online channel"
[[index]]
id = "HPI"
vi = "Chỉ số hạnh phúc (HPI)"
en = "Happiness index (HPI)"
names = ["Chỉ số hạnh phúc"]
"""


def test_a_checklist_of_ones_own(kehoach: Kehoach, out: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(CHECKLIST, encoding="utf-8")
    text = kehoach("audit", out, "--checklist", mine).stdout.decode()
    assert "Của tỉnh 3: 0 of 3 plans meet all" in text
    assert "xã An Bình: An online channel" in text
    assert "HPI absent" in text
    data = json.loads(kehoach("audit", out, "--checklist", mine, "--format", "json").stdout)
    assert list(data["checklist"]["unmet"].values()) == [["online"]] * 3
    assert data["required"][-1] == "HPI"
    rows = kehoach("audit", out, "--checklist", mine, "--format", "csv").stdout.decode()
    assert rows.splitlines()[0].endswith("HPI,score,to_review,unmet")
    kehoach("export", out, "--to", tmp_path / "a.csv", "--checklist", mine)
    assert b",HPI,HPI_needs_review," in (tmp_path / "a.csv").read_bytes()
    kehoach("export", out, "--to", tmp_path / "a.html", "--checklist", mine)
    assert "Chỉ số hạnh phúc (HPI)" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["run", "audit", "export"])
def test_a_wrong_checklist_is_told_before_any_work(
    kehoach: Kehoach, out: Path, tmp_path: Path, command: str
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("name = ", encoding="utf-8")
    more = {"run": ["--out", tmp_path / "new"], "audit": [], "export": ["--to", tmp_path / "a.csv"]}
    done = kehoach(command, out, *more[command], "--checklist", mine)
    assert done.returncode == 2
    assert "mine.toml: is not a TOML file" in one_sentence(done)
    assert not (tmp_path / "new").exists()


def test_search_shows_unit_section_page_and_file(kehoach: Kehoach, out: Path) -> None:
    lines = kehoach("search", out, "chi so HAI LONG").stdout.decode().splitlines()
    assert lines[0] == "xã An Bình · II.1.-1 · page 1, line 19 (000/plan-00000.txt)"
    assert "[Chỉ số hài lòng] của người dân (SIPAS)" in lines[1]
    assert lines[-1] == "3 passages in 3 documents"
    data = json.loads(kehoach("search", out, "papi", "--limit", "1", "--format", "json").stdout)
    assert (len(data["hits"]), data["total"]) == (1, 3)
    assert kehoach("search", out, "không có ở đâu cả").stdout == b"0 passages in 0 documents\n"
    assert "say what to look for" in one_sentence(kehoach("search", out, "…"))


def test_history_tells_what_changed_and_why(kehoach: Kehoach, tmp_path: Path) -> None:
    plans, out = write_plans(tmp_path / "plans", 2), tmp_path / "out"
    run_folder(plans, out, engine=InProcess())
    assert "differ" not in kehoach("history", out).stdout.decode()
    path = plans / "000" / "plan-00001.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("PAPI", "PAP").replace(
        "hiệu quả quản trị và hành chính công", "khác"), encoding="utf-8")  # fmt: skip
    run_folder(plans, out, engine=InProcess())
    text = kehoach("history", out).stdout.decode()
    assert "run 2" in text
    assert "Run 1 to run 2: 1 files differ" in text
    assert "xã Phước Lộc (000/plan-00001.txt): the file is another one" in text
    assert "      PAPI: covered -> absent" in text
    data = json.loads(
        kehoach("history", out, "--from", "2", "--to", "1", "--format", "json").stdout
    )
    assert data["changes"][0]["changed"]["PAPI"] == ["absent", "covered"]
    assert "no run 9" in one_sentence(kehoach("history", out, "--from", "9"))


def test_every_command_has_help_with_an_example(kehoach: Kehoach) -> None:
    command = get_command(cli.app)
    names = {"run", "restore", "extract", "audit", "search", "history", "export", "review",
             "doctor", "schema", "status"}  # fmt: skip
    assert set(command.commands) == names  # type: ignore[attr-defined]
    for name in names:
        done = kehoach(name, "--help")
        assert done.returncode == 0
        assert f"  kehoach {name}" in done.stdout.decode()


def test_help_is_what_a_bare_command_shows_and_it_loads_nothing_heavy(kehoach: Kehoach) -> None:
    assert kehoach().stdout == kehoach("--help").stdout
    code = (
        "import sys; from pipeline import cli, console; console.guarded(cli.app, ['--help'])\n"
        "print([m for m in ('numpy', 'pandas', 'sqlalchemy', 'pydantic') if m in sys.modules],"
        "file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr.strip() == b"[]"


def test_choices_are_those_of_the_settings() -> None:
    fields = Settings.model_fields
    assert get_args(fields["ocr"].annotation) == get_args(cli.OcrMode)
    assert get_args(fields["language"].annotation) == get_args(cli.Language)


def test_version() -> None:
    assert re.fullmatch(rb"kehoach \d+\.\d+\.\d+\r?\n", process("--version").stdout)


@pytest.mark.parametrize(
    "text",
    ["Kế hoạch\n", "dòng một\r\ndòng hai\r\n", "không xuống dòng cuối", "\n\n", "", "a\rb\n"],
)
def test_restore_keeps_lines_and_their_ends(kehoach: Kehoach, text: str) -> None:
    done = kehoach("restore", stdin=text.encode())
    assert done.returncode == 0
    ends = re.compile("\r\n|\r|\n")
    assert ends.findall(done.stdout.decode()) == ends.findall(text)


def test_restore_reads_what_windows_writes(kehoach: Kehoach, tmp_path: Path) -> None:
    text = "Kế hoạch tuyên truyền cải cách hành chính\n"
    for encoding in ("utf-8-sig", "utf-16"):
        file = tmp_path / encoding
        file.write_bytes(text.encode(encoding))
        assert kehoach("restore", file).stdout.decode() == text


def test_restore_writes_an_edit_log_that_replays(kehoach: Kehoach, tmp_path: Path) -> None:
    raw = "thông tin tuye\u0302n truye\u0302\u0300n\nvề cải cách hành chính\n"
    log = tmp_path / "edits.jsonl"
    done = kehoach("restore", "--edits", log, stdin=raw.encode())
    edits = [Edit(**json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]
    assert edits
    assert replay(raw.splitlines(), edits) == done.stdout.decode().splitlines()


def test_streams_are_utf_8_whatever_the_console_says(tmp_path: Path) -> None:
    file = tmp_path / "plan.txt"
    file.write_text("Ủy ban nhân dân xã\n", encoding="utf-8")
    assert process("extract", "--raw", file).stdout.decode() == "Ủy ban nhân dân xã\n"
    told = process("extract", tmp_path / "kế hoạch.txt", LC_ALL="C").stderr
    assert "kế hoạch.txt" in told.decode()


def test_restore_takes_the_damage_from_the_user(kehoach: Kehoach) -> None:
    for kind in ("clean", "no_marks", "english_ocr"):
        done = kehoach("restore", "--damage", kind, stdin=b"cai cach hanh chinh\n")
        assert done.returncode == 0
        assert done.stdout.count(b"\n") == 1


def test_extract_gives_text_raw_text_and_boxes(kehoach: Kehoach, tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    file.write_bytes(pdf("Report of 2025\nsecond line"))
    assert b"Report of 2025" in kehoach("extract", file).stdout
    assert b"second line" in kehoach("extract", file, "--raw").stdout
    told = json.loads(kehoach("extract", file, "--json").stdout)
    line = told["pages"][0]["lines"][0]
    assert line["raw"] == "Report of 2025"
    assert 0 < line["box"]["x0"] < line["box"]["x1"] < 600
    assert told["source"]["media_type"] == "application/pdf"


def test_audit_shows_the_matrix_and_fails_on_gaps_when_asked(kehoach: Kehoach, out: Path) -> None:
    done = kehoach("audit", out)
    assert done.returncode == 0
    assert all(index in done.stdout.decode() for index in ("PAR", "SIPAS", "PAPI", "PCI"))
    assert b"\x1b" not in done.stdout
    assert kehoach("audit", out, "--fail-on-missing").returncode == 3  # no plan names the PCI
    parts = json.loads(kehoach("audit", out, "--format", "json").stdout)
    assert parts


@pytest.mark.parametrize("suffix", ["xlsx", "html", "csv", "json", "parquet"])
def test_export_writes_each_format(
    kehoach: Kehoach, out: Path, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"result.{suffix}"
    done = kehoach("export", out, "--to", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().strip() == str(file)
    assert file.stat().st_size > 100
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_export_to_an_unknown_format_is_refused(
    kehoach: Kehoach, out: Path, tmp_path: Path
) -> None:
    done = kehoach("export", out, "--to", tmp_path / "result.doc")
    assert ".parquet" in one_sentence(done)
    assert done.returncode == 2
    done = kehoach("export", out, "--to", tmp_path / "none" / "result.csv")
    assert "no such folder" in one_sentence(done)


def test_the_schema_holds_for_the_records(kehoach: Kehoach, out: Path) -> None:
    schema = json.loads(kehoach("schema").stdout)
    for path in (out / "plans").iterdir():
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)


def test_doctor_says_what_is_there_and_what_to_do(
    kehoach: Kehoach, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert b"python" in kehoach("doctor").stdout
    monkeypatch.setenv("PATH", "")
    lacking = kehoach("doctor")
    assert lacking.returncode == 1
    assert re.search(r"MISSING\s+tesseract\s+not found\n\s+-> .*install", lacking.stdout.decode())


@pytest.mark.skipif(os.name != "posix", reason="a shell")
def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text("Ủy ban nhân dân xã\n" * 20_000, encoding="utf-8")
    command = f"{sys.executable} -m pipeline extract --raw {file} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, check=False)
    assert done.stdout.decode() == "Ủy ban nhân dân xã\n"
    assert done.stderr == b""
