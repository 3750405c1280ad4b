"""A field of the head or foot says so when it rests on a likely reading."""

from __future__ import annotations

from plan_records import corpus

from pipeline.document import Doubt, Edit
from pipeline.normalize.doubts import with_doubts
from pipeline.normalize.record import PlanRecord, Signature, Where


def signed() -> PlanRecord:
    where = Where(page=1, line_start=30, line_end=31, raw="Pham Ba Dien")
    signature = Signature(authority=[], position="CHỦ TỊCH", name="Phạm Bá Điền", where=where)
    return next(corpus(1)).model_copy(update={"signature": signature, "issues": []})


def edit(line: int, confidence: float) -> Edit:
    return Edit("restore", "no_marks", 1, line, 8, "Dien", "Điền", confidence)


def codes(record: PlanRecord) -> list[str]:
    return [issue.code for issue in record.issues if "chữ ký" in issue.message]


def test_a_likely_reading_is_told() -> None:
    record = with_doubts(signed(), (), [edit(31, 0.6)])
    assert codes(record) == ["uncertain_field"]
    assert "“Điền”" in record.issues[-1].message


def test_a_sure_reading_and_other_lines_are_not() -> None:
    assert not codes(with_doubts(signed(), (), [edit(31, 0.97), edit(40, 0.6)]))


def test_a_word_that_was_kept_is_told() -> None:
    doubt = Doubt(1, 30, 0, "Pnạm", "Phạm", 0.3)
    assert codes(with_doubts(signed(), [doubt])) == ["uncertain_field"]
