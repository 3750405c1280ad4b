"""Sentences of our own through the whole flow: index by index what the audit must say."""

from __future__ import annotations

import pytest
from audit_sentences import SETS, Case, cases, found

BY_SET = {name: cases(name) for name in SETS}
ALL = [case for found_in in BY_SET.values() for case in found_in]


@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_each_index_has_its_status(case: Case, request: pytest.FixtureRequest) -> None:
    if case.known:
        request.applymarker(pytest.mark.xfail(reason=case.known, strict=True))
    given = found(case)
    assert given == case.status | {
        index: status for index, status in given.items()
        if index not in case.status and status != "covered"
    }  # fmt: skip


@pytest.mark.parametrize(("name", "least"), [("audit_sentences", 150), ("audit_second", 60)])
def test_a_table_is_what_it_says_it_is(name: str, least: int) -> None:
    known = BY_SET[name]
    assert len({case.said for case in known}) == len(known) >= least
    assert sum(case.trap for case in known) >= len(known) / 3
    assert sum(bool(case.damage) for case in known) >= len(known) / 2
