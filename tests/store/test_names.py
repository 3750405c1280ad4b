"""Names of record files: a table of hard ones, and what must hold for any."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.names import key, record_name

KEPT = [
    ("plan.pdf", "plan"),
    ("xa/Kế hoạch số 45.docx", "Kế hoạch số 45"),
    ("a/b/c/ke-hoach.v2.pdf", "ke-hoach.v2"),
    ("README", "README"),
    ("contract.pdf", "contract"),
    ("auxiliary.txt", "auxiliary"),
    ("com10.txt", "com10"),
    ("Ke\u0302\u0301 hoa\u0323ch.pdf", "Kế hoạch"),  # decomposed, as macOS writes names
]

CHANGED = [
    ("CON.pdf", "_CON"),
    ("aux.txt", "_aux"),
    ("nul.v2.pdf", "_nul.v2"),
    ("LPT1.docx", "_LPT1"),
    ("a<b>c:d|e?f*g.pdf", "a_b_c_d_e_f_g"),
    ('say "x"\\y.pdf', "say _x__y"),
    ("line\nbreak\ttab.pdf", "line_break_tab"),
    ("ends with dots....pdf", "ends with dots"),
    ("ends with space .pdf", "ends with space"),
    ("right\u202eto left.pdf", "right_to left"),
    ("x" * 200 + ".pdf", "x" * 150),
    ("ế" * 200 + ".pdf", "ế" * 50),
    ("....pdf", "plan"),
]


@pytest.mark.parametrize(("path", "name"), KEPT)
def test_a_stem_that_can_be_a_name_is_the_name(path: str, name: str) -> None:
    assert record_name(path, lambda _: False) == name


@pytest.mark.parametrize(("path", "start"), CHANGED)
def test_a_stem_that_cannot_is_made_fit_and_marked(path: str, start: str) -> None:
    name = record_name(path, lambda _: False)
    assert re.fullmatch(re.escape(start) + "~[0-9a-f]{8}", name)


def test_same_stems_get_distinct_names_that_depend_on_nothing_but_the_path() -> None:
    taken = {key("plan")}
    first = record_name("a/PLAN.pdf", taken.__contains__)
    second = record_name("b/plan.pdf", taken.__contains__)
    assert len({key("plan"), key(first), key(second)}) == 3
    assert first == record_name("a/PLAN.pdf", {key("plan"), key(second)}.__contains__)


def test_case_and_normal_form_do_not_tell_names_apart() -> None:
    assert key("Kế Hoạch") == key("KẾ HOẠCH") == key(unicodedata.normalize("NFD", "kế hoạch"))


@given(
    st.lists(st.text(st.characters(codec=None), min_size=1), min_size=1, max_size=8, unique=True)
)
def test_any_names_are_distinct_short_and_safe(parts: list[str]) -> None:
    taken: dict[str, str] = {}
    for number, part in enumerate(parts):
        path = f"{number}/{part.replace('/', '')}.pdf"
        name = record_name(path, taken.__contains__)
        assert key(name) not in taken
        taken[key(name)] = path
        assert 0 < len(f".{name}-xxxxxxxx.json".encode()) <= 255
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        assert not name.endswith((".", " "))
        assert not name.startswith(".")
        assert name.split(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
        assert unicodedata.is_normalized("NFC", name)
