"""A plan from its beginning to its end: by its member, by an admin, by time, and all three at once."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.billing.models import Subscription, SubscriptionChange
from lumiku_web.domain.billing.schemas import SubscriptionStatus, Tier
from lumiku_web.domain.billing.sweeper import SubscriptionSweeper
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.notifications.service import sequences
from lumiku_web.errors import LumikuError, NotFound, Unavailable
from tests.factories.at_once import at_once
from tests.factories.money import Till
from tests.factories.rows import all_rows, count_of


@pytest.fixture
def till(services: Services) -> Till:
    return Till.of(services, "2027-01-31T10:00")


@pytest.fixture
def ada(till: Till) -> Actor:
    return till.subscriber("pro")


def steps(actor: Actor) -> list[str]:
    """What happened to this member's plans, the oldest first."""
    return [change.what for change in reversed(bridge.run(billing.changes, actor.user_id))]


def told(actor: Actor) -> int:
    return bridge.run(sequences, [actor.user_id])[actor.user_id]


def refusal(use_case: Callable[..., object], *facts: object) -> str:
    with pytest.raises(LumikuError) as refused:
        bridge.run(use_case, *facts)
    return refused.value.key


@contextmanager
def wallet_held(actor: Actor) -> Iterator[None]:
    """Somebody is in the middle of something with this member's credits."""
    held, free = Barrier(2), Barrier(2)

    def hold(uow: UnitOfWork) -> None:
        ledger.lock(uow, actor.user_id)
        held.wait(30)
        free.wait(30)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(bridge.run, hold)
        held.wait(30)
        yield
        free.wait(30)
        done.result(30)


def test_the_plans_of_the_house(services: Services) -> None:
    plans = bridge.run(billing.plans)
    assert [(plan.key, plan.tier, plan.price_minor, plan.daily_quota, plan.monthly_quota, plan.weight) for plan in plans] == [
        ("free", "free", 0, 10, 300, 1),
        ("basic", "basic", 99_000, 50, 1_500, 2),
        ("pro", "pro", 299_000, 100, 3_000, 3),
        ("enterprise", "enterprise", 999_000, 500, 15_000, 4),
        ("pro-yearly", "pro", 2_870_000, 100, 3_000, 3),
    ]


def test_who_subscribes_has_the_plan_at_once_and_sees_it_in_every_tab(till: Till) -> None:
    ada = till.house.member()
    before = told(ada)
    cost = till.subscribe(ada, "pro")
    standing = till.standing(ada)
    assert (cost.due_minor, standing.tier, standing.weight, standing.day.limit, standing.month.limit) == (
        299_000,
        Tier.pro,
        3,
        100,
        3_000,
    )
    assert standing.until == till.clock.now.replace(month=2, day=28)
    assert (told(ada), steps(ada)) == (before + 1, ["subscribed"])


def test_there_is_one_plan_at_a_time(till: Till, ada: Actor) -> None:
    for plan in ("pro", "basic"):
        assert refusal(till.treasury.subscribe, till.root, ada.user_id, plan) == "plan_active"
    with pytest.raises(IntegrityError, match="uq_subscriptions_one_at_a_time"):
        till.house.subscribe(ada, "basic")
    assert count_of(Subscription) == 1


@pytest.mark.parametrize("key", ["", "platinum", "retired"])
def test_what_is_not_offered_cannot_be_had(till: Till, ada: Actor, key: str) -> None:
    def retire(uow: UnitOfWork) -> None:
        plan = billing.PlanRepository(uow.session).by_key()["free"]
        uow.session.add(type(plan)(**{**plan.model_dump(), "key": "retired", "is_offered": False}))

    bridge.run(retire)
    bob = till.house.member()
    assert refusal(till.treasury.subscribe, till.root, bob.user_id, key) == "plan_not_found"
    assert refusal(till.treasury.change_plan, till.root, ada.user_id, key) == "plan_not_found"
    assert "retired" not in {plan.key for plan in bridge.run(billing.plans)}


def test_a_dearer_plan_begins_now_with_a_new_period(till: Till, ada: Actor) -> None:
    till.clock.set("2027-02-14T10:00")  # 14 of 28 days are gone
    cost = till.change(ada, "enterprise")
    assert (cost.credit_minor, cost.due_minor, cost.at) == (149_500, 849_500, till.clock.now)
    standing = till.standing(ada)
    assert (standing.tier, standing.day.limit, standing.until) == (Tier.enterprise, 500, till.clock.now.replace(month=3))
    change = bridge.run(billing.changes, ada.user_id)[0]
    assert (change.what, change.plan_key, change.credit_minor, change.due_minor) == ("changed", "enterprise", 149_500, 849_500)
    assert change.actor_id == till.root.user_id


def test_a_cheaper_plan_follows_at_the_end_and_the_present_one_undoes_it(till: Till, ada: Actor) -> None:
    cost = till.change(ada, "basic")
    assert (cost.due_minor, cost.at) == (0, till.standing(ada).until)
    assert (till.standing(ada).tier, till.standing(ada).next_plan_key) == (Tier.pro, "basic")
    assert refusal(till.treasury.change_plan, till.root, ada.user_id, "basic") == "plan_planned"
    till.change(ada, "free")
    till.change(ada, "pro")
    assert till.standing(ada).next_plan_key == ""
    assert refusal(till.treasury.change_plan, till.root, ada.user_id, "pro") == "plan_same"
    assert steps(ada) == ["subscribed", "change_planned", "change_planned", "change_dropped"]
    till.clock.set("2027-02-28T10:00")
    assert till.standing(ada).status == SubscriptionStatus.grace
    assert till.standing(ada).tier == Tier.pro


def test_l7_one_plan_chosen_twice_in_a_second_is_one_change(till: Till, ada: Actor) -> None:
    till.clock.set("2027-02-14T10:00")
    assert at_once(lambda _: till.change(ada, "enterprise"), range(8)).count("plan_same") == 7
    assert sum(change.due_minor for change in all_rows(SubscriptionChange)) == 299_000 + 849_500


def test_l7_one_member_subscribed_by_eight_clicks_has_one_plan(till: Till) -> None:
    bob = till.house.member()
    assert at_once(lambda plan: till.subscribe(bob, plan), ["basic", "pro"] * 4).count("plan_active") == 7
    assert (count_of(Subscription), steps(bob)) == (1, ["subscribed"])


def test_a_member_cancels_until_the_end_and_thinks_better_of_it(till: Till, ada: Actor) -> None:
    before = told(ada)
    bridge.run(till.billing.cancel, ada)
    bridge.run(till.billing.cancel, ada)
    assert (till.standing(ada).status, till.standing(ada).tier, told(ada)) == ("canceled", Tier.pro, before + 1)
    bridge.run(till.billing.resume, ada)
    bridge.run(till.billing.resume, ada)
    assert (till.standing(ada).status, told(ada)) == ("active", before + 2)
    bridge.run(till.billing.cancel, ada)
    till.clock.set("2027-02-28T10:00")
    standing = till.standing(ada)
    assert (standing.plan, standing.status, standing.tier, standing.until) == (None, None, Tier.free, None)
    for use_case in (till.billing.cancel, till.billing.resume):
        assert refusal(use_case, ada) == "plan_missing"
    assert till.advance() == 1
    assert steps(ada) == ["subscribed", "canceled", "resumed", "canceled", "ended"]


def test_whoever_cancels_has_nothing_planned_any_more_and_whoever_plans_goes_on(till: Till, ada: Actor) -> None:
    till.change(ada, "basic")
    bridge.run(till.treasury.cancel_plan, till.root, ada.user_id)
    assert till.standing(ada).next_plan_key == ""
    till.change(ada, "basic")
    assert (till.standing(ada).status, till.standing(ada).next_plan_key) == ("active", "basic")
    bridge.run(till.treasury.cancel_plan, till.root, ada.user_id)
    bridge.run(till.treasury.resume_plan, till.root, ada.user_id)
    assert (till.standing(ada).status, till.standing(ada).next_plan_key) == ("active", "")


def test_after_its_end_another_plan_can_begin_and_both_are_the_history(till: Till, ada: Actor) -> None:
    bridge.run(till.billing.cancel, ada)
    till.clock.set("2027-03-05T10:00")  # and nobody has written down that it ended
    till.subscribe(ada, "basic")
    basic, pro = sorted(all_rows(Subscription), key=lambda row: row.created_at, reverse=True)
    assert (pro.status, pro.ended_at) == ("ended", till.clock.now.replace(month=2, day=28))
    assert (basic.status, till.standing(ada).tier) == ("active", Tier.basic)
    assert [read.plan_key for read in bridge.run(billing.history, ada.user_id)] == ["basic", "pro"]
    assert steps(ada) == ["subscribed", "canceled", "ended", "subscribed"]


def test_seven_days_of_grace_then_suspended_and_credits_still_work(till: Till, ada: Actor) -> None:
    till.clock.set("2027-03-07T09:59:59.999999")
    assert (till.standing(ada).status, till.standing(ada).quota_left) == ("grace", 100)
    assert till.house.submit(ada).items[0].paid_with == "quota"
    till.clock.set("2027-03-07T10:00")
    standing = till.standing(ada)
    assert (standing.status, standing.tier, standing.weight, standing.quota_left) == ("suspended", Tier.free, 1, 0)
    assert till.house.submit(ada).items[0].paid_with == "credits"
    assert refusal(till.billing.resume, ada) == "plan_unpaid"


def test_a_renewal_in_the_grace_follows_the_old_period_and_one_after_it_begins_now(till: Till, ada: Actor) -> None:
    assert refusal(till.treasury.renew, till.root, ada.user_id) == "plan_paid"
    till.clock.set("2027-03-05T08:00")
    cost = till.renew(ada)
    assert (cost.due_minor, cost.at.isoformat()) == (299_000, "2027-02-28T10:00:00+00:00")
    assert till.standing(ada).until == till.clock.now.replace(month=3, day=31, hour=10), "the day of the first period"
    till.clock.set("2027-05-20T08:00")
    assert till.standing(ada).status == "suspended"
    assert till.renew(ada).at == till.clock.now
    assert (till.standing(ada).status, till.standing(ada).until) == ("active", till.clock.now.replace(month=6))
    assert steps(ada) == ["subscribed", "grace", "renewed", "grace", "suspended", "renewed"]


@pytest.mark.parametrize("when", ["2027-03-01T10:00", "2027-06-01T10:00"])
def test_in_grace_or_suspended_a_member_can_end_it_or_take_another_plan(till: Till, ada: Actor, when: str) -> None:
    bob = till.house.member()
    till.clock.set("2027-01-31T10:00")
    till.subscribe(bob, "pro")
    till.clock.set(when)
    bridge.run(till.billing.cancel, ada)
    assert till.standing(ada).plan is None
    assert till.change(bob, "basic").due_minor == 99_000
    assert (till.standing(bob).tier, till.standing(bob).status) == (Tier.basic, "active")


def test_what_time_did_is_enforced_before_anybody_writes_it_down_and_the_same_afterwards(till: Till) -> None:
    plans = ("free", "basic", "pro", "pro-yearly")
    people = [till.subscriber(key) for key in plans]
    bridge.run(till.billing.cancel, people[1])
    for when in ("2027-02-28T10:00", "2027-03-07T10:00", "2028-01-31T10:00", "2028-02-07T10:00"):
        till.clock.set(when)
        before = [till.standing(person) for person in people]
        till.advance()
        assert [till.standing(person) for person in people] == before
        assert till.advance() == 0, "what was written down is not written twice"
    assert [row.status for row in sorted(all_rows(Subscription), key=lambda row: row.id)] == [
        "active",
        "ended",
        "suspended",
        "suspended",
    ]
    assert steps(people[0]) == ["subscribed", *["renewed"] * 12]


def test_each_step_of_time_is_told_to_the_member_with_its_moment(till: Till, ada: Actor) -> None:
    before = told(ada)
    till.clock.set("2027-04-01T10:00")
    assert till.advance() == 1
    suspended, grace, _ = bridge.run(billing.changes, ada.user_id)
    assert (grace.at.isoformat(), suspended.at.isoformat()) == ("2027-02-28T10:00:00+00:00", "2027-03-07T10:00:00+00:00")
    assert (grace.actor_id, told(ada)) == (None, before + 1)


def test_who_is_busy_is_passed_over_and_comes_the_next_time(till: Till, ada: Actor) -> None:
    bob = till.subscriber("pro")
    till.clock.set("2027-03-01T10:00")
    with wallet_held(ada):
        assert till.advance() == 1
        assert (steps(ada), steps(bob)) == (["subscribed"], ["subscribed", "grace"])
    assert till.advance() == 1


def test_eight_who_look_at_once_write_each_step_once(till: Till) -> None:
    people = [till.subscriber("pro") for _ in range(6)]
    till.clock.set("2027-04-01T10:00")
    assert sum(at_once(lambda _: till.advance(), range(8))) + till.advance() == 6
    assert {tuple(steps(person)) for person in people} == {("subscribed", "grace", "suspended")}


def test_an_order_and_a_cheaper_plan_at_once_are_one_after_the_other(till: Till, ada: Actor) -> None:
    till.clock.set("2027-03-10T10:00")  # suspended: a change is at once
    bridge.run(till.billing.set_spending, ada, cap=0, uses_credits=False)
    orders = [till.house.order(till.house.project(ada).id, count=4) for _ in range(6)]

    def order(number: int) -> str:
        if number == 3:
            till.change(ada, "free")
            return "changed"
        return till.house.submit(ada, orders[number]).items[0].paid_with.value

    done = at_once(order, range(6))
    assert done.count("changed") == 1
    assert set(done) <= {"changed", "quota", "spending_cap", "quota_used_up"}
    assert done.count("quota") <= 2, "ten a day are two orders of four"
    assert till.standing(ada).day.held == 4 * done.count("quota")


async def test_the_leader_looks_in_batches_and_waits_for_what_is_down(till: Till) -> None:
    for _ in range(3):
        till.subscriber("pro")
    till.clock.set("2027-03-01T10:00")
    pauses: list[float] = []
    calls: list[str] = []

    async def call(use_case: Callable[..., int], /, *facts: object) -> int:
        calls.append("call")
        if len(calls) == 1:
            raise Unavailable("database_unreachable")
        if len(calls) == 2:
            raise ZeroDivisionError
        return await bridge.call(use_case, *facts)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise asyncio.CancelledError

    sweeper = SubscriptionSweeper(call, till.billing, sleep)
    with pytest.raises(asyncio.CancelledError):
        await sweeper.run()
    assert pauses == [60.0, 60.0, 60.0]
    assert {row.status for row in all_rows(Subscription)} == {"grace"}


def test_a_batch_is_bounded_and_the_rest_is_for_the_next_look(till: Till) -> None:
    for _ in range(3):
        till.subscriber("pro")
    till.clock.set("2027-03-01T10:00")
    assert [bridge.run(till.billing.advance, limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_history_says_how_it_is_now(till: Till) -> None:
    ada = till.house.member()
    till.clock.now = utc_now() - timedelta(days=100)
    till.subscribe(ada, "basic")
    (read,) = bridge.run(billing.history, ada.user_id)
    assert (read.status, read.plan_key, read.started_at) == (SubscriptionStatus.suspended, "basic", till.clock.now)


def test_nobody_without_a_plan_can_change_cancel_or_renew_one(till: Till) -> None:
    bob = till.house.member()
    for name, plan in (("change_plan", ["pro"]), ("cancel_plan", []), ("resume_plan", []), ("renew", [])):
        with pytest.raises(NotFound, match="plan_missing"):
            bridge.run(getattr(till.treasury, name), till.root, bob.user_id, *plan)


def test_what_a_plan_would_cost_is_told_before_it_is_chosen(till: Till) -> None:
    till.clock.now = utc_now()
    ada = till.house.member()

    def cost(key: str) -> tuple[int, bool]:
        plan, made = bridge.run(billing.cost_of_plan, ada.user_id, key)
        assert plan.key == key
        return made.due_minor, made.at == till.standing(ada).until

    assert cost("pro") == (299_000, False)
    till.subscribe(ada, "free")
    assert cost("basic") == (99_000, False)
    assert till.change(ada, "basic").due_minor == 99_000
    assert cost("free") == (0, True)
    assert till.change(ada, "free").at == till.standing(ada).until
    with pytest.raises(NotFound, match="plan_not_found"):
        cost("platinum")
