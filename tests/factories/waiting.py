"""Waiting for a condition, never for a length of time: the deadline only ends what would hang."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY_SECONDS = 0.02


def wait_for(condition: Callable[[], T], *, within_seconds: float = 60.0, what: str = "") -> T:
    """Return the condition's first true answer. Raises: AssertionError when the deadline is over."""
    end = time.monotonic() + within_seconds
    while not (answer := condition()):
        assert time.monotonic() < end, f"not within {within_seconds} s: {what or getattr(condition, '__name__', condition)}"
        time.sleep(_LOOK_EVERY_SECONDS)
    return answer


async def eventually(condition: Callable[[], Awaitable[T]], *, within_seconds: float = 60.0, what: str = "") -> T:
    """As `wait_for`, on an event loop."""
    end = time.monotonic() + within_seconds
    while not (answer := await condition()):
        assert time.monotonic() < end, f"not within {within_seconds} s: {what or getattr(condition, '__name__', condition)}"
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    return answer
