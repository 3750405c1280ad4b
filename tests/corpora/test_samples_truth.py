"""The samples themselves: complete, small, our own, and their truth says what their text says."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path
from typing import Any, get_args

import pypdfium2
import pytest
from sample_truth import SAMPLES, Truth, folded, truths

from pipeline.normalize import record as contract

TRUTHS = [pytest.param(truth, id=truth.stem) for truth in truths()]
REQUIRED = {"PAR", "SIPAS", "PAPI", "PCI"}
LONGEST_SHARED = 60
# Official names and formulas, which every plan must write in the same words.
OFFICIAL = re.compile(
    r"(chỉ số )?((cải cách hành chính|hài lòng|hiệu quả quản trị và hành chính công"
    r"|năng lực cạnh tranh)( cấp tỉnh)?( của [^()]{0,70})? \((par index|sipas|papi|pci)\))"
    r"|ban hành kèm theo quyết định này"
    r"|kế hoạch (truyền thông|thông tin, tuyên truyền)( công tác)? cải cách hành chính"
    r"|chương trình tổng thể cải cách hành chính nhà nước"
    r"|luật tổ chức chính quyền địa phương|\w+-NQ/TW ngày 22 tháng 12 năm 2024 của bộ chính trị",
    re.IGNORECASE,
)
KINDS_OF_THE_FLOW = {
    "pdf",
    "pdf_dropped",
    "pdf_scan",
    "pdf_mixed",
    "png",
    "jpeg",
    "docx",
    "txt",
    "txt_nfd",
    "txt_cp1258",
    "txt_tcvn3",
    "md",
    "txt_no_marks",
    "txt_dropped",
    "txt_english_ocr",
}


def headings(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [node for top in sections for node in (top, *headings(top["children"]))]


def test_every_plan_has_its_truth_and_the_folder_stays_small() -> None:
    plans = {path.name for path in (SAMPLES / "plans").iterdir()}
    assert plans == {truth.file.name for truth in truths()}
    assert len({truth.text for truth in truths()}) >= 12
    assert {truth.kind for truth in truths()} == KINDS_OF_THE_FLOW
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 6 * 2**20


def test_structures_and_traps_are_all_there() -> None:
    records = [truth.record for truth in truths()]
    forms = {record["form"] for record in records}
    assert forms == set(get_args(contract.Form))
    statuses = {index["status"] for record in records for index in record["indices"]}
    assert statuses == set(get_args(contract.Coverage))
    assert {record["number"]["status"] for record in records} == {"present", "blank", "absent"}
    assert {"commune", "district", "province"} <= {r["unit"].get("level") for r in records}
    assert any(record["tasks"] for record in records)
    assert any("PCT" in line for record in records for line in record["recipients"])


@pytest.mark.parametrize("truth", TRUTHS)
def test_truth_fits_the_contract(truth: Truth) -> None:
    record = truth.record
    assert record["form"] in get_args(contract.Form)
    contract.Number(**{"value": None, **record["number"]})
    contract.Issued(**{"place": None, "date": None, "status": "present", **record["issued"]})
    contract.Unit(**{"name": None, "type": None, "level": None, **record["unit"]})
    if record["signature"]:
        contract.Signature(**record["signature"])
    for task in record["tasks"]:
        blank = dict.fromkeys(("no", "lead", "partners", "schedule", "product"))
        contract.Task(**{**blank, **task, "page": 1})
    allowed = set(get_args(contract.SectionId))
    for node in headings(record["sections"]):
        assert set(node.get("ids", [])) <= allowed
    for index in record["indices"]:
        assert index["status"] in get_args(contract.Coverage)
    assert {index["id"] for index in record["indices"]} >= REQUIRED


@pytest.mark.parametrize("truth", TRUTHS)
def test_truth_says_what_the_text_says(truth: Truth) -> None:
    assert unicodedata.is_normalized("NFC", truth.text)
    assert "  \n" not in truth.text
    text, record = folded(truth.text), truth.record
    for node in headings(record["sections"]):
        assert folded(f"{node['number']}. {node['heading']}") in text
    for index in record["indices"]:
        quote = index.get("quote")
        assert (quote is not None) == (index["status"] == "covered")
        assert quote is None or folded(quote) in text
    for code in record["citations"]:
        assert code in text
    for line in record["recipients"]:
        assert folded(line) in text
    if record["signature"]:
        assert folded(record["signature"]["name"]) in text
    if record["number"]["status"] == "present":
        assert record["number"]["value"] in text
    for task in record["tasks"]:
        whole = folded(" ".join(filter(None, task.values())))
        assert set(whole.split()) <= set(text.split())
    if record.get("funding"):
        assert record["funding"] in text
    assert not record.get("parent_plan") or record["parent_plan"] in record["citations"]


def long_pieces(text: str) -> set[str]:
    """Every stretch of one character more than two texts may share."""
    text = OFFICIAL.sub("§", folded(text))
    size = LONGEST_SHARED + 1
    return {text[start : start + size] for start in range(len(text) - size + 1)}


def test_no_sentence_comes_from_the_reference_documents(shared: Path) -> None:
    """Within a paragraph; letterheads and recipients next to each other are alike everywhere."""
    from generator import load
    from generator.text import flow_lines

    plans = [load(path) for path in sorted((SAMPLES / "source").glob("*.plan"))]
    ours = set().union(*(long_pieces(line) for plan in plans for line in flow_lines(plan)))
    for path in sorted([*(shared / "seeds").glob("*.txt"), *(shared / "gold").rglob("*.txt")]):
        common = ours & long_pieces(path.read_text(encoding="utf-8"))
        assert not common, (path.name, sorted(common)[:3])


def plan_source(name: str) -> Any:
    from generator import load

    return load(next((SAMPLES / "source").glob(f"*{name}.plan")))


@pytest.mark.parametrize("truth", [t for t in TRUTHS if t.values[0].file.suffix in (".txt", ".md")])
def test_text_samples_are_what_their_source_makes(truth: Truth) -> None:
    from generator import damage, load

    if truth.kind in ("txt_english_ocr", "txt_no_marks", "txt_dropped"):
        pytest.skip("needs the fonts, or tesseract: made again by make.py only")
    for path in sorted((SAMPLES / "source").glob("*.plan")):
        plan = load(path)
        for sample in plan.samples:
            if sample["stem"] == truth.stem:
                made = damage(plan, sample["kind"], **sample.get("options", {}))
                assert made.data == truth.file.read_bytes()
                return
    pytest.fail("no source makes this sample")


@pytest.fixture
def fonts() -> None:
    from generator.layout import font_file

    try:
        font_file("R")
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize("loss", ["space", "missing", "nul"])
def test_lost_letters_leave_the_text_but_not_the_page(loss: str) -> None:
    from generator import damage

    plan = plan_source("xa-hoa-phu")
    whole, holed = (
        pypdfium2.PdfDocument(io.BytesIO(made.data))
        for made in (damage(plan, "pdf"), damage(plan, "pdf_dropped", loss=loss, lost={"R": "ấơ"}))
    )
    assert "giấy tờ" in whole[0].get_textpage().get_text_range()
    for page, clean in zip(holed, whole, strict=True):
        assert page.render(scale=1).to_pil().tobytes() == clean.render(scale=1).to_pil().tobytes()
    regular = holed[0].get_textpage().get_text_range()
    assert "giấy tờ" not in regular
    assert "cơ sở" not in regular


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize(
    "kind", ["pdf", "pdf_dropped", "docx", "md", "txt_cp1258", "txt_tcvn3", "jpeg", "png"]
)
def test_damage_is_the_same_each_time(kind: str) -> None:
    from generator import damage

    plan = plan_source("phuong-cao-lanh")
    assert damage(plan, kind) == damage(plan, kind)


@pytest.mark.usefixtures("fonts")
def test_any_plan_goes_through_every_channel() -> None:
    from generator import KINDS, damage, parse

    source = (SAMPLES / "source" / "16-thi-xa-sa-pa.plan").read_text(encoding="utf-8")
    plan = parse(source.replace("Sa Pa", "Bắc Hà"))
    for kind in sorted(set(KINDS) - {"txt_english_ocr", "pdf_scan", "pdf_mixed"}):
        made = damage(plan, kind)
        assert made.data, kind
        assert any("Bắc Hà" in line for line in made.lines), kind


def test_legacy_encodings_come_back() -> None:
    from generator.text import TCVN3, to_cp1258, to_tcvn3

    text = "Ủy ban nhân dân quận; nghị quyết; cải cách thủ tục; đặc khu; kỷ cương"
    decoded = unicodedata.normalize("NFC", to_cp1258(text).decode("cp1258"))
    assert decoded == text
    letters = {code: letter for letter, code in TCVN3.items()}
    lower = text.lower()
    assert "".join(letters.get(byte, chr(byte)) for byte in to_tcvn3(lower)) == lower
