"""The house in numbers: what waits, what runs, what failed, and what needs somebody to look."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations import overview
from lumiku_web.domain.generations.overview import Numbers, Overview, RouteNumbers, StuckItem, Trouble
from lumiku_web.domain.generations.schemas import ItemStatus, WorkerRead
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Permanent, Transient
from tests.factories.house import House
from tests.factories.plans import explained

ROUTE = "illustrator dicebear"
WORKER = WorkerRead("w", "here", 1, 0, 8, 0, None, None, 0.0, "idle")


def looked(services: Services, *workers: WorkerRead) -> Overview:
    return bridge.run(overview.overview, workers, services.providers)


def numbers(services: Services, *workers: WorkerRead) -> Numbers:
    return looked(services, *workers).numbers


def route(services: Services, key: str = ROUTE) -> RouteNumbers:
    return next(one for one in numbers(services).routes if one.key == key)


def change(engine: Engine, item_id: UUID, **facts: Any) -> None:
    """As if time had passed."""
    columns = ", ".join(f"{name} = {value}" for name, value in facts.items())
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE generation_items SET {columns} WHERE id = :id"), {"id": item_id})  # noqa: S608  (ours)


def test_an_empty_house_has_its_routes_and_nothing_to_do(services: Services) -> None:
    now = numbers(services)
    assert (now.waiting, now.handed_over, now.running, now.oldest_wait_seconds) == (0, 0, 0, None)
    assert (now.capacity, now.utilisation, now.ended, now.failed, now.is_paused) == (0, 0.0, 0, 0, False)
    assert [one.key for one in now.routes] == [ROUTE], "those of providers that are set up"
    assert (route(services).median_seconds, route(services).p90_seconds) == (None, None)


async def test_every_item_is_counted_where_it_stands(services: Services, house: House, ada: Actor, owner_engine: Engine) -> None:
    made = house.submit(ada, count=4)
    await house.hand_over(capacity=-2)  # and two to spare
    running = next(item.id for item in made.items if _is_handed_over(owner_engine, item.id))
    assert bridge.run(services.leases.claim, running)
    change(owner_engine, made.items[3].id, created_at="now() - interval '90 seconds'")
    now = numbers(services, WORKER, replace(WORKER, name="v", state="stopping", in_flight=2))
    assert (now.waiting, now.handed_over, now.running) == (2, 1, 1)
    assert (now.capacity, now.utilisation) == (10, 0.1)
    assert now.oldest_wait_seconds is not None
    assert 90 <= now.oldest_wait_seconds < 3600
    assert (route(services).waiting, route(services).in_flight) == (2, 2)


def _is_handed_over(engine: Engine, item_id: UUID) -> bool:
    with engine.begin() as connection:
        found = connection.execute(text("SELECT dispatched_at FROM generation_items WHERE id = :id"), {"id": item_id}).scalar()
    return found is not None


async def test_what_ended_within_an_hour_is_measured(services: Services, house: House, ada: Actor, owner_engine: Engine) -> None:
    made = [house.submit(ada, count=4), house.submit(ada, count=2)]
    await house.hand_over()
    items = [item.id for order in made for item in order.items]
    for item in items[:4]:
        assert house.deliver(house.claim(item))
    for item in items[4:]:
        bridge.run(services.leases.fail, house.claim(item), Permanent("provider_refused"))
    for item, seconds in zip(items[:3], (10, 20, 30), strict=True):
        change(owner_engine, item, started_at=f"finished_at - interval '{seconds} seconds'")
    for item in (items[3], items[5]):
        change(owner_engine, item, finished_at="now() - interval '61 minutes'")
    now, one = numbers(services), route(services)
    assert (now.ended, now.failed) == (4, 1)
    assert (one.delivered, one.failed) == (3, 1)
    assert (one.median_seconds, one.p90_seconds) == (20, pytest.approx(28))


def test_the_state_of_a_route_is_the_one_that_decides(services: Services, ada: Actor) -> None:
    bridge.run(routes.limit, ROUTE, 3)
    bridge.run(routes.slow, "bfl flux-dev", "provider_busy", seconds=30, in_flight=8)
    bridge.run(routes.pause, EVERYTHING)
    assert route(services).state.limit == 3
    assert route(services, "bfl flux-dev").state.slow_reason == "provider_busy"
    assert numbers(services).is_paused
    assert EVERYTHING not in [one.key for one in numbers(services).routes]


async def test_what_waits_long_runs_long_or_was_begun_often_is_listed(
    services: Services, house: House, ada: Actor, owner_engine: Engine
) -> None:
    fresh, old, late, often = (house.submit(ada) for _ in range(4))
    await house.hand_over()
    change(owner_engine, old.items[0].id, created_at="now() - interval '3 minutes'")
    house.claim(late.items[0].id)
    change(owner_engine, late.items[0].id, started_at="now() - interval '1 day'")
    house.claim(fresh.items[0].id)
    bridge.run(services.leases.put_back, house.claim(often.items[0].id), Transient("provider_failed", retry_after_seconds=1))
    change(owner_engine, often.items[0].id, attempt=2)
    found: dict[UUID, StuckItem] = {item.id: item for item in looked(services).stuck}
    assert found[old.items[0].id].trouble is Trouble.waits
    assert found[late.items[0].id].trouble is Trouble.overdue
    assert (found[often.items[0].id].trouble, found[often.items[0].id].failure) == (Trouble.attempts, "provider_failed")
    assert fresh.items[0].id not in found
    assert {item.email for item in found.values()} == {ada.email}
    assert found[late.items[0].id].status is ItemStatus.running
    assert bridge.run(overview.stuck, long_wait=timedelta(hours=1))[0].trouble is not Trouble.waits


async def test_failed_orders_are_listed_with_what_became_of_them(
    services: Services, house: House, ada: Actor, owner_engine: Engine
) -> None:
    orders = [house.submit(ada, count=2) for _ in range(3)]
    await house.hand_over()
    for order in orders:
        bridge.run(services.leases.fail, house.claim(order.items[0].id), Permanent("provider_refused"))
    for order in orders[1:]:
        assert house.deliver(house.claim(order.items[1].id))
    change(owner_engine, orders[2].items[0].id, finished_at="now() - interval '25 hours'")
    bridge.run(services.generations.try_again, ada, orders[1].id)
    second, first = looked(services).failed
    assert (first.id, first.is_running, first.is_tried_again) == (orders[0].id, True, False)
    assert (second.id, second.is_running, second.is_tried_again) == (orders[1].id, False, True)
    assert (first.failed, first.count, first.failure, first.email) == (1, 2, "provider_refused", ada.email)
    assert first.correlation_id == orders[0].correlation_id


@pytest.mark.parametrize("read", [overview.numbers, overview.failed_orders])
def test_what_ended_lately_is_searched_for_by_its_time_however_much_ended(
    house: House, services: Services, owner_engine: Engine, read: Any
) -> None:
    house.multiply(house.submit(house.member()).items[0].id, 3000)
    with owner_engine.begin() as connection:
        connection.execute(text("ANALYZE generation_items"))
    arguments = ((), services.providers) if read is overview.numbers else ()
    plans = explained(services, lambda: bridge.run(read, *arguments), settings="SET LOCAL enable_seqscan = off")
    (plan,) = [plan for plan in plans if "finished_at >" in plan]
    assert re.search(r"ix_generation_items_ended.*Index Cond: [^\n]*finished_at >", plan, re.DOTALL), plan
