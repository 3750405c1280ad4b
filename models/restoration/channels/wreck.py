"""Damage that needs no scanner, made on clean lines: marks lost, glyphs dropped, words split."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

_VOWELS_WITH_MARKS = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ"


def strip_marks(line: str) -> str:
    """Every mark stripped, đ written d."""
    kept = (c for c in unicodedata.normalize("NFD", line) if not unicodedata.combining(c))
    return "".join(kept).replace("đ", "d").replace("Đ", "D")


def lose_some_marks(line: str, rng: np.random.Generator, share: float) -> str:
    """Each word loses its marks with probability ``share``; some swap two letters."""
    words = []
    for word in line.split():
        if rng.random() < share:
            word = strip_marks(word)
        elif len(word) > 3 and rng.random() < share / 8:
            at = int(rng.integers(len(word) - 1))
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        words.append(word)
    return " ".join(words)


def draw_lost_letters(rng: np.random.Generator, *, few: bool = False) -> str:
    """A set of letters that a font subset might lack: 3 to 8 (``few``: 1 or 2), mostly marked."""
    count = int(rng.integers(1, 3) if few else rng.integers(3, 9))
    marked = rng.choice(list(_VOWELS_WITH_MARKS), count, replace=False)
    plain = rng.choice(
        list("kbhgxpsvBTPVKHS"), int(rng.integers(0, 2 if few else 3)), replace=False
    )
    capitals = [letter.upper() for letter in marked if rng.random() < 0.4]
    return "".join((*marked, *plain, *capitals))


def drop_glyphs(line: str, lost: str, rng: np.random.Generator, keep: float = 0.02) -> str:
    """The letters ``lost`` turned into a space (three in four times) or into nothing."""
    result = []
    for letter in line:
        if letter in lost and rng.random() >= keep:
            result.append(" " if rng.random() < 0.75 else "")
        else:
            result.append(letter)
    return "".join(result)


def split_words(line: str, rng: np.random.Generator, share: float) -> str:
    """Stray spaces before marked vowels or between letters; some spaces left out.

    Words that hold a digit stay as they are: kerning and fonts split letters.
    """
    words: list[str] = []
    for word in line.split():
        if any(c.isdigit() for c in word) or not word.strip(".,;:()").isalpha():
            words.append(word)
            continue
        marked = [i for i, c in enumerate(word) if i and not c.isascii()]
        draw = rng.random()
        if marked and draw < share:
            place = int(rng.choice(marked))
            end = " " if rng.random() < 0.3 and place + 1 < len(word) else ""
            word = word[:place] + " " + word[place] + end + word[place + 1 :]
        elif draw < 1.2 * share and 1 < len(word) < 7:
            word = " ".join(word)
        elif draw < 1.5 * share and words and words[-1].isalpha():
            words[-1] += word
            continue
        words.append(word)
    return " ".join(words)


def wreck(lines: Sequence[str], kind: str, rng: np.random.Generator) -> list[str]:
    """``lines`` (one document) under a damage ``kind``; unknown kinds leave them as they are."""
    if kind == "no_marks":
        return [strip_marks(line) for line in lines]
    if kind in ("lost_marks", "lost_marks_light"):
        share = float(rng.uniform(0.15, 0.7) if kind == "lost_marks" else rng.uniform(0.03, 0.2))
        return [lose_some_marks(line, rng, share) for line in lines]
    if kind in ("dropped_glyphs", "dropped_glyphs_light"):
        lost = draw_lost_letters(rng, few=kind == "dropped_glyphs_light")
        return [drop_glyphs(line, lost, rng) for line in lines]
    if kind == "splits":
        share = float(rng.uniform(0.05, 0.4))
        return [split_words(line, rng, share) for line in lines]
    return list(lines)
