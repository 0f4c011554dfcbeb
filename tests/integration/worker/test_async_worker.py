"""The RQ worker itself, in the test's own process on a real Redis: rooms, ends, signals, a blocked loop, Redis away."""

import signal
import time
from datetime import timedelta

from rq import Callback, Queue, Worker
from rq.command import send_stop_execution_command, send_stop_job_command
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.suspension import resume, suspend
from rq.utils import now
from structlog.testing import capture_logs

from lumiku_web.local_stack.services import EmbeddedServices
from rq_workers.intake import Strides
from tests.factories.waiting import wait_for
from tests.integration.worker.jobs import BOARD
from tests.integration.worker.lab import JOBS, Lab, LabWorker


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


def test_a_plain_function_is_refused_because_it_would_block_all_others(lab: Lab) -> None:
    job = lab.give("no_coroutine")
    lab.work(burst=True)
    wait_for(lab.is_done)
    assert "no `async def`" in str(job.latest_result().exc_string)
    assert BOARD.done == []


def test_a_burst_goes_on_while_jobs_run_and_callbacks_queue_more(lab: Lab) -> None:
    lab.queue.enqueue(f"{JOBS}.hold", "a", on_success=Callback(f"{JOBS}.queue_another"))
    lab.work(burst=True)
    wait_for(lambda: BOARD.running == {"a"})
    wait_for(lambda: lab.redis.hget(lab.worker.key, "in_flight") == b"1")
    BOARD.opened.add("a")
    wait_for(lab.is_done)
    assert BOARD.done == ["a", "another"]


def test_queues_take_turns_by_their_weights_and_lose_nothing(redis_url: str) -> None:
    lab = Lab(redis_url, queues=("heavy", "light"))
    lab.worker.weights, lab.worker.concurrency = {"heavy": 3, "light": 1}, 1
    for queue in lab.queues:
        for _ in range(8):
            queue.enqueue(f"{JOBS}.say", queue.name)
    lab.work(burst=True)
    wait_for(lab.is_done)
    assert [BOARD.done[:8].count(name) for name in ("heavy", "light")] == [6, 2]
    assert sorted(BOARD.done) == ["heavy"] * 8 + ["light"] * 8
    assert [queue.intermediate_queue.get_job_ids() for queue in lab.queues] == [[], []]
    lab.close()


def test_a_queue_that_was_empty_has_saved_no_turns() -> None:
    strides = Strides(["heavy", "light"], {"heavy": 4, "light": 1})
    for _ in range(40):
        strides.served("heavy")
    for name in ("light", "heavy", "heavy", "heavy", "heavy"):
        assert strides.order()[0] == name
        strides.served(name)
    assert Strides(["b", "a"], {}).order() == ["b", "a"]


def test_a_suspended_worker_takes_nothing_and_what_runs_goes_on(lab: Lab) -> None:
    running = lab.give("hold", "a")
    lab.work()
    wait_for(lambda: BOARD.running == {"a"})
    suspend(lab.redis)
    wait_for(lambda: lab.worker.get_state() == "suspended")
    waiting = lab.give("say", "later")
    BOARD.opened.add("a")
    wait_for(lambda: lab.status(running) == JobStatus.FINISHED)
    assert lab.status(waiting) == JobStatus.QUEUED
    resume(lab.redis)
    wait_for(lambda: lab.status(waiting) == JobStatus.FINISHED)


def test_one_of_many_jobs_is_stopped_and_no_other(lab: Lab) -> None:
    jobs = [lab.give("hold", gate) for gate in "abc"]
    lab.work()
    wait_for(lambda: BOARD.running == set("abc"))
    send_stop_job_command(lab.redis, jobs[1].id, serializer=JSONSerializer)
    wait_for(lambda: lab.status(jobs[1]) == JobStatus.STOPPED)
    assert BOARD.running == {"a", "c"}
    assert jobs[1].id in lab.queue.failed_job_registry.get_job_ids()
    (execution,) = jobs[2].get_executions()
    send_stop_execution_command(lab.redis, jobs[2].id, execution.id)
    wait_for(lambda: lab.status(jobs[2]) == JobStatus.STOPPED)
    BOARD.opened.add("a")
    wait_for(lambda: lab.status(jobs[0]) == JobStatus.FINISHED)


def test_nonsense_on_the_channel_of_commands_is_passed_over(lab: Lab) -> None:
    job = lab.give("hold", "a")
    lab.work()
    wait_for(lambda: BOARD.running == {"a"})
    for nonsense in ("", "{", "[]", "{}", '{"command": 7}', '{"command": "stop-job"}', b"\xff"):
        lab.redis.publish(lab.worker.pubsub_channel_name, nonsense)
    send_stop_job_command(lab.redis, job.id, serializer=JSONSerializer)
    wait_for(lambda: lab.status(job) == JobStatus.STOPPED)


def test_rq_sees_what_runs(lab: Lab) -> None:
    jobs = [lab.give("hold", gate) for gate in "ab"]
    lab.work()
    wait_for(lambda: BOARD.running == set("ab"))
    (seen,) = Worker.all(connection=lab.redis)
    assert {execution.job_id for execution in seen.get_current_executions()} == {job.id for job in jobs}
    assert set(StartedJobRegistry(queue=lab.queue).get_job_ids()) == {job.id for job in jobs}
    wait_for(lambda: lab.redis.hget(lab.worker.key, "in_flight") == b"2")
    assert seen.get_state() == "busy"
    BOARD.opened |= set("ab")
    wait_for(lambda: lab.redis.hget(lab.worker.key, "done") == b"2")
    assert lab.redis.hget(lab.worker.key, "in_flight") == b"0"
    assert seen.get_current_executions(refresh=True) == []
    assert set(lab.queue.finished_job_registry.get_job_ids()) == {job.id for job in jobs}


def test_q2_what_runs_is_told_again_to_a_redis_that_forgot(lab: Lab) -> None:
    job = lab.give("hold", "a")
    lab.work()
    wait_for(lambda: BOARD.running == {"a"})
    lab.redis.flushall()
    wait_for(lambda: StartedJobRegistry(queue=lab.queue).get_job_ids() == [job.id])
    assert lab.status(job) == JobStatus.STARTED
    (seen,) = wait_for(lambda: Worker.all(connection=lab.redis))
    wait_for(lambda: [execution.job_id for execution in seen.get_current_executions(refresh=True)] == [job.id])
    BOARD.opened.add("a")
    wait_for(lambda: lab.status(job) == JobStatus.FINISHED)


def test_q2_a_job_that_redis_forgot_ends_without_its_record(lab: Lab) -> None:
    lab.worker.beat_seconds = 3600
    with capture_logs() as told:
        lab.give("hold", "a", result_ttl=0)
        lab.work()
        wait_for(lambda: BOARD.running == {"a"})
        lab.redis.flushall()
        BOARD.opened.add("a")
        wait_for(lambda: lab.running() == 0)
        lab.give("say", "the next one")
        wait_for(lambda: BOARD.done == ["a", "the next one"])
    assert [line["log_level"] for line in told if line["event"] == "worker.job_forgotten"] == ["warning"]
    assert "worker.bookkeeping_failed" not in {line["event"] for line in told}


def test_a_worker_with_a_blocked_loop_is_silent_and_leaves_work_to_others(lab: Lab, redis_url: str) -> None:
    lab.worker.blocked_seconds = 0.6
    with capture_logs() as told:
        lab.give("block", "stuck")
        lab.work()
        wait_for(lambda: BOARD.running == {"stuck"})
        wait_for(lambda: time.monotonic() - lab.worker._loop.seen_at > lab.worker.blocked_seconds + 2 * lab.worker.wait_seconds)
        heard = lab.redis.hget(lab.worker.key, "last_heartbeat")
        job = lab.give("say", "by the other")
        other = Lab(redis_url)
        other.work(burst=True)
        wait_for(other.is_done)
        assert (BOARD.done, lab.running(), lab.status(job)) == (["by the other"], 1, JobStatus.FINISHED)
        assert lab.redis.hget(lab.worker.key, "last_heartbeat") == heard
        other.close()
    stacks = [line["stack"] for line in told if line["event"] == "worker.loop_blocked"]
    assert sum("in block" in stack for stack in stacks) == 1


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
