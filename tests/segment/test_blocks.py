"""Wrapped lines: what goes on, and what begins anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import of_text

from pipeline.document import Box, Line, Page
from pipeline.segment.blocks import blocks
from pipeline.segment.rows import rows

FULL = "Đẩy mạnh công tác tuyên truyền đến từng hộ gia đình, từng cơ quan và doanh nghiệp"

ONE = [
    ("hyphen of a word", f"- {FULL} kinh tế\n- xã hội của địa phương."),
    ("hyphen of an office", "2. Trung tâm Văn hóa, Thể thao và Truyền thanh\n- Truyền hình huyện."),
    ("hyphen of years", f"{FULL} giai đoạn 2021\n- 2025, định hướng đến năm 2030."),
    ("year at the start", f"{FULL} nhiệm vụ năm\n2025. Tập trung vào khâu giải quyết hồ sơ."),
    ("code at the start", f"{FULL} theo Nghị quyết số\n18-NQ/TW của Trung ương."),
    ("date at the start", f"{FULL} ngày\n31/12/2024 về kế hoạch năm."),
    ("sentence over a page", f"- {FULL} sâu rộng, có\n\n\n\nhiệu quả, phù hợp với yêu cầu."),
    ("name over two lines", f"{FULL} của Ủy ban nhân dân tỉnh Quảng\nNgãi về chuyển đổi số."),
    ("heading over two lines", "III. MỘT SỐ HOẠT ĐỘNG TRỌNG TÂM VỀ CẢI CÁCH HÀNH CHÍNH\nNĂM 2025"),
    ("open bracket", f"- {FULL} (báo chí, phát thanh\n- truyền hình, mạng xã hội)."),
    ("speck behind a sentence", f"- {FULL}. -\nđược bảo đảm."),
    ("wrapped citation", f"2. {FULL} trong Nghị quyết\nsố 29-NQ/TW ngày 04 tháng 11 năm 2013."),
    ("number that a law cites", f"{FULL} theo khoản 1,\n2, Điều 5 của Luật."),
    ("a point that lists", f"- {FULL} năm 2025;\nNghị quyết về phân cấp, phân quyền."),
]
TWO = [
    ("two points", "- Niêm yết công khai.\n- Đăng tải trên trang tin."),
    ("points without stop", "- Niêm yết công khai\n- Đăng tải trên trang tin"),
    ("heading, then text", "1. Phòng Nội vụ\nChủ trì triển khai Kế hoạch này."),
    ("heading, then small point", "1. Phòng Nội vụ\n- chủ trì triển khai Kế hoạch này."),
    ("sections", "I. MỤC ĐÍCH\nII. YÊU CẦU"),
    ("two bases", "Căn cứ Luật Đất đai ngày 18/01/2024;\nCăn cứ Luật Nhà ở ngày 27/11/2023;"),
    (
        "speck behind a point",
        "a) Đăng tin trên các trang mạng xã hội. -\nỦy ban nhân dân xã chỉ đạo.",
    ),
    ("commas for stops", "1. Công tác thông tin.\n2, Công tác tuyên truyền."),
    ("a colon for a stop", "1. Công tác thông tin.\n2: Công tác tuyên truyền."),
    ("a stop that was read twice", "1. Công tác thông tin.\n2..Công tác tuyên truyền."),
    ("a speck before a number", "II. NỘI DUNG\n-1, Nội dung tuyên truyền"),
    ("a stop for a dash under a heading", "1. Văn phòng UBND xã\n. Thực hiện tuyên truyền."),
    ("another mark for a dash", "- Niêm yết công khai.\n: Phối hợp với các thôn."),
    ("letters", "a) Tập huấn.\nb) Hội thi."),
    (
        "subject and addressee",
        "V/v đôn đốc ban hành kế hoạch truyền thông cải cách hành chính của các xã\n"
        "Kính gửi: Ủy ban nhân dân các xã, phường",
    ),
    ("colon", "Gồm các nội dung sau:\nTuyên truyền về dịch vụ công trực tuyến."),
]


def _count(text: str) -> int:
    # a full line, so that the usual width is known
    padding = f"{FULL} {FULL[:10]}.\n\n" * 0
    return len(blocks(rows(of_text(padding + text))))


@pytest.mark.parametrize(("name", "text"), ONE, ids=[name for name, _ in ONE])
def test_goes_on(name: str, text: str) -> None:
    assert _count(text) == 1


@pytest.mark.parametrize(("name", "text"), TWO, ids=[name for name, _ in TWO])
def test_begins_anew(name: str, text: str) -> None:
    assert _count(text) == 2


def test_blank_line_after_each_line_is_no_paragraph_break() -> None:
    lines = ["- Nâng cao nhận thức của cán bộ, công chức, viên chức và người dân về cải",
             "cách hành chính, nhất là thủ tục hành chính."]  # fmt: skip
    assert len(blocks(rows(of_text("\n\n".join(lines))))) == 1


def test_bold_headings_of_markdown() -> None:
    text = (
        "## **II. NỘI DUNG**\n\n**1. Nội dung tuyên truyền**\n\n- Điều thứ nhất.\n\n***Nơi nhận:***"
    )
    found = blocks(rows(of_text(text)))
    assert [block.text for block in found] == [
        "II. NỘI DUNG", "1. Nội dung tuyên truyền", "- Điều thứ nhất.", "Nơi nhận:",
    ]  # fmt: skip
    assert found[0].bold
    assert found[3].special == "recipients"


def test_a_lost_star_is_no_bullet() -> None:
    (block,) = blocks(rows(of_text(" *IV. KINH PHÍ**")))
    assert block.marker is not None
    assert (block.marker.kind, block.body) == ("roman", "KINH PHÍ")


def test_the_centred_last_line_of_a_title_ends_it() -> None:
    lines = [  # text, left and right edge in points
        ("THÔNG BÁO", 268, 354),
        ("Kết luận của Chủ tịch Ủy ban nhân dân huyện tại phiên họp của Hội đồng", 90, 532),
        ("tư vấn về phát triển giáo dục, tầm nhìn đến năm 2045", 143, 480),
        ("Ngày 19 tháng 3 năm 2024, tại trụ sở, Chủ tịch Ủy ban nhân dân", 116, 541),
        *[("huyện đã chủ trì phiên họp của Hội đồng để cho ý kiến về dự thảo", 81, 541)] * 12,
    ]
    made = tuple(
        replace(Line.of(text), box=Box(x0, 100 + 18 * k, x1, 112 + 18 * k))
        for k, (text, x0, x1) in enumerate(lines)
    )
    found = blocks(rows(replace(of_text(""), pages=(Page(1, made, size=(595.0, 842.0)),))))
    assert [block.text.split()[0] for block in found] == ["THÔNG", "Kết", "Ngày"]
