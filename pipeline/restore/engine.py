"""One stretch of damaged lines to a list of changes, with what the stretch itself teaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import local

import numpy as np
from numpy.typing import NDArray

from pipeline.artefacts import loading
from pipeline.restore.channel import Channel, Table
from pipeline.restore.codegaps import codes_with_gaps
from pipeline.restore.decoder import Decoder
from pipeline.restore.dropped import Gaps, LossIndex
from pipeline.restore.lattice import Builder, paragraphs
from pipeline.restore.lexicon import Lexicon
from pipeline.restore.lm import LanguageModel
from pipeline.restore.losses import Losses, expected_shares, first_rates
from pipeline.restore.paths import Change, Decoded, changes, decode, decode_again, tallied
from pipeline.restore.readings import Mixture, Reader, said_by_ocr
from pipeline.restore.rescorer import Rescorer
from pipeline.restore.rescoring import preferred, rescored
from pipeline.restore.spans import STARTS
from pipeline.restore.syllables import is_syllable, strip_marks
from pipeline.restore.tokentable import Types, shared_types, tokenise

Heard = Sequence[tuple[int, float]]  # by word of a line: where it begins, how sure the OCR was
_LINE = 1 << 32  # more than a line has characters
_OPENING = frozenset('([“"')
_WIDE = 16  # hypotheses where nearly every word is open
_SCOUTS = 4  # hypotheses of a pass that only teaches
_SCOUTED = 8.0  # nats that they may lie behind the best
# The same for other passes over all readings; what is less probable than the third is not looked at
# again. What the OCR for Vietnamese reads is rarely wrong: there the tails tell what is doubtful.
_SKIMMED = (12, 7.0, 1e-4)
_READ = (12, 12.0, 1e-7)
_ADAPTED_ON = 30_000  # characters
_HABIT = 0.4  # share of the words that follow the document's own vocabulary
_HABIT_AFTER = 200  # words of other texts that count as seen
_SURE = 0.9  # posterior of a word that the channel learns from
_REMEMBERED = 1_000_000  # readings kept from one text for the next
_CHANNELS = {
    "no_marks": "lost_marks",
    "splits": "lost_marks",
    "english_ocr": "english_ocr",
    "vietnamese_ocr": "vietnamese_ocr",
}


@dataclass(frozen=True)
class Models:
    """What is loaded once."""

    lexicon: Lexicon
    decoder: Decoder  # for a last pass
    wide: Decoder  # for text without marks, where nearly every word is open
    skimmer: Decoder  # for a first pass over all readings
    reader: Decoder  # the same, wider
    scout: Decoder  # for what only teaches: fewer still
    model: LanguageModel
    rescorer: Rescorer


@cache
def models() -> Models:
    """Load the models (memory map). Raises ModelError."""
    with loading("restoration/lm") as path:
        model = LanguageModel.load(path)
        lexicon = Lexicon(model.vocabulary, model.capitals, model.unigram)
    with loading("restoration/rescorer") as path:
        rescorer = Rescorer.load(path, lexicon.bare_of)
    scout = Decoder(model, size=_SCOUTS, width=_SCOUTED)
    skimmer, reader = (
        Decoder(model, size=size, width=width, told=told) for size, width, told in (_SKIMMED, _READ)
    )
    wide = Decoder(model, size=_WIDE)
    return Models(lexicon, Decoder(model), wide, skimmer, reader, scout, model, rescorer)


@cache
def channel(kind: str) -> Channel:
    """The channel of a damage kind."""
    lexicon = models().lexicon
    with loading(f"restoration/channels/{_CHANNELS[kind]}.tsv") as path:
        return Channel.of(lexicon, Table.load(path))


@cache
def loss_index() -> LossIndex:
    """The index of syllables by what losses leave of them."""
    return LossIndex(models().lexicon)


@cache
def shares_of_letters() -> dict[str, float]:
    """How often each letter occurs in Vietnamese text."""
    loaded = models()
    return expected_shares(loaded.lexicon, loaded.model.unigram)


def habits(words: NDArray[np.int32]) -> NDArray[np.float32]:
    """Nats by word: how much more often this document uses it than other texts do (a cache model).

    ``words``: those that it surely uses. One more entry, zero, at the end: no word (-1).
    """
    unigram = models().model.unigram
    bonus = np.zeros(len(unigram) + 1, dtype=np.float32)
    word, times = np.unique(words, return_counts=True)
    word, times = word[times >= 2], times[times >= 2]
    here = (times - 1) / (len(words) + _HABIT_AFTER)
    more = np.maximum(1.0, here / np.exp(unigram[word]))
    bonus[word] = np.log(1.0 - _HABIT + _HABIT * more)
    return bonus


class _Shared(local):
    """The readers of this thread."""

    def __init__(self) -> None:
        self.readers: dict[tuple[str, Mixture, bool], Reader] = {}


_shared = _Shared()


def shared_reader(kind: str, mixture: Mixture, types: Types, *, newer: bool) -> Reader:
    """The reader of this thread for ``mixture``; a new one once that one has grown large."""
    key = kind, mixture, newer
    reader = _shared.readers.get(key)
    if reader is None or reader.types is not types or reader.sets.word.size > _REMEMBERED:
        reader = Reader(models().lexicon, channel(kind), mixture, types, newer=newer)
        _shared.readers[key] = reader
    return reader


class Stretch:
    """Lines with one kind of damage."""

    def __init__(
        self, lines: Sequence[str], kind: str, heard: Sequence[Heard] | None = None
    ) -> None:
        """``heard``: by line, where words begin and how sure the OCR was of each."""
        self.lines, self.kind = lines, kind
        self.strict = kind in ("no_marks", "splits", "dropped_glyphs")
        self.tokens = tokenise(lines, shared_types(strict=self.strict))
        self.starts = paragraphs(lines, self.tokens.first)
        self.newer = self.tokens.newer()
        self._said = self._said_by_ocr(heard) if heard else None
        self.doubt = 0.0  # of what came out, once it ran; see confidence.py

    def _said_by_ocr(self, heard: Sequence[Heard]) -> NDArray[np.int64]:
        """What the OCR says of each token: of the word that it stands in."""
        places = [line * _LINE + start for line, words in enumerate(heard) for start, _ in words]
        sure = np.array([np.nan, *(sure for words in heard for _, sure in words)])
        tokens = self.tokens
        at = tokens.line.astype(np.int64) * _LINE + tokens.start
        word = np.searchsorted(np.array(places, dtype=np.int64), at, side="right")
        inside = np.array([-1, *(place // _LINE for place in places)])[word] == tokens.line
        return said_by_ocr(np.where(inside, sure[word], np.nan))

    def mixture(self) -> Mixture:
        """First guess of the shares, from how many syllables carry marks."""
        if self.kind in ("english_ocr", "vietnamese_ocr"):
            return Mixture(0.0, 0.0, 1.0) if self.kind == "english_ocr" else Mixture(0.3, 0.0, 0.7)
        if self.kind == "splits":
            return Mixture(0.97, 0.02, 0.01)
        types = self.tokens.types
        syllable = types.syllable.array[self.tokens.type]
        total = int(syllable.sum())
        marked = int((syllable & types.marked.array[self.tokens.type]).sum())
        share = (marked + 1.0) / (total + 2.0)
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
            mixture = self._shares(self._decode(mixture, self._beginning()))
        decoded = self._decode(mixture)
        return self._changes(rescored(decoded, models().rescorer, models().wide))

    def _run_ocr(self, mixture: Mixture) -> list[Change]:
        """Decode, re-estimate the channel on what is sure, decode again what is not."""
        loaded, own = models(), channel(self.kind)
        reader = shared_reader(self.kind, mixture, self.tokens.types, newer=self.newer)
        lattices = Builder(reader, self.tokens, self.starts, self._said).build()
        sure = self.kind == "vietnamese_ocr"
        first = decode(loaded.reader if sure else loaded.skimmer, lattices, reader.sets)
        pairs = self._pairs(first)
        if sure:
            mixture = self._shares(first)
        readings, place = np.unique(first.kept.reading, return_inverse=True)
        scores = reader.weighed(readings, own.adapted(pairs), mixture)
        scores += habits(first.syllables(_SURE))[reader.sets.word.array[readings]]
        scores = scores[place] + preferred(first, loaded.rescorer)
        return self._changes(decode_again(loaded.decoder, first, scores))

    def _beginning(self) -> int:
        """How many lines the channel is re-estimated on."""
        ends = np.cumsum(np.fromiter(map(len, self.lines), dtype=np.int64, count=len(self.lines)))
        return min(len(self.lines), int(np.searchsorted(ends, _ADAPTED_ON, side="right")) + 1)

    def _decode(self, mixture: Mixture, lines: int | None = None) -> Decoded:
        """One pass over the first ``lines`` (all)."""
        loaded = models()
        tokens = self.tokens if lines is None else self.tokens.head(lines)
        own = channel(self.kind)
        reader = Reader(loaded.lexicon, own, mixture, tokens.types, newer=self.newer)
        lattices = Builder(reader, tokens, self.starts[:lines]).build()
        return decode(loaded.wide if lines is None else loaded.scout, lattices, reader.sets)

    def _changes(self, decoded: Decoded) -> list[Change]:
        self.doubt = decoded.doubt()
        return changes(decoded, self.lines, self.kind)

    def _pairs(self, decoded: Decoded) -> Counter[tuple[str, str]]:
        """(word, what was read) of the words that are sure, and how often."""
        pairs: Counter[tuple[str, str]] = Counter()
        for text, after, _, surely in tallied(decoded, self.lines, _SURE):
            if surely and is_syllable(after) and " " not in text:
                pairs[after, text] += surely
        return pairs

    def _shares(self, decoded: Decoded) -> Mixture:
        """The shares of words that were kept, stripped, or garbled."""
        counts = [1.0, 1.0, 0.3]
        for text, after, times, _ in tallied(decoded, self.lines, _SURE):
            lower = after.lower()
            bare = strip_marks(lower)
            if lower != bare or not self.strict:
                observed = text.lower()
                counts[0 if observed == lower else 1 if observed == bare else 2] += times
        return Mixture(*(count / sum(counts) for count in counts))

    def _run_dropped(self) -> list[Change]:
        """See what is lost, decode, count, decode again."""
        loaded = models()
        gaps = Gaps(self.lines, self.tokens, self.starts == STARTS, loss_index())
        rates = first_rates(self.lines, shares_of_letters())
        first = decode(loaded.skimmer, *gaps.lattices(rates))
        rates = self._rates(first, rates)
        scores = gaps.weighed(rates, first.sets)[first.kept.reading]
        rates = self._rates(decode_again(loaded.scout, first, scores), rates)
        decoded = decode(loaded.decoder, *gaps.lattices(rates))
        changes = self._changes(rescored(decoded, loaded.rescorer, loaded.decoder))
        changes = [self._behind_bracket(change) for change in changes]
        return [*changes, *codes_with_gaps(self.lines, rates, changes, self.kind)]

    def _rates(self, decoded: Decoded, before: dict[str, float]) -> dict[str, float]:
        """The rates of loss by what was decoded."""
        losses = Losses()
        for text, after, times, _ in tallied(decoded, self.lines, _SURE):
            if is_syllable(after):
                losses.add(text, after, times)
        return losses.rates(before)

    def _behind_bracket(self, change: Change) -> Change:
        """``( iều`` → ``(Điều``: no space stands behind a bracket; it was the letter."""
        line = self.lines[change.line]
        opens = line[max(0, change.start - 2) : change.start]
        if opens[:1] in _OPENING and opens[1:] == " " and line[change.start] != change.after[:1]:
            return change._replace(start=change.start - 1)
        return change
