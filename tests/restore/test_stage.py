"""The restorer as a whole, on sentences of our own; samples are scored in tests/bench."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document import Document, Line, Page, Source, Word, replay
from pipeline.restore import restore, restore_text

SOURCE = Source("a.txt", "/a.txt", "0" * 64, "text/plain", 1)

REPAIRED = [
    # (damage, what was read, what was written)
    (
        "no_marks",
        "Uy ban nhan dan xa ban hanh ke hoach tuyen truyen cai cach hanh chinh nam 2025.",
        "Ủy ban nhân dân xã ban hành kế hoạch tuyên truyền cải cách hành chính năm 2025.",
    ),
    (
        "no_marks",
        "Cac phong, ban chịu trach nhiem phoi hợp trien khai thuc hien.",
        "Các phòng, ban chịu trách nhiệm phối hợp triển khai thực hiện.",
    ),
    (
        "no_marks",
        "Quyết định số 512/QD-UBND ngay 03/4/2025",
        "Quyết định số 512/QĐ-UBND ngày 03/4/2025",
    ),
    ("no_marks", "Thường trực HDND xa chu tri", "Thường trực HĐND xã chủ trì"),
    (  # "ai" is a word, "AI" a name
        "no_marks",
        "Ung dung AI trong cong viec; song than ai voi ba con",
        "Ứng dụng AI trong công việc; sống thân ái với bà con",
    ),
    (  # a sentence begins behind a line that has no full stop
        "no_marks",
        "Anh: Le Minh\nVu chay o cho Dong da duoc dap tat",
        "Ảnh: Lê Minh\nVụ cháy ở chợ Đồng đã được dập tắt",
    ),
    (
        "no_marks",
        "Phong chong ma tuy trong thanh nien o\nViet Nam",
        "Phòng chống ma túy trong thanh niên ở\nViệt Nam",
    ),
    (
        "english_ocr",
        "Nang cao trach nhiém cua can bd, cdng chirc",
        "Nâng cao trách nhiệm của cán bộ, công chức",
    ),
    ("english_ocr", "cac tAng 16p nhan dan", "các tầng lớp nhân dân"),
    ("english_ocr", "I. MUC PiCH, YEU CAU", "I. MỤC ĐÍCH, YÊU CẦU"),
    (
        "english_ocr",
        "mién gidm gia vé khi st? dung cac dich vu",
        "miễn giảm giá vé khi sử dụng các dịch vụ",
    ),
    ("english_ocr", "Ngan hang Nha nu@éc chiu anh hu@ng", "Ngân hàng Nhà nước chịu ảnh hưởng"),
    ("english_ocr", "trung wong thi BO Xay dung chu tri", "trung ương thì Bộ Xây dựng chủ trì"),
    ("english_ocr", "Nguoi dan dang lam gi?", "Người dân đang làm gì?"),
    (
        "english_ocr",
        "Van phong HDND&UBND huyén chu tri",
        "Văn phòng HĐND&UBND huyện chủ trì",
    ),
    (
        "english_ocr",
        "gii vé dia chi ubnd@hanoi.gov.vn truéc ngay",
        "gửi về địa chỉ ubnd@hanoi.gov.vn trước ngày",
    ),
    ("splits", "các KHO ẢN thu từ người dân", "các KHOẢN thu từ người dân"),
    ("splits", "Ủy ban nhân dân xãban hành kế hoạch", "Ủy ban nhân dân xã ban hành kế hoạch"),
]


@pytest.mark.parametrize(("damage", "read", "written"), REPAIRED)
def test_damage_is_undone(damage, read, written):
    assert restore_text(read, damage=damage) == written


UNTOUCHED = [
    "Theo Quyết định số 45/QĐ-UBND ngày 28/02/2025, UBND thị trấn chủ trì.",
    "Liên hệ qua Zalo Official Account, Facebook hoặc thư điện tử vanphong@xa.gov.vn.",
    "Ứng dụng VNeID, fanpage và infographic được dùng để tuyên truyền.",
    "- CT, các PCT UBND phường;",
    "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH",
    "- Lưu: VT, VHXH.",
    "The plan covers four indices: PAR INDEX, SIPAS, PAPI and PCI.",
    "La commission a examiné le rapport annuel sur la réforme administrative.",
    "本计划适用于各级行政机关。",
    "hòa bình và hoà giải, thuý và thúy: hai cách viết",
    "",
    "\n\n",
    "😀 👍🏽 \u202eabc\u202c",
]


@pytest.mark.parametrize("damage", [None, "vietnamese_ocr"])
def test_markup_of_markdown_stays(damage):
    table = "### PHỤ LỤC\n| STT | Việc |\n| --- | --- |\n| 1 | Họp báo |\n| 2 | Tập huấn |"
    assert restore_text(table, damage=damage) == table


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_right_stays(text):
    assert restore_text(text) == text


def test_dropped_letters_come_back():
    plan = (
        "Ủy ban nhân dân xã yêu cầu các cơ quan, đơn vị phối hợp chặt chẽ để thực hiện.\n"
        "Văn phòng chủ trì, theo dõi, đôn đốc các cơ quan thực hiện kế hoạch được giao.\n"
        "Các cơ quan, đơn vị bố trí kinh phí và cơ sở vật chất, bảo đảm đúng tiến độ.\n"
    ) * 6
    read = plan.replace("ơ", " ").replace("ấ", " ")
    assert read != plan
    assert restore_text(read, damage="dropped_glyphs") == plan


def test_the_body_in_a_code_comes_back():
    plan = (
        "Thực hiện Kế hoạch số 12/KH-UBND của Ủy ban nhân dân huyện, Ủy ban nhân dân xã báo cáo.\n"
    )
    read = (plan * 8).replace("B", " ").replace("ự", " ")
    assert restore_text(read, damage="dropped_glyphs") == plan * 8


def test_headings_are_numbered_by_their_sequence():
    read = (
        "|. MUC PiCH, YEU CAU\nNang cao nhan thirc cua can bd, cong chirc vé cai cach hanh chinh.\n"
        "1. NOI DUNG TUYEN TRUYEN\nTuyén truyén cac chu truong cua Pang vé cai cach hanh chinh.\n"
        "111. TO CHUC THUC HIEN\nCac co quan, don vi phdi hop thuc hién ké hoach nay.\n"
    )
    lines = restore_text(read, damage="english_ocr").split("\n")
    assert [line.split(".")[0] for line in lines[0:5:2]] == ["I", "II", "III"]


TERMINATORS = ["\n", "\r\n", "\r", "\f", "\u2028"]


@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(
                    exclude_categories=("Cs",),
                    exclude_characters="\n\r\f\v\x1c\x1d\x1e\x85\u2028\u2029",
                ),
                max_size=40,
            )
            | st.sampled_from([text for _, text, _ in REPAIRED]),
            st.sampled_from(TERMINATORS),
        ),
        max_size=6,
    ),
    st.sampled_from(
        [None, "no_marks", "english_ocr", "vietnamese_ocr", "dropped_glyphs", "splits"]
    ),
)
@settings(max_examples=60, deadline=None)
def test_lines_and_terminators_stay_and_edits_replay(lines, damage):
    text = "".join(line + end for line, end in lines)
    restored, edits = restore_text(text, explain=True, damage=damage)
    for end in TERMINATORS:
        assert restored.count(end) == text.count(end)
    before = (
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\u2028", "\n")
    )
    after = (
        restored.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\f", "\n")
        .replace("\u2028", "\n")
    )
    assert replay(before.split("\n"), edits) == after.split("\n")
    assert all(0.0 <= edit.confidence <= 1.0 for edit in edits)


def test_a_page_that_our_ocr_read_is_looked_at():
    read = "Ủy ban nhân dân xã tổ chức thực hiên kế hoach này."
    page = Page(1, (Line.of(read),), method="ocr")
    document = restore(Document(SOURCE, (page,)))
    assert document.pages[0].lines[0].text == "Ủy ban nhân dân xã tổ chức thực hiện kế hoạch này."


def test_neither_placement_of_tone_marks_is_repaired():
    text = (
        "Uỷ ban nhân dân xã giải quyết, hoà giải và thực hiện kế hoạch của Ủy ban nhân dân huyện."
    )
    assert restore_text(text, damage="vietnamese_ocr") == text


def test_document_keeps_raw_and_logs_edits():
    read = [text for damage, text, _ in REPAIRED if damage == "no_marks"] * 3
    page = Page(1, tuple(Line.of(text) for text in read))
    document = restore(Document(SOURCE, (page, dataclasses.replace(page, number=2))))
    for page in document.pages:
        assert [line.raw for line in page.lines] == read
        assert replay(read, document.edits, page=page.number) == [line.text for line in page.lines]
        assert {damage.kind for damage in page.damage} == {"no_marks"}
        assert page.quality is not None
        assert page.quality > 0.8
    for doubt in document.doubts:
        line = document.pages[doubt.page - 1].lines[doubt.line - 1]
        assert line.text[doubt.start : doubt.start + len(doubt.text)] == doubt.text


def test_unknown_damage_is_refused():
    with pytest.raises(ValueError, match="no such damage"):
        restore_text("a", damage="rust")


def test_one_long_line_is_restored():
    read, written = REPAIRED[0][1:]
    assert restore_text(" ".join([read] * 800), damage="no_marks") == " ".join([written] * 800)


def _scanned(text, confidences):
    words, at = [], 0
    for word, confidence in zip(text.split(" "), confidences, strict=True):
        words.append(Word(word, at, confidence=confidence))
        at += len(word) + 1
    line = dataclasses.replace(Line.of(text), words=tuple(words))
    return Document(SOURCE, (Page(1, (line,), method="ocr"),))


def test_a_word_that_the_ocr_was_sure_of_is_harder_to_change():
    read = "Trưởng ban quản lý chợ và cán bộ tô dân phố cùng dự họp"
    words = read.split(" ")
    sure = []
    for confidence in (0.4, 0.9, 0.98):
        said = [0.96] * len(words)
        said[words.index("tô")] = confidence
        (edit,) = restore(_scanned(read, said)).edits
        assert edit.after == "tổ"
        sure.append(edit.confidence)
    assert sure[0] > sure[1] > sure[2]


def test_what_is_mended_first_does_not_move_what_is_mended_next():
    lines = ["I. MỞ ĐẦU", "Căn cứ Luật Tổ chức", "1. MỤC ĐÍCH YÊU CẦU,", "Căn cứ Luật Đất đai;"]
    after, edits = restore_text("\n".join(lines), damage="vietnamese_ocr", explain=True)
    assert after.split("\n")[2] == "II. MỤC ĐÍCH YÊU CẦU;"
    assert {"enumerator", "semicolon"} <= {edit.rule for edit in edits if edit.line == 3}
