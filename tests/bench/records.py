"""How much of a record is right: on plans of our own, and on the reference plans damaged further.

    python tests/bench/records.py [plans] [channels] [speed] [--list] [--only NAME]

*plans*: the ten plans of corpora/plans, each field that their truth is sure of. *channels*: the
five reference plans (KEHOACH_SHARED, or ../shared) put through each channel, their records compared
field by field with those of the clean text; a field is right when it is the same but for capitals
and punctuation, or, where it is long (titles, headings, recipients, funding, reporting), when 95 %
of its letters are. *speed*: documents a second of processor time, restored text to record.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from documents import of_file, record_of
from plan_truth import fields, truths


def plans(*, only: str, listed: bool) -> None:
    """The plans of corpora/plans."""
    right = total = 0
    for path, truth in truths():
        if only not in path.name:
            continue
        found = fields(truth, record_of(of_file(path)))
        right += sum(field.right for field in found)
        total += len(found)
        print(f"{path.stem:45}{sum(f.right for f in found):4} of {len(found)}")
        for field in found if listed else ():
            if not field.right:
                print(f"    {field.name}: {field.got!r}, must be {field.wanted!r}")
    print(f"{'all':45}{right:4} of {total}, {right / total:.1%}")


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="plans, channels, speed")
    parser.add_argument("--only", default="", help="documents with this in their name")
    parser.add_argument("--list", action="store_true", help="name each error")
    options = parser.parse_args()
    parts = options.parts or ["plans", "channels", "speed"]
    if "plans" in parts:
        plans(only=options.only, listed=options.list)


if __name__ == "__main__":
    main()
