"""The queue, on a real Redis that forgets, keeps nonsense, and knows workers that are gone."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from redis import Redis
from rq.serializers import JSONSerializer
from rq.utils import utcformat

from lumiku_web.adapters.queue_rq import QUEUE, OurJob, RqQueue, listen
from lumiku_web.clock import utc_now
from lumiku_web.domain.generations.ports import WORKER_SILENT_SECONDS
from lumiku_web.ids import new_id
from lumiku_web.local_stack.services import EmbeddedServices
from tests.factories.waiting import eventually

ITEM = new_id()
JOB = f"{ITEM}-1"
WAITING, TAKEN = f"rq:queue:{QUEUE}", f"rq:queue:{QUEUE}:intermediate"


@pytest.fixture
def redis(stack: EmbeddedServices) -> Iterator[Redis]:
    with Redis.from_url(stack.redis_url) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def queue(redis: Redis) -> RqQueue:
    made = RqQueue(redis)
    made.enqueue(ITEM, 1, correlation_id="c0ffee", timeout_seconds=60)
    return made


def test_twice_the_same_is_once_delivered(queue: RqQueue) -> None:
    queue.enqueue(ITEM, 1, correlation_id="c0ffee", timeout_seconds=60)
    assert (queue.waiting(), queue.is_alive(ITEM, 1), queue.is_alive(ITEM, 2)) == (1, True, False)


def test_q2_a_job_that_was_taken_and_never_began_is_lost_after_a_while(queue: RqQueue, redis: Redis) -> None:
    redis.lmove(WAITING, TAKEN)
    assert queue.is_alive(ITEM, 1), "a worker may be about to begin"
    assert queue.is_alive(ITEM, 1)
    seen = f"{TAKEN}:first_seen:{JOB}"
    redis.set(seen, (utc_now() - timedelta(seconds=20)).timestamp())
    assert not queue.is_alive(ITEM, 1)
    redis.delete(TAKEN)
    assert not queue.is_alive(ITEM, 1), "it says `queued` and is in no list"


def test_a_waiting_job_is_taken_back_and_one_that_is_gone_is_left_alone(queue: RqQueue, redis: Redis) -> None:
    queue.stop(ITEM, 1)
    queue.stop(ITEM, 1)
    assert (queue.waiting(), redis.exists(f"rq:job:{JOB}")) == (0, 0)


@pytest.mark.parametrize("field", ["status", "created_at", "timeout"])
def test_a_record_that_nobody_can_read_is_no_job(queue: RqQueue, redis: Redis, field: str) -> None:
    redis.hset(f"rq:job:{JOB}", field, b"\xff nonsense")
    assert not queue.is_alive(ITEM, 1)
    queue.stop(ITEM, 1)


def test_a_record_of_another_type_is_no_job(queue: RqQueue, redis: Redis) -> None:
    redis.delete(f"rq:job:{JOB}")
    redis.set(f"rq:job:{JOB}", "a text")
    assert not queue.is_alive(ITEM, 1)
    queue.stop(ITEM, 1)


def test_a_job_can_not_name_callbacks_or_addresses(queue: RqQueue, redis: Redis) -> None:
    redis.hset(
        f"rq:job:{JOB}",
        mapping={
            "success_callback_name": "os.abort",
            "failure_callback_name": "os.abort",
            "stopped_callback_name": "os.abort",
            "webhooks": '[{"url": "http://127.0.0.1:9/", "job_status": "finished"}]',
        },
    )
    job = OurJob.fetch(JOB, connection=redis, serializer=JSONSerializer)
    assert [job.success_callback, job.failure_callback, job.stopped_callback] == [None] * 3
    job.send_webhooks("finished")


def test_only_workers_that_were_heard_lately_and_make_sense_are_counted(queue: RqQueue, redis: Redis) -> None:
    def register(name: str, silent_seconds: float, **facts: object) -> None:
        heard = utcformat(utc_now() - timedelta(seconds=silent_seconds))
        redis.sadd(f"rq:workers:{QUEUE}", f"rq:worker:{name}")
        redis.hset(f"rq:worker:{name}", mapping={"last_heartbeat": heard, "pid": "7", "concurrency": "50", **facts})  # pyright: ignore[reportArgumentType]  (its types know texts only)

    register("here", 1, in_flight="3", state="busy", loop_lag_ms="2.5", done="9")
    register("gone", WORKER_SILENT_SECONDS + 1)
    register("nonsense", 1, pid="seven")
    redis.sadd(f"rq:workers:{QUEUE}", "rq:worker:expired", "rq:worker:text")
    redis.set("rq:worker:text", "a text")
    (one,) = queue.workers()
    assert (one.name, one.pid, one.in_flight, one.concurrency, one.done) == ("here", 7, 3, 50, 9)
    assert (one.loop_lag_ms, one.state) == (2.5, "busy")


async def test_whoever_listens_is_woken_at_once_and_again_when_redis_was_away(queue: RqQueue, stack: EmbeddedServices) -> None:
    woken = 0

    def wake() -> None:
        nonlocal woken
        woken += 1

    async def is_woken(times: int) -> bool:
        return woken >= times

    listening = asyncio.create_task(listen(stack.redis_url, wake))
    await eventually(lambda: is_woken(1), what="something may have been missed before")
    await asyncio.to_thread(queue.wake)
    await eventually(lambda: is_woken(2))
    await asyncio.to_thread(stack.redis.stop)
    await asyncio.to_thread(stack.redis.start)
    await eventually(lambda: is_woken(3), what="something may have been missed meanwhile")
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
