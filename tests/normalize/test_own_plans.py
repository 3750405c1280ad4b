"""Ten plans of our own, of other structures and subjects: each field that their truth names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from documents import of_file, record_of
from plan_truth import fields, truths


@pytest.mark.parametrize(("path", "truth"), truths(), ids=lambda value: getattr(value, "stem", ""))
def test_fields(path: Path, truth: dict[str, Any]) -> None:
    wrong = [field for field in fields(truth, record_of(of_file(path))) if not field.right]
    assert wrong == []
