"""Records of plans of our own: other structures, other subjects, and texts that are no plan."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from documents import of_text, outline_of, record_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.document import Doubt, Line, Page
from pipeline.normalize.json_schema import schema
from pipeline.normalize.record import PlanRecord
from pipeline.settings import Settings

FESTIVAL = """ỦY BAN NHÂN DÂN
HUYỆN VŨ THƯ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 31/KH-UBND
Vũ Thư, ngày 20 tháng 01 năm 2024
KẾ HOẠCH
Tổ chức Lễ hội chùa Keo mùa xuân năm 2024
Căn cứ Nghị định số 110/2018/NĐ-CP ngày 29/8/2018 của Chính phủ quy định về quản lý và tổ chức lễ hội;
Theo đề nghị của Phòng Văn hóa và Thông tin tại Tờ trình số 04/TTr-VHTT ngày 12/01/2024,
Ủy ban nhân dân huyện Vũ Thư ban hành Kế hoạch tổ chức lễ hội như sau:
A. MỤC ĐÍCH, YÊU CẦU
1. Giữ gìn nét đẹp văn hóa truyền thống.
2. Bảo đảm an toàn, tiết kiệm.
B. THỜI GIAN, ĐỊA ĐIỂM, THÀNH PHẦN
1. Thời gian: ba ngày, từ ngày 13 đến ngày 15 tháng Giêng.
2. Địa điểm: sân chùa Keo, xã Duy Nhất.
C. NỘI DUNG
I. PHẦN LỄ
a) Dâng hương.
b) Rước kiệu.
II. PHẦN HỘI
a) Bơi trải.
b) Thi thổi cơm.
D. KINH PHÍ
Từ nguồn xã hội hóa và ngân sách huyện.
Đ. TỔ CHỨC THỰC HIỆN
1. Phòng Văn hóa và Thông tin: chủ trì, theo dõi việc thực hiện Kế hoạch; tổng hợp, báo cáo kết quả trước ngày 30/3.
2. Công an huyện: bảo đảm an ninh trật tự.
3. Ủy ban nhân dân xã Duy Nhất: chuẩn bị mặt bằng.
Trên đây là Kế hoạch tổ chức lễ hội, yêu cầu các đơn vị thực hiện nghiêm túc./.
Nơi nhận:
- Sở Văn hóa, Thể thao và Du lịch;
- Lưu: VT, VHTT.
TM. ỦY BAN NHÂN DÂN
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH
Phạm Quang Đức"""  # noqa: E501

REFORM = """KẾ HOẠCH
Cải cách hành chính năm 2026 của phường Hạc Thành
Căn cứ Nghị quyết số 76/NQ-CP ngày 15/7/2021 của Chính phủ;
Căn cứ Quyết định số 892/QĐ-BNV ngày 05/12/2024 phê duyệt Đề án “Xác định Chỉ số cải cách hành chính
của các bộ, các tỉnh giai đoạn 2024 - 2030”;
I. MỤC TIÊU
1. Mục tiêu chung
Xây dựng chính quyền phục vụ.
2. Mục tiêu cụ thể
- 100% hồ sơ được giải quyết đúng hạn.
- Mức độ hài lòng của người dân đạt trên 92%.
II. NHIỆM VỤ
1. Cải cách thể chế
1.1. Rà soát văn bản
a) Lập danh mục.
b) Công bố kết quả.
1.2. Theo dõi thi hành pháp luật
2. Cải cách thủ tục hành chính
2.1. Công khai thủ tục
2.2. Số hóa hồ sơ
III. TỔ CHỨC THỰC HIỆN
- Văn phòng HĐND và UBND phường chủ trì đôn đốc việc thực hiện Kế hoạch; định kỳ hằng quý tổng hợp, báo cáo Sở Nội vụ.
- Phòng Kinh tế, Hạ tầng và Đô thị cân đối kinh phí từ ngân sách phường.
"""  # noqa: E501

DECISION = """ỦY BAN NHÂN DÂN
TỈNH BẮC GIANG
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 77/QĐ-UBND
Bắc Giang, ngày 02 tháng 02 năm 2024
QUYẾT ĐỊNH
Về việc thành lập Hội đồng thi tuyển công chức năm 2024
CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH
Căn cứ Luật Cán bộ, công chức ngày 13 tháng 11 năm 2008;
Xét đề nghị của Giám đốc Sở Nội vụ.
QUYẾT ĐỊNH:
Điều 1. Thành lập Hội đồng thi tuyển công chức gồm các ông, bà có tên sau:
1. Ông Nguyễn Văn An, Chủ tịch Hội đồng;
2. Bà Trần Thị Bình, Phó Chủ tịch Hội đồng.
Điều 2. Hội đồng có nhiệm vụ tổ chức kỳ thi theo quy định.
Điều 3. Quyết định này có hiệu lực kể từ ngày ký./.
Nơi nhận:
- Như Điều 1;
- Lưu: VT.
CHỦ TỊCH
Lê Ánh Dương"""


def test_festival() -> None:
    record = record_of(FESTIVAL)
    assert (record.form, record.title) == ("plan", "Tổ chức Lễ hội chùa Keo mùa xuân năm 2024")
    assert (record.unit.name, record.unit.parents) == ("huyện Vũ Thư", ["tỉnh Thái Bình"])
    sections = {section.path: section for section in record.sections}
    assert sections["A"].ids == ["purpose", "requirements"]
    assert [item.path for item in sections["A"].items] == ["A.1", "A.2"]
    assert sections["B"].ids == ["schedule", "audience"]
    assert sections["C"].ids == ["content"]
    assert [child.path for child in sections["C"].children] == ["C.I", "C.II"]
    assert [item.marker for item in sections["C"].children[1].items] == ["a)", "b)"]
    assert sections["Đ"].ids == ["implementation"]
    assert [a.unit for a in record.assignments] == [
        "Phòng Văn hóa và Thông tin", "Công an huyện", "Ủy ban nhân dân xã Duy Nhất",
    ]  # fmt: skip
    assert [a.unit for a in record.assignments if a.lead] == ["Phòng Văn hóa và Thông tin"]
    assert record.funding is not None
    assert record.funding.sources == ["xã hội hóa", "ngân sách huyện"]
    assert [basis.role for basis in record.legal_basis] == ["căn_cứ", "theo_đề_nghị"]
    assert record.legal_basis[1].citations == ["04/TTr-VHTT"]
    assert {finding.status for finding in record.indices} == {"absent"}
    assert record.signature is not None
    assert record.signature.name == "Phạm Quang Đức"
    assert record.recipients == ["Sở Văn hóa, Thể thao và Du lịch", "Lưu: VT, VHTT"]


def test_yearly_reform_plan() -> None:
    record = record_of(REFORM)
    assert (record.form, record.year, record.unit.name) == ("plan", 2026, "phường Hạc Thành")
    assert record.unit.province == "Thanh Hóa"
    tasks = next(section for section in record.sections if section.path == "II")
    assert [child.heading for child in tasks.children] == [
        "Cải cách thể chế", "Cải cách thủ tục hành chính",
    ]  # fmt: skip
    status = {finding.id: finding.status for finding in record.indices}
    assert status == {
        "PAR": "citation_only", "SIPAS": "thematic_only", "PAPI": "absent", "PCI": "absent",
    }  # fmt: skip
    assert record.issued.not_before == "2024-12-05"
    assert record.reporting is not None
    assert (record.reporting.frequency, record.reporting.to) == (["quý"], "Sở Nội vụ")
    assert [a.lead for a in record.assignments] == [True, False]


def test_a_decision_of_another_kind() -> None:
    record = record_of(DECISION)
    assert record.form == "other"
    assert record.number.value == "77/QĐ-UBND"
    assert "not_a_plan" in {issue.code for issue in record.issues}
    assert record.assignments == []
    assert record.funding is None


def test_two_sections_of_one_number_keep_distinct_paths() -> None:
    text = (
        "KẾ HOẠCH\nPhòng, chống dịch năm 2025\nI. MỤC ĐÍCH\na) Một.\nb) Hai.\nb) Ba.\nII. "
        "YÊU CẦU\nGọn."
    )
    record = record_of(text)
    paths = [item.path for section in record.sections for item in section.items]
    assert len(set(paths)) == len(paths)
    assert "number_repeated" in {issue.code for issue in record.issues}


def test_a_gap_and_a_restart_are_reported() -> None:
    text = "I. NỘI DUNG\n1. Một.\n2. Hai.\n4. Bốn.\n1. Lại một."
    codes = [issue.code for issue in record_of(text).issues]
    assert "number_out_of_order" in codes
    assert "numbering_restarts" in codes


def test_two_plans_in_one_file() -> None:
    record = record_of(FESTIVAL + "\n" + FESTIVAL.replace("chùa Keo", "đền Đồng Bằng"))
    assert record.title == "Tổ chức Lễ hội chùa Keo mùa xuân năm 2024"
    assert "several_plans" in {issue.code for issue in record.issues}
    paths = [section.path for section in record.sections]
    assert len(set(paths)) == len(paths)


def test_a_plan_cut_in_the_middle() -> None:
    record = record_of(FESTIVAL[: FESTIVAL.index("b) Thi")])
    assert record.form == "plan"
    assert record.signature is None
    assert record.recipients == []
    assert record.funding is None


def test_divisions() -> None:
    text = (
        "KẾ HOẠCH\nPhát triển du lịch năm 2025\nPhần thứ nhất\nMỤC ĐÍCH, YÊU CẦU\n1. Hút khách.\n"
        "2. An toàn.\nPhần thứ hai\nNỘI DUNG\nI. QUẢNG BÁ\n1. Hội chợ.\nII. ĐÀO TẠO\n1. Lớp học.\n"
        "Phần thứ ba\nTỔ CHỨC THỰC HIỆN\n1. Sở Du lịch chủ trì.\n2. Sở Tài chính cân đối."
    )
    record = record_of(text)
    assert [section.ids for section in record.sections if section.number] == [
        ["purpose", "requirements"], ["content"], ["implementation"],
    ]  # fmt: skip
    assert [child.number for child in record.sections[2].children] == ["I", "II"]


def test_headings_only() -> None:
    text = "I. MỤC ĐÍCH\nII. YÊU CẦU\nIII. NỘI DUNG\nIV. TỔ CHỨC THỰC HIỆN"
    assert [section.ids for section in record_of(text).sections] == [
        ["purpose"], ["requirements"], ["content"], ["implementation"],
    ]  # fmt: skip


def test_headings_without_numbers() -> None:
    text = (
        "KẾ HOẠCH\nTrồng cây năm 2025\nMỤC ĐÍCH, YÊU CẦU\n- Phủ xanh đồi trọc.\nNỘI DUNG\n- "
        "Trồng keo.\n"
        "TỔ CHỨC THỰC HIỆN\n- Phòng Kinh tế chủ trì."
    )
    found = outline_of(text)
    assert [section.ids for section in found.values() if section.number is None][-3:] == [
        ("purpose", "requirements"), ("content",), ("implementation",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "The quick brown fox.\n\n1. Jumps over\n2. The lazy dog\n",
        "Trời đã về chiều. Anh ngồi bên hiên, nhìn ra con sông.\n" * 60,
        "HÓA ĐƠN GIÁ TRỊ GIA TĂNG\nSố: 0001234\nĐơn vị bán: Công ty A\n1. Giấy in  10  50.000  "
        "500.000",
        "-",
        "a)\nb)\n",
        "I.\nII.\n",
        "()" * 500,
    ],
    ids=["empty", "blank", "english", "novel", "invoice", "dash", "letters", "romans", "brackets"],
)
def test_no_plan(text: str) -> None:
    record = record_of(text)
    assert record.form == "other"
    assert "not_a_plan" in {issue.code for issue in record.issues}
    assert [finding.status for finding in record.indices] == ["absent"] * 4
    assert record.number.value is None
    assert record.legal_basis == record.assignments == record.tasks == []


def test_five_thousand_points() -> None:
    text = "KẾ HOẠCH\nThi đua năm 2025\nI. NỘI DUNG\n" + "\n".join(
        f"{n}. Phát động phong trào số {n};" for n in range(1, 5001)
    )
    record = record_of(text)
    assert sum(len(section.items) for section in record.sections if section.path == "I") == 5000


def test_required_indices_are_always_listed_in_their_order() -> None:
    record = record_of("x", settings=Settings(required=("PCI", "DTI", "PAR")))
    assert [finding.id for finding in record.indices] == ["PCI", "DTI", "PAR"]


def test_pages() -> None:
    document = of_text("")
    lines = REFORM.split("\n")
    pages = (
        Page(1, tuple(map(Line.of, lines[:10])), size=(595.0, 842.0)),
        Page(2, tuple(map(Line.of, ["2", *lines[10:]])), size=(595.0, 842.0)),
    )
    record = record_of(replace(document, pages=pages))
    tasks = next(section for section in record.sections if section.path == "II")
    assert tasks.page == 2
    for section in record.sections:
        assert (section.page, section.line_start) <= (section.page_end, section.line_end)


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["", "I. MỤC ĐÍCH", "1. Phòng Nội vụ", "a) Nâng cao:", "- xã hội", "Nơi nhận:",
            "PHỤ LỤC",
             "KẾ HOẠCH", "QUYẾT ĐỊNH:", "Điều 1. Ban hành Kế hoạch", "TM. ỦY BAN NHÂN DÂN", "TT",
             "Căn cứ Quyết định số 1/QĐ-UBND ngày 1/1/2025 về chỉ số PAPI;", "1.1. Chỉ số PCI",
             "Trên đây là Kế hoạch./.", "ỦY BAN NHÂN DÂN", "III. KINH PHÍ", "2", "Thường xuyên"]
        ),
        st.text(max_size=40),
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
def test_any_lines_give_a_record_of_the_schema(lines: list[str]) -> None:
    text = "\n".join(lines).replace("\r", " ")
    record = record_of(text)
    again = PlanRecord.model_validate_json(record.model_dump_json())
    assert again == record
    count = text.count("\n") + 1
    for section in record.sections:
        assert 1 <= section.line_start <= section.line_end <= count


def test_schema() -> None:
    made = schema()
    assert made["$id"].endswith(made["version"])
    assert set(made["required"]) >= {"source", "form", "indices", "sections"}
    json.dumps(made)


def test_fields_that_rest_on_uncertain_words_say_so() -> None:
    lines = FESTIVAL.split("\n")
    at = lines.index("Tổ chức Lễ hội chùa Keo mùa xuân năm 2024") + 1
    doubt = Doubt(page=1, line=at, start=8, text="Lễ", best="Lê", confidence=0.4)
    record = record_of(replace(of_text(FESTIVAL), doubts=(doubt,)))
    found = [issue.message for issue in record.issues if issue.code == "uncertain_field"]
    assert len(found) == 1
    assert "trích yếu" in found[0]
    assert "“Lễ”" in found[0]


def test_a_place_with_a_lost_letter_is_the_unit() -> None:
    record = record_of(FESTIVAL.replace("Vũ Thư, ngày", "Vũ hư, ngày"))
    assert record.issued.place == "Vũ Thư"


def test_an_endless_line_is_read_in_part_and_says_so() -> None:
    line = "Nâng cao chỉ số hài lòng của người dân (SIPAS) theo Kế hoạch số 12/KH-UBND. " * 4_000
    record = record_of(f"KẾ HOẠCH\nThi đua năm 2025\nI. NỘI DUNG\n- {line}")
    assert "paragraph_cut" in {issue.code for issue in record.issues}
    found = next(finding for finding in record.indices if finding.id == "SIPAS")
    assert found.status == "covered"
    assert len(found.evidence) <= 20
    assert len(found.evidence[0].raw) < 5_000


def test_a_vision_is_no_year_of_a_plan() -> None:
    for title, year in (
        ("2024 - 2030, tầm nhìn đến năm 2045", 2024),
        ("tầm nhìn đến năm 2045, thực hiện năm 2025", 2025),
    ):
        assert record_of(FESTIVAL.replace("mùa xuân năm 2024", title)).year == year
