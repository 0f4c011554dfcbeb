"""What a bar is measured by, and how it is told: one line each, and all of them as JSON."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from lumiku_web.clock import utc_now

RESULTS = Path(".bench/results.json")
#: Units of which there should be much, always.
_RATES = ("/s", "/min")
HELD, SHORT, LATER, TOLD = "held", "short", "later", "-"


@dataclass(frozen=True)
class Figure:
    """One number of a bar: the median of its runs, and the worst of them."""

    id: str
    what: str
    unit: str
    median: float
    worst: float
    runs: int
    #: None: the number is told, nothing is asked of it.
    bar: float | None
    #: There should be much of it, and the bar is the least; else little, and the bar is the most.
    is_floor: bool
    #: `held`, `short`, `later` (the bar is known not to hold yet), or `-`.
    state: str
    #: Load average of the last minute when the measurement began and when it ended.
    load: tuple[float, float]

    def line(self) -> str:
        asked = "" if self.bar is None else f"{'>=' if self.is_floor else '<='} {_plain(self.bar)}"
        figure = f"{_plain(self.median)} {self.unit}"
        worst = f"worst of {self.runs}: {_plain(self.worst)}" if self.runs > 1 else "one run"
        load = f"load {max(self.load):.1f}"
        return f"{self.id:<9} {self.what:<66} {figure:>16}  {worst:<20} {asked:<8} {self.state:<6} {load}"


def figure(
    bar_id: str,
    what: str,
    unit: str,
    runs: Sequence[float],
    *,
    bar: float | None = None,
    is_floor: bool = False,
    load: float,
    later: bool = False,
) -> Figure:
    """Judge `runs` by their median. A rate has a floor without saying so."""
    median, is_floor = statistics.median(runs), is_floor or unit.endswith(_RATES)
    state = TOLD
    if bar is not None:
        holds = median >= bar if is_floor else median <= bar
        state = HELD if holds else LATER if later else SHORT
    worst = min(runs) if is_floor else max(runs)
    return Figure(
        bar_id, what, unit, round(median, 3), round(worst, 3), len(runs), bar, is_floor, state, (round(load, 2), load_now())
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def load_now() -> float:
    """Processes that ran or wanted to, on average of the last minute."""
    return round(os.getloadavg()[0], 2)


def write(figures: Sequence[Figure]) -> None:
    """All figures with what they were measured on, for whoever publishes them."""
    RESULTS.parent.mkdir(exist_ok=True)
    told = {
        "measured_at": utc_now().isoformat(timespec="seconds"),
        "commit": subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip(),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "figures": [asdict(figure) for figure in figures],
    }
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _plain(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"
