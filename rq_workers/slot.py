"""One job in flight, what a worker tells of all of them, and the job's own function under its time limit."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from rq.job import Job, _current_job  # pyright: ignore[reportPrivateUsage]  (listed in `worker`)
from rq.queue import Queue
from rq.timeouts import JobTimeoutException


class Told(NamedTuple):
    """What a worker says of itself at each sign of life: see `WorkerRead`."""

    concurrency: int = 0
    in_flight: int = 0
    done: int = 0
    loop_lag_ms: float = 0.0


@dataclass(eq=False)
class Slot:
    """One job in flight."""

    job: Job
    queue: Queue
    execution: Any
    #: The job's own function: the part that may be cancelled.
    work: "asyncio.Task[Any] | None" = None
    cancelled_to: Literal["", "stop", "give_back"] = ""

    def begin(self, function: Callable[..., Coroutine[Any, Any, Any]]) -> "asyncio.Task[Any]":
        """Run the function as a task, which is cancelled at once if that was asked for already."""
        self.work = asyncio.create_task(_perform(self.job, function))
        if self.cancelled_to:
            self.work.cancel()
        return self.work

    def cancel(self, to: Literal["stop", "give_back"]) -> None:
        """End the function, now or before it begins. On the loop."""
        self.cancelled_to = self.cancelled_to or to
        if self.work:
            self.work.cancel()


class JobTooLongError(JobTimeoutException):
    """RQ's timers for callbacks change the text of its own class for everybody."""

    def __init__(self, seconds: float) -> None:
        Exception.__init__(self, f"the job took longer than {seconds} s")


async def _perform(job: Job, function: Callable[..., Coroutine[Any, Any, Any]]) -> Any:  # noqa: ANN401 (whatever the job returns)
    """Raises: JobTooLongError, and whatever the function raises."""
    _current_job.set(job)
    seconds = float(job.timeout or Queue.DEFAULT_TIMEOUT)
    limit = asyncio.timeout(seconds if seconds > 0 else None)  # RQ's -1 is without one
    try:
        async with limit:
            return await function(*job.args, **job.kwargs)
    except TimeoutError:
        if limit.expired():
            raise JobTooLongError(seconds) from None
        raise
