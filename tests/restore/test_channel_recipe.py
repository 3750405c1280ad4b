"""The recipe of the channels, and the files it made."""

from __future__ import annotations

import math
import shutil
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = ROOT / "models" / "restoration" / "channels"
sys.path.insert(0, str(CHANNELS))

from alignment import align_words  # noqa: E402
from degrade import HEAVY, degrade  # noqa: E402
from learn import SPACE, count_groups, learn, loss, write  # noqa: E402
from make_pairs import read_pages, write_pairs  # noqa: E402
from pages import TrueLine, render  # noqa: E402
from recognise import match_lines, recognise  # noqa: E402
from source_text import Sampler, is_held_out, paragraphs  # noqa: E402
from wreck import wreck  # noqa: E402

KINDS = (
    "english_ocr", "vietnamese_ocr", "no_marks", "lost_marks", "dropped_glyphs", "splits",
)  # fmt: skip


def rows(kind: str) -> tuple[dict[str, str], list[tuple[str, str, float]]]:
    header, edits = {}, []
    for line in (CHANNELS / f"{kind}.tsv").read_text(encoding="utf-8").splitlines():
        first, second, third = line.split("\t")
        if first == "#":
            header[second] = third
        else:
            edits.append((first, second, float(third)))
    return header, edits


@pytest.mark.parametrize("kind", KINDS)
def test_channel_files_keep_to_the_format(kind: str) -> None:
    header, edits = rows(kind)
    assert header["version"] == "1"
    assert header["kind"] == kind
    mass: defaultdict[str, float] = defaultdict(float)
    for source, observed, log_probability in edits:
        assert len(source) <= 2
        assert len(observed) <= 3
        assert log_probability <= 0.01
        mass[source] += math.exp(log_probability)
    assert all(total < 1.25 for total in mass.values())
    assert len({(source, observed) for source, observed, _ in edits}) == len(edits)
    letters = set("aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXYấệớợựỹẴ0123456789")
    assert letters <= mass.keys()


@pytest.mark.parametrize(
    ("kind", "source", "observed"),
    [
        ("english_ocr", "ế", "é"),
        ("english_ocr", "ệ", "€"),
        ("english_ocr", "Đ", "P"),
        ("english_ocr", "ố", "6"),
        ("english_ocr", "l", "1"),
        ("english_ocr", "ư", "w"),
        ("english_ocr", "Ộ", "O"),
        ("vietnamese_ocr", "ể", "ế"),
        ("vietnamese_ocr", "đ", "d"),
        ("vietnamese_ocr", SPACE, ""),
    ],
)
def test_known_misreadings_are_listed(kind: str, source: str, observed: str) -> None:
    assert any(edit[:2] == (source, observed) for edit in rows(kind)[1])


def test_expectation_maximisation_finds_the_edits(capsys: pytest.CaptureFixture[str]) -> None:
    """A toy channel: ô is read 6 half of the time, n and h together as ri."""
    rng = np.random.default_rng(1)
    words = ["nhôm", "hôn", "nho", "thôn", "minh", "nhanh", "môn", "tham", "nam", "hôm"]
    pairs: defaultdict[tuple[str, str], float] = defaultdict(float)
    for _ in range(3000):
        word = str(rng.choice(words))
        read = "".join("6" if c == "ô" and rng.random() < 0.5 else c for c in word)
        pairs[word, read.replace("nh", "ri") if rng.random() < 0.3 else read] += 1
    channel = learn("toy", pairs)
    assert channel.edits["ô", "6"] == pytest.approx(0.5, abs=0.06)
    assert channel.edits["nh", "ri"] == pytest.approx(0.3, abs=0.08)
    assert channel.edits["m", "m"] > 0.9
    assert loss(channel.edits, pairs) < 0.4
    capsys.readouterr()


def test_words_are_aligned_over_splits_and_joins() -> None:
    true = "các cơ quan chuyên môn phối hợp thực hiện"
    read = "cdc co quan chuyénmén ph6i h op thuc hi€n"
    assert list(align_words(true, read)) == [
        ("các", "cdc"),
        ("cơ", "co"),
        ("quan", "quan"),
        ("chuyên môn", "chuyénmén"),
        ("phối", "ph6i"),
        ("hợp", "h op"),
        ("thực", "thuc"),
        ("hiện", "hi€n"),
    ]
    counted = count_groups([(true, read)])
    assert counted[SPACE, SPACE] == 7
    assert counted["hợp", "h" + SPACE + "op"] == 1


def _sampler(folder: Path) -> Sampler:
    lines = [
        f"Tổ dân phố số {n} họp vào tối thứ năm để bàn việc chung của khu phố {n}."
        for n in range(300)
    ]
    (folder / "text.txt").write_text("\n".join(lines), encoding="utf-8")
    return Sampler(folder, held_out=False)


def test_held_out_lines_are_never_sampled(tmp_path: Path) -> None:
    sampler = _sampler(tmp_path)
    assert sampler.kinds
    assert not any(is_held_out(line) for kind in sampler.kinds for line in kind)
    assert all(
        is_held_out(line) for kind in Sampler(tmp_path, held_out=True).kinds for line in kind
    )


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no \*\.txt"):
        Sampler(tmp_path, held_out=False)


_VOWELS = ("á à ả ã ạ ắ ằ ẳ ẵ ặ ấ ầ ẩ ẫ ậ", "é è ẻ ẽ ẹ ế ề ể ễ ệ", "ó ò ỏ õ ọ ố ồ ổ ỗ ộ ớ ờ ở ỡ ợ")


@pytest.mark.parametrize("kind", ["no_marks", "lost_marks", "dropped_glyphs", "splits", "clean"])
def test_wrecked_lines_keep_their_number(kind: str) -> None:
    lines = ["Kế hoạch năm 2026 của phường về cải cách thủ tục", "", "Số: 27/KH-UBND", *_VOWELS]
    once, again = (wreck(lines, kind, np.random.default_rng(5)) for _ in range(2))
    assert once == again
    assert len(once) == len(lines)
    assert (once == lines) == (kind == "clean")


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")
def test_a_page_is_rendered_worn_and_read(tmp_path: Path) -> None:
    try:
        sampler = _sampler(tmp_path)
        image, lines = render(
            paragraphs(sampler, np.random.default_rng(1)), np.random.default_rng(2)
        )
    except SystemExit as missing:
        pytest.skip(str(missing))
    cut = 700
    top = image.crop((0, 0, image.width, cut))
    kept = [line for line in lines if line.middle * image.height < cut - 60]
    kept = [TrueLine(line.text, line.middle * image.height / cut, line.paragraph) for line in kept]
    (read,) = recognise([(top, 300)], "eng")
    matched = match_lines(kept, read)
    assert len(matched) >= len(kept) - 2
    same = sum(true.split()[-1][-1] == seen.split()[-1][-1] for true, seen, _ in matched)
    assert same >= len(matched) / 3
    once, again = (degrade(top, HEAVY, np.random.default_rng(3)) for _ in range(2))
    assert once[1] == again[1]
    assert once[0].tobytes() == again[0].tobytes()


def test_pairs_are_written_and_read_page_by_page(tmp_path: Path) -> None:
    pages = [[("một", "mét"), ("hai", "hai")], [("ba", "ba")]]
    write_pairs(tmp_path / "pairs.tsv", iter(pages))
    assert read_pages(tmp_path / "pairs.tsv") == pages


def test_a_channel_file_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channel = learn("toy", {("ba", "ba"): 50.0, ("bo", "b0"): 20.0, (SPACE, SPACE): 70.0})
    write(channel, tmp_path / "toy.tsv")
    lines = (tmp_path / "toy.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#\tversion\t1"
    assert any(line.startswith("o\t0\t") for line in lines)
    capsys.readouterr()
