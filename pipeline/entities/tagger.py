"""The trained recogniser of names (``models/ner``), a small spaCy pipeline.

It sees each syllable with and without its marks, so that a name holds where marks were lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.artefacts import loading
from pipeline.entities.recognise import Name
from pipeline.segment.fold import fold

if TYPE_CHECKING:  # importing spaCy takes a second, and a run without names never needs it
    from spacy.language import Language
    from spacy.tokens import Doc

# Longer paragraphs are tables or noise; what is behind is left to the rules.
_LONGEST = 4_000
CONFIDENCE = 0.6


def make_doc(nlp: Language, text: str) -> Doc:
    """A text as the recogniser sees it: the norm of each token is its text without marks."""
    doc = nlp.make_doc(text)
    folded = fold(text)
    for token in doc:
        token.norm_ = folded[token.idx : token.idx + len(token)]
    return doc


@lru_cache(maxsize=1)
def _pipeline() -> Language:
    import spacy
    from thinc.backends import NumpyOps

    with loading("ner/model") as path:
        nlp = spacy.load(path, exclude=["vocab"])
    # numpy multiplies matrices of this size twice as fast as blis, spaCy's own choice
    ops = NumpyOps(use_blis=False)
    for node in nlp.get_pipe("tok2vec").model.walk():  # type: ignore[attr-defined]
        node.ops = ops
    return nlp


def tag(texts: Sequence[str]) -> list[list[Name]]:
    """The names of each text, as the trained recogniser finds them.

    Raises ModelError when the model is not there.
    """
    nlp = _pipeline()
    docs = nlp.pipe((make_doc(nlp, text[:_LONGEST]) for text in texts), batch_size=64)
    return [
        [Name(e.start_char, e.end_char, e.label_, CONFIDENCE) for e in doc.ents]  # type: ignore[arg-type]
        for doc in docs
    ]
