"""What the person at the terminal sees: one line for each step, with how long it took."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

_TITLE_WIDTH = 24
_SLOW_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Progress:
    """Lines on a stream, written at once."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)

    def say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; there is still much to stop
            print(line, file=self.stream, flush=True)

    def item(self, title: str, text: str) -> None:
        self.say(f"  {title + ' ':.<{_TITLE_WIDTH}} {text}")

    async def step(self, title: str, work: Callable[[], object], *, meanwhile: str) -> None:
        """Do `work` in a thread. If it lasts, `meanwhile` says what is going on; at the end comes how long it took."""
        began = time.monotonic()
        task = asyncio.create_task(asyncio.to_thread(work))
        try:
            done, _ = await asyncio.wait({task}, timeout=_SLOW_SECONDS)
            if not done:
                self.item(title, f"{meanwhile} …")
            await task
        finally:
            task.cancel()
        self.item(title, f"{time.monotonic() - began:.1f} s")
