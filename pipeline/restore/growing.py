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
        self.size = 0

    def extend(self, values: Sequence[float] | NDArray[Any]) -> None:
        """Append values."""
        end = self.size + len(values)
        if end > len(self._room):
            room = np.empty(2 * end, dtype=self._room.dtype)
            room[: self.size] = self._room[: self.size]
            self._room = room
        self._room[self.size : end] = values
        self.size = end

    def append(self, value: float) -> None:
        """Append one value."""
        if self.size == len(self._room):
            self.extend((value,))
        else:
            self._room[self.size] = value
            self.size += 1

    @property
    def array(self) -> NDArray[Any]:
        """What is there so far (a view: it does not grow along)."""
        return self._room[: self.size]
