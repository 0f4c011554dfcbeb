"""`make bench`, or `make bench ONLY=P1,P18`: the performance bars on this machine.

Prints one line a figure, writes `.bench/results.json`, and ends with 1 if a bar is short. Never part of `make test`.
"""

import sys
from collections.abc import Callable

from lumiku_web.local_stack.child import inherited_environment
from tests.benchmarks import (
    p01_throughput,
    p03_manners,
    p04_submit,
    p05_gallery,
    p09_many_changes,
    p10_waiting,
    p12_at_rest,
    p13_clean_clone,
    p14_in_flight,
    p14_stock,
    p16_upload,
    p17_takeover,
    p18_pushed,
    p20_usage,
)
from tests.benchmarks.figures import SHORT, Figure, write
from tests.benchmarks.product import Product, running_product

#: In this order: what is measured at rest comes before what makes the house busy.
BARS: dict[str, Callable[[Product], list[Figure]]] = {
    "P12": p12_at_rest.measure,
    "P10": p10_waiting.measure,
    "P18": p18_pushed.measure,
    "P4": p04_submit.measure,
    "P20": p20_usage.measure,
    "P9": p09_many_changes.measure,
    "P5": p05_gallery.measure,
    "P16": p16_upload.measure,
    "P2": p01_throughput.measure_p2,
    "P1": p01_throughput.measure_p1,
    "P3": p03_manners.measure,
    "P14": p14_in_flight.measure,
    "STOCK": p14_stock.measure,
    "P17": p17_takeover.measure,
}
CLEAN_CLONE = "P13"


def main() -> int:
    """Exit status 0, 1 if a bar is short, 2 if ONLY names none."""
    asked = [name.strip().upper() for name in inherited_environment().get("ONLY", "").split(",") if name.strip()]
    if unknown := set(asked) - {*BARS, CLEAN_CLONE}:
        print(f"No such bar: {', '.join(sorted(unknown))}. There are {', '.join([*BARS, CLEAN_CLONE])}.", file=sys.stderr)
        return 2
    chosen = asked or [*BARS, CLEAN_CLONE]
    figures: list[Figure] = []
    bars = {name: bar for name, bar in BARS.items() if name in chosen}
    if bars:
        with running_product() as product:
            for bar in bars.values():
                figures += _told(bar(product))
    if CLEAN_CLONE in chosen:
        figures += _told(p13_clean_clone.measure())
    write(figures)
    return 1 if any(figure.state == SHORT for figure in figures) else 0


def _told(figures: list[Figure]) -> list[Figure]:
    for figure in figures:
        print(figure.line(), flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
