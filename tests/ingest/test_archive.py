"""ZIP archives: what they hold is listed; tricks and bombs are refused by name."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.ingest import Listing, find, unpack_archives
from pipeline.settings import Settings


def zipped(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def listed(tmp_path: Path, content: bytes, **options: int) -> Listing:
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    (folder / "plans.zip").write_bytes(content)
    settings = Settings(**options)
    return unpack_archives(find(folder, settings), tmp_path / "unpacked", settings)


def names(listing: Listing) -> list[str]:
    return [found.relative for found in listing.found]


def test_members_are_named_below_their_archive(tmp_path: Path) -> None:
    content = zipped({"xã/kế hoạch.txt": b"a", "b.txt": b"b", ".DS_Store": b"", "~$b.docx": b""})
    listing = listed(tmp_path, content)
    assert names(listing) == ["plans.zip/xã/kế hoạch.txt", "plans.zip/b.txt"]
    assert [found.path.read_bytes() for found in listing.found] == [b"a", b"b"]
    assert listing.ignored == 2
    assert listing.refused == ()


def test_word_files_are_no_archives(tmp_path: Path) -> None:
    content = zipped({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"})
    assert names(listed(tmp_path, content)) == ["plans.zip"]


def test_an_archive_in_an_archive_but_no_deeper(tmp_path: Path) -> None:
    deepest = zipped({"c.txt": b"c"})
    content = zipped({"b.zip": zipped({"b.txt": b"b", "c.zip": deepest})})
    listing = listed(tmp_path, content)
    assert names(listing) == ["plans.zip/b.zip/b.txt"]
    assert [(one.relative, one.code) for one in listing.refused] == [
        ("plans.zip/b.zip/c.zip", "too_large")
    ]


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:evil.txt",
                                  "..\\evil.txt"])  # fmt: skip
def test_members_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    listing = listed(tmp_path, zipped({name: b"x", "good.txt": b"y"}))
    assert names(listing) == ["plans.zip/good.txt"]
    assert len(listing.refused) == 1
    assert not list(tmp_path.rglob("evil.txt"))


def test_links(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    listing = listed(tmp_path, stream.getvalue())
    assert names(listing) == []
    assert [one.relative for one in listing.refused] == ["plans.zip/link.txt"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    listing = listed(tmp_path, zipped({"zero.txt": bytes(2**22)}), max_file_size=2**20)
    assert names(listing) == []
    assert [one.code for one in listing.refused] == ["too_large"]
    assert not (tmp_path / "unpacked").exists()


def test_a_torn_archive_is_left_to_whoever_reads_it(tmp_path: Path) -> None:
    assert names(listed(tmp_path, zipped({"a.txt": b"a" * 500})[:60])) == ["plans.zip"]
