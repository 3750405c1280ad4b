"""Between the commands and the world: options, streams, and errors told in one sentence."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pipeline.document import Document, Edit
from pipeline.errors import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNEXPECTED,
    EXIT_USAGE,
    KehoachError,
    UsageError,
)

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store import Store

# The error of a wrong command line; where it lives has changed with versions of Typer.
_CommandLineError: type[Exception] = typer.BadParameter.__mro__[1]
_INTERRUPTED = "interrupted; the next run goes on from here"


def guarded(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run the command line; gives the exit code. Whatever goes wrong is told in one sentence."""
    try:
        code = app(list(arguments) or ["--help"], standalone_mode=False, prog_name="kehoach")
        sys.stdout.flush()
    except _CommandLineError as error:
        return _tell(_about_usage(error), EXIT_USAGE)
    except KehoachError as error:
        return _tell(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _tell(_INTERRUPTED, EXIT_INTERRUPTED)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return EXIT_OK
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return _tell(
            f"an error of the program itself stopped it ({what}); the details are in "
            f"{_details()}, please report it",
            EXIT_UNEXPECTED,
        )
    if code == EXIT_INTERRUPTED:  # Typer may have turned the KeyboardInterrupt into this
        return _tell(_INTERRUPTED, EXIT_INTERRUPTED)
    return int(code or EXIT_OK)


def speak_utf8() -> None:
    """Standard streams in UTF-8 on every platform, whatever the code page of the console."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            errors = "strict" if stream is sys.stdin else "backslashreplace"
            stream.reconfigure(encoding="utf-8", errors=errors)


def settings_from(**options: object) -> Settings:
    """Settings with the options that were given. Raises UsageError, in one sentence."""
    import tomllib

    from pydantic import ValidationError

    from pipeline.settings import Settings

    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise UsageError(f"kehoach.toml: there is no setting {name!r}") from None
        raise UsageError(f"{name} is {first['input']!r}: {first['msg']}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"kehoach.toml (or KEHOACH_CONFIG) cannot be read: {error}") from None
    except ValueError as error:
        raise UsageError(f"a setting cannot be read: {error}") from None


def read_text(file: Path | None) -> str:
    """The text of a file, or of standard input, in whatever encoding it is; line ends stay.

    Raises UsageError when it cannot be read.
    """
    from pipeline.ingest.charset import detect, is_binary

    name = str(file) if file else "standard input"
    try:
        data = file.read_bytes() if file else sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    if is_binary(data):
        raise UsageError(f"{name} is no text; `kehoach extract` reads documents")
    return data.decode(detect(data).name, errors="replace")


def print_text(text: str) -> None:
    """To standard output, byte for byte: no line end is translated."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def pages_json(document: Document) -> str:
    """Pages, lines and boxes (points, origin top left) of a document."""
    pages = [asdict(page) for page in document.pages]
    return json.dumps({"source": asdict(document.source), "pages": pages}, ensure_ascii=False)


def write_edits(edits: Sequence[Edit], file: Path) -> None:
    """An edit log as JSON lines. Raises UsageError when the file cannot be written."""
    lines = (json.dumps(asdict(edit), ensure_ascii=False) + "\n" for edit in edits)
    try:
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(lines)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def export(store: Store, file: Path, settings: Settings) -> None:
    """Write the records of a store to ``file``, in the format of its suffix."""
    from pipeline.audit.checklist import chosen
    from pipeline.audit.own_indices import applied
    from pipeline.export import report, tables, workbook

    checklist = chosen(settings.checklist)
    suffix = file.suffix.lower()
    books = {".xlsx": workbook.write, ".html": report.write}
    if suffix in books:
        books[suffix](
            store.records(),
            file,
            language=settings.language,
            required=settings.required,
            source_root=store.source_root(),
            failures=store.failures(),
            checklist=checklist,
        )
    elif suffix in (".csv", ".json", ".parquet"):
        records, required = applied(store.records(), settings.required, checklist)
        tables.write(records, file, required=required)
    else:
        raise UsageError(f"{file}: end the name in .xlsx, .html, .csv, .json or .parquet")


def _about_usage(error: Exception) -> str:
    told = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "kehoach"
    return f"{' '.join(told.split()).rstrip('.')}. `{command} --help` shows what there is."


def _tell(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        print(f"kehoach: {message}", file=sys.stderr, flush=True)  # noqa: T201
    return code


def _details() -> str:
    handle, name = tempfile.mkstemp(prefix="kehoach-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        traceback.print_exc(file=file)
    return name
