"""An array that grows at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Growing:
    """A one-dimensional array with room to spare; appending costs the same however long it is."""

    def __init__(self, dtype: type) -> None:
        self._room: NDArray[Any] = np.empty(256, dtype=dtype)
        self._filled = 0
        self._waiting: list[float] = []  # values not yet in the array
        self.append = self._waiting.append  # one value

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._filled + len(self._waiting)

    def extend(self, values: Sequence[float] | NDArray[Any]) -> None:
        """Append values."""
        self._settle()
        self._put(values)

    def _put(self, values: Sequence[float] | NDArray[Any]) -> None:
        end = self._filled + len(values)
        if end > len(self._room):
            room = np.empty(2 * end, dtype=self._room.dtype)
            room[: self._filled] = self._room[: self._filled]
            self._room = room
        self._room[self._filled : end] = values
        self._filled = end

    def _settle(self) -> None:
        if self._waiting:
            self._put(self._waiting)
            self._waiting.clear()

    @property
    def array(self) -> NDArray[Any]:
        """What is there so far (a view: it does not grow along)."""
        self._settle()
        return self._room[: self._filled]
