"""No order is lost: not by Redis, not by a worker (Q1, Q2, Q7)."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from redis import Redis
from rq.job import Job

from lumiku_web import bridge
from lumiku_web.adapters.queue_rq import OurJob, RqQueue
from lumiku_web.bootstrap import Services
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.policy import RENEWAL
from lumiku_web.domain.generations.schemas import ItemStatus
from lumiku_web.domain.generations.sweeper import Sweeper
from lumiku_web.errors import Transient, Unavailable
from lumiku_web.ids import new_id
from lumiku_web.local_stack.services import EmbeddedServices
from tests.factories.clockwork import end_lease, hand_over_long_ago, make_due, order_long_ago
from tests.factories.house import House
from tests.factories.rows import all_rows


@pytest.fixture
def sweeper(services: Services) -> Sweeper:
    return Sweeper(bridge.call, services.leases, services.queue)


@pytest.fixture
def redis(services: Services, stack: EmbeddedServices) -> Redis:
    return Redis.from_url(stack.redis_url, single_connection_client=True)


def row(item_id: UUID) -> GenerationItem:
    return next(item for item in all_rows(GenerationItem) if item.id == item_id)


async def test_q2_a_flushed_redis_is_filled_again_from_the_rows(
    house: House, services: Services, sweeper: Sweeper, redis: Redis
) -> None:
    items = [item.id for item in house.submit(house.member(), count=4).items]
    await house.hand_over()
    redis.flushall()
    assert not any(services.queue.is_alive(item, 1) for item in items)
    assert await sweeper.once() == 0, "just handed over: it may still be on its way"
    for item in items:
        hand_over_long_ago(item)
    assert await sweeper.once() == 4
    assert await house.hand_over() == 4
    assert all(services.queue.is_alive(item, 2) for item in items)
    assert await sweeper.once() == 0


async def test_what_waits_in_the_queue_is_left_alone(house: House, services: Services, sweeper: Sweeper) -> None:
    item = house.dispatch(house.submit(house.member()).items[0].id)
    hand_over_long_ago(item)
    assert await sweeper.once() == 0
    seen_at = row(item).dispatched_at
    assert seen_at is not None
    assert await sweeper.once() == 0
    assert (row(item).dispatch, row(item).dispatched_at) == (1, seen_at), "it is not asked about again for a while"


async def test_q2_an_order_taken_while_redis_is_down_is_kept_and_handed_over_later(
    house: House, services: Services, sweeper: Sweeper, stack: EmbeddedServices
) -> None:
    actor = house.member()
    order = house.order(house.project(actor).id)
    stack.redis.stop()
    try:
        made = house.submit(actor, order)
        assert house.submit(actor, order).id == made.id
        assert await house.hand_over() == 1, "the hand-over is committed, but its job gets nowhere"
        hand_over_long_ago(made.items[0].id)
        with pytest.raises(Unavailable):
            await sweeper.once()
        assert [order.id for order in bridge.run(generations.recent, actor)[1]] == [made.id]
    finally:
        stack.redis.start()
    assert await sweeper.once() == 1
    assert await house.hand_over() == 1
    assert services.queue.is_alive(made.items[0].id, 2)


async def test_q1_what_a_dead_worker_held_is_taken_back(house: House, services: Services, sweeper: Sweeper) -> None:
    item = house.submit(house.member()).items[0].id
    house.claim(item)
    assert await sweeper.once() == 0
    end_lease(item)
    assert await sweeper.once() == 1
    taken = row(item)
    assert (taken.status, taken.failure, taken.attempt, taken.dispatched_at) == ("queued", "worker_lost", 1, None)
    second = house.claim(item)
    assert (second.attempt, second.dispatch) == (2, 2)


async def test_q7_an_item_that_lost_every_worker_fails(house: House, services: Services, sweeper: Sweeper) -> None:
    item = house.submit(house.member()).items[0].id
    for attempt in range(1, 4):
        assert house.claim(item).attempt == attempt
        end_lease(item)
    assert await sweeper.once() == 1, "there is no fourth attempt"
    assert (row(item).status, row(item).failure) == ("failed", "worker_lost")
    assert await sweeper.once() == 0


async def test_q7_what_was_put_back_is_handed_over_when_it_is_due(house: House, services: Services) -> None:
    item = house.submit(house.member()).items[0].id
    bridge.run(services.leases.put_back, house.claim(item), Transient("provider_failed", retry_after_seconds=60))
    assert await house.hand_over() == 0
    make_due(item)
    assert await house.hand_over() == 1
    assert services.queue.is_alive(item, 2)


async def test_q7_what_waited_for_a_day_ends(house: House, sweeper: Sweeper) -> None:
    waits, is_in_rq, runs = (item.id for item in house.submit(house.member(), count=3).items)
    claim = house.claim(waits)
    house.claim(runs)
    bridge.run(house.services.leases.give_back, claim)
    for item in (waits, is_in_rq, runs):
        order_long_ago(item)
    assert row(waits).dispatched_at is None
    assert await sweeper.once() == 2
    assert [(row(item).status, row(item).failure) for item in (waits, is_in_rq)] == [("failed", "waited_too_long")] * 2
    assert row(runs).status == "running", "what is being made is made"


async def test_q7_no_status_is_without_an_exit(house: House, services: Services, sweeper: Sweeper) -> None:
    """Every way to be stuck, in one table."""
    items = [item.id for _ in range(2) for item in house.submit(house.member(), count=3).items]
    gone_for_good, worker_gone, lost_in_queue, too_late, waits, ended = items
    for _ in range(3):
        house.claim(gone_for_good)
        end_lease(gone_for_good)
    house.claim(worker_gone)
    end_lease(worker_gone)
    bridge.run(services.leases.put_back, house.claim(waits), Transient("provider_failed"))
    bridge.run(services.leases.fail, house.claim(ended), Transient("provider_busy"))
    make_due(waits)
    services.queue._redis.flushall()  # pyright: ignore[reportAttributeAccessIssue]  (not of the port)
    hand_over_long_ago(lost_in_queue)
    order_long_ago(too_late)
    assert await sweeper.once() == 4
    statuses = [row(item).status for item in items]
    assert statuses == [ItemStatus.failed, "queued", "queued", ItemStatus.failed, "queued", ItemStatus.failed]
    assert await house.hand_over() == 3
    assert all(services.queue.is_alive(item, row(item).dispatch) for item in (worker_gone, lost_in_queue, waits))


async def test_q7_a_damaged_record_in_redis_is_a_lost_job_and_stops_nothing(
    house: House, services: Services, sweeper: Sweeper, redis: Redis
) -> None:
    broken, lost = (item.id for item in house.submit(house.member(), count=2).items)
    await house.hand_over()
    redis.flushall()
    redis.hset(f"rq:job:{broken}-1", "last_heartbeat", "2026-01-01T00:00:00.000000Z")
    for item in (broken, lost):
        hand_over_long_ago(item)
    assert await sweeper.once() == 2
    assert await house.hand_over() == 2
    assert services.queue.is_alive(broken, 2)
    assert services.queue.is_alive(lost, 2)


def test_a_job_is_delivered_once_however_often_it_is_handed_over(services: Services, redis: Redis) -> None:
    item = new_id()
    for _ in range(3):
        services.queue.enqueue(item, 1, correlation_id="c0ffee", timeout_seconds=5)
    services.queue.enqueue(item, 2, correlation_id="c0ffee", timeout_seconds=5)
    assert redis.lrange("rq:queue:generations", 0, -1) == [f"{item}-1".encode(), f"{item}-2".encode()]


def test_a_job_carries_ids_and_nothing_else(house: House, redis: Redis) -> None:
    made = house.submit(house.member(), params={"words": "my secret wish"})
    house.dispatch(made.items[0].id)
    job = OurJob.fetch(f"{made.items[0].id}-1", connection=redis, serializer=RqQueue(redis)._queue.serializer)
    assert (job.args, job.kwargs, job.meta) == ([str(made.items[0].id)], {}, {"correlation_id": made.correlation_id})
    everything = b"".join(bytes(value) for value in redis.hgetall(job.key).values())
    assert b"secret" not in everything


@pytest.mark.parametrize("name", ["os.system", "rq_workers.tasks.install", "rq_workers.tasks.run_item.x", "builtins.eval", ""])
def test_a_job_can_name_our_task_only(redis: Redis, name: str) -> None:
    job = OurJob(connection=redis)
    job._func_name = name
    job._data = None
    assert issubclass(OurJob, Job)
    with pytest.raises(PermissionError, match="not a task of Lumiku"):
        _ = job.func


def test_redis_that_is_away_is_said_to_be_away(services: Services, stack: EmbeddedServices) -> None:
    stack.redis.stop()
    try:
        for ask in (
            services.queue.workers,
            lambda: services.queue.is_alive(new_id(), 1),
            lambda: services.queue.enqueue(new_id(), 1, correlation_id="", timeout_seconds=1),
            lambda: services.doorbell.ring(new_id(), 1),
            lambda: services.doorbell.session_ended(new_id()),
        ):
            with pytest.raises(Unavailable):
                ask()
    finally:
        stack.redis.start()


async def test_q1_an_outage_longer_than_a_lease_takes_nothing_from_workers_that_live(house: House, services: Services) -> None:
    """Nor does a new leader: the old one's process may have been the only one that noticed the outage."""
    item = house.submit(house.member()).items[0].id
    claim = house.claim(item)
    asked: list[str] = []

    async def pause(seconds: float) -> None:
        """Live workers prolong their leases once in each `RENEWAL`."""
        if seconds > RENEWAL.total_seconds():
            await bridge.call(services.leases.renew, {item: claim.fence})
        if len(asked) == 4:
            raise asyncio.CancelledError

    async def call(use_case: Callable[..., Any], *args: Any) -> Any:
        asked.append(use_case.__name__)
        if len(asked) == 2:
            await asyncio.to_thread(end_lease, item)  # nobody could prolong it
            raise Unavailable("database_unreachable")
        return await bridge.call(use_case, *args)

    end_lease(item)
    with pytest.raises(asyncio.CancelledError):
        await Sweeper(call, services.leases, services.queue, pause).run()
    assert asked == ["due"] * 4
    assert (row(item).status, row(item).attempt) == ("running", 1)


async def test_a_look_that_breaks_is_no_reason_to_look_no_more(services: Services) -> None:
    looks: list[int] = []

    async def call(use_case: Callable[..., Any], *args: Any) -> Any:
        looks.append(1)
        raise ZeroDivisionError

    async def pause(_: float) -> None:
        if len(looks) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Sweeper(call, services.leases, services.queue, pause).run()
