"""How wide a line is set, for text without boxes: the letter widths of Times, in em."""

from __future__ import annotations


class _Ems(dict[str, float]):
    """Widths by letter; those not listed are as wide as most capitals or small letters."""

    def __missing__(self, character: str) -> float:
        self[character] = width = 0.7 if character.isupper() else 0.5
        return width


_EMS = _Ems(
    {
        **dict.fromkeys("iìíỉĩịlíjt.,;:'|!/()[]- IÌÍỊ", 0.29),
        **dict.fromkeys('rfsz"-–ceèéẻẽẹêềếểễệaàáảãạăằắẳẵặâầấẩẫậ', 0.42),
        **dict.fromkeys("mM", 0.82),
        **dict.fromkeys("wW", 0.78),
        " ": 0.27,
    }
)
SPACE = _EMS[" "]


def width(text: str) -> float:
    """The width of a text in em."""
    return sum(map(_EMS.__getitem__, text))
