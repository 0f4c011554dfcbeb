"""The RQ worker itself, in the test's own process on a real Redis: rooms, ends, signals, a blocked loop, Redis away."""

import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import now

from lumiku_web.local_stack.services import EmbeddedServices
from rq_workers.worker import AsyncWorker
from tests.factories.waiting import wait_for
from tests.integration.worker.jobs import BOARD

JOBS = "tests.integration.worker.jobs"


class LabWorker(AsyncWorker):
    """The worker in a thread of the test: signals are sent by `request_stop`."""

    beat_seconds = 0.05
    wait_seconds = 0.05

    def _install_signal_handlers(self) -> None:
        """Only a main thread may have them."""


class Lab:
    """A queue and one worker on it."""

    def __init__(self, url: str, kind: type[LabWorker] = LabWorker) -> None:
        self.redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
        self.queue = Queue("lab", connection=self.redis, serializer=JSONSerializer)
        self.worker = kind([self.queue], connection=self.redis, serializer=JSONSerializer)
        self.thread: threading.Thread | None = None

    def give(self, job: str, *args: str, **options: int) -> Job:
        return self.queue.enqueue(f"{JOBS}.{job}", *args, **options)

    def work(self, *, burst: bool = False) -> None:
        """Start working; a burst ends when the queue is empty."""
        self.thread = threading.Thread(target=self.worker.work, kwargs={"burst": burst, "logging_level": "CRITICAL"})
        self.thread.start()

    def ask_to_stop(self) -> None:
        self.worker.request_stop(signal.SIGTERM, None)

    def is_done(self) -> bool:
        return self.thread is not None and not self.thread.is_alive()

    def status(self, job: Job) -> JobStatus:
        return job.get_status(refresh=True)

    def running(self) -> int:
        return len(self.worker._slots)

    def close(self) -> None:
        """End whatever still runs."""
        if self.thread is not None:
            self.worker.grace_seconds = 0
            self.ask_to_stop()
            self.thread.join(30)
            assert not self.thread.is_alive()
        self.redis.close()


@pytest.fixture
def redis_url(stack: EmbeddedServices) -> Iterator[str]:
    BOARD.wipe()
    with Redis.from_url(stack.redis_url) as redis:
        redis.flushall()
    yield stack.redis_url
    BOARD.opened |= BOARD.running


@pytest.fixture
def lab(redis_url: str) -> Iterator[Lab]:
    made = Lab(redis_url)
    yield made
    BOARD.opened |= BOARD.running
    made.close()


def test_a_burst_does_everything_and_ends(lab: Lab) -> None:
    jobs = [lab.give("say", word) for word in ("one", "two", "three")]
    lab.work(burst=True)
    wait_for(lab.is_done)
    assert sorted(BOARD.done) == ["one", "three", "two"]
    assert [lab.status(job) for job in jobs] == [JobStatus.FINISHED] * 3


def test_never_more_jobs_in_flight_than_there_is_room_for(lab: Lab) -> None:
    lab.worker.concurrency = 2
    for gate in "abcde":
        lab.give("hold", gate)
    lab.work()
    wait_for(lambda: len(BOARD.running) == 2)
    assert lab.queue.count == 3
    BOARD.opened |= set("abcde")
    wait_for(lambda: sorted(BOARD.done) == list("abcde"))
    assert BOARD.most_running == 2


def test_a_job_that_fails_is_kept_with_its_reason_and_hurts_no_other(lab: Lab) -> None:
    bad, good = lab.give("fail"), lab.give("say", "after it")
    lab.work(burst=True)
    wait_for(lab.is_done)
    assert lab.status(bad) == JobStatus.FAILED
    assert bad.id in lab.queue.failed_job_registry.get_job_ids()
    assert "ValueError: on purpose" in str(bad.latest_result().exc_string)
    assert lab.status(good) == JobStatus.FINISHED


def test_a_job_is_ended_at_its_time_limit_and_told_from_a_timeout_of_its_own(lab: Lab) -> None:
    late, own = lab.give("hold", "never", job_timeout=1), lab.give("time_out")
    lab.work(burst=True)
    wait_for(lab.is_done)
    assert "the job took longer than 1.0 s" in str(late.latest_result().exc_string)
    assert "TimeoutError: the job's own" in str(own.latest_result().exc_string)
    assert BOARD.running == set()


def test_a_job_whose_record_is_gone_is_passed_over(lab: Lab) -> None:
    lost, kept = lab.give("say", "lost"), lab.give("say", "kept")
    lab.redis.delete(lost.key)
    lab.work()
    wait_for(lambda: lab.status(kept) == JobStatus.FINISHED)
    assert BOARD.done == ["kept"]
    assert lab.queue.intermediate_queue.get_job_ids() == []


def test_a_job_whose_end_can_not_be_written_down_frees_its_room(lab: Lab) -> None:
    lab.worker.concurrency = 1
    lab.give("answer_what_no_json_can_say")
    lab.give("say", "next")
    lab.work()
    wait_for(lambda: BOARD.done == ["next"])


def test_what_a_dead_worker_left_behind_is_cleared_away(lab: Lab) -> None:
    started = StartedJobRegistry(queue=lab.queue)
    lab.redis.zadd(started.key, {"gone:execution": time.time() - 3600})
    lab.work()
    wait_for(lambda: lab.worker.last_cleaned_at)
    assert lab.redis.zcard(started.key) == 0
    lab.redis.zadd(started.key, {"gone:too": time.time() - 3600})
    lab.worker.last_cleaned_at = now() - timedelta(hours=1)
    wait_for(lambda: lab.redis.zcard(started.key) == 0, what="again, when it is time")


def test_q7_stopping_waits_for_what_runs_and_takes_nothing_new(lab: Lab) -> None:
    running = lab.give("hold", "a")
    lab.work()
    wait_for(lambda: BOARD.running == {"a"})
    lab.ask_to_stop()
    lab.ask_to_stop()
    assert lab.worker.grace_seconds > 0, "two signals at once are one: a terminal sends them to everybody"
    waiting = lab.give("say", "too late")
    BOARD.opened.add("a")
    wait_for(lab.is_done)
    assert (lab.status(running), lab.status(waiting)) == (JobStatus.FINISHED, JobStatus.QUEUED)
    assert lab.queue.get_job_ids() == [waiting.id]


def test_q7_what_outlasts_the_grace_is_cancelled_and_its_record_goes(lab: Lab) -> None:
    job = lab.give("hold", "long")
    lab.work()
    wait_for(lambda: BOARD.running == {"long"})
    lab.worker.grace_seconds = 0
    lab.ask_to_stop()
    wait_for(lab.is_done)
    assert (BOARD.running, BOARD.done) == (set(), [])
    assert not Job.exists(job.id, connection=lab.redis)
    assert StartedJobRegistry(queue=lab.queue).get_job_ids() == []


class StoppedWhileItPrepares(LabWorker):
    """The signal comes between taking a job and calling its function."""

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:  # noqa: FBT002 (RQ's own)
        self.grace_seconds = 0
        self.request_stop(signal.SIGTERM, None)
        wait_for(lambda: all(slot.cancelled_to for slot in self._slots.values()))
        super().prepare_job_execution(job, remove_from_intermediate_queue)


def test_q7_a_job_given_back_before_it_began_never_begins(redis_url: str) -> None:
    lab = Lab(redis_url, StoppedWhileItPrepares)
    job = lab.give("say", "never")
    lab.work()
    wait_for(lab.is_done)
    assert BOARD.done == []
    assert not Job.exists(job.id, connection=lab.redis)
    lab.close()


class StoppedWhileItWaits(LabWorker):
    """The signal comes while a job is on its way from Redis."""

    def _accepted(self, job: Job, queue: Queue) -> object:
        self._stop_requested = True
        return super()._accepted(job, queue)


def test_q7_a_job_that_arrives_with_the_signal_goes_back_to_its_place(redis_url: str) -> None:
    lab = Lab(redis_url, StoppedWhileItWaits)
    first, second = lab.give("say", "first"), lab.give("say", "second")
    lab.work()
    wait_for(lab.is_done)
    assert BOARD.done == []
    assert lab.queue.get_job_ids() == [first.id, second.id]
    assert lab.queue.intermediate_queue.get_job_ids() == []
    lab.close()


def test_a_worker_with_a_blocked_loop_leaves_work_to_others(lab: Lab, redis_url: str) -> None:
    lab.worker.blocked_seconds = 0.6
    lab.give("block", "stuck")
    lab.work()
    wait_for(lambda: BOARD.running == {"stuck"})
    wait_for(lambda: time.monotonic() - lab.worker._loop.seen_at > lab.worker.blocked_seconds + 2 * lab.worker.wait_seconds)
    job = lab.give("say", "by the other")
    other = Lab(redis_url)
    other.work(burst=True)
    wait_for(other.is_done)
    assert (BOARD.done, lab.running(), lab.status(job)) == (["by the other"], 1, JobStatus.FINISHED)
    other.close()


def test_q2_a_worker_without_redis_finishes_waits_and_goes_on(lab: Lab, stack: EmbeddedServices) -> None:
    """Redis comes back empty here: the worker registers again, and its room is free."""
    lab.give("hold", "a")
    lab.work()
    wait_for(lambda: BOARD.running == {"a"})
    stack.redis.stop()
    try:
        BOARD.opened.add("a")
        wait_for(lambda: BOARD.done == ["a"], what="what runs needs no Redis")
        assert lab.running() == 1
    finally:
        stack.redis.start()
    wait_for(lambda: lab.running() == 0, what="its end was written down, later")
    wait_for(lambda: [one.name for one in Worker.all(connection=lab.redis)] == [lab.worker.name], what="it is registered again")
    lab.give("say", "next")
    wait_for(lambda: BOARD.done == ["a", "next"])
    assert lab.thread is not None
    assert lab.thread.is_alive()
