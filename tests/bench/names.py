"""Names in sentences labelled by hand: rules, the trained recogniser, both, and underthesea.

    python tests/bench/names.py [--list]

Precision, recall and F1 of whole names (start, end and label all right) on corpora/gold/names.txt,
clean and through the channels. *held out*: the sentences after which no rule was changed.
underthesea knows persons, places, organisations only: it is scored on these (*u-3*), also without
looking at the labels (*u-spans*), and the others on the same names beside it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from name_gold import HELD_OUT, Span, damaged, sentences

from pipeline.entities.names_found import combine
from pipeline.entities.recognise import Name, recognise
from pipeline.entities.tagger import tag

Found = list[list[Span]]
_THREE = frozenset({"ORG", "PER", "LOC"})


def spans(names: Sequence[Name]) -> list[Span]:
    """Names as plain tuples."""
    return [(name.start, name.end, name.label) for name in names]


def by_rules(texts: Sequence[str]) -> Found:
    """Rules alone."""
    return [spans(recognise(text)) for text in texts]


def by_tagger(texts: Sequence[str]) -> Found:
    """The trained recogniser alone."""
    return [spans(names) for names in tag(texts)]


def by_both(texts: Sequence[str]) -> Found:
    """What the program does."""
    return [
        spans(combine(text, recognise(text), names))
        for text, names in zip(texts, tag(texts), strict=True)
    ]


def by_underthesea(texts: Sequence[str]) -> Found:
    """underthesea's recogniser, its tokens laid on the text again."""
    from underthesea import ner

    found: Found = []
    for text in texts:
        names: list[Span] = []
        at = 0
        for word, _, _, tagged in ner(text) if text.strip() else ():
            start = text.find(word, at)
            if start < 0:
                continue
            at = start + len(word)
            label = tagged[2:]
            if tagged.startswith("I-") and names and names[-1][2] == label:
                names[-1] = (names[-1][0], at, label)
            elif tagged != "O":
                names.append((start, at, label))
        found.append([name for name in names if name[2] in _THREE])
    return found


def score(gold: Sequence[Sequence[Span]], found: Found) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = sum(len(set(g) & set(f)) for g, f in zip(gold, found, strict=True))
    precision = right / max(1, sum(map(len, found)))
    recall = right / max(1, sum(map(len, gold)))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def of_labels(found: Sequence[Sequence[Span]], *, labels: bool) -> Found:
    """Only persons, places, organisations; without their labels when these do not count."""
    return [
        [(a, b, label if labels else "") for a, b, label in names if label in _THREE]
        for names in found
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="name what both together get wrong")
    options = parser.parse_args()
    sets = {"clean": sentences(), "held out": sentences()[HELD_OUT:]}
    sets |= {kind: damaged(kind) for kind in ("no_marks", "dropped_glyphs", "vietnamese_ocr")}
    systems: dict[str, Callable[[Sequence[str]], Found]] = {
        "rules": by_rules, "trained": by_tagger, "both": by_both, "underthesea": by_underthesea,
    }  # fmt: skip
    pooled: dict[str, tuple[list[list[Span]], Found]] = {name: ([], []) for name in systems}
    print(f"{'':16}{'names':>6}" + "".join(f"{name:>22}" for name in systems))
    for kind, lines in sets.items():
        gold = [names for _, names in lines]
        row = f"{kind:16}{sum(map(len, gold)):6}"
        for name, system in systems.items():
            found = system([text for text, _ in lines])
            row += "   P {:.3f} R {:.3f} {:.3f}".format(*score(gold, found))
            if kind != "held out":
                pooled[name][0].extend(gold)
                pooled[name][1].extend(found)
            if options.list and name == "both":
                for (text, names), seen in zip(lines, found, strict=True):
                    for label, wrong in (
                        ("missed", set(names) - set(seen)),
                        ("extra", set(seen) - set(names)),
                    ):
                        for a, b, what in sorted(wrong):
                            print(f"  {label} {what} {text[a:b]!r} in {text[:80]!r}")
        print(row)
    print("all                   " + "".join(f"{score(*pooled[n])[2]:22.3f}" for n in systems))
    for title, labels in (("u-3", True), ("u-spans", False)):
        parts = [
            score(of_labels(pooled[n][0], labels=labels), of_labels(pooled[n][1], labels=labels))
            for n in systems
        ]
        print(f"{title:22}" + "".join(f"{part[2]:22.3f}" for part in parts))
    texts = [text for text, _ in sets["clean"]]
    for name, system in systems.items():
        started = time.process_time()
        system(texts)
        print(f"{name}: {len(texts) / (time.process_time() - started):,.0f} sentences a second")


if __name__ == "__main__":
    main()
