"""Quotas and the cap of a member: exact to the microsecond, never passed, settled where they were held (L11)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError, NoResultFound

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing.repository import AllowanceRepository
from lumiku_web.domain.billing.schemas import AllowanceKind, PaidWith, Share
from lumiku_web.domain.generations.schemas import GenerationRead
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.models import Hold, LedgerEvent
from lumiku_web.domain.ledger.schemas import CREDITS_MAX
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.errors import InvalidInput, LimitReached, LumikuError, Permanent
from lumiku_web.ids import new_id
from tests.factories.at_once import at_once
from tests.factories.clockwork import end_lease, order_long_ago
from tests.factories.house import House
from tests.factories.money import Till, small_plan, windows
from tests.factories.rows import count_of, somebody_waits
from tests.factories.waiting import wait_for

LAST_OF_FEBRUARY = "2027-02-28T23:59:59.999"


@pytest.fixture
def till(services: Services) -> Till:
    return Till.of(services, LAST_OF_FEBRUARY)


def deliver(house: House, item_id: UUID) -> None:
    assert house.deliver(house.claim(item_id))


def fail(house: House, item_id: UUID) -> None:
    bridge.run(house.services.leases.fail, house.claim(item_id), Permanent("provider_refused"))


def paid(order: GenerationRead) -> list[str]:
    return [item.paid_with.value for item in order.items]


def refused(till: Till, actor: Actor, count: int = 1) -> LumikuError:
    with pytest.raises(LimitReached) as refusal:
        till.house.submit(actor, count=count)
    return refusal.value


def test_l11_held_in_the_last_instant_of_february_and_settled_in_march_it_counts_for_february(till: Till) -> None:
    ada = till.subscriber("free")
    made = till.house.submit(ada, count=3)
    assert windows(ada) == {("day", "2027-02-28"): (0, 3), ("month", "2027-02-01"): (0, 3)}
    till.clock.set("2027-03-01T00:00:00.001")
    till.house.submit(ada)
    deliver(till.house, made.items[0].id)
    fail(till.house, made.items[1].id)
    bridge.run(till.house.services.leases.cancel, ada, made.id)
    assert windows(ada) == {
        ("day", "2027-02-28"): (1, 0),
        ("month", "2027-02-01"): (1, 0),
        ("day", "2027-03-01"): (0, 1),
        ("month", "2027-03-01"): (0, 1),
    }


def test_l11_a_new_day_begins_with_the_first_order_and_the_old_one_stays(till: Till) -> None:
    ada = till.subscriber("free")
    for now in ("2028-02-28T12:00", "2028-02-29T00:00", "2028-02-29T23:59:59.999999", "2028-03-01T00:00"):
        till.clock.set(now)
        assert paid(till.house.submit(ada)) == ["quota"]
    assert windows(ada) == {
        ("day", "2028-02-28"): (0, 1),
        ("day", "2028-02-29"): (0, 2),
        ("day", "2028-03-01"): (0, 1),
        ("month", "2028-02-01"): (0, 3),
        ("month", "2028-03-01"): (0, 1),
    }


def test_l11_a_clock_that_jumps_back_finds_what_was_used(till: Till) -> None:
    ada = till.subscriber(small_plan(4, 40))
    till.house.submit(ada, count=4)
    till.clock.set("2027-03-01T00:00")
    till.house.submit(ada, count=3)
    till.clock.set("2027-02-28T23:00")
    assert refused(till, ada).facts["left"] == 0
    till.clock.set("2027-03-01T00:10")
    assert refused(till, ada, 2).facts["left"] == 1
    till.house.submit(ada)


def test_l11_the_month_bounds_what_the_days_would_give(till: Till) -> None:
    till.clock.set("2027-02-01T00:00")
    ada = till.subscriber(small_plan(4, 6))
    till.house.submit(ada, count=4)
    till.clock.set("2027-02-02T00:00")
    refusal = refused(till, ada, 3)
    assert (refusal.facts["left"], refusal.facts["resets_at"]) == (2, "2027-03-01 00:00 UTC")
    till.house.submit(ada, count=2)
    till.clock.set("2027-02-28T23:59:59.999999")
    assert refused(till, ada).facts["left"] == 0
    till.clock.set("2027-03-01T00:00")
    till.house.submit(ada, count=4)


def test_l11_an_order_of_four_with_three_left_is_refused_whole_or_paid_in_both_ways(till: Till) -> None:
    ada = till.subscriber(small_plan(3, 30))
    entries = count_of(LedgerEvent)
    refusal = refused(till, ada, 4)
    assert (refusal.key, refusal.facts["resets_at"]) == ("quota_used_up", "2027-03-01 00:00 UTC")
    assert (windows(ada), count_of(LedgerEvent), count_of(Hold)) == ({}, entries, 0)
    bridge.run(till.billing.set_spending, ada, cap=None, uses_credits=True)
    made = till.house.submit(ada, count=4)
    assert paid(made) == ["quota", "quota", "quota", "credits"]
    assert till.standing(ada).held == 1


def test_l11_a_mixed_order_gives_back_what_failed_of_each_kind_and_keeps_what_came(till: Till) -> None:
    ada = till.subscriber(small_plan(2, 20), uses_credits=True)
    before = till.standing(ada).available
    made = till.house.submit(ada, count=4)
    quota_came, quota_failed, credits_came, credits_failed = [item.id for item in made.items]
    till.clock.set("2027-03-01T01:00")
    for item in (quota_came, credits_came):
        deliver(till.house, item)
    for item in (quota_failed, credits_failed):
        fail(till.house, item)
    assert windows(ada) == {
        ("day", "2027-02-28"): (1, 0),
        ("month", "2027-02-01"): (1, 0),
        ("spending", "2027-02-01"): (1, 0),
    }
    assert (till.standing(ada).available, till.standing(ada).held) == (before - 1, 0)


def test_l11_if_the_credits_do_not_suffice_the_quota_is_not_touched(till: Till) -> None:
    ada = till.subscriber(small_plan(3, 30), uses_credits=True)
    till.empty_purse(ada)
    assert refused(till, ada, 4).key == "credits_short"
    bridge.run(till.billing.set_spending, ada, cap=0, uses_credits=True)
    till.act("grant", ada, 100)
    assert refused(till, ada, 4).key == "spending_cap"
    assert windows(ada) == {}
    assert paid(till.house.submit(ada, count=3)) == ["quota"] * 3


def test_l11_a_released_unit_can_be_used_again(till: Till) -> None:
    ada = till.subscriber(small_plan(1, 30))
    for _ in range(3):
        made = till.house.submit(ada)
        assert refused(till, ada).key == "quota_used_up"
        fail(till.house, made.items[0].id)
    deliver(till.house, till.house.submit(ada).items[0].id)
    assert refused(till, ada).key == "quota_used_up"


def test_l11_a_smaller_plan_in_the_middle_of_a_day_is_the_bound_at_once(till: Till) -> None:
    big, small = small_plan(8, 80), small_plan(5, 50)
    ada = till.subscriber(big)
    made = till.house.submit(ada, count=4)
    till.change(ada, small)
    till.clock.move(days=31)
    till.house.submit(ada, count=4)
    till.change(ada, big)  # follows at the end: all of these cost the same
    assert refused(till, ada, 2).facts["left"] == 1
    deliver(till.house, made.items[0].id)


def test_l11_a_plan_that_becomes_smaller_than_what_was_used_undoes_nothing(till: Till) -> None:
    big, small = small_plan(8, 80), small_plan(5, 50)
    till.clock.set("2027-02-01T12:00")
    ada = till.subscriber(big)
    till.change(ada, small)  # at the first of March, at noon
    till.clock.set("2027-03-01T11:59")
    made = till.house.submit(ada, count=4)
    till.house.submit(ada, count=3)
    till.clock.set("2027-03-01T12:00")
    assert (till.standing(ada).day.limit, till.standing(ada).day.left) == (5, 0)
    assert refused(till, ada).facts["left"] == 0
    for item in made.items:
        fail(till.house, item.id)
    assert till.standing(ada).day.left == 2
    till.house.submit(ada, count=2)
    assert refused(till, ada).facts["left"] == 0


def test_l11_sixteen_orders_at_once_never_pass_the_quota(till: Till) -> None:
    ada = till.subscriber(small_plan(10, 100))
    orders = [till.house.order(till.house.project(ada).id, count=3) for _ in range(16)]
    done = at_once(lambda order: till.house.submit(ada, order).items[0].paid_with.value, orders)
    assert (done.count("quota"), done.count("quota_used_up")) == (3, 13)
    assert windows(ada)[("day", "2027-02-28")] == (0, 9)


def test_l11_the_database_refuses_what_passes_a_window_and_what_was_never_held(till: Till) -> None:
    ada = till.house.member()
    facts = ada.user_id, AllowanceKind.day, till.clock.now.date()

    def hold(uow: UnitOfWork, amount: int) -> None:
        AllowanceRepository(uow.session).hold(*facts, amount, limit=10)

    bridge.run(hold, 10)
    with pytest.raises(IntegrityError, match="within_its_ceiling"):
        bridge.run(hold, 1)
    with pytest.raises(IntegrityError, match="use_not_negative"):
        bridge.run(lambda uow: AllowanceRepository(uow.session).settle(*facts, 11, is_used=False))
    share = Share(new_id(), new_id(), till.root.user_id, PaidWith.quota, 1, till.clock.now.date())
    with pytest.raises(NoResultFound):
        bridge.run(till.house.services.payments.release, share)


def test_l4_an_end_that_comes_twice_is_settled_once(till: Till) -> None:
    ada = till.house.member()
    made = till.house.submit(ada, count=2)
    share = Share(made.id, made.items[0].id, ada.user_id, PaidWith.credits, 1, till.clock.now.date())
    for end in ("release", "release", "capture"):
        bridge.run(getattr(till.house.services.payments, end), share)
    assert windows(ada) == {("spending", "2027-02-01"): (0, 1)}


def test_what_the_house_gives_takes_no_quota_and_no_credits(till: Till) -> None:
    ada = till.subscriber(small_plan(1, 30))
    made = till.house.submit(ada)
    fail(till.house, made.items[0].id)
    till.house.submit(ada)
    before = windows(ada), till.standing(ada)
    given = bridge.run(till.house.services.operations.try_again, till.root, made.id)
    assert paid(given) == ["house"]
    deliver(till.house, given.items[0].id)
    assert (windows(ada), till.standing(ada)) == before


def test_a_cap_bounds_the_credits_of_a_month_and_what_comes_back_counts_no_more(till: Till) -> None:
    ada = till.house.member()
    bridge.run(till.billing.set_spending, ada, cap=5, uses_credits=False)
    made = till.house.submit(ada, count=4)
    refusal = refused(till, ada, 2)
    assert (refusal.key, refusal.facts) == ("spending_cap", {"cap": 5, "spent": 4, "needed": 2})
    deliver(till.house, made.items[0].id)
    fail(till.house, made.items[1].id)
    assert till.standing(ada).spent == 3
    till.house.submit(ada, count=2)
    till.clock.set("2027-03-01T00:00")
    assert (till.standing(ada).spent, till.standing(ada).spending_cap) == (0, 5)
    till.house.submit(ada, count=4)


def test_a_cap_of_nothing_spends_nothing_and_no_cap_is_no_bound(till: Till) -> None:
    ada = till.house.member()
    bridge.run(till.billing.set_spending, ada, cap=0, uses_credits=False)
    assert refused(till, ada).key == "spending_cap"
    bridge.run(till.billing.set_spending, ada, cap=None, uses_credits=False)
    till.house.submit(ada, count=4)


@pytest.mark.parametrize("cap", [-1, 0.5, CREDITS_MAX + 1, True])
def test_l10_a_cap_that_is_none_is_refused_and_the_old_one_stays(till: Till, cap: int) -> None:
    ada = till.house.member()
    bridge.run(till.billing.set_spending, ada, cap=7, uses_credits=True)
    with pytest.raises(InvalidInput, match="spending_cap_out_of_range"):
        bridge.run(till.billing.set_spending, ada, cap=cap, uses_credits=False)
    assert (till.standing(ada).spending_cap, till.standing(ada).uses_credits) == (7, True)


def test_a_cap_and_orders_at_once_are_one_after_the_other(till: Till) -> None:
    ada = till.house.member()
    bridge.run(till.billing.set_spending, ada, cap=8, uses_credits=False)
    orders = [till.house.order(till.house.project(ada).id, count=3) for _ in range(8)]
    assert at_once(lambda order: till.house.submit(ada, order), orders).count("spending_cap") == 6
    assert till.standing(ada).spent == 6


def test_orders_and_cancellations_of_mixed_orders_never_wait_for_each_other(till: Till) -> None:
    """An order of both kinds is cancelled item by item: the first lock is the wallet's, as it is of whoever orders."""
    ada = till.subscriber(small_plan(2, 5000), uses_credits=True)
    house, made = till.house, list[GenerationRead]()
    for _ in range(8):
        made.append(house.submit(ada, count=4))
        till.clock.move(days=1)
    fresh = [house.order(house.project(ada).id, count=2) for _ in range(8)]

    def act(number: int) -> int:
        if number % 2:
            bridge.run(house.services.leases.cancel, ada, made[number // 2].id)
            return 0
        return paid(house.submit(ada, fresh[number // 2])).count("credits")

    assert sum(at_once(act, range(16))) == till.standing(ada).held == 14


def test_a_sweeper_and_an_order_of_one_member_never_wait_for_each_other(till: Till) -> None:
    """One item waits again, which takes the member's number; the next one's credits are released, which takes the wallet."""
    ada, leases = till.house.member(), till.house.services.leases
    first, second = (till.house.submit(ada).items[0].id for _ in range(2))
    till.house.claim(first)
    end_lease(first)
    order_long_ago(second)
    has_wallet, may_go_on = Event(), Event()

    def order(uow: UnitOfWork) -> None:
        """What every order does: the wallet, then the number."""
        ledger.lock(uow, ada.user_id)
        has_wallet.set()
        may_go_on.wait(30)
        record_change(uow, till.house.services.doorbell, ada.user_id)

    with ThreadPoolExecutor(2) as pool:
        ordering = pool.submit(bridge.run, order)
        has_wallet.wait(30)
        sweeping = pool.submit(bridge.run, leases.repair, [first, second])
        wait_for(somebody_waits, what="the sweeper waits for the wallet")
        may_go_on.set()
        ordering.result(60)
        assert sweeping.result(60) == 2
