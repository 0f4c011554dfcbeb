"""The price in a form is what the submit would take, and why it would not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.clock import utc_now
from lumiku_web.domain.billing.policy import next_day, quote
from lumiku_web.domain.billing.schemas import Cycle, PlanRead, Price, Quote, Standing, SubscriptionStatus, Tier, Window
from lumiku_web.domain.catalog.policy import priced
from lumiku_web.domain.catalog.schemas import AppAccess, AppState, ModelRead, Params
from lumiku_web.domain.providers.ports import Capabilities
from lumiku_web.errors import LimitReached
from lumiku_web.ids import new_id
from lumiku_web.ui.prices import choices, price_tag, read_price

CAN = Capabilities(64, 2048, 8)
MODEL = ModelRead("flux-dev", "FLUX.1 dev", "x", "y", CAN, 1024, 1024, None, None, 8, 1, 120)
PLAN = PlanRead("pro", "Pro", Tier.pro, 299_000, "IDR", Cycle.month, 10, 300, 3)
OPEN = AppAccess()


def standing(*, credits: int = 100, plan: PlanRead | None = None, day: Window | None = None, **facts: object) -> Standing:
    today = utc_now().date()
    known = {
        "plan": plan,
        "status": SubscriptionStatus.active if plan else None,
        "day": day or Window(0),
        "month": Window(300 if plan else 0),
    }
    made = Standing(new_id(), available=credits, on=today, resets_at=next_day(today))
    return replace(made, **{**known, **facts})  # type: ignore[arg-type]  (each test knows its fields)


@given(
    st.integers(1, 10_000),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 40_000),
    st.booleans(),
    st.booleans(),
    st.integers(0, 20),
    st.none() | st.integers(0, 10_000),
)
def test_l12_what_is_shown_is_what_the_submit_would_take(
    credits: int, quota: int, count: int, has: int, has_plan: bool, uses_credits: bool, limit: int, cap: int | None
) -> None:
    model = replace(MODEL, credits_price=credits, quota_price=quota)
    mine = standing(credits=has, plan=PLAN if has_plan else None, day=Window(limit), uses_credits=uses_credits, spending_cap=cap)
    tag = price_tag(mine, OPEN, model, count)
    assert read_price(tag.shown) == model.price
    assert tag.by_quota + tag.by_credits == count
    would = would_take(mine, model.price, count)
    if isinstance(would, str):
        assert (tag.why_not, tag.missing) == (would, max(0, tag.credits - has))
    else:
        paid = tag.by_quota, tag.by_credits, tag.quota, tag.credits
        assert paid == (would.by_quota, would.by_credits, would.quota, would.credits)
        assert (tag.why_not, tag.balance_after, tag.missing) == ("", has - would.credits, 0)


def would_take(mine: Standing, price: Price, count: int) -> Quote | str:
    """What the submit would take, or the key of its refusal."""
    try:
        return quote(mine, price, count)
    except LimitReached as refused:
        return refused.key


class Dressed(Params):
    """A wish that costs more with a background."""

    background: bool = False

    def priced(self, base: Price) -> Price:
        return Price(base.credits + 10, base.quota) if self.background else base


@given(st.integers(1, 10_000), st.integers(1, 100), st.booleans())
def test_l12_the_price_of_a_wish_follows_from_the_wish_and_the_registry_alone(credits: int, quota: int, background: bool) -> None:
    model = replace(MODEL, credits_price=credits, quota_price=quota)
    once, again = (priced(model, Dressed(background=background)) for _ in range(2))
    assert once == again
    assert once.price == Price(credits + 10 * background, quota)
    assert priced(model, Params()) == model


@pytest.mark.parametrize(
    ("app", "tier", "why"),
    [
        (AppAccess(AppState.off), Tier.pro, "app_off"),
        (AppAccess(AppState.coming_soon), Tier.pro, "app_coming_soon"),
        (AppAccess(AppState.on, Tier.enterprise), Tier.pro, "app_not_in_plan"),
        (AppAccess(AppState.beta, Tier.pro), Tier.pro, ""),
        (OPEN, Tier.enterprise, "model_not_in_plan"),
    ],
)
def test_who_may_not_have_it_is_told_which_plan_has_it(app: AppAccess, tier: Tier, why: str) -> None:
    tag = price_tag(standing(plan=PLAN, day=Window(10)), app, replace(MODEL, tier=tier), 1)
    assert tag.why_not == why
    assert tag.tier == ({"app_not_in_plan": "enterprise", "model_not_in_plan": "enterprise"}.get(why, tag.tier))


def test_l11_a_form_that_is_open_over_midnight_has_the_quota_of_the_new_day() -> None:
    yesterday = utc_now().date() - timedelta(days=1)
    used = standing(plan=PLAN, day=Window(10, used=10), on=yesterday, resets_at=next_day(yesterday))
    tag = price_tag(used, OPEN, MODEL, 4)
    assert (tag.why_not, tag.quota_after) == ("", 6)


def next_month(today: date) -> datetime:
    return datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "month", "ends_at"),
    [
        (Window(10, used=10), Window(300), next_day),
        (Window(10), Window(300, used=299), next_month),
    ],
)
def test_l11_quota_that_is_used_up_says_when_there_is_more(
    day: Window, month: Window, ends_at: Callable[[date], datetime]
) -> None:
    tag = price_tag(standing(plan=PLAN, day=day, month=month), OPEN, MODEL, 4)
    assert (tag.why_not, tag.ends_at) == ("quota_used_up", ends_at(utc_now().date()).isoformat())


def test_models_of_a_greater_plan_are_closed() -> None:
    models = [replace(MODEL, key=tier.value, tier=tier) for tier in Tier]
    assert [one.is_open for one in choices(models, Tier.basic)] == [True, True, False, False]
