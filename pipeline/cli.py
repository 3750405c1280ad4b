"""The command ``kehoach``: one short function per command; what they do is elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline import console
from pipeline.document import DamageKind
from pipeline.errors import EXIT_GAP, EXIT_OK, EXIT_SOME_FAILED, EXIT_UNEXPECTED

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

# The same as in pipeline.settings (a test compares them), which takes long to import.
Language = Literal["vi", "en"]
OcrMode = Literal["auto", "force", "off"]
Out = Annotated[str, typer.Argument(metavar="OUT", help="The --out of a run, or a database URL.")]
Required = Annotated[
    str | None,
    typer.Option(metavar="IDS", help="Indices that a plan must cover (PAR,SIPAS,PAPI,PCI)."),
]
Checks = Annotated[
    Path | None,
    typer.Option("--checklist", metavar="FILE.toml", help="Checks and indices of your own."),
]
Lang = Annotated[Language | None, typer.Option(help="Language of workbook and page (vi).")]


def main() -> None:
    """Entry of the command."""
    console.speak_utf8()
    sys.exit(console.guarded(app, sys.argv[1:]))


def _show_version(wanted: bool) -> None:
    if wanted:
        from pipeline.version import program_version

        print(f"kehoach {program_version()}")
        raise typer.Exit


@app.callback()
def kehoach(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Reads folders of Vietnamese government plans into clean, comparable, audited records.

    \b
    kehoach run plans --out out      a folder of PDF, scans, Word, text -> records, workbook, page
    kehoach audit out                which plan covers which index
    """


@app.command()
def run(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER", help="The folder of documents, sub-folders too; or a URL, s3://…"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the results go.")],
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=0, help="Processes (one per core).")
    ] = None,
    engine: Annotated[
        Literal["local", "dask"] | None,
        typer.Option(help="Processes of this machine (local), or Dask."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:8786", help="A Dask scheduler; else workers here."),
    ] = None,
    ocr: Annotated[OcrMode | None, typer.Option(help="When to read page images (auto).")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds for one file (300).")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget earlier runs; do everything again.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Serve Prometheus metrics at this port meanwhile."),
    ] = None,
    required: Required = None,
    checklist: Checks = None,
    lang: Lang = None,
) -> int:
    """Read a folder: records, audit, comparison workbook and page.

    Files that are done already, unchanged, are skipped; a run that was stopped goes on. Exit code
    4: some files failed (they are named on the terminal and in OUT/run.json), all others are done.

    \b
    kehoach run plans --out out
    kehoach run plans --out out --workers 4 --timeout 600 --required PAR,SIPAS
    kehoach run s3://plans/2025 --out out --scheduler tcp://head:8786 --metrics-port 9464
    """
    from pipeline.batch import run_folder
    from pipeline.progress import watcher

    settings = console.settings_from(
        workers=workers,
        engine=engine,
        scheduler=scheduler,
        metrics_port=metrics_port,
        ocr=ocr,
        timeout=timeout,
        required=required,
        checklist=checklist,
        language=lang,
    )
    report = run_folder(folder, out, settings, fresh=fresh, progress=watcher())
    print(
        f"{report.found} found: {report.done} done, {report.skipped} skipped, "
        f"{report.failed} failed, in {report.seconds:.1f} s; see {out / 'comparison.xlsx'}"
    )
    return EXIT_SOME_FAILED if report.failed else EXIT_OK


@app.command()
def status(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The --out of a run.")],
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How to print.")
    ] = "text",
) -> None:
    """How far a run is while it goes, or what came of it: counts, rate, seconds by stage.

    \b
    kehoach status out
    watch kehoach status out
    """
    from pipeline.telemetry import read_status, status_lines

    found = read_status(out)
    if output == "json":
        console.print_text(found.to_json())
    else:
        console.print_text("".join(f"{line}\n" for line in status_lines(found)))


@app.command()
def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A text file (standard input).")
    ] = None,
    edits: Annotated[
        Path | None, typer.Option(help="Write the edit log here (JSON lines).")
    ] = None,
    damage: Annotated[
        DamageKind | None, typer.Option(help="What happened to the text, instead of finding out.")
    ] = None,
) -> None:
    """Restore garbled Vietnamese text, line for line, to standard output.

    \b
    kehoach restore ocr.txt > clean.txt
    echo "cai cach hanh chinh" | kehoach restore --damage no_marks --edits edits.jsonl
    """
    from pipeline.restore import restore_text

    text, made = restore_text(console.read_text(file), explain=True, damage=damage)
    if edits:
        console.write_edits(made, edits)
    console.print_text(text)


@app.command()
def extract(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A PDF, image, Word, text or Markdown file.")
    ],
    raw: Annotated[bool, typer.Option("--raw", help="The text before restoration.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Pages, lines, boxes as JSON.")] = False,
    ocr: Annotated[OcrMode | None, typer.Option(help="When to read page images (auto).")] = None,
) -> None:
    """The text of one document, restored, to standard output; a form feed between pages.

    \b
    kehoach extract plan.pdf
    kehoach extract scan.png --raw
    kehoach extract plan.pdf --json > pages.json
    """
    from pipeline.document import Document
    from pipeline.flow import process
    from pipeline.ingest import identify

    settings = console.settings_from(ocr=ocr)
    source = identify(file, None, settings)
    document = process(Document(source), settings, until="extract" if raw else "restore")
    if as_json:
        console.print_text(console.pages_json(document) + "\n")
    else:
        console.print_text(document.text(raw=raw))


@app.command()
def audit(
    out: Out,
    fail_on_missing: Annotated[
        bool, typer.Option("--fail-on-missing", help="Exit 3 when a plan lacks an index.")
    ] = False,
    output: Annotated[
        Literal["text", "json", "csv", "md"], typer.Option("--format", help="How to print.")
    ] = "text",
    required: Required = None,
    checklist: Checks = None,
) -> int:
    """Which plan covers which index, as a matrix on standard output.

    \b
    kehoach audit out
    kehoach audit out --fail-on-missing --required PAR,PCI
    kehoach audit out --checklist province.toml --format md
    """
    from pipeline.audit.checklist import chosen
    from pipeline.audit.unmet import audited
    from pipeline.export import terminal
    from pipeline.store import Store

    settings = console.settings_from(required=required, checklist=checklist)
    checks = chosen(settings.checklist)
    with Store.open(settings.store or out) as store:
        records = store.records() if checks else store.briefs()
        table, unmet = audited(records, settings.required, checks)
    console.print_text(terminal.render(table, format=output, unmet=unmet))
    return EXIT_GAP if fail_on_missing and table.gaps() else EXIT_OK


@app.command()
def search(
    out: Out,
    phrases: Annotated[
        list[str], typer.Argument(metavar="PHRASE…", help="What to look for; all of them.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="How many passages are shown.")] = 50,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How to print.")
    ] = "text",
) -> None:
    """Passages of the plans that have these words, without regard to diacritics and case.

    \b
    kehoach search out "hài lòng"
    kehoach search out "chi so" PAPI --format json
    """
    from pipeline.export import listing
    from pipeline.store import Store
    from pipeline.store.search import search

    settings = console.settings_from()
    with Store.open(settings.store or out) as store:
        found = search(store, phrases, limit=limit)
    console.print_text(listing.hits(found, format=output, colour=sys.stdout.isatty()))


@app.command()
def history(
    out: Out,
    before: Annotated[
        int | None, typer.Option("--from", help="A run's number (the last but one).")
    ] = None,
    after: Annotated[int | None, typer.Option("--to", help="A run's number (the last).")] = None,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How to print.")
    ] = "text",
) -> None:
    """The runs of a folder, and what changed between two of them, and why.

    \b
    kehoach history out
    kehoach history out --from 1 --to 4
    """
    from pipeline.export import listing
    from pipeline.store import Store
    from pipeline.store.history import compare_runs, runs_of

    settings = console.settings_from()
    with Store.open(settings.store or out) as store:
        runs = runs_of(store)
        last = [run.number for run in runs[-2:]]
        between = (before or last[0], after or last[-1]) if len(last) > 1 or before else None
        changes = compare_runs(store, *between) if between else []
    console.print_text(listing.history(runs, between, changes, format=output))


@app.command()
def export(
    out: Out,
    to: Annotated[Path, typer.Option("--to", help="FILE.xlsx, .html, .csv, .json or .parquet")],
    required: Required = None,
    checklist: Checks = None,
    lang: Lang = None,
) -> None:
    """Write what a run found as a workbook, a page or a table.

    \b
    kehoach export out --to comparison.xlsx --lang en
    kehoach export out --to coverage.parquet
    """
    from pipeline.store import Store

    settings = console.settings_from(required=required, checklist=checklist, language=lang)
    with Store.open(settings.store or out) as store:
        console.export(store, to, settings)
    print(to)


@app.command()
def review(
    out: Out,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free.")] = 0,
    by: Annotated[
        str, typer.Option(help="Who decides (the account); the page can change it.")
    ] = "",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where this machine has the plans, when not where the run found them."),
    ] = None,
    lang: Lang = None,
) -> None:
    """A page on this machine to see image and text side by side, correct, compare, and sign.

    \b
    kehoach review out
    kehoach review out --port 8321 --by "Nguyễn Thị Hà" --no-browser
    kehoach review postgresql://server/plans --folder /mnt/plans
    """
    from pipeline.review import serve

    settings = console.settings_from(language=lang)
    options = serve.Options(
        port=port, by=by, language=settings.language, folder=folder, store=settings.store
    )
    with serve.opened(out, options) as page:
        print(page.url, flush=True)
        if browser:
            serve.open_browser(page.url)
        page.run()


@app.command()
def doctor() -> int:
    """Check what kehoach needs (Python, tesseract, models, disk), and say what to do.

    \b
    kehoach doctor
    """
    from pipeline.doctor import examine

    checks = list(examine())
    for check in checks:
        print(f"{'ok' if check.ok else 'MISSING':8}{check.name:17}{check.found}")
        if not check.ok:
            print(f"{'':8}-> {check.advice}")
    return EXIT_OK if all(check.ok for check in checks) else EXIT_UNEXPECTED


@app.command()
def schema() -> None:
    """The JSON Schema of a record (OUT/plans/NAME.json), on standard output.

    \b
    kehoach schema > plan.schema.json
    """
    import json

    from pipeline.normalize.json_schema import schema

    console.print_text(json.dumps(schema(), ensure_ascii=False, indent=2) + "\n")
