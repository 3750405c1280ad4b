"""Reading sets in flat arrays, as the decoder wants them, and the text of each reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.restore.channel import CASES, Case
from pipeline.restore.facts import Other
from pipeline.restore.growing import Growing

NO_BEST = -99.0  # of a set without a syllable


class Sets:
    """Reading sets by number; those of set s are ``begin[s] : begin[s + 1]``.

    The text of a syllable is spelled out only when somebody asks for it.
    """

    def __init__(self, spell: Callable[[int, Case, str], str]) -> None:
        """``spell``: the text of a syllable in a case, for a word as it was written."""
        self.begin, self.word = Growing(np.int32), Growing(np.int32)
        self.score, self._case = Growing(np.float32), Growing(np.int8)
        self.begin.append(0)
        # by reading: log P of the channel, and how it is like the word (see mixing.py)
        self.given, self.alike = Growing(np.float32), Growing(np.int8)
        self.said = Growing(np.int8)  # by set: what the OCR said of the word
        # log probability of the best syllable of a word; 0 for what is no word
        self.best = Growing(np.float32)
        self._spell = spell
        self._written: list[str] = []  # by set
        self._text: dict[int, str] = {}

    @property
    def case(self) -> NDArray[np.int8]:
        """By reading: its case as a number, -1 for what is no syllable."""
        return self._case.array

    def written(self, offered: Sequence[int]) -> list[str]:
        """The words or marks that the sets ``offered`` were made for."""
        return list(map(self._written.__getitem__, offered))

    def add(self, readings: Sequence[Other], written: str) -> int:
        """Add a set of readings whose text is known; gives its number."""
        first = self.word.size
        for number, (text, _, _) in enumerate(readings):
            self._text[first + number] = text
        self.word.extend([word for _, word, _ in readings])
        self.score.extend([score for _, _, score in readings])
        for column, value in ((self._case, -1), (self.given, 0.0), (self.alike, 0)):
            column.extend([value] * len(readings))
        self.said.append(0)
        self.begin.append(self.word.size)
        self.best.append(0.0)
        self._written.append(written)
        return len(self._written) - 1

    def add_marks(self, readings: Sequence[Other]) -> int:
        """Add a set for each reading that is no syllable. Gives the number of the first."""
        texts = [text for text, _, _ in readings]
        begin = np.zeros(len(readings) + 1, dtype=np.int64)
        words, cases = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int8)
        scores = np.zeros(0, dtype=np.float32)
        return self.add_words(texts, begin, words, cases, scores, [(one,) for one in readings])

    def add_words(
        self,
        written: Sequence[str],
        begin: NDArray[np.int64],
        words: NDArray[np.int32],
        cases: NDArray[np.int8],
        scores: NDArray[np.float32],
        others: Sequence[Sequence[Other]],
        given: NDArray[np.float32] | None = None,
        alike: NDArray[np.int8] | None = None,
        said: NDArray[np.int64] | None = None,
    ) -> int:
        """Add a set for each word: its syllables, then others. Gives the number of the first.

        ``begin``: where the syllables of each word begin, and where the last ones end; ``given``,
        ``alike``, ``said``: as the arrays of this class (none: zeros).
        """
        first_set, base = len(self._written), self.word.size
        syllables = np.diff(begin)
        best = np.full(len(written), NO_BEST, dtype=np.float32)
        some = syllables > 0
        best[some] = scores[begin[:-1][some]]
        self.best.extend(best)
        beside = np.fromiter(map(len, others), dtype=np.int64, count=len(others))
        ends = np.cumsum(syllables + beside)
        flat = [other for group in others for other in group]
        place = np.repeat(begin[1:], beside)
        self.word.extend(np.insert(words, place, [word for _, word, _ in flat]))
        self.score.extend(np.insert(scores, place, [score for _, _, score in flat]))
        self._case.extend(np.insert(cases, place, -1))
        for column, values in ((self.given, given), (self.alike, alike)):
            if values is None:
                column.extend(np.zeros(len(words) + len(flat)))
            else:
                column.extend(np.insert(values, place, 0))
        self.said.extend(np.zeros(len(written)) if said is None else said)
        self.begin.extend(base + ends)
        for at in np.flatnonzero(beside).tolist():
            group = others[at]
            reading = base + int(ends[at]) - len(group)
            for number, (text, _, _) in enumerate(group):
                self._text[reading + number] = text
        self._written += written
        return first_set

    def texts(self, readings: NDArray[np.int32], offered: Sequence[int]) -> list[str]:
        """The texts of readings, each of one of the sets ``offered``."""
        words, cases = self.word.array[readings].tolist(), self._case.array[readings].tolist()
        known, spell, written = self._text, self._spell, self._written
        found = []
        for reading, word, case, number in zip(
            readings.tolist(), words, cases, offered, strict=True
        ):
            text = known.get(reading)
            if text is None:
                text = known[reading] = spell(word, CASES[case], written[number])
            found.append(text)
        return found
