"""What an admin may do to the work of others, and nobody else (T8, L7)."""

from collections.abc import Callable
from typing import Any

import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.operations import LIMIT_MAX, Operations
from lumiku_web.domain.generations.schemas import GenerationRead, ItemStatus
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING, RouteState
from lumiku_web.errors import Conflict, InvalidInput, NotFound, NotPermitted, Permanent, Transient
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of

ROUTE = "illustrator dicebear"


@pytest.fixture
def operations(services: Services) -> Operations:
    return services.operations


@pytest.fixture
def ada(root: Actor, house: House) -> Actor:
    return house.member()


def state_of(key: str) -> RouteState:
    return bridge.run(routes.states)[key]


def acts(action: Action) -> list[AuditEvent]:
    return [event for event in all_rows(AuditEvent) if event.action == action]


async def failed(house: House, actor: Actor) -> GenerationRead:
    """An order of one picture that was refused for good."""
    made = house.submit(actor)
    await house.hand_over()
    bridge.run(house.services.leases.fail, house.claim(made.items[0].id), Permanent("provider_refused"))
    return made


ACTS: list[Callable[[Operations], tuple[Any, ...]]] = [
    lambda can: (can.pause, EVERYTHING),
    lambda can: (can.resume, EVERYTHING),
    lambda can: (can.limit, ROUTE, 2),
    lambda can: (can.cancel, new_id()),
    lambda can: (can.cancel_item, new_id()),
    lambda can: (can.hurry, new_id()),
    lambda can: (can.try_again, new_id()),
]


@pytest.mark.parametrize("act", ACTS, ids=["pause", "resume", "limit", "cancel", "cancel item", "hurry", "try again"])
def test_t7_a_member_may_do_none_of_it(operations: Operations, ada: Actor, act: Callable[[Operations], tuple[Any, ...]]) -> None:
    do, *arguments = act(operations)
    before = count_of(AuditEvent)
    with pytest.raises(NotPermitted):
        bridge.run(do, ada, *arguments)
    assert count_of(AuditEvent) == before
    assert bridge.run(routes.states) == {}


def test_what_does_not_exist_is_not_found(operations: Operations, root: Actor) -> None:
    for do in (operations.cancel, operations.cancel_item, operations.hurry, operations.try_again):
        with pytest.raises(NotFound):
            bridge.run(do, root, new_id())
    for key in ("", "nobody nothing", "illustrator"):
        with pytest.raises(NotFound):
            bridge.run(operations.pause, root, key)
        with pytest.raises(NotFound):
            bridge.run(operations.resume, root, key)
    with pytest.raises(NotFound):
        bridge.run(operations.limit, root, EVERYTHING, 3)


async def test_nothing_is_begun_while_everything_is_paused(operations: Operations, root: Actor, ada: Actor, house: House) -> None:
    house.submit(ada)
    bridge.run(operations.pause, root, EVERYTHING)
    paused_at = state_of(EVERYTHING).paused_at
    bridge.run(operations.pause, root, EVERYTHING)
    assert state_of(EVERYTHING).paused_at == paused_at, "twice is once"
    assert await house.hand_over() == 0
    bridge.run(operations.resume, root, EVERYTHING)
    assert await house.hand_over() == 1
    assert [event.facts for event in acts(Action.route_resumed)] == [{"route": EVERYTHING}]
    assert {event.actor_id for event in acts(Action.route_paused)} == {root.user_id}


async def test_a_route_is_paused_and_bounded_alone(operations: Operations, root: Actor, ada: Actor, house: House) -> None:
    for _ in range(3):
        house.submit(ada)
    bridge.run(operations.pause, root, ROUTE)
    assert await house.hand_over() == 0
    bridge.run(operations.limit, root, ROUTE, 2)
    assert state_of(ROUTE).paused_at is not None, "a bound ends no pause"
    bridge.run(operations.resume, root, ROUTE)
    assert await house.hand_over() == 2
    bridge.run(operations.limit, root, ROUTE, None)
    assert await house.hand_over() == 1
    assert [event.facts for event in acts(Action.route_limited)] == [
        {"route": ROUTE, "limit": 2},
        {"route": ROUTE, "limit": None},
    ]


@pytest.mark.parametrize("limit", [0, -1, LIMIT_MAX + 1])
def test_a_bound_that_makes_no_sense_is_refused(operations: Operations, root: Actor, limit: int) -> None:
    with pytest.raises(InvalidInput, match="route_limit_out_of_range"):
        bridge.run(operations.limit, root, ROUTE, limit)


async def test_anybodys_order_is_cancelled_in_the_admins_name(
    operations: Operations, root: Actor, ada: Actor, house: House
) -> None:
    made = house.submit(ada, count=2)
    with pytest.raises(NotFound):
        bridge.run(operations.cancel, root, made.id, new_id())
    bridge.run(operations.cancel_item, root, made.items[0].id)
    assert sorted(item.status for item in all_rows(GenerationItem)) == [ItemStatus.canceled, ItemStatus.queued]
    bridge.run(operations.cancel, root, made.id)
    assert {item.status for item in all_rows(GenerationItem)} == {ItemStatus.canceled}
    assert [event.actor_id for event in acts(Action.item_canceled)] == [root.user_id] * 2


async def test_what_waits_after_a_failure_has_its_turn_now(operations: Operations, root: Actor, ada: Actor, house: House) -> None:
    made = house.submit(ada)
    await house.hand_over()
    item = made.items[0].id
    bridge.run(house.services.leases.put_back, house.claim(item), Transient("provider_failed", retry_after_seconds=600))
    assert await house.hand_over() == 0
    bridge.run(operations.hurry, root, item)
    assert await house.hand_over() == 1
    claim = house.claim(item)
    assert claim.attempt == 2, "the failure still counts"
    with pytest.raises(Conflict, match="item_not_waiting"):
        bridge.run(operations.hurry, root, item)
    assert [(event.actor_id, event.subject_id) for event in acts(Action.item_hurried)] == [(root.user_id, item)]


async def test_a_failed_order_is_tried_again_on_the_house(
    operations: Operations, root: Actor, ada: Actor, house: House, owner_engine: Any
) -> None:
    """In the member's name, for nothing, whatever the model costs."""
    from sqlalchemy import text

    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE image_models SET credits_price = 10"))
    old = await failed(house, ada)
    made = bridge.run(operations.try_again, root, old.id)
    rows = {row.id: row for row in all_rows(Generation)}
    paid = {item.generation_id: item.paid_with for item in all_rows(GenerationItem)}
    assert (rows[old.id].credits_price, paid[old.id], paid[made.id]) == (10, "credits", "house")
    assert bridge.run(house.services.payments.standings, [ada.user_id])[ada.user_id].held == 0
    assert (rows[made.id].user_id, rows[made.id].project_id) == (ada.user_id, rows[old.id].project_id)
    assert {item.user_id for item in all_rows(GenerationItem)} == {ada.user_id}
    assert [(event.actor_id, event.facts.get("given_to")) for event in acts(Action.generation_submitted)] == [
        (ada.user_id, None),
        (root.user_id, str(ada.user_id)),
    ]
    assert await house.hand_over() == 1


async def test_l7_a_retry_on_the_house_happens_once_whoever_asks(
    operations: Operations, root: Actor, ada: Actor, house: House
) -> None:
    old = await failed(house, ada)
    made = bridge.run(operations.try_again, root, old.id)
    assert bridge.run(operations.try_again, root, old.id).id == made.id
    assert bridge.run(house.services.generations.try_again, ada, old.id).id == made.id
    assert count_of(Generation) == 2


def test_what_has_not_failed_is_not_tried_again(operations: Operations, root: Actor, ada: Actor, house: House) -> None:
    made = house.submit(ada)
    with pytest.raises(Conflict, match="order_running"):
        bridge.run(operations.try_again, root, made.id)
