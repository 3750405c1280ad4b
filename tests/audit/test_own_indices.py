"""An index of the user's own: found by name and abbreviation, with the same traps as ours."""

from __future__ import annotations

import pytest
from plan_records import plan

from pipeline.audit import matrix
from pipeline.audit.checklist import Checklist
from pipeline.audit.own_indices import applied
from pipeline.errors import UsageError
from pipeline.normalize.record import Citation, Item, PlanRecord, Section

LIST = Checklist.model_validate(
    {
        "name": "Của tỉnh",
        "version": "1",
        "index": [
            {"id": "HPI", "vi": "Chỉ số hạnh phúc (HPI)", "en": "Happiness index (HPI)",
             "names": ["Chỉ số hạnh phúc", "Bộ chỉ số hạnh phúc cấp xã"],
             "abbreviations": ["HPI", "HPI INDEX"], "themes": ["hạnh phúc của nhân dân"]}
        ],
    }
)  # fmt: skip


def saying(sentence: str, *, part: str = "content", about: str | None = None) -> PlanRecord:
    where = {"page": 3, "line_start": 8, "line_end": 9, "raw": "raw " + sentence}
    item = Item(marker="-", text=sentence, path="II.-1", where=where)
    section = Section.model_validate(
        {"ids": [part], "number": "II", "heading": "", "text": "", "items": [item], "children": [],
         "path": "II", "page": 2, "line_start": 1, "page_end": 3, "line_end": 9}
    )  # fmt: skip
    cited = [Citation(code="1/QĐ-UBND", type=None, date=None, issuer=None, about=about, path="II")]
    return plan().model_copy(update={"sections": [section], "citations": cited if about else []})


# sentence, part of the plan, subject of a cited document, status
CASES = [
    ("Nâng cao Chỉ số hạnh phúc của xã.", "content", None, "covered"),
    ("Nâng cao chi so hanh phuc cua xa.", "content", None, "covered"),  # diacritics lost
    ("Phấn đấu xếp hạng HPI trong nhóm đầu.", "content", None, "covered"),
    ("Phấn đấu xếp hạng (HPI-INDEX) cao.", "content", None, "covered"),
    ("Công bố bộ chỉ số hạnh phúc cấp xã.", "appendix", None, "covered"),
    ("Phấn đấu xếp hạng HPL trong nhóm đầu.", "content", None, "absent"),  # never a near miss
    ("Tập huấn phần mềm SHPI.", "content", None, "absent"),
    ("Chỉ số phát triển con người tăng.", "content", None, "absent"),
    ("Vì ấm no, hạnh phúc của nhân dân.", "content", None, "thematic_only"),
    ("Độc lập - Tự do - Hạnh phúc", "header", None, "absent"),
    ("Căn cứ Quyết định về Chỉ số hạnh phúc;", "legal_basis", None, "citation_only"),
    ("Thực hiện Quyết định số 1/QĐ-UBND về ban hành Chỉ số hạnh phúc.", "content",
     "về ban hành Chỉ số hạnh phúc", "citation_only"),
    ("Theo Quyết định về ban hành Chỉ số hạnh phúc, mỗi thôn công bố Chỉ số hạnh phúc.", "content",
     "về ban hành Chỉ số hạnh phúc", "covered"),
    ("- Lưu: VT, HPI.", "recipients", None, "absent"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "part", "about", "status"), CASES)
def test_own_index(sentence: str, part: str, about: str | None, status: str) -> None:
    records, required = applied([saying(sentence, part=part, about=about)], ["PAR"], LIST)
    assert required == ("PAR", "HPI")
    (row,) = matrix.build(records, required).rows
    cell = row.cells[1]
    assert cell.status == status
    if status != "absent":
        proof = cell.evidence[0]
        assert proof.quote in sentence
        assert (proof.path, proof.page, proof.line) == ("II.-1", 3, 8)
        assert proof.raw == "raw " + sentence


def test_without_a_list_nothing_changes() -> None:
    records = [plan()]
    assert applied(records, ("PAR",), None) == (records, ("PAR",))


def test_an_id_of_ours_is_refused() -> None:
    clash = LIST.model_copy(update={"index": (LIST.index[0].model_copy(update={"id": "PCI"}),)})
    records, required = applied([plan()], ["PAR"], clash)
    with pytest.raises(UsageError, match="another id"):
        matrix.build(records, required)
