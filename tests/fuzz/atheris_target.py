"""One target under atheris: what run.py starts. Arguments: target, corpus, flags of libFuzzer."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import atheris  # noqa: E402 behind the path

with atheris.instrument_imports(include=["pipeline", "docx", "zipfile", "charset_normalizer"]):
    from targets import TARGETS

TARGET = TARGETS[sys.argv.pop(1)]


def one_input(data: bytes) -> None:
    TARGET(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
