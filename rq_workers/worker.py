"""An RQ 3.0 worker that runs `async def` jobs, many at once, in one process.

Main thread: `BaseWorker.work()` with its signals, maintenance and dequeuing. Loop thread: one asyncio task a job.
Bookkeeping threads: RQ's own blocking calls to Redis, so that Redis never blocks the loop.

What it leans on inside RQ 3.0 (a test fails when an upgrade changes it). Overridden: `bootstrap`, `teardown`,
`request_stop`, `dequeue_job_and_maintain_ttl`, `execute_job`, `get_heartbeat_ttl`. Called: `Queue._fetch_dequeued_job`,
`Queue._enqueue_job`, `BaseWorker._finalize_success`, `_finalize_failure`, `prepare_execution`, `prepare_job_execution`,
`cleanup_execution`, `executions`, `Execution.heartbeat`, `worker_registration.register`, `rq.job._current_job`.
"""

# pyright: reportPrivateUsage=false

import asyncio
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import worker_registration
from rq.exceptions import StopRequested
from rq.job import Job, _current_job
from rq.queue import Queue
from rq.timeouts import JobTimeoutException, TimerDeathPenalty
from rq.utils import as_text, now
from rq.worker import BaseWorker, WorkerStatus

from lumiku_web.logs import get_logger

log = get_logger(__name__)

REDIS_AWAY = (RedisConnectionError, RedisTimeoutError)


@dataclass(eq=False)
class Slot:
    """One job in flight."""

    job: Job
    queue: Queue
    execution: Any
    #: The job's own function: the part that may be cancelled.
    work: "asyncio.Task[Any] | None" = None
    given_back: bool = False


class Told(NamedTuple):
    """What this worker says of itself beside RQ's own facts: see `WorkerRead`."""

    concurrency: int = 0
    in_flight: int = 0
    done: int = 0
    loop_lag_ms: float = 0.0


class AsyncWorker(BaseWorker):
    """See the module. Set `concurrency`, and `background` with what should run beside the jobs, before `work()`."""

    death_penalty_class = TimerDeathPenalty  # callbacks run in threads, where SIGALRM can't reach
    #: Jobs in flight.
    concurrency = 50
    #: Seconds that a warm shutdown waits for running jobs before it gives them back.
    grace_seconds = 15.0
    #: Seconds after which a silent worker's jobs are anybody's, and between two signs of life.
    lease_seconds = 45
    beat_seconds = 2.0
    #: Seconds that one wait for a job, or for room for it, lasts at most: as late may a signal be noticed.
    wait_seconds = 0.5
    #: Seconds of silence after which the loop counts as blocked: then it takes no work that others could do.
    blocked_seconds = 3.0
    bookkeeping_threads = 8
    #: Coroutine functions that live as long as the loop.
    background: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
    #: At its last sign of life.
    told = Told()

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        """Start the loop thread beside RQ's own start."""
        super().bootstrap(*args, **kwargs)
        self._slots: dict[str, Slot] = {}
        self._ended = 0
        self._lag = 0.0
        self._freed = threading.Event()
        self._stop_asked_at: float | None = None
        self._books = ThreadPoolExecutor(self.bookkeeping_threads, "rq-books")
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(16, "work"))
        self._loop_seen = time.monotonic()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rq-loop", daemon=True)
        self._thread.start()
        self._beats = self._start(self._heartbeats())
        self._beside: list[Future[None]] = [self._start(make()) for make in self.background]

    def request_stop(self, signum: int, frame: Any) -> None:
        """First signal: finish what runs, within the grace. Second: give it back at once. Sets flags, raises nothing."""
        if self._stop_requested:
            if time.monotonic() - (self._stop_asked_at or 0) > 1:
                self.grace_seconds = 0
            return
        self._stop_requested, self._shutdown_requested_date = True, now()
        self._stop_asked_at = time.monotonic()
        self.handle_warm_shutdown_request()
        self._freed.set()

    def teardown(self) -> None:
        """Wait for running jobs; past the grace, cancel them: they go back to the queue."""
        asked, cancelled = self._stop_asked_at or time.monotonic(), False
        while self._slots:
            if not cancelled and time.monotonic() - asked > self.grace_seconds:
                cancelled = True
                log.warning("worker.giving_back", jobs=len(self._slots))
                for slot in list(self._slots.values()):
                    self._loop.call_soon_threadsafe(self._give_up, slot)
            self._freed.wait(0.1)
            self._freed.clear()
        for task in (self._beats, *self._beside):
            task.cancel()
        super().teardown()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._books.shutdown(wait=True)

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """The next job once there is room for it, with RQ's signs of life and maintenance in between."""
        back_off, next_beat = 1.0, 0.0
        while True:
            if self._stop_requested:
                log.info("worker.stopping", jobs=len(self._slots), grace_seconds=self.grace_seconds)
                raise StopRequested
            try:
                next_beat = self._keep_house(next_beat)
                if found := self._take(wait=timeout is not None or bool(self._slots)):
                    return found
                if timeout is None and not self._slots:  # burst mode: the queue is empty
                    return None
                back_off = 1.0
            except REDIS_AWAY as away:
                log.warning("worker.redis_away", error=str(away), wait_seconds=back_off)
                self._freed.wait(back_off)
                back_off = min(back_off * 2, 15)

    def _keep_house(self, next_beat: float) -> float:
        state = WorkerStatus.BUSY if self._slots else WorkerStatus.IDLE
        if state != self.get_state():
            self.set_state(state)
        if time.monotonic() > next_beat:
            self.heartbeat()
            next_beat = time.monotonic() + self.beat_seconds
        if self.should_run_maintenance_tasks:
            self.run_maintenance_tasks()
        return next_beat

    def _take(self, *, wait: bool) -> Any:
        """Take a job, or None: there was no room for one, or none came in time.

        The id goes from the queue into its intermediate list in one step: a worker that dies here loses nothing.
        """
        if time.monotonic() - self._loop_seen > self.blocked_seconds or len(self._slots) >= self.concurrency:
            self._freed.wait(self.wait_seconds)
            self._freed.clear()
            return None
        queue = self.queues[0]
        lists = queue.key, queue.intermediate_queue_key
        redis: Any = self.connection  # its types know whole seconds only
        popped = redis.blmove(*lists, self.wait_seconds) if wait else redis.lmove(*lists)
        if not popped:
            return None
        job_id = as_text(popped)
        if self._stop_requested:  # a signal came while we waited: the job is for others
            self._leave(queue, job_id)
            raise StopRequested
        found = self.queue_class._fetch_dequeued_job(
            self.connection,
            queue.key,
            job_id,
            job_class=self.job_class,
            serializer=self.serializer,
            death_penalty_class=self.death_penalty_class,
        )
        if found is None:  # its record is gone
            self.connection.lrem(queue.intermediate_queue_key, 1, job_id)
            return None
        found[0].redis_server_version = self.get_redis_server_version()
        return found

    def _leave(self, queue: Queue, job_id: str) -> None:
        """Put a job that was taken back to where it was."""
        with self.connection.pipeline() as pipe:
            pipe.lrem(queue.intermediate_queue_key, 1, job_id)
            pipe.lpush(queue.key, job_id)
            pipe.execute()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Start the job on the loop and return at once."""
        execution = self.prepare_execution(job)
        slot = self._slots[execution.id] = Slot(job, queue, execution)
        self._start(self._run(slot)).add_done_callback(lambda done: self._done(slot, done))

    def serialize(self) -> dict[str, Any]:
        """RQ's own facts of this worker, with those that `rq info` does not know."""
        lag, self._lag = self._lag, 0.0
        self.told = Told(self.concurrency, len(self._slots), self._ended, round(1000 * lag, 1))
        return {**super().serialize(), **self.told._asdict()}

    def _done(self, slot: Slot, done: "Future[None]") -> None:
        self._ended += 1
        self._slots.pop(slot.execution.id, None)
        self.executions.pop(slot.execution.id, None)
        self._freed.set()
        if not done.cancelled() and (wrong := done.exception()):
            log.error("worker.bookkeeping_failed", job_id=slot.job.id, error=repr(wrong))

    async def _run(self, slot: Slot) -> None:
        job, queue, execution = slot.job, slot.queue, slot.execution
        finish: Callable[..., None]
        extra: tuple[Any, ...] = ()
        try:
            await self._book(self.prepare_job_execution, job, True)  # noqa: FBT003 (RQ's own argument)
            job.started_at = now()
            slot.work = asyncio.create_task(self._perform(job))
            if slot.given_back:
                slot.work.cancel()
            extra = (await slot.work,)
            finish = self._finalize_success
        except asyncio.CancelledError:
            finish = self._give_back
        except BaseException:  # noqa: BLE001 (RQ keeps it in the failure registry)
            finish, extra = self._finalize_failure, (sys.exc_info(),)
        await self._book_patiently(finish, job, queue, execution, *extra)

    async def _perform(self, job: Job) -> Any:
        _current_job.set(job)
        timeout = float(job.timeout or Queue.DEFAULT_TIMEOUT)
        function = await self._book(lambda: job.func)
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                return await function(*job.args, **job.kwargs)
        except TimeoutError:
            if limit.expired():
                raise JobTimeoutException(f"the job took longer than {timeout} s") from None
            raise

    def _give_up(self, slot: Slot) -> None:
        slot.given_back = True
        if slot.work:
            slot.work.cancel()

    def _give_back(self, job: Job, queue: Queue, execution: Any) -> None:
        """The item itself was given back by its runner; here only the job's record goes."""
        with self.connection.pipeline() as pipe:
            self.cleanup_execution(job, pipe, execution)
            job.delete(pipeline=pipe, remove_from_queue=False)
            pipe.execute()

    async def _book_patiently(self, function: Callable[..., None], *args: Any) -> None:
        """The work is done: ride out a restart of Redis before its record is lost (then the sweeper finds the item ended)."""
        for delay in (0.5, 1, 2, 4, 8, 16):
            try:
                return await self._book(function, *args)
            except REDIS_AWAY:
                await asyncio.sleep(delay)
        return await self._book(function, *args)

    def _book(self, function: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        context = contextvars.copy_context()
        return self._loop.run_in_executor(self._books, lambda: context.run(function, *args))

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """RQ's own is at least a minute longer than a beat."""
        return self.lease_seconds

    async def _heartbeats(self) -> None:
        """Signs of life for all jobs in one pipeline. A blocked loop stops giving them: that is intended."""
        due = 0.0
        while True:
            now_seen = time.monotonic()
            self._lag = max(self._lag, now_seen - self._loop_seen - 0.5)
            self._loop_seen = now_seen
            if self._loop_seen >= due:
                due = self._loop_seen + self.beat_seconds
                try:
                    await self._book(self._beat)
                except Exception as wrong:  # noqa: BLE001 (the next beat tries again)
                    log.warning("worker.heartbeat_failed", error=repr(wrong))
            await asyncio.sleep(0.5)

    def _beat(self) -> None:
        with self.connection.pipeline(transaction=False) as pipe:
            for slot in list(self._slots.values()):
                slot.execution.heartbeat(slot.job.started_job_registry, self.lease_seconds, pipe)
            pipe.hset(self.key, mapping=self.serialize())  # register again if Redis lost its data
            worker_registration.register(self, pipe)
            self.heartbeat(pipeline=pipe)
            pipe.execute()
