"""Who is next, over real rows: members, routes, leaders (Q4, Q5)."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from redis import Redis
from sqlalchemy import text
from sqlmodel import Session

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.generations.dispatcher import SPARE, Dispatcher
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.repository import ItemRepository
from lumiku_web.domain.generations.schemas import WorkerRead
from lumiku_web.domain.generations.turns import Turns
from lumiku_web.domain.leadership.repository import LeadershipRepository
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Transient
from lumiku_web.ids import new_id
from lumiku_web.local_stack.services import EmbeddedServices
from tests.factories.clockwork import ask_by, rest_is_over
from tests.factories.house import House
from tests.factories.rows import all_rows, somebody_waits
from tests.factories.waiting import wait_for

HERE = "illustrator dicebear"
ELSEWHERE = "bfl flux-2-pro"


def row(item_id: UUID) -> GenerationItem:
    return next(item for item in all_rows(GenerationItem) if item.id == item_id)


def waits(item_id: UUID) -> bool:
    return row(item_id).status == "queued" and row(item_id).dispatched_at is None


def items_of(house: House, count: int = 1) -> list[UUID]:
    """Of a new member; four at most in one order."""
    return [item.id for item in house.submit(house.member(), count=count).items]


def jobs(stack: EmbeddedServices) -> list[UUID]:
    """Items in RQ, in the order in which workers get them."""
    with Redis.from_url(stack.redis_url) as redis:
        return [UUID(job.decode().rpartition("-")[0]) for job in redis.lrange("rq:queue:generations", 0, -1)]


def end_all_in_rq() -> None:
    ended = text("UPDATE generation_items SET status = 'canceled' WHERE status = 'queued' AND dispatched_at IS NOT NULL")
    bridge.run(lambda uow: uow.session.execute(ended))


@pytest.mark.parametrize("capacity", [1, 20])
async def test_q4_ten_members_with_one_picture_each_start_within_two_turns_of_a_thousand(
    house: House, stack: EmbeddedServices, capacity: int
) -> None:
    (first,) = items_of(house)
    heavy = row(first).user_id
    house.multiply(first, 999)
    turns = Turns()
    assert await house.hand_over(capacity=capacity, turns=turns) == capacity + SPARE
    before = len(jobs(stack))
    newcomers = {row(item).user_id for _ in range(10) for item in items_of(house)}
    looks = 0
    owners = {item.id: item.user_id for item in all_rows(GenerationItem)}
    while len({owners[item] for item in jobs(stack)}) < 11:
        end_all_in_rq()
        await house.hand_over(capacity=capacity, turns=turns)
        assert (looks := looks + 1) <= 10
    since = [owners[item] for item in jobs(stack)[before:]]
    assert all(since[: since.index(user)].count(heavy) <= 2 for user in newcomers)


async def test_q4_every_member_who_waits_is_seen_however_little_room_there_is(house: House) -> None:
    """Long lists of many members hide nobody."""
    for _ in range(25):
        (first,) = items_of(house)
        house.multiply(first, 40)
    turns, term = Turns(), house.term()
    last = items_of(house)[0]
    for _ in range(6):
        bridge.run(house.dispatcher(turns=turns).hand_over, term, 1)
        end_all_in_rq()
    assert row(last).dispatch == 1


async def test_no_more_is_handed_over_than_workers_have_room_for(house: House) -> None:
    for _ in range(4):
        items_of(house, 4)
    assert await house.hand_over(capacity=6) == 6 + SPARE
    assert await house.hand_over(capacity=6) == 0
    assert await house.hand_over(capacity=8) == 2


async def test_a_worker_that_stops_gets_nothing_more(house: House, services: Services) -> None:
    class Stopping:
        def workers(self) -> list[WorkerRead]:
            return [WorkerRead("w", "here", 1, 0, 50, 0, None, None, 0.0, state) for state in ("stopping", "suspended")]

        def __getattr__(self, name: str) -> object:
            return getattr(services.queue, name)

    for _ in range(2):
        items_of(house, 4)
    dispatcher = Dispatcher(bridge.call, Stopping(), 40)  # pyright: ignore[reportArgumentType]  (the rest is the real queue's)
    assert await dispatcher.once(house.term()) == SPARE


async def test_a_member_has_no_more_in_flight_than_one_may_have(house: House, services: Services) -> None:
    (first,) = items_of(house)
    house.multiply(first, 60)
    others = items_of(house, 4)
    limit = services.settings.member_running_limit
    assert await house.hand_over(capacity=100) == limit + len(others)
    assert await house.hand_over(capacity=100) == 0


async def test_two_looks_at_once_hand_every_item_over_once(house: House, stack: EmbeddedServices) -> None:
    items = [item for _ in range(5) for item in items_of(house, 4)]
    term = house.term()
    handed = await asyncio.gather(*(house.dispatcher(turns=Turns()).once(term) for _ in range(4)))
    assert sum(handed) == len(items)
    assert sorted(jobs(stack)) == sorted(items)
    assert {row(item).dispatch for item in items} == {1}


async def test_q1_a_leader_whose_term_is_over_hands_over_nothing(house: House, stack: EmbeddedServices) -> None:
    (item,) = items_of(house)
    old = house.term()
    bridge.run(lambda uow: uow.session.execute(text("UPDATE leaderships SET until = clock_timestamp()")))
    new = house.term(new_id())
    assert new.number == old.number + 1
    assert await house.dispatcher().once(old) == 0
    assert (waits(item), jobs(stack)) == (True, [])
    assert await house.dispatcher().once(new) == 1


@pytest.mark.parametrize("key", [HERE, EVERYTHING])
async def test_nothing_is_begun_during_a_pause_and_all_of_it_afterwards(house: House, services: Services, key: str) -> None:
    handed, late = items_of(house, 2)
    runs, waits_for_it = items_of(house, 2)
    ask_by(late, ELSEWHERE)
    await house.hand_over()
    held = house.claim(runs)
    bridge.run(routes.pause, key)
    for item in (handed, waits_for_it):
        assert bridge.run(services.leases.claim, item) is None
        assert waits(item), "what was handed over before goes back to its turn"
    assert (bridge.run(services.leases.claim, late) is not None) == (key == HERE)
    assert await house.hand_over() == 0
    assert house.deliver(held), "what runs goes on"
    bridge.run(routes.resume, key)
    assert await house.hand_over() >= 2
    assert house.claim(handed).dispatch == 2


async def test_a_bounded_route_gets_no_more_than_its_bound_and_the_others_all(house: House) -> None:
    here, there = items_of(house, 4), items_of(house, 4)
    for item in there:
        ask_by(item, ELSEWHERE)
    bridge.run(routes.limit, HERE, 1)
    assert await house.hand_over() == 5
    assert Counter(waits(item) for item in here) == {True: 3, False: 1}
    assert not any(waits(item) for item in there)


@pytest.mark.parametrize(("reason", "seconds"), [("provider_busy", 30), ("model_loading", 55)])
async def test_q5_a_provider_that_asks_for_a_pause_slows_its_route_only_and_it_counts_for_nobody(
    house: House, services: Services, reason: str, seconds: int
) -> None:
    refused, handed, here, there = items_of(house, 4)
    for item in (handed, here, there):
        ask_by(item, ELSEWHERE if item == there else HERE)
    claim = house.claim(refused)
    assert bridge.run(services.leases.put_back, claim, Transient(reason, retry_after_seconds=seconds))
    put_back, route = row(refused), bridge.run(routes.states)[HERE]
    assert (put_back.attempt, put_back.not_before_at, put_back.failure) == (0, None, reason)
    assert put_back.failure_facts == {"seconds": seconds}
    assert (route.slow_reason, route.paused_at, route.allowed) == (reason, None, 1)
    assert route.slowed_until is not None
    rest = route.slowed_until - bridge.run(lambda uow: ItemRepository(uow.session).now())
    assert 0 < rest.total_seconds() <= seconds
    assert bridge.run(services.leases.claim, handed) is None, "it was in RQ, but its provider would only refuse it too"
    assert bridge.run(services.leases.claim, there) is not None
    ask_by(items_of(house)[0], ELSEWHERE)
    assert await house.hand_over() == 1, "the other route goes on"
    rest_is_over()
    assert bridge.run(services.leases.claim, here) is not None
    assert await house.hand_over() == 0, "one is asked first"


async def test_q5_a_slowed_route_is_asked_for_half_and_for_one_more_with_every_answer(house: House, services: Services) -> None:
    claims = [house.claim(item) for _ in range(3) for item in items_of(house, 3)]
    busy = Transient("provider_busy", retry_after_seconds=1)
    assert bridge.run(services.leases.put_back, claims.pop(), busy)
    allowed = [bridge.run(routes.states)[HERE].allowed]
    assert bridge.run(services.leases.put_back, claims.pop(), busy)
    allowed.append(bridge.run(routes.states)[HERE].allowed)
    for claim in claims:
        assert house.deliver(claim)
        allowed.append(bridge.run(routes.states)[HERE].allowed)
    assert allowed == [4, 3, 4, 5, 6, 7, 8, 9, 10]


async def test_q5_refusals_without_a_time_rest_for_the_back_off(house: House, services: Services) -> None:
    (item,) = items_of(house)
    assert bridge.run(services.leases.put_back, house.claim(item), Transient("provider_busy"))
    known = bridge.run(routes.states)
    assert HERE in known
    assert known[HERE].slowed_until is not None
    assert await house.hand_over() == 0


async def test_items_of_the_same_member_are_handed_over_oldest_first(house: House, stack: EmbeddedServices) -> None:
    actor = house.member()
    items = [item.id for _ in range(3) for item in house.submit(actor, count=4).items]
    await house.hand_over()
    assert jobs(stack) == sorted(items)


async def test_q1_nobody_takes_over_in_the_middle_of_a_hand_over(house: House, services: Services) -> None:
    (item,) = items_of(house)
    term, other = house.term(), new_id()
    taken: list[int] = []

    def take_over(uow: UnitOfWork) -> int | None:
        uow.session.execute(text("UPDATE leaderships SET until = clock_timestamp()"))
        return LeadershipRepository(uow.session).acquire("turns", other, timedelta(hours=1))

    with Session(services.engine) as session, ThreadPoolExecutor(1) as thread:
        assert house.dispatcher().hand_over(UnitOfWork(session), term, 10) == 1
        next_one = thread.submit(bridge.run, take_over)
        next_one.add_done_callback(lambda _: taken.append(row(item).dispatch))
        wait_for(lambda: next_one.done() or somebody_waits(), what="the next leader waits")
        session.commit()
    assert next_one.result() == term.number + 1
    assert taken == [1], "it found what the other had handed over"
