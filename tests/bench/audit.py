"""How often the audit is right: sentences of our own, and the samples through every channel.

    python tests/bench/audit.py [--sets NAME …] [--crossed] [--channels KIND … | all] [--list]

First the sentences of tests/cases/audit_*.toml: precision and recall of each status, for all and
for damaged ones, set by set, with every cell that is wrong. ``--crossed`` puts each clean sentence
through losing its marks and losing letters as well. ``--channels`` puts every source of
corpora/samples through the named channels: false "covered" (there must be none), those that ask for
a person, and the share of the true ones that is found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from audit_sentences import REQUIRED, SETS, Case, cases, found
from channels import FIRST_PAGE_ONLY, truth_of
from sample_truth import SAMPLES

from pipeline import process_file
from pipeline.errors import FileError

STATUSES = ("covered", "citation_only", "thematic_only", "absent")
Cell = tuple[str, str]  # true status, found status


def cells(case: Case, damage: str | None, *, listed: bool) -> Iterator[Cell]:
    """Each index of one sentence."""
    given = found(case, damage)
    for index, status in given.items():
        true = case.status.get(index, "absent")
        if true != status and listed:
            said = " / ".join(case.said.splitlines())
            print(
                f"  {damage or case.damage or 'clean'}: {index} is {true}, found {status}: {said}"
            )
        yield true, status


def table(title: str, counted: Iterable[Cell]) -> None:
    """Precision and recall by status."""
    counts = Counter(counted)
    print(
        f"\n{title}\n{'status':16}{'true':>6}{'found':>7}{'right':>7}{'precision':>11}{'recall':>9}"
    )
    for status in STATUSES:
        true = sum(n for (t, _), n in counts.items() if t == status)
        given = sum(n for (_, f), n in counts.items() if f == status)
        right = counts[status, status]
        precision, recall = _share(right, given), _share(right, true)
        print(f"{status:16}{true:6}{given:7}{right:7}{precision:>11}{recall:>9}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def sentences(name: str, *, crossed: bool) -> None:
    """The tables of one set of sentences."""
    all_cases = cases(name)
    damaged = [case for case in all_cases if case.damage]
    clean = [case for case in all_cases if not case.damage]
    traps = sum(case.trap for case in all_cases)
    print(f"\n{name}: {len(all_cases)} sentences, {traps} traps, {len(damaged)} damaged")
    both = {
        name: [cell for case in group for cell in cells(case, None, listed=True)]
        for name, group in (("clean", clean), ("damaged", damaged))
    }
    table("all sentences", [*both["clean"], *both["damaged"]])
    table("damaged sentences", both["damaged"])
    for damage in ("no_marks", "lost") if crossed else ():
        counted = [cell for case in clean for cell in cells(case, damage, listed=True)]
        table(f"clean sentences, plans damaged: {damage}", counted)


def channel(kind: str, folder: Path, *, listed: bool) -> None:
    """One line: the required indices of every source, sent through one channel."""
    false = review = true = right = 0
    for path in sorted((SAMPLES / "source").glob("*.plan")):
        truth = truth_of(path, kind, folder, seed=1)
        try:
            record = process_file(truth.file).record
        except FileError as error:
            print(f"  {truth.stem}: {error}")
            continue
        assert record is not None
        expected = {entry["id"]: entry["status"] for entry in truth.record["indices"]}
        for finding in record.indices:
            covers = finding.status == "covered"
            is_true = expected.get(finding.id) == "covered"
            if finding.id not in REQUIRED:
                continue
            true += is_true
            right += is_true and covers
            false += covers and not is_true and not finding.needs_review
            review += covers and finding.needs_review
            if listed and covers != is_true:
                print(
                    f"  {truth.stem}: {finding.id} is {expected.get(finding.id)}: {finding.reason}"
                )
    # one page of a plan does not hold what the whole plan covers
    share = "-" if kind in FIRST_PAGE_ONLY else _share(right, true)
    print(f"{kind:17}{false:15}{review:12}{true:6}{right:7}{share:>9}", flush=True)


def main() -> None:
    """Print the tables."""
    from generator import KINDS

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sets", nargs="*", choices=SETS, default=SETS, help="of sentences")
    parser.add_argument("--crossed", action="store_true")
    parser.add_argument("--channels", nargs="*", metavar="KIND", default=[])
    parser.add_argument("--list", action="store_true", help="name each wrong cell of a channel")
    options = parser.parse_args()
    for name in options.sets:
        sentences(name, crossed=options.crossed)
    if options.channels:
        kinds = list(KINDS) if options.channels == ["all"] else options.channels
        print(
            f"\n{'channel':17}{'false covered':>15}{'to review':>12}"
            f"{'true':>6}{'found':>7}{'share':>9}"
        )
        with tempfile.TemporaryDirectory() as folder:
            for kind in kinds:
                channel(kind, Path(folder), listed=options.list)


if __name__ == "__main__":
    main()
