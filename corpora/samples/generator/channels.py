"""``damage``: one plan through one channel. Each kind has its own way to look and to go wrong."""

from __future__ import annotations

import io
import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from generator import office, scan, text
from generator.layout import typeset
from generator.pdf import write_pdf
from generator.source import Letterhead, Plan

# What real subsets were seen to lose; a sample may name its own.
LOST = {"R": "ấậơửB", "I": "TPVkêệớòì", "B": "ỊÌÊìố"}
SEED = 20250701


@dataclass(frozen=True)
class Sample:
    """A damaged file with its truth: ``lines`` in reading order, ``pages`` their first indices."""

    data: bytes
    suffix: str
    lines: tuple[str, ...]
    pages: tuple[int, ...] = (0,)
    damage: tuple[str, ...] = ("clean",)


Channel = Callable[..., Sample]


def damage(plan: Plan, kind: str, **options: Any) -> Sample:
    """The plan as a file of ``kind`` (a key of KINDS). Same plan, kind and options: same bytes.

    Raises KeyError for an unknown kind.
    """
    return KINDS[kind](plan, **options)


def seal_of(plan: Plan) -> str:
    """The name on the stamp."""
    heads = [
        block.left[-1] for block in plan.blocks if isinstance(block, Letterhead) and block.left
    ]
    return plan.facts["unit"].get("name") or (heads[0] if heads else "")


def _paged(plan: Plan) -> dict[str, tuple]:
    pages = typeset(plan)
    starts, lines = [], []
    for page in pages:
        starts.append(len(lines))
        lines += [line.text for line in page.lines]
    return {"lines": tuple(lines), "pages": tuple(starts)}


def _flow(plan: Plan) -> dict[str, tuple]:
    return {"lines": tuple(text.flow_lines(plan))}


def _pdf(plan: Plan) -> Sample:
    return Sample(write_pdf(typeset(plan)), ".pdf", **_paged(plan))


def _pdf_dropped(plan: Plan, lost: Mapping[str, str] = LOST, loss: str = "space") -> Sample:
    data = write_pdf(typeset(plan), lost, loss)
    return Sample(data, ".pdf", **_paged(plan), damage=("dropped_glyphs",))


def _pictures(plan: Plan, dpi: int, unit: str, seed: int, skew: float, blur: float, noise: float):
    rng = random.Random(seed)
    pages = typeset(plan, handwritten=True)
    for page, picture in zip(pages, scan.render(pages, dpi), strict=True):
        signed = scan.sign(picture, page, dpi, rng, unit)
        turn = rng.uniform(-skew, skew)
        yield scan.degrade(signed, rng, skew=turn, blur=blur, noise=noise)


def _pdf_scan(
    plan: Plan,
    *,
    dpi: int = 150,
    quality: int = 50,
    fax: bool = False,
    skew: float = 0.7,
    blur: float = 0.6,
    noise: float = 5.0,
    seed: int = SEED,
) -> Sample:
    """A scanner's PDF: pictures only, JPEG, or black and white in fax coding."""
    unit = seal_of(plan)
    pictures = list(_pictures(plan, dpi, unit, seed, skew, blur, noise))
    data = scan.to_fax_pdf(pictures, dpi) if fax else scan.to_pdf(pictures, dpi, quality)
    return Sample(data, ".pdf", **_paged(plan), damage=("vietnamese_ocr",))


def _pdf_mixed(plan: Plan, *, dpi: int = 150, quality: int = 45, seed: int = SEED) -> Sample:
    """Pages with a text layer, but the signed one scanned, as offices often send them."""
    unit = seal_of(plan)
    pages = typeset(plan)
    signed = max(n for n, page in enumerate(pages) if "stamp" in page.anchors)
    pictures = list(_pictures(plan, dpi, unit, seed, skew=0.5, blur=0.5, noise=4.0))
    data = write_pdf(pages, pictures={signed: scan.to_jpeg(pictures[signed], quality, dpi)})
    return Sample(data, ".pdf", **_paged(plan), damage=("clean", "vietnamese_ocr"))


def _first_page(plan: Plan) -> dict[str, tuple]:
    paged = _paged(plan)
    end = paged["pages"][1] if len(paged["pages"]) > 1 else None
    return {"lines": paged["lines"][:end]}


def _png(plan: Plan, *, dpi: int = 200) -> Sample:
    """A clean picture of the first page."""
    buffer = io.BytesIO()
    picture = scan.render(typeset(plan), dpi)[0].convert("L")
    picture.quantize(16).save(buffer, "PNG", dpi=(dpi, dpi), optimize=True)
    return Sample(buffer.getvalue(), ".png", **_first_page(plan), damage=("vietnamese_ocr",))


def _jpeg(plan: Plan, *, dpi: int = 190, quality: int = 55, seed: int = SEED) -> Sample:
    """A phone picture of the first page."""
    rng = random.Random(seed)
    pages = typeset(plan, handwritten=True)
    picture = scan.render(pages, dpi)[0]
    signed = scan.sign(picture, pages[0], dpi, rng, seal_of(plan))
    data = scan.to_jpeg(scan.photograph(signed, rng), quality, dpi)
    return Sample(data, ".jpg", **_first_page(plan), damage=("vietnamese_ocr",))


def _docx(plan: Plan, *, automatic: bool = True) -> Sample:
    return Sample(office.write_docx(plan, automatic=automatic), ".docx", **_flow(plan))


def _txt(plan: Plan, *, encoding: str = "utf-8", newline: str = "\n") -> Sample:
    flow = _flow(plan)
    content = "".join(line + newline for line in flow["lines"])
    return Sample(content.encode(encoding), ".txt", **flow)


def _txt_nfd(plan: Plan) -> Sample:
    flow = _flow(plan)
    content = "".join(unicodedata.normalize("NFD", line) + "\n" for line in flow["lines"])
    return Sample(content.encode(), ".txt", **flow)


def _txt_cp1258(plan: Plan) -> Sample:
    flow = _flow(plan)
    data = text.to_cp1258("".join(line + "\r\n" for line in flow["lines"]))
    return Sample(data, ".txt", **flow)


def _txt_tcvn3(plan: Plan, *, as_utf8: bool = False) -> Sample:
    """TCVN3 bytes, or (``as_utf8``) the wrong Latin letters that a converter made of them."""
    flow = _flow(plan)
    data = text.to_tcvn3("".join(line + "\n" for line in flow["lines"]))
    if as_utf8:
        data = data.decode("latin-1").encode()
    return Sample(data, ".txt", **flow, damage=("legacy_charset",))


def _md(plan: Plan, *, seed: int = SEED) -> Sample:
    content = text.markdown(plan, random.Random(seed))
    return Sample(content.encode(), ".md", **_flow(plan))


def _txt_no_marks(plan: Plan) -> Sample:
    paged = _paged(plan)
    content = "".join(text.without_marks(line) + "\n" for line in paged["lines"])
    return Sample(content.encode(), ".txt", **paged, damage=("no_marks",))


def _txt_dropped(plan: Plan, lost: Mapping[str, str] = LOST) -> Sample:
    content = text.dropped_dump(typeset(plan), lost)
    return Sample(content.encode(), ".txt", **_paged(plan), damage=("dropped_glyphs",))


def _txt_english_ocr(plan: Plan, *, dpi: int = 170, seed: int = SEED) -> Sample:
    """Text that an English tesseract read on a slightly poor scan. Needs tesseract."""
    unit = seal_of(plan)
    pictures = _pictures(plan, dpi, unit, seed, skew=0.2, blur=0.5, noise=4.0)
    content = "\n".join(text.english_ocr(picture, dpi) for picture in pictures)
    return Sample(content.encode(), ".txt", **_paged(plan), damage=("english_ocr",))


KINDS: dict[str, Channel] = {
    "pdf": _pdf,
    "pdf_dropped": _pdf_dropped,
    "pdf_scan": _pdf_scan,
    "pdf_mixed": _pdf_mixed,
    "png": _png,
    "jpeg": _jpeg,
    "docx": _docx,
    "txt": _txt,
    "txt_nfd": _txt_nfd,
    "txt_cp1258": _txt_cp1258,
    "txt_tcvn3": _txt_tcvn3,
    "md": _md,
    "txt_no_marks": _txt_no_marks,
    "txt_dropped": _txt_dropped,
    "txt_english_ocr": _txt_english_ocr,
}
