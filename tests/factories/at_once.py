"""Acts that begin at the same moment, each in a thread of its own."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from lumiku_web.errors import LumikuError

T = TypeVar("T")


def at_once(act: Callable[[T], object], each: Iterable[T]) -> list[Any]:
    """What `act` returned for each, or the key of the refusal that it raised."""
    all_of_them = list(each)
    start = Barrier(len(all_of_them))

    def begin(one: T) -> object:
        start.wait()
        try:
            return act(one)
        except LumikuError as refused:
            return refused.key

    with ThreadPoolExecutor(len(all_of_them)) as threads:
        return list(threads.map(begin, all_of_them))
