"""Values put aside in a temporary file, so that thousands of plans need the memory of a few.

A sheet is written in the order of units, which is known only when every record was seen: what each
record gives is put aside as it comes, and read back in that order, one value at a time.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from array import array
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class Spill:
    """A file that nobody else sees and that goes with the process; use it in a ``with`` statement.

    Values are numbered from 0 in the order in which they are put.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="kehoach-")  # noqa: SIM115 closed by close()
        self._starts = array("Q", [0])

    def put(self, value: object) -> int:
        """Put ``value`` aside; gives its number. Raises OSError when the disk is full."""
        self._file.seek(0, os.SEEK_END)
        pickle.dump(value, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._starts.append(self._file.tell())
        return len(self._starts) - 2

    def get(self, number: int) -> Any:
        """The value with this number, made anew."""
        self._file.seek(self._starts[number])
        return pickle.load(self._file)  # noqa: S301 our own file, which no other program can open

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Spilled(Sequence[T], Generic[T]):
    """Values of a spill in an order of their own; each is read when it is asked for."""

    def __init__(self, spill: Spill, numbers: Sequence[int]) -> None:
        self._spill = spill
        self._numbers = array("Q", numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Spilled[T]: ...
    def __getitem__(self, at: int | slice) -> T | Spilled[T]:
        if isinstance(at, slice):
            return Spilled(self._spill, self._numbers[at])
        value: T = self._spill.get(self._numbers[at])
        return value
