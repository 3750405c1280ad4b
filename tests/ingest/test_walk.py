"""What a folder holds: found, refused with a reason, or passed over."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.ingest import find
from pipeline.settings import Settings

SETTINGS = Settings()


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kế hoạch", encoding="utf-8")


def names(folder: Path, **options: object) -> list[str]:
    return [found.relative for found in find(folder, SETTINGS, **options).found]


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target)
    except OSError:
        pytest.skip("this system lets nobody make links")


def test_sub_folders_in_one_order_whatever_the_system_gives(tmp_path: Path) -> None:
    put(tmp_path, "b.pdf", "C/z.txt", "c2/b/c.docx", "Ấp Bắc.txt", "a.txt")
    assert names(tmp_path) == ["a.txt", "b.pdf", "C/z.txt", "c2/b/c.docx", "Ấp Bắc.txt"]


def test_hidden_and_temporary_files_are_passed_over_and_counted(tmp_path: Path) -> None:
    put(tmp_path, "plan.docx", "~$plan.docx", ".DS_Store", "Thumbs.db", "x.tmp", "plan.docx~",
        ".git/config", "__MACOSX/plan.docx", "._plan.docx")  # fmt: skip
    listing = find(tmp_path, SETTINGS)
    assert [found.relative for found in listing.found] == ["plan.docx"]
    assert listing.ignored == 8
    assert listing.refused == ()


def test_names_are_nfc_whatever_the_disk_holds(tmp_path: Path) -> None:
    put(tmp_path, unicodedata.normalize("NFD", "Kế hoạch.txt"))
    assert names(tmp_path) == ["Kế hoạch.txt"]


def test_an_empty_folder_named_like_a_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").mkdir()
    (tmp_path / "năm 2025").mkdir()
    (refused,) = find(tmp_path, SETTINGS).refused
    assert (refused.relative, refused.code) == ("x.pdf", "not_a_file")
    assert "folder" in refused.message


def test_a_folder_named_like_a_document_is_entered(tmp_path: Path) -> None:
    put(tmp_path, "x.pdf/plan.txt")
    listing = find(tmp_path, SETTINGS)
    assert [found.relative for found in listing.found] == ["x.pdf/plan.txt"]
    assert listing.refused == ()


def test_a_link_out_of_the_folder_is_refused_by_name(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.txt", "in/plan.txt")
    link(tmp_path / "in" / "away.txt", tmp_path / "outside" / "secret.txt")
    link(tmp_path / "in" / "all", tmp_path / "outside")
    listing = find(tmp_path / "in", SETTINGS)
    assert [found.relative for found in listing.found] == ["plan.txt"]
    assert [refused.relative for refused in listing.refused] == ["all", "away.txt"]
    assert all("outside" in refused.message for refused in listing.refused)
    assert {refused.code for refused in listing.refused} == {"link_outside"}


def test_links_inside_the_folder_are_read_once(tmp_path: Path) -> None:
    put(tmp_path, "plan.txt", "sub/other.txt", ".store/blob")
    link(tmp_path / "again.txt", tmp_path / "plan.txt")
    link(tmp_path / "sub2", tmp_path / "sub")
    link(tmp_path / "only.txt", tmp_path / ".store" / "blob")
    listing = find(tmp_path, SETTINGS)
    assert [found.relative for found in listing.found] == ["only.txt", "plan.txt", "sub/other.txt"]
    assert listing.ignored == 3


def test_links_that_lead_nowhere_or_in_circles_are_named(tmp_path: Path) -> None:
    put(tmp_path, "plan.txt")
    link(tmp_path / "gone.pdf", tmp_path / "nothing.pdf")
    link(tmp_path / "one", tmp_path / "two")
    link(tmp_path / "two", tmp_path / "one")
    link(tmp_path / "self", tmp_path)
    listing = find(tmp_path, SETTINGS)
    assert [found.relative for found in listing.found] == ["plan.txt"]
    assert [refused.relative for refused in listing.refused] == ["gone.pdf", "one", "two"]
    assert {refused.code for refused in listing.refused} == {"broken_link"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (refused,) = find(tmp_path, SETTINGS).refused
    assert refused.relative == "pipe.pdf"


def test_excluded_folders_are_not_entered(tmp_path: Path) -> None:
    put(tmp_path, "plan.txt", "out/plans/plan.json")
    assert names(tmp_path, exclude=[tmp_path / "out"]) == ["plan.txt"]


def test_depth_costs_no_stack(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(300):
        deep = deep / "d"
    try:
        deep.mkdir(parents=True)
        put(deep, "plan.txt")
    except OSError:
        pytest.skip("this system allows no such path")
    assert len(names(tmp_path)) == 1


@pytest.mark.parametrize("make_file", [True, False])
def test_a_file_or_nothing_instead_of_a_folder_is_a_usage_error(
    tmp_path: Path, make_file: bool
) -> None:
    path = tmp_path / "plan.txt"
    if make_file:
        path.write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="plan"):
        find(path, SETTINGS)
