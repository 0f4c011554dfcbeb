"""What a worker under test is given to do. It runs in the test's own process, so that a test can hold a job and let it go."""

import asyncio
import time
from dataclasses import dataclass, field

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer


@dataclass
class Board:
    """What happened, and which gates are open."""

    done: list[str] = field(default_factory=list[str])
    running: set[str] = field(default_factory=set[str])
    most_running: int = 0
    opened: set[str] = field(default_factory=set[str])

    def wipe(self) -> None:
        self.done, self.running, self.most_running, self.opened = [], set(), 0, set()


BOARD = Board()


async def say(word: str) -> str:
    BOARD.done.append(word)
    return word


async def hold(gate: str) -> None:
    """Run until somebody opens the gate."""
    BOARD.running.add(gate)
    BOARD.most_running = max(BOARD.most_running, len(BOARD.running))
    try:
        while gate not in BOARD.opened:  # noqa: ASYNC110 (it is opened by another thread)
            await asyncio.sleep(0.01)
        BOARD.done.append(gate)
    finally:
        BOARD.running.discard(gate)


async def block(gate: str) -> None:
    """As `hold`, but it never lets go of the loop: a bug."""
    BOARD.running.add(gate)
    while gate not in BOARD.opened:
        time.sleep(0.01)  # noqa: ASYNC251 (that is the bug)
    BOARD.running.discard(gate)


def no_coroutine() -> None:
    BOARD.done.append("it ran")


def queue_another(job: Job, connection: Redis, *result: object) -> None:
    """A callback."""
    Queue(job.origin, connection=connection, serializer=JSONSerializer).enqueue(f"{__name__}.say", "another")


async def fail() -> None:
    raise ValueError("on purpose")


async def time_out() -> None:
    raise TimeoutError("the job's own")


async def answer_what_no_json_can_say() -> set[int]:
    return {1}
