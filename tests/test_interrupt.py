"""A Ctrl-C waits for the end of what must not be cut."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from pipeline.interrupt import uninterrupted


@pytest.fixture(autouse=True)
def _ctrl_c_raises() -> Iterator[None]:
    """A shell that starts us in the background has Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_block_is_finished_first() -> None:
    done: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    @uninterrupted()
    def step() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("to the end")

    with pytest.raises(KeyboardInterrupt):
        step()
    assert done == ["to the end"]
    assert signal.getsignal(signal.SIGINT) is before


def test_nothing_came() -> None:
    with uninterrupted():
        pass


def test_an_error_of_the_block_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), uninterrupted():
        _ = 1 / 0
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_other_threads_do_without() -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with uninterrupted():
                pass
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not errors
