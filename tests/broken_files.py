"""Files that are broken in twenty ways, for runs that must name each and do all others."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from plan_folders import plan_text


@cache
def _pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for line in range(40):
        canvas.drawString(40, 800 - 16 * line, f"Ke hoach tuyen truyen cai cach hanh chinh {line}")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@cache
def _docx() -> bytes:
    import docx

    buffer = io.BytesIO()
    document = docx.Document()
    for line in plan_text(3).splitlines():
        document.add_paragraph(line)
    document.save(buffer)
    return buffer.getvalue()


@cache
def _png() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.effect_noise((400, 400), 50).save(buffer, "PNG")
    return buffer.getvalue()


def _locked_pdf(_: random.Random) -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(40, 800, "Ke hoach")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _without_document(_: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


def _damaged_member(_: random.Random) -> bytes:
    data = bytearray(_docx())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        at = archive.getinfo("word/document.xml").header_offset + 80
    data[at : at + 200] = bytes(200)
    return bytes(data)


def _xml_bomb(_: random.Random) -> bytes:
    names = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(10)]
    body = f"<!DOCTYPE d [{''.join(names)}]><w:document>&e9;</w:document>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_docx())) as whole, zipfile.ZipFile(buffer, "w") as bad:
        for member in whole.infolist():
            data = body if member.filename == "word/document.xml" else whole.read(member)
            bad.writestr(member.filename, data)
    return buffer.getvalue()


def _huge_picture(_: random.Random) -> bytes:
    """A PNG that says it is 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def _locked_office(_: random.Random) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + "EncryptedPackage".encode("utf-16-le") + bytes(2000)


#: name of the way -> (suffix, what the file holds); ``None`` stands for something that is no file.
WAYS: dict[str, tuple[str, Callable[[random.Random], bytes] | None]] = {
    "empty text": (".txt", lambda _: b""),
    "empty PDF": (".pdf", lambda _: b""),
    "noise called PDF": (".pdf", lambda r: b"\x00" + r.randbytes(20_000)),
    "noise called DOCX": (".docx", lambda r: b"\x00" + r.randbytes(20_000)),
    "noise called PNG": (".png", lambda r: b"\x00" + r.randbytes(20_000)),
    "noise called text": (".txt", lambda r: b"\x00\x01" + r.randbytes(20_000)),
    "PDF, head only": (".pdf", lambda _: b"%PDF-1.7\n"),
    "PDF, cut off": (".pdf", lambda _: _pdf()[: len(_pdf()) // 2]),
    "PDF, head and noise": (".pdf", lambda r: b"%PDF-1.7\n" + r.randbytes(20_000)),
    "PDF, locked": (".pdf", _locked_pdf),
    "DOCX, cut off": (".docx", lambda _: _docx()[: len(_docx()) // 2]),
    "DOCX, member damaged": (".docx", _damaged_member),
    "DOCX, entities in entities": (".docx", _xml_bomb),
    "workbook called DOCX": (".docx", _without_document),
    "office file, locked": (".doc", _locked_office),
    "PNG, cut off": (".png", lambda _: _png()[: len(_png()) // 3]),
    "PNG of 3.6 billion pixels": (".png", _huge_picture),
    "program": (".pdf", lambda r: b"\x7fELF\x02\x01\x01" + bytes(9) + r.randbytes(20_000)),
    "link to nowhere": (".txt", None),
    "folder called PDF": (".pdf", None),
}


def write_broken(folder: Path, count: int) -> dict[str, str]:
    """``count`` broken files in ``folder / "broken"``; gives path (relative) and way of each."""
    chance = random.Random(5)
    (folder / "broken").mkdir(parents=True, exist_ok=True)
    made = {}
    for number in range(count):
        way = list(WAYS)[number % len(WAYS)]
        suffix, content = WAYS[way]
        path = folder / "broken" / f"{number:05}{suffix}"
        if content is not None:
            path.write_bytes(content(chance))
        elif way == "link to nowhere":
            path.symlink_to(folder / "nowhere")
        else:
            path.mkdir()
        made[path.relative_to(folder).as_posix()] = way
    return made
