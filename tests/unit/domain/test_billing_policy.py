"""Windows, periods, what time does to a plan, what a change of plan costs, and by what an order is paid (L9, L11)."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.domain.billing import policy
from lumiku_web.domain.billing.policy import GRACE, as_of, begun, elapsed, period_end, prorate, quote
from lumiku_web.domain.billing.schemas import (
    Cycle,
    PlanRead,
    Price,
    Standing,
    Step,
    SubscriptionState,
    SubscriptionStatus,
    Tier,
    Window,
)
from lumiku_web.domain.ledger.schemas import CREDITS_MAX
from lumiku_web.errors import InvalidInput, LimitReached
from lumiku_web.ids import new_id

TICK = timedelta(microseconds=1)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (Hypothesis adds the zone)


def plan(key: str, price: int, cycle: Cycle = Cycle.month) -> PlanRead:
    return PlanRead(key, key, Tier.basic, price, "IDR", cycle, 50, 1500, 2)


FREE, BASIC, PRO = plan("free", 0), plan("basic", 99_000), plan("pro", 299_000)
ENTERPRISE, YEARLY = plan("enterprise", 999_000), plan("pro-yearly", 2_870_000, Cycle.year)
PLANS = st.sampled_from([FREE, BASIC, PRO, ENTERPRISE, YEARLY])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_l11_a_day_and_a_month_are_those_of_utc_to_the_last_microsecond() -> None:
    last = at("2028-02-29T23:59:59.999999")
    assert policy.day_of(last) == date(2028, 2, 29)
    assert policy.day_of(last + TICK) == date(2028, 3, 1)
    assert policy.month_of(policy.day_of(last)) == date(2028, 2, 1)
    assert policy.next_day(date(2028, 2, 29)) == at("2028-03-01")
    assert policy.next_day(date(2027, 12, 31)) == at("2028-01-01")
    jakarta = timezone(timedelta(hours=7))
    assert policy.day_of(datetime(2027, 3, 1, 6, 59, tzinfo=jakarta)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("first", "ends"),
    [
        ("2027-01-31T10:00", ["2027-02-28T10:00", "2027-03-31T10:00", "2027-04-30T10:00", "2027-05-31T10:00"]),
        ("2028-01-31T23:59:59.999", ["2028-02-29T23:59:59.999", "2028-03-31T23:59:59.999"]),
        ("2027-11-30", ["2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30"]),
        ("2027-12-01", ["2028-01-01"]),
    ],
)
def test_l11_a_month_later_is_the_same_day_or_the_last_one_and_comes_back_to_it(first: str, ends: list[str]) -> None:
    state = begun(FREE, at(first))
    assert [step.after.period_start for step in elapsed(state, at(ends[-1]))] == [at(end) for end in ends]


def test_l11_a_year_that_began_on_a_leap_day_comes_back_to_it() -> None:
    ends = [at("2028-02-29")]
    for _ in range(4):
        ends.append(period_end(ends[-1], Cycle.year, 29))
    assert ends[1:] == [at("2029-02-28"), at("2030-02-28"), at("2031-02-28"), at("2032-02-29")]


@given(MOMENTS, st.integers(1, 60))
def test_l11_periods_follow_each_other_without_a_gap_and_one_a_month(start: datetime, months: int) -> None:
    state = begun(FREE, start)
    for number in range(1, months + 1):
        after = elapsed(state, state.period_end)[-1].after
        assert after.period_start == state.period_end
        state = after
        year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
        assert (state.period_start.year, state.period_start.month) == (year, month + 1)
        assert state.period_start.day == min(start.day, monthrange(year, month + 1)[1])
        assert state.period_start.timetz() == start.timetz()


def test_a_free_plan_renews_itself_however_long_nobody_looked() -> None:
    state = begun(FREE, at("2027-01-31"))
    done = elapsed(state, at("2030-02-01"))
    assert {step.what for step in done} == {Step.renewed}
    assert (len(done), done[-1].after.period_start, done[-1].after.status) == (36, at("2030-01-31"), SubscriptionStatus.active)


def test_what_nobody_paid_for_goes_on_for_seven_days_and_is_then_suspended() -> None:
    state = begun(PRO, at("2027-01-31"))
    end = at("2027-02-28")
    assert elapsed(state, end - TICK) == []
    grace = as_of(state, end)
    assert (grace.status, grace.grace_until) == (SubscriptionStatus.grace, end + timedelta(days=7))
    assert as_of(state, end + GRACE - TICK).status.gives
    assert [step.what for step in elapsed(state, end + GRACE)] == [Step.grace, Step.suspended]
    assert not as_of(state, end + GRACE).status.gives
    assert elapsed(as_of(state, end + GRACE), at("2040-01-01")) == [], "a suspended plan waits for somebody"


def test_what_was_canceled_ends_with_its_period_and_never_before() -> None:
    state = replace(begun(PRO, at("2027-01-31")), status=SubscriptionStatus.canceled)
    assert as_of(state, at("2027-02-27T23:59:59.999999")).status.gives
    (ended,) = elapsed(state, at("2027-06-01"))
    assert (ended.what, ended.after.status, ended.after.ended_at) == (Step.ended, SubscriptionStatus.ended, at("2027-02-28"))
    assert elapsed(ended.after, at("2040-01-01")) == []


def test_a_planned_plan_takes_its_place_at_the_end_of_the_period() -> None:
    state = replace(begun(PRO, at("2027-01-31")), next_plan=FREE)
    assert as_of(state, at("2027-02-27")).plan == PRO
    free = as_of(state, at("2027-02-28"))
    assert (free.plan, free.next_plan, free.status) == (FREE, None, SubscriptionStatus.active)
    assert free.period_end == at("2027-03-31"), "on the day of the first period"
    paid = as_of(replace(state, next_plan=BASIC), at("2027-02-28"))
    assert (paid.plan, paid.status) == (BASIC, SubscriptionStatus.grace), "and somebody has to pay for it"


@given(PLANS, MOMENTS, st.lists(st.timedeltas(timedelta(0), timedelta(days=70)), max_size=8))
def test_looking_often_or_once_makes_no_difference(first: PlanRead, start: datetime, pauses: list[timedelta]) -> None:
    once = often = replace(begun(first, start, credit_minor=500_000), next_plan=BASIC)
    now, steps = start, []
    for pause in pauses:
        now += pause
        steps += elapsed(often, now)
        often = as_of(often, now)
    assert (elapsed(once, now), as_of(once, now)) == (steps, often)
    assert elapsed(often, now) == [], "what was done is not done again"


@pytest.mark.parametrize(
    ("old", "new", "days_gone", "credit", "due"),
    [
        (BASIC, PRO, 0, 99_000, 200_000),
        (BASIC, PRO, 15, 49_500, 249_500),
        (BASIC, PRO, 29, 3_300, 295_700),
        (FREE, BASIC, 3, 0, 99_000),
        (YEARLY, ENTERPRISE, 0, 2_870_000, 0),
    ],
)
def test_a_dearer_plan_begins_now_and_the_unused_part_counts(
    old: PlanRead, new: PlanRead, days_gone: int, credit: int, due: int
) -> None:
    state = begun(old, at("2027-04-10"))  # a month of 30 days
    now = at("2027-04-10") + timedelta(days=days_gone)
    cost = prorate(state, new, now)
    assert (cost.credit_minor, cost.due_minor, cost.at) == (credit, due, now)


def test_a_fraction_is_the_members() -> None:
    state = begun(BASIC, at("2027-04-10"))
    cost = prorate(state, PRO, at("2027-05-10") - TICK)
    assert cost.credit_minor == 1


@pytest.mark.parametrize(("old", "new"), [(PRO, BASIC), (PRO, FREE), (PRO, YEARLY), (BASIC, plan("other", 99_000))])
def test_a_cheaper_plan_or_one_as_dear_per_day_follows_at_the_end(old: PlanRead, new: PlanRead) -> None:
    state = begun(old, at("2027-04-10"))
    cost = prorate(state, new, at("2027-04-11"))
    assert (cost.credit_minor, cost.due_minor, cost.at) == (0, 0, at("2027-05-10"))


@pytest.mark.parametrize("days", [1, 30])
def test_once_the_paid_time_is_over_any_plan_begins_now(days: int) -> None:
    now = at("2027-05-10") + timedelta(days=days)
    state = as_of(begun(PRO, at("2027-04-10")), now)
    assert prorate(state, BASIC, now).at == now
    assert prorate(state, BASIC, now).due_minor == 99_000
    assert prorate(state, FREE, now).due_minor == 0


@given(PLANS, PLANS, MOMENTS, st.timedeltas(timedelta(days=-40), timedelta(days=400)), st.integers(0, 10**7))
def test_nobody_is_charged_twice_or_less_than_nothing(
    old: PlanRead, new: PlanRead, start: datetime, gone: timedelta, balance: int
) -> None:
    state = replace(begun(old, start), balance_minor=balance)
    cost = prorate(state, new, start + gone)
    assert 0 <= cost.due_minor <= new.price_minor
    assert 0 <= cost.credit_minor <= old.price_minor + balance
    if cost.at == start + gone:
        assert cost.credit_minor + cost.due_minor >= new.price_minor, "what is not due was paid before"
        after = begun(new, cost.at, credit_minor=cost.credit_minor)
        assert cost.credit_minor + cost.due_minor == after.paid_minor + after.balance_minor, "and nothing is lost"


def test_what_was_paid_more_than_the_new_plan_costs_pays_for_the_next_periods() -> None:
    state = begun(ENTERPRISE, at("2027-01-15"), credit_minor=2_870_000)
    assert state.balance_minor == 1_871_000
    renewed = as_of(state, at("2027-02-15"))
    assert (renewed.status, renewed.balance_minor) == (SubscriptionStatus.active, 872_000)
    over = as_of(state, at("2027-03-15"))
    assert (over.status, over.balance_minor) == (SubscriptionStatus.grace, 872_000), "which is less than a month costs"


def member(**has: Any) -> Standing:
    """With a plan, on the last day of a leap February."""
    known: dict[str, Any] = {"user_id": new_id(), "available": 100, "plan": BASIC, "status": SubscriptionStatus.active}
    windows: dict[str, Any] = {"day": Window(50), "month": Window(1500), "on": date(2028, 2, 29), "resets_at": at("2028-03-01")}
    return Standing(**{**known, **windows, **has})


ONE, THREE = Price(credits=8, quota=1), Price(credits=15, quota=3)


def refused(standing: Standing, price: Price, count: int) -> tuple[str, dict[str, object]]:
    with pytest.raises(LimitReached) as refusal:
        quote(standing, price, count)
    return refusal.value.key, refusal.value.facts


def test_l11_a_quota_of_three_and_an_order_of_four() -> None:
    three = member(day=Window(3))
    key, facts = refused(three, ONE, 4)
    assert (key, facts) == ("quota_used_up", {"needed": 4, "left": 3, "resets_at": "2028-03-01 00:00 UTC"})
    mixed = quote(replace(three, uses_credits=True), ONE, 4)
    assert (mixed.by_quota, mixed.quota, mixed.by_credits, mixed.credits) == (3, 3, 1, 8)


def test_l11_what_is_set_aside_counts_and_a_unit_that_pays_for_no_whole_picture_is_left() -> None:
    standing = member(day=Window(10, used=3, held=2), uses_credits=True)
    made = quote(standing, THREE, 3)
    assert (made.by_quota, made.quota, made.by_credits, made.credits) == (1, 3, 2, 30)


def test_l11_the_month_bounds_as_well_as_the_day_and_says_when_it_is_over() -> None:
    standing = member(on=date(2028, 2, 10), resets_at=at("2028-02-11"), month=Window(1500, used=1490, held=9))
    key, facts = refused(standing, ONE, 2)
    assert (key, facts["left"], facts["resets_at"]) == ("quota_used_up", 1, "2028-03-01 00:00 UTC")
    december = replace(standing, on=date(2027, 12, 1))
    assert refused(december, ONE, 2)[1]["resets_at"] == "2028-01-01 00:00 UTC"


def test_l11_a_smaller_plan_in_the_middle_of_a_day_leaves_nothing_and_owes_nothing() -> None:
    standing = member(day=Window(10, used=30, held=4))
    assert standing.quota_left == 0
    assert refused(standing, ONE, 1)[1]["left"] == 0


def test_who_has_no_plan_or_a_suspended_one_pays_with_credits_without_being_asked() -> None:
    for standing in (member(plan=None, status=None), member(status=SubscriptionStatus.suspended)):
        assert (standing.tier, standing.weight, standing.quota_left) == (Tier.free, 1, 0)
        assert quote(standing, ONE, 4).credits == 32


@pytest.mark.parametrize(("cap", "spent", "fits"), [(0, 0, False), (8, 0, True), (8, 1, False), (None, 10**9, True)])
def test_a_cap_is_never_passed(cap: int | None, spent: int, fits: bool) -> None:
    standing = member(plan=None, status=None, spending_cap=cap, spent=spent)
    if fits:
        assert quote(standing, ONE, 1).credits == 8
    else:
        assert refused(standing, ONE, 1) == ("spending_cap", {"cap": cap, "spent": spent, "needed": 8})


def test_a_cap_of_nothing_leaves_the_quota() -> None:
    assert quote(member(spending_cap=0, uses_credits=True), ONE, 4).by_quota == 4


def test_l9_who_owes_spends_no_credits_and_may_use_the_quota() -> None:
    owing = member(owed=1, uses_credits=True, day=Window(3))
    assert quote(owing, ONE, 3).by_quota == 3
    assert refused(owing, ONE, 4)[0] == "credits_owed"
    assert refused(member(uses_credits=True, available=7, day=Window(3)), ONE, 4)[0] == "credits_short"


@pytest.mark.parametrize("cap", [-1, CREDITS_MAX + 1, 1.5, True, "5", float("nan")])
def test_l10_a_cap_that_is_no_number_of_credits_is_refused(cap: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        policy.check_cap(cap)
    assert (refusal.value.key, refusal.value.field) == ("spending_cap_out_of_range", "cap")


@pytest.mark.parametrize("cap", [None, 0, 1, CREDITS_MAX])
def test_a_cap_from_nothing_to_everything_is_fine(cap: int | None) -> None:
    policy.check_cap(cap)


def test_the_state_of_a_plan_says_what_it_gives() -> None:
    gives = {status for status in SubscriptionStatus if status.gives}
    assert gives == {SubscriptionStatus.active, SubscriptionStatus.canceled, SubscriptionStatus.grace}
    assert isinstance(begun(FREE, at("2027-01-01")), SubscriptionState)
