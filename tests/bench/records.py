"""How much of a record is right: on plans of our own, and on the reference plans damaged further.

    python tests/bench/records.py [plans] [channels] [speed] [--list] [--only NAME]

*plans*: the plans of corpora/plans, each field that their truth is sure of. *channels*: the
five reference plans (KEHOACH_SHARED, or ../shared) put through each channel, their records compared
field by field with those of the clean text; a field is right when it is the same but for capitals
and punctuation, or, where it is long (titles, headings, recipients, funding, reporting), when 95 %
of its letters are. *speed*: documents a second of processor time, restored text to record.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from documents import of_file, record_of
from plan_truth import fields, truths
from record_fields import differences, flat
from sample_truth import body_text, word_error_rate
from wrecks import CHANNELS

from pipeline.document import Document
from pipeline.entities.find import find_entities
from pipeline.flow import process
from pipeline.ingest import identify
from pipeline.normalize.build import normalize
from pipeline.segment.outline import segment
from pipeline.segment.rows import rows
from pipeline.settings import Settings

SHARED = Path(
    os.environ.get(
        "KEHOACH_SHARED", Path(__file__).resolve().parent.parent.parent.parent / "shared"
    )
)


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


def clean_lines(path: Path, folder: Path) -> list[str]:
    """The lines of a reference plan as they should be: repaired by hand where that was done."""
    gold = SHARED / "gold" / f"{path.name[:3]}.txt"
    document = of_file(gold) if gold.is_file() else held(path, folder)
    return [row.text for row in rows(document)]


def held(path: Path, folder: Path) -> Document:
    """A file as read and restored; kept in ``folder``, since that takes nearly all of the time."""
    kept = folder / f"{path.name}.restored"
    if not kept.is_file():
        settings = Settings()
        document = Document(source=identify(path, None, settings))
        kept.write_bytes(pickle.dumps(process(document, settings, until="restore")))
    return pickle.loads(kept.read_bytes())


def channels(folder: Path, *, only: str, plan: str, listed: bool, seed: int) -> None:
    """The reference plans through every channel."""
    sources = [
        (path.name[:3], clean_lines(path, folder))
        for path in sorted((SHARED / "seeds").glob(f"{plan}*.txt"))
    ]
    print(f"{'channel':18}{'word errors':>12}{'fields right':>14}")
    for name, channel in CHANNELS.items():
        if only not in name:
            continue
        right = total = words = wrong_words = 0
        for stem, lines in sources:
            made = sorted(folder.glob(f"{stem}-{name}-{seed}.*[ft]"))
            if not made:
                data, suffix = channel(lines, seed)
                made = [folder / f"{stem}-{name}-{seed}{suffix}"]
                made[0].write_bytes(data)
            document = held(made[0], folder)
            clean = flat(record_of("\n".join(lines)))
            wrong = differences(clean, flat(record_of(document)))
            right += max(0, len(clean) - len(wrong))
            total += len(clean)
            text = "\n".join(lines)
            count = len(text.split())
            words += count
            wrong_words += round(count * word_error_rate(text, body_text(document)))
            for field, want, got in wrong if listed else ():
                print(f"  {stem} {field}: {got!r}, clean {want!r}")
        print(f"{name:18}{wrong_words / words:12.2%}{right / total:14.1%}", flush=True)


def speed(folder: Path) -> None:
    """Documents a second of processor time, from restored text to record."""
    documents = [held(path, folder) for path in sorted((SHARED / "seeds").glob("*.txt"))]
    for title, settings in (("without names", Settings(names=False)), ("with names", Settings())):
        for first in (True, False):  # the first round loads tables and the recogniser
            started = time.process_time()
            for document in documents:
                fresh = replace(document, pages=(*document.pages,))
                found = find_entities(segment(fresh), settings=settings)
                normalize(found, settings=settings)
            seconds = time.process_time() - started
            if not first:
                print(f"{title}: {len(documents) / seconds:.1f} documents a second")


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="plans, channels, speed")
    parser.add_argument("--only", default="", help="documents with this in their name")
    parser.add_argument("--plan", default="", help="the reference plan with this number only")
    parser.add_argument("--list", action="store_true", help="name each error")
    parser.add_argument("--seed", type=int, default=1, help="of the damage (default: 1)")
    parser.add_argument("--keep", type=Path, help="folder for what was read, to be used again")
    options = parser.parse_args()
    parts = options.parts or ["plans", "channels", "speed"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if "plans" in parts:
            plans(only=options.only, listed=options.list)
        if "channels" in parts:
            channels(
                folder, only=options.only, plan=options.plan, listed=options.list, seed=options.seed
            )
        if "speed" in parts:
            speed(folder)


if __name__ == "__main__":
    main()
