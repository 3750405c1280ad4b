"""Write beside, then rename: a reader never sees a half-written file, and a crash leaves the old.

The temporary file stands in the same folder, so that the rename is atomic on every platform.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import KehoachError, UsageError


@contextlib.contextmanager
def written_beside(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path; when the block ends well, its file takes the place of ``path``.

    When the block raises, ``path`` stays as it was and the temporary file is removed. Raises
    UsageError when the folder is missing, KehoachError when ``path`` cannot be replaced (on
    Windows: while Excel has it open).
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; make it, or choose another place")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of a file")
    try:
        handle, name = tempfile.mkstemp(path.suffix, f".{path.stem}-", path.parent)
    except OSError as error:
        raise KehoachError(f"{path}: cannot be written ({error.strerror})") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _settle(temporary)
        try:
            temporary.replace(path)
        except OSError as error:
            raise KehoachError(
                f"{path}: cannot be replaced ({error.strerror}). "
                "If it is open in another program, close it there and try again."
            ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Bring the bytes to the disk, and give the file the mode that a new file has here."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)
