"""The event loop of a worker, in a thread of its own; it can say how late it is, and where it hangs."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from lumiku_web.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")

#: Seconds between two looks at the clock.
_TICK_SECONDS = 0.1
#: Threads for what the jobs do besides waiting: transactions, files, pictures.
_WORK_THREADS = 16


class LoopThread:
    """Runs until `end`. What is not said to be otherwise is called from other threads."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(_WORK_THREADS, "work"))
        self.seen_at = time.monotonic()
        self._lag = 0.0
        self._was_blocked = False
        self._beside: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, name="rq-loop", daemon=True)
        self._thread.start()
        self.beside(self._watch)

    def start(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run it as a task."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def soon(self, function: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 (as `call_soon`)
        """Call it on the loop."""
        self.loop.call_soon_threadsafe(function, *args)

    def beside(self, make: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run this as long as the loop lives. A bug in it is loud, and it begins again."""
        self.soon(lambda: self._beside.add(self.loop.create_task(_for_life(make))))

    def is_blocked(self, seconds: float) -> bool:
        """Whether nothing moved for so long; where it hangs is logged once."""
        silent = time.monotonic() - self.seen_at
        is_blocked = silent > seconds
        if is_blocked and not self._was_blocked:
            frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (there is no other way)
            stack = traceback.format_stack(frames.get(self._thread.ident or 0))
            log.error("worker.loop_blocked", seconds=round(silent, 1), stack="".join(stack[-6:]))
        self._was_blocked = is_blocked
        return is_blocked

    def worst_lag(self) -> float:
        """How late the loop was at worst since this was asked last, in seconds."""
        lag, self._lag = self._lag, 0.0
        return max(lag, time.monotonic() - self.seen_at - _TICK_SECONDS)

    def end(self, within_seconds: float) -> None:
        """Cancel what runs beside, which may still put its things in order, and stop. A loop that hangs is left behind."""
        try:
            self.start(self._end_beside()).result(within_seconds)
        except TimeoutError:
            log.error("worker.loop_left_behind")  # noqa: TRY400 (where it hangs was logged)
        self.soon(self.loop.stop)
        self._thread.join(within_seconds)
        if not self._thread.is_alive():
            self.loop.close()

    async def _end_beside(self) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.wait(self._beside)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            seen = time.monotonic()
            self._lag = max(self._lag, seen - self.seen_at - _TICK_SECONDS)
            self.seen_at = seen


async def _for_life(make: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await make()
        except Exception:
            log.exception("worker.background_bug")
        await asyncio.sleep(1)
