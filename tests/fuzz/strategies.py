"""Inputs for the targets, by Hypothesis: bytes, text of plans, and seeds that were changed."""

from __future__ import annotations

from hypothesis import strategies as st
from targets import LONGEST, SEEDS, TOKENS

_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyÁÀẢÃẠẤẦẨẪẬỨỪỬỮỰĐ0123456789 /-.,:;()\n\t\u0301\u00a0"


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Bytes for the target ``name``."""
    token = st.sampled_from(TOKENS)
    words = st.lists(token | st.text(_LETTERS, max_size=12).map(str.encode), max_size=60)
    texts = st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    return st.one_of(
        st.binary(max_size=400), texts, words.map(b"".join), _changed(SEEDS[name])
    ).map(lambda data: data[:LONGEST])


@st.composite
def _changed(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A seed with up to eight stretches replaced, cut out, doubled, or put elsewhere."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 40)))
        how = draw(st.sampled_from(("replace", "cut", "double", "insert", "flip")))
        if how == "replace":
            data[at:end] = draw(st.binary(max_size=40))
        elif how == "cut":
            del data[at:end]
        elif how == "double":
            data[at:at] = data[at:end] * draw(st.integers(1, 20))
        elif how == "insert":
            data[at:at] = draw(st.sampled_from(TOKENS))
        elif at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)
