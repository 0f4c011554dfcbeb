"""Open tabs, from the benchmark's side of the pipe."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from lumiku_web.ids import new_id
from tests.benchmarks.members import Member
from tests.benchmarks.product import Product

PAGE = "/apps/avatar-creator"


@dataclass(frozen=True)
class Arrival:
    """The first time that a tab was told this about a tile."""

    tab: int
    item_id: UUID
    status: str
    reason: str
    seconds: float


class Tabs:
    """One tab for each of `owners`, in a process of their own. Tab numbers are positions in `owners`."""

    def __init__(self, product: Product, owners: Sequence[Member]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.tab_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        wanted = {"port": product.port, "path": PAGE, "tabs": [[str(new_id()), owner.cookie] for owner in owners]}
        assert self._ask(json.dumps(wanted))["ready"] == len(owners)
        self.characters = 0

    def arrivals(self) -> list[Arrival]:
        """What came since the last question. Raises: AssertionError if a tab was closed meanwhile."""
        told = self._ask("tell")
        self.characters = int(told["characters"])
        return [Arrival(tab, UUID(item), status, reason, when / 1e9) for tab, item, status, reason, when in told["tiles"]]

    def close(self) -> None:
        self._process.communicate()

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process of the tabs has ended")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
