"""Ctrl-C between two steps, never within one."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_came: list[int] = []


def is_wanted() -> bool:
    """Whether a Ctrl-C has come within the block that is being finished."""
    return bool(_came)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Finish the block first: a Ctrl-C that comes within raises KeyboardInterrupt at its end.

    Does nothing outside the main thread, where Python delivers no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def remember(number: int, frame: FrameType | None) -> None:
        _came.append(number)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        came, _came[:] = bool(_came), []
        if came:
            raise KeyboardInterrupt
