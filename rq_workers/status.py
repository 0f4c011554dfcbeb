"""One line of a worker process about itself, when something has changed, for whoever reads its log."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from lumiku_web.logs import get_logger
from rq_workers.worker import AsyncWorker

log = get_logger(__name__)

_LOOK_EVERY_SECONDS: Final = 1.0
#: Seconds between two lines at least.
_APART_SECONDS: Final = 30.0


class Told(NamedTuple):
    """Facts of a sign of life: see `WorkerRead`."""

    concurrency: int = 0
    in_flight: int = 0
    done: int = 0
    loop_lag_ms: float = 0.0


class TellingWorker(AsyncWorker):
    """Remembers what it told RQ with its last sign of life."""

    told = Told()

    def serialize(self) -> dict[str, Any]:
        """As it was."""
        facts = super().serialize()
        self.told = Told(*(facts[name] for name in Told._fields))
        return facts

    async def tell(self, name: str, *, as_sentence: bool) -> None:
        """Log the status of this worker under a name, for as long as its loop runs."""
        line = StatusLine()
        while True:
            if told := line.due(self.told, time.monotonic()):
                if as_sentence:
                    log.info(sentence(name, told))
                else:
                    log.info("worker.status", **told._asdict())
            await asyncio.sleep(_LOOK_EVERY_SECONDS)


@dataclass
class StatusLine:
    """When there is something to say, and what."""

    _said: Told = field(default_factory=Told)
    _worst_lag_ms: float = 0.0
    _not_before: float = 0.0

    def due(self, told: Told, at: float) -> Told | None:
        """What is to be said at the moment `at`, in seconds of any clock that runs on; with the worst lag since the last line."""
        self._worst_lag_ms = max(self._worst_lag_ms, told.loop_lag_ms)
        news = (told.in_flight, told.done) != (self._said.in_flight, self._said.done)
        if not news or at < self._not_before:
            return None
        self._said = Told(told.concurrency, told.in_flight, told.done, self._worst_lag_ms)
        self._worst_lag_ms, self._not_before = 0.0, at + _APART_SECONDS
        return self._said


def sentence(name: str, told: Told) -> str:
    """`worker 1 · busy 12 of 50 · 340 done · loop 2 ms`."""
    work = f"busy {told.in_flight} of {told.concurrency}" if told.in_flight else "idle"
    return f"{name} · {work} · {told.done} done · loop {told.loop_lag_ms:.0f} ms"
