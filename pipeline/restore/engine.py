"""One stretch of damaged lines to a list of changes, with what the stretch itself teaches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.artefacts import model_path
from pipeline.restore.adapt import adapted
from pipeline.restore.channel import Channel, Table
from pipeline.restore.confidence import calibrated
from pipeline.restore.decoder import Decoder, State
from pipeline.restore.dropped import (
    GapBuilder,
    Losses,
    LossIndex,
    expected_shares,
    first_rates,
)
from pipeline.restore.lattice import Builder, Lattice, Token, starts_paragraph, tokenise
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.lm import LanguageModel
from pipeline.restore.protect import acronyms_with_d, known_forms
from pipeline.restore.readings import Mixture, Reader
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokens import BOUNDARY, newer_tone_place, older_tone_place

Tally = Callable[[str, str, float], None]  # what was read, what it stands for, posterior
Add = Callable[[Lattice, int, Sequence[Token], bool], None]

_BODY_IN_CODE = re.compile(r"/[A-ZĐ]{1,4}-(?P<body>[A-ZĐ]{1,4} [A-ZĐ]{1,4})(?![\w-])")
_PASSES = 3  # over text that lost glyphs: one to see what is lost, one to decode
_ADAPTED_ON = 30_000  # characters
_HABIT = 0.4  # share of the words that follow the document's own vocabulary
_HABIT_AFTER = 200  # words of other texts that count as seen
_SURE = 0.9  # posterior of a word that the channel learns from
_CHUNK = 1500  # tokens decoded at once
_CHANNELS = {
    "no_marks": "lost_marks",
    "splits": "lost_marks",
    "english_ocr": "english_ocr",
    "vietnamese_ocr": "vietnamese_ocr",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A word of line ``line`` (from 0) that should read otherwise; offsets into that line."""

    line: int
    start: int
    end: int
    after: str
    confidence: float
    rule: str


@dataclass(frozen=True)
class Models:
    """What is loaded once."""

    lexicon: Lexicon
    decoder: Decoder
    model: LanguageModel


@cache
def models() -> Models:
    """Load the models (memory map)."""
    model = LanguageModel.load(model_path("restoration/lm"))
    return Models(Lexicon(model.vocabulary, model.capitals), Decoder(model), model)


@cache
def channel(kind: str) -> Channel:
    """The channel of a damage kind."""
    return Channel(models().lexicon, channel_table(kind))


@cache
def channel_table(kind: str) -> Table:
    """The edits of the channel of a damage kind."""
    return Table.load(model_path(f"restoration/channels/{_CHANNELS[kind]}.tsv"))


@cache
def loss_index() -> LossIndex:
    """The index of syllables by what losses leave of them."""
    return LossIndex(models().lexicon)


def writes_newer(text: str) -> bool:
    """Whether the text writes ``hoà`` rather than ``hòa``."""
    newer = older = 0
    for word in set(text.lower().split()):
        if is_syllable(word):
            newer += older_tone_place(word) != word
            older += newer_tone_place(word) != word
    return newer > older


@lru_cache(maxsize=65_536)
def _letters(text: str) -> tuple[int, int]:
    """How many capitals and small letters of a word speak for the case of its line."""
    if text in known_forms() or text in acronyms_with_d():
        return 0, 0
    capitals = sum(char.isupper() for char in text)
    small = sum(char.islower() for char in text)
    return (capitals, small) if capitals > 1 or small else (0, 0)


def in_capitals(tokens: Sequence[Token]) -> bool:
    """Whether a line is set in capitals (an OCR may have read a few as small letters)."""
    upper = lower = 0
    written = "".join([token.text for token in tokens])
    if sum(map(str.isupper, written)) <= sum(map(str.islower, written)):
        return False
    for token in tokens:
        if token.kind == "word":
            capitals, small = _letters(token.text)
            upper += capitals
            lower += small
    return upper > 2 and upper > 2 * lower


def habits(pairs: Mapping[tuple[str, str], int]) -> NDArray[np.float32]:
    """Nats by word: how much more often this document uses it than other texts do (a cache model).

    One more entry, zero, at the end: no word (-1).
    """
    model = models().model
    bonus = np.zeros(len(model.unigram) + 1, dtype=np.float32)
    counts: Counter[int] = Counter()
    for (word, _), times in pairs.items():
        number = model.vocabulary.get(older_tone_place(word.lower()))
        if number is not None:
            counts[number] += times
    total = sum(counts.values()) + _HABIT_AFTER
    for number, times in counts.items():
        if times >= 2:
            usual = float(np.exp(model.unigram[number]))
            here = (times - 1) / total
            bonus[number] = np.log(1.0 - _HABIT + _HABIT * max(1.0, here / usual))
    return bonus


class Stretch:
    """Lines with one kind of damage."""

    def __init__(self, lines: Sequence[str], kind: str) -> None:
        self.lines, self.kind = lines, kind
        self.strict = kind in ("no_marks", "splits", "dropped_glyphs")
        self.tokens = [tokenise(n, line, strict=self.strict) for n, line in enumerate(lines)]
        self.newer = writes_newer("\n".join(lines))
        self.habit: NDArray[np.float32] | None = None

    def mixture(self) -> Mixture:
        """First guess of the shares, from how many syllables carry marks."""
        if self.kind in ("english_ocr", "vietnamese_ocr"):
            return Mixture(0.0, 0.0, 1.0) if self.kind == "english_ocr" else Mixture(0.3, 0.0, 0.7)
        marked = total = 0
        for line in self.tokens:
            for token in line:
                if token.kind == "word" and is_syllable(token.text):
                    total += 1
                    marked += strip_marks(token.text) != token.text
        share = (marked + 1.0) / (total + 2.0)
        if self.kind == "splits":
            return Mixture(0.97, 0.02, 0.01)
        if marked == 0:
            return Mixture(0.05, 0.93, 0.02)
        kept = min(0.95, share / 0.85)
        return Mixture(0.93 * kept, 0.93 * (1.0 - kept) + 0.01, 0.06)

    def run(self) -> list[Change]:
        """Decode, learn from what came out, decode again."""
        if self.kind == "dropped_glyphs":
            return self._run_dropped()
        mixture = self.mixture()
        if self.kind in ("english_ocr", "vietnamese_ocr"):
            return self._run_ocr(mixture)
        if self.kind == "no_marks":
            _, mixture = Stretch(self._beginning(), self.kind)._decode_mixture(mixture)
        return self._decode_mixture(mixture)[0]

    def _run_ocr(self, mixture: Mixture) -> list[Change]:
        """Decode the beginning, re-estimate the channel on it, decode the whole."""
        first = Stretch(self._beginning(), self.kind)
        pairs: Counter[tuple[str, str]] = Counter()
        _, learned = first._decode_mixture(mixture, pairs)
        if self.kind == "vietnamese_ocr":
            mixture = learned
        table = adapted(channel_table(self.kind), pairs)
        self.habit = habits(pairs)
        changes, _ = self._decode_mixture(mixture, own=Channel(models().lexicon, table))
        return changes

    def _beginning(self) -> Sequence[str]:
        """The lines that the channel is re-estimated on."""
        size = 0
        for number, line in enumerate(self.lines):
            size += len(line)
            if size > _ADAPTED_ON:
                return self.lines[: number + 1]
        return self.lines

    def _run_dropped(self) -> list[Change]:
        loaded = models()
        rates = first_rates(self.lines, expected_shares(loaded.lexicon, loaded.model.unigram))
        changes: list[Change] = []
        for _ in range(_PASSES):
            reader = Reader(
                loaded.lexicon,
                channel("no_marks"),
                Mixture(1.0, 0.0, 0.0),
                shapes=False,
                newer=self.newer,
            )
            builder = GapBuilder(reader, loss_index(), rates)
            losses = Losses()

            def tally(text: str, after: str, _: float, losses: Losses = losses) -> None:
                if is_syllable(after):
                    losses.add(text, after)

            def add(
                lattice: Lattice,
                number: int,
                tokens: Sequence[Token],
                capitals: bool,
                builder: GapBuilder = builder,
            ) -> None:
                builder.add(lattice, self.lines[number], tokens, capitals)

            changes = self._decode(reader, add, tally)
            rates = losses.rates(rates)
        return [*changes, *self._bodies_in_codes(changes)]

    def _bodies_in_codes(self, changes: Sequence[Change]) -> list[Change]:
        """``45/QĐ-U ND``: the code is protected, its body lost a letter."""
        taken = {change.line for change in changes}
        found = []
        for number, line in enumerate(self.lines):
            for match in _BODY_IN_CODE.finditer(line):
                whole = [
                    entry[0]
                    for entry in loss_index().acronyms.get(match["body"], ())
                    if entry[0] in known_forms()
                ]
                start, end = match.span("body")
                clash = number in taken and any(
                    c.line == number and c.start < end and start < c.end for c in changes
                )
                if len(whole) == 1 and not clash:
                    found.append(Change(number, start, end, whole[0], 0.95, self.kind))
        return found

    def _decode_mixture(
        self,
        mixture: Mixture,
        pairs: Counter[tuple[str, str]] | None = None,
        own: Channel | None = None,
    ) -> tuple[list[Change], Mixture]:
        """One pass; ``pairs`` collects (word, what was read) of the words that are sure."""
        reader = Reader(
            models().lexicon,
            own or channel(self.kind),
            mixture,
            shapes=not self.strict,
            newer=self.newer,
            noisy=not self.strict,
        )
        reader.learn(
            (token.text, capitals)
            for line in self.tokens
            for capitals in (in_capitals(line),)
            for token in line
            if token.kind == "word"
        )
        builder = Builder(reader, strict=self.strict)
        counts = [1.0, 1.0, 0.3]

        def tally(text: str, after: str, posterior: float) -> None:
            if pairs is not None and posterior > _SURE and is_syllable(after) and " " not in text:
                pairs[after, text] += 1
            lower = after.lower()
            bare = strip_marks(lower)
            if lower != bare or not self.strict:
                observed = text.lower()
                counts[0 if observed == lower else 1 if observed == bare else 2] += 1.0

        def add(lattice: Lattice, number: int, tokens: Sequence[Token], capitals: bool) -> None:
            builder.add(lattice, tokens, capitals)

        changes = self._decode(reader, add, tally)
        return changes, Mixture(*(count / sum(counts) for count in counts))

    def _decode(self, reader: Reader, add: Add, tally: Tally) -> list[Change]:
        """One pass over all lines, in lattices of bounded size."""
        loaded = models()
        state = loaded.decoder.start()
        changes: list[Change] = []
        lattice = Lattice()
        before = ""
        for number, line in enumerate(self.lines):
            tokens = self.tokens[number]
            if not tokens:
                continue
            if starts_paragraph(line, before) and lattice.nodes > 1:
                if lattice.nodes > _CHUNK:
                    self._finish(lattice, reader, state, changes, tally)
                    state, lattice = loaded.decoder.start(), Lattice()
                else:
                    last = lattice.nodes - 1
                    lattice.span(last, lattice.node(), reader.fixed(BOUNDARY, ""), None)
            before = line
            capitals = in_capitals(tokens)
            for at in range(0, len(tokens), _CHUNK):
                if lattice.nodes > 4 * _CHUNK:
                    state = self._finish(lattice, reader, state, changes, tally)
                    lattice = Lattice()
                add(lattice, number, tokens[at : at + _CHUNK], capitals)
        self._finish(lattice, reader, state, changes, tally)
        return changes

    def _finish(
        self,
        lattice: Lattice,
        reader: Reader,
        state: State,
        changes: list[Change],
        tally: Tally,
    ) -> State:
        if lattice.nodes < 2:
            return state
        order, begin, source, offered, cost = lattice.arrays()
        sets = reader.sets
        scores = sets.score.array
        if self.habit is not None:
            scores = scores + self.habit[sets.word.array]
        path = models().decoder.decode(
            begin,
            source,
            offered,
            cost,
            sets.begin.array,
            sets.word.array,
            scores,
            state,
        )
        for span, reading, posterior in zip(
            path.spans.tolist(), path.readings.tolist(), path.posteriors.tolist(), strict=True
        ):
            at = int(order[span])
            place = lattice.place[at]
            if place is None:
                continue
            line, start, end = place
            text = self.lines[line][start:end]
            reads = sets.text(reading, lattice.offered[at])
            after = lattice.pre[at] + reads
            if not after:
                whole = self.lines[line]
                if whole[start - 1 : start] == " " and whole[end : end + 1] in (" ", ""):
                    start -= 1  # the mark goes with the space before it
                    text = whole[start:end]
                elif start > 0 and whole[start - 1].isalnum() and whole[end : end + 1].isalnum():
                    after = " "
            tally(text, reads, posterior)
            if after != text:
                sure = calibrated(self.kind, posterior)
                changes.append(Change(line, start, end, after, sure, self.kind))
        return path.state
