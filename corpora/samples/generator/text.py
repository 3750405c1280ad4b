"""Text files: encodings, Markdown, and the damage that comes with them."""

from __future__ import annotations

import io
import random
import re
import subprocess
import unicodedata
from collections.abc import Mapping

from PIL import Image

from generator.layout import Page
from generator.source import Letterhead, Paragraph, Plan, Sign, Table, segments

# TCVN 5712:1993 (VN3, "ABC"): lower-case letters and the seven capitals that have a code.
TCVN3 = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        bytes.fromhex(
            "b5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbaecccecfd0d1aad2d3d4d5d6d7d8dcddde"
            "dfe1e2e3e4abe5e6e7e8e9aceaebecedeeeff1f2f3f4adf5f6f7f8f9fafbfcfdfea1a2a3a4a5a6a7"
        ),
        strict=True,
    )
)


def flow_lines(plan: Plan) -> list[str]:
    """The text of a plan where paragraphs are not broken: one line each, cells apart by tabs."""
    lines: list[str] = []
    for block in plan.blocks:
        if isinstance(block, Letterhead):
            lines += [*block.left, *block.right, *filter(None, (block.number, block.place))]
        elif isinstance(block, Paragraph):
            lines.append(block.plain)
        elif isinstance(block, Table):
            for row in block.rows:
                cells = [cell.replace(" // ", " ").replace("^", "") for cell in row if cell != "<"]
                lines.append("\t".join("".join(t for t, _ in segments(cell)) for cell in cells))
        elif isinstance(block, Sign):
            lines += ["Nơi nhận:", *block.recipients] if block.recipients else []
            lines += block.signature
    return lines


def markdown(plan: Plan, rng: random.Random) -> str:
    """Markdown as converters make it: headings now bold, now ##, now ###, marks that go astray."""
    out: list[str] = []
    for block in plan.blocks:
        if isinstance(block, Letterhead):
            out += [f"**{line}**" for line in (*block.left, *block.right)]
            out += [
                line for line in (block.number, f"*{block.place}*") if line and line != "*None*"
            ]
        elif isinstance(block, Table):
            header, *rows = ([cell.replace("//", "<br>") for cell in row] for row in block.rows)
            out.append(
                "\n".join(
                    "| " + " | ".join("" if cell in "^<" else cell for cell in row) + " |"
                    for row in (header, ["---"] * len(header), *rows)
                )
            )
        elif isinstance(block, Sign):
            out += ["### ***Nơi nhận:***", "\n".join(block.recipients)]
            out += ["**" + "  \n".join(block.signature[:-1]) + "**", f"**{block.signature[-1]}**"]
        elif isinstance(block, Paragraph):
            out.append(_markdown_paragraph(block, rng))
    return "\n\n".join(out) + "\n"


def _markdown_paragraph(block: Paragraph, rng: random.Random) -> str:
    text = block.text
    if block.style.startswith("heading"):
        marks = rng.choice(("", "## ", "## ", "### "))
        return f"{marks}**{text}**"
    if block.style in ("title", "subject", "decides", "authority", "appendix"):
        return f"**{text}**  "
    if block.style in ("note", "basis"):
        return f"*{text}*"
    if block.style == "item" and text.startswith("- ") and rng.random() < 0.25:
        return "-" + text[2:]
    return text


def to_cp1258(text: str) -> bytes:
    """Windows Vietnamese: marked vowels that have a code stay, other tones follow their vowel.

    Raises UnicodeEncodeError for a letter that cp1258 lacks.
    """
    out = []
    for char in text.replace("“", '"').replace("”", '"'):
        try:
            out.append(char.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", char)
            tones = [c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323"]
            rest = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
            out.append((rest + "".join(tones)).encode("cp1258"))
    return b"".join(out)


def to_tcvn3(text: str) -> bytes:
    """TCVN3 bytes. A capital without a code is typed as its lower case (.VnTimeH shows it)."""
    out = bytearray()
    for char in unicodedata.normalize("NFC", text):
        if char in TCVN3:
            out.append(TCVN3[char])
        elif char.lower() in TCVN3:
            out.append(TCVN3[char.lower()])
        else:
            out += {"–": b"-", "“": b'"', "”": b'"'}.get(char, char.encode("ascii", "replace"))
    return bytes(out)


def without_marks(text: str) -> str:
    """The text with all diacritics gone, đ as d."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def page_lines(pages: list[Page]) -> list[str]:
    """The visual lines of set pages, in reading order."""
    return [line.text for page in pages for line in page.lines]


def dropped_dump(pages: list[Page], lost: Mapping[str, str]) -> str:
    """What ``pdftotext`` makes of a PDF that lost letters: blanks, and double line spacing."""
    out: list[str] = []
    for number, page in enumerate(pages):
        for index, line in enumerate(page.lines):
            text = "".join(
                re.sub(f"[{lost[style]}]", " ", part) if lost.get(style) else part
                for part, style in line.runs
            )
            out.append((" " if number and not index else "") + text + " \n")
            out.append("\n" if number == len(pages) - 1 or index < len(page.lines) - 1 else "")
    return "".join(out)


def english_ocr(picture: Image.Image, dpi: int) -> str:
    """What ``tesseract -l eng`` reads on a page of Vietnamese."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", dpi=(dpi, dpi))
    command = ["tesseract", "stdin", "stdout", "-l", "eng", "--psm", "4"]
    done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True)
    return done.stdout.decode("utf-8").replace("\f", "").rstrip() + "\n"
