"""Waiting for a condition, never for a length of time: the deadline only ends what would hang."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

#: Between two looks: at once for what is quick, seldom enough not to slow down what is slow.
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.01, 0.1


def wait_for(condition: Callable[[], T], *, within_seconds: float = 60.0, what: str = "") -> T:
    """Return the condition's first true answer. Raises: AssertionError when the deadline is over."""
    pauses = _pauses(within_seconds, what or getattr(condition, "__name__", repr(condition)))
    while not (answer := condition()):
        time.sleep(next(pauses))
    return answer


async def eventually(condition: Callable[[], Awaitable[T]], *, within_seconds: float = 60.0, what: str = "") -> T:
    """As `wait_for`, on an event loop."""
    pauses = _pauses(within_seconds, what or getattr(condition, "__name__", repr(condition)))
    while not (answer := await condition()):  # noqa: ASYNC110  (of the database, say, which tells nobody)
        await asyncio.sleep(next(pauses))
    return answer


def _pauses(within_seconds: float, what: str) -> Iterator[float]:
    """How long to wait before each next look. Raises: AssertionError when the deadline is over."""
    end, pause = time.monotonic() + within_seconds, _FIRST_PAUSE_SECONDS
    while time.monotonic() < end:
        yield pause
        pause = min(pause * 1.3, _LONGEST_PAUSE_SECONDS)
    raise AssertionError(f"not within {within_seconds} s: {what}")
