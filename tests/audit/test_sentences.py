"""Sentences of our own through the whole flow: index by index what the audit must say."""

from __future__ import annotations

import pytest
from audit_sentences import Case, cases, found

ALL = cases()


@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_each_index_has_its_status(case: Case, request: pytest.FixtureRequest) -> None:
    if case.known:
        request.applymarker(pytest.mark.xfail(reason=case.known, strict=True))
    given = found(case)
    assert given == case.status | {
        index: status for index, status in given.items()
        if index not in case.status and status != "covered"
    }  # fmt: skip


def test_the_table_is_what_it_says_it_is() -> None:
    assert len({case.said for case in ALL}) == len(ALL) >= 150
    assert sum(case.trap for case in ALL) >= len(ALL) / 3
    assert sum(bool(case.damage) for case in ALL) >= len(ALL) / 2
