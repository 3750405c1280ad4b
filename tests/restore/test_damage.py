"""Damage detection: which kind, over which lines; and the quality of a text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document import Damage, DamageKind
from pipeline.restore.charsets import charsets
from pipeline.restore.damage import detect, is_foreign, quality
from pipeline.restore.shapes import SHAPES, Shape, is_glued, line_shapes, shape_of
from pipeline.restore.syllables import strip_marks

CLEAN = [
    "ỦY BAN NHÂN DÂN PHƯỜNG TÂN LẬP",
    "Số: 27/KH-UBND",
    "KẾ HOẠCH",
    "Tuyên truyền về dịch vụ công trực tuyến trên địa bàn phường năm 2026",
    "I. MỤC ĐÍCH, YÊU CẦU",
    "1. Giúp người dân và doanh nghiệp hiểu rõ lợi ích của việc nộp hồ sơ qua mạng, từ đó",
    "giảm số lần đi lại, tiết kiệm thời gian và chi phí.",
    "2. Các tổ dân phố, nhà văn hóa đều có điểm hỗ trợ; mỗi điểm có ít nhất một máy tính.",
    "a) Nội dung ngắn gọn, dễ nhớ, đăng trên Zalo, Facebook và cổng thông tin điện tử;",
    "b) Không làm ảnh hưởng đến công việc thường ngày của cán bộ, công chức.",
    "II. TỔ CHỨC THỰC HIỆN",
    "Văn phòng HĐND và UBND phường chủ trì, phối hợp với Mặt trận Tổ quốc, báo cáo trước 25/6.",
]
ENGLISH = [
    "The ward office publishes a short report every quarter. It lists how many requests were",
    "filed online, how long they took, and which forms were sent back for missing papers.",
    "Residents may comment on the report by email or at the front desk.",
]
FRENCH = [
    "Le conseil municipal a examiné le rapport sur les services publics de la commune.",
    "Les habitants sont invités à donner leur avis avant la fin du mois.",
]
READ_AS_ENGLISH = [
    "Uy ban nhan dan phudng to chirc tuyén truyén vé dich vu céng truc tuyén trén dia ban",
    "K& hoach nay ap dung cho cdc t6 dan ph6, truéng hoc va nha van hoa; mdi t6 ctr m6t ngudi",
    "phu trach, bao cdo két qua hang thang vé Van phong PiCH VA YEU CAU",
]
POOR_SCAN = [
    "Giúp người dân vả doanh nghiệp hiều rỡ lợi ích cùa víệc nộp hồ sơ qua mạng, tứ đó",
    "giàm sồ lẫn đỉ lạí, tìểt kỉệm thờí gian vả chỉ phỉ cbo ngườj dân trẻn địa bản",
    "Các tố dãn phố, nbà vãn hõa đếu cỏ đỉểm hỗ trỡ; mỗỉ đíểm cò ít nhẩt một mảy tỉnh",
]


def drop(lines: list[str], letters: str) -> list[str]:
    return ["".join(" " if c in letters else c for c in line) for line in lines]


def encode(line: str, name: str) -> str:
    codes: dict[str, str] = {}
    for code, letter in charsets()[name].letters.items():
        codes.setdefault(letter, code)
    return "".join(codes.get(c, c) for c in line)


def split_up(lines: list[str]) -> list[str]:
    """The first marked letter of every third word set off by a space; some words glued."""
    result = []
    for line in lines:
        words: list[str] = []
        for number, word in enumerate(line.split()):
            places = [i for i, c in enumerate(word) if i and not c.isascii()]
            if number % 3 == 0 and places:
                word = word[: places[0]] + " " + word[places[0] :]
            elif number % 7 == 3 and words:
                words[-1] += word
                continue
            words.append(word)
        result.append(" ".join(words))
    return result


def kinds(lines: list[str]) -> list[DamageKind]:
    """The kind of each line."""
    found: list[DamageKind] = []
    for damage in detect(lines):
        assert damage.first_line == len(found) + 1
        found += [damage.kind] * (damage.last_line - damage.first_line + 1)
    assert len(found) == len(lines)
    return found


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (CLEAN, "clean"),
        (ENGLISH, "clean"),
        (FRENCH, "clean"),
        ([strip_marks(line) for line in CLEAN], "no_marks"),
        (READ_AS_ENGLISH, "english_ocr"),
        (POOR_SCAN, "vietnamese_ocr"),
        (drop(CLEAN, "ơấậửkBTĐ"), "dropped_glyphs"),
        (split_up(CLEAN[5:]), "splits"),
        ([encode(line, "vni") for line in CLEAN if line != CLEAN[1]], "legacy_charset"),
        ([encode(line.lower(), "tcvn3") for line in CLEAN[2:]], "legacy_charset"),
        ([line.encode().decode("latin-1") for line in CLEAN[2:]], "mojibake"),
        ([unicodedata.normalize("NFD", line) for line in CLEAN], "clean"),
        (["中国政府发布了新的行政改革计划。"], "clean"),
        ([""], "clean"),
        (["45/QĐ-UBND", "28/02/2025", "100%", "- - -"], "clean"),
    ],
)
def test_one_kind(lines: list[str], kind: DamageKind) -> None:
    assert set(kinds(lines)) == {kind}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Ke hoach tuyen truyen ve dich vu cong truc tuyen", "no_marks"),
        ("Mỗi to dan phố cử một nguoi phụ trach công việc nay", "no_marks"),
        ("Mỗi tổ dân phố cử một người phụ trách công việc này", "clean"),
        ("c  quan chủ trì tổ chức t p hu n cho cán bộ, đ n vị", "dropped_glyphs"),
        ("TỔ CH ỨC THỰC HI ỆN KẾ HO ẠCH N ĂM 2026", "splits"),
        ("Please send your questions to the service desk", "clean"),
        ("Số: 27/KH-UBND", "clean"),
        ("TM. ỦY BAN NHÂN DÂN", "clean"),
        ("Điểm a, b, c và d khoản 1 Điều 5 của Nghị định này", "clean"),
        ("a, b, c và d khoản 1 Điều này thì áp dụng mức thấp nhất.", "clean"),
        ("Tất ca mọi người dân trong xã đều có quyền góp ý", "no_marks"),
        ("Giáo dục phổ thông tối thieu là mười hai năm", "no_marks"),
        ("Thửa đất rộng 300 m, sâu 20 m, cách đường 5 km", "clean"),
        ("Bà Nguyễn Thị H. và ông Tr. ở xã Ia Pa, huyện Krông Búk, tỉnh Đắk Lắk", "clean"),
        ("Gửi qua Zalo Official Account, VNeID hoặc email hotro@tanlap.gov.vn", "clean"),
        ("", "clean"),
    ],
)
def test_one_line(line: str, kind: DamageKind) -> None:
    assert kinds([line]) == [kind]


def test_a_clean_header_over_a_garbled_body() -> None:
    assert kinds(CLEAN[:8] + READ_AS_ENGLISH) == ["clean"] * 8 + ["english_ocr"] * 3


def test_english_paragraphs_stay_clean() -> None:
    lines = drop(CLEAN, "ơấậửk") + ENGLISH + drop(CLEAN, "ơấậửk")
    found = kinds(lines)
    assert found[: len(CLEAN)].count("dropped_glyphs") >= 7
    assert found[len(CLEAN) : len(CLEAN) + 3] == ["clean"] * 3
    assert set(kinds(CLEAN + ENGLISH + CLEAN)) == {"clean"}
    assert kinds(READ_AS_ENGLISH + ENGLISH)[-3:] == ["clean"] * 3


def test_blank_lines_go_with_their_neighbours() -> None:
    lines = [part for line in READ_AS_ENGLISH for part in (line, "", "  ")][:-2]
    assert detect(lines) == (Damage("english_ocr", 1.0, 1, 7),)


def test_a_typo_or_two_do_not_make_a_text_damaged() -> None:
    lines = [line.replace("tuyến", "tuyên").replace("thời gian", "thơi gian") for line in CLEAN]
    assert set(kinds(lines * 3)) == {"clean"}


def test_the_font_gives_a_short_line_away() -> None:
    line = "kÕ ho¹ch"
    assert detect([line], [".VnTime"])[0].kind == "legacy_charset"


def test_no_lines() -> None:
    assert detect([]) == ()


@given(st.lists(st.text(max_size=80), max_size=12))
def test_any_lines_are_covered_once(lines: list[str]) -> None:
    found = detect(lines)
    covered = [n for d in found for n in range(d.first_line, d.last_line + 1)]
    assert covered == list(range(1, len(lines) + 1))
    assert all(0.0 <= damage.score <= 1.0 for damage in found)


@pytest.mark.parametrize(
    ("stem", "kind", "share"),
    [
        ("000", "dropped_glyphs", 0.8),
        ("001", "dropped_glyphs", 0.6),
        ("002", "clean", 1.0),
        ("003", "english_ocr", 1.0),
        ("004", "clean", 1.0),
    ],
)
def test_real_plans(shared: Path, stem: str, kind: DamageKind, share: float) -> None:
    (path,) = (shared / "seeds").glob(f"{stem}_*.txt")
    found = kinds(path.read_text(encoding="utf-8").split("\n"))
    assert set(found) <= {kind, "clean"}
    assert found.count(kind) >= share * len(found)


# --- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "shape"),
    [
        ("nghị", "marked"),
        ("(Đắk", "marked"),
        ("trong", "plain"),
        ("cua", "bare"),
        ("thuc", "stripped"),
        ("vé", "acute"),
        ("tuyén", "misread"),
        ("nhi€m", "misread"),
        ("t6", "digit_inside"),
        ("which", "foreign"),
        ("container", "latin"),
        ("chtrc", "garbage"),
        ("tr", "fragment"),
        ("y", "plain"),
        ("UBND", "acronym"),
        ("VNeID", "acronym"),
        ("45/QĐ-UBND", "neutral"),
        ("28/02/2025", "neutral"),
        ("III.", "neutral"),
        ("a)", "neutral"),
        ("hotro@xa.gov.vn", "neutral"),
        ("xãban", "glued"),
        ("\ufffdn", "broken"),
        ("|", "symbol"),
        ("–", "neutral"),
    ],
)
def test_shape(token: str, shape: Shape) -> None:
    assert shape_of(token) == shape


def test_split_letters_are_splinters() -> None:
    assert line_shapes("KẾ HO ẠCH n ăm") == ["marked", *["splinter"] * 4]
    assert line_shapes("TỔ CH ỨC") == ["marked", "splinter", "splinter"]
    assert line_shapes("D Ị CH vụ") == [*["splinter"] * 3, "marked"]
    assert line_shapes("có ấn phẩm ở ấp") == ["marked"] * 5


def test_gaps_are_two_or_three_spaces() -> None:
    assert line_shapes("triển  khai").count("gap") == 1
    assert line_shapes("Số: 27/KH-UBND            Tân Lập, ngày      tháng").count("gap") == 0


@pytest.mark.parametrize("word", ["tổchức", "xãban", "thựchiện", "ngườidân"])
def test_glued(word: str) -> None:
    assert is_glued(word)


@pytest.mark.parametrize("word", ["thường", "nghiêng", "container", "bêtông1", ""])
def test_not_glued(word: str) -> None:
    assert not is_glued(word)


@given(st.text(max_size=30))
def test_every_token_has_a_shape(token: str) -> None:
    assert shape_of(token) in SHAPES


# --- quality -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "low", "high"),
    [
        (CLEAN, 0.97, 1.0),
        (ENGLISH, 0.9, 1.0),
        (FRENCH, 0.7, 1.0),
        (drop(CLEAN, "ơấậửkBT"), 0.6, 0.97),
        (READ_AS_ENGLISH, 0.0, 0.25),
        (POOR_SCAN, 0.3, 0.9),
        ([strip_marks(line) for line in CLEAN], 0.0, 0.35),
        ([encode(line, "tcvn3") for line in CLEAN], 0.0, 0.4),
        (["\ufffd\ufffd \ufffdn \ue001\ue002"], 0.0, 0.0),
        (["(cid:3)(cid:45)(cid:12) (cid:7)"], 0.0, 0.0),
        (["12/2025", "100%"], 1.0, 1.0),
        ([""], 1.0, 1.0),
    ],
)
def test_quality(lines: list[str], low: float, high: float) -> None:
    assert low <= quality("\n".join(lines)) <= high


def test_quality_falls_with_damage() -> None:
    text = "\n".join(CLEAN)
    few, many = ("\n".join(drop(CLEAN, lost)) for lost in ("ơ", "ơấậửkBTệnộ"))
    assert quality(text) > quality(few) > quality(many)


@given(st.text(max_size=300))
def test_quality_is_a_share(text: str) -> None:
    assert 0.0 <= quality(text) <= 1.0


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Each member of the board who has an interest shall declare it", True),
        ("Les habitants peuvent consulter les procès-verbaux au secrétariat", True),
        ("Tổ chức thực hiện Chỉ số PAPI và SIPAS trên Facebook, Zalo, YouTube", False),
        ("Can cu Luat To chuc chinh quyen dia phuong ngay 16 thang 6", False),
        ("cai cich hanh chinh nim 2025 cha Uy ban nhin din x5", False),
        ("", False),
    ],
)
def test_foreign_text_is_told_from_damaged_vietnamese(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign
