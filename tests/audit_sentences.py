"""The sentences of tests/cases/audit_*.toml, each in a plan that the whole flow reads."""

from __future__ import annotations

import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pipeline import process_file
from pipeline.normalize.record import IndexFinding

TESTS = Path(__file__).resolve().parent
SAMPLES = TESTS.parent / "corpora" / "samples"
if str(SAMPLES) not in sys.path:  # the generator is a folder of scripts, not an installed package
    sys.path.insert(0, str(SAMPLES))
REQUIRED = ("PAR", "SIPAS", "PAPI", "PCI")
LOST = "ấậơửB"  # what a font of one of the reference plans lost
PLAN = """\
ỦY BAN NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ AN BÌNH              Độc lập - Tự do - Hạnh phúc
Số: 12/KH-UBND            An Bình, ngày 03 tháng 3 năm 2025

KẾ HOẠCH
Thông tin, tuyên truyền cải cách hành chính năm 2025
{legal_basis}
Ủy ban nhân dân xã An Bình ban hành kế hoạch như sau:

I. MỤC ĐÍCH, YÊU CẦU
1. Mục đích
- Nâng cao nhận thức của cán bộ, công chức và người dân về nhiệm vụ cải cách hành chính.
2. Yêu cầu
- Việc tuyên truyền phải thường xuyên, thiết thực và tiết kiệm.
II. NỘI DUNG
1. Nội dung tuyên truyền
- Các văn bản mới của tỉnh và của huyện về cải cách hành chính.
{content}
- Gương người tốt, việc tốt trong thực thi công vụ.
III. KINH PHÍ THỰC HIỆN
Kinh phí thực hiện lấy từ ngân sách xã năm 2025.
IV. TỔ CHỨC THỰC HIỆN
1. Văn phòng Ủy ban nhân dân xã chủ trì, theo dõi việc thực hiện kế hoạch này.
Trên đây là Kế hoạch tuyên truyền cải cách hành chính năm 2025 của xã An Bình./.

Nơi nhận:                         TM. ỦY BAN NHÂN DÂN
- Phòng Nội vụ;                   CHỦ TỊCH
{recipients}
- Lưu: VT.

Nguyễn Văn Thử
{appendix}
"""
# The same plan as an English tesseract reads such pages.
READ_BY_ENGLISH = """\
UY BAN NHAN DAN          CONG HOA XA HOI CHU NGHIA VIET NAM
XA AN BINH              Déc lap - Tw do - Hanh phic
S6: 12/KH-UBND            An Binh, ngay 03 thang 3 nam 2025

KE HOACH
Théng tin, tuyén truyén cai cach hanh chinh nam 2025
{legal_basis}
Uy ban nhan dan xa An Binh ban hanh ké hoach nhw sau:

I. MUC DICH, YEU CAU
1. Muc dich
- Nang cao nhan thirc cua can b6, céng chirc va ngudi dan vé nhiém vu cai cach hanh chinh.
2. Yéu cau
- Viéc tuyén truyén phai thudng xuyén, thiét thuc va tiét kiém.
II. NOI DUNG
1. N6i dung tuyén truyén
- Cac van ban méi cua tinh va cua huyén vé cai cach hanh chinh.
{content}
- Guong ngudi t6t, viéc t6t trong thuc thi céng vu.
III. KINH PHI THUC HIEN
Kinh phi thuc hién ldy tir ngan sach xa nam 2025.
IV. TO CHUC THUC HIEN
1. Van phong Uy ban nhan dan xa chu tri, theo déi viéc thuc hién ké hoach nay.
Trén day la Ké hoach tuyén truyén cai cach hanh chinh nam 2025 cua xa An Binh./.

Noi nhan:                         TM. UY BAN NHAN DAN
- Phong Noi vu;                   CHU TICH
{recipients}
- Luu: VT.

Nguyén Van Thit
{appendix}
"""


@dataclass(frozen=True)
class Case:
    """A sentence with the truth: ``status`` of each index that is required or named."""

    said: str
    status: dict[str, str]
    place: str
    damage: str
    trap: bool
    known: str | None

    @property
    def id(self) -> str:
        """What a test run calls it."""
        return f"{self.damage or 'clean'}: {self.said[:50]}"


SETS = ("audit_sentences", "audit_second")


def cases(name: str) -> list[Case]:
    """All sentences of the set ``name`` of :data:`SETS`, in the order of the table."""
    tables = tomllib.loads((TESTS / "cases" / f"{name}.toml").read_text(encoding="utf-8"))
    return [_case(table, entry) for table, entries in tables.items() for entry in entries]


def _case(table: str, entry: dict[str, str]) -> Case:
    status = dict.fromkeys(REQUIRED, "absent")
    for key, value in (("covered", "covered"), ("cited", "citation_only"),
                       ("theme", "thematic_only")):  # fmt: skip
        status |= dict.fromkeys(entry.get(key, "").split(), value)
    nothing_counts = not {"PAR", "SIPAS", "PAPI", "PCI"} & set(entry.get("covered", "").split())
    return Case(
        entry["said"],
        status,
        entry.get("place", "content"),
        entry.get("damage", "by_hand" if table == "by_hand" else ""),
        "traps" in table or nothing_counts,
        entry.get("known"),
    )


def plan_of(case: Case, damage: str | None = None) -> str:
    """The text of the plan with the sentence, as it arrives; ``damage`` instead of its own."""
    damage = case.damage if damage is None else damage
    read_by_english = damage == "english_ocr"
    parts = dict.fromkeys(("legal_basis", "content", "recipients", "appendix"), "")
    parts[case.place] = f"- {case.said}" if case.place == "content" else case.said
    if case.place == "appendix":
        heading = "PHỤ LỤC\nNhiệm vụ tuyên truyền cải cách hành chính năm 2025"
        parts["appendix"] = f"{heading}\n1. {case.said}\n2. Họp giao ban báo chí."
    text = (READ_BY_ENGLISH if read_by_english else PLAN).format(**parts)
    text = "\n".join(line for line in text.split("\n") if line)
    if damage == "no_marks":
        from generator.text import without_marks

        return without_marks(text)
    return text.translate(dict.fromkeys(map(ord, LOST), " ")) if damage == "lost" else text


def findings(text: str) -> dict[str, IndexFinding]:
    """What the whole flow finds in a plan that arrives as a text file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.txt"
        path.write_text(text, encoding="utf-8")
        record = process_file(path).record
    assert record is not None
    return {finding.id: finding for finding in record.indices}


def found(case: Case, damage: str | None = None) -> dict[str, str]:
    """The status that the flow gives to each index of the case, and to others that it covers."""
    given = findings(plan_of(case, damage))
    return {
        index: given[index].status if index in given else "absent"
        for index in dict.fromkeys((*case.status, *given))
    }
