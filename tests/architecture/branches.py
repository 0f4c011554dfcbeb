"""The end of `make coverage`: of each part's branches the tests must pass through so many. Says the figures, exits 1 below."""

import json
import sys
import tempfile
from pathlib import Path

from coverage import Coverage

PARTS = ("lumiku_web/domain", "lumiku_web/adapters", "rq_workers")
AT_LEAST_PERCENT = 90.0


def percent(measured: Coverage, part: str) -> float:
    """The share of branches of one part. A part that nothing ran has none: 0."""
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        measured.json_report(include=[f"{part}/*"], outfile=told.name)
        totals = json.loads(Path(told.name).read_text(encoding="utf-8"))["totals"]
    return 100.0 * totals["covered_branches"] / (totals["num_branches"] or 1)


def main() -> int:
    """Print one line a part, and what is missing if it is too much."""
    measured = Coverage(messages=False)
    measured.load()
    figures = {part: percent(measured, part) for part in PARTS}
    if low := [part for part, figure in figures.items() if figure < AT_LEAST_PERCENT]:
        measured.report(include=[f"{part}/*" for part in low])
    for part, figure in figures.items():
        print(f"{part:<20} {figure:5.1f} % of branches, at least {AT_LEAST_PERCENT:.0f} %")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
