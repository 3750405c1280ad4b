"""Makes ``plans/`` and ``truth/`` again from ``source/``: ``python corpora/samples/make.py``.

Needs reportlab, Pillow, python-docx, pypdfium2 (development dependencies), the Liberation fonts
and, for the sample that an English OCR read, tesseract with its ``eng`` data. Seeds and dates are
fixed: with the same versions of these a re-run gives the same bytes. ``make.py NAME…`` makes only
the samples whose source file has NAME in its name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generator import damage, load  # noqa: E402
from generator.truth import record_of  # noqa: E402


def main(names: list[str]) -> None:
    """Make all samples, or those whose source has one of ``names`` in its name."""
    for path in sorted((HERE / "source").glob("*.plan")):
        if names and not any(name in path.name for name in names):
            continue
        plan = load(path)
        for options in plan.samples:
            stem, kind, *_ = options["stem"], options["kind"]
            made = damage(plan, kind, **options.get("options", {}))
            (HERE / "plans" / (stem + made.suffix)).write_bytes(made.data)
            text = "".join(line + "\n" for line in made.lines)
            (HERE / "truth" / f"{stem}.txt").write_text(text, encoding="utf-8")
            about = {
                "file": stem + made.suffix,
                "kind": kind,
                "damage": list(made.damage),
                "page_starts": [start + 1 for start in made.pages],
                "unreadable": options.get("unreadable", []),
                "record": record_of(plan),
            }
            truth = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
            (HERE / "truth" / f"{stem}.json").write_text(truth, encoding="utf-8")
            print(f"{stem}{made.suffix}: {len(made.data):,} bytes, {len(made.pages)} pages")


if __name__ == "__main__":
    main(sys.argv[1:])
