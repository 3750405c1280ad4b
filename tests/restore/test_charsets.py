"""Charsets: what is repaired, and what must not change."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.restore.charsets import (
    charset_of_font,
    charsets,
    compose,
    drop_invisible,
    find_charsets,
    fix_look_alikes,
    repair,
)
from pipeline.restore.mojibake import fix_mojibake
from pipeline.restore.syllables import well_formed

PLAN = (
    "Ủy ban nhân dân phường ban hành kế hoạch tuyên truyền về chuyển đổi số năm 2026.",
    "Mỗi tổ dân phố cử một người phụ trách, báo cáo kết quả vào ngày 25 hằng tháng.",
    "Kinh phí lấy từ ngân sách địa phương và các nguồn hợp pháp khác;",
)


def encode(text: str, name: str) -> str:
    """``text`` in a legacy charset, as it looks when read as Windows-1252."""
    codes: dict[str, str] = {}
    for code, letter in charsets()[name].letters.items():
        codes.setdefault(letter, code)
    return "".join(codes.get(character, character) for character in text)


def repaired(lines: Sequence[str], fonts: Sequence[str | None] | None = None) -> tuple[str, ...]:
    steps = [after for _, after in repair(lines, fonts)]
    return steps[-1] if steps else tuple(lines)


# What each charset looks like in a text layer; written by hand from the charset's definition.
@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("Céng hoµ x· héi chñ nghÜa", "Cộng hoà xã hội chủ nghĩa"),
        ("§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"),
        ("tr\xadêng häc vµ ®\xadêng x¸", "trường học và đường xá"),
        ("Coäng hoøa xaõ hoäi chuû nghóa", "Cộng hòa xã hội chủ nghĩa"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
        ("KEÁ HOAÏCH TUYEÂN TRUYEÀN", "KẾ HOẠCH TUYÊN TRUYỀN"),
        ("Vi®t Nam, chính quy«n và nhân dân", "Việt Nam, chính quyền và nhân dân"),
        ("C¶ng hòa xã h¶i chû nghïa", "Cộng hòa xã hội chủ nghĩa"),
        ("kêì hoaòch, tuyên truyêÌn", "kế hoạch, tuyên truyền"),
    ],
)
def test_legacy_charset_is_found_by_the_text_alone(seen: str, meant: str) -> None:
    assert repaired([seen]) == (meant,)


@pytest.mark.parametrize("name", sorted(charsets()))
def test_round_trip_of_every_charset(name: str) -> None:
    seen = [encode(line, name) for line in PLAN]
    if name == "tcvn3":  # Ủ has no code of its own there: capitals are a font's business
        seen[0] = encode(PLAN[0].replace("Ủy", "ủy"), name)
    assert repaired(seen) == PLAN


@pytest.mark.parametrize("name", ["vni", "viscii", "cp1258", "bkhcm2"])
def test_every_syllable_survives_a_round_trip(name: str) -> None:
    charset = charsets()[name]
    changed = [s for s in sorted(well_formed()) if charset.convert(encode(s, name)) != s]
    assert changed == []


def test_tcvn3_and_vps_hold_every_small_letter() -> None:
    letters = {letter for syllable in well_formed() for letter in syllable if not letter.isascii()}
    for name in ("tcvn3", "vps"):
        assert letters <= set(charsets()[name].letters.values())


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("KÕ HO¹CH", "KẾ HOẠCH"),
        ("x· héi. ñy ban nh©n d©n huyÖn ý Yªn", "xã hội. Ủy ban nhân dân huyện Ý Yên"),
        ("- ý kiÕn cña ng\xadêi d©n ë ph\xadêng;", "- Ý kiến của người dân ở phường;"),
        ("Sè: 15/KH-UBND vÒ viÖc c¶i c¸ch", "Số: 15/KH-UBND về việc cải cách"),
        ("nhµ n-íc, ph-¬ng ¸n, kinh tÕ-x· héi", "nhà nước, phương án, kinh tế-xã hội"),
    ],
)  # fmt: skip
def test_tcvn3_capitals_and_hyphens(seen: str, meant: str) -> None:
    assert repaired([seen]) == (meant,)


def test_capital_fonts_give_capitals() -> None:
    assert repaired(["kÕ ho¹ch n¨m 2026"], [".VnTimeH"]) == ("KẾ HOẠCH NĂM 2026",)
    assert repaired(["kÕ ho¹ch n¨m 2026"], ["ABCDEF+.VnTime"]) == ("kế hoạch năm 2026",)


@pytest.mark.parametrize(
    ("font", "name"),
    [
        (".VnTime", "tcvn3"),
        (".VnArialH", "tcvn3"),
        ("ABCDEF+.VnTime-Bold", "tcvn3"),
        ("VNI-Times", "vni"),
        ("vni-helve", "vni"),
        ("VPS Times", "vps"),
        ("TimesNewRomanPSMT", None),
        ("Times New Roman", None),
        ("Arial", None),
        (None, None),
    ],
)
def test_charset_of_font(font: str | None, name: str | None) -> None:
    assert charset_of_font(font) == name


def test_a_font_name_does_not_overrule_unicode_text() -> None:
    assert repaired([PLAN[0]], [".VnTime"]) == (PLAN[0],)


def test_lines_are_told_apart() -> None:
    lines = (PLAN[0], *(encode(line, "vni") for line in PLAN[1:]), PLAN[0])
    assert find_charsets(lines) == (None, "vni", "vni", None)
    assert repaired(lines) == (PLAN[0], *PLAN[1:], PLAN[0])


def mojibake(text: str, *, lost: str = "") -> str:
    seen = "".join(
        bytes([b]).decode("latin-1" if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252")
        for b in text.encode()
    )
    return "".join(c for c in seen if c not in lost)


@pytest.mark.parametrize(
    "meant",
    [
        *PLAN,
        "là một phần của cả nước",
        "“Chính quyền phục vụ” – đề án 06",
        "ĐIỀU 1. BAN HÀNH KÈM THEO",
    ],
)
def test_mojibake(meant: str) -> None:
    assert fix_mojibake(mojibake(meant)) == meant
    assert fix_mojibake(mojibake(mojibake(meant))) == meant
    assert fix_mojibake(mojibake(meant).replace("\xa0", " ")) == meant


def test_mojibake_with_lost_bytes() -> None:
    seen = mojibake("Điều kiện về thời gian", lost="\x81\x8d\x8f\x90\x9d")
    assert fix_mojibake(seen) == "Điều kiện về thời gian"


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("Ðiều 3. HÐND và UBND", "Điều 3. HĐND và UBND"),
        ("45/QÐ-UBND", "45/QĐ-UBND"),
        ("Ɖảng ủy", "Đảng ủy"),
        ("Кế hoạch của xã", "Kế hoạch của xã"),  # a Cyrillic К
        ("НĐND", "HĐND"),
        ("Óðinn og Þór", "Óðinn og Þór"),
        ("Москва, Нижний Новгород", "Москва, Нижний Новгород"),
    ],
)
def test_look_alikes(seen: str, meant: str) -> None:
    assert fix_look_alikes(seen) == meant


def test_decomposed_letters_and_invisible_ones() -> None:
    assert compose(unicodedata.normalize("NFD", PLAN[0])) == PLAN[0]
    assert drop_invisible("tr\u00adường\u200b học\ufeff sinh") == "trường\u200b học\ufeff sinh"
    assert drop_invisible("chuy\u200bển đ\u00adổi") == "chuyển đổi"


MUST_NOT_CHANGE = (
    *PLAN,
    "Le conseil d'État a été créé à l'origine pour répondre à la demande du gouvernement.",
    "Él está aquí mañana, ¿qué más? Sí, señor; corazón, acción, según la ley.",
    "Über größere Änderungen müssen wir später sprechen; schön, daß Sie da wären.",
    "Não é possível à população; ação, órgão, também está às três.",
    "“Quote” – dash … ‘x’ § 5 © 2020 ® ™ 25 °C ± 3 µm × 2 ÷ 3 ½ «và»",
    "ｆｕｌｌ ｗｉｄｔｈ ﬁ ﬂ, quotes ‘a’ “b”, a–b, a—b",
    "中国政府 и Правительство 정부 รัฐบาล",
    "& &amp; &lt;b&gt; \\u1ea1 %E1%BA%A1",
    "45/QĐ-UBND, 12-NQ/TU, 28/02/2025, 83,94 %",
    "São Tomé, Côte d'Ivoire, Curaçao, España, Zürich",
    "",
    "   ",
    "\u200e\u200f emoji 🎉 👩‍👩‍👧",
    "là có và cho em bé vé kế đó",
)


@pytest.mark.parametrize("line", MUST_NOT_CHANGE)
def test_must_not_change(line: str) -> None:
    assert repaired([line]) == (line,)


def test_must_not_change_together() -> None:
    assert repaired(MUST_NOT_CHANGE) == MUST_NOT_CHANGE


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_keeps_its_lines_and_is_stable(lines: list[str]) -> None:
    once = repaired(lines)
    assert len(once) == len(lines)
    assert all(unicodedata.is_normalized("NFC", line) for line in once)


def test_clean_plans_do_not_change(shared: Path) -> None:
    for stem in ("002", "004"):
        (path,) = (shared / "seeds").glob(f"{stem}_*.txt")
        lines = unicodedata.normalize("NFC", path.read_text(encoding="utf-8")).split("\n")
        assert repaired(lines) == tuple(lines)


def test_a_very_long_line_is_handled_in_linear_time() -> None:
    line = mojibake("kế hoạch ") * 20_000
    assert fix_mojibake(line) == "kế hoạch " * 20_000
