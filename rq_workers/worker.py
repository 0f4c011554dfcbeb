"""An RQ 3.0 worker that runs `async def` jobs, many at once, in one process.

Main thread: `BaseWorker.work()` with its signals, maintenance and dequeuing. Loop thread (`loop_thread`): one asyncio
task a job.
Bookkeeping threads: RQ's own blocking calls to Redis, so that Redis never blocks the loop.

What this and `intake` lean on inside RQ 3.0; a test fails when an upgrade changes any of it, or when this list is not true.
Overridden: `BaseWorker.bootstrap`, `BaseWorker.teardown`, `BaseWorker.request_stop`, `BaseWorker.check_for_suspension`,
`BaseWorker.run_maintenance_tasks`, `BaseWorker.dequeue_job_and_maintain_ttl`, `BaseWorker.execute_job`, `BaseWorker.heartbeat`,
`BaseWorker.serialize`, `BaseWorker.get_heartbeat_ttl`, `BaseWorker.handle_payload`, `BaseWorker.request_stop_execution`,
`BaseWorker._pubsub_exception_handler`.
Called: `BaseWorker.get_state`, `BaseWorker.set_state`, `BaseWorker.prepare_execution`, `BaseWorker.prepare_job_execution`,
`BaseWorker.cleanup_execution`, `BaseWorker.handle_job_failure`, `BaseWorker._finalize_success`,
`BaseWorker._finalize_failure`, `BaseWorker.get_redis_server_version`, `Queue._fetch_dequeued_job`,
`Queue.release_maintenance_lock`, `Job.fetch`, `Job.save`, `Job.delete`, `Execution.heartbeat`, `Execution.save`,
`ExecutionRegistry.add`, `StartedJobRegistry.add_execution`, `worker_registration.register`, `command.parse_payload`,
`command.handle_command`, `callbacks.execute_stopped_callback`, `suspension.is_suspended`.
Read or set: `_stop_requested`, `_shutdown_requested_date`, `_stopped_job_id`, `_state`, `executions`, `executions_key`,
`last_cleaned_at`, `should_run_maintenance_tasks`, `queue_class`, `job_class`, `intermediate_queue_key`, `job._current_job`.
"""

# pyright: reportPrivateUsage=false

import asyncio
import contextvars
import inspect
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from redis.exceptions import RedisError, ResponseError
from rq import worker_registration
from rq.callbacks import execute_stopped_callback
from rq.command import handle_command, parse_payload
from rq.exceptions import InvalidJobOperation, NoSuchJobError, StopRequested
from rq.executions import ExecutionRegistry
from rq.job import Job
from rq.queue import Queue
from rq.suspension import is_suspended
from rq.timeouts import TimerDeathPenalty
from rq.utils import now
from rq.worker import BaseWorker, WorkerStatus

from lumiku_web.logs import get_logger
from rq_workers.intake import REDIS_AWAY, Intake
from rq_workers.loop_thread import LoopThread
from rq_workers.slot import Slot, Told

log = get_logger(__name__)

#: What RQ says of a job of which Redis knows nothing any more. What it has done stands in PostgreSQL.
FORGOTTEN = (NoSuchJobError, InvalidJobOperation)


class AsyncWorker(BaseWorker):
    """See the module. Set `concurrency`, and `background` with what should run beside the jobs, before `work()`."""

    death_penalty_class = TimerDeathPenalty  # callbacks run in threads, where SIGALRM can't reach
    #: Jobs in flight.
    concurrency = 50
    #: Queue → its share of the turns. Empty: the queues strictly in their order.
    weights: Mapping[str, int] = {}
    #: Seconds that a warm shutdown waits for running jobs before it gives them back, and then for their end.
    grace_seconds = 15.0
    last_seconds = 20.0
    #: Seconds after which a silent worker's jobs are anybody's, after which it is not listed any more, and between two beats.
    lease_seconds = 45
    listed_seconds = 30
    beat_seconds = 2.0
    #: Seconds that one wait for a job, or for room for it, lasts at most: as late may a signal be noticed.
    wait_seconds = 0.5
    #: Seconds between two looks where Redis can't wait for us: at several queues.
    poll_seconds = 0.1
    #: Seconds of silence after which the loop counts as blocked: then it takes no work that others could do.
    blocked_seconds = 3.0
    bookkeeping_threads = 8
    #: Coroutine functions that live as long as the loop.
    background: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
    #: What was said with the last sign of life.
    told = Told()

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        """Start the loop thread beside RQ's own start."""
        self._slots: dict[str, Slot] = {}
        self._ended = 0
        self._freed = threading.Event()
        self._stopping = threading.Lock()
        self._stop_asked_at: float | None = None
        self._is_suspended = False
        self._looked_at = 0.0
        self._intake = Intake(self, self.weights)
        self._books = ThreadPoolExecutor(self.bookkeeping_threads, "rq-books")
        self._loop = LoopThread()
        super().bootstrap(*args, **kwargs)
        for make in (self._beats, *self.background):
            self._loop.beside(make)

    def request_stop(self, signum: int, frame: Any) -> None:
        """First signal: finish what runs, within the grace. Second: give it back at once.

        A signal may come while this very thread holds any lock: only plain attributes are set here.
        """
        if self._stop_requested:
            if time.monotonic() - (self._stop_asked_at or 0) > 1:
                self.grace_seconds = 0
            return
        self._stop_asked_at = time.monotonic()
        self._stop_requested, self._shutdown_requested_date = True, now()

    def teardown(self) -> None:
        """Wait for running jobs; past the grace, cancel them: they go back to the queue."""
        log.info("worker.stopping", jobs=len(self._slots), grace_seconds=self.grace_seconds)
        self._state = "stopping"
        self._drain(self._stop_asked_at or time.monotonic())
        self._loop.end(self.last_seconds)
        try:
            super().teardown()
        except RedisError as away:  # it is taken off the list when its time is over
            log.warning("worker.redis_away", error=str(away))
        self._books.shutdown(wait=not self._slots, cancel_futures=True)

    def _drain(self, asked: float) -> None:
        given_back_at: float | None = None
        while self._slots:
            if given_back_at is None and time.monotonic() - asked > self.grace_seconds:
                given_back_at = time.monotonic()
                log.warning("worker.giving_back", jobs=len(self._slots))
                for slot in list(self._slots.values()):
                    self._loop.soon(slot.cancel, "give_back")
            if given_back_at is not None and time.monotonic() - given_back_at > self.last_seconds:
                log.error("worker.left_behind", jobs=[slot.job.id for slot in list(self._slots.values())])
                return
            self._freed.wait(0.1)
            self._freed.clear()

    # The main thread: taking jobs. RQ's `work()` ends at the first error that comes out of one of these.

    def check_for_suspension(self, burst: bool) -> None:
        """RQ asks before each job only; see `_may_take`."""

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """The main thread gives no signs of life: a worker whose loop is blocked is not alive."""
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)

    def run_maintenance_tasks(self) -> None:
        """RQ's own; what it can't read is dropped, so that it stumbles once and not each time."""
        try:
            super().run_maintenance_tasks()
        except REDIS_AWAY:
            raise
        except Exception as wrong:  # noqa: BLE001 (registries may hold anything)
            log.warning("worker.maintenance_failed", error=repr(wrong))
            self._intake.sift()
        finally:
            self.last_cleaned_at = now()

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """The next job once there is room for it, with maintenance in between. None: a burst is over, or it was idle too long."""
        is_burst, idle_since, back_off = timeout is None, time.monotonic(), 1.0
        while not self._stop_requested:
            try:
                was_busy = bool(self._slots)  # asked before looking: what ends meanwhile may have queued more
                if self._may_take():
                    wait = not is_burst or was_busy
                    if found := self._intake.take(self.wait_seconds if wait else 0):
                        return self._accepted(*found)
                    if not wait or self._is_idle_since(idle_since, max_idle_time):
                        return None
                    if len(self.queues) > 1:
                        self._freed.wait(self.poll_seconds)
                elif is_burst and self._is_suspended:
                    raise StopRequested
                back_off = 1.0
            except (*REDIS_AWAY, ResponseError) as wrong:
                is_away = isinstance(wrong, REDIS_AWAY)
                log.warning("worker.redis_away" if is_away else "worker.redis_refused", error=str(wrong), wait_seconds=back_off)
                self._freed.wait(back_off)
                back_off = min(back_off * 2, 5)
                if not is_away:
                    self._mend()
        raise StopRequested

    def _may_take(self) -> bool:
        """Keep house; then say whether there may be a job, after waiting a moment if not."""
        self._freed.clear()
        if time.monotonic() - self._looked_at > 1:
            self._looked_at = time.monotonic()
            self._is_suspended = bool(is_suspended(self.connection))
        state = WorkerStatus.SUSPENDED if self._is_suspended else WorkerStatus.BUSY if self._slots else WorkerStatus.IDLE
        if state != self.get_state():
            self.set_state(state)
        if self.should_run_maintenance_tasks:
            self.run_maintenance_tasks()
        if self._is_suspended or self._loop.is_blocked(self.blocked_seconds) or len(self._slots) >= self.concurrency:
            self._freed.wait(self.wait_seconds)
            return False
        return True

    def _is_idle_since(self, moment: float, max_idle_seconds: int | None) -> bool:
        return max_idle_seconds is not None and not self._slots and time.monotonic() - moment > max_idle_seconds

    def _accepted(self, job: Job, queue: Queue) -> tuple[Job, Queue]:
        if self._stop_requested:  # a signal came while we waited: the job is for others
            self._intake.leave(job, queue)
            raise StopRequested
        job.redis_server_version = self.get_redis_server_version()
        return job, queue

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Start the job on the loop and return at once."""
        try:
            execution = self.prepare_execution(job)
        except REDIS_AWAY as away:
            log.warning("worker.redis_away", error=str(away))
            self._intake.again(job, queue)
        except RedisError as refused:
            log.warning("worker.redis_refused", error=str(refused))
            if not self._mend():
                self._intake.bury(queue, job.id.encode(), refused)
        else:
            slot = self._slots[execution.id] = Slot(job, queue, execution)
            self._loop.start(self._run(slot)).add_done_callback(lambda done: self._done(slot, done))
            return
        self.executions = {slot.execution.id: slot.execution for slot in list(self._slots.values())}

    def _mend(self) -> int:
        try:
            return self._intake.mend()
        except RedisError as away:
            log.warning("worker.redis_away", error=str(away))
            return 0

    # The loop: one task a job.

    async def _run(self, slot: Slot) -> None:
        job, queue, execution = slot.job, slot.queue, slot.execution
        finish: Callable[..., None]
        extra: tuple[Any, ...] = ()
        try:
            function = await self._book_patiently(self._begin, job)
            extra = (await slot.begin(function),)
            finish = self._succeed
        except asyncio.CancelledError:
            finish = self._stopped if slot.cancelled_to == "stop" else self._give_back
        except BaseException:  # noqa: BLE001 (RQ keeps it in the failure registry)
            finish, extra = self._finalize_failure, (sys.exc_info(),)
        await self._book_patiently(finish, job, queue, execution, *extra)

    def _done(self, slot: Slot, done: "Future[None]") -> None:
        self._ended += slot.cancelled_to != "give_back"
        self._slots.pop(slot.execution.id, None)
        self.executions.pop(slot.execution.id, None)
        self._freed.set()
        wrong = None if done.cancelled() else done.exception()
        if isinstance(wrong, FORGOTTEN):
            log.warning("worker.job_forgotten", job_id=slot.job.id, error=str(wrong))
        elif wrong:
            log.error("worker.bookkeeping_failed", job_id=slot.job.id, error=repr(wrong))

    async def _beats(self) -> None:
        """Signs of life. A blocked loop gives none: that is intended."""
        while True:
            try:
                await self._book(self._beat)
            except RedisError as wrong:
                log.warning("worker.heartbeat_failed", error=repr(wrong))
                if isinstance(wrong, ResponseError):
                    await self._book(self._mend)
            await asyncio.sleep(self.beat_seconds)

    def _book(self, function: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        context = contextvars.copy_context()
        return self._loop.loop.run_in_executor(self._books, lambda: context.run(function, *args))

    async def _book_patiently(self, function: Callable[..., Any], *args: Any) -> Any:
        """Ride out a restart of Redis: what a job has done must not be lost with its record."""
        for delay in (0.5, 1, 2, 4, 8, 16):
            try:
                return await self._book(function, *args)
            except REDIS_AWAY:
                await asyncio.sleep(delay)
        return await self._book(function, *args)

    # The bookkeeping threads: what is said to Redis.

    def _begin(self, job: Job) -> Callable[..., Coroutine[Any, Any, Any]]:
        self.prepare_job_execution(job, True)  # noqa: FBT003 (RQ's own argument)
        job.started_at = now()
        function = job.func
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"{job.func_name} is no `async def`: it would block all other jobs")
        return function

    def _succeed(self, job: Job, queue: Queue, execution: Any, result: Any) -> None:
        try:
            self._finalize_success(job, queue, execution, result)
        except (*REDIS_AWAY, *FORGOTTEN):
            raise
        except Exception:  # noqa: BLE001 (a result or a callback that can't be had is the job's failure: so says RQ)
            self._finalize_failure(job, queue, execution, sys.exc_info())

    def _stopped(self, job: Job, queue: Queue, execution: Any) -> None:
        job.ended_at = now()
        try:
            execute_stopped_callback(job, self.death_penalty_class)
        except Exception:
            log.exception("worker.callback_failed", job_id=job.id)
        with self._stopping:  # RQ knows one stopped job a worker
            self._stopped_job_id = job.id
            self.handle_job_failure(job, queue, exc_string="Job stopped by user.", execution=execution)

    def _give_back(self, job: Job, queue: Queue, execution: Any) -> None:
        """The item itself was given back by its runner; here only the job's record goes."""
        with self.connection.pipeline() as pipe:
            self.cleanup_execution(job, pipe, execution)
            job.delete(pipeline=pipe, remove_from_queue=False)
            pipe.execute()

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """RQ's own is at least a minute longer than a beat."""
        return self.lease_seconds

    def serialize(self) -> dict[str, Any]:
        """RQ's own facts of this worker, with those that `rq info` does not know: see `WorkerRead`."""
        lag_ms = round(1000 * self._loop.worst_lag(), 1)
        self.told = Told(self.concurrency, len(self._slots), self._ended, lag_ms)
        return {**super().serialize(), **self.told._asdict(), "state": self.get_state()}

    def _beat(self) -> None:
        """One round trip for all jobs; where Redis has lost its data, a second one tells it again what runs here."""
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.exists(self.key)
            for slot in list(self._slots.values()):
                slot.execution.heartbeat(slot.job.started_job_registry, self.lease_seconds, pipe)
            pipe.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipe)
            self.heartbeat(self.listed_seconds, pipeline=pipe)
            is_known = pipe.execute()[0]
        if not is_known:
            self._tell_again()

    def _tell_again(self) -> None:
        running = [slot for slot in list(self._slots.values()) if slot.work and not slot.work.done()]
        log.warning("worker.told_again", jobs=len(running))
        with self.connection.pipeline(transaction=False) as pipe:
            for slot in running:
                job, execution = slot.job, slot.execution
                job.save(pipeline=pipe)
                execution.save(self.lease_seconds, pipe)
                job.started_job_registry.add_execution(execution, pipeline=pipe, ttl=self.lease_seconds)
                ExecutionRegistry(job.id, self.connection).add(execution, self.lease_seconds, pipe)
                pipe.sadd(self.executions_key, execution.composite_key)
            pipe.expire(self.executions_key, self.listed_seconds)
            pipe.execute()

    # The thread of RQ's commands. An error that comes out of these would end it.

    def handle_payload(self, message: Any) -> None:
        """RQ's own looks for the job to stop in one execution only."""
        try:
            payload = parse_payload(message)
            if payload["command"] != "stop-job":
                handle_command(self, payload)
                return
            for slot in list(self._slots.values()):
                if slot.job.id == payload["job_id"]:
                    self.request_stop_execution(slot.execution.id)
        except Exception as wrong:  # noqa: BLE001 (anybody may say anything on this channel)
            log.warning("worker.command_refused", error=repr(wrong))

    def request_stop_execution(self, execution_id: str) -> None:
        """End this execution alone. One that has ended is left alone."""
        if slot := self._slots.get(execution_id):
            self._loop.soon(slot.cancel, "stop")

    def _pubsub_exception_handler(self, exc: Exception, pubsub: Any, pubsub_thread: Any) -> None:
        """RQ's own ends the thread at a timeout."""
        log.warning("worker.commands_away", error=str(exc))
        time.sleep(1)
