"""Folders of plans of our own making, for tests and benches of whole runs."""

from __future__ import annotations

from pathlib import Path

COMMUNES = ("An Bình", "Phước Lộc", "Tân Thành", "Hòa Sơn", "Mỹ Đức", "Thanh Khê", "Vĩnh Trạch")


def plan_text(number: int) -> str:
    """The text of a short plan; the same number gives the same text."""
    commune = COMMUNES[number % len(COMMUNES)]
    return f"""ỦY BAN NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ {commune.upper()}              Độc lập - Tự do - Hạnh phúc
Số: {number + 1:02}/KH-UBND            {commune}, ngày {number % 28 + 1:02} tháng 3 năm 2025

KẾ HOẠCH
Tuyên truyền cải cách hành chính năm 2025

Thực hiện Kế hoạch số {number + 100}/KH-UBND ngày 20/02/2025 của Ủy ban nhân dân tỉnh, Ủy ban nhân
dân xã {commune} ban hành kế hoạch như sau:

I. MỤC ĐÍCH, YÊU CẦU
1. Mục đích
- Nâng cao nhận thức của cán bộ, công chức và người dân về cải cách hành chính.
2. Yêu cầu
- Việc tuyên truyền phải thường xuyên, thiết thực và tiết kiệm.

II. NỘI DUNG
1. Nội dung tuyên truyền
- Kết quả Chỉ số cải cách hành chính (PAR INDEX) và Chỉ số hài lòng của người dân (SIPAS).
- Kết quả Chỉ số hiệu quả quản trị và hành chính công cấp tỉnh (PAPI).

III. KINH PHÍ THỰC HIỆN
Kinh phí thực hiện lấy từ ngân sách xã năm 2025.

IV. TỔ CHỨC THỰC HIỆN
1. Văn phòng Ủy ban nhân dân xã chủ trì, theo dõi việc thực hiện kế hoạch này.

Trên đây là Kế hoạch tuyên truyền cải cách hành chính năm 2025 của xã {commune}./.

Nơi nhận:                         TM. ỦY BAN NHÂN DÂN
- Lưu: VT.                        CHỦ TỊCH
"""


def write_plans(folder: Path, count: int) -> Path:
    """``count`` plans in sub-folders of a hundred; gives ``folder``."""
    for number in range(count):
        place = folder / f"{number // 100:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"plan-{number:05}.txt").write_text(plan_text(number), encoding="utf-8")
    return folder
