import pytest

from pipeline.restore import restore_text
from pipeline.restore.stops import semicolons, set_forms


def mended(lines):
    text = list(lines)
    for number, start, end, mark in sorted([*semicolons(lines), *set_forms(lines)], reverse=True):
        text[number] = text[number][:start] + mark + text[number][end:]
    return text


def test_each_legal_basis_but_the_last_ends_with_a_semicolon():
    lines = [
        "Căn cứ Luật Tổ chức chính quyền địa phương,",
        "Căn cứ Nghị định số 45/2014/NĐ-CP ngày 15 tháng 5 năm 2014 của",
        "Chính phủ quy định về thu tiền sử dụng đất, -",
        "Xét đề nghị của Giám đốc Sở Nội vụ.",
        "1. Nâng cao chất lượng,",
        "Căn cứ vào tình hình.",
    ]
    assert mended(lines) == [
        "Căn cứ Luật Tổ chức chính quyền địa phương;",
        lines[1],
        "Chính phủ quy định về thu tiền sử dụng đất; -",
        *lines[3:],
    ]


def test_recipients():
    lines = ["Nơi nhận:", "- Như trên,", "- Các sở, ban, ngành:", "- Lưu: VT, CN."]
    assert mended(lines) == [
        "Nơi nhận:", "- Như trên;", "- Các sở, ban, ngành;", "- Lưu: VT, CN.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ["- Công khai, minh bạch,", "- Đúng hạn."],  # no recipients
        ["Căn cứ tình hình thực tế,", "", "Căn cứ Luật Đất đai,"],
        ["Xét thấy cần thiết,", "Căn cứ Luật Đất đai,"],
        ["Nơi nhận:", "- Như trên;", "- Lưu: VT."],
        ["Căn cứ Kế hoạch này, các ban chủ động thực hiện.", "Căn cứ tình hình, xã hướng dẫn."],
    ],
)
def test_other_marks_stay(lines):
    assert mended(lines) == lines


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("V/ báo cáo kết quả", "V/v báo cáo kết quả"),
        ("V/v báo cáo kết quả", "V/v báo cáo kết quả"),
        ("v/v báo cáo kết quả", "v/v báo cáo kết quả"),  # as its author writes it
        ("- Thủ tướng (để b/e);", "- Thủ tướng (để b/c);"),
        ("- UBND tỉnh (để bíc);", "- UBND tỉnh (để b/c);"),
        ("- Bút bi (loại bic);", "- Bút bi (loại bic);"),
        ("VI/ báo cáo", "VI/ báo cáo"),
        ("- Lưu: VI, CCHC.", "- Lưu: VT, CCHC."),
        ("Lưu: YT; NV (02).", "Lưu: VT; NV (02)."),
        ("- Lưu: NV, VT.", "- Lưu: NV, VT."),
        ("- Đíc Chủ tịch; các đíc ủy viên;", "- Đ/c Chủ tịch; các đ/c ủy viên;"),
        ("- Đích đến; mục đích chung;", "- Đích đến; mục đích chung;"),
        ("- Lưu: VI phạm hành chính", "- Lưu: VI phạm hành chính"),
    ],
)
def test_set_forms(read, written):
    assert mended([read]) == [written]


def test_only_what_an_ocr_read_is_mended():
    lines = "Căn cứ Luật Đất đai,\nCăn cứ Luật Nhà ở,\nTheo đề nghị của Chánh Văn phòng."
    assert restore_text(lines) == lines
    assert restore_text(lines, damage="vietnamese_ocr") == lines.replace(",", ";")


def test_several_forms_of_one_line_are_mended():
    line = "V/ báo cáo (để b/e); gửi UBND (để b/c), Sở Nội vụ (h/c);"
    text = line
    for _, start, end, form in set_forms([line]):
        text = text[:start] + form + text[end:]
    assert text == "V/v báo cáo (để b/c); gửi UBND (để b/c), Sở Nội vụ (b/c);"
