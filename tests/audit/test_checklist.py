"""The checklist: each kind of check, met and not met; a user's own file, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_records import evidence, plan

from pipeline.audit.checklist import Check, default, lag_days, load, met, missing
from pipeline.errors import UsageError
from pipeline.normalize.record import AreaFinding


def check(kind: str, value: str | None = None, **more: object) -> Check:
    return Check.model_validate(
        {"id": "x", "kind": kind, "vi": "x", "en": "x", "value": value} | more
    )


SIX = [AreaFinding(id=f"a{n}", status="covered", evidence=[evidence("…")]) for n in range(6)]

CASES = [
    (check("field", "number"), {}, True),
    (check("field", "number"), {"number": None}, False),
    (check("field", "title"), {"title": None}, False),
    (check("field", "funding"), {"funding": None}, False),
    (check("field", "recipients"), {"recipients": []}, False),
    (check("field", "parent_plan"), {"legal_basis": []}, False),
    (check("section", "purpose"), {}, True),  # stands in a child of section I
    (check("section", "schedule"), {}, False),
    (check("areas", least=6), {}, False),
    (check("areas", least=6), {"areas": SIX}, True),
    (check("channels", "traditional"), {}, True),
    (check("channels", "online"), {}, False),
    (check("channels", "any"), {}, True),
    (check("lead"), {}, True),
    (check("lead"), {"assignments": [], "tasks": []}, False),
    (check("deadline", days=20), {}, True),
    (check("deadline", days=10), {}, False),
    (check("deadline", days=10), {"legal_basis": []}, True),  # not known is not late
]


@pytest.mark.parametrize(("demand", "changes", "expected"), CASES)
def test_checks(demand: Check, changes: dict[str, object], expected: bool) -> None:
    assert met(plan(**changes), demand) is expected


def test_the_days_after_the_parent_plan() -> None:
    assert lag_days(plan(date="2025-02-20", parent=("1/KH-UBND", "2025-02-03"))) == 17
    assert lag_days(plan(date="2025-02-01", parent=("1/KH-UBND", "2025-02-03"))) == -2
    assert lag_days(plan(date=None)) is None
    assert lag_days(plan(parent=None)) is None
    assert lag_days(plan(date="2025-02-30")) is None  # no such day


def test_missing_lists_in_the_order_of_the_checklist() -> None:
    found = [c.id for c in missing(plan(number=None, parent=None))]
    assert found == ["number", "parent_plan", "areas", "online"]


def test_every_check_of_ours_has_a_source() -> None:
    assert default().check
    assert all(c.source and c.vi and c.en for c in default().check)


def test_a_list_of_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "Của tỉnh"\nversion = "1"\n[[check]]\nid = "late"\nkind = "deadline"\ndays = 5\n'
        'vi = "Ban hành trong 5 ngày"\nen = "Issued within 5 days"\n',
        encoding="utf-8",
    )
    assert [c.vi for c in missing(plan(), load(path))] == ["Ban hành trong 5 ngày"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "is not a TOML file"),
        ('name = "x"\nversion = "1"\n', "asks for nothing"),
        ('name="x"\nversion="1"\n[[check]]\nid="a"\nkind="colour"\nvi="a"\nen="a"\n', "kind"),
        ('name="x"\nversion="1"\n[[check]]\nid="a"\nkind="section"\nvalue="foo"\nvi="a"\nen="a"\n',
         "value must be"),
        ('name="x"\nversion="1"\n[[check]]\nid="a"\nkind="deadline"\nvi="a"\nen="a"\n', "days"),
    ],
)  # fmt: skip
def test_a_wrong_list_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as caught:
        load(path)
    assert "mine.toml" in str(caught.value)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml"):
        load(tmp_path / "none.toml")
