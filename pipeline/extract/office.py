"""DOC, RTF and OpenDocument files: LibreOffice makes Word files of them, which are then read."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from pipeline.document import Document
from pipeline.errors import MissingToolError, UnreadableError
from pipeline.extract.docx import read_docx
from pipeline.settings import Settings

_NAMES = ("soffice", "libreoffice")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)


def libreoffice() -> str | None:
    """The path of LibreOffice, None when it is not installed."""
    found = (shutil.which(name) for name in _NAMES)
    places = (place for place in _PLACES if Path(place).is_file())
    return next((path for path in (*found, *places) if path), None)


def read_office(document: Document, settings: Settings) -> Document:
    """The text of a file that LibreOffice can open.

    Raises MissingToolError when LibreOffice is not installed, UnreadableError when it cannot make
    anything of the file in half the time that the settings allow one.
    """
    source = document.source
    program = libreoffice()
    if program is None:
        raise MissingToolError(
            f"{source.path} is an old Word, RTF or OpenDocument file, which LibreOffice is needed "
            "for; install LibreOffice, or save the file as DOCX."
        )
    with tempfile.TemporaryDirectory(prefix="kehoach-") as folder:
        made = _convert(program, Path(source.location), Path(folder), settings.timeout / 2)
        if made is None:
            raise UnreadableError(
                f"{source.path} is damaged: LibreOffice cannot open it; save it as DOCX."
            )
        read = read_docx(replace(document, source=replace(source, location=str(made))), settings)
    return replace(read, source=source)


def _convert(program: str, path: Path, folder: Path, seconds: float) -> Path | None:
    """The Word file made of ``path``, None when there is none."""
    given = folder / ("in" + (path.suffix or ".doc"))
    shutil.copyfile(path, given)  # the name could be taken for an option, and must not be locked
    profile = (folder / "profile").as_uri()  # so that a running LibreOffice is left alone
    command = [program, "--headless", "--norestore", "--nolockcheck", "--nodefault"]
    command += [f"-env:UserInstallation={profile}", "--convert-to", "docx:MS Word 2007 XML"]
    command += ["--outdir", str(folder / "out"), str(given)]
    try:
        subprocess.run(command, capture_output=True, timeout=seconds, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return None
    made = folder / "out" / "in.docx"
    return made if made.is_file() else None
