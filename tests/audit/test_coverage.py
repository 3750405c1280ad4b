from __future__ import annotations

import pytest
from documents import record_of

from pipeline.audit.coverage import coverage
from pipeline.document import Mention, Place

HERE = Place(1, 3, 1, 3)


def mention(
    form: str = "full",
    *,
    index: str = "PAR",
    cited: bool = False,
    section: tuple[str, ...] = ("content",),
    confidence: float = 0.98,
) -> Mention:
    return Mention(
        index=index,
        form=form,  # type: ignore[arg-type]
        text="chỉ số",
        quote="Câu.",
        place=HERE,
        quote_place=HERE,
        path="II.1",
        section=section,
        cited=cited,
        confidence=confidence,
        raw="raw",
    )


CASES = [
    ([], "absent"),
    ([mention()], "covered"),
    ([mention("abbr")], "covered"),
    ([mention("name")], "covered"),
    ([mention("elided", confidence=0.8)], "covered"),
    ([mention(cited=True)], "citation_only"),
    ([mention("theme")], "thematic_only"),
    ([mention("theme"), mention(cited=True)], "citation_only"),
    ([mention(cited=True), mention("name")], "covered"),
    ([mention(section=("recipients",))], "absent"),
]


@pytest.mark.parametrize(("mentions", "status"), CASES)
def test_status(mentions: list[Mention], status: str) -> None:
    (finding,) = coverage(mentions, ("PAR",))
    assert finding.status == status
    assert bool(finding.evidence) == (status != "absent")
    assert finding.reason.endswith(".")


def test_required_come_first_and_others_only_when_named() -> None:
    found = coverage(
        [mention(index="DTI"), mention("theme", index="PCI"), mention("theme", index="PGI")],
        ("SIPAS", "PCI"),
    )
    assert [(f.id, f.status) for f in found] == [
        ("SIPAS", "absent"), ("PCI", "thematic_only"), ("DTI", "covered"),
    ]  # fmt: skip


def test_what_is_unsure_is_for_review() -> None:
    assert coverage([mention("elided", confidence=0.7)], ("PAR",))[0].needs_review
    assert coverage([mention(section=("legal_basis",))], ("PAR",))[0].needs_review
    assert not coverage([mention()], ("PAR",))[0].needs_review


def _status(sentence: str) -> dict[str, str]:
    text = f"KẾ HOẠCH\nTuyên truyền năm 2025\nI. NỘI DUNG\n- {sentence}\nII. KINH PHÍ\nKhông có."
    return {finding.id: finding.status for finding in record_of(text).indices}


TRAPS = [
    ("Thực hiện Quyết định số 892/QĐ-BNV ngày 05/12/2024 phê duyệt Đề án “Xác định Chỉ số cải cách "
     "hành chính của các tỉnh”.", "PAR", "citation_only"),
    ("Thực hiện Quyết định số 12/QĐ-UBND ngày 05/12/2024 về giao chỉ tiêu; nâng hạng Chỉ số cải "
    "cách "
     "hành chính.", "PAR", "covered"),
    ("Nâng cao năng lực cạnh tranh của doanh nghiệp trong huyện.", "PCI", "thematic_only"),
    ("Cải thiện chỉ số năng lực cạnh tranh cấp sở, ban, ngành (DDCI).", "PCI", "absent"),
    ("Phân công CT, các PCT UBND xã theo dõi.", "PCI", "absent"),
    ("Điểm số (PCl) tăng hai bậc.", "PCI", "covered"),
    ("Công bố kết quả SI\nPAS của tỉnh.", "SIPAS", "covered"),
    ("Công bố kết quả (SI\nPAS) của tỉnh.", "SIPAS", "covered"),
    ("Nâng cao sự hài lòng của người dân.", "SIPAS", "thematic_only"),
    ("Nâng các chỉ số: CCHC, PAPI và SIPAS.", "PAR", "covered"),
    ("Cải thiện chỉ số quản trị hành chính công.", "PAPI", "covered"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "index", "status"), TRAPS)
def test_traps(sentence: str, index: str, status: str) -> None:
    assert _status(sentence)[index] == status


# the sentence, and whether a person has to look at it before it counts
UNSURE = [
    ("Công bố kết quả SI\nPAS của tỉnh.", "SIPAS", True),  # broken in two, and no "chỉ số" near
    ("Công bố Chỉ số SI\nPAS của tỉnh.", "SIPAS", False),
    ("Công bố kết quả SIPAS của tỉnh.", "SIPAS", False),
    ("Chỉ số hài lòng của người dân tăng.", "SIPAS", False),
    ("Chỉ số hài lòng của thành viên hợp tác xã.", "SIPAS", True),  # whose that is, nobody knows
    ("Chỉ số hài lòng của thành viên hợp tác xã (SIPAS).", "SIPAS", False),
    ("Các chỉ số PAR INDEX/SIPAS/PAPI/PCI.", "PCI", False),
    ("Các chỉ số PAPI-SIPAS của tỉnh.", "PAPI", False),
]


@pytest.mark.parametrize(("sentence", "index", "review"), UNSURE)
def test_what_is_unsure_is_left_to_a_person(sentence: str, index: str, review: bool) -> None:
    text = f"KẾ HOẠCH\nTuyên truyền năm 2025\nI. NỘI DUNG\n- {sentence}\nII. KINH PHÍ\nKhông có."
    found = {finding.id: finding for finding in record_of(text).indices}[index]
    assert (found.status, found.needs_review) == ("covered", review)


@pytest.mark.parametrize("sentence", ["Đạt chuẩn thẻ PCI-DSS.", "Theo mẫu 12/PCI của đơn vị."])
def test_part_of_another_word_is_no_acronym(sentence: str) -> None:
    assert _status(sentence)["PCI"] == "absent"
