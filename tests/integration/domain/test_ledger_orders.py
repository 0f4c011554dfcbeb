"""What orders do to credits: each end of each picture, in its own transaction, and what nobody ends (L5, L6)."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing.models import Allowance
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.sweeper import Sweeper
from lumiku_web.domain.ledger.models import Hold
from lumiku_web.domain.notifications.service import sequences
from lumiku_web.errors import Permanent, Transient
from tests.factories.clockwork import end_lease, order_long_ago, use_up_attempts
from tests.factories.house import House
from tests.factories.pictures import prepared
from tests.factories.purse import Purse, findings
from tests.factories.rows import all_rows

ALL = frozenset[str]()


@pytest.fixture
def purse(ada: Actor) -> Purse:
    return Purse(ada.user_id)


@pytest.fixture
def sweeper(services: Services) -> Sweeper:
    return Sweeper(bridge.call, services.leases, services.queue)


def test_l5_of_four_pictures_of_which_one_fails_exactly_one_comes_back(house: House, ada: Actor, purse: Purse) -> None:
    before = purse.wallet.available
    first, second, third, fourth = (item.id for item in house.submit(ada, count=4).items)
    assert purse.balances == (before - 4, 4, 0)
    for item, left in ((first, 3), (second, 2)):
        assert house.deliver(house.claim(item))
        assert purse.balances == (before - 4, left, 0)
    bridge.run(house.services.leases.fail, house.claim(third), Permanent("provider_refused"))
    assert purse.balances == (before - 3, 1, 0)
    assert house.deliver(house.claim(fourth))
    assert purse.balances == (before - 3, 0, 0)
    assert purse.kinds == ["sign_up", "hold", "capture", "capture", "release", "capture"]
    (hold,) = all_rows(Hold)
    assert (hold.amount, hold.captured, hold.released) == (4, 3, 1)
    assert findings(without=ALL) == {}


@pytest.mark.parametrize("end", ["deliver", "fail", "cancel"])
def test_l5_picture_and_credits_change_together_or_not_at_all(house: House, ada: Actor, purse: Purse, end: str) -> None:
    order = house.submit(ada)
    claim = house.claim(order.items[0].id)
    bridge.run(house.services.leases.about_to_store, claim)
    before, leases = purse.balances, house.services.leases

    def ended_and_lost(uow: UnitOfWork) -> None:
        if end == "deliver":
            assert leases.deliver(uow, claim, prepared(), recipe={}, request_id="")
        elif end == "fail":
            assert leases.fail(uow, claim, Permanent("provider_refused"))
        else:
            leases.cancel(uow, ada, order.id)
        uow.session.flush()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        bridge.run(ended_and_lost)
    assert purse.balances == before
    assert [item.status for item in all_rows(GenerationItem)] == ["running"]
    assert findings(without=ALL) == {}


def lost(house: House, item: UUID) -> None:
    """The picture was made, and its worker died before it was kept."""
    bridge.run(house.services.leases.about_to_store, house.claim(item))
    use_up_attempts(item, 3)
    end_lease(item)


def never_taken(house: House, item: UUID) -> None:
    house.dispatch(item)
    order_long_ago(item)


def failed_for_good(house: House, item: UUID) -> None:
    bridge.run(house.services.leases.fail, house.claim(item), Permanent("blocked"))


def failed_at_last(house: House, item: UUID) -> None:
    claim = house.claim(item)
    use_up_attempts(item, 3)
    last = type(claim)(**{**vars(claim), "attempt": 3})
    bridge.run(house.services.leases.put_back, last, Transient("provider_failed"))


@pytest.mark.parametrize("way", [lost, never_taken, failed_for_good, failed_at_last])
async def test_l6_whatever_brings_no_picture_returns_its_hold(
    house: House, ada: Actor, purse: Purse, sweeper: Sweeper, way: Callable[[House, UUID], None]
) -> None:
    before = purse.balances
    (item,) = house.submit(ada).items
    await asyncio.to_thread(way, house, item.id)
    await sweeper.once()
    assert [row.status for row in all_rows(GenerationItem)] == ["failed"]
    assert purse.balances == before
    assert findings(without=ALL) == {}


def test_l6_what_is_cancelled_returns_its_hold_and_a_late_picture_takes_nothing(house: House, ada: Actor, purse: Purse) -> None:
    before = purse.balances
    order = house.submit(ada, count=2)
    claim = house.claim(order.items[0].id)
    bridge.run(house.services.leases.cancel, ada, order.id)
    assert purse.balances == before
    assert not house.deliver(claim)
    assert purse.balances == before
    assert findings(without=ALL) == {}


@pytest.fixture
def lose_items(owner_engine: Engine) -> Callable[[UUID], None]:
    """As a restore by hand may do: the order's items are gone, and its hold is older than a minute."""

    def lose(order_id: UUID) -> None:
        with owner_engine.begin() as connection:
            connection.execute(text("DELETE FROM generation_items WHERE generation_id = :order"), {"order": order_id})
            connection.execute(text("UPDATE holds SET created_at = created_at - interval '1 minute'"))

    return lose


async def test_l6_what_is_held_for_nothing_comes_back_and_the_member_is_told(
    house: House, ada: Actor, purse: Purse, sweeper: Sweeper, lose_items: Callable[[UUID], None]
) -> None:
    before = purse.balances
    house.deliver(house.claim(house.submit(ada, count=3).items[1].id))
    lose_items(all_rows(Hold)[0].order_id)
    assert set(findings(without=ALL)) == {"order_holds", "allowances"}
    told = bridge.run(sequences, [ada.user_id])[ada.user_id]
    assert await sweeper.expire_holds() == 2
    assert purse.balances == (before[0] - 1, 0, 0)
    assert purse.kinds[-2:] == ["capture", "expiry"]
    assert bridge.run(sequences, [ada.user_id])[ada.user_id] == told + 1
    assert [(row.used, row.held) for row in all_rows(Allowance)] == [(1, 0)], "nor does it count against the member's cap"
    assert findings(without=ALL) == {}
    assert await sweeper.expire_holds() == 0


async def test_l6_a_lost_order_gives_its_hold_back_too(
    house: House, ada: Actor, purse: Purse, sweeper: Sweeper, lose_items: Callable[[UUID], None], owner_engine: Engine
) -> None:
    before = purse.balances
    order = house.submit(ada, count=2)
    lose_items(order.id)
    with owner_engine.begin() as connection:
        connection.execute(text("DELETE FROM generations"))
    assert await sweeper.expire_holds() == 2
    assert purse.balances == before
    assert findings(without=ALL) == {}


async def test_what_somebody_works_for_stays_held_however_old_it_is(
    house: House, ada: Actor, purse: Purse, sweeper: Sweeper, owner_engine: Engine
) -> None:
    order = house.submit(ada, count=2)
    bridge.run(house.services.leases.cancel, ada, order.id, order.items[0].id)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE holds SET created_at = created_at - interval '20 hours'"))
    assert await sweeper.expire_holds() == 0
    assert purse.wallet.held == 1


async def test_what_was_held_a_moment_ago_is_left_alone(house: House, ada: Actor, sweeper: Sweeper, owner_engine: Engine) -> None:
    house.submit(ada)
    with owner_engine.begin() as connection:
        connection.execute(text("DELETE FROM generation_items"))
    assert await sweeper.expire_holds() == 0


async def test_a_hold_that_can_not_be_given_back_stands_in_no_others_way(
    house: House, ada: Actor, purse: Purse, sweeper: Sweeper, lose_items: Callable[[UUID], None], owner_engine: Engine
) -> None:
    other = house.member(name="Eve")
    for actor in (ada, other):
        lose_items(house.submit(actor).id)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE allowances SET held = 0 WHERE user_id = :user"), {"user": ada.user_id})
    assert await sweeper.expire_holds() == 1
    assert (purse.wallet.held, Purse(other.user_id).wallet.held) == (1, 0)
    assert findings(without=ALL) == {"order_holds": 1}


async def test_two_sweepers_give_back_once(
    house: House, ada: Actor, purse: Purse, sweeper: Sweeper, lose_items: Callable[[UUID], None]
) -> None:
    before = purse.balances
    for _ in range(3):
        lose_items(house.submit(ada, count=2).id)
    assert sum(await asyncio.gather(*(sweeper.expire_holds() for _ in range(4)))) == 6
    assert purse.balances == before
    assert purse.kinds.count("expiry") == 3
